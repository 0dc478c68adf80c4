import type { ClockTime } from "../../battery/stored-record.ts";
import type { Layout } from "../../codec/layout.ts";

/** A date and time on the wire: plain binary, not BCD (rs232-v25 §10.1). B1h, B2h and the stored records have it. */
export const CLOCK = [
	{ name: "year", type: "u8", zero: -2000 },
	{ name: "month", type: "u8" },
	{ name: "day", type: "u8" },
	{ name: "hour", type: "u8" },
	{ name: "minute", type: "u8" },
	{ name: "second", type: "u8" },
] as const satisfies Layout;

/** Whether it is a moment in a calendar. */
export function isClock({ month, day, hour, minute, second }: ClockTime): boolean {
	return month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60;
}

/** A clock's time as text, without a time zone: it knows none. */
export function localTimeOf({ year, month, day, hour, minute, second }: ClockTime): string {
	const two = (number: number) => String(number).padStart(2, "0");
	return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}
