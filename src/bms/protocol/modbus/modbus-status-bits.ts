import type { ConditionKey } from "../../battery/conditions.ts";
import type { StateKey } from "../../battery/states.ts";
import type { INFORMATIVE_BITS } from "../status-names.ts";

/**
 * TABLES of the flag registers: bit (0 = least significant) -> condition or state. Bits no source names are not here
 * and are reported by place ("R11.6"). Sources: modbus-rtu §§6.1-6.3, modbus-fault-map §§1-4. The order of MOSFET and
 * ambient differs between the two registers.
 */
type RegisterBits = Readonly<Record<number, ConditionKey | StateKey | (typeof INFORMATIVE_BITS)[number]>>;

/** Register 9: the manual's 14 alarms, each once. */
export const WARNINGS = {
	0: "alarm.cell_overvoltage",
	1: "alarm.cell_undervoltage",
	2: "alarm.pack_overvoltage",
	3: "alarm.pack_undervoltage",
	4: "alarm.charge_overcurrent",
	5: "alarm.discharge_overcurrent",
	8: "alarm.charge_high_temperature",
	9: "alarm.discharge_high_temperature",
	10: "alarm.charge_low_temperature",
	11: "alarm.discharge_low_temperature",
	12: "alarm.ambient_high_temperature",
	13: "alarm.ambient_low_temperature",
	14: "alarm.mosfet_overtemperature",
	15: "alarm.low_soc",
} as const satisfies RegisterBits;

/** Register 10. Bit 15 is reserved in the document and "full" in the field (modbus-fault-map §4.1). */
export const PROTECTIONS = {
	0: "protection.cell_overvoltage",
	1: "protection.cell_undervoltage",
	2: "protection.pack_overvoltage",
	3: "protection.pack_undervoltage",
	4: "protection.charge_overcurrent",
	5: "protection.discharge_overcurrent",
	6: "protection.short_circuit",
	7: "fault.charger_overvoltage",
	8: "protection.charge_high_temperature",
	9: "protection.discharge_high_temperature",
	10: "protection.charge_low_temperature",
	11: "protection.discharge_low_temperature",
	12: "protection.mosfet_overtemperature",
	13: "protection.ambient_high_temperature",
	14: "protection.ambient_low_temperature",
	15: "protection.fully",
} as const satisfies RegisterBits;

/** Register 11: faults in the low byte, states in the high one, in another order than the ASCII protocol's. */
export const STATUS = {
	0: "fault.charge_mosfet",
	1: "fault.discharge_mosfet",
	2: "fault.temperature_sensor",
	4: "fault.cell",
	5: "fault.sampling",
	8: "charging",
	9: "discharging",
	10: "chargeMosfet",
	11: "dischargeMosfet",
	12: "currentLimiting",
	14: "fault.charger_polarity",
	15: "heater",
} as const satisfies RegisterBits;
