/** First pause after a lost line, ms. */
const FIRST_MS = 1_000;
/** Longest pause, ms: an adapter that is plugged in again is noticed, and its battery read, within 10 s. */
const LONGEST_MS = 6_000;
/** How much of the pause the jitter may take away. */
const JITTER_SHARE = 0.2;

/**
 * Pause before the next attempt to open a line, ms: 1 s, doubling to 6 s, shortened by up to a fifth so that
 * several banks behind one gateway do not knock at the same moment.
 *
 * @param attempt failed attempts in a row, from 1
 * @param jitter a random number in 0..1
 */
export function backoffMs(attempt: number, jitter: number): number {
	const doublings = Math.min(Math.max(attempt, 1) - 1, 16);
	const full = Math.min(FIRST_MS * 2 ** doublings, LONGEST_MS);
	return Math.round(full * (1 - JITTER_SHARE * Math.min(Math.max(jitter, 0), 1)));
}
