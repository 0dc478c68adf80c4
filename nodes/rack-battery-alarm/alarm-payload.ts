import { type ActiveCondition, type BankOrigin, type BankSnapshot, type ConditionClass, conditionOf } from "../../src/index.ts";

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
	/** The same in a sentence. */
	readonly text: string;
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

const CLASS_WORDS = { alarm: "Alarm", protection: "Protection", fault: "Fault" } as const satisfies Record<ConditionClass, string>;
const EVENT_WORDS = { raised: "", named: " (now known to be this pack)", active: "", cleared: " has ended" } as const;

function detail({ cell, probe, value, unit }: ActiveCondition): string {
	const place = cell !== null ? `cell ${cell}` : probe !== null ? `temperature probe ${probe}` : "";
	const measured = value === null ? "" : `${value} ${unit ?? ""}`.trim();
	const both = [place, measured].filter((part) => part !== "").join(": ");
	return both === "" ? "" : ` (${both})`;
}

function sentence(name: string, origin: BankOrigin, { event, condition, pack }: Occurrence): string {
	const row = conditionOf(condition.key);
	const kind = row.isState ? "State" : CLASS_WORDS[row.class];
	const place = pack === null ? name : `${name}, pack ${pack}`;
	const mark = origin === "real" ? "" : ` [${origin}]`;
	return `${place}: ${kind} ${row.label}${event === "cleared" ? "" : detail(condition)}${EVENT_WORDS[event]}.${mark}`;
}

/** The payload of one occurrence. */
export function alarmPayload(snapshot: BankSnapshot, occurrence: Occurrence): AlarmPayload {
	const { event, scope, condition, pack, at, initial } = occurrence;
	const row = conditionOf(condition.key);
	return {
		event,
		scope,
		class: row.class,
		code: row.code,
		slug: row.slug,
		label: row.label,
		isState: row.isState === true,
		undocumented: row.undocumented === true,
		pack,
		cell: condition.cell,
		probe: condition.probe,
		value: condition.value,
		unit: condition.unit,
		limit: null,
		since: new Date(condition.since).toISOString(),
		at: new Date(at).toISOString(),
		text: sentence(snapshot.name, snapshot.origin, occurrence),
		bank: snapshot.id,
		name: snapshot.name,
		origin: snapshot.origin,
		simulated: snapshot.origin !== "real",
		initial,
	};
}
