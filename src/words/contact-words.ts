import { CONTACTS, type ContactKey, type ContactPosition } from "../bms/battery/contact.ts";
import { type Language, say, type Text } from "../languages.ts";

/** TABLE of the names of the dry contacts; the English ones are the labels of the contacts' own table. */
const NAMES = {
	fault: { de: "Fehlerkontakt", "zh-CN": "故障干接点" },
	"low-battery": { de: "Kontakt „Batterie schwach“", "zh-CN": "低电量干接点" },
} as const satisfies Record<ContactKey, Readonly<Record<Exclude<Language, "en-US">, string>>>;

/** TABLE of the positions. */
const POSITIONS = {
	open: { "en-US": "open", de: "offen", "zh-CN": "断开" },
	closed: { "en-US": "closed", de: "geschlossen", "zh-CN": "闭合" },
	unknown: { "en-US": "unknown", de: "unbekannt", "zh-CN": "未知" },
} as const satisfies Record<ContactPosition, Text>;

/** TABLE of what it may mean that alarms and wire differ, by what the wire says. */
const MISMATCH = {
	open: {
		"en-US":
			"by the battery's alarms it should be closed, but the wire says open. Is the wire broken, loose or on other terminals, is the input inverted, or does the list hold conditions that this battery's contact does not follow?",
		de: "nach den Alarmen der Batterie müsste er geschlossen sein, die Leitung meldet offen. Ist die Ader gebrochen, lose oder an anderen Klemmen, ist der Eingang invertiert, oder stehen in der Liste Bedingungen, denen der Kontakt dieser Batterie nicht folgt?",
		"zh-CN":
			"按电池告警应为闭合，但接线显示断开。请检查：导线是否断线、松动或接错端子，输入是否接反，或列表中是否有该电池干接点并不响应的条件。",
	},
	closed: {
		"en-US":
			"the wire says closed, but by the battery's alarms it should be open. Is the wire shorted or on other terminals, is the input inverted, or does this battery's contact follow conditions that are not in the list?",
		de: "die Leitung meldet geschlossen, nach den Alarmen der Batterie müsste er offen sein. Hat die Leitung einen Kurzschluss oder liegt sie an anderen Klemmen, ist der Eingang invertiert, oder folgt der Kontakt dieser Batterie Bedingungen, die nicht in der Liste stehen?",
		"zh-CN": "接线显示闭合，但按电池告警应为断开。请检查：导线是否短路或接错端子，输入是否接反，或该电池干接点是否还响应列表以外的条件。",
	},
} as const satisfies Record<"open" | "closed", Text>;

/** Name with terminals: "Fault contact 1/2", "Fehlerkontakt 1/2", "故障干接点 1/2". */
export function contactName(contact: ContactKey, language: Language): string {
	const name = language === "en-US" ? CONTACTS[contact].label : NAMES[contact][language];
	return `${name} ${CONTACTS[contact].terminals}`;
}

/** "closed", "geschlossen", "闭合". */
export function positionWords(position: ContactPosition, language: Language): string {
	return POSITIONS[position][language];
}

/** What a mismatch may mean and what to look at, without the contact's name. */
export function mismatchWords(wired: ContactPosition, language: Language): string {
	return say(MISMATCH[wired === "closed" ? "closed" : "open"], language);
}
