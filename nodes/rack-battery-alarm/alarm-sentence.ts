import {
	type ActiveCondition,
	type BankOrigin,
	conditionKind,
	conditionName,
	type Language,
	measuredWords,
	originWord,
	partWords,
	placeWords,
	say,
	type Text,
} from "../../src/index.ts";
import type { AlarmEvent, Occurrence } from "./alarm-payload.ts";

/** TABLE of the sentences, for notifications. */
const SENTENCES = {
	raised: {
		"en-US": "{place}: {kind} {name}{detail}.{mark}",
		de: "{place}: {kind} „{name}“{detail}.{mark}",
		"zh-CN": "{place}：{kind}“{name}”{detail}。{mark}",
	},
	named: {
		"en-US": "{place}: {kind} {name}{detail} (now known to be this pack).{mark}",
		de: "{place}: {kind} „{name}“{detail} (jetzt diesem Pack zugeordnet).{mark}",
		"zh-CN": "{place}：{kind}“{name}”{detail}（已确认来自该电池包）。{mark}",
	},
	active: {
		"en-US": "{place}: {kind} {name}{detail}.{mark}",
		de: "{place}: {kind} „{name}“{detail}.{mark}",
		"zh-CN": "{place}：{kind}“{name}”{detail}。{mark}",
	},
	cleared: {
		"en-US": "{place}: {kind} {name} has ended.{mark}",
		de: "{place}: {kind} „{name}“ beendet.{mark}",
		"zh-CN": "{place}：{kind}“{name}”已解除。{mark}",
	},
} as const satisfies Record<AlarmEvent, Text>;

const PUNCTUATION = {
	detail: { "en-US": " ({text})", de: " ({text})", "zh-CN": "（{text}）" },
	measured: { "en-US": "{place}: {value}", de: "{place}: {value}", "zh-CN": "{place}：{value}" },
	mark: { "en-US": " [{origin}]", de: " [{origin}]", "zh-CN": "【{origin}】" },
} as const satisfies Record<string, Text>;

/** Where in the pack, and what was measured there, as far as it is known. */
function detailWords({ cell, probe, value, unit, limit }: ActiveCondition, language: Language): string {
	const place = cell !== null ? partWords("cell", cell, language) : probe !== null ? partWords("probe", probe, language) : "";
	const measured = value === null ? "" : measuredWords({ value, unit, limit }, language);
	if (place === "" && measured === "") return "";
	const text = place !== "" && measured !== "" ? say(PUNCTUATION.measured, language, { place, value: measured }) : place + measured;
	return say(PUNCTUATION.detail, language, { text });
}

/** What happened, in a sentence: "Shed, pack 2: Protection Cell over-voltage (cell 7: 3.651 V)." */
export function alarmSentence(bankName: string, origin: BankOrigin, { event, condition, pack }: Occurrence, language: Language): string {
	const mark = originWord(origin, language);
	return say(SENTENCES[event], language, {
		place: placeWords(bankName, pack, language),
		kind: conditionKind(condition.key, language),
		name: conditionName(condition.key, language),
		detail: detailWords(condition, language),
		mark: mark === "" ? "" : say(PUNCTUATION.mark, language, { origin: mark }),
	});
}
