import type { ConditionKey } from "./conditions.ts";

/**
 * TABLE of the parameters of a pack: what each is, in the units of the model. Where it is on the wire stands in the
 * protocols' own tables. Ranges are those the vendor's PC program enforces, defaults those of a P16S100A-1812-1.00
 * (rs232-v25 §12); a battery may have others. Parameters of one group are read and written together.
 */
export interface Parameter {
	readonly group: ParameterGroupKey;
	readonly label: string;
	readonly unit: ParameterUnit;
	readonly minimum: number;
	readonly maximum: number;
	/** Smallest change the vendor's program makes; the wire may be finer. */
	readonly step: number;
	/** null where no source tells it. */
	readonly default: number | null;
	/** The condition that is set at this level. */
	readonly limitOf?: ConditionKey;
}

export type ParameterUnit = "V" | "mV" | "A" | "mA" | "°C" | "%" | "s" | "ms" | "µs" | "min" | "on/off";

/**
 * TABLE of the groups, in the order in which they are read. What is together in one protocol and apart in another is
 * two groups; where it is together, reading either gives both.
 */
export const PARAMETER_GROUPS = {
	cellOvervoltage: { label: "Cell over-voltage" },
	packOvervoltage: { label: "Pack over-voltage" },
	cellUndervoltage: { label: "Cell under-voltage" },
	packUndervoltage: { label: "Pack under-voltage" },
	chargeOvercurrent: { label: "Charge over-current" },
	dischargeOvercurrent: { label: "Discharge over-current" },
	dischargeOvercurrent2: { label: "Discharge over-current, second level" },
	chargeOvercurrent2: { label: "Charge over-current, second level" },
	shortCircuit: { label: "Short circuit" },
	cellHighTemperature: { label: "High cell temperature" },
	cellLowTemperature: { label: "Low cell temperature" },
	mosfetTemperature: { label: "MOSFET temperature" },
	ambientTemperature: { label: "Ambient temperature" },
	balancing: { label: "Balancing" },
	sleep: { label: "Sleep" },
	fullCharge: { label: "Full charge" },
	lowCharge: { label: "Low charge" },
	currentLimiter: { label: "Charge current limiter" },
} as const satisfies Record<string, { readonly label: string }>;

export type ParameterGroupKey = keyof typeof PARAMETER_GROUPS;
export const PARAMETER_GROUP_KEYS = Object.keys(PARAMETER_GROUPS) as readonly ParameterGroupKey[];

const enabled = <G extends ParameterGroupKey>(group: G) =>
	({
		group,
		label: `${PARAMETER_GROUPS[group].label} protection enabled`,
		unit: "on/off",
		minimum: 0,
		maximum: 1,
		step: 1,
		default: 1,
	}) as const;
const cellVolts = { unit: "V", minimum: 2.5, maximum: 4.5, step: 0.01 } as const;
const packVolts = { unit: "V", minimum: 20, maximum: 65, step: 0.01 } as const;
const lowCellVolts = { unit: "V", minimum: 2, maximum: 3.5, step: 0.01 } as const;
const lowPackVolts = { unit: "V", minimum: 15, maximum: 50, step: 0.01 } as const;
const voltDelay = { unit: "s", minimum: 1, maximum: 20, step: 0.5, default: 1 } as const;
const amperes = { unit: "A", minimum: 1, maximum: 220, step: 1 } as const;
const ampereDelay = { unit: "s", minimum: 0.5, maximum: 25, step: 0.5, default: 1 } as const;
const amperes2 = { unit: "A", minimum: 5, maximum: 300, step: 5 } as const;
const ampere2Delay = { unit: "ms", minimum: 100, maximum: 2000, step: 25, default: 100 } as const;
const hot = { unit: "°C", minimum: 20, maximum: 100, step: 1 } as const;
const cold = { unit: "°C", minimum: -35, maximum: 30, step: 1 } as const;
const mosfet = { unit: "°C", minimum: 30, maximum: 120, step: 1 } as const;

