import type { PackBlock, PackStatus, SparseTelemetry } from "./readings.ts";

/**
 * The plausibility gate (product.md §4.2): what cannot be true is dropped whole. It judges sizes, sums and
 * jumps, never health: a cell of 0.5 V whose sum agrees with the pack voltage is a value.
 */

/** TABLE of the ranges a value must be in. */
export const PLAUSIBLE = {
	cellCount: { min: 1, max: 24 },
	probeCount: { min: 0, max: 16 },
	blockCount: { min: 1, max: 32 },
	cellVoltage: { min: 0, max: 5, unit: "V" },
	temperature: { min: -60, max: 150, unit: "°C" },
	/** Raw 16 bit in 10 mA. */
	current: { min: -328, max: 328, unit: "A" },
	stateOfCharge: { min: 0, max: 100, unit: "%" },
	stateOfHealth: { min: 0, max: 150, unit: "%" },
	/** Raw 16 bit in 10 mAh. */
	capacity: { min: 0, max: 656, unit: "Ah" },
	cycleCount: { min: 0, max: 65535 },
} as const satisfies Record<string, { readonly min: number; readonly max: number; readonly unit?: string }>;

/** Sum of the cells against the pack voltage, V (rs232-v25 §5.1). */
export const SUM_TOLERANCE_V = 1;
/** A larger change of the state of charge within SOC_JUMP_WINDOW_MS needs a second sample that agrees. */
export const SOC_JUMP_POINTS = 20;
export const SOC_JUMP_WINDOW_MS = 60_000;
/** How far the second sample may be from the first to agree with it, points. */
export const SOC_AGREEMENT_POINTS = 5;
/** Another cell count is believed when it comes so many times in a row. */
export const CELL_COUNT_REPEATS = 3;

/** What the gate remembers of one pack. */
export interface GateMemory {
	readonly cellCount: number | null;
	/** A cell count that differs, and how often it came in a row. */
	readonly otherCellCount: { readonly count: number; readonly times: number } | null;
	readonly lastCharge: { readonly percent: number; readonly at: number } | null;
	/** A state of charge that jumped and waits for a sample that agrees. */
	readonly jumpedCharge: { readonly percent: number; readonly at: number } | null;
}

export const EMPTY_GATE: GateMemory = { cellCount: null, otherCellCount: null, lastCharge: null, jumpedCharge: null };

/** The memory after the reading, and why it is refused; null when it passes. */
export interface GateResult {
	readonly memory: GateMemory;
	readonly problem: string | null;
}

/** Judges the telemetry of one pack against itself and against what that pack said before. */
export function checkPackTelemetry(memory: GateMemory, telemetry: SparseTelemetry, at: number): GateResult {
	const problem = telemetryProblem(telemetry);
	if (problem !== null) return { memory, problem };
	const counted = checkCellCount(memory, telemetry.cellVoltages.length);
	if (counted.problem !== null) return counted;
	return checkChargeJump(counted.memory, telemetry.stateOfCharge, at);
}

/** What is impossible about a telemetry block by itself; null when nothing is. */
export function telemetryProblem(telemetry: SparseTelemetry): string | null {
	const { cellVoltages, temperatures, voltage } = telemetry;
	const sum = cellVoltages.reduce((total, cell) => total + cell, 0);
	return (
		outside("number of cells", cellVoltages.length, PLAUSIBLE.cellCount) ??
		outside("number of temperature probes", temperatures.length, PLAUSIBLE.probeCount) ??
		first(cellVoltages, (cell, index) => outside(`voltage of cell ${index + 1}`, cell, PLAUSIBLE.cellVoltage)) ??
		first(temperatures, (probe, index) => (probe === null ? null : outside(`temperature ${index + 1}`, probe, PLAUSIBLE.temperature))) ??
		orAbsent("current", telemetry.current, PLAUSIBLE.current) ??
		(Math.abs(sum - voltage) < SUM_TOLERANCE_V
			? null
			: `the cells add up to ${sum.toFixed(2)} V but the pack voltage reads ${voltage.toFixed(2)} V`) ??
		orAbsent("state of charge", telemetry.stateOfCharge, PLAUSIBLE.stateOfCharge) ??
		orAbsent("state of health", telemetry.stateOfHealth, PLAUSIBLE.stateOfHealth) ??
		capacityProblem(telemetry) ??
		outside("number of cycles", telemetry.cycleCount, PLAUSIBLE.cycleCount)
	);
}

