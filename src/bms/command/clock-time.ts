import type { ClockTime } from "../battery/stored-record.ts";

/** The local time of this machine, as a pack's clock shows it. */
export function localClockTime(now: number): ClockTime {
	const date = new Date(now);
	return {
		year: date.getFullYear(),
		month: date.getMonth() + 1,
		day: date.getDate(),
		hour: date.getHours(),
		minute: date.getMinutes(),
		second: date.getSeconds(),
	};
}

/** `2026-11-29T14:30:00`, checked before. */
export function clockTimeIn(text: string): ClockTime {
	const [year = 2000, month = 1, day = 1, hour = 0, minute = 0, second = 0] = text.split(/[-T:]/).map(Number);
	return { year, month, day, hour, minute, second };
}

export function clockText({ year, month, day, hour, minute, second }: ClockTime): string {
	const two = (value: number) => String(value).padStart(2, "0");
	return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}

/** How far a clock without time zone is ahead of this machine's local time, s; null when it shows no date. */
export function driftSeconds(localTime: string, now: number): number | null {
	// Without a zone JavaScript takes it as local time.
	const shown = new Date(localTime).getTime();
	return Number.isNaN(shown) ? null : Math.round((shown - now) / 1000);
}

export function driftWords(drift: number | null): string {
	if (drift === null) return "that is no date";
	if (Math.abs(drift) <= 1) return "right";
	const size = Math.abs(drift);
	const words =
		size < 120
			? `${size} s`
			: size < 7200
				? `${Math.round(size / 60)} min`
				: size < 172_800
					? `${Math.round(size / 3600)} h`
					: `${Math.round(size / 86_400)} days`;
	return `${words} ${drift > 0 ? "fast" : "slow"}`;
}
