import type { ParameterGroupKey, ParameterKey, ParameterValues } from "../../battery/parameters.ts";
import { PARAMETER_GROUP_KEYS, parameterOf } from "../../battery/parameters.ts";
import { sizeOfLayout } from "../../codec/layout.ts";
import { type ParameterRow, readParameterRows, writeParameterRows } from "../parameter-rows.ts";

/**
 * TABLE of the parameters on the wire (rs232-v25 §12): a group is read with an empty request and written in the
 * layout it is read in, under another code. Voltages are mV, temperatures tenths of a kelvin with 2730 = 0 °C.
 */
export interface AsciiParameterGroup {
	/** CID2 that reads. */
	readonly read: number;
	/** CID2 that writes. */
	readonly write: number;
	/** The forms it is seen in, longest first, told apart by length. */
	readonly forms: readonly (readonly ParameterRow[])[];
}

const MILLIVOLTS = { type: "u16", perUnit: 1000 } as const;
const AMPERES = { type: "u16" } as const;
/** The on/off byte: kept as it was read, the vendor's program always writes 01. */
const ENABLED = { type: "u8" } as const;
const TENTHS_OF_SECONDS = { type: "u8", perUnit: 10 } as const;
const DECIKELVIN = { type: "u16", perUnit: 10, zero: 2730 } as const;
/** DBh is read as a negative number and written as a positive one. */
const SIZE_OF_AMPERES = { type: "i16", magnitude: true } as const;

type LimitsOf = "cellOvervoltage" | "packOvervoltage" | "cellUndervoltage" | "packUndervoltage";
const voltageLimits = <K extends LimitsOf>(key: K) =>
	[
		{ name: `${key}Enabled`, ...ENABLED },
		{ name: `${key}Alarm`, ...MILLIVOLTS },
		{ name: `${key}Protection`, ...MILLIVOLTS },
		{ name: `${key}Release`, ...MILLIVOLTS },
		{ name: `${key}Delay`, ...TENTHS_OF_SECONDS },
	] as const satisfies readonly ParameterRow[];

/** The vendor's document prints a recovery current as well; every capture is without (§12, trap 1). */
const CHARGE_OVERCURRENT = [
	{ name: "chargeOvercurrentEnabled", ...ENABLED },
	{ name: "chargeOvercurrentAlarm", ...AMPERES },
	{ name: "chargeOvercurrentProtection", ...AMPERES },
	{ name: "chargeOvercurrentDelay", ...TENTHS_OF_SECONDS },
] as const satisfies readonly ParameterRow[];

const DISCHARGE_OVERCURRENT = [
	{ name: "dischargeOvercurrentEnabled", ...ENABLED },
	{ name: "dischargeOvercurrentAlarm", ...SIZE_OF_AMPERES },
	{ name: "dischargeOvercurrentProtection", ...SIZE_OF_AMPERES },
	{ name: "dischargeOvercurrentDelay", ...TENTHS_OF_SECONDS },
] as const satisfies readonly ParameterRow[];

/** Read with both currents; the vendor's program of 2.4 writes the first alone (§12, traps 2 and 3). */
const DISCHARGE_OVERCURRENT_2 = [
	{ name: "dischargeOvercurrent2Protection", ...AMPERES },
	{ name: "dischargeOvercurrent2Delay", type: "u8", unitsPerStep: 25 },
] as const satisfies readonly ParameterRow[];
const OVERCURRENT_2 = [
	...DISCHARGE_OVERCURRENT_2,
	{ name: "chargeOvercurrent2Protection", ...AMPERES },
	{ name: "chargeOvercurrent2Delay", type: "u8", unitsPerStep: 25 },
] as const satisfies readonly ParameterRow[];

