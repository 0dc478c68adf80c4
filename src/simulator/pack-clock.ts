import type { ClockTime } from "../bms/battery/stored-record.ts";

/** The year is one byte, from 2000 on (rs232-v25 §10.1). */
const FIRST_YEAR = 2000;
const LAST_YEAR = 2255;

/** A moment as the clock of a pack shows it: it knows no time zone and has that of this machine. */
export function clockTimeAt(ms: number): ClockTime {
	const date = new Date(ms);
	return {
		year: Math.max(FIRST_YEAR, Math.min(LAST_YEAR, date.getFullYear())),
		month: date.getMonth() + 1,
		day: date.getDate(),
		hour: date.getHours(),
		minute: date.getMinutes(),
		second: date.getSeconds(),
	};
}

/** The moment at which the clock of a pack would be right, ms since the epoch. */
export function momentOf({ year, month, day, hour, minute, second }: ClockTime): number {
	return new Date(year, month - 1, day, hour, minute, second).getTime();
}

/** A moment as text, 2024-08-21T05:29:31. */
export function localTimeText(ms: number): string {
	const { year, month, day, hour, minute, second } = clockTimeAt(ms);
	const two = (value: number) => String(value).padStart(2, "0");
	return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}
