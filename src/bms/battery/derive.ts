import type { SparseTelemetry } from "./readings.ts";
import type { Activity, BankTotals, PackDerived } from "./snapshot.ts";

/**
 * Values the battery does not send, computed from those it sends: one row per result with its inputs. What the
 * battery itself says wins: nothing here replaces a value of a reading.
 */
interface Derivation<Result, Input extends string, Source> {
	readonly inputs: readonly Input[];
	readonly compute: (source: Source, deadBandA: number) => Result;
}

/** Telemetry with everything derived from it. */
export type CompleteTelemetry = SparseTelemetry & PackDerived;

/** TABLE result <- inputs, of one pack. Expects at least one cell, as the plausibility gate demands. */
export const PACK_DERIVATIONS = {
	power: { inputs: ["voltage", "current"], compute: ({ voltage, current }) => (current === null ? null : rounded(voltage * current, 1)) },
	cellVoltageMin: { inputs: ["cellVoltages"], compute: ({ cellVoltages }) => Math.min(...cellVoltages) },
	cellVoltageMax: { inputs: ["cellVoltages"], compute: ({ cellVoltages }) => Math.max(...cellVoltages) },
	cellVoltageDelta: {
		inputs: ["cellVoltages"],
		compute: ({ cellVoltages }) => rounded((Math.max(...cellVoltages) - Math.min(...cellVoltages)) * 1000, 0),
	},
	lowestCell: { inputs: ["cellVoltages"], compute: ({ cellVoltages }) => cellVoltages.indexOf(Math.min(...cellVoltages)) + 1 },
	highestCell: { inputs: ["cellVoltages"], compute: ({ cellVoltages }) => cellVoltages.indexOf(Math.max(...cellVoltages)) + 1 },
	// The status bits "charger present" and "pack supplying" are no complete flags (rs232-v25 §6.3): the current decides.
	activity: { inputs: ["current"], compute: ({ current }, deadBandA) => activityOf(current, deadBandA) },
} as const satisfies { readonly [K in keyof PackDerived]: Derivation<PackDerived[K], keyof SparseTelemetry, SparseTelemetry> };

/** A live pack as the bank's values see it. */
export interface LivePack extends CompleteTelemetry {
	readonly address: number;
}

/** TABLE result <- inputs, of the bank, over its live packs (at least one). */
export const BANK_DERIVATIONS = {
	/** Percent of the full capacity; a pack that reports none is in neither sum. */
	stateOfCharge: {
		inputs: ["stateOfCharge", "fullCapacity"],
		compute: (packs) => weighted(packs, "stateOfCharge", "fullCapacity", 1),
	},
	/** Percent of the design capacity (the full one where that is not told), of the packs that report it: several firmwares do not. */
	stateOfHealth: {
		inputs: ["stateOfHealth", "designCapacity"],
		compute: (packs) => weighted(packs, "stateOfHealth", "designCapacity", 1),
	},
	voltage: { inputs: ["voltage"], compute: (packs) => rounded(sum(packs, "voltage") / packs.length, 3) },
	current: { inputs: ["current"], compute: (packs) => sumOrNull(packs, "current", 2) },
	power: { inputs: ["power"], compute: (packs) => sumOrNull(packs, "power", 1) },
	remainingCapacity: { inputs: ["remainingCapacity"], compute: (packs) => rounded(sum(packs, "remainingCapacity"), 2) },
	fullCapacity: { inputs: ["fullCapacity"], compute: (packs) => rounded(sum(packs, "fullCapacity"), 2) },
	designCapacity: { inputs: ["designCapacity"], compute: (packs) => sumOrNull(packs, "designCapacity", 2) },
	cellVoltageMin: { inputs: ["cellVoltageMin"], compute: (packs) => lowest(packs) },
	cellVoltageMax: { inputs: ["cellVoltageMax"], compute: (packs) => highest(packs) },
	cellVoltageDelta: {
		inputs: ["cellVoltageMin", "cellVoltageMax"],
		compute: (packs) => rounded((highest(packs) - lowest(packs)) * 1000, 0),
	},
	activity: { inputs: ["current"], compute: (packs, deadBandA) => activityOf(sumOrNull(packs, "current", 2), deadBandA) },
	packs: { inputs: ["address"], compute: (packs) => packs.map((pack) => pack.address) },
} as const satisfies { readonly [K in keyof BankTotals]: Derivation<BankTotals[K], keyof LivePack, readonly LivePack[]> };

