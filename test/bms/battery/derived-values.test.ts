import { describe, expect, it } from "vitest";
import { bankTotals, completeTelemetry, type LivePack } from "../../../src/bms/battery/derive.ts";
import { telemetry } from "./readings.ts";

const live = (address: number, change = {}): LivePack => ({ address, ...completeTelemetry(telemetry(change), 0.3) });

describe("a pack", () => {
	it("has power, extremes and the numbers of its extreme cells", () => {
		const cellVoltages = [3.3, 3.271, 3.35, 3.35, 3.3];
		expect(completeTelemetry(telemetry({ cellVoltages, current: -12.34, voltage: 16.571 }), 0.3)).toMatchObject({
			power: -204.5,
			cellVoltageMin: 3.271,
			cellVoltageMax: 3.35,
			cellVoltageDelta: 79,
			lowestCell: 2,
			highestCell: 3,
			activity: "discharging",
		});
	});

	it.each([
		[0.29, "idle"],
		[-0.29, "idle"],
		[0.3, "charging"],
		[-0.3, "discharging"],
	] as const)("at %s A is %s", (current, activity) => {
		expect(completeTelemetry(telemetry({ current }), 0.3).activity).toBe(activity);
	});

	it("is idle at 0 A even without a dead band", () => {
		expect(completeTelemetry(telemetry({ current: 0 }), 0).activity).toBe("idle");
	});

	it("keeps the state of charge it sent and computes it only when it sent none", () => {
		expect(completeTelemetry(telemetry({ stateOfCharge: 77, remainingCapacity: 10 }), 0).stateOfCharge).toBe(77);
		expect(completeTelemetry(telemetry({ stateOfCharge: null, remainingCapacity: 48.19, fullCapacity: 103.46 }), 0).stateOfCharge).toBe(
			46.6,
		);
		expect(completeTelemetry(telemetry({ stateOfCharge: null, remainingCapacity: 101 }), 0).stateOfCharge).toBe(100);
		expect(completeTelemetry(telemetry({ stateOfCharge: null, remainingCapacity: 110 }), 0).stateOfCharge).toBeNull();
		expect(completeTelemetry(telemetry({ stateOfCharge: null, remainingCapacity: 0, fullCapacity: 0 }), 0).stateOfCharge).toBeNull();
	});
});

describe("a bank", () => {
	it("sums what flows, averages the voltage, weighs the charge by capacity", () => {
		const small = live(1, {
			stateOfCharge: 80,
			stateOfHealth: 90,
			current: 3,
			fullCapacity: 50,
			designCapacity: 50,
			remainingCapacity: 40,
		});
		const cellVoltages = Array.from({ length: 16 }, (_, index) => (index === 4 ? 3.31 : 3.4));
		const large = live(3, { stateOfCharge: 20, stateOfHealth: 100, current: -1, fullCapacity: 150, designCapacity: 150, cellVoltages });
		expect(bankTotals([small, large], 0.3)).toEqual({
			stateOfCharge: 35,
			stateOfHealth: 97.5,
			voltage: 53.555,
			current: 2,
			power: 104.1,
			remainingCapacity: 90,
			fullCapacity: 200,
			designCapacity: 200,
			cellVoltageMin: 3.3,
			cellVoltageMax: 3.4,
			cellVoltageDelta: 100,
			activity: "charging",
			packs: [1, 3],
		});
	});

	it("weighs only packs that report", () => {
		expect(bankTotals([live(1, { stateOfHealth: null }), live(2, { stateOfHealth: 98 })], 0.3)?.stateOfHealth).toBe(98);
		expect(bankTotals([live(1, { stateOfHealth: null })], 0.3)?.stateOfHealth).toBeNull();
	});

	it("has no values without a live pack", () => {
		expect(bankTotals([], 0.3)).toBeNull();
	});
});
