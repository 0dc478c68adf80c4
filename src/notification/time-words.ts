import { type Language, say } from "../languages.ts";
import type { ToLocalTime } from "./local-time.ts";
import { DATES, SENTENCES } from "./notice-texts.ts";

const two = (number: number) => String(number).padStart(2, "0");

/** A moment by the clock on the wall: "14:05", with the date when it is not the day of `now`. */
export function timeWords(at: number, now: number, toLocalTime: ToLocalTime, language: Language): string {
	const [then, today] = [toLocalTime(at), toLocalTime(now)];
	const time = `${two(then.hour)}:${two(then.minute)}`;
	if (then.day === today.day && then.month === today.month && then.year === today.year) return time;
	return say(DATES, language, {
		year: then.year,
		month: language === "en-US" ? two(then.month) : then.month,
		day: language === "en-US" ? two(then.day) : then.day,
		time,
	});
}

/** How long something took, as people say it. */
export function lengthWords(ms: number, language: Language): string {
	const seconds = Math.max(0, Math.round(ms / 1000));
	if (seconds < 60) return say(SENTENCES.seconds, language, { seconds });
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return say(SENTENCES.minutes, language, { minutes });
	const hours = Math.floor(minutes / 60);
	if (hours >= 48) return say(SENTENCES.days, language, { days: Math.floor(hours / 24), hours: hours % 24 });
	if (minutes % 60 === 0) return say(SENTENCES.hours, language, { hours });
	return say(SENTENCES.hoursMinutes, language, { hours, minutes: minutes % 60 });
}
