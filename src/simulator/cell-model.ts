import { around, type Random } from "./seeded-random.ts";

/** One LiFePO4 cell. */
export interface Cell {
	/** Charge above empty, Ah; slightly below 0 or above the capacity when over-discharged or over-charged. */
	readonly charge: number;
	/** Ah. */
	readonly capacity: number;
	/** Internal resistance, Ω. */
	readonly resistance: number;
	/** What the BMS reads too high or too low, V. */
	readonly offset: number;
}

/**
 * TABLE of the resting voltage by state of charge (0 = empty, 1 = full): steep at both ends, flat between,
 * as LiFePO4 is. It goes on past empty and full so that a drained or over-charged cell leaves its limits.
 */
const REST_VOLTAGES = [
	[-0.05, 1.8],
	[-0.02, 2.2],
	[0, 2.62],
	[0.02, 2.9],
	[0.05, 3.04],
	[0.1, 3.16],
	[0.15, 3.205],
	[0.2, 3.23],
	[0.3, 3.265],
	[0.4, 3.284],
	[0.5, 3.294],
	[0.6, 3.308],
	[0.7, 3.324],
	[0.8, 3.332],
	[0.9, 3.34],
	[0.95, 3.352],
	[0.98, 3.38],
	[0.99, 3.405],
	[1, 3.45],
	[1.005, 3.6],
	[1.01, 3.75],
	[1.05, 4.3],
] as const satisfies readonly (readonly [number, number])[];

const LOWEST = REST_VOLTAGES[0];
const HIGHEST = REST_VOLTAGES[REST_VOLTAGES.length - 1] ?? LOWEST;

/** Resting voltage, V, at a state of charge (1 = full); rises with it, and stays within 1.8-4.3 V. */
export function restVoltage(stateOfCharge: number): number {
	if (stateOfCharge <= LOWEST[0]) return LOWEST[1];
	// Every cell asks this several times a step: a plain loop is many times quicker than one that takes pairs apart.
	for (let index = 1; index < REST_VOLTAGES.length; index += 1) {
		const above = REST_VOLTAGES[index] ?? HIGHEST;
		if (stateOfCharge > above[0]) continue;
		const below = REST_VOLTAGES[index - 1] ?? LOWEST;
		return below[1] + ((above[1] - below[1]) * (stateOfCharge - below[0])) / (above[0] - below[0]);
	}
	return HIGHEST[1];
}

/** A new cell near the given state of charge (0-1), with the small differences real cells have. */
export function createCell(random: Random, capacityAh: number, stateOfCharge: number): Cell {
	const capacity = capacityAh * (1 + random() * 0.01);
	return {
		capacity,
		charge: capacity * (stateOfCharge + around(random, 0.001)),
		// About 0.5 mΩ for 100 Ah, less for larger cells.
		resistance: (0.05 / capacityAh) * (1 + around(random, 0.1)),
		offset: around(random, 0.002),
	};
}

/** The same cell at another state of charge (0-1), its difference from the others kept. */
export function withStateOfCharge(cell: Cell, stateOfCharge: number, previous: number): Cell {
	return { ...cell, charge: cell.charge + cell.capacity * (stateOfCharge - previous) };
}

/** The cell after `dtMs` at a current, A (+ = charging). */
export function stepCell(cell: Cell, current: number, dtMs: number): Cell {
	const charge = cell.charge + (current * dtMs) / 3_600_000;
	return { ...cell, charge: Math.max(-0.05 * cell.capacity, Math.min(1.05 * cell.capacity, charge)) };
}

/** Voltage inside the cell, without the drop of its resistance, V. */
export function cellRestVoltage(cell: Cell): number {
	return restVoltage(cell.charge / cell.capacity);
}

/** What the BMS reads at the cell's terminals, V, at a current, A (+ = charging). */
export function cellVoltage(cell: Cell, current: number): number {
	return cellRestVoltage(cell) + current * cell.resistance + cell.offset;
}
