/** Samples further apart than this begin anew: nobody knows what the battery did meanwhile. ms. */
export const LONGEST_POWER_GAP_MS = 300_000;

/**
 * The net power of a bank, smoothed: an exponentially weighted mean with its spread (standard deviation), each sample
 * weighted by the time that passed before it. Plain numbers, so that it can be kept.
 */
export interface SmoothedPower {
	/** W, + = charging. */
	readonly mean: number;
	/** W². */
	readonly variance: number;
	/** Time of the first and of the newest sample, milliseconds since the epoch. */
	readonly since: number;
	readonly at: number;
}

/**
 * Adds a sample (W, + = charging). `timeConstantMs`: how long back the mean looks; until that much has passed it is the plain
 * mean of all samples. A sample that is not newer than the last changes nothing.
 */
export function addPower(before: SmoothedPower | null, power: number, at: number, timeConstantMs: number): SmoothedPower {
	if (before === null || at - before.at > LONGEST_POWER_GAP_MS || at < before.since) return { mean: power, variance: 0, since: at, at };
	const elapsed = at - before.at;
	if (elapsed <= 0) return before;
	const weight = Math.max(1 - Math.exp(-elapsed / timeConstantMs), elapsed / (at - before.since + elapsed));
	const difference = power - before.mean;
	return {
		mean: before.mean + weight * difference,
		variance: (1 - weight) * (before.variance + weight * difference * difference),
		since: before.since,
		at,
	};
}

/**
 * How far the mean may be from the truth, W: the spread of the samples, and as long as the mean has not settled at least the
 * share of it that is not backed by samples yet.
 */
export function spreadOf(power: SmoothedPower, timeConstantMs: number): number {
	const unsettled = Math.exp(-(power.at - power.since) / timeConstantMs);
	return Math.max(Math.sqrt(power.variance), unsettled * Math.abs(power.mean));
}
