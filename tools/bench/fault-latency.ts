import { setTimeout as wait } from "node:timers/promises";
import { type PublishedBank, publishBank, untilAllNamed, untilMessage } from "./publishing.ts";

/** Bars of the product: fault to MQTT p95, and the age every pack's cells reach at most, ms. */
const BARS = { 1: { p95: 700, refresh: 1000 }, 4: { p95: 1100, refresh: 3500 }, 15: { p95: 2800, refresh: 30_000 } } as const;
/** Banks measured side by side, so that the samples of a slow line come in bearable time. */
const BANKS = { 1: 2, 4: 4, 15: 8 } as const;
const PROTECTION = "protection.charge_overcurrent";

function quantile(sorted: readonly number[], part: number): number {
	return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

const isActive = (payload: Record<string, unknown>) => payload.protection_active === true;
const isClear = (payload: Record<string, unknown>) => payload.protection_active === false;

const isClosing = (payload: Record<string, unknown>) => payload.event_type === "fault_closed";
const isOpening = (payload: Record<string, unknown>) => payload.event_type === "fault_opened";

/** Milliseconds from the bit being set in the battery until a subscriber has it, and until the contact node sends it. */
interface Latencies {
	readonly status: number[];
	readonly contact: number[];
	readonly output: number[];
}

/** The next edge of the bank's fault contact, as the contact node hears of it. */
function untilEdge({ contacts }: PublishedBank): Promise<void> {
	return new Promise((resolve) => {
		const stop = contacts.subscribe((_states, events) => {
			if (!events.some(({ contact: { contact, pack } }) => contact === "fault" && pack === null)) return;
			stop();
			resolve();
		});
	});
}

/** Samples at random phases of the schedule. Throws when an edge of the contact was missed or told twice. */
async function sampleLatencies(published: PublishedBank, packs: number, samples: number): Promise<Latencies> {
	const latencies: Latencies = { status: [], contact: [], output: [] };
	let edges = 0;
	const stopCounting = published.watch((topic, payload) => {
		if (topic === published.bankEventTopic && payload.includes('"fault_')) edges += 1;
	});
	for (let sample = 0; sample < samples; sample++) {
		await wait(Math.random() * (200 + packs * 180));
		const pack = 1 + Math.floor(Math.random() * packs);
		const start = performance.now();
		const timed = async (what: keyof Latencies, seen: Promise<void>) => {
			await seen;
			latencies[what].push(performance.now() - start);
		};
		const raised = [
			timed("status", untilMessage(published, published.bankStatusTopic, isActive)),
			timed("contact", untilMessage(published, published.bankEventTopic, isClosing)),
			timed("output", untilEdge(published)),
		];
		published.line.control.setCondition(pack, PROTECTION, true);
		await Promise.all(raised);
		const cleared = [
			untilMessage(published, published.bankStatusTopic, isClear),
			untilMessage(published, published.bankEventTopic, isOpening),
		];
		published.line.control.setCondition(pack, PROTECTION, false);
		published.line.control.release(pack);
		await Promise.all(cleared);
	}
	stopCounting();
	if (edges !== 2 * samples) throw new Error(`${edges} edges of the contact where ${2 * samples} are right: one was missed or told twice`);
	return latencies;
}

/** The longest time between two readings of one pack's cells while no alarm changes, ms. */
async function longestRefresh(published: PublishedBank, packs: number): Promise<number> {
	const last = new Map<number, number>();
	const startedAt = Date.now();
	let longest = 0;
	const stop = published.bank.subscribe((snapshot) => {
		for (const { address, telemetry } of snapshot.packs) {
			if (telemetry === null || telemetry.at < startedAt) continue;
			const before = last.get(address);
			if (before !== undefined && before !== telemetry.at) longest = Math.max(longest, telemetry.at - before);
			last.set(address, telemetry.at);
		}
	});
	await wait(4000 + packs * 4500);
	stop();
	return longest;
}

async function measure(packs: 1 | 4 | 15, samples: number): Promise<string> {
	const banks = await Promise.all(Array.from({ length: BANKS[packs] }, (_, index) => publishBank({ packs, seed: index + 1 })));
	await Promise.all(banks.map((bank) => untilAllNamed(bank, packs)));
	const refresh = Math.max(...(await Promise.all(banks.map((bank) => longestRefresh(bank, packs)))));
	const each = Math.ceil(samples / banks.length);
	const sampled = await Promise.all(banks.map((bank) => sampleLatencies(bank, packs, each)));
	const sorted = (what: keyof Latencies) => sampled.flatMap((latencies) => latencies[what]).sort((a, b) => a - b);
	await Promise.all(banks.map((bank) => bank.stop()));
	const bar = BARS[packs];
	const p95 = Math.max(...(["status", "contact", "output"] as const).map((what) => quantile(sorted(what), 0.95)));
	return [
		String(packs).padStart(5),
		String(sorted("status").length).padStart(8),
		`${quantile(sorted("status"), 0.5).toFixed(0).padStart(7)} ms`,
		...(["status", "contact", "output"] as const).map((what) => `${quantile(sorted(what), 0.95).toFixed(0).padStart(7)} ms`),
		`${String(bar.p95).padStart(6)} ms`,
		(p95 / bar.p95).toFixed(2).padStart(6),
		`${refresh.toFixed(0).padStart(9)} ms`,
		`${String(bar.refresh).padStart(6)} ms`,
		(refresh / bar.refresh).toFixed(2).padStart(6),
	].join(" ");
}

/** Fault to MQTT and refresh of the cells with the default schedule, for each bank size. */
export async function benchFaultLatency(samples: number): Promise<void> {
	console.log("\nFault to MQTT, from the bit being set to the message at a subscriber; and age of the cells (default schedule, 9600 baud)");
	console.log("p95 of the alarm sensor, of the contact's event on MQTT, and at the contact node's output; no edge missed or doubled");
	console.log("packs  samples        p50        p95    contact     output       bar  ratio  cells within       bar  ratio");
	for (const row of await Promise.all(([1, 4, 15] as const).map((packs) => measure(packs, samples)))) console.log(row);
}
