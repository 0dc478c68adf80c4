import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addEnergy, energyBetween, isEnergyCounters, LONGEST_ENERGY_GAP_MS, NO_ENERGY } from "../../../src/bms/battery/energy.ts";
import { AWAY, recordedStore, telemetry, telemetryOf } from "./readings.ts";

const HOUR_MS = 3_600_000;
const kWh = (powerW: number, ms: number) => (powerW * ms) / HOUR_MS / 1000;

describe("between two samples", () => {
	it("is the mean power times the time, by direction", () => {
		expect(energyBetween({ at: 0, power: 1000 }, { at: 60_000, power: 2000 })).toEqual({ charged: kWh(1500, 60_000), discharged: 0 });
		expect(energyBetween({ at: 0, power: -1000 }, { at: 60_000, power: 0 })).toEqual({ charged: 0, discharged: kWh(500, 60_000) });
	});

	it("is split where the power crosses zero", () => {
		const { charged, discharged } = energyBetween({ at: 0, power: -300 }, { at: 4000, power: 100 });
		expect(discharged).toBeCloseTo(kWh(150, 3000), 12);
		expect(charged).toBeCloseTo(kWh(50, 1000), 12);
	});

	it("is nothing over a gap longer than two minutes, or when time did not advance", () => {
		const from = { at: 1000, power: 500 };
		expect(energyBetween(from, { at: 1000 + LONGEST_ENERGY_GAP_MS, power: 500 }).charged).toBeGreaterThan(0);
		expect(energyBetween(from, { at: 1001 + LONGEST_ENERGY_GAP_MS, power: 500 })).toEqual(NO_ENERGY);
		expect(energyBetween(from, { at: 1000, power: 500 })).toEqual(NO_ENERGY);
		expect(energyBetween(from, { at: 0, power: 500 })).toEqual(NO_ENERGY);
	});

	it("adds up: what was charged less what was discharged is the area under the line", () => {
		const power = fc.double({ min: -20_000, max: 20_000, noNaN: true });
		fc.assert(
			fc.property(power, power, fc.integer({ min: 1, max: LONGEST_ENERGY_GAP_MS }), (a, b, ms) => {
				const { charged, discharged } = energyBetween({ at: 0, power: a }, { at: ms, power: b });
				expect(charged).toBeGreaterThanOrEqual(0);
				expect(discharged).toBeGreaterThanOrEqual(0);
				expect(charged - discharged).toBeCloseTo(kWh((a + b) / 2, ms), 9);
			}),
		);
	});
});

it("counters from outside are numbers that can have been counted", () => {
	expect(isEnergyCounters({ charged: 0, discharged: 1.5 })).toBe(true);
	for (const bad of [null, 3, {}, { charged: 1 }, { charged: -1, discharged: 0 }, { charged: Number.NaN, discharged: 0 }]) {
		expect(isEnergyCounters(bad)).toBe(false);
	}
});

it("never decreases, whatever comes, in whatever order of time", () => {
	const sample = fc.record({
		pack: fc.integer({ min: 1, max: 3 }),
		current: fc.integer({ min: -200, max: 200 }),
		away: fc.boolean(),
		step: fc.integer({ min: -50_000, max: 150_000 }),
	});
	fc.assert(
		fc.property(fc.array(sample, { maxLength: 40 }), (samples) => {
			const initialEnergy = new Map([[2, { charged: 3.25, discharged: 1 }]]);
			const { store } = recordedStore({ initialEnergy });
			let at = 0;
			let last = { charged: 0, discharged: 0 };
			for (const { pack, current, away, step } of samples) {
				at += step;
				store.apply(telemetryOf(pack, away ? AWAY : telemetry({ current })), at);
				const energy = store.snapshot.energy ?? NO_ENERGY;
				expect(energy.charged).toBeGreaterThanOrEqual(last.charged);
				expect(energy.discharged).toBeGreaterThanOrEqual(last.discharged);
				expect(energy).toEqual(addEnergy(...store.energy.values()));
				last = energy;
			}
			expect(store.energy.get(2)?.charged).toBeGreaterThanOrEqual(3.25);
			store.close();
		}),
	);
});
