import { describe, expect, it } from "vitest";
import { describeCondition } from "../../../src/bms/battery/naming.ts";
import { status, telemetry } from "./readings.ts";

const NOTHING = { cell: null, probe: null, value: null, unit: null };
const codes = (count: number, set: Readonly<Record<number, number>>) => Array.from({ length: count }, (_, index) => set[index + 1] ?? 0);
const cellVoltages = Array.from({ length: 16 }, (_, index) => (index === 4 ? 2.9 : index === 10 ? 3.61 : index === 11 ? 3.62 : 3.4));
const temperatures = [20, 41, 42, 21, 70, 5];

describe("a named condition", () => {
	const both = { status: status(), telemetry: telemetry({ cellVoltages, temperatures, current: -120, stateOfCharge: 4 }) };

	it.each([
		["protection.cell_overvoltage", { cell: 12, value: 3.62, unit: "V" }],
		["alarm.cell_undervoltage", { cell: 5, value: 2.9, unit: "V" }],
		["alarm.mosfet_overtemperature", { probe: 5, value: 70, unit: "°C" }],
		["protection.ambient_low_temperature", { probe: 6, value: 5, unit: "°C" }],
		["alarm.charge_high_temperature", { probe: 3, value: 42, unit: "°C" }],
		["alarm.discharge_low_temperature", { probe: 1, value: 20, unit: "°C" }],
		["protection.short_circuit", { value: -120, unit: "A" }],
		["alarm.pack_undervoltage", { value: both.telemetry.voltage, unit: "V" }],
		["alarm.low_soc", { value: 4, unit: "%" }],
		["protection.fully", { value: 4, unit: "%" }],
		["fault.cell", {}],
	] as const)("%s takes its place and value from fresh telemetry", (key, place) => {
		expect(describeCondition(key, 5, 2, both)).toEqual({ key, since: 5, pack: 2, ...NOTHING, ...place, limit: null });
	});

	it("prefers the extreme of those the battery marked", () => {
		const marked = { ...both, status: status([], { cellCodes: codes(16, { 3: 2, 11: 2 }), probeCodes: codes(6, { 2: 2, 5: 2 }) }) };
		expect(describeCondition("alarm.cell_overvoltage", 0, 1, marked)).toMatchObject({ cell: 11, value: 3.61 });
		expect(describeCondition("alarm.charge_high_temperature", 0, 1, marked)).toMatchObject({ probe: 2, value: 41 });
	});

	it("looks at low marks for low conditions only", () => {
		const marked = { ...both, status: status([], { cellCodes: codes(16, { 1: 2, 2: 1 }) }) };
		expect(describeCondition("alarm.cell_undervoltage", 0, 1, marked)).toMatchObject({ cell: 2, value: 3.4 });
	});

	it("without fresh telemetry names the one marked cell or probe, and no value", () => {
		const stale = { telemetry: null, status: status([], { cellCodes: codes(16, { 7: 1 }), probeCodes: codes(6, { 6: 1 }) }) };
		expect(describeCondition("alarm.cell_undervoltage", 0, 1, stale)).toMatchObject({ ...NOTHING, cell: 7 });
		expect(describeCondition("alarm.ambient_low_temperature", 0, 1, stale)).toMatchObject({ ...NOTHING, probe: 6 });
		expect(describeCondition("alarm.low_soc", 0, 1, stale)).toMatchObject(NOTHING);
		const several = { telemetry: null, status: status([], { cellCodes: codes(16, { 7: 1, 8: 1 }) }) };
		expect(describeCondition("alarm.cell_undervoltage", 0, 1, several)).toMatchObject(NOTHING);
	});

	it("guesses no place where the order of the probes is not documented", () => {
		const four = { status: status([], { probeCodes: [0, 0, 0, 0] }), telemetry: telemetry({ temperatures: [20, 30, 40, 50] }) };
		expect(describeCondition("alarm.mosfet_overtemperature", 0, 1, four)).toMatchObject(NOTHING);
		const marked = { ...four, status: status([], { probeCodes: [0, 2, 0, 0] }) };
		expect(describeCondition("alarm.mosfet_overtemperature", 0, 1, marked)).toMatchObject({ probe: 2, value: 30 });
	});

	it("gives no value where the two replies count the probes differently", () => {
		const eight = {
			status: status([], { probeCodes: codes(6, { 2: 2 }) }),
			telemetry: telemetry({ temperatures: [1, 2, 3, 4, 5, 6, 7, 8] }),
		};
		expect(describeCondition("alarm.charge_high_temperature", 0, 1, eight)).toMatchObject({ ...NOTHING, probe: 2 });
	});

	it("passes over a missing probe", () => {
		const missing = { status: null, telemetry: telemetry({ temperatures: [null, 12, null, 14, 30, null] }) };
		expect(describeCondition("alarm.charge_low_temperature", 0, 1, missing)).toMatchObject({ probe: 2, value: 12 });
		expect(describeCondition("alarm.ambient_low_temperature", 0, 1, missing)).toMatchObject(NOTHING);
	});

	it("knows nothing of a condition nobody has named", () => {
		expect(describeCondition("alarm.cell_overvoltage", 3, null, { status: null, telemetry: null })).toEqual({
			key: "alarm.cell_overvoltage",
			since: 3,
			pack: null,
			...NOTHING,
			limit: null,
		});
	});

	it("has the limit at which the pack itself sets it, and none that was not read", () => {
		const parameters = { cellOvervoltageProtection: 3.65 };
		expect(describeCondition("protection.cell_overvoltage", 0, 1, { ...both, parameters })).toMatchObject({ limit: 3.65 });
		expect(describeCondition("alarm.cell_overvoltage", 0, 1, { ...both, parameters })).toMatchObject({ limit: null });
	});
});
