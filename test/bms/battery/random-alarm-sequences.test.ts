import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConditionKey } from "../../../src/bms/battery/conditions.ts";
import type { Reading } from "../../../src/bms/battery/readings.ts";
import type { BankEvent, BankSnapshot } from "../../../src/bms/battery/snapshot.ts";
import { AWAY, block, recordedStore, status, statusOf, telemetry, telemetryOf, zeroStatus } from "./readings.ts";

const KEYS = ["alarm.cell_overvoltage", "protection.pack_undervoltage", "protection.fully"] as const satisfies readonly ConditionKey[];

/** A pack as it truly is. `gone` tells how it is missing from an all-packs reply. */
interface TruePack {
	gone: null | "shrinks" | "zero block" | "absent block";
	/** Both MOSFETs off: Indication 00 though the pack is there. */
	off: boolean;
	supplying: boolean;
	readonly set: Set<ConditionKey>;
	/** What a reply showed of it last, with or without its number. */
	shown: ReadonlySet<ConditionKey>;
}

type PackStep =
	| { readonly do: "toggle"; readonly pack: number; readonly key: ConditionKey }
	| { readonly do: "lose"; readonly pack: number; readonly how: "shrinks" | "zero block" | "absent block" }
	| { readonly do: "off" | "supply" | "return" | "status" | "telemetry"; readonly pack: number };

type Step = PackStep | { readonly do: "all" | "ask" } | { readonly do: "wait"; readonly ms: number };

const pack = fc.integer({ min: 1, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("toggle" as const), pack, key: fc.constantFrom(...KEYS) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constantFrom("off" as const, "supply" as const), pack }) },
	{
		weight: 2,
		arbitrary: fc.record({ do: fc.constant("lose" as const), pack, how: fc.constantFrom("shrinks", "zero block", "absent block") }),
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("return" as const), pack }) },
	{ weight: 3, arbitrary: fc.record({ do: fc.constantFrom("status" as const, "telemetry" as const), pack }) },
	{ weight: 5, arbitrary: fc.record({ do: fc.constantFrom("all" as const, "ask" as const) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 100, max: 40_000 }) }) },
);

/** A bank of which the test knows the truth, read by a store that knows only the replies. */
class WatchedBank {
	readonly recorded = recordedStore();
	readonly packs = new Map<number, TruePack>();
	/** The decoder takes an own reply of nothing but zeros for an absent pack, also when only the MOSFETs are off. */
	readonly #emptyIsAbsent: boolean;
	readonly #copies: string[] = [];
	#eventsChecked = 0;
	#set = new Set<string>();

	constructor(count: number, emptyIsAbsent: boolean) {
		this.#emptyIsAbsent = emptyIsAbsent;
		for (let address = 1; address <= count; address++) {
			this.packs.set(address, { gone: null, off: false, supplying: false, set: new Set(), shown: new Set() });
		}
		this.recorded.store.expectPacks([...this.packs.keys()]);
	}

	async take(step: Step): Promise<void> {
		if ("pack" in step) await this.#takePackStep(step);
		if (step.do === "wait") await this.recorded.clock.advance(step.ms);
		if (step.do === "all") await this.askAll();
		if (step.do === "ask") for (const address of this.recorded.store.packsToAsk) await this.askStatus(address);
		this.check();
	}