/** A pack's telemetry with its derived values; SOC from the capacities when the battery did not send it. */
export function completeTelemetry(telemetry: SparseTelemetry, deadBandA: number): CompleteTelemetry {
	const stateOfCharge = telemetry.stateOfCharge ?? chargeFromCapacity(telemetry);
	return { ...telemetry, stateOfCharge, ...computeAll<PackDerived, SparseTelemetry>(PACK_DERIVATIONS, telemetry, deadBandA) };
}

/** The bank's values; null when no pack is live. */
export function bankTotals(livePacks: readonly LivePack[], deadBandA: number): BankTotals | null {
	return livePacks.length === 0 ? null : computeAll<BankTotals, readonly LivePack[]>(BANK_DERIVATIONS, livePacks, deadBandA);
}

function computeAll<Results, Source>(
	table: { readonly [K in keyof Results]: { readonly compute: (source: Source, deadBandA: number) => unknown } },
	source: Source,
	deadBandA: number,
): Results {
	const keys = Object.keys(table) as (keyof Results)[];
	return Object.fromEntries(keys.map((key) => [key, table[key].compute(source, deadBandA)])) as Results;
}

function activityOf(current: number | null, deadBandA: number): Activity | null {
	if (current === null) return null;
	if (Math.abs(current) < deadBandA || current === 0) return "idle";
	return current > 0 ? "charging" : "discharging";
}

function chargeFromCapacity({ remainingCapacity, fullCapacity }: SparseTelemetry): number | null {
	const percent = fullCapacity > 0 ? (100 * remainingCapacity) / fullCapacity : Number.NaN;
	// Up to 2 % over full is the counter's own drift; more is no state of charge.
	return percent >= 0 && percent <= 102 ? rounded(Math.min(percent, 100), 1) : null;
}

type NumericInput = "voltage" | "remainingCapacity" | "fullCapacity";
type NullableInput = "current" | "power" | "designCapacity";

function sum(packs: readonly LivePack[], key: NumericInput): number {
	return packs.reduce((total, pack) => total + pack[key], 0);
}

/** Null as soon as one pack does not tell: a sum without it would be wrong. */
function sumOrNull(packs: readonly LivePack[], key: NullableInput, decimals: number): number | null {
	let total = 0;
	for (const pack of packs) {
		const value = pack[key];
		if (value === null) return null;
		total += value;
	}
	return rounded(total, decimals);
}

function weighted(
	packs: readonly LivePack[],
	key: "stateOfCharge" | "stateOfHealth",
	weight: "fullCapacity" | "designCapacity",
	decimals: number,
): number | null {
	let total = 0;
	let weights = 0;
	for (const pack of packs) {
		const value = pack[key];
		if (value === null) continue;
		const share = pack[weight] ?? pack.fullCapacity;
		total += value * share;
		weights += share;
	}
	return weights > 0 ? rounded(total / weights, decimals) : null;
}

function lowest(packs: readonly LivePack[]): number {
	return Math.min(...packs.map((pack) => pack.cellVoltageMin));
}

function highest(packs: readonly LivePack[]): number {
	return Math.max(...packs.map((pack) => pack.cellVoltageMax));
}

/** Without the noise of binary fractions; -0 becomes 0. */
function rounded(value: number, decimals: number): number {
	const factor = 10 ** decimals;
	return Math.round(value * factor) / factor + 0;
}
