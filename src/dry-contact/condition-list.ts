import { CONDITION_KEYS, type ConditionKey, conditionOf, conditionsOfClass, isProblem } from "../bms/battery/conditions.ts";

/**
 * TABLE of the words that stand for many conditions in a contact's list. `protection`: bits 0-6 of P1 and P2,
 * which leaves Fully out; `fault`: F & 37h, the manual's items 17-21 (fault-map §7).
 */
export const CONDITION_GROUPS: Readonly<Record<"protection" | "fault", readonly ConditionKey[]>> = {
	protection: conditionsOfClass("protection").filter((key) => isProblem(key) && conditionOf(key).unsupported !== true),
	fault: conditionsOfClass("fault").filter((key) => conditionOf(key).item !== null),
};

/** What may stand in a list: a group or the key of one condition; unsupported ones are never set. */
const WORDS: readonly string[] = [
	...Object.keys(CONDITION_GROUPS),
	...CONDITION_KEYS.filter((key) => conditionOf(key).unsupported !== true),
];

const word = `-?(${WORDS.map((text) => text.replaceAll(".", "\\.")).join("|")})`;

/** Pattern of a list: words with commas between them, `-` before one takes it out again. */
export const CONDITION_LIST_PATTERN = `^\\s*(${word}\\s*(,\\s*${word}\\s*)*)?$`;

function isGroup(text: string): text is keyof typeof CONDITION_GROUPS {
	return Object.hasOwn(CONDITION_GROUPS, text);
}

const keysOf = (text: string): readonly ConditionKey[] =>
	isGroup(text) ? CONDITION_GROUPS[text] : CONDITION_KEYS.filter((key) => key === text);

/** The conditions of a list that fits the pattern, words taken from left to right. */
export function conditionsIn(list: string): ReadonlySet<ConditionKey> {
	const chosen = new Set<ConditionKey>();
	const words = list.split(",").map((text) => text.trim());
	for (const text of words) {
		if (text.startsWith("-")) for (const key of keysOf(text.slice(1))) chosen.delete(key);
		else for (const key of keysOf(text)) chosen.add(key);
	}
	return chosen;
}
