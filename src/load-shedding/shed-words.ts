import { type Language, say, type Text } from "../languages.ts";
import type { Action } from "./decide.ts";
import type { Overall, ReasonCode, StageStatus } from "./explain.ts";
import type { Cause } from "./shed-state.ts";
import type { Stage } from "./stages.ts";
import type { TriggerKind } from "./triggers.ts";

/** TABLE of what lets a load go off, in words. */
const CAUSES = {
	fault: { "en-US": "fault contact (1/2) closed", de: "Fehlerkontakt (1/2) geschlossen", "zh-CN": "故障干接点（1/2）闭合" },
	lowBattery: {
		"en-US": "low-battery contact (3/4) closed",
		de: "Kontakt „Batterie schwach“ (3/4) geschlossen",
		"zh-CN": "低电量干接点（3/4）闭合",
	},
	cellVoltage: {
		"en-US": "lowest cell at {value} V, limit {level} V",
		de: "niedrigste Zellspannung {value} V, Grenze {level} V",
		"zh-CN": "最低单体电压 {value} V，限值 {level} V",
	},
	stateOfCharge: {
		"en-US": "state of charge {value} %, limit {level} %",
		de: "Ladezustand {value} %, Grenze {level} %",
		"zh-CN": "荷电状态 {value} %，限值 {level} %",
	},
	runtime: {
		"en-US": "{value} min left, limit {level} min",
		de: "noch {value} min, Grenze {level} min",
		"zh-CN": "剩余 {value} 分钟，限值 {level} 分钟",
	},
	discharge: {
		"en-US": "{value} W taken from the battery, limit {level} W",
		de: "{value} W Entladeleistung, Grenze {level} W",
		"zh-CN": "放电功率 {value} W，限值 {level} W",
	},
	import: {
		"en-US": "{value} W taken from the grid, limit {level} W",
		de: "{value} W Netzbezug, Grenze {level} W",
		"zh-CN": "电网取电 {value} W，限值 {level} W",
	},
	outage: { "en-US": "grid outage", de: "Netzausfall", "zh-CN": "电网停电" },
	asked: { "en-US": "asked for by message", de: "per Nachricht verlangt", "zh-CN": "由消息请求" },
	blind: {
		"en-US": "no fresh values for too long during a grid outage",
		de: "bei Netzausfall zu lange keine frischen Werte",
		"zh-CN": "停电期间长时间没有最新数据",
	},
} as const satisfies Record<Cause["kind"], Text>;

const FOR_STAGE: Text = {
	"en-US": "{cause} (for {stage}, which goes off after it)",
	de: "{cause} (für {stage}, die danach käme)",
	"zh-CN": "{cause}（为其后的“{stage}”）",
};