/** What is impossible about a status block; null when nothing is. */
export function statusProblem(status: PackStatus): string | null {
	return (
		outside("number of cells in the alarm state", status.cellCodes.length, { min: 0, max: PLAUSIBLE.cellCount.max }) ??
		outside("number of temperature probes in the alarm state", status.probeCodes.length, PLAUSIBLE.probeCount) ??
		first(status.balancingCells ?? [], (cell) => outside("number of a balancing cell", cell, { min: 1, max: PLAUSIBLE.cellCount.max }))
	);
}

/** What is wrong with the blocks of a reply: their number, or the first block that `problemOf` refuses. */
export function blocksProblem<T>(
	blocks: readonly PackBlock<T>[],
	askedAll: boolean,
	problemOf: (value: T) => string | null,
): string | null {
	if (!askedAll && blocks.length !== 1) return `one pack was asked but ${blocks.length} answered at once`;
	return (
		outside("number of packs in the answer", blocks.length, PLAUSIBLE.blockCount) ??
		first(blocks, (block) => (block.absent ? null : problemOf(block.value)))
	);
}

function capacityProblem({ remainingCapacity, fullCapacity, designCapacity }: SparseTelemetry): string | null {
	const range = PLAUSIBLE.capacity;
	return (
		outside("remaining capacity", remainingCapacity, range) ??
		outside("full capacity", fullCapacity, range) ??
		orAbsent("design capacity", designCapacity, range) ??
		(remainingCapacity <= 2 * Math.max(fullCapacity, designCapacity ?? 0)
			? null
			: `the remaining capacity of ${remainingCapacity} Ah is more than twice the full one`)
	);
}

function checkCellCount(memory: GateMemory, count: number): GateResult {
	if (memory.cellCount === null || memory.cellCount === count) {
		return { memory: { ...memory, cellCount: count, otherCellCount: null }, problem: null };
	}
	const times = memory.otherCellCount?.count === count ? memory.otherCellCount.times + 1 : 1;
	if (times >= CELL_COUNT_REPEATS) return { memory: { ...memory, cellCount: count, otherCellCount: null }, problem: null };
	return {
		memory: { ...memory, otherCellCount: { count, times } },
		problem: `it reports ${count} cells where it had ${memory.cellCount}`,
	};
}

function checkChargeJump(memory: GateMemory, percent: number | null, at: number): GateResult {
	if (percent === null) return { memory, problem: null };
	const { lastCharge, jumpedCharge } = memory;
	const recent = lastCharge !== null && Math.abs(at - lastCharge.at) < SOC_JUMP_WINDOW_MS;
	const jumps = recent && Math.abs(percent - lastCharge.percent) > SOC_JUMP_POINTS;
	const agrees = jumpedCharge !== null && Math.abs(percent - jumpedCharge.percent) <= SOC_AGREEMENT_POINTS;
	if (jumps && !agrees) {
		return {
			memory: { ...memory, jumpedCharge: { percent, at } },
			problem: `the state of charge jumped from ${lastCharge.percent} % to ${percent} %`,
		};
	}
	return { memory: { ...memory, lastCharge: { percent, at }, jumpedCharge: null }, problem: null };
}

/** A value that was not sent cannot be wrong. */
function orAbsent(what: string, value: number | null, range: Parameters<typeof outside>[2]): string | null {
	return value === null ? null : outside(what, value, range);
}

function outside(
	what: string,
	value: number,
	range: { readonly min: number; readonly max: number; readonly unit?: string },
): string | null {
	if (value >= range.min && value <= range.max) return null;
	return `the ${what} is ${value}${range.unit === undefined ? "" : ` ${range.unit}`}`;
}

function first<T>(items: readonly T[], problemOf: (item: T, index: number) => string | null): string | null {
	for (const [index, item] of items.entries()) {
		const problem = problemOf(item, index);
		if (problem !== null) return problem;
	}
	return null;
}