	async #takePackStep(step: PackStep): Promise<void> {
		const pack = this.packs.get(step.pack);
		if (pack === undefined) return;
		if (step.do === "status") await this.askStatus(step.pack);
		if (step.do === "telemetry") await this.askTelemetry(step.pack);
		if (step.do === "off") pack.off = !pack.off;
		if (step.do === "supply") {
			pack.supplying = !pack.supplying;
			await this.askAll();
		}
		if (step.do === "toggle" && !pack.set.delete(step.key)) pack.set.add(step.key);
		// The cabled pack cannot be lost. No two packs come or go between two replies of all packs: nobody could tell them apart.
		if (step.do === "lose" && step.pack !== 1 && pack.gone === null) {
			pack.gone = step.how;
			await this.askAll();
		}
		if (step.do === "return" && pack.gone !== null) {
			pack.gone = null;
			await this.askAll();
		}
	}

	async askAll(): Promise<void> {
		const listed = [...this.packs.values()].filter((pack) => pack.gone !== "shrinks");
		const values = listed.map((pack) => (pack.gone === "absent block" ? AWAY : this.#told(pack)));
		for (const pack of this.packs.values()) if (pack.gone === null) pack.shown = new Set(pack.set);
		await this.#hear({ kind: "status", repliedBy: 1, asked: "all", blocks: values.map(block) });
		for (const { address, status } of this.recorded.store.snapshot.packs) {
			const truth = this.packs.get(address);
			if (status?.at !== this.recorded.clock.now() || truth === undefined || status.value.indicationZero) continue;
			expect(status.value.states.packSupplying, `states of pack ${address}`).toBe(truth.supplying);
		}
	}

	async askStatus(address: number): Promise<void> {
		const pack = this.packs.get(address);
		if (pack === undefined) return;
		if (pack.gone === null) pack.shown = new Set(pack.set);
		await this.#hear(statusOf(address, this.#told(pack)));
	}

	#told(pack: TruePack) {
		if (pack.gone === null && (pack.set.size > 0 || !pack.off)) {
			return status([...pack.set], { indicationZero: pack.off, states: { ...status().states, packSupplying: pack.supplying } });
		}
		return this.#emptyIsAbsent ? AWAY : zeroStatus();
	}

	async askTelemetry(address: number): Promise<void> {
		await this.#hear(telemetryOf(address, this.packs.get(address)?.gone === null ? telemetry() : AWAY));
	}

	async #hear(reading: Reading): Promise<void> {
		await this.recorded.hear(reading);
		this.check();
	}

	check(): void {
		const { events, snapshots, store } = this.recorded;
		for (const event of events.slice(this.#eventsChecked)) this.#checkEvent(event);
		this.#eventsChecked = events.length;
		for (const snapshot of snapshots.slice(this.#copies.length)) {
			checkSnapshot(snapshot, this.#copies.length + 1);
			this.#copies.push(JSON.stringify(snapshot));
		}
		expect(store.snapshot).toBe(snapshots.at(-1) ?? store.snapshot);
	}

	#checkEvent(event: BankEvent): void {
		if (!("condition" in event)) return;
		const { key, pack } = event.condition;
		const name = `${event.scope} ${key} ${pack}`;
		if (event.type === "condition-raised") {
			expect(this.#set, "raised twice").not.toContain(name);
			this.#set.add(name);
			return;
		}
		expect(this.#set, "cleared without being raised").toContain(name);
		this.#set.delete(name);
		for (const [address, truth] of this.packs) {
			if (event.scope === "pack" && address !== pack) continue;
			expect([...truth.shown], `${name} cleared though pack ${address} showed it last`).not.toContain(key);
		}
	}

	/** No snapshot was changed after it was published. */
	checkCopies(): void {
		this.recorded.snapshots.forEach((snapshot, index) => {
			expect(JSON.stringify(snapshot)).toBe(this.#copies[index]);
		});
	}

	/** What a driver does when nothing happens for a good minute. */
	async settle(): Promise<void> {
		const end = this.recorded.clock.now() + 90_000;
		while (this.recorded.clock.now() < end) {
			for (const address of this.packs.keys()) {
				await this.askAll();
				await this.askTelemetry(address);
				for (const asked of this.recorded.store.packsToAsk) await this.askStatus(asked);
			}
		}
	}
}

function checkSnapshot(snapshot: BankSnapshot, revision: number): void {
	expect(snapshot.revision).toBe(revision);
	const live = snapshot.packs.filter((pack) => pack.presence === "live").map((pack) => pack.address);
	expect(snapshot.totals?.value.packs ?? []).toEqual(live);
	expect(snapshot.totals?.value.current ?? 0).toBe(-10 * live.length + 0);
	const inBank = snapshot.conditions?.map((condition) => condition.key);
	if (inBank === undefined) return;
	for (const { conditions } of snapshot.packs) {
		for (const condition of conditions ?? []) expect(inBank).toContain(condition.key);
	}
}

describe("random sequences of raising, clearing, losing and returning packs", () => {
	it("never clear without evidence, alternate raise and clear, and end in the truth when all packs are back", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 4 }),
				fc.boolean(),
				fc.array(step, { maxLength: 60 }),
				async (count, emptyIsAbsent, steps) => {
					const bank = new WatchedBank(count, emptyIsAbsent);
					for (const next of steps) await bank.take(next);
					for (const pack of bank.packs.values()) pack.gone = null;
					await bank.settle();
					const truths = [...bank.packs].map(([address, pack]) => [address, [...pack.set].map((key) => `${key}@${address}`)] as const);
					expect(new Set(bank.recorded.bank() ?? ["unknown"])).toEqual(new Set(truths.flatMap(([, truth]) => truth)));
					for (const [address, truth] of truths) {
						expect(new Set(bank.recorded.pack(address) ?? ["unknown"])).toEqual(new Set(truth));
					}
					bank.checkCopies();
					bank.recorded.store.close();
					expect(bank.recorded.clock.pending).toBe(0);
				},
			),
			{ numRuns: 120 },
		);
	});
});
