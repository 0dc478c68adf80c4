import type { Field } from "../../codec/layout.ts";
import type { ParameterRow } from "../parameter-rows.ts";
import { PROTECTIONS, STATUS, WARNINGS } from "./modbus-status-bits.ts";

/**
 * TABLE of the registers of PACE Modbus V1.3 (modbus-rtu §§6, 7): zero-based wire addresses, decimal as in the
 * document. A row is what one value is on the wire; `unit` is that of the model. 8-bit values sit in the low byte.
 */
export type RegisterRow = Field & {
	readonly register: number;
	readonly unit?: "V" | "A" | "Ah" | "°C" | "%";
};

/** Read only, §6: measurements and flags. 8, 13 and 14 are reserved. */
export const LIVE_ROWS = [
	{ register: 0, name: "current", type: "i16", perUnit: 100, unit: "A" },
	{ register: 1, name: "voltage", type: "u16", perUnit: 100, unit: "V" },
	{ register: 2, name: "stateOfCharge", type: "u16", unit: "%" },
	{ register: 3, name: "stateOfHealth", type: "u16", unit: "%" },
	{ register: 4, name: "remainingCapacity", type: "u16", perUnit: 100, unit: "Ah" },
	{ register: 5, name: "fullCapacity", type: "u16", perUnit: 100, unit: "Ah" },
	{ register: 6, name: "designCapacity", type: "u16", perUnit: 100, unit: "Ah" },
	{ register: 7, name: "cycleCount", type: "u16" },
	{ register: 9, name: "warnings", type: "bits", label: "R9", bytes: 2, bits: WARNINGS },
	{ register: 10, name: "protections", type: "bits", label: "R10", bytes: 2, bits: PROTECTIONS },
	{ register: 11, name: "status", type: "bits", label: "R11", bytes: 2, bits: STATUS },
	// Bit 0 = cell 1 in every implementation; no observation settles it (§6.4): unverified.
	{ register: 12, name: "balancingCells", type: "flags", bytes: 2, lowest: "last" },
	{ register: 15, name: "cellVoltages", type: "u16", perUnit: 1000, times: 16, unit: "V" },
	{ register: 31, name: "temperatures", type: "i16", perUnit: 10, times: 6, unit: "°C" },
] as const satisfies readonly RegisterRow[];

const MILLIVOLTS = { type: "u16", perUnit: 1000 } as const;
/** 8-bit values sit in the low byte: the high one stays 0 (§7.1). */
const TENTHS_OF_SECONDS = { type: "u16", perUnit: 10, maxRaw: 255 } as const;
const STEPS_OF_25 = { type: "u16", unitsPerStep: 25, maxRaw: 255 } as const;
/** At most 500 µs by the document (§7). */
const SHORT_CIRCUIT_STEPS = { type: "u16", unitsPerStep: 25, maxRaw: 20 } as const;
/** The ASCII protocol tells these as negative numbers; a negative one here is read as its size (§9 T8). */
const SIZE_OF_AMPERES = { type: "i16", magnitude: true } as const;
/** Firmware without them refuses, or sends all ones (§7). */
const LATER = { absent: 0xffff } as const;

/**
 * Readable and writable, §7, in the units of the model's parameters. 107-112 came with version 1.2 of the document, 113
 * and 114 with 1.3. Nothing outside these rows is ever written.
 */
