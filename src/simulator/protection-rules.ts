import type { ConditionKey } from "../bms/battery/conditions.ts";
import type { ParameterKey } from "../bms/battery/parameters.ts";

/** What the rules look at. `null`: no such probe. Currents are magnitudes in that direction, A. */
export interface Watched {
	readonly highestCell: number;
	readonly lowestCell: number;
	/** Pack voltage for 16 cells: the pack voltage scaled by 16 / cell count, V. */
	readonly packVoltage: number;
	readonly chargeCurrent: number;
	readonly dischargeCurrent: number;
	readonly hottestCell: number | null;
	readonly coldestCell: number | null;
	readonly mosfet: number | null;
	readonly ambient: number | null;
	/** %. */
	readonly stateOfCharge: number;
}

export type Mosfet = "charge" | "discharge";

/** A rule, with the parameters that hold its levels. */
export interface ProtectionRule {
	readonly quantity: keyof Watched;
	/** The side the limits are on. Reaching a limit counts (cells at 3600 mV read "high" in a capture, rs232-v25 §6.9). */
	readonly side: "above" | "below";
	/** 0 ends the rule: neither alarm nor protection. */
	readonly enabled?: ParameterKey;
	readonly alarm?: { readonly at: ParameterKey; readonly key: ConditionKey };
	readonly protection?: {
		readonly at: ParameterKey;
		readonly key: ConditionKey;
		/** How long the limit must be passed. */
		readonly delay: ParameterKey | { readonly ms: number };
		/** Back to normal at this level, or after a time where the parameters name no level. */
		readonly release: ParameterKey | { readonly afterMs: number };
		/** MOSFETs it switches off. */
		readonly opens: readonly Mosfet[];
	};
}

/** Delay of the rules whose parameters carry none (temperatures): our choice. */
const TEMPERATURE_DELAY = { ms: 2000 };
/** The parameters have no release level for over-current; boards try again after a while. 60 s is our choice. */
const OVERCURRENT_RELEASE = { afterMs: 60_000 };
const BOTH = ["charge", "discharge"] as const;

/**
 * TABLE of the rules, with the commands that read their parameters (rs232-v25 §12). The delay belongs to the
 * protection; an alarm is raised and cleared at its level at once (PbmsTools names it "OVP delay").
 */
