import type { ConditionKey } from "../../battery/conditions.ts";
import type { StateKey } from "../../battery/states.ts";
import type { INFORMATIVE_BITS } from "../status-names.ts";

/**
 * TABLES of the status bits of 44h in the dialects of version 20h: bit (0 = least significant) -> condition, state or
 * what else its document calls it ("E4.4 (...)", shown as a bit without a place in the manual's lists). Several bits
 * may mean the same. Sources: rs485-v20 §§3.3, 4.2, 5 and fault-map §§1, 2, 4, 5.
 */
type Other = `${string}.${number} (${string})`;
type StatusBits = Readonly<Record<number, ConditionKey | StateKey | (typeof INFORMATIVE_BITS)[number] | Other>>;

/** Pylontech Status 1-3, rs485-v20 §3.3: one level only, which acts as protection. */
export const PYLONTECH_STATUS_1 = {
	0: "protection.pack_overvoltage",
	1: "protection.cell_undervoltage",
	2: "protection.charge_overcurrent",
	4: "protection.discharge_overcurrent",
	5: "protection.discharge_high_temperature",
	6: "protection.charge_high_temperature",
	7: "protection.pack_undervoltage",
} as const satisfies StatusBits;
export const PYLONTECH_STATUS_2 = { 1: "chargeMosfet", 2: "dischargeMosfet", 3: "packSupplying" } as const satisfies StatusBits;
export const PYLONTECH_STATUS_3 = {
	0: "buzzerEnabled",
	3: "protection.fully",
	5: "heater",
	6: "discharging",
	7: "charging",
} as const satisfies StatusBits;

/** The same pairs of alarm and protection in EG4 and Seplos, rs485-v20 §§4.2, 5. */
export const VOLTAGE_PAIRS = {
	0: "alarm.cell_overvoltage",
	1: "protection.cell_overvoltage",
	2: "alarm.cell_undervoltage",
	3: "protection.cell_undervoltage",
	4: "alarm.pack_overvoltage",
	5: "protection.pack_overvoltage",
	6: "alarm.pack_undervoltage",
	7: "protection.pack_undervoltage",
} as const satisfies StatusBits;
const TEMPERATURE_PAIRS = {
	0: "alarm.charge_high_temperature",
	1: "protection.charge_high_temperature",
	2: "alarm.charge_low_temperature",
	3: "protection.charge_low_temperature",
	4: "alarm.discharge_high_temperature",
	5: "protection.discharge_high_temperature",
	6: "alarm.discharge_low_temperature",
	7: "protection.discharge_low_temperature",
} as const satisfies StatusBits;
/** Level 2 and the lockouts are the same protections of the manual (fault-map §1, rows 1 and 2). */
export const CURRENT_PAIRS = {
	0: "alarm.charge_overcurrent",
	1: "protection.charge_overcurrent",
	2: "alarm.discharge_overcurrent",
	3: "protection.discharge_overcurrent",
	4: "protection.discharge_overcurrent",
	5: "protection.short_circuit",
	6: "protection.discharge_overcurrent",
	7: "protection.short_circuit",
} as const satisfies StatusBits;

/** EG4, rs485-v20 §4.2. */
export const EG4_BALANCE = {
	0: "balancing",
	4: "BE.4 (cell difference alarm)",
	5: "fault.charge_mosfet",
	6: "fault.discharge_mosfet",
} as const satisfies StatusBits;
export const EG4_TEMPERATURE = {
	...TEMPERATURE_PAIRS,
	8: "alarm.ambient_high_temperature",
	9: "protection.ambient_high_temperature",
	10: "alarm.ambient_low_temperature",
	11: "protection.ambient_low_temperature",
	12: "protection.mosfet_overtemperature",
	13: "TE.13 (fire)",
} as const satisfies StatusBits;
export const EG4_CAPACITY = { 0: "alarm.low_soc" } as const satisfies StatusBits;
/** Also Seplos's switches. */
export const SWITCHES = { 0: "dischargeMosfet", 1: "chargeMosfet", 2: "currentLimiting", 3: "heater" } as const satisfies StatusBits;
export const EG4_SYSTEM = { 0: "discharging", 1: "charging", 3: "standby" } as const satisfies StatusBits;

/** Seplos, rs485-v20 §5. */
export const SEPLOS_EVENT_1 = {
	0: "fault.sampling",
	1: "fault.temperature_sensor",
	2: "fault.sampling",
	3: "E1.3 (power switch fault)",
	4: "fault.cell",
	5: "fault.charge_mosfet",
	6: "fault.discharge_mosfet",
	7: "fault.current_limiter",
} as const satisfies StatusBits;
export const SEPLOS_EVENT_3 = TEMPERATURE_PAIRS;
/** The sources disagree which of bits 4 and 5 is the alarm and which the protection of the power stage. */
export const SEPLOS_EVENT_4 = {
	0: "alarm.ambient_high_temperature",
	1: "protection.ambient_high_temperature",
	2: "alarm.ambient_low_temperature",
	3: "protection.ambient_low_temperature",
	4: "E4.4 (power stage over-temperature)",
	5: "E4.5 (power stage over-temperature)",
	6: "cellHeating",
} as const satisfies StatusBits;
export const SEPLOS_EVENT_6 = {
	0: "fault.charger_overvoltage",
	1: "E6.1 (waiting for top-up charge)",
	2: "alarm.low_soc",
	3: "E6.3 (low capacity protection)",
	4: "E6.4 (charging at low voltage forbidden)",
	5: "fault.charger_polarity",
	6: "E6.6 (output connection fault)",
} as const satisfies StatusBits;
export const SEPLOS_SYSTEM = {
	0: "discharging",
	1: "charging",
	2: "floatCharge",
	4: "standby",
	5: "shuttingDown",
} as const satisfies StatusBits;
export const SEPLOS_EVENT_7 = {
	4: "E7.4 (waiting for automatic charge)",
	5: "E7.5 (waiting for manual charge)",
} as const satisfies StatusBits;
export const SEPLOS_EVENT_8 = {
	0: "E8.0 (memory fault)",
	1: "E8.1 (clock error)",
	2: "E8.2 (voltage not calibrated)",
	3: "E8.3 (current not calibrated)",
	4: "E8.4 (zero not calibrated)",
} as const satisfies StatusBits;