// biome-ignore format: one row a line reads as a table
export const PARAMETERS = {
	cellOvervoltageEnabled: enabled("cellOvervoltage"),
	cellOvervoltageAlarm: { group: "cellOvervoltage", label: "Cell over-voltage alarm", ...cellVolts, default: 3.6, limitOf: "alarm.cell_overvoltage" },
	cellOvervoltageProtection: { group: "cellOvervoltage", label: "Cell over-voltage protection", ...cellVolts, default: 3.7, limitOf: "protection.cell_overvoltage" },
	cellOvervoltageRelease: { group: "cellOvervoltage", label: "Cell over-voltage release", ...cellVolts, default: 3.38 },
	cellOvervoltageDelay: { group: "cellOvervoltage", label: "Cell over-voltage delay", ...voltDelay },

	packOvervoltageEnabled: enabled("packOvervoltage"),
	packOvervoltageAlarm: { group: "packOvervoltage", label: "Pack over-voltage alarm", ...packVolts, default: 57.6, limitOf: "alarm.pack_overvoltage" },
	packOvervoltageProtection: { group: "packOvervoltage", label: "Pack over-voltage protection", ...packVolts, default: 59.2, limitOf: "protection.pack_overvoltage" },
	packOvervoltageRelease: { group: "packOvervoltage", label: "Pack over-voltage release", ...packVolts, default: 54 },
	packOvervoltageDelay: { group: "packOvervoltage", label: "Pack over-voltage delay", ...voltDelay },

	cellUndervoltageEnabled: enabled("cellUndervoltage"),
	cellUndervoltageAlarm: { group: "cellUndervoltage", label: "Cell under-voltage alarm", ...lowCellVolts, default: 2.8, limitOf: "alarm.cell_undervoltage" },
	cellUndervoltageProtection: { group: "cellUndervoltage", label: "Cell under-voltage protection", ...lowCellVolts, default: 2.5, limitOf: "protection.cell_undervoltage" },
	cellUndervoltageRelease: { group: "cellUndervoltage", label: "Cell under-voltage release", ...lowCellVolts, default: 2.9 },
	cellUndervoltageDelay: { group: "cellUndervoltage", label: "Cell under-voltage delay", ...voltDelay },

	packUndervoltageEnabled: enabled("packUndervoltage"),
	packUndervoltageAlarm: { group: "packUndervoltage", label: "Pack under-voltage alarm", ...lowPackVolts, default: 44.8, limitOf: "alarm.pack_undervoltage" },
	packUndervoltageProtection: { group: "packUndervoltage", label: "Pack under-voltage protection", ...lowPackVolts, default: 40, limitOf: "protection.pack_undervoltage" },
	packUndervoltageRelease: { group: "packUndervoltage", label: "Pack under-voltage release", ...lowPackVolts, default: 46.4 },
	packUndervoltageDelay: { group: "packUndervoltage", label: "Pack under-voltage delay", ...voltDelay },

	chargeOvercurrentEnabled: enabled("chargeOvercurrent"),
	chargeOvercurrentAlarm: { group: "chargeOvercurrent", label: "Charge over-current alarm", ...amperes, default: 104, limitOf: "alarm.charge_overcurrent" },
	chargeOvercurrentProtection: { group: "chargeOvercurrent", label: "Charge over-current protection", ...amperes, default: 110, limitOf: "protection.charge_overcurrent" },
	chargeOvercurrentDelay: { group: "chargeOvercurrent", label: "Charge over-current delay", ...ampereDelay },

	dischargeOvercurrentEnabled: enabled("dischargeOvercurrent"),
	dischargeOvercurrentAlarm: { group: "dischargeOvercurrent", label: "Discharge over-current alarm", ...amperes, default: 105, limitOf: "alarm.discharge_overcurrent" },
	dischargeOvercurrentProtection: { group: "dischargeOvercurrent", label: "Discharge over-current protection", ...amperes, default: 110, limitOf: "protection.discharge_overcurrent" },
	dischargeOvercurrentDelay: { group: "dischargeOvercurrent", label: "Discharge over-current delay", ...ampereDelay },

	dischargeOvercurrent2Protection: { group: "dischargeOvercurrent2", label: "Discharge over-current protection, second level", ...amperes2, default: 150 },
	dischargeOvercurrent2Delay: { group: "dischargeOvercurrent2", label: "Discharge over-current delay, second level", ...ampere2Delay },
	chargeOvercurrent2Protection: { group: "chargeOvercurrent2", label: "Charge over-current protection, second level", ...amperes2, default: 150 },
	chargeOvercurrent2Delay: { group: "chargeOvercurrent2", label: "Charge over-current delay, second level", ...ampere2Delay },

	shortCircuitDelay: { group: "shortCircuit", label: "Short circuit delay", unit: "µs", minimum: 100, maximum: 500, step: 25, default: 300 },

	cellHighTemperatureEnabled: enabled("cellHighTemperature"),
	chargeHighTemperatureAlarm: { group: "cellHighTemperature", label: "Charge high temperature alarm", ...hot, default: 51, limitOf: "alarm.charge_high_temperature" },
	chargeHighTemperatureProtection: { group: "cellHighTemperature", label: "Charge high temperature protection", ...hot, default: 55, limitOf: "protection.charge_high_temperature" },
	chargeHighTemperatureRelease: { group: "cellHighTemperature", label: "Charge high temperature release", ...hot, default: 50 },
	dischargeHighTemperatureAlarm: { group: "cellHighTemperature", label: "Discharge high temperature alarm", ...hot, default: 56, limitOf: "alarm.discharge_high_temperature" },
	dischargeHighTemperatureProtection: { group: "cellHighTemperature", label: "Discharge high temperature protection", ...hot, default: 60, limitOf: "protection.discharge_high_temperature" },
	dischargeHighTemperatureRelease: { group: "cellHighTemperature", label: "Discharge high temperature release", ...hot, default: 55 },

	cellLowTemperatureEnabled: enabled("cellLowTemperature"),
	chargeLowTemperatureAlarm: { group: "cellLowTemperature", label: "Charge low temperature alarm", ...cold, default: 0, limitOf: "alarm.charge_low_temperature" },
	chargeLowTemperatureProtection: { group: "cellLowTemperature", label: "Charge low temperature protection", ...cold, default: -5, limitOf: "protection.charge_low_temperature" },
	chargeLowTemperatureRelease: { group: "cellLowTemperature", label: "Charge low temperature release", ...cold, default: 0 },
	dischargeLowTemperatureAlarm: { group: "cellLowTemperature", label: "Discharge low temperature alarm", ...cold, default: -15, limitOf: "alarm.discharge_low_temperature" },
	dischargeLowTemperatureProtection: { group: "cellLowTemperature", label: "Discharge low temperature protection", ...cold, default: -20, limitOf: "protection.discharge_low_temperature" },
	dischargeLowTemperatureRelease: { group: "cellLowTemperature", label: "Discharge low temperature release", ...cold, default: -15 },

	mosfetTemperatureEnabled: enabled("mosfetTemperature"),
	mosfetTemperatureAlarm: { group: "mosfetTemperature", label: "MOSFET over-temperature alarm", ...mosfet, default: 90, limitOf: "alarm.mosfet_overtemperature" },
	mosfetTemperatureProtection: { group: "mosfetTemperature", label: "MOSFET over-temperature protection", ...mosfet, default: 110, limitOf: "protection.mosfet_overtemperature" },
	mosfetTemperatureRelease: { group: "mosfetTemperature", label: "MOSFET over-temperature release", ...mosfet, default: 85 },

	ambientTemperatureEnabled: enabled("ambientTemperature"),
	ambientLowTemperatureAlarm: { group: "ambientTemperature", label: "Ambient low temperature alarm", ...cold, default: -20, limitOf: "alarm.ambient_low_temperature" },
	ambientLowTemperatureProtection: { group: "ambientTemperature", label: "Ambient low temperature protection", ...cold, default: -25, limitOf: "protection.ambient_low_temperature" },
	ambientLowTemperatureRelease: { group: "ambientTemperature", label: "Ambient low temperature release", ...cold, default: -20 },
	ambientHighTemperatureAlarm: { group: "ambientTemperature", label: "Ambient high temperature alarm", ...hot, default: 65, limitOf: "alarm.ambient_high_temperature" },
	ambientHighTemperatureProtection: { group: "ambientTemperature", label: "Ambient high temperature protection", ...hot, default: 70, limitOf: "protection.ambient_high_temperature" },
	ambientHighTemperatureRelease: { group: "ambientTemperature", label: "Ambient high temperature release", ...hot, default: 65 },

	balanceStartVoltage: { group: "balancing", label: "Balancing starts at cell voltage", unit: "V", minimum: 3.3, maximum: 4.5, step: 0.01, default: 3.4 },
	balanceStartDelta: { group: "balancing", label: "Balancing starts at cell difference", unit: "mV", minimum: 20, maximum: 500, step: 5, default: 30 },

	sleepVoltage: { group: "sleep", label: "Sleep at cell voltage", unit: "V", minimum: 2, maximum: 4, step: 0.01, default: 3.1 },
	sleepDelay: { group: "sleep", label: "Sleep delay", unit: "min", minimum: 1, maximum: 120, step: 1, default: 5 },

	fullChargeVoltage: { group: "fullCharge", label: "Full charge voltage", ...packVolts, default: 56 },
	fullChargeCurrent: { group: "fullCharge", label: "Full charge current", unit: "mA", minimum: 500, maximum: 5000, step: 100, default: 2000 },
	lowChargeAlarm: { group: "lowCharge", label: "Low state of charge alarm", unit: "%", minimum: 0, maximum: 100, step: 1, default: 5, limitOf: "alarm.low_soc" },

	limiterStartCurrent: { group: "currentLimiter", label: "Current limiter starts at", unit: "A", minimum: 5, maximum: 150, step: 1, default: 100 },
} as const satisfies Record<string, Parameter>;