/** TABLE of the reasons of a stage. `{cause}`, `{until}` and `{since}` are put in. */
const REASONS = {
	"not-in-use": { "en-US": "not in use", de: "nicht in Gebrauch", "zh-CN": "未启用" },
	"hand-on": {
		"en-US": "switched on by hand, left alone until {until} at most",
		de: "von Hand eingeschaltet, bleibt höchstens bis {until} in Ruhe",
		"zh-CN": "手动接通，最迟到 {until} 前不干预",
	},
	"hand-off": { "en-US": "switched off by hand, left alone", de: "von Hand ausgeschaltet, bleibt in Ruhe", "zh-CN": "手动断开，不干预" },
	calm: { "en-US": "on", de: "ein", "zh-CN": "接通" },
	asking: {
		"en-US": "goes off at {until} if this stays: {cause}",
		de: "geht um {until} aus, wenn es so bleibt: {cause}",
		"zh-CN": "若持续，将在 {until} 断开：{cause}",
	},
	"minimum-on": {
		"en-US": "must stay on until {until}, then off: {cause}",
		de: "muss bis {until} ein bleiben, dann aus: {cause}",
		"zh-CN": "至少保持接通到 {until}，然后断开：{cause}",
	},
	"earlier-stage-first": {
		"en-US": "waits for the stage before it: {cause}",
		de: "wartet auf die Stufe davor: {cause}",
		"zh-CN": "等待前一级先断开：{cause}",
	},
	hold: { "en-US": "on, held: no fresh values", de: "ein, gehalten: keine frischen Werte", "zh-CN": "保持接通：没有最新数据" },
	"off-minimum-off": {
		"en-US": "off ({cause}); stays off until {until} at least",
		de: "aus ({cause}); bleibt mindestens bis {until} aus",
		"zh-CN": "已断开（{cause}）；至少到 {until}",
	},
	"off-asks-for-off": {
		"en-US": "off ({cause}); the reason is still there",
		de: "aus ({cause}); der Grund besteht noch",
		"zh-CN": "已断开（{cause}）；原因仍存在",
	},
	"off-not-calm": {
		"en-US": "off ({cause}); not yet at the level to come back",
		de: "aus ({cause}); die Schwelle zum Einschalten ist noch nicht erreicht",
		"zh-CN": "已断开（{cause}）；尚未达到恢复值",
	},
	"off-unknown": {
		"en-US": "off ({cause}); held, for this is not known: {unknown}",
		de: "aus ({cause}); gehalten, denn unbekannt ist: {unknown}",
		"zh-CN": "已断开（{cause}）；保持，因为未知：{unknown}",
	},
	"off-calm-too-short": {
		"en-US": "off ({cause}); comes back at {until} if all stays well",
		de: "aus ({cause}); kommt um {until} wieder, wenn alles gut bleibt",
		"zh-CN": "已断开（{cause}）；若保持正常，将在 {until} 恢复",
	},
	"off-locked": {
		"en-US": "off ({cause}); locked until {until} because it fell back",
		de: "aus ({cause}); bis {until} gesperrt wegen Rückfall",
		"zh-CN": "已断开（{cause}）；因反复，锁定到 {until}",
	},
	"off-gap": {
		"en-US": "off ({cause}); next to come back, not before {until}",
		de: "aus ({cause}); als Nächste dran, nicht vor {until}",
		"zh-CN": "已断开（{cause}）；下一个恢复，不早于 {until}",
	},
	"off-later-stage-first": {
		"en-US": "off ({cause}); a later stage comes back first",
		de: "aus ({cause}); eine spätere Stufe kommt zuerst wieder",
		"zh-CN": "已断开（{cause}）；后一级先恢复",
	},
	"off-start": {
		"en-US": "off ({cause}); nothing is switched just after a start",
		de: "aus ({cause}); kurz nach dem Start wird nichts geschaltet",
		"zh-CN": "已断开（{cause}）；启动后暂不切换",
	},
	"off-no-values": {
		"en-US": "off ({cause}), held: no fresh values",
		de: "aus ({cause}), gehalten: keine frischen Werte",
		"zh-CN": "已断开（{cause}），保持：没有最新数据",
	},
	"off-comes-back": {
		"en-US": "off ({cause}); comes back now",
		de: "aus ({cause}); kommt jetzt wieder",
		"zh-CN": "已断开（{cause}）；现在恢复",
	},
} as const satisfies Record<ReasonCode, Text>;

/** TABLE of the names of what a trigger looks at. */
const VALUES = {
	fault: { "en-US": "fault contact (1/2)", de: "Fehlerkontakt (1/2)", "zh-CN": "故障干接点（1/2）" },
	lowBattery: {
		"en-US": "low-battery contact (3/4)",
		de: "Kontakt „Batterie schwach“ (3/4)",
		"zh-CN": "低电量干接点（3/4）",
	},
	cellVoltage: { "en-US": "lowest cell", de: "niedrigste Zellspannung", "zh-CN": "最低单体电压" },
	stateOfCharge: { "en-US": "state of charge", de: "Ladezustand", "zh-CN": "荷电状态" },
	runtime: { "en-US": "time left", de: "Restzeit", "zh-CN": "剩余时间" },
	discharge: { "en-US": "power taken from the battery", de: "Entladeleistung", "zh-CN": "放电功率" },
	import: { "en-US": "power taken from the grid", de: "Netzbezug", "zh-CN": "电网取电功率" },
	outage: { "en-US": "grid", de: "Netz", "zh-CN": "电网" },
} as const satisfies Record<TriggerKind, Text>;

