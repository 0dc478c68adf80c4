import type { Field } from "../../codec/layout.ts";
import { PROTECTIONS, STATUS, WARNINGS } from "./modbus-status-bits.ts";

/**
 * TABLE of the registers of PACE Modbus V1.3 (modbus-rtu §§6, 7): zero-based wire addresses, decimal as in the
 * document. A row is what one value is on the wire; `unit` is that of the model. 8-bit values sit in the low byte.
 */
export type RegisterRow = Field & {
	readonly register: number;
	readonly unit?: "V" | "A" | "Ah" | "°C" | "%" | "s" | "min";
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

/** Readable and, by the document, writable, §7. */
export const PARAMETER_ROWS = [
	{ register: 60, name: "packOvervoltageAlarm", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 61, name: "packOvervoltageProtection", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 62, name: "packOvervoltageProtectionRelease", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 63, name: "packOvervoltageProtectionDelay", type: "u16", perUnit: 10, unit: "s" },
	{ register: 64, name: "cellOvervoltageAlarm", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 65, name: "cellOvervoltageProtection", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 66, name: "cellOvervoltageProtectionRelease", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 67, name: "cellOvervoltageProtectionDelay", type: "u16", perUnit: 10, unit: "s" },
	{ register: 68, name: "packUndervoltageAlarm", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 69, name: "packUndervoltageProtection", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 70, name: "packUndervoltageProtectionRelease", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 71, name: "packUndervoltageProtectionDelay", type: "u16", perUnit: 10, unit: "s" },
	{ register: 72, name: "cellUndervoltageAlarm", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 73, name: "cellUndervoltageProtection", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 74, name: "cellUndervoltageProtectionRelease", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 75, name: "cellUndervoltageProtectionDelay", type: "u16", perUnit: 10, unit: "s" },
	{ register: 76, name: "chargeOvercurrentAlarm", type: "u16", unit: "A" },
	{ register: 77, name: "chargeOvercurrentProtection", type: "u16", unit: "A" },
	{ register: 78, name: "chargeOvercurrentProtectionDelay", type: "u16", perUnit: 10, unit: "s" },
	{ register: 79, name: "dischargeOvercurrentAlarm", type: "u16", unit: "A" },
	{ register: 80, name: "dischargeOvercurrentProtection", type: "u16", unit: "A" },
	{ register: 81, name: "dischargeOvercurrentProtectionDelay", type: "u16", perUnit: 10, unit: "s" },
	{ register: 82, name: "dischargeOvercurrentLevel2Protection", type: "u16", unit: "A" },
	{ register: 83, name: "dischargeOvercurrentLevel2Delay", type: "u16", perUnit: 40, unit: "s" },
	{ register: 84, name: "chargeHighTemperatureAlarm", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 85, name: "chargeHighTemperatureProtection", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 86, name: "chargeHighTemperatureRelease", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 87, name: "dischargeHighTemperatureAlarm", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 88, name: "dischargeHighTemperatureProtection", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 89, name: "dischargeHighTemperatureRelease", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 90, name: "chargeLowTemperatureAlarm", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 91, name: "chargeLowTemperatureProtection", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 92, name: "chargeLowTemperatureRelease", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 93, name: "dischargeLowTemperatureAlarm", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 94, name: "dischargeLowTemperatureProtection", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 95, name: "dischargeLowTemperatureRelease", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 96, name: "mosfetHighTemperatureAlarm", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 97, name: "mosfetHighTemperatureProtection", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 98, name: "mosfetHighTemperatureRelease", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 99, name: "environmentHighTemperatureAlarm", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 100, name: "environmentHighTemperatureProtection", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 101, name: "environmentHighTemperatureRelease", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 102, name: "environmentLowTemperatureAlarm", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 103, name: "environmentLowTemperatureProtection", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 104, name: "environmentLowTemperatureRelease", type: "i16", perUnit: 10, unit: "°C" },
	{ register: 105, name: "balanceStartCellVoltage", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 106, name: "balanceStartCellDelta", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 107, name: "packFullChargeVoltage", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 108, name: "packFullChargeCurrent", type: "u16", perUnit: 1000, unit: "A" },
	{ register: 109, name: "cellSleepVoltage", type: "u16", perUnit: 1000, unit: "V" },
	{ register: 110, name: "cellSleepDelay", type: "u16", unit: "min" },
	{ register: 111, name: "shortCircuitProtectionDelay", type: "u16", perUnit: 40000, unit: "s" },
	{ register: 112, name: "lowStateOfChargeAlarmThreshold", type: "u16", unit: "%" },
	{ register: 113, name: "chargeOvercurrentLevel2Protection", type: "u16", unit: "A" },
	{ register: 114, name: "chargeOvercurrentLevel2Delay", type: "u16", perUnit: 40, unit: "s" },
] as const satisfies readonly RegisterRow[];

/** Texts of 20 characters without an end, §7. Writable by the document: never written here. */
export const IDENTITY_ROWS = [
	{ register: 150, name: "version", type: "ascii", length: 20 },
	{ register: 160, name: "bmsSerial", type: "ascii", length: 20 },
	{ register: 170, name: "packSerial", type: "ascii", length: 20 },
] as const satisfies readonly RegisterRow[];

export const REGISTER_ROWS: readonly RegisterRow[] = [...LIVE_ROWS, ...PARAMETER_ROWS, ...IDENTITY_ROWS];
