import { type Language, say, type Text } from "../languages.ts";
import type { Cause, GeneratorState, Phase, Reason } from "./generator.ts";

/** TABLE of the phases in words. */
const PHASE_WORDS = {
	idle: { "en-US": "Generator off", de: "Generator aus", "zh-CN": "发电机停止" },
	armed: { "en-US": "Generator about to start", de: "Generator vor dem Start", "zh-CN": "发电机即将启动" },
	starting: { "en-US": "Generator starting", de: "Generator startet", "zh-CN": "发电机启动中" },
	retrying: { "en-US": "Generator waits for the next try", de: "Generator wartet auf den nächsten Versuch", "zh-CN": "发电机等待再次启动" },
	warming: { "en-US": "Generator warming up", de: "Generator läuft warm", "zh-CN": "发电机预热中" },
	running: { "en-US": "Generator running under load", de: "Generator läuft unter Last", "zh-CN": "发电机带载运行" },
	cooling: { "en-US": "Generator cooling down", de: "Generator kühlt ab", "zh-CN": "发电机冷却中" },
	lockout: {
		"en-US": "Generator off, pause before the next start",
		de: "Generator aus, Pause vor dem nächsten Start",
		"zh-CN": "发电机停止，再次启动前的间歇",
	},
	fault: {
		"en-US": "Generator fault, off until it is reset",
		de: "Generatorstörung, aus bis zur Quittierung",
		"zh-CN": "发电机故障，复位前保持停止",
	},
} as const satisfies Record<Phase, Text>;

/** TABLE of the causes of a run. */
const CAUSE_WORDS = {
	soc: { "en-US": "the state of charge is low", de: "der Ladezustand ist niedrig", "zh-CN": "荷电状态低" },
	cell: { "en-US": "a cell is low", de: "eine Zelle ist tief entladen", "zh-CN": "单体电压低" },
	contact: {
		"en-US": "the low-battery contact is closed",
		de: "der Kontakt „Batterie schwach“ ist geschlossen",
		"zh-CN": "低电量干接点闭合",
	},
	hand: { "en-US": "it was started by hand", de: "er wurde von Hand gestartet", "zh-CN": "手动启动" },
} as const satisfies Record<Cause, Text>;

/** TABLE of what made it go on; `{cause}` is the cause of the run, `{attempt}` the number of the try. */
const REASON_WORDS = {
	notWanted: { "en-US": "nothing calls for it", de: "nichts verlangt nach ihm", "zh-CN": "无启动需求" },
	wanted: { "en-US": "{cause}", de: "{cause}", "zh-CN": "{cause}" },
	unknown: {
		"en-US": "nothing is known about the battery, so it is not started",
		de: "über die Batterie ist nichts bekannt, also startet er nicht",
		"zh-CN": "电池数据未知，不启动",
	},
	started: { "en-US": "it runs", de: "er läuft", "zh-CN": "已运转" },
	noStart: {
		"en-US": "it did not start (try {attempt})",
		de: "er ist nicht angesprungen (Versuch {attempt})",
		"zh-CN": "未能启动（第 {attempt} 次）",
	},
	warm: { "en-US": "it is warm", de: "er ist warm", "zh-CN": "预热完成" },
	full: { "en-US": "the battery is charged enough", de: "die Batterie ist genug geladen", "zh-CN": "电池已充足" },
	grid: { "en-US": "the grid is there", de: "das Netz ist da", "zh-CN": "市电正常" },
	longest: { "en-US": "the longest running time is over", de: "die längste Laufzeit ist um", "zh-CN": "达到最长运行时间" },
	stopped: { "en-US": "it was stopped by hand", de: "er wurde von Hand gestoppt", "zh-CN": "手动停止" },
	off: { "en-US": "automatic start is switched off", de: "der automatische Start ist abgeschaltet", "zh-CN": "自动启动已关闭" },
	stalled: { "en-US": "it stopped by itself", de: "er ist von selbst stehen geblieben", "zh-CN": "自行停机" },
	cool: { "en-US": "it has cooled down", de: "er ist abgekühlt", "zh-CN": "冷却完成" },
	rested: { "en-US": "the pause is over", de: "die Pause ist um", "zh-CN": "间歇结束" },
	reset: { "en-US": "the fault was reset", de: "die Störung wurde quittiert", "zh-CN": "故障已复位" },
} as const satisfies Record<Reason, Text>;

/** Where it stands and why, in a sentence. */
export function generatorWords({ phase, reason, cause, attempt }: GeneratorState, language: Language): string {
	const why = say(REASON_WORDS[reason], language, {
		cause: cause === null ? "" : say(CAUSE_WORDS[cause], language),
		attempt,
	});
	const [colon, stop] = language === "zh-CN" ? ["：", "。"] : [": ", "."];
	return `${say(PHASE_WORDS[phase], language)}${colon}${why}${stop}`;
}
