import type { Layout } from "../../codec/layout.ts";
import {
	CURRENT_PAIRS,
	EG4_BALANCE,
	EG4_CAPACITY,
	EG4_SYSTEM,
	EG4_TEMPERATURE,
	PYLONTECH_STATUS_1,
	PYLONTECH_STATUS_2,
	PYLONTECH_STATUS_3,
	SEPLOS_EVENT_1,
	SEPLOS_EVENT_3,
	SEPLOS_EVENT_4,
	SEPLOS_EVENT_6,
	SEPLOS_EVENT_7,
	SEPLOS_EVENT_8,
	SEPLOS_SYSTEM,
	SWITCHES,
	VOLTAGE_PAIRS,
} from "./status-bits.ts";

/** TABLES of the reply layouts of version 20h, one pack each, after the two bytes of the header. Source: rs485-v20, section by table. */

const CELLS = { name: "cellVoltages", type: "i16", perUnit: 1000, counted: { min: 1, max: 24 } } as const;
/** Tenths of a kelvin, 2731 = 0 °C in all three documents (rs485-v20 §2). */
const PROBE = { type: "u16", perUnit: 10, zero: 2731, absent: 0x8000 } as const;
const PROBES = { name: "temperatures", ...PROBE, counted: { min: 0, max: 16 } } as const;
const CELL_CODES = { name: "cellCodes", type: "u8", counted: { min: 1, max: 24 } } as const;
const PROBE_CODES = { name: "probeCodes", type: "u8", counted: { min: 0, max: 16 } } as const;

/** Pylontech 42h, rs485-v20 §3.2: current in 100 mA, capacities in 1 mAh, FFFF = see the wide fields. */
export const PYLONTECH_TELEMETRY = [
	CELLS,
	PROBES,
	{ name: "current", type: "i16", perUnit: 10 },
	{ name: "voltage", type: "u16", perUnit: 1000 },
	{ name: "remainingCapacity", type: "u16", perUnit: 1000, absent: 0xffff },
	{ name: "userDefinedCount", type: "u8" },
	{ name: "fullCapacity", type: "u16", perUnit: 1000, absent: 0xffff },
	{ name: "cycleCount", type: "u16" },
] as const satisfies Layout;
/** Further fields when the user defined count is 4: capacities above 65 Ah. */
export const PYLONTECH_WIDE = [
	{ name: "remainingCapacity", type: "u24", perUnit: 1000 },
	{ name: "fullCapacity", type: "u24", perUnit: 1000 },
] as const satisfies Layout;

/** EG4 42h, rs485-v20 §4.1: the count says 4 probes, and ambient and MOSFET follow. */
export const EG4_TELEMETRY = [
	CELLS,
	{ name: "temperatures", ...PROBE, counted: { min: 0, max: 14 } },
	{ name: "ambientTemperature", ...PROBE },
	{ name: "mosfetTemperature", ...PROBE },
	{ name: "current", type: "i16", perUnit: 100 },
	{ name: "voltage", type: "u16", perUnit: 100 },
	{ name: "remainingCapacity", type: "u16", perUnit: 100 },
	{ name: "fullCapacity", type: "u16", perUnit: 100 },
	{ name: "cycleCount", type: "u16" },
	{ name: "userDefinedCount", type: "u8" },
	{ name: "stateOfCharge", type: "u16" },
	{ name: "stateOfHealth", type: "u16" },
	{ name: "highestCellVoltage", type: "u16", perUnit: 1000 },
	{ name: "lowestCellVoltage", type: "u16", perUnit: 1000 },
	{ name: "cellVoltageDifference", type: "u16", perUnit: 1000 },
	{ name: "highestCellTemperature", ...PROBE },
	{ name: "lowestCellTemperature", ...PROBE },
	{ name: "cumulativeCharge", type: "u32", perUnit: 100 },
	{ name: "cumulativeDischarge", type: "u32", perUnit: 100 },
	{ name: "chargedEnergy", type: "u32", perUnit: 1000 },
	{ name: "dischargedEnergy", type: "u32", perUnit: 1000 },
	{ name: "chargeHours", type: "u32" },
	{ name: "dischargeHours", type: "u32" },
	{ name: "chargeCount", type: "u16" },
	{ name: "dischargeCount", type: "u16" },
] as const satisfies Layout;

