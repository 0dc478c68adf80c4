import fc from "fast-check";
import { expect, it } from "vitest";
import { dayArbitrary, liveThrough } from "./random-day.ts";

/** `RANDOM_DAYS=10000 npx vitest run test/load-shedding` lives through that many. */
const DAYS = Number(process.env.RANDOM_DAYS ?? 250);

it(`no rule is broken on ${DAYS} random days`, { timeout: 600_000 }, () => {
	const total = { off: 0, on: 0, locked: 0, blind: 0, asked: 0, restarts: 0 };
	fc.assert(
		fc.property(dayArbitrary, (day) => {
			const { counts } = liveThrough(day);
			for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counts[key];
		}),
		{ numRuns: DAYS, ...(process.env.RANDOM_SEED ? { seed: Number(process.env.RANDOM_SEED) } : {}) },
	);
	// Days on which nothing happens would prove nothing.
	expect(total.off).toBeGreaterThan(DAYS);
	expect(total.on).toBeGreaterThan(DAYS / 2);
	for (const count of [total.locked, total.asked, total.restarts]) expect(count).toBeGreaterThan(DAYS / 30);
	expect(total.blind).toBeGreaterThan(0);
});
