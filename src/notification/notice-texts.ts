import type { Text } from "../languages.ts";
import type { FamilyKey } from "./families.ts";
import type { NoticeKind } from "./issue.ts";
import type { Severity } from "./severity.ts";

/** TABLE of what is the matter, for titles; a flow's own message brings its own. */
export const FAMILY_NAMES = {
	high_voltage: { "en-US": "Voltage too high", de: "Spannung zu hoch", "zh-CN": "电压过高" },
	low_voltage: { "en-US": "Voltage too low", de: "Spannung zu niedrig", "zh-CN": "电压过低" },
	current: { "en-US": "Current too high", de: "Strom zu hoch", "zh-CN": "电流过大" },
	hot: { "en-US": "Too hot", de: "Zu heiß", "zh-CN": "温度过高" },
	cold: { "en-US": "Too cold", de: "Zu kalt", "zh-CN": "温度过低" },
	low_soc: { "en-US": "Battery is low", de: "Ladezustand niedrig", "zh-CN": "电量低" },
	hardware: { "en-US": "Hardware fault", de: "Hardwarefehler", "zh-CN": "硬件故障" },
	full: { "en-US": "Fully charged", de: "Voll geladen", "zh-CN": "已充满" },
	fault_contact: { "en-US": "Fault contact has switched", de: "Fehlerkontakt hat geschaltet", "zh-CN": "故障干接点已动作" },
	low_contact: {
		"en-US": "Low-battery contact has switched",
		de: "Kontakt für schwache Batterie hat geschaltet",
		"zh-CN": "低电量干接点已动作",
	},
	mismatch: {
		"en-US": "Wired contact contradicts the battery",
		de: "Verdrahteter Kontakt widerspricht der Batterie",
		"zh-CN": "干接点接线与电池不一致",
	},
	link: { "en-US": "Battery does not answer", de: "Batterie antwortet nicht", "zh-CN": "电池无应答" },
	pack: { "en-US": "Pack is missing", de: "Pack fehlt", "zh-CN": "电池包缺失" },
	custom: { "en-US": "Message of the flow", de: "Meldung des Flows", "zh-CN": "流程消息" },
} as const satisfies Record<FamilyKey, Text>;

/** TABLE of the words before a title; a word of information has none. */
export const SEVERITY_NAMES = {
	info: { "en-US": "Information", de: "Information", "zh-CN": "信息" },
	caution: { "en-US": "Caution", de: "Vorsicht", "zh-CN": "注意" },
	warning: { "en-US": "Warning", de: "Warnung", "zh-CN": "警告" },
	critical: { "en-US": "Critical", de: "Kritisch", "zh-CN": "严重" },
} as const satisfies Record<Severity, Text>;

/** TABLE of what stands before a title instead of its urgency. */
export const KIND_NAMES: Readonly<Partial<Record<NoticeKind, Text>>> = {
	cleared: { "en-US": "Over", de: "Vorbei", "zh-CN": "已解除" },
	acknowledged: { "en-US": "Acknowledged", de: "Quittiert", "zh-CN": "已确认" },
};

export const TITLE = { "en-US": "{before}: {what}", de: "{before}: {what}", "zh-CN": "{before}：{what}" } as const satisfies Text;

/** TABLE of the sentences that no condition of the battery tells. */
export const WHAT = {
	link: { "en-US": "nothing heard from the battery", de: "die Batterie schweigt", "zh-CN": "未收到电池数据" },
	pack: { "en-US": "the pack does not answer", de: "das Pack antwortet nicht", "zh-CN": "该电池包无应答" },
	fault_contact: {
		"en-US": "the wired fault contact (1/2) reports trouble",
		de: "der verdrahtete Fehlerkontakt (1/2) meldet eine Störung",
		"zh-CN": "已接线的故障干接点（1/2）报告异常",
	},
	low_contact: {
		"en-US": "the wired low-battery contact (3/4) reports trouble",
		de: "der verdrahtete Kontakt für schwache Batterie (3/4) meldet sich",
		"zh-CN": "已接线的低电量干接点（3/4）报告异常",
	},
} as const satisfies Partial<Record<FamilyKey, Text>>;

