import { describe, expect, it } from "vitest";
import type { SimulatorControl } from "../../src/simulator/simulator-control.ts";
import { bankWith, present, statusOf } from "./simulated.ts";

/**
 * The default limits, copied from rs232-v25 §12 (not from the simulator's own table): name, how to bring the
 * quantity to a value, alarm and protection with their keys, release, delay of the protection in ms, what opens.
 */
type Drive = (control: SimulatorControl, value: number) => void;
const cell: Drive = (control, value) => control.setCell(1, 7, value);
const pack: Drive = (control, value) => control.setReading(1, { voltage: value });
const current: Drive = (control, value) => control.setReading(1, { current: value });
const cellProbe: Drive = (control, value) => control.setProbe(1, 2, value);
const mosfetProbe: Drive = (control, value) => control.setProbe(1, 5, value);
const ambientProbe: Drive = (control, value) => control.setProbe(1, 6, value);

const LEVELS = [
	{ row: "D1", drive: cell, step: 0.001, alarm: [3.6, "cell_overvoltage"], protect: 3.7, release: 3.38, delay: 1000, opens: "charge" },
	{ row: "D3", drive: cell, step: -0.001, alarm: [2.8, "cell_undervoltage"], protect: 2.5, release: 2.9, delay: 1000, opens: "discharge" },
	{ row: "D5", drive: pack, step: 0.001, alarm: [57.6, "pack_overvoltage"], protect: 59.2, release: 54, delay: 1000, opens: "charge" },
	{ row: "D7", drive: pack, step: -0.001, alarm: [44.8, "pack_undervoltage"], protect: 40, release: 46.4, delay: 1000, opens: "discharge" },
	{
		row: "DD charge",
		drive: cellProbe,
		step: 0.1,
		alarm: [51, "charge_high_temperature"],
		protect: 55,
		release: 50,
		delay: 2000,
		opens: "charge",
	},
	{
		row: "DD discharge",
		drive: cellProbe,
		step: 0.1,
		alarm: [56, "discharge_high_temperature"],
		protect: 60,
		release: 55,
		delay: 2000,
		// The limits for charging are nearer, so that charging is off before, and stays so for longer.
		opens: "both",
		chargeStaysOff: true,
	},
	{
		row: "DF charge",
		drive: cellProbe,
		step: -0.1,
		alarm: [0, "charge_low_temperature"],
		protect: -5,
		release: 0,
		delay: 2000,
		opens: "charge",
	},
	{
		row: "DF discharge",
		drive: cellProbe,
		step: -0.1,
		alarm: [-15, "discharge_low_temperature"],
		protect: -20,
		release: -15,
		delay: 2000,
		opens: "both",
		chargeStaysOff: true,
	},
	{
		row: "E1",
		drive: mosfetProbe,
		step: 0.1,
		alarm: [90, "mosfet_overtemperature"],
		protect: 110,
		release: 85,
		delay: 2000,
		opens: "both",
	},
	{
		row: "E7 low",
		drive: ambientProbe,
		step: -0.1,
		alarm: [-20, "ambient_low_temperature"],
		protect: -25,
		release: -20,
		delay: 2000,
		opens: "both",
	},
	{
		row: "E7 high",
		drive: ambientProbe,
		step: 0.1,
		alarm: [65, "ambient_high_temperature"],
		protect: 70,
		release: 65,
		delay: 2000,
		opens: "both",
	},
] as const;