export type ParameterKey = keyof typeof PARAMETERS;
export const PARAMETER_KEYS = Object.keys(PARAMETERS) as readonly ParameterKey[];

/** Values of parameters by key; one that the battery does not have (or did not report) is left out. */
export type ParameterValues = Readonly<Partial<Record<ParameterKey, number>>>;

/** The row of a parameter, with the optional marks readable. */
export function parameterOf(key: ParameterKey): Parameter {
	return PARAMETERS[key];
}

/** Parameters of one group, in the table's order. */
export function parametersOfGroup(group: ParameterGroupKey): readonly ParameterKey[] {
	return PARAMETER_KEYS.filter((key) => PARAMETERS[key].group === group);
}

/** The parameter at whose level a condition is set; null where none is. */
export function limitParameterOf(condition: ConditionKey): ParameterKey | null {
	return PARAMETER_KEYS.find((key) => parameterOf(key).limitOf === condition) ?? null;
}

/** Two parameters of which the first must lie below the second (or may be the same). */
export interface ParameterOrder {
	readonly lower: ParameterKey;
	readonly upper: ParameterKey;
	readonly mayBeEqual: boolean;
}

const below = (lower: ParameterKey, upper: ParameterKey): ParameterOrder => ({ lower, upper, mayBeEqual: false });
const notAbove = (lower: ParameterKey, upper: ParameterKey): ParameterOrder => ({ lower, upper, mayBeEqual: true });

