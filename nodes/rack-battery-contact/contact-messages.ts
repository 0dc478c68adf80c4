import {
	type ActiveCondition,
	type BankOrigin,
	type BankSnapshot,
	CONTACTS,
	type ConditionClass,
	type ContactKey,
	type ContactPosition,
	type ContactState,
	conditionName,
	conditionOf,
	type Language,
} from "../../src/index.ts";
import type { Edge, Occurrence } from "./contact-edges.ts";
import { contactSentence } from "./contact-sentence.ts";

/** What a message tells; `state`: how the contact is, in the answer to a request. */
export type ContactEventName = Edge | "state";

/** A condition behind a contact. */
export interface CausePayload {
	readonly class: ConditionClass;
	/** The manual's abbreviation. */
	readonly code: string;
	readonly slug: string;
	/** Its name in the message's language. */
	readonly label: string;
	/** Pack that reported it; null while only the bank is known. */
	readonly pack: number | null;
	readonly cell: number | null;
	readonly probe: number | null;
	readonly value: number | null;
	readonly unit: string | null;
	/** ISO 8601. */
	readonly since: string;
}

export interface ContactPayload {
	readonly event: ContactEventName;
	readonly contact: ContactKey;
	/** Terminals on the pack: "1/2" or "3/4". */
	readonly terminals: string;
	readonly scope: "bank" | "pack";
	/** Pack whose contact it is, or the only one behind the bank's contact; null when that is not one. */
	readonly pack: number | null;
	readonly state: ContactPosition;
	/** Whether it reports trouble; null while that is not known. */
	readonly active: boolean | null;
	/** The conditions behind it, or that were behind it last. */
	readonly causes: readonly CausePayload[];
	/** Their slugs. */
	readonly codes: readonly string[];
	/** Since when the state is what it is, and when this happened, ISO 8601. */
	readonly since: string;
	readonly at: string;
	/** How long it was the other way before, ms (for a mismatch: how long they differ); null where that was not seen. */
	readonly durationMs: number | null;
	/** How often it has closed since the bank was opened. */
	readonly closings: number;
	/** Whether alarms, wire, or both decide. */
	readonly modelled: boolean;
	readonly wired: boolean;
	/** What each of them says; null where it is not used. */
	readonly byAlarms: ContactPosition | null;
	readonly byWire: ContactPosition | null;
	/** The battery's readings are too old, and the settings' choice stands. */
	readonly stale: boolean;
	/** Slugs of what would close it but cannot be reported over this protocol: the others alone decide. */
	readonly unsupported: readonly string[];
	/** Alarms and wire have differed for too long. */
	readonly mismatch: boolean;
	/** The same in a sentence, and its language. */
	readonly text: string;
	readonly language: Language;
	/** Short name of the bank. */
	readonly bank: string;
	readonly name: string;
	readonly origin: BankOrigin;
	readonly simulated: boolean;
	/** True when it was so before this node began to listen. */
	readonly initial: boolean;
}

/** What is in every message. */
export interface ContactMessage {
	readonly topic: string;
	readonly payload: ContactPayload;
	readonly event: ContactEventName;
	readonly pack: number | null;
	readonly simulated: boolean;
}

function causePayload({ key, since, ...cause }: ActiveCondition, language: Language): CausePayload {
	const { class: name, code, slug } = conditionOf(key);
	return { class: name, code, slug, label: conditionName(key, language), ...cause, since: new Date(since).toISOString() };
}

function packOf({ pack, causes }: ContactState): number | null {
	const packs = [...new Set(causes.map((cause) => cause.pack))];
	return pack ?? (packs.length === 1 ? (packs[0] ?? null) : null);
}

/** The message about something that happened, or about a state that was asked for (`at`: now). */
export function contactMessage(
	snapshot: BankSnapshot,
	{ event, state, at, durationMs, initial }: Omit<Occurrence, "event"> & { readonly event: ContactEventName },
	language: Language,
): ContactMessage {
	const { id, name, origin } = snapshot;
	const pack = packOf(state);
	const simulated = origin !== "real";
	const payload: ContactPayload = {
		event,
		contact: state.contact,
		terminals: CONTACTS[state.contact].terminals,
		scope: state.pack === null ? "bank" : "pack",
		pack,
		state: state.state,
		active: state.active,
		causes: state.causes.map((cause) => causePayload(cause, language)),
		codes: [...new Set(state.causes.map(({ key }) => conditionOf(key).slug))],
		since: new Date(state.since).toISOString(),
		at: new Date(at).toISOString(),
		durationMs,
		closings: state.closings,
		modelled: state.modelled !== null,
		wired: state.wired !== null,
		byAlarms: state.modelled,
		byWire: state.wired,
		stale: state.stale,
		unsupported: state.unsupported.map((key) => conditionOf(key).slug),
		mismatch: state.mismatch !== null,
		text: contactSentence(snapshot, event, state, language),
		language,
		bank: id,
		name,
		origin,
		simulated,
		initial,
	};
	const place = state.pack === null ? "bank" : `pack/${state.pack}`;
	return { topic: `rack-battery/${id}/${place}/contact/${state.contact}`, payload, event, pack, simulated };
}
