import {
	type ActiveCondition,
	type BankOrigin,
	type BankSnapshot,
	type ConditionClass,
	conditionName,
	conditionOf,
	type Language,
} from "../../src/index.ts";
import { alarmSentence } from "./alarm-sentence.ts";

/**
 * What a message tells. `named`: an occurrence that was raised without a pack's number is now known to be that
 * pack's. `active`: it is set now, in the answer to a request.
 */
export type AlarmEvent = "raised" | "named" | "cleared" | "active";

export interface AlarmPayload {
	readonly event: AlarmEvent;
	/** Whose it is: the bank as a whole, or one pack. */
	readonly scope: "bank" | "pack";
	readonly class: ConditionClass;
	/** The manual's abbreviation; some stand in two classes. */
	readonly code: string;
	/** Unique within the class. */
	readonly slug: string;
	/** Its name in the language chosen; code and slug are the same in all. */
	readonly label: string;
	/** True for Fully, which is no problem. */
	readonly isState: boolean;
	/** True for bits that only one document names. */
	readonly undocumented: boolean;
	/** Pack that reported it; null while only the bank is known. */
	readonly pack: number | null;
	/** Cell or probe it is about, from 1; null where the reading does not tell. */
	readonly cell: number | null;
	readonly probe: number | null;
	readonly value: number | null;
	readonly unit: string | null;
	/** The limit it belongs to, in the same unit; null while the battery's parameters are not known. */
	readonly limit: number | null;
	/** When it was first seen, and when this happened, ISO 8601. */
	readonly since: string;
	readonly at: string;
	/** The same in a sentence, in the language chosen. */
	readonly text: string;
	readonly language: Language;
	/** Short name of the bank. */
	readonly bank: string;
	readonly name: string;
	readonly origin: BankOrigin;
	readonly simulated: boolean;
	/** True when it was set before this node began to listen. */
	readonly initial: boolean;
}

/** What a message is made of beside the condition. */
export interface Occurrence {
	readonly event: AlarmEvent;
	readonly scope: "bank" | "pack";
	readonly condition: ActiveCondition;
	readonly pack: number | null;
	/** Milliseconds since the epoch. */
	readonly at: number;
	readonly initial: boolean;
}

/** The payload of one occurrence, its words in a language. */
export function alarmPayload(snapshot: BankSnapshot, occurrence: Occurrence, language: Language): AlarmPayload {
	const { event, scope, condition, pack, at, initial } = occurrence;
	const row = conditionOf(condition.key);
	return {
		event,
		scope,
		class: row.class,
		code: row.code,
		slug: row.slug,
		label: conditionName(condition.key, language),
		isState: row.isState === true,
		undocumented: row.undocumented === true,
		pack,
		cell: condition.cell,
		probe: condition.probe,
		value: condition.value,
		unit: condition.unit,
		limit: condition.limit,
		since: new Date(condition.since).toISOString(),
		at: new Date(at).toISOString(),
		text: alarmSentence(snapshot.name, snapshot.origin, occurrence, language),
		language,
		bank: snapshot.id,
		name: snapshot.name,
		origin: snapshot.origin,
		simulated: snapshot.origin !== "real",
		initial,
	};
}
