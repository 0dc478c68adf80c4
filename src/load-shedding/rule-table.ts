import { type Language, say, type Text } from "../languages.ts";
import { defaultsOf } from "../settings.ts";
import { SHED_SETTINGS } from "./options.ts";
import { LONGEST_GAP_MS } from "./prepare.ts";
import { offDelayMs, TRIGGER_KINDS, type TriggerKind } from "./triggers.ts";

/** TABLE of the triggers in words: what lets a stage go off, and what it needs to come back. */
const TRIGGER_WORDS = {
	fault: {
		off: { "en-US": "fault contact (1/2) closed", de: "Fehlerkontakt (1/2) geschlossen", "zh-CN": "故障干接点（1/2）闭合" },
		on: { "en-US": "contact open", de: "Kontakt offen", "zh-CN": "干接点断开" },
	},
	lowBattery: {
		off: {
			"en-US": "low-battery contact (3/4) closed",
			de: "Kontakt „Batterie schwach“ (3/4) geschlossen",
			"zh-CN": "低电量干接点（3/4）闭合",
		},
		on: { "en-US": "contact open", de: "Kontakt offen", "zh-CN": "干接点断开" },
	},
	cellVoltage: {
		off: { "en-US": "lowest cell ≤ off level", de: "niedrigste Zellspannung ≤ Aus-Schwelle", "zh-CN": "最低单体电压 ≤ 断开值" },
		on: { "en-US": "≥ on level", de: "≥ Ein-Schwelle", "zh-CN": "≥ 恢复值" },
	},
	stateOfCharge: {
		off: {
			"en-US": "state of charge ≤ off level (higher in an outage)",
			de: "Ladezustand ≤ Aus-Schwelle (bei Netzausfall höher)",
			"zh-CN": "荷电状态 ≤ 断开值（停电时提高）",
		},
		on: { "en-US": "≥ on level (higher in an outage)", de: "≥ Ein-Schwelle (bei Netzausfall höher)", "zh-CN": "≥ 恢复值（停电时提高）" },
	},
	runtime: {
		off: { "en-US": "time left ≤ off level", de: "Restzeit ≤ Aus-Schwelle", "zh-CN": "剩余时间 ≤ 断开值" },
		on: { "en-US": "≥ on level, or not discharging", de: "≥ Ein-Schwelle, oder keine Entladung", "zh-CN": "≥ 恢复值，或未放电" },
	},
	discharge: {
		off: { "en-US": "power from the battery ≥ off level", de: "Entladeleistung ≥ Aus-Schwelle", "zh-CN": "放电功率 ≥ 断开值" },
		on: { "en-US": "≤ on level", de: "≤ Ein-Schwelle", "zh-CN": "≤ 恢复值" },
	},
	import: {
		off: { "en-US": "power from the grid ≥ off level", de: "Netzbezug ≥ Aus-Schwelle", "zh-CN": "电网取电 ≥ 断开值" },
		on: { "en-US": "≤ on level", de: "≤ Ein-Schwelle", "zh-CN": "≤ 恢复值" },
	},
	outage: {
		off: { "en-US": "grid away for {contactDelayS} s", de: "Netz seit {contactDelayS} s weg", "zh-CN": "电网断电已 {contactDelayS} 秒" },
		on: {
			"en-US": "grid back for {gridStableMinutes} min",
			de: "Netz seit {gridStableMinutes} min zurück",
			"zh-CN": "电网恢复已 {gridStableMinutes} 分钟",
		},
	},
} as const satisfies Record<TriggerKind, { readonly off: Text; readonly on: Text }>;

