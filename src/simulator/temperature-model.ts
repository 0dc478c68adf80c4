import { probePlaces } from "./pack-watch.ts";

/** Air around the bank, °C. */
const AMBIENT = 22;

/**
 * TABLE by place: warming above the air at a current of 1 C, °C (it grows with the square of the current), and
 * the time constant, s: cells are heavy and slow, the MOSFETs' heat sink is light and quick.
 */
const WARMING = {
	cell: { atOneC: 9, timeConstantS: 2400 },
	mosfet: { atOneC: 32, timeConstantS: 300 },
	ambient: { atOneC: 3, timeConstantS: 1800 },
} as const satisfies Record<"cell" | "mosfet" | "ambient", { readonly atOneC: number; readonly timeConstantS: number }>;

/** Temperatures of a pack at rest, °C, each probe a little off by `difference()`. */
export function createTemperatures(probes: number, difference: () => number): readonly number[] {
	return Array.from({ length: probes }, () => AMBIENT + difference());
}

/** Temperatures after `dtMs` at a current in parts of the capacity (1 = 1 C). */
export function stepTemperatures(temperatures: readonly number[], rate: number, dtMs: number): readonly number[] {
	const places = probePlaces(temperatures.length);
	return temperatures.map((value, index) => {
		const { atOneC, timeConstantS } = WARMING[places[index] ?? "cell"];
		const target = AMBIENT + atOneC * rate * rate;
		return target + (value - target) * Math.exp(-dtMs / 1000 / timeConstantS);
	});
}
