import { describe, expect, it } from "vitest";
import { checkPackTelemetry, EMPTY_GATE, type GateMemory, telemetryProblem } from "../../../src/bms/battery/plausibility.ts";
import type { PackTelemetry } from "../../../src/bms/battery/readings.ts";
import { telemetry } from "./readings.ts";

const cells = (count: number, voltage = 3.3) => Array.from({ length: count }, () => voltage);

describe("a block by itself", () => {
	it.each<[string, Partial<PackTelemetry>]>([
		["an ordinary pack", {}],
		["a cell of 0.5 V whose sum agrees", { cellVoltages: [0.5, ...cells(15)] }],
		["a dead cell of 0 V", { cellVoltages: [0, ...cells(15)] }],
		["a sum 0.99 V off", { voltage: 53.79 }],
		["missing probes", { temperatures: [null, 20, null] }],
		["no probes", { temperatures: [] }],
		["one cell", { cellVoltages: [3.3] }],
		["24 cells", { cellVoltages: cells(24, 2.5) }],
		["no SOC and SOH", { stateOfCharge: null, stateOfHealth: null }],
		["SOC 0 and 100", { stateOfCharge: 0, stateOfHealth: 100 }],
		["the largest currents", { current: -327.68 }],
		["a little more than full", { remainingCapacity: 103.5 }],
	])("passes %s", (_, change) => {
		expect(telemetryProblem(telemetry(change))).toBeNull();
	});

	it.each<[string, Partial<PackTelemetry>, RegExp]>([
		["a sum 1 V off", { voltage: 53.8 }, /cells add up to 52\.80 V/],
		["no cells", { cellVoltages: [], voltage: 0 }, /number of cells is 0/],
		["25 cells", { cellVoltages: cells(25, 2) }, /number of cells/],
		["a cell over 5 V", { cellVoltages: [5.01, ...cells(15)] }, /voltage of cell 1 is 5\.01 V/],
		["a negative cell", { cellVoltages: [...cells(15), -0.1] }, /voltage of cell 16/],
		["a cell that is no number", { cellVoltages: [Number.NaN, ...cells(15)] }, /cell 1/],
		["the raw 8000h of a probe", { temperatures: [20, 3003.8] }, /temperature 2 is 3003\.8/],
		["-61 °C", { temperatures: [-61] }, /temperature 1/],
		["17 probes", { temperatures: Array.from({ length: 17 }, () => 20) }, /probes/],
		["SOC 101", { stateOfCharge: 101 }, /state of charge is 101 %/],
		["SOH 255", { stateOfHealth: 255 }, /state of health/],
		["an unsigned current", { current: 655.35 }, /current/],
		["a negative capacity", { remainingCapacity: -1 }, /remaining capacity/],
		["three times full", { remainingCapacity: 300 }, /more than twice/],
		["cycles beyond 16 bit", { cycleCount: 70_000 }, /cycles/],
	])("refuses %s", (_, change, problem) => {
		expect(telemetryProblem(telemetry(change))).toMatch(problem);
	});
});

/** Runs readings through the gate, one each `stepMs`; the result says which passed. */
function passes(readings: readonly PackTelemetry[], stepMs = 1000): readonly boolean[] {
	let memory: GateMemory = EMPTY_GATE;
	return readings.map((reading, index) => {
		const result = checkPackTelemetry(memory, reading, index * stepMs);
		memory = result.memory;
		return result.problem === null;
	});
}

const withCells = (count: number) => telemetry({ cellVoltages: cells(count) });
const withCharge = (stateOfCharge: number | null) => telemetry({ stateOfCharge });

describe("against what the pack said before", () => {
	it("another cell count is believed the third time in a row", () => {
		expect(passes([withCells(16), withCells(15), withCells(15), withCells(15), withCells(15)])).toEqual([true, false, false, true, true]);
	});

	it("not when the usual count comes between, nor another wrong one", () => {
		const counts = [16, 15, 15, 16, 15, 15, 14, 15, 15];
		expect(passes(counts.map(withCells))).toEqual(counts.map((count) => count === 16));
	});

	it("a jump of the state of charge needs a second sample that agrees", () => {
		expect(passes([50, 80, 81].map(withCharge))).toEqual([true, false, true]);
		expect(passes([50, 80, 51].map(withCharge))).toEqual([true, false, true]);
		expect(passes([50, 80, 20, 80].map(withCharge))).toEqual([true, false, false, false]);
	});

	it("20 points are no jump, nor is any change after a minute or from an unknown value", () => {
		expect(passes([50, 70].map(withCharge))).toEqual([true, true]);
		expect(passes([50, 90].map(withCharge), 60_000)).toEqual([true, true]);
		expect(passes([null, 90, null, 89].map(withCharge))).toEqual([true, true, true, true]);
	});
});