const CELL_HIGH_TEMPERATURE = [
	{ name: "cellHighTemperatureEnabled", ...ENABLED },
	{ name: "chargeHighTemperatureAlarm", ...DECIKELVIN },
	{ name: "chargeHighTemperatureProtection", ...DECIKELVIN },
	{ name: "chargeHighTemperatureRelease", ...DECIKELVIN },
	{ name: "dischargeHighTemperatureAlarm", ...DECIKELVIN },
	{ name: "dischargeHighTemperatureProtection", ...DECIKELVIN },
	{ name: "dischargeHighTemperatureRelease", ...DECIKELVIN },
] as const satisfies readonly ParameterRow[];

const CELL_LOW_TEMPERATURE = [
	{ name: "cellLowTemperatureEnabled", ...ENABLED },
	{ name: "chargeLowTemperatureAlarm", ...DECIKELVIN },
	{ name: "chargeLowTemperatureProtection", ...DECIKELVIN },
	{ name: "chargeLowTemperatureRelease", ...DECIKELVIN },
	{ name: "dischargeLowTemperatureAlarm", ...DECIKELVIN },
	{ name: "dischargeLowTemperatureProtection", ...DECIKELVIN },
	{ name: "dischargeLowTemperatureRelease", ...DECIKELVIN },
] as const satisfies readonly ParameterRow[];

const MOSFET_TEMPERATURE = [
	{ name: "mosfetTemperatureEnabled", ...ENABLED },
	{ name: "mosfetTemperatureAlarm", ...DECIKELVIN },
	{ name: "mosfetTemperatureProtection", ...DECIKELVIN },
	{ name: "mosfetTemperatureRelease", ...DECIKELVIN },
] as const satisfies readonly ParameterRow[];

/** Low before high, unlike the cells. */
const AMBIENT_TEMPERATURE = [
	{ name: "ambientTemperatureEnabled", ...ENABLED },
	{ name: "ambientLowTemperatureAlarm", ...DECIKELVIN },
	{ name: "ambientLowTemperatureProtection", ...DECIKELVIN },
	{ name: "ambientLowTemperatureRelease", ...DECIKELVIN },
	{ name: "ambientHighTemperatureAlarm", ...DECIKELVIN },
	{ name: "ambientHighTemperatureProtection", ...DECIKELVIN },
	{ name: "ambientHighTemperatureRelease", ...DECIKELVIN },
] as const satisfies readonly ParameterRow[];

const BALANCING = [
	{ name: "balanceStartVoltage", ...MILLIVOLTS },
	{ name: "balanceStartDelta", type: "u16" },
] as const satisfies readonly ParameterRow[];

const SLEEP = [
	{ name: "sleepVoltage", ...MILLIVOLTS },
	{ name: "sleepDelay", type: "u16" },
] as const satisfies readonly ParameterRow[];

/** Older firmware has no alarm of a low state of charge (§12, trap 4). */
const FULL_CHARGE_ONLY = [
	{ name: "fullChargeVoltage", ...MILLIVOLTS },
	{ name: "fullChargeCurrent", type: "u16" },
] as const satisfies readonly ParameterRow[];
const FULL_CHARGE = [...FULL_CHARGE_ONLY, { name: "lowChargeAlarm", type: "u8" }] as const satisfies readonly ParameterRow[];

const CURRENT_LIMITER = [{ name: "limiterStartCurrent", ...AMPERES }] as const satisfies readonly ParameterRow[];
const SHORT_CIRCUIT = [{ name: "shortCircuitDelay", type: "u8", unitsPerStep: 25 }] as const satisfies readonly ParameterRow[];

const OVERCURRENT_2_COMMANDS = { read: 0xe3, write: 0xe2, forms: [OVERCURRENT_2, DISCHARGE_OVERCURRENT_2] } as const;
const FULL_CHARGE_COMMANDS = { read: 0xaf, write: 0xae, forms: [FULL_CHARGE, FULL_CHARGE_ONLY] } as const;