/** TABLE of the relations between parameters; all hold for the defaults (modbus-rtu §7.1, our inference). */
export const PARAMETER_ORDERS: readonly ParameterOrder[] = [
	below("cellOvervoltageRelease", "cellOvervoltageProtection"),
	notAbove("cellOvervoltageAlarm", "cellOvervoltageProtection"),
	below("packOvervoltageRelease", "packOvervoltageProtection"),
	notAbove("packOvervoltageAlarm", "packOvervoltageProtection"),
	below("cellUndervoltageProtection", "cellUndervoltageRelease"),
	notAbove("cellUndervoltageProtection", "cellUndervoltageAlarm"),
	below("packUndervoltageProtection", "packUndervoltageRelease"),
	notAbove("packUndervoltageProtection", "packUndervoltageAlarm"),
	below("cellUndervoltageProtection", "cellOvervoltageProtection"),
	below("packUndervoltageProtection", "packOvervoltageProtection"),
	notAbove("chargeOvercurrentAlarm", "chargeOvercurrentProtection"),
	below("chargeOvercurrentProtection", "chargeOvercurrent2Protection"),
	notAbove("dischargeOvercurrentAlarm", "dischargeOvercurrentProtection"),
	below("dischargeOvercurrentProtection", "dischargeOvercurrent2Protection"),
	below("chargeHighTemperatureRelease", "chargeHighTemperatureProtection"),
	notAbove("chargeHighTemperatureAlarm", "chargeHighTemperatureProtection"),
	below("dischargeHighTemperatureRelease", "dischargeHighTemperatureProtection"),
	notAbove("dischargeHighTemperatureAlarm", "dischargeHighTemperatureProtection"),
	below("chargeLowTemperatureProtection", "chargeLowTemperatureRelease"),
	notAbove("chargeLowTemperatureProtection", "chargeLowTemperatureAlarm"),
	below("dischargeLowTemperatureProtection", "dischargeLowTemperatureRelease"),
	notAbove("dischargeLowTemperatureProtection", "dischargeLowTemperatureAlarm"),
	below("mosfetTemperatureRelease", "mosfetTemperatureProtection"),
	notAbove("mosfetTemperatureAlarm", "mosfetTemperatureProtection"),
	below("ambientLowTemperatureProtection", "ambientLowTemperatureRelease"),
	notAbove("ambientLowTemperatureProtection", "ambientLowTemperatureAlarm"),
	below("ambientHighTemperatureRelease", "ambientHighTemperatureProtection"),
	notAbove("ambientHighTemperatureAlarm", "ambientHighTemperatureProtection"),
	below("cellUndervoltageProtection", "sleepVoltage"),
	below("balanceStartVoltage", "cellOvervoltageProtection"),
	below("fullChargeVoltage", "packOvervoltageProtection"),
];
