import { around, type Random } from "./seeded-random.ts";

/** What a measurement adds to the truth: the last digit of a real board's readings is never quite still. */
export interface Flicker {
	/** V. */
	readonly cells: readonly number[];
	/** °C. */
	readonly probes: readonly number[];
	/** A. */
	readonly current: number;
}

/** One digit of each reading (rs232-v25 §5): 1 mV, 0.1 °C, 10 mA. */
const DIGIT = { cell: 0.001, probe: 0.1, current: 0.01 } as const;

/** Another flicker over so many digits; with none the random numbers are left alone, so that a seed gives the bank it gave before. */
export function flicker({ cells, probes, digits }: { cells: number; probes: number; digits: number }, random: Random): Flicker {
	const of = (digit: number) => (digits === 0 ? 0 : around(random, (digits / 2) * digit));
	return {
		cells: Array.from({ length: cells }, () => of(DIGIT.cell)),
		probes: Array.from({ length: probes }, () => of(DIGIT.probe)),
		current: of(DIGIT.current),
	};
}
