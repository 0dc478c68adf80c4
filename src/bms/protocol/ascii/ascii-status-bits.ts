import type { ConditionKey } from "../../battery/conditions.ts";
import type { StateKey } from "../../battery/states.ts";

/**
 * TABLES of the status bits of 44h: bit (0 = least significant) -> condition or state. Bits that no source
 * names are not here; they are reported by place ("W1.7"). Source: fault-map §§1, 2, 4, 5 and rs232-v25 §§6.1-6.7.
 */
type StatusBits = Readonly<Record<number, ConditionKey | StateKey>>;

/** Protect 1, rs232-v25 §6.1. */
export const PROTECT_1 = {
	0: "protection.cell_overvoltage",
	1: "protection.cell_undervoltage",
	2: "protection.pack_overvoltage",
	3: "protection.pack_undervoltage",
	4: "protection.charge_overcurrent",
	5: "protection.discharge_overcurrent",
	6: "protection.short_circuit",
	7: "fault.charger_overvoltage",
} as const satisfies StatusBits;

/** Protect 2, rs232-v25 §6.2. The order of MOSFET and ambient differs from Warn 2. */
export const PROTECT_2 = {
	0: "protection.charge_high_temperature",
	1: "protection.discharge_high_temperature",
	2: "protection.charge_low_temperature",
	3: "protection.discharge_low_temperature",
	4: "protection.mosfet_overtemperature",
	5: "protection.ambient_high_temperature",
	6: "protection.ambient_low_temperature",
	7: "protection.fully",
} as const satisfies StatusBits;

/** Indication (status 3), rs232-v25 §6.3. */
export const INDICATION = {
	0: "currentLimiting",
	1: "chargeMosfet",
	2: "dischargeMosfet",
	3: "packSupplying",
	4: "fault.charger_polarity",
	5: "chargerPresent",
	6: "shuttingDown",
	7: "heater",
} as const satisfies StatusBits;

/** Control (status 4): settings that are echoed, not alarms; rs232-v25 §6.4. */
export const CONTROL = {
	0: "buzzerEnabled",
	1: "chargeMosfetFunction",
	2: "dischargeMosfetFunction",
	3: "limiterGearLow",
	4: "currentLimiterDisabled",
	5: "ledAlarmDisabled",
	6: "systemLock",
	7: "testMode",
} as const satisfies StatusBits;

/** Fault (status 5), rs232-v25 §6.5; bits 7, 6, 3 by one vendor document only. */
export const FAULT = {
	0: "fault.charge_mosfet",
	1: "fault.discharge_mosfet",
	2: "fault.temperature_sensor",
	3: "fault.communication",
	4: "fault.cell",
	5: "fault.sampling",
	6: "fault.current_limiter",
	7: "fault.heater_film",
} as const satisfies StatusBits;

/** Warn 1, rs232-v25 §6.6; bits 7 and 6 are reserved. */
export const WARN_1 = {
	0: "alarm.cell_overvoltage",
	1: "alarm.cell_undervoltage",
	2: "alarm.pack_overvoltage",
	3: "alarm.pack_undervoltage",
	4: "alarm.charge_overcurrent",
	5: "alarm.discharge_overcurrent",
} as const satisfies StatusBits;

/** Warn 2, rs232-v25 §6.7. */
export const WARN_2 = {
	0: "alarm.charge_high_temperature",
	1: "alarm.discharge_high_temperature",
	2: "alarm.charge_low_temperature",
	3: "alarm.discharge_low_temperature",
	4: "alarm.ambient_high_temperature",
	5: "alarm.ambient_low_temperature",
	6: "alarm.mosfet_overtemperature",
	7: "alarm.low_soc",
} as const satisfies StatusBits;