describe("protections and alarms follow the default parameters (rs232-v25 §12)", () => {
	it.each(LEVELS)("$row: alarm $alarm.1 at its level, protection after its delay, release at its level", async (level) => {
		const { bank, control, clock } = bankWith({ packs: 1 });
		const [alarmAt, slug] = level.alarm;
		const set = () => present(statusOf(bank, 1)[0]);
		const has = (key: string) => set().conditions.some((condition) => condition === key);

		level.drive(control, alarmAt - level.step);
		await clock.advance(level.delay + 1000);
		expect(has(`alarm.${slug}`)).toBe(false);
		level.drive(control, alarmAt);
		expect(has(`alarm.${slug}`)).toBe(true);
		level.drive(control, level.protect - level.step);
		await clock.advance(level.delay + 1000);
		expect(has(`protection.${slug}`)).toBe(false);

		level.drive(control, level.protect);
		await clock.advance(level.delay - 200);
		expect(has(`protection.${slug}`)).toBe(false);
		await clock.advance(200);
		expect(has(`protection.${slug}`)).toBe(true);
		expect(set().states.chargeMosfet).toBe(level.opens === "discharge");
		expect(set().states.dischargeMosfet).toBe(level.opens === "charge");

		level.drive(control, level.release + level.step);
		await clock.advance(5000);
		expect(has(`protection.${slug}`)).toBe(true);
		level.drive(control, level.release);
		await clock.advance(200);
		expect(has(`protection.${slug}`)).toBe(false);
		expect(set().states.dischargeMosfet).toBe(true);
		expect(set().states.chargeMosfet).toBe(!("chargeStaysOff" in level));
	});

	it("a limit passed for less than the delay raises no protection", async () => {
		const { bank, control, clock } = bankWith({ packs: 1 });
		for (let time = 0; time < 5; time++) {
			control.setCell(1, 1, 3.75);
			await clock.advance(800);
			control.setCell(1, 1, 3.5);
			await clock.advance(800);
		}
		expect(present(statusOf(bank, 1)[0]).conditions).toEqual([]);
	});

	it.each([
		{ row: "D9", alarm: 104, protect: 110, delay: 1000, slug: "charge_overcurrent", sign: 1, opens: "chargeMosfet" },
		{ row: "DB", alarm: 105, protect: 110, delay: 1000, slug: "discharge_overcurrent", sign: -1, opens: "dischargeMosfet" },
		{ row: "E3 charge", alarm: 104, protect: 150, delay: 100, slug: "charge_overcurrent", sign: 1, opens: "chargeMosfet" },
		{ row: "E3 discharge", alarm: 105, protect: 150, delay: 100, slug: "discharge_overcurrent", sign: -1, opens: "dischargeMosfet" },
	] as const)("$row: over-current $slug at $protect A after $delay ms, tried again after a minute", async (level) => {
		const { bank, control, clock } = bankWith({ packs: 1 });
		const set = () => present(statusOf(bank, 1)[0]);
		current(control, level.sign * (level.alarm - 0.01));
		expect(set().conditions).toEqual([]);
		current(control, level.sign * level.alarm);
		expect(set().conditions).toEqual([`alarm.${level.slug}`]);
		current(control, level.sign * level.protect);
		await clock.advance(level.delay);
		expect(set().conditions).toContain(`protection.${level.slug}`);
		expect(set().states[level.opens]).toBe(false);
		current(control, 0);
		await clock.advance(59_000);
		expect(set().conditions).toEqual([`protection.${level.slug}`]);
		await clock.advance(1100);
		expect(set().conditions).toEqual([]);
	});

	it("AF: low state of charge at 5 %", () => {
		const { bank, control } = bankWith({ packs: 1 });
		control.setStateOfCharge(5.1);
		expect(present(statusOf(bank, 1)[0]).conditions).toEqual([]);
		control.setStateOfCharge(5);
		expect(present(statusOf(bank, 1)[0]).conditions).toEqual(["alarm.low_soc"]);
	});

	it("scales the pack limits with the number of cells", async () => {
		const { bank, control, clock } = bankWith({ packs: 1, cells: 8 });
		control.setReading(1, { voltage: 28.799 });
		expect(present(statusOf(bank, 1)[0]).conditions).toEqual([]);
		control.setReading(1, { voltage: 29.6 });
		await clock.advance(1000);
		expect(present(statusOf(bank, 1)[0]).conditions).toEqual(["protection.pack_overvoltage", "alarm.pack_overvoltage"]);
	});

	it("names the cells and probes beyond their alarm levels, and no others", () => {
		const { bank, control } = bankWith({ packs: 1 });
		control.setCell(1, 3, 3.6);
		control.setCell(1, 4, 2.8);
		control.setProbe(1, 1, 51);
		control.setProbe(1, 5, 90);
		const status = present(statusOf(bank, 1)[0]);
		expect(status.cellCodes).toEqual([0, 0, 2, 1, ...new Array<number>(12).fill(0)]);
		expect(status.probeCodes).toEqual([2, 0, 0, 0, 2, 0]);
	});

	it("a missing probe neither raises nor clears anything", async () => {
		const { bank, control, clock } = bankWith({ packs: 1 });
		for (const probe of [1, 2, 3, 4]) control.setProbe(1, probe, 56);
		await clock.advance(2000);
		expect(present(statusOf(bank, 1)[0]).conditions).toContain("protection.charge_high_temperature");
		for (const probe of [1, 2, 3, 4]) control.setProbe(1, probe, "missing");
		await clock.advance(60_000);
		expect(present(statusOf(bank, 1)[0]).conditions).toContain("protection.charge_high_temperature");
	});
});