export const PROTECTION_RULES = {
	// D1
	cellOvervoltage: {
		quantity: "highestCell",
		side: "above",
		enabled: "cellOvervoltageEnabled",
		alarm: { at: "cellOvervoltageAlarm", key: "alarm.cell_overvoltage" },
		protection: {
			at: "cellOvervoltageProtection",
			key: "protection.cell_overvoltage",
			delay: "cellOvervoltageDelay",
			release: "cellOvervoltageRelease",
			opens: ["charge"],
		},
	},
	// D3
	cellUndervoltage: {
		quantity: "lowestCell",
		side: "below",
		enabled: "cellUndervoltageEnabled",
		alarm: { at: "cellUndervoltageAlarm", key: "alarm.cell_undervoltage" },
		protection: {
			at: "cellUndervoltageProtection",
			key: "protection.cell_undervoltage",
			delay: "cellUndervoltageDelay",
			release: "cellUndervoltageRelease",
			opens: ["discharge"],
		},
	},
	// D5
	packOvervoltage: {
		quantity: "packVoltage",
		side: "above",
		enabled: "packOvervoltageEnabled",
		alarm: { at: "packOvervoltageAlarm", key: "alarm.pack_overvoltage" },
		protection: {
			at: "packOvervoltageProtection",
			key: "protection.pack_overvoltage",
			delay: "packOvervoltageDelay",
			release: "packOvervoltageRelease",
			opens: ["charge"],
		},
	},
	// D7
	packUndervoltage: {
		quantity: "packVoltage",
		side: "below",
		enabled: "packUndervoltageEnabled",
		alarm: { at: "packUndervoltageAlarm", key: "alarm.pack_undervoltage" },
		protection: {
			at: "packUndervoltageProtection",
			key: "protection.pack_undervoltage",
			delay: "packUndervoltageDelay",
			release: "packUndervoltageRelease",
			opens: ["discharge"],
		},
	},
	// D9
	chargeOvercurrent: {
		quantity: "chargeCurrent",
		side: "above",
		enabled: "chargeOvercurrentEnabled",
		alarm: { at: "chargeOvercurrentAlarm", key: "alarm.charge_overcurrent" },
		protection: {
			at: "chargeOvercurrentProtection",
			key: "protection.charge_overcurrent",
			delay: "chargeOvercurrentDelay",
			release: OVERCURRENT_RELEASE,
			opens: ["charge"],
		},
	},
	// DB
	dischargeOvercurrent: {
		quantity: "dischargeCurrent",
		side: "above",
		enabled: "dischargeOvercurrentEnabled",
		alarm: { at: "dischargeOvercurrentAlarm", key: "alarm.discharge_overcurrent" },
		protection: {
			at: "dischargeOvercurrentProtection",
			key: "protection.discharge_overcurrent",
			delay: "dischargeOvercurrentDelay",
			release: OVERCURRENT_RELEASE,
			opens: ["discharge"],
		},
	},
	// E3, second level of both directions; it has no on/off byte
	chargeOvercurrent2: {
		quantity: "chargeCurrent",
		side: "above",
		protection: {
			at: "chargeOvercurrent2Protection",
			key: "protection.charge_overcurrent",
			delay: "chargeOvercurrent2Delay",
			release: OVERCURRENT_RELEASE,
			opens: ["charge"],
		},
	},
	dischargeOvercurrent2: {
		quantity: "dischargeCurrent",
		side: "above",
		protection: {
			at: "dischargeOvercurrent2Protection",
			key: "protection.discharge_overcurrent",
			delay: "dischargeOvercurrent2Delay",
			release: OVERCURRENT_RELEASE,
			opens: ["discharge"],
		},
	},
	// DD
	chargeHighTemperature: {
		quantity: "hottestCell",
		side: "above",
		enabled: "cellHighTemperatureEnabled",
		alarm: { at: "chargeHighTemperatureAlarm", key: "alarm.charge_high_temperature" },
		protection: {
			at: "chargeHighTemperatureProtection",
			key: "protection.charge_high_temperature",
			delay: TEMPERATURE_DELAY,
			release: "chargeHighTemperatureRelease",
			opens: ["charge"],
		},
	},
	dischargeHighTemperature: {
		quantity: "hottestCell",
		side: "above",
		enabled: "cellHighTemperatureEnabled",
		alarm: { at: "dischargeHighTemperatureAlarm", key: "alarm.discharge_high_temperature" },
		protection: {
			at: "dischargeHighTemperatureProtection",
			key: "protection.discharge_high_temperature",
			delay: TEMPERATURE_DELAY,
			release: "dischargeHighTemperatureRelease",
			opens: ["discharge"],
		},
	},
	// DF
	chargeLowTemperature: {
		quantity: "coldestCell",
		side: "below",
		enabled: "cellLowTemperatureEnabled",
		alarm: { at: "chargeLowTemperatureAlarm", key: "alarm.charge_low_temperature" },
		protection: {
			at: "chargeLowTemperatureProtection",
			key: "protection.charge_low_temperature",
			delay: TEMPERATURE_DELAY,
			release: "chargeLowTemperatureRelease",
			opens: ["charge"],
		},
	},
	dischargeLowTemperature: {
		quantity: "coldestCell",
		side: "below",
		enabled: "cellLowTemperatureEnabled",
		alarm: { at: "dischargeLowTemperatureAlarm", key: "alarm.discharge_low_temperature" },
		protection: {
			at: "dischargeLowTemperatureProtection",
			key: "protection.discharge_low_temperature",
			delay: TEMPERATURE_DELAY,
			release: "dischargeLowTemperatureRelease",
			opens: ["discharge"],
		},
	},
	// E1
	mosfetHighTemperature: {
		quantity: "mosfet",
		side: "above",
		enabled: "mosfetTemperatureEnabled",
		alarm: { at: "mosfetTemperatureAlarm", key: "alarm.mosfet_overtemperature" },
		protection: {
			at: "mosfetTemperatureProtection",
			key: "protection.mosfet_overtemperature",
			delay: TEMPERATURE_DELAY,
			release: "mosfetTemperatureRelease",
			opens: BOTH,
		},
	},
	// E7
	ambientLowTemperature: {
		quantity: "ambient",
		side: "below",
		enabled: "ambientTemperatureEnabled",
		alarm: { at: "ambientLowTemperatureAlarm", key: "alarm.ambient_low_temperature" },
		protection: {
			at: "ambientLowTemperatureProtection",
			key: "protection.ambient_low_temperature",
			delay: TEMPERATURE_DELAY,
			release: "ambientLowTemperatureRelease",
			opens: BOTH,
		},
	},
	ambientHighTemperature: {
		quantity: "ambient",
		side: "above",
		enabled: "ambientTemperatureEnabled",
		alarm: { at: "ambientHighTemperatureAlarm", key: "alarm.ambient_high_temperature" },
		protection: {
			at: "ambientHighTemperatureProtection",
			key: "protection.ambient_high_temperature",
			delay: TEMPERATURE_DELAY,
			release: "ambientHighTemperatureRelease",
			opens: BOTH,
		},
	},
	// AF
	lowStateOfCharge: { quantity: "stateOfCharge", side: "below", alarm: { at: "lowChargeAlarm", key: "alarm.low_soc" } },
} as const satisfies Record<string, ProtectionRule>;

export type RuleName = keyof typeof PROTECTION_RULES;
/** The rules with their names. */
export const RULES: readonly (readonly [string, ProtectionRule])[] = Object.entries(PROTECTION_RULES);

/** MOSFETs that conditions without a limit of their own switch off: short circuit and the hardware faults (manual §5.2.4). */
export const FURTHER_EFFECTS = {
	"protection.short_circuit": ["discharge"],
	"fault.sampling": BOTH,
	"fault.cell": BOTH,
	"fault.temperature_sensor": BOTH,
	"fault.charge_mosfet": BOTH,
	"fault.discharge_mosfet": BOTH,
} as const satisfies Partial<Record<ConditionKey, readonly Mosfet[]>>;

/** MOSFETs each condition switches off. */
const EFFECTS: ReadonlyMap<ConditionKey, readonly Mosfet[]> = new Map<ConditionKey, readonly Mosfet[]>([
	...RULES.flatMap(([, { protection }]) => (protection === undefined ? [] : [[protection.key, protection.opens] as const])),
	...(Object.entries(FURTHER_EFFECTS) as [ConditionKey, readonly Mosfet[]][]),
]);

/** Whether a MOSFET is on while these conditions are set. */
export function isConducting(mosfet: Mosfet, conditions: Iterable<ConditionKey>): boolean {
	for (const key of conditions) if (EFFECTS.get(key)?.includes(mosfet)) return false;
	return true;
}
