import { type Condition, type ConditionKey, conditionOf } from "./conditions.ts";
import { limitParameterOf, type ParameterValues } from "./parameters.ts";
import { QUANTITIES } from "./quantities.ts";
import type { PackStatus, SparseTelemetry } from "./readings.ts";
import type { ActiveCondition } from "./snapshot.ts";

/** What is known of the pack a condition is named for: its own alarm state and its fresh telemetry. */
export interface Evidence {
	readonly status: PackStatus | null;
	/** null when it is not fresh. */
	readonly telemetry: SparseTelemetry | null;
	/** Left out or null when they were never read. */
	readonly parameters?: ParameterValues | null;
}

type Place = Pick<ActiveCondition, "cell" | "probe" | "value" | "unit">;

const NOWHERE: Place = { cell: null, probe: null, value: null, unit: null };

/** Alarm codes of the status reply (rs232-v25 §6). */
const CODE_LOW = 0x01;
const CODE_HIGH = 0x02;

/** Probes of the one documented order, four cell probes, MOSFET, ambient (rs232-v25 §5): which of them a condition is about. */
const SIX_PROBES = { cell: [0, 1, 2, 3], mosfet: [4], ambient: [5] } as const;

/** A condition that is set, with the cell or probe and the measured value where the readings tell them. */
export function describeCondition(key: ConditionKey, since: number, pack: number | null, evidence: Evidence): ActiveCondition {
	return { key, since, pack, ...placeOf(key, conditionOf(key), evidence), limit: limitOf(key, evidence.parameters ?? null) };
}

/** The level at which the pack sets the condition, in the unit of the condition's value. */
function limitOf(key: ConditionKey, parameters: ParameterValues | null): number | null {
	const parameter = limitParameterOf(key);
	return parameter === null ? null : (parameters?.[parameter] ?? null);
}

function placeOf(key: ConditionKey, condition: Condition, { status, telemetry }: Evidence): Place {
	switch (condition.about) {
		case "cell-high":
			return cellPlace(codedAs(status?.cellCodes, CODE_HIGH), telemetry, "highest");
		case "cell-low":
			return cellPlace(codedAs(status?.cellCodes, CODE_LOW), telemetry, "lowest");
		case "probe-high":
			return probePlace(key, codedAs(status?.probeCodes, CODE_HIGH), status?.probeCodes.length, telemetry, "highest");
		case "probe-low":
			return probePlace(key, codedAs(status?.probeCodes, CODE_LOW), status?.probeCodes.length, telemetry, "lowest");
		case "current":
			return telemetry === null || telemetry.current === null
				? NOWHERE
				: { ...NOWHERE, value: telemetry.current, unit: QUANTITIES.current.unit };
		case "pack":
			return telemetry === null ? NOWHERE : { ...NOWHERE, ...packValue(key, telemetry) };
		case "hardware":
			return NOWHERE;
	}
}

/** Fully and low SOC are about the charge, everything else of a pack about its voltage. */
function packValue(key: ConditionKey, telemetry: SparseTelemetry): Pick<Place, "value" | "unit"> {
	if (key !== "alarm.low_soc" && key !== "protection.fully") return { value: telemetry.voltage, unit: QUANTITIES.voltage.unit };
	if (telemetry.stateOfCharge === null) return { value: null, unit: null };
	return { value: telemetry.stateOfCharge, unit: QUANTITIES.stateOfCharge.unit };
}

/** The codes are those of the alarms; a protection without any takes the extreme of all cells. */
function cellPlace(coded: readonly number[], telemetry: SparseTelemetry | null, side: "highest" | "lowest"): Place {
	if (telemetry === null) return { ...NOWHERE, cell: coded.length === 1 ? numbered(coded[0]) : null };
	const fitting = coded.filter((index) => index < telemetry.cellVoltages.length);
	const index = extreme(telemetry.cellVoltages, fitting.length > 0 ? fitting : allOf(telemetry.cellVoltages), side);
	if (index === null) return NOWHERE;
	return { ...NOWHERE, cell: index + 1, value: telemetry.cellVoltages[index] ?? null, unit: QUANTITIES.voltage.unit };
}

/**
 * Without a code, a probe is named only where its place is documented. Boards that report another number of
 * probes in the two replies (rs232-v25 §5.1) get the probe's number of the alarm state and no value.
 */
function probePlace(
	key: ConditionKey,
	coded: readonly number[],
	codeCount: number | undefined,
	telemetry: SparseTelemetry | null,
	side: "highest" | "lowest",
): Place {
	const temperatures = telemetry?.temperatures ?? [];
	const sameOrder = telemetry !== null && (codeCount === undefined || codeCount === temperatures.length);
	const documented = probesAbout(key, sameOrder ? temperatures.length : (codeCount ?? 0));
	const codedHere = documented === null ? coded : coded.filter((index) => documented.includes(index));
	if (!sameOrder) return { ...NOWHERE, probe: codedHere.length === 1 ? numbered(codedHere[0]) : null };
	const index = extreme(temperatures, codedHere.length > 0 ? codedHere : (documented ?? []), side);
	if (index === null) return { ...NOWHERE, probe: codedHere.length === 1 ? numbered(codedHere[0]) : null };
	return { ...NOWHERE, probe: index + 1, value: temperatures[index] ?? null, unit: QUANTITIES.temperature.unit };
}

/** Indexes of the probes a condition is about; null where the order of the probes is not documented. */
function probesAbout(key: ConditionKey, probeCount: number): readonly number[] | null {
	if (probeCount !== 6) return null;
	if (key.includes("mosfet")) return SIX_PROBES.mosfet;
	return key.includes("ambient") ? SIX_PROBES.ambient : SIX_PROBES.cell;
}

function codedAs(codes: readonly number[] | undefined, code: number): readonly number[] {
	return (codes ?? []).flatMap((found, index) => (found === code ? [index] : []));
}

function extreme(values: readonly (number | null)[], among: readonly number[], side: "highest" | "lowest"): number | null {
	let best: number | null = null;
	let bestValue = 0;
	for (const index of among) {
		const value = values[index];
		if (value === null || value === undefined) continue;
		if (best === null || (side === "highest" ? value > bestValue : value < bestValue)) {
			best = index;
			bestValue = value;
		}
	}
	return best;
}

function allOf(values: readonly unknown[]): readonly number[] {
	return values.map((_, index) => index);
}

function numbered(index: number | undefined): number | null {
	return index === undefined ? null : index + 1;
}
