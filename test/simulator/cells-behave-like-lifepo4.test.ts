import { describe, expect, it } from "vitest";
import { restVoltage } from "../../src/simulator/cell-model.ts";
import { shareCurrents } from "../../src/simulator/parallel-currents.ts";
import { bankWith } from "./simulated.ts";

const minutes = (count: number) => count * 60_000;

describe("cells", () => {
	it("rest at a voltage that rises with the charge, steep at the ends and flat between", () => {
		const curve = Array.from({ length: 1201 }, (_, index) => restVoltage((index - 100) / 1000));
		for (const [index, volts] of curve.entries()) expect(volts).toBeGreaterThanOrEqual(curve[index - 1] ?? 0);
		expect(restVoltage(0.8) - restVoltage(0.3)).toBeLessThan(0.1);
		expect(restVoltage(0.1) - restVoltage(0)).toBeGreaterThan(0.3);
		expect(restVoltage(0.5)).toBeGreaterThan(3.25);
		expect(restVoltage(0.5)).toBeLessThan(3.33);
	});

	it("sag under load and rise under charge, each a little differently", () => {
		const { control } = bankWith({ packs: 1 });
		const rest = control.state().packs[0]?.measurements.cellVoltages ?? [];
		control.setLoad(3000);
		const loaded = control.state().packs[0]?.measurements.cellVoltages ?? [];
		control.setLoad(-3000);
		const charged = control.state().packs[0]?.measurements.cellVoltages ?? [];
		expect(rest).toHaveLength(16);
		for (const [index, volts] of rest.entries()) {
			expect(loaded[index]).toBeLessThan(volts);
			expect(charged[index]).toBeGreaterThan(volts);
		}
		expect(new Set(rest.map((volts) => Math.round(volts * 1000))).size).toBeGreaterThan(1);
		expect(Math.max(...rest) - Math.min(...rest)).toBeLessThan(0.01);
	});
});