const UNTOLD: Text = {
	"en-US": "{reason}; not told by this battery, so not looked at: {names}",
	de: "{reason}; von dieser Batterie nicht gemeldet und daher nicht beachtet: {names}",
	"zh-CN": "{reason}；该电池不报告，因此不参考：{names}",
};

const OVERALL = {
	start: {
		"en-US": "Just started: nothing is switched yet.",
		de: "Gerade gestartet: Noch wird nichts geschaltet.",
		"zh-CN": "刚启动：暂不切换。",
	},
	hold: {
		"en-US": "No fresh values since {since}: everything stays as it is.",
		de: "Seit {since} keine frischen Werte: Alles bleibt, wie es ist.",
		"zh-CN": "自 {since} 起没有最新数据：全部保持原状。",
	},
	locked: {
		"en-US": "Fell back after loads came on again: nothing comes back until {until}.",
		de: "Rückfall nach dem Einschalten: Bis {until} kommt nichts wieder.",
		"zh-CN": "恢复后又回落：{until} 之前不恢复。",
	},
	shed: { "en-US": "Loads are off.", de: "Lasten sind abgeworfen.", "zh-CN": "已切除负载。" },
	normal: { "en-US": "All loads are on as far as is known.", de: "Alle Lasten sind ein, soweit bekannt.", "zh-CN": "据所知全部负载接通。" },
} as const satisfies Record<Overall["code"], Text>;

const ACTIONS = {
	off: { "en-US": "{stage} goes off: {cause}.", de: "{stage} geht aus: {cause}.", "zh-CN": "“{stage}”断开：{cause}。" },
	on: {
		"en-US": "{stage} comes back on (was off: {cause}).",
		de: "{stage} kommt wieder (war aus: {cause}).",
		"zh-CN": "“{stage}”恢复（断开原因：{cause}）。",
	},
	dryRun: {
		"en-US": "Dry run, nothing is switched: {text}",
		de: "Probelauf, nichts wird geschaltet: {text}",
		"zh-CN": "试运行，不实际切换：{text}",
	},
} as const satisfies Record<string, Text>;

/** A time of day of this machine. */
function clockTime(at: number, language: Language): string {
	return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

const rounded = (value: number) => String(Math.round(value * 1000) / 1000);

/** Why a load goes off or is off. */
export function causeWords({ kind, value, level, forStage }: Cause, stages: readonly Stage[], language: Language): string {
	const whole = kind === "runtime" || kind === "discharge" || kind === "import";
	const number = (found: number | null) => (found === null ? "?" : whole ? String(Math.round(found)) : rounded(found));
	const cause = say(CAUSES[kind], language, { value: number(value), level: number(level) });
	if (forStage === null) return cause;
	const stage = stages.find(({ key }) => key === forStage)?.name ?? forStage;
	return say(FOR_STAGE, language, { cause, stage });
}

/** The reason of a stage, without its name. */
export function reasonWords({ code, cause, until, unknown, untold }: StageStatus, stages: readonly Stage[], language: Language): string {
	const reason = say(REASONS[code], language, {
		cause: cause === null ? "?" : causeWords(cause, stages, language),
		until: until === null ? "?" : clockTime(until, language),
		unknown: unknown === null ? "?" : say(VALUES[unknown], language),
	});
	if (untold.length === 0) return reason;
	return say(UNTOLD, language, { reason, names: untold.map((kind) => say(VALUES[kind], language)).join(", ") });
}

export function overallWords({ code, since, until }: Overall, language: Language): string {
	const time = (at: number | null) => (at === null ? "?" : clockTime(at, language));
	return say(OVERALL[code], language, { since: time(since), until: time(until) });
}

/** What is switched, and why. */
export function actionWords(action: Action, stages: readonly Stage[], language: Language): string {
	const stage = stages.find(({ key }) => key === action.stage)?.name ?? action.stage;
	const text = say(ACTIONS[action.to], language, { stage, cause: causeWords(action.cause, stages, language) });
	return action.isDryRun ? say(ACTIONS.dryRun, language, { text }) : text;
}
