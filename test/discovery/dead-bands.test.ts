import { describe, expect, it } from "vitest";
import { differenceOf } from "../../src/discovery/dead-band.ts";
import { MQTT_SETTINGS } from "../../src/discovery/options.ts";
import { packStates, type Values } from "../../src/discovery/state-payload.ts";
import { defaultsOf } from "../../src/settings.ts";
import { type PackValues, pack, packValues } from "../support/snapshots.ts";

const SETTINGS = defaultsOf(MQTT_SETTINGS);

function valuesOf(group: string, values: Partial<PackValues> = {}): Values {
	return packStates(pack(1, { values })).find((message) => message.group === group)?.values ?? {};
}
const liveDifference = (before: Partial<PackValues>, after: Partial<PackValues>, settings = SETTINGS) =>
	differenceOf(valuesOf("live", before), valuesOf("live", after), settings);
const cellDifference = (index: number, change: number, settings = SETTINGS) => {
	const { cellVoltages } = packValues();
	const moved = cellVoltages.map((cell, place) => (place === index ? cell + change : cell));
	return differenceOf(valuesOf("cells"), valuesOf("cells", { cellVoltages: moved }), settings);
};

describe("dead bands", () => {
	it.each([
		["current", { current: 10 }, { current: 10.09 }, "none"],
		["current", { current: 10 }, { current: 10.1 }, "changed"],
		["current, discharging", { current: -10 }, { current: -10.1 }, "changed"],
		["voltage", { voltage: 53 }, { voltage: 53.019 }, "none"],
		["voltage", { voltage: 53 }, { voltage: 53.02 }, "changed"],
		["SOC", { stateOfCharge: 55 }, { stateOfCharge: 55.04 }, "none"],
		["SOC", { stateOfCharge: 55 }, { stateOfCharge: 55.1 }, "changed"],
		["remaining capacity", { remainingCapacity: 55 }, { remainingCapacity: 55.09 }, "none"],
		["remaining capacity", { remainingCapacity: 55 }, { remainingCapacity: 55.1 }, "changed"],
		["a probe", { temperatures: [20, 21] }, { temperatures: [20, 21.4] }, "none"],
		["a probe", { temperatures: [20, 21] }, { temperatures: [20, 21.5] }, "changed"],
		["lowest cell voltage", { cellVoltageMin: 3.3 }, { cellVoltageMin: 3.301 }, "none"],
		["lowest cell voltage", { cellVoltageMin: 3.3 }, { cellVoltageMin: 3.302 }, "changed"],
		[
			"what follows others",
			{ power: 500, lowestCell: 1, highestCell: 2, cellVoltageDelta: 5 },
			{ power: 505, lowestCell: 3, highestCell: 4, cellVoltageDelta: 8 },
			"none",
		],
		["state of health", { stateOfHealth: 99 }, { stateOfHealth: 98 }, "changed"],
		["charging", { activity: "charging" }, { activity: "idle" }, "changed"],
		["a value that goes", { stateOfHealth: 99 }, { stateOfHealth: null }, "known-or-not"],
		["a probe that goes", { temperatures: [20, 21] }, { temperatures: [20, null] }, "known-or-not"],
		["nothing", {}, {}, "none"],
	] as const)("%s %j → %j: %s", (_what, before, after, expected) => {
		expect(liveDifference(before, after)).toBe(expected);
	});

	it("hold for every cell", () => {
		expect(cellDifference(0, 0.001)).toBe("none");
		expect(cellDifference(15, 0.001)).toBe("none");
		expect(cellDifference(15, 0.002)).toBe("changed");
		expect(cellDifference(3, -0.002)).toBe("changed");
	});

	it("of zero let every change through, and only changes", () => {
		const zero = { ...SETTINGS, cellDeadBandMv: 0, currentDeadBand: 0 };
		expect(cellDifference(2, 0.001, zero)).toBe("changed");
		expect(cellDifference(2, 0, zero)).toBe("none");
		expect(liveDifference({ current: 1 }, { current: 1.01 }, zero)).toBe("changed");
	});

	it("of energy are 0.01 kWh", () => {
		const energy = (charged: number) =>
			packStates(pack(1, { energy: { charged, discharged: 1 } })).find(({ group }) => group === "energy")?.values ?? {};
		expect(differenceOf(energy(5), energy(5.009), SETTINGS)).toBe("none");
		expect(differenceOf(energy(5), energy(5.01), SETTINGS)).toBe("changed");
	});

	it("do not hold for alarms: every difference counts", () => {
		const before = { alarms: { low_soc: false, cell_overvoltage: false }, alarm_codes: [] };
		expect(differenceOf(before, { ...before, alarms: { ...before.alarms, low_soc: true } }, SETTINGS)).toBe("changed");
		expect(differenceOf(before, { ...before, alarm_codes: ["USOC"] }, SETTINGS)).toBe("changed");
		expect(differenceOf(before, { ...before }, SETTINGS)).toBe("none");
	});
});

describe("how well the line is heard", () => {
	it("is told with the other values, and is no reason to send a message", () => {
		const heard = (replies: number, answerTimeMs: number | null) => {
			const failures = { timeout: 0, frame: 0, rejected: 0, decode: 0 };
			const link = { address: 1, replies, failures, answerTimeMs, lastGoodAt: replies };
			return packStates(pack(1), {}, link).find(({ group }) => group === "live")?.values ?? {};
		};
		expect(heard(5, 30)).toMatchObject({ link_answers: 5, link_failures: 0, link_answer_time: 30 });
		expect(differenceOf(heard(5, 30), heard(5_000, 90), SETTINGS)).toBe("none");
	});
});