/** TABLE of the rules that hold for all triggers, in the order in which they count. */
const RULES = [
	{
		"en-US": "Values that are not known ask for nothing and allow nothing: everything is held as it is.",
		de: "Unbekannte Werte verlangen nichts und erlauben nichts: Alles bleibt, wie es ist.",
		"zh-CN": "未知的数据既不要求也不允许任何动作：全部保持原状。",
	},
	{
		"en-US":
			"What the battery has no word for over its protocol, and no wire or message tells, is not waited for: the other triggers of the stage decide.",
		de: "Was die Batterie über ihr Protokoll nicht melden kann und kein Draht und keine Nachricht sagt, darauf wird nicht gewartet: Die anderen Auslöser der Stufe entscheiden.",
		"zh-CN": "电池协议无法报告、也没有接线或消息提供的条件不等待：由该级的其他条件决定。",
	},
	{
		"en-US": "A delay counts as long as the value is seen; after more than {gapMinutes} min without it, it begins anew.",
		de: "Eine Wartezeit läuft, solange der Wert zu sehen ist; fehlt er länger als {gapMinutes} min, beginnt sie von vorn.",
		"zh-CN": "只有能看到数值时才计时；缺失超过 {gapMinutes} 分钟则重新计时。",
	},
	{
		"en-US":
			"Stages go off in order: when a later one is due, those before it go off with it. One that must still stay on holds back those after it.",
		de: "Stufen gehen der Reihe nach aus: Ist eine spätere dran, gehen die davor mit ihr aus. Eine, die noch ein bleiben muss, hält die nach ihr auf.",
		"zh-CN": "按顺序断开：后一级到条件时，前面各级一同断开；必须保持接通的一级会让后面各级等待。",
	},
	{
		"en-US":
			"Only what was switched off here is switched on again, the last first, one at a time, with all its triggers at the on level for {restoreDelayMinutes} min.",
		de: "Eingeschaltet wird nur, was hier ausgeschaltet wurde, die letzte zuerst, eine nach der anderen, wenn alle ihre Auslöser {restoreDelayMinutes} min auf der Ein-Schwelle sind.",
		"zh-CN": "只恢复由本节点断开的负载：后断开的先恢复，一次一级，且其全部条件须在恢复值保持 {restoreDelayMinutes} 分钟。",
	},
	{
		"en-US": "Minimum times always count, also for messages.",
		de: "Mindestzeiten gelten immer, auch für Nachrichten.",
		"zh-CN": "最短时间始终有效，对消息命令也一样。",
	},
	{
		"en-US":
			"When a stage must go off within {lockMinutes} min after one came back, nothing comes back for {lockMinutes} min, unless asked for or acknowledged.",
		de: "Muss eine Stufe binnen {lockMinutes} min nach einem Einschalten wieder aus, kommt {lockMinutes} min nichts wieder, außer auf Verlangen oder nach Quittieren.",
		"zh-CN": "若恢复后 {lockMinutes} 分钟内又须断开，则 {lockMinutes} 分钟内不再恢复，除非有人请求或确认。",
	},
	{
		"en-US":
			"A load switched on by hand is left alone until something new asks for off, all that asked is calm again, or {overrideHours} h are over. One switched off by hand is left off until a hand switches it on.",
		de: "Eine von Hand eingeschaltete Last bleibt in Ruhe, bis etwas Neues das Ausschalten verlangt, alles Verlangende wieder ruhig ist oder {overrideHours} h um sind. Eine von Hand ausgeschaltete bleibt aus, bis eine Hand sie einschaltet.",
		"zh-CN":
			"手动接通的负载不受干预，直到出现新的断开条件、原有条件全部恢复正常或满 {overrideHours} 小时。手动断开的负载保持断开，直到手动接通。",
	},
	{
		"en-US": "After a start nothing is switched for {startDelayS} s, and not before the first values.",
		de: "Nach einem Start wird {startDelayS} s nichts geschaltet, und nicht vor den ersten Werten.",
		"zh-CN": "启动后 {startDelayS} 秒内且收到首批数据之前不切换。",
	},
] as const satisfies readonly Text[];

const AT_ONCE: Text = { "en-US": "at once", de: "sofort", "zh-CN": "立即" };
const SECONDS: Text = { "en-US": "{seconds} s", de: "{seconds} s", "zh-CN": "{seconds} 秒" };

/** The numbers in the sentences: those of the default settings. */
const NUMBERS = { ...defaultsOf(SHED_SETTINGS), gapMinutes: LONGEST_GAP_MS / 60_000 };
const filled = (text: Text, language: Language) => {
	const { contactDelayS, gridStableMinutes, restoreDelayMinutes, lockMinutes, overrideHours, startDelayS, gapMinutes } = NUMBERS;
	return say(text, language, {
		contactDelayS,
		gridStableMinutes,
		restoreDelayMinutes,
		lockMinutes,
		overrideHours,
		startDelayS,
		gapMinutes,
	});
};

/** The rules that hold for all triggers, as sentences with the default numbers. */
export function ruleSentences(language: Language): readonly string[] {
	return RULES.map((text) => filled(text, language));
}

/** The table of the triggers with the default delays: off when, after, back when. */
export function triggerRows(language: Language): readonly (readonly [off: string, delay: string, on: string])[] {
	return TRIGGER_KINDS.map((kind) => {
		const seconds = offDelayMs(kind, NUMBERS) / 1000;
		const { off, on } = TRIGGER_WORDS[kind];
		return [filled(off, language), seconds === 0 ? say(AT_ONCE, language) : say(SECONDS, language, { seconds }), filled(on, language)];
	});
}

/** Heads of its columns. */
export const TRIGGER_HEADS = [
	{ "en-US": "goes off when", de: "geht aus, wenn", "zh-CN": "断开条件" },
	{ "en-US": "after", de: "nach", "zh-CN": "延时" },
	{ "en-US": "comes back when", de: "kommt wieder, wenn", "zh-CN": "恢复条件" },
] as const satisfies readonly Text[];