export const ASCII_PARAMETERS = {
	cellOvervoltage: { read: 0xd1, write: 0xd0, forms: [voltageLimits("cellOvervoltage")] },
	packOvervoltage: { read: 0xd5, write: 0xd4, forms: [voltageLimits("packOvervoltage")] },
	cellUndervoltage: { read: 0xd3, write: 0xd2, forms: [voltageLimits("cellUndervoltage")] },
	packUndervoltage: { read: 0xd7, write: 0xd6, forms: [voltageLimits("packUndervoltage")] },
	chargeOvercurrent: { read: 0xd9, write: 0xd8, forms: [CHARGE_OVERCURRENT] },
	dischargeOvercurrent: { read: 0xdb, write: 0xda, forms: [DISCHARGE_OVERCURRENT] },
	dischargeOvercurrent2: OVERCURRENT_2_COMMANDS,
	chargeOvercurrent2: OVERCURRENT_2_COMMANDS,
	shortCircuit: { read: 0xe5, write: 0xe4, forms: [SHORT_CIRCUIT] },
	cellHighTemperature: { read: 0xdd, write: 0xdc, forms: [CELL_HIGH_TEMPERATURE] },
	cellLowTemperature: { read: 0xdf, write: 0xde, forms: [CELL_LOW_TEMPERATURE] },
	mosfetTemperature: { read: 0xe1, write: 0xe0, forms: [MOSFET_TEMPERATURE] },
	ambientTemperature: { read: 0xe7, write: 0xe6, forms: [AMBIENT_TEMPERATURE] },
	balancing: { read: 0xb6, write: 0xb5, forms: [BALANCING] },
	sleep: { read: 0xa0, write: 0xa8, forms: [SLEEP] },
	fullCharge: FULL_CHARGE_COMMANDS,
	lowCharge: FULL_CHARGE_COMMANDS,
	currentLimiter: { read: 0xed, write: 0xee, forms: [CURRENT_LIMITER] },
} as const satisfies Record<ParameterGroupKey, AsciiParameterGroup>;

/** A parameter command by its CID2: which group (the first of those that share it), and whether it writes. */
export interface ParameterCommand {
	readonly group: ParameterGroupKey;
	readonly action: "read" | "write";
}

/** The parameter command with this CID2; null for any other. */
export function parameterCommandOf(code: number): ParameterCommand | null {
	for (const group of PARAMETER_GROUP_KEYS) {
		const { read, write } = ASCII_PARAMETERS[group];
		if (code === read) return { group, action: "read" };
		if (code === write) return { group, action: "write" };
	}
	return null;
}

/** Every parameter that can stand in the INFO of this group, its own and those read with it. */
export function parametersOnTheWire(group: ParameterGroupKey): readonly ParameterKey[] {
	const [longest]: readonly (readonly ParameterRow[])[] = ASCII_PARAMETERS[group].forms;
	return longest?.map(({ name }) => name) ?? [];
}

/** The parameters in the INFO of an answer (or of a write); null when no form of the group has this length. */
export function readParameters(group: ParameterGroupKey, info: Uint8Array): ParameterValues | null {
	const forms: readonly (readonly ParameterRow[])[] = ASCII_PARAMETERS[group].forms;
	const form = forms.find((rows) => sizeOfLayout(rows) === info.length);
	return form === undefined ? null : readParameterRows(form, info);
}

/** The INFO that writes (or answers) these values, in the form that has just these. Throws RangeError for what the wire cannot carry. */
export function writeParameters(group: ParameterGroupKey, values: ParameterValues): Uint8Array {
	const forms: readonly (readonly ParameterRow[])[] = ASCII_PARAMETERS[group].forms;
	const given = Object.keys(values) as ParameterKey[];
	const form = forms.find((rows) => rows.length === given.length && rows.every(({ name }) => given.includes(name)));
	if (form === undefined) throw new RangeError(wrongValues(given, parametersOnTheWire(group)));
	return writeParameterRows(form, values);
}

function wrongValues(given: readonly ParameterKey[], possible: readonly ParameterKey[]): string {
	const labels = (keys: readonly ParameterKey[]) => keys.map((key) => parameterOf(key).label).join(", ");
	const strange = given.filter((key) => !possible.includes(key));
	if (strange.length > 0) return `${labels(strange)}: not written together with ${labels(possible)}.`;
	return `These are written together, so all of them are needed: ${labels(possible)}.`;
}
