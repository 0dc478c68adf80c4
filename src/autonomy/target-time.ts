import { ConfigError } from "../errors.ts";

const MINUTE_MS = 60_000;
/** Further ahead nothing sensible can be said. */
const LONGEST_MS = 7 * 24 * 60 * MINUTE_MS;

const wrong = (value: unknown) =>
	new ConfigError(
		"invalid",
		`The time to last until must be like "22:30", "3 h", "90 min", "2h30" or a date, not ${value === undefined ? "nothing" : JSON.stringify(value)}.`,
	);

/** The next time a clock on the wall shows hours and minutes; days of 23 or 25 hours count as they are. */
function nextTimeOfDay(hours: number, minutes: number, now: number): number {
	const day = new Date(now);
	const at = (days: number) => new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, hours, minutes).getTime();
	return at(0) > now ? at(0) : at(1);
}

/** Milliseconds in "3 h", "90 min", "2h30", "1.5 h", "PT2H30M"; null when it is no duration. */
function durationOf(text: string): number | null {
	const parts =
		/^(?:pt)?(?:(\d+(?:[.,]\d+)?)\s*(?:h|hours?|std|stunden?|小时))?\s*(?:(\d+(?:[.,]\d+)?)\s*(?:m|min|minutes?|minuten?|分钟)?)?$/i.exec(
			text,
		);
	if (!parts || (parts[1] === undefined && parts[2] === undefined)) return null;
	// A bare number could be minutes or hours: nobody shall guess.
	if (parts[1] === undefined && /^[\d.,]+$/.test(text)) return null;
	const number = (part: string | undefined) => Number((part ?? "0").replace(",", "."));
	return (number(parts[1]) * 60 + number(parts[2])) * MINUTE_MS;
}

function timeOf(text: string, now: number): number | null {
	const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
	if (clock) return nextTimeOfDay(Number(clock[1]), Number(clock[2]), now);
	const duration = durationOf(text);
	if (duration !== null) return now + duration;
	return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text) ? Date.parse(text) : null;
}

/**
 * When it shall last until, milliseconds since the epoch: a time of day of this machine ("22:30", the next one), a duration
 * from now ("3 h", "2h30", "90 min", "PT2H"), an ISO date and time, or a Date. Throws a ConfigError in words for anything
 * else, for what is past, and for more than a week.
 */
export function targetTime(value: unknown, now: number): number {
	const at = value instanceof Date ? value.getTime() : typeof value === "string" ? timeOf(value.trim(), now) : null;
	if (at === null || !Number.isFinite(at)) throw wrong(value);
	if (at <= now) throw new ConfigError("invalid", `The time to last until, ${JSON.stringify(value)}, is past.`);
	if (at - now > LONGEST_MS)
		throw new ConfigError("invalid", `The time to last until, ${JSON.stringify(value)}, is more than a week ahead.`);
	return at;
}
