/** Numbers from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** A small repeatable generator (mulberry32): the same seed gives the same bank on every machine. */
export function createRandom(seed: number): Random {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** A number within `spread` of zero, evenly spread. */
export function around(random: Random, spread: number): number {
	return (random() * 2 - 1) * spread;
}
