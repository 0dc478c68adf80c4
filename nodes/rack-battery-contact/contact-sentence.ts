import {
	type ActiveCondition,
	type BankOrigin,
	type ContactState,
	conditionKind,
	conditionName,
	contactName,
	type Language,
	mismatchWords,
	originWord,
	partWords,
	placeWords,
	positionWords,
	say,
	type Text,
} from "../../src/index.ts";
import type { ContactEventName } from "./contact-messages.ts";

/** TABLE of the sentences, for notifications. */
const SENTENCES = {
	closed: {
		"en-US": "{place}: {contact} closed{cause}.{mark}",
		de: "{place}: {contact} hat geschlossen{cause}.{mark}",
		"zh-CN": "{place}：{contact} 已闭合{cause}。{mark}",
	},
	opened: {
		"en-US": "{place}: {contact} opened{cause}.{mark}",
		de: "{place}: {contact} hat geöffnet{cause}.{mark}",
		"zh-CN": "{place}：{contact} 已断开{cause}。{mark}",
	},
	state: {
		"en-US": "{place}: {contact} is {position}{cause}.{mark}",
		de: "{place}: {contact} ist {position}{cause}.{mark}",
		"zh-CN": "{place}：{contact} 为{position}{cause}。{mark}",
	},
	mismatch: {
		"en-US": "{place}: {contact}: {difference}{mark}",
		de: "{place}: {contact}: {difference}{mark}",
		"zh-CN": "{place}：{contact}：{difference}{mark}",
	},
	agreement: {
		"en-US": "{place}: {contact}: alarms and wire agree again.{mark}",
		de: "{place}: {contact}: Alarme und Leitung stimmen wieder überein.{mark}",
		"zh-CN": "{place}：{contact}：告警与接线重新一致。{mark}",
	},
} as const satisfies Record<ContactEventName, Text>;

const PARTS = {
	cause: { "en-US": " ({text})", de: " ({text})", "zh-CN": "（{text}）" },
	was: { "en-US": "it was: {text}", de: "Ursache war: {text}", "zh-CN": "此前原因：{text}" },
	ofPack: { "en-US": "{kind} {name}, {pack}", de: "{kind} „{name}“, {pack}", "zh-CN": "{pack} 的{kind}“{name}”" },
	unnamed: { "en-US": "{kind} {name}", de: "{kind} „{name}“", "zh-CN": "{kind}“{name}”" },
	mark: { "en-US": " [{origin}]", de: " [{origin}]", "zh-CN": "【{origin}】" },
} as const satisfies Record<string, Text>;

const SEPARATOR = { "en-US": "; ", de: "; ", "zh-CN": "；" } as const satisfies Text;

function causeWords({ key, pack }: ActiveCondition, isOfPack: boolean, language: Language): string {
	const values = { kind: conditionKind(key, language), name: conditionName(key, language) };
	// The pack is in the sentence's place already when the contact is that pack's.
	if (pack === null || isOfPack) return say(PARTS.unnamed, language, values);
	return say(PARTS.ofPack, language, { ...values, pack: partWords("pack", pack, language) });
}

function causesWords({ causes, active, pack }: ContactState, language: Language): string {
	if (causes.length === 0) return "";
	const text = causes.map((cause) => causeWords(cause, pack !== null, language)).join(SEPARATOR[language]);
	return say(PARTS.cause, language, { text: active ? text : say(PARTS.was, language, { text }) });
}

/** What happened or is, in a sentence: "Shed: Fault contact 1/2 closed (Protection Cell over-voltage, pack 2)." */
export function contactSentence(
	bank: { readonly name: string; readonly origin: BankOrigin },
	event: ContactEventName,
	state: ContactState,
	language: Language,
): string {
	const mark = originWord(bank.origin, language);
	// An open contact that was asked about has no cause; what was behind it last would mislead.
	const cause = event === "state" && !state.active ? "" : causesWords(state, language);
	return say(SENTENCES[event], language, {
		place: placeWords(bank.name, state.pack, language),
		contact: contactName(state.contact, language),
		position: positionWords(state.state, language),
		cause,
		difference: mismatchWords(state.wired ?? "unknown", language),
		mark: mark === "" ? "" : say(PARTS.mark, language, { origin: mark }),
	});
}