describe("the bank", () => {
	it("is the same for the same seed, and another for another", async () => {
		const run = async (seed: number) => {
			const { control, clock } = bankWith({ seed, loadW: 900 });
			await clock.advance(minutes(7));
			return control.state().packs.map((pack) => pack.measurements);
		};
		expect(await run(5)).toEqual(await run(5));
		expect(await run(5)).not.toEqual(await run(6));
	});

	it("draws the set power on average, with ups and downs, and counts it off the charge", async () => {
		const { control, clock } = bankWith({ packs: 2, loadW: 1000, stateOfCharge: 80 });
		const powers: number[] = [];
		for (let second = 0; second < 3600; second += 10) {
			await clock.advance(10_000);
			powers.push(control.state().packs.reduce((sum, { measurements }) => sum + measurements.voltage * measurements.current, 0));
		}
		const mean = powers.reduce((sum, power) => sum + power, 0) / powers.length;
		expect(mean).toBeLessThan(-970);
		expect(mean).toBeGreaterThan(-1030);
		expect(Math.max(...powers) - Math.min(...powers)).toBeGreaterThan(100);
		const used = control
			.state()
			.packs.reduce((sum, { measurements }) => sum + (measurements.fullCapacity * 0.8 - measurements.remainingCapacity), 0);
		// 1 kWh at about 53 V.
		expect(used).toBeGreaterThan(18);
		expect(used).toBeLessThan(20);
	});

	it("stands still without a load", async () => {
		const { control, clock } = bankWith({ packs: 1 });
		const before = control.state().packs[0]?.measurements;
		await clock.advance(minutes(10));
		const after = control.state().packs[0]?.measurements;
		expect(after?.cellVoltages).toEqual(before?.cellVoltages);
		expect(after?.current).toBe(0);
	});

	it("shares the current among its packs, and leaves it to the others when one is cut off", () => {
		const { control } = bankWith({ packs: 3, loadW: 3000 });
		const currents = () => control.state().packs.map(({ measurements }) => measurements.current);
		const total = currents().reduce((sum, current) => sum + current, 0);
		for (const current of currents()) expect(current / total).toBeGreaterThan(0.28);
		control.setCondition(2, "protection.discharge_overcurrent", true);
		expect(currents()[1]).toBe(0);
		expect(currents().reduce((sum, current) => sum + current, 0) / total).toBeGreaterThan(0.98);
		control.losePack(3);
		expect(currents()[2]).toBe(0);
		expect((currents()[0] ?? 0) / total).toBeGreaterThan(0.98);
	});

	it("charges to full: the current tapers off, then Fully and no more charging, MOSFETs on", async () => {
		const { control, clock } = bankWith({ packs: 1, loadW: -2000, stateOfCharge: 95 });
		await clock.advance(minutes(60));
		const [pack] = control.state().packs;
		expect(pack?.conditions).toEqual(["protection.fully"]);
		expect(pack?.measurements.stateOfCharge).toBe(100);
		expect(pack?.measurements.current).toBe(0);
		expect(pack?.states).toEqual(["chargeMosfet", "dischargeMosfet"]);
		control.setLoad(2000);
		await clock.advance(1000);
		expect(control.state().packs[0]?.conditions).toEqual([]);
	});

	it("drains to empty: low SOC, then cell under-voltage alarm and protection, and the load is off", async () => {
		const { control, clock } = bankWith({ packs: 1, loadW: 2000, stateOfCharge: 8 });
		const seen: string[] = [];
		for (let minute = 0; minute < 25; minute++) {
			await clock.advance(minutes(1));
			for (const key of control.state().packs[0]?.conditions ?? []) if (!seen.includes(key)) seen.push(key);
		}
		expect(seen.indexOf("alarm.low_soc")).toBe(0);
		expect(seen).toContain("protection.cell_undervoltage");
		expect(control.state().packs[0]?.measurements.current).toBe(0);
		control.setLoad(-2000);
		await clock.advance(minutes(10));
		expect(control.state().packs[0]?.conditions.filter((key) => key.startsWith("protection"))).toEqual([]);
		expect(control.state().packs[0]?.measurements.current).toBeGreaterThan(10);
	});

	it("warms its MOSFETs first, then its cells, and cools down again", async () => {
		const { control, clock } = bankWith({ packs: 1, capacityAh: 100, loadW: 4500, stateOfCharge: 95 });
		await clock.advance(minutes(15));
		const probe = (number: number) => control.state().packs[0]?.measurements.temperatures[number - 1] ?? Number.NaN;
		const [cell, mosfet] = [probe(1), probe(5)];
		expect(mosfet).toBeGreaterThan(30);
		expect(cell).toBeGreaterThan(22.5);
		expect(cell).toBeLessThan(mosfet);
		control.setLoad(0);
		await clock.advance(minutes(300));
		expect(probe(5)).toBeLessThan(22.5);
	});

	it("catches up after hours in which nobody asked", async () => {
		const { control, clock } = bankWith({ packs: 4, loadW: 1600, stateOfCharge: 100 });
		await clock.advance(minutes(300));
		const soc = control.state().packs[0]?.measurements.stateOfCharge ?? 0;
		// 8 kWh of about 21 kWh.
		expect(soc).toBeGreaterThan(58);
		expect(soc).toBeLessThan(66);
	});

	it("is full and healthy after a night of charging in which nobody asked", async () => {
		const { control, clock } = bankWith({ packs: 4, loadW: -12_000, stateOfCharge: 60 });
		await clock.advance(minutes(600));
		for (const { conditions, measurements } of control.state().packs) {
			expect(conditions).toEqual(["protection.fully"]);
			expect(Math.max(...measurements.cellVoltages)).toBeLessThan(3.6);
		}
	});

	it("is not upset by a clock that is set back", async () => {
		const { bank, control, clock } = bankWith({ packs: 1, loadW: 1000 });
		await clock.advance(minutes(5));
		const before = control.state().packs[0]?.measurements.remainingCapacity;
		await clock.advance(-minutes(60));
		bank.advance();
		expect(control.state().packs[0]?.measurements.remainingCapacity).toBe(before);
	});
});

describe("currents of packs in parallel", () => {
	const pack = { restVoltage: 53, resistance: 0.012, canCharge: true, canDischarge: true };
	it("flow from the fuller to the emptier pack when nothing is drawn", () => {
		const [first = 0, second = 0] = shareCurrents([pack, { ...pack, restVoltage: 52.9 }], 0, 57);
		expect(first).toBeLessThan(0);
		expect(second).toBeCloseTo(-first, 6);
	});

	it("are none when no pack may carry them, or when the charger is above the packs' full voltage", () => {
		expect(shareCurrents([{ ...pack, canDischarge: false }], -1000, 57)).toEqual([0]);
		expect(shareCurrents([{ ...pack, restVoltage: 57.5 }], 1000, 57)[0]).toBeCloseTo(0, 9);
	});

	it("stay finite for more power than packs can give", () => {
		const [current = 0] = shareCurrents([pack], -10_000_000, 57);
		expect(Number.isFinite(current)).toBe(true);
		expect(current).toBeLessThan(-500);
	});
});