export const PARAMETER_ROWS = [
	{ register: 60, name: "packOvervoltageAlarm", ...MILLIVOLTS },
	{ register: 61, name: "packOvervoltageProtection", ...MILLIVOLTS },
	{ register: 62, name: "packOvervoltageRelease", ...MILLIVOLTS },
	{ register: 63, name: "packOvervoltageDelay", ...TENTHS_OF_SECONDS },
	{ register: 64, name: "cellOvervoltageAlarm", ...MILLIVOLTS },
	{ register: 65, name: "cellOvervoltageProtection", ...MILLIVOLTS },
	{ register: 66, name: "cellOvervoltageRelease", ...MILLIVOLTS },
	{ register: 67, name: "cellOvervoltageDelay", ...TENTHS_OF_SECONDS },
	{ register: 68, name: "packUndervoltageAlarm", ...MILLIVOLTS },
	{ register: 69, name: "packUndervoltageProtection", ...MILLIVOLTS },
	{ register: 70, name: "packUndervoltageRelease", ...MILLIVOLTS },
	{ register: 71, name: "packUndervoltageDelay", ...TENTHS_OF_SECONDS },
	{ register: 72, name: "cellUndervoltageAlarm", ...MILLIVOLTS },
	{ register: 73, name: "cellUndervoltageProtection", ...MILLIVOLTS },
	{ register: 74, name: "cellUndervoltageRelease", ...MILLIVOLTS },
	{ register: 75, name: "cellUndervoltageDelay", ...TENTHS_OF_SECONDS },
	{ register: 76, name: "chargeOvercurrentAlarm", type: "u16" },
	{ register: 77, name: "chargeOvercurrentProtection", type: "u16" },
	{ register: 78, name: "chargeOvercurrentDelay", ...TENTHS_OF_SECONDS },
	{ register: 79, name: "dischargeOvercurrentAlarm", ...SIZE_OF_AMPERES },
	{ register: 80, name: "dischargeOvercurrentProtection", ...SIZE_OF_AMPERES },
	{ register: 81, name: "dischargeOvercurrentDelay", ...TENTHS_OF_SECONDS },
	{ register: 82, name: "dischargeOvercurrent2Protection", ...SIZE_OF_AMPERES },
	{ register: 83, name: "dischargeOvercurrent2Delay", ...STEPS_OF_25 },
	{ register: 84, name: "chargeHighTemperatureAlarm", type: "i16", perUnit: 10 },
	{ register: 85, name: "chargeHighTemperatureProtection", type: "i16", perUnit: 10 },
	{ register: 86, name: "chargeHighTemperatureRelease", type: "i16", perUnit: 10 },
	{ register: 87, name: "dischargeHighTemperatureAlarm", type: "i16", perUnit: 10 },
	{ register: 88, name: "dischargeHighTemperatureProtection", type: "i16", perUnit: 10 },
	{ register: 89, name: "dischargeHighTemperatureRelease", type: "i16", perUnit: 10 },
	{ register: 90, name: "chargeLowTemperatureAlarm", type: "i16", perUnit: 10 },
	{ register: 91, name: "chargeLowTemperatureProtection", type: "i16", perUnit: 10 },
	{ register: 92, name: "chargeLowTemperatureRelease", type: "i16", perUnit: 10 },
	{ register: 93, name: "dischargeLowTemperatureAlarm", type: "i16", perUnit: 10 },
	{ register: 94, name: "dischargeLowTemperatureProtection", type: "i16", perUnit: 10 },
	{ register: 95, name: "dischargeLowTemperatureRelease", type: "i16", perUnit: 10 },
	{ register: 96, name: "mosfetTemperatureAlarm", type: "i16", perUnit: 10 },
	{ register: 97, name: "mosfetTemperatureProtection", type: "i16", perUnit: 10 },
	{ register: 98, name: "mosfetTemperatureRelease", type: "i16", perUnit: 10 },
	{ register: 99, name: "ambientHighTemperatureAlarm", type: "i16", perUnit: 10 },
	{ register: 100, name: "ambientHighTemperatureProtection", type: "i16", perUnit: 10 },
	{ register: 101, name: "ambientHighTemperatureRelease", type: "i16", perUnit: 10 },
	{ register: 102, name: "ambientLowTemperatureAlarm", type: "i16", perUnit: 10 },
	{ register: 103, name: "ambientLowTemperatureProtection", type: "i16", perUnit: 10 },
	{ register: 104, name: "ambientLowTemperatureRelease", type: "i16", perUnit: 10 },
	{ register: 105, name: "balanceStartVoltage", ...MILLIVOLTS },
	{ register: 106, name: "balanceStartDelta", type: "u16" },
	{ register: 107, name: "fullChargeVoltage", ...MILLIVOLTS, ...LATER },
	{ register: 108, name: "fullChargeCurrent", type: "u16", ...LATER },
	{ register: 109, name: "sleepVoltage", ...MILLIVOLTS, ...LATER },
	{ register: 110, name: "sleepDelay", type: "u16", ...LATER },
	{ register: 111, name: "shortCircuitDelay", ...SHORT_CIRCUIT_STEPS, ...LATER },
	{ register: 112, name: "lowChargeAlarm", type: "u16", ...LATER },
	{ register: 113, name: "chargeOvercurrent2Protection", type: "u16", ...LATER },
	{ register: 114, name: "chargeOvercurrent2Delay", ...STEPS_OF_25, ...LATER },
] as const satisfies readonly (ParameterRow & RegisterRow)[];

/** Texts of 20 characters without an end, §7. Writable by the document: never written here. */
export const IDENTITY_ROWS = [
	{ register: 150, name: "version", type: "ascii", length: 20 },
	{ register: 160, name: "bmsSerial", type: "ascii", length: 20 },
	{ register: 170, name: "packSerial", type: "ascii", length: 20 },
] as const satisfies readonly RegisterRow[];

export const REGISTER_ROWS: readonly RegisterRow[] = [...LIVE_ROWS, ...PARAMETER_ROWS, ...IDENTITY_ROWS];
