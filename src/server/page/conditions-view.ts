import type { ConditionKey } from "../../bms/battery/conditions.ts";
import type { ActiveCondition, BankSnapshot } from "../../bms/battery/snapshot.ts";
import { duration, quantity } from "./format.ts";
import { h, type VElement } from "./vnode.ts";
import { CLASS_WORDS, placeOf, type Vocabulary } from "./vocabulary.ts";

const CLASS_ORDER = ["fault", "protection", "alarm"] as const;

/** Whether a condition is a problem; Fully is a state. */
export function isProblem(condition: ActiveCondition, vocabulary: Vocabulary): boolean {
	return vocabulary.conditions[condition.key]?.isState !== true;
}

function measured({ value, unit }: ActiveCondition): string {
	if (value === null) return "";
	const decimals = unit === "V" ? 3 : unit === "mV" || unit === "W" ? 0 : 1;
	return `, ${quantity(value, unit ?? "", decimals)}`;
}

function item(condition: ActiveCondition, vocabulary: Vocabulary, now: number): VElement {
	const row = vocabulary.conditions[condition.key];
	const isState = row?.isState === true;
	const conditionClass = row?.class ?? "alarm";
	return h(
		"li",
		{ class: isState ? "condition state" : `condition ${conditionClass}`, "data-condition": condition.key },
		h("span", { class: "class" }, isState ? "State" : CLASS_WORDS[conditionClass].one),
		h("strong", {}, row?.label ?? condition.key),
		h("span", { class: "where" }, ` ${placeOf(condition)}${measured(condition)} · for ${duration(now - condition.since)}`),
	);
}

/** Conditions as a list: faults first, states last. */
export function conditionList(conditions: readonly ActiveCondition[], vocabulary: Vocabulary, now: number): VElement {
	const rank = (condition: ActiveCondition) =>
		isProblem(condition, vocabulary) ? CLASS_ORDER.indexOf(vocabulary.conditions[condition.key]?.class ?? "alarm") : CLASS_ORDER.length;
	const sorted = conditions.toSorted((a, b) => rank(a) - rank(b) || b.since - a.since);
	return h(
		"ul",
		{ class: "conditions" },
		sorted.map((condition) => item(condition, vocabulary, now)),
	);
}

/** All is well, as far as it can be told: a class of which the protocol tells nothing is not said to be absent. */
function allWell(unsupported: BankSnapshot["unsupported"], vocabulary: Vocabulary): string {
	const rows = Object.entries(vocabulary.conditions);
	const isTold = (name: (typeof CLASS_ORDER)[number]) =>
		rows.some(([key, row]) => row.class === name && row.isState !== true && !unsupported.some((untold) => untold === key));
	const words = CLASS_ORDER.toReversed()
		.filter(isTold)
		.map((name) => `no ${CLASS_WORDS[name].one.toLowerCase()}`)
		.join(", ");
	if (words === "") return "This port and protocol tell no alarm, protection or fault.";
	const isPartly = rows.some(([key]) => unsupported.some((untold) => untold === key));
	return `N${words.slice(1)}${isPartly ? " among those that can be told here" : ""}.`;
}

function summary({ unsupported }: BankSnapshot, conditions: readonly ActiveCondition[], vocabulary: Vocabulary): string {
	const problems = conditions.filter((condition) => isProblem(condition, vocabulary));
	if (problems.length === 0) return allWell(unsupported, vocabulary);
	const parts = CLASS_ORDER.flatMap((name) => {
		const number = problems.filter((condition) => vocabulary.conditions[condition.key]?.class === name).length;
		const words = CLASS_WORDS[name];
		return number === 0 ? [] : [`${number} ${words.one.toLowerCase()}${number === 1 ? "" : "s"} (${words.meaning})`];
	});
	return `${parts.join(", ")}.`;
}

/** What the protocol of this line cannot tell; silence about it must not look like all is well. */
function unsupportedNote({ unsupported }: BankSnapshot, vocabulary: Vocabulary): VElement | null {
	const rows = unsupported.flatMap((key) => vocabulary.conditions[key as ConditionKey] ?? []);
	if (rows.length === 0) return null;
	// An alarm and a protection may have the same label.
	const lists = CLASS_ORDER.toReversed().flatMap((name) => {
		const labels = rows.filter((row) => row.class === name).map(({ label }) => label);
		return labels.length === 0 ? [] : [h("p", {}, `${CLASS_WORDS[name].one}s: ${labels.join(", ")}.`)];
	});
	return h("details", { class: "note", "data-testid": "unsupported" }, [
		h("summary", {}, `${rows.length} of the alarms, protections and faults cannot be told over this port and protocol`),
		...lists,
	]);
}

/** What is set anywhere in the bank. */
export function conditionsView(snapshot: BankSnapshot, vocabulary: Vocabulary, now: number): VElement {
	const { conditions } = snapshot;
	const state = conditions === null ? "unknown" : conditions.some((condition) => isProblem(condition, vocabulary)) ? "problem" : "clear";
	return h(
		"section",
		{
			class: `card alarms ${state === "clear" ? "good" : "bad"}`,
			"data-testid": "alarms",
			"data-state": state,
			"aria-labelledby": "alarms-title",
		},
		h("h2", { id: "alarms-title" }, "Alarms"),
		h(
			"p",
			{ class: "summary", role: "status" },
			conditions === null ? "The alarm state is unknown: it was not read lately." : summary(snapshot, conditions, vocabulary),
		),
		conditions === null || conditions.length === 0 ? null : conditionList(conditions, vocabulary, now),
		unsupportedNote(snapshot, vocabulary),
	);
}
