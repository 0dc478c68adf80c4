const MINUTE_MS = 60_000;
/** Home Assistant writes its short statistics every five minutes and its long ones at the full hour, some seconds later each. */
const SHORT_MS = 5 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Longest window that has room between two full hours. */
export const LONGEST_MINUTES = 50;

/**
 * When to begin, in ms since the epoch: not sooner than `now`, a minute clear of the five minutes' statistics, and so
 * that no full hour falls in, because what comes once an hour must not be extrapolated.
 */
export function windowStart(now: number, minutes: number): number {
	const intoShort = now % SHORT_MS;
	if (intoShort < MINUTE_MS) return windowStart(now - intoShort + MINUTE_MS, minutes);
	if (intoShort > SHORT_MS - MINUTE_MS / 2) return windowStart(now - intoShort + SHORT_MS + MINUTE_MS, minutes);
	const nextHour = now - (now % HOUR_MS) + HOUR_MS;
	return now + (minutes + 0.5) * MINUTE_MS > nextHour ? windowStart(nextHour + MINUTE_MS, minutes) : now;
}
