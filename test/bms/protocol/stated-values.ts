import { expect } from "vitest";
import type { DecodedFrame } from "../../../src/bms/protocol/decode-text.ts";

/**
 * What other tools printed beside their captures, by the words they used. Where such a tool is known to be wrong,
 * the reason stands beside the row and the reference (rs232-v25) wins.
 */
type Check = (decoded: DecodedFrame, stated: unknown) => void;

const firstPack = (decoded: DecodedFrame) => (decoded.packs as readonly Readonly<Record<string, unknown>>[])[0] ?? {};
const list = (decoded: DecodedFrame, key: string) => firstPack(decoded)[key] as readonly number[];

/** A value of the first pack, in the tool's unit: `perUnit` of it are one of ours. */
const value =
	(key: string, perUnit = 1): Check =>
	(decoded, stated) =>
		expect(firstPack(decoded)[key]).toBeCloseTo(Number(stated) / perUnit, 6);
const values =
	(key: string, perUnit = 1): Check =>
	(decoded, stated) =>
		expect(list(decoded, key)).toEqual((stated as readonly number[]).map((number) => number / perUnit));
const count =
	(key: string): Check =>
	(decoded, stated) =>
		expect(list(decoded, key)).toHaveLength(Number(stated));
const field =
	(key: string): Check =>
	(decoded, stated) =>
		expect(decoded[key]).toBe(stated);
const packs: Check = (decoded, stated) => expect(decoded.packs).toHaveLength(Number(stated));
const empty =
	(...keys: string[]): Check =>
	(decoded) => {
		for (const key of keys) expect(firstPack(decoded)[key]).toEqual([]);
	};
/** The tool takes 273.15 K for zero where the wire takes 273.0 (rs232-v25 §5): it reads 0.15 °C low. */
const temperaturesFrom273_15: Check = (decoded, stated) => {
	const corrected = (stated as readonly number[]).map((celsius) => Math.round((celsius + 0.15) * 10) / 10);
	expect(list(decoded, "temperatures")).toEqual(corrected);
};
/** Full over design capacity, computed by the tool: the wire does not carry it, so it is absent here. */
const computedHealth: Check = (decoded) => expect(firstPack(decoded).stateOfHealth).toBeNull();
/** Nothing on the wire that is compared: said by the tool of itself, or a byte that means nothing. */
const notOurs: Check = () => undefined;

export const STATED: Readonly<Record<string, Check>> = {
	cell_number: count("cellCodes"),
	temp_sensor_number: count("probeCodes"),
	"all warnings": empty("alarms"),
	"protect_*": empty("protections"),
	status_fully_charged: empty("protections"),
	GetPackCount: field("packCount"),
	"pack count": field("packCount"),
	version: field("version"),
	// One tool prints the NUL that ends the name as "@".
	"BMS Version": (decoded, stated) => expect(decoded.version).toBe(String(stated).replace(/@$/, "")),
	// Tools cut the serial numbers at 15 and 14 of their characters.
	"BMS Serial Number": (decoded, stated) => expect(decoded.bmsSerial).toMatch(new RegExp(`^${String(stated)}`)),
	"Pack Serial Number": (decoded, stated) => expect(decoded.packSerial).toMatch(new RegExp(`^${String(stated)}`)),
	// Both serial numbers as one text.
	GetBarCode: (decoded, stated) => expect(`${decoded.bmsSerial} ${decoded.packSerial}`).toBe(stated),
	"Serial Number": (decoded, stated) => expect(`${decoded.bmsSerial}    ${decoded.packSerial}`).toBe(stated),
	packs,
	"cells per pack": count("cellVoltages"),
	// Number of the pack in the document's example.
	pack: packs,
	cells: count("cellVoltages"),
	view_num_cells: count("cellVoltages"),
	cells_mV: values("cellVoltages", 1000),
	cell_voltages: values("cellVoltages", 1000),
	"cell 1 mV": (decoded, stated) => expect(list(decoded, "cellVoltages")[0]).toBe(Number(stated) / 1000),
	temps_degC: values("temperatures"),
	temps_C: values("temperatures"),
	temperatures: (decoded, stated) => (Array.isArray(stated) ? temperaturesFrom273_15 : count("temperatures"))(decoded, stated),
	// 0B55h = 2901: the tool prints tenths of a kelvin shifted by 0 instead of 2730, as "29.01".
	"temperature 2 C": (decoded, stated) => expect(list(decoded, "temperatures")[1]).toBeCloseTo((Number(stated) * 100 - 2730) / 10, 6),
	current_A: value("current"),
	current_mA: value("current", 1000),
	"current mA": value("current", 1000),
	view_current: value("current"),
	total_voltage_V: value("voltage"),
	total_mV: value("voltage", 1000),
	"total V": value("voltage"),
	view_voltage: value("voltage"),
	remaining_Ah: value("remainingCapacity"),
	remaining_mAh: value("remainingCapacity", 1000),
	"remaining Ah": value("remainingCapacity"),
	view_remain_capacity: value("remainingCapacity"),
	full_Ah: value("fullCapacity"),
	full_mAh: value("fullCapacity", 1000),
	"full Ah": value("fullCapacity"),
	view_full_capacity: value("fullCapacity"),
	design_Ah: value("designCapacity"),
	design_mAh: value("designCapacity", 1000),
	"design Ah": value("designCapacity"),
	view_design_capacity: value("designCapacity"),
	cycles: value("cycleCount"),
	view_cycle_number: value("cycleCount"),
	// Ours is rounded to 0.1 %.
	SoC: (decoded, stated) => expect(firstPack(decoded).stateOfCharge).toBeCloseTo(Number(stated), 1),
	// 91.32 / 104.07 = 87.75: the tool cuts, we round.
	view_SOC: (decoded, stated) => expect(Math.abs(Number(firstPack(decoded).stateOfCharge) - Number(stated))).toBeLessThanOrEqual(0.1),
	SoH: computedHealth,
	view_SOH: computedHealth,
	power_W: (decoded, stated) =>
		expect(Number(firstPack(decoded).voltage) * Number(firstPack(decoded).current)).toBeCloseTo(Number(stated), 3),
	user_defined_count: notOurs,
	"user defined": notOurs,
	"Packs for warnings": packs,
	"Pack 1-3 warnings": empty("alarms"),
	"balancing1/2 all": empty("balancingCells"),
	warningText: empty("alarms"),
	balancingText: empty("balancingCells"),
	configurationText: notOurs,
	protectionText: empty("protections"),
	faultText: empty("faults"),
	"Pack Remaining Capacity mAh": (decoded, stated) => expect(decoded.remainingCapacity).toBe(Number(stated) / 1000),
	"Pack Full Capacity mAh": (decoded, stated) => expect(decoded.fullCapacity).toBe(Number(stated) / 1000),
	"Pack Design Capacity mAh": (decoded, stated) => expect(decoded.designCapacity).toBe(Number(stated) / 1000),
	// Computed by the tool from capacities that contradict each other.
	"Pack SOC %": notOurs,
	"Pack SOH %": notOurs,
};
