import { describe, expect, it } from "vitest";
import { createDryContacts } from "../../src/dry-contact/dry-contact-service.ts";
import { CONTACT_SETTINGS } from "../../src/dry-contact/options.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { createRandom } from "../../src/simulator/seeded-random.ts";
import { openSimulatedBank } from "../bms/driver/simulated-bank.ts";

/** Product bars: protection raised in the battery to the contact's edge, p95 at 9600 baud and the default schedule, ms. */
const BARS = [
	{ packs: 1, p95: 700 },
	{ packs: 4, p95: 1100 },
	{ packs: 15, p95: 2800 },
] as const;
const SAMPLES = 60;
const PROTECTION = "protection.charge_overcurrent" as const;

describe("over the paced line, from a protection in the battery to the edge of its contact", () => {
	it.each(BARS)(
		"$packs packs: p95 within $p95 ms, every edge once, the pack's own following",
		async ({ packs, p95 }) => {
			const random = createRandom(packs);
			const simulated = openSimulatedBank({ simulator: { packs } });
			const { bank, clock, control } = simulated;
			const openLines = () => {
				throw new Error("no wire here");
			};
			const contacts = createDryContacts(bank, defaultsOf(CONTACT_SETTINGS), { clock, logger: silentLogger, openLines });
			const edges: string[] = [];
			contacts.subscribe((_states, events) =>
				edges.push(...events.map(({ type, contact }) => `${contact.contact} ${contact.pack ?? "bank"} ${type}`)),
			);
			await simulated.until(
				() => contacts.states.length === 2 + 2 * packs && contacts.states.every(({ state }) => state === "open"),
				200_000,
			);
			const latencies: number[] = [];
			for (let sample = 0; sample < SAMPLES; sample += 1) {
				await clock.advance(Math.floor(random() * (200 + packs * 180)));
				const pack = 1 + Math.floor(random() * packs);
				const told = (type: string) => edges.filter((edge) => edge.endsWith(type)).length === 2;
				control.setCondition(pack, PROTECTION, true);
				latencies.push(await simulated.until(() => edges.includes("fault bank closed")));
				await simulated.until(() => told("closed"));
				control.setCondition(pack, PROTECTION, false);
				control.release(pack);
				await simulated.until(() => told("opened"));
				expect(edges.splice(0).sort()).toEqual(
					["fault bank closed", `fault ${pack} closed`, "fault bank opened", `fault ${pack} opened`].sort(),
				);
			}
			latencies.sort((a, b) => a - b);
			expect(latencies[Math.ceil(0.95 * SAMPLES) - 1]).toBeLessThanOrEqual(p95);
			await contacts.stop();
			await simulated.close();
		},
		60_000,
	);
});
