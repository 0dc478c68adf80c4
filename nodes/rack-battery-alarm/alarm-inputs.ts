import { conditionOf } from "../../src/index.ts";
import { listOf, oneOf, readFlag, readPack } from "../lib/inputs.ts";
import { LANGUAGE_INPUT } from "../lib/language.ts";
import type { Occurrence } from "./alarm-payload.ts";
import { ALARM_SCOPES, type AlarmScope } from "./occurrences.ts";

/** What can be chosen: the three classes, and *Fully*, which rides among the protections and is a state. */
export const CLASSES = ["alarm", "protection", "fault", "state"] as const;
export type Class = (typeof CLASSES)[number];

/** TABLE of the filter and of the words: a message may say them differently for its own answer. */
export const FILTER_INPUTS = {
	classes: { message: "classes", config: "classes", default: ["alarm", "protection", "fault"] as readonly Class[], read: listOf(CLASSES) },
	pack: { message: "pack", config: "pack", default: "all", read: readPack },
	language: LANGUAGE_INPUT,
} as const;

/** TABLE of what only the node's own configuration says. */
export const BEHAVIOUR_INPUTS = {
	scope: { message: "", config: "scope", default: "once", read: oneOf(ALARM_SCOPES) },
	sendActive: { message: "", config: "sendActive", default: true, read: readFlag },
} as const;

export interface Filter {
	readonly classes: readonly Class[];
	readonly pack: number | "all";
}

/** Whether an occurrence passes a filter. */
export function passes(filter: Filter, { condition, pack }: Occurrence): boolean {
	const row = conditionOf(condition.key);
	return filter.classes.includes(row.isState ? "state" : row.class) && (filter.pack === "all" || filter.pack === pack);
}

/** One pack's occurrences are those it names itself: an unnamed one could be any pack's. */
export function effectiveScope(scope: AlarmScope, filter: Filter): AlarmScope {
	return filter.pack === "all" ? scope : "pack";
}