/** Seplos 42h, rs485-v20 §5: state of charge and health in thousandths. */
export const SEPLOS_TELEMETRY = [
	CELLS,
	PROBES,
	{ name: "current", type: "i16", perUnit: 100 },
	{ name: "voltage", type: "u16", perUnit: 100 },
	{ name: "remainingCapacity", type: "u16", perUnit: 100 },
	{ name: "userDefinedCount", type: "u8" },
	{ name: "fullCapacity", type: "u16", perUnit: 100 },
	{ name: "stateOfCharge", type: "u16", perUnit: 10 },
	{ name: "designCapacity", type: "u16", perUnit: 100 },
	{ name: "cycleCount", type: "u16" },
	{ name: "stateOfHealth", type: "u16", perUnit: 10 },
	{ name: "portVoltage", type: "u16", perUnit: 100 },
	{ name: "reserved", type: "u16", times: 4 },
] as const satisfies Layout;

/** Pylontech 44h, rs485-v20 §3.3. Genuine packs send one byte more than documented. */
export const PYLONTECH_STATUS = [
	CELL_CODES,
	PROBE_CODES,
	{ name: "chargeCurrentCode", type: "u8" },
	{ name: "packVoltageCode", type: "u8" },
	{ name: "dischargeCurrentCode", type: "u8" },
	{ name: "status1", type: "bits", label: "S1", bits: PYLONTECH_STATUS_1 },
	{ name: "status2", type: "bits", label: "S2", bits: PYLONTECH_STATUS_2 },
	{ name: "status3", type: "bits", label: "S3", bits: PYLONTECH_STATUS_3 },
	// Status 4 and 5: cells above 4.2 V or below 1 V.
	{ name: "faultyCells", type: "flags", bytes: 2 },
] as const satisfies Layout;

/** EG4 44h, rs485-v20 §4.2. */
export const EG4_STATUS = [
	CELL_CODES,
	{ name: "probeCodes", type: "u8", counted: { min: 0, max: 14 } },
	{ name: "ambientCode", type: "u8" },
	{ name: "mosfetCode", type: "u8" },
	{ name: "currentCode", type: "u8" },
	{ name: "packVoltageCode", type: "u8" },
	{ name: "userDefinedCount", type: "u8" },
	{ name: "balance", type: "bits", label: "BE", bits: EG4_BALANCE },
	{ name: "voltage", type: "bits", label: "VE", bits: VOLTAGE_PAIRS },
	{ name: "temperature", type: "bits", label: "TE", bytes: 2, bits: EG4_TEMPERATURE },
	{ name: "current", type: "bits", label: "CE", bits: CURRENT_PAIRS },
	{ name: "capacity", type: "bits", label: "RC", bits: EG4_CAPACITY },
	{ name: "switches", type: "bits", label: "FS", bits: SWITCHES },
	{ name: "system", type: "bits", label: "SY", bits: EG4_SYSTEM },
	{ name: "balancingCells", type: "flags", bytes: 4, lowest: "last" },
	{ name: "reserved", type: "u8" },
] as const satisfies Layout;

/** Seplos 44h, rs485-v20 §5. */
export const SEPLOS_STATUS = [
	CELL_CODES,
	PROBE_CODES,
	{ name: "currentCode", type: "u8" },
	{ name: "packVoltageCode", type: "u8" },
	{ name: "userDefinedCount", type: "u8" },
	{ name: "event1", type: "bits", label: "E1", bits: SEPLOS_EVENT_1 },
	{ name: "event2", type: "bits", label: "E2", bits: VOLTAGE_PAIRS },
	{ name: "event3", type: "bits", label: "E3", bits: SEPLOS_EVENT_3 },
	{ name: "event4", type: "bits", label: "E4", bits: SEPLOS_EVENT_4 },
	{ name: "event5", type: "bits", label: "E5", bits: CURRENT_PAIRS },
	{ name: "event6", type: "bits", label: "E6", bits: SEPLOS_EVENT_6 },
	{ name: "switches", type: "bits", label: "SW", bits: SWITCHES },
	{ name: "balancingCells", type: "flags", bytes: 2 },
	{ name: "system", type: "bits", label: "SYS", bits: SEPLOS_SYSTEM },
	{ name: "disconnectedCells", type: "flags", bytes: 2 },
	{ name: "event7", type: "bits", label: "E7", bits: SEPLOS_EVENT_7 },
	{ name: "event8", type: "bits", label: "E8", bits: SEPLOS_EVENT_8 },
	{ name: "reserved", type: "u8", times: 6 },
] as const satisfies Layout;
