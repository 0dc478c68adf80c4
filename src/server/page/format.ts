/** What stands where a value is not known: never 0, never an empty place. */
export const UNKNOWN = "unknown";

/** A number with its unit; unknown when there is none. */
export function quantity(value: number | null | undefined, unit: string, decimals: number): string {
	if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
	// -0.0 reads like a mistake.
	const text = value.toFixed(decimals).replace(/^-(?=0(\.0*)?$)/, "");
	return unit === "" ? text : `${text} ${unit}`;
}

/** A count with thousands apart. */
export function count(value: number): string {
	return value.toLocaleString("en-US").replaceAll(",", "\u202F");
}

/** How long something is, in the largest unit that says enough: "3 s", "5 min", "2 h 10 min", "4 days". */
export function duration(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1000));
	if (seconds < 60) return `${seconds} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes} min`;
	const hours = Math.floor(minutes / 60);
	if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
	const days = Math.floor(hours / 24);
	return days === 1 ? "1 day" : `${days} days`;
}

/** "3 s ago"; "now" within the first second. */
export function ago(at: number, now: number): string {
	return now - at < 1000 ? "now" : `${duration(now - at)} ago`;
}

/** What the bank or a pack is doing, as a sentence's end. */
export const ACTIVITY_WORDS = { charging: "charging", discharging: "discharging", idle: "idle" } as const;

/** A power as people say it: without a sign, the word beside it tells the direction. */
export function power(watts: number): string {
	const size = Math.abs(watts);
	return size >= 10_000 ? `${(size / 1000).toFixed(1)} kW` : `${Math.round(size)} W`;
}

/** What is left of a capacity: "55.2 of 100 Ah". */
export function share(remaining: number, full: number): string {
	return `${quantity(remaining, "", 1)} of ${quantity(full, "Ah", full % 1 === 0 ? 0 : 1)}`;
}

/** A list in words: "1, 2 and 4". */
export function enumeration(items: readonly string[]): string {
	return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
