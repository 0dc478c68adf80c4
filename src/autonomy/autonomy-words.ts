import { type Language, say, type Text } from "../languages.ts";
import type { Autonomy, Lasts, MinutesLeft } from "./autonomy.ts";

/** TABLE of the sentences; `{until}` is the time asked about, `{range}` the time left. */
const ANSWERS = {
	yes: {
		"en-US": "The battery lasts until {until}: {range} left at {power} W.",
		de: "Die Batterie reicht bis {until}: noch {range} bei {power} W.",
		"zh-CN": "电池可以用到 {until}：按 {power} W 计算还可用{range}。",
	},
	no: {
		"en-US": "The battery does not last until {until}: {range} left at {power} W; {missing} kWh are missing.",
		de: "Die Batterie reicht nicht bis {until}: noch {range} bei {power} W; es fehlen {missing} kWh.",
		"zh-CN": "电池用不到 {until}：按 {power} W 计算还可用{range}，缺少 {missing} kWh。",
	},
	unsure: {
		"en-US": "It is not sure that the battery lasts until {until}: {range} left at {power} W.",
		de: "Es ist nicht sicher, dass die Batterie bis {until} reicht: noch {range} bei {power} W.",
		"zh-CN": "不能确定电池能否用到 {until}：按 {power} W 计算还可用{range}。",
	},
	left: {
		"en-US": "The battery lasts for {range} at {power} W.",
		de: "Die Batterie reicht noch {range} bei {power} W.",
		"zh-CN": "按 {power} W 计算，电池还可用{range}。",
	},
	charging: {
		"en-US": "The battery is not being discharged.",
		de: "Die Batterie wird nicht entladen.",
		"zh-CN": "电池没有在放电。",
	},
	unknown: {
		"en-US": "Nobody can say how long the battery lasts: there are no fresh values.",
		de: "Wie lange die Batterie reicht, ist nicht bekannt: Es gibt keine frischen Werte.",
		"zh-CN": "无法判断电池还能用多久：没有最新数据。",
	},
	noCurrent: {
		"en-US": "Nobody can say how long the battery lasts: it does not tell its current.",
		de: "Wie lange die Batterie reicht, ist nicht bekannt: Sie meldet ihren Strom nicht.",
		"zh-CN": "无法判断电池还能用多久：电池不报告电流。",
	},
} as const satisfies Record<Lasts | "left" | "noCurrent", Text>;

const RANGES = {
	between: { "en-US": "{best} ({low} to {high})", de: "{best} ({low} bis {high})", "zh-CN": "{best}（{low}至{high}）" },
	atLeast: { "en-US": "{best} (at least {low})", de: "{best} (mindestens {low})", "zh-CN": "{best}（至少{low}）" },
	hours: { "en-US": "{hours} h {minutes} min", de: "{hours} h {minutes} min", "zh-CN": "{hours} 小时 {minutes} 分钟" },
	minutes: { "en-US": "{minutes} min", de: "{minutes} min", "zh-CN": " {minutes} 分钟" },
	long: { "en-US": "more than 4 days", de: "mehr als 4 Tage", "zh-CN": "超过 4 天" },
} as const satisfies Record<string, Text>;

const LONG_MINUTES = 4 * 24 * 60;

/** Minutes as people say them; rounded down, because what is left is not to be overstated. */
export function durationWords(minutesLeft: number, language: Language): string {
	const whole = Math.floor(minutesLeft);
	if (whole > LONG_MINUTES) return say(RANGES.long, language);
	if (whole < 60) return say(RANGES.minutes, language, { minutes: whole });
	return say(RANGES.hours, language, { hours: Math.floor(whole / 60), minutes: whole % 60 });
}

function rangeWords({ best, low, high }: MinutesLeft, language: Language): string {
	const words = { best: durationWords(best, language), low: durationWords(low, language) };
	if (high === null) return say(RANGES.atLeast, language, words);
	return say(RANGES.between, language, { ...words, high: durationWords(high, language) });
}

/** The time of day of this machine; with the date when it is not within a day. */
function timeWords(at: number, now: number, language: Language): string {
	const date: Intl.DateTimeFormatOptions = at - now > 24 * 3_600_000 ? { month: "short", day: "numeric" } : {};
	return new Intl.DateTimeFormat(language, { ...date, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

/** The answer in a sentence. */
export function autonomyWords(autonomy: Autonomy, now: number, language: Language): string {
	const { lasts, minutesLeft, power, target, missingEnergy, unknown } = autonomy;
	if (unknown === "current") return say(ANSWERS.noCurrent, language);
	if (lasts === "charging" || lasts === "unknown" || minutesLeft === null || power === null)
		return say(ANSWERS[lasts === "charging" ? "charging" : "unknown"], language);
	return say(ANSWERS[lasts ?? "left"], language, {
		range: rangeWords(minutesLeft, language),
		power: Math.round(-power),
		until: target === null ? "" : timeWords(target, now, language),
		missing: Math.max(0, missingEnergy ?? 0).toFixed(1),
	});
}