/** TABLE of the sentences. */
export const SENTENCES = {
	detail: { "en-US": "{kind} {name}{where}", de: "{kind}: {name}{where}", "zh-CN": "{kind} {name}{where}" },
	where: { "en-US": " ({where})", de: " ({where})", "zh-CN": "（{where}）" },
	measured: { "en-US": "{place}: {value}", de: "{place}: {value}", "zh-CN": "{place}：{value}" },
	lasting: {
		"en-US": "{place}: {what}, since {since}.",
		de: "{place}: {what}, seit {since}.",
		"zh-CN": "{place}：{what}，自 {since} 起。",
	},
	repeat: { "en-US": "Still so after {duration}.", de: "Unverändert nach {duration}.", "zh-CN": "已持续 {duration}。" },
	escalated: {
		"en-US": "Nobody has acknowledged it for {duration}.",
		de: "Seit {duration} hat niemand quittiert.",
		"zh-CN": "{duration} 内无人确认。",
	},
	cleared: {
		"en-US": "{place}: {what} has ended after {duration} ({from} to {to}).",
		de: "{place}: {what} ist vorbei, nach {duration} ({from} bis {to}).",
		"zh-CN": "{place}：{what} 已结束，历时 {duration}（{from} 至 {to}）。",
	},
	linkBack: {
		"en-US": "{place}: the battery answers again after {duration} ({from} to {to}).",
		de: "{place}: Die Batterie antwortet wieder, nach {duration} ({from} bis {to}).",
		"zh-CN": "{place}：电池恢复应答，中断 {duration}（{from} 至 {to}）。",
	},
	packBack: {
		"en-US": "{place} is back after {duration} ({from} to {to}).",
		de: "{place} ist wieder da, nach {duration} ({from} bis {to}).",
		"zh-CN": "{place} 已恢复，中断 {duration}（{from} 至 {to}）。",
	},
	acknowledged: {
		"en-US": "{place}: {what}: somebody takes care of it.",
		de: "{place}: {what}: Jemand kümmert sich darum.",
		"zh-CN": "{place}：{what}：已有人处理。",
	},
	reason: { "en-US": "What the line says: {text}", de: "Die Leitung meldet: {text}", "zh-CN": "线路信息：{text}" },
	charge: { "en-US": "State of charge {soc}, {power}.", de: "Ladezustand {soc}, {power}.", "zh-CN": "荷电状态 {soc}，{power}。" },
	chargeOnly: { "en-US": "State of charge {soc}.", de: "Ladezustand {soc}.", "zh-CN": "荷电状态 {soc}。" },
	charging: { "en-US": "charging with {power}", de: "wird mit {power} geladen", "zh-CN": "正在以 {power} 充电" },
	discharging: { "en-US": "discharging with {power}", de: "wird mit {power} entladen", "zh-CN": "正在以 {power} 放电" },
	idle: { "en-US": "no current", de: "kein Strom", "zh-CN": "无电流" },
	shed: { "en-US": "Switched off: {text}", de: "Abgeschaltet: {text}", "zh-CN": "已切断：{text}" },
	digest: { "en-US": "Battery: what was held back", de: "Batterie: was zurückgehalten wurde", "zh-CN": "电池：暂缓发送的消息" },
	digestNone: { "en-US": "Nothing was held back.", de: "Nichts wurde zurückgehalten.", "zh-CN": "没有暂缓发送的消息。" },
	lineOver: {
		"en-US": "{from} to {to}: {place}: {what}{times}",
		de: "{from} bis {to}: {place}: {what}{times}",
		"zh-CN": "{from} 至 {to}：{place}：{what}{times}",
	},
	lineLasting: {
		"en-US": "since {from}: {place}: {what}{times}",
		de: "seit {from}: {place}: {what}{times}",
		"zh-CN": "自 {from} 起：{place}：{what}{times}",
	},
	lineNote: { "en-US": "{from}: {what}", de: "{from}: {what}", "zh-CN": "{from}：{what}" },
	times: { "en-US": " ({number} times)", de: " ({number}-mal)", "zh-CN": "（{number} 次）" },
	test: { "en-US": "Test", de: "Test", "zh-CN": "测试" },
	testWords: {
		"en-US": "{place}: this is a test. Messages arrive here.",
		de: "{place}: Dies ist ein Test. Meldungen kommen hier an.",
		"zh-CN": "{place}：这是一条测试消息。通知可以送达。",
	},
	acknowledge: { "en-US": "Acknowledge", de: "Quittieren", "zh-CN": "确认" },
	snooze: { "en-US": "Snooze {duration}", de: "Später ({duration})", "zh-CN": "{duration}后提醒" },
	shedNow: { "en-US": "Shed now", de: "Jetzt abwerfen", "zh-CN": "立即切除负载" },
	minutes: { "en-US": "{minutes} min", de: "{minutes} min", "zh-CN": "{minutes} 分钟" },
	hours: { "en-US": "{hours} h", de: "{hours} h", "zh-CN": "{hours} 小时" },
	hoursMinutes: { "en-US": "{hours} h {minutes} min", de: "{hours} h {minutes} min", "zh-CN": "{hours} 小时 {minutes} 分钟" },
	days: { "en-US": "{days} d {hours} h", de: "{days} d {hours} h", "zh-CN": "{days} 天 {hours} 小时" },
	seconds: { "en-US": "{seconds} s", de: "{seconds} s", "zh-CN": "{seconds} 秒" },
} as const satisfies Record<string, Text>;

/** TABLE of dates, for what did not begin today. */
export const DATES = {
	"en-US": "{year}-{month}-{day} {time}",
	de: "{day}.{month}. {time}",
	"zh-CN": "{month}月{day}日 {time}",
} as const satisfies Text;
