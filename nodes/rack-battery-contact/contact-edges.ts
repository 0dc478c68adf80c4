import type { ContactPosition, ContactState } from "../../src/index.ts";
import type { ContactView } from "./contact-inputs.ts";

export type Edge = "closed" | "opened" | "mismatch" | "agreement";

/** Something that happened to a contact, as a node sees it. */
export interface Occurrence {
	readonly event: Edge;
	readonly state: ContactState;
	/** Milliseconds since the epoch. */
	readonly at: number;
	/** How long it was the other way before, ms; null where that was not seen. */
	readonly durationMs: number | null;
	/** It was so before the node began to listen. */
	readonly initial: boolean;
}

interface Seen {
	readonly position: "open" | "closed" | null;
	readonly since: number;
	/** Since when alarms and wire differ; null while that is not reported. */
	readonly mismatchSince: number | null;
}

/** What was last known of each contact. */
export type SeenContacts = ReadonlyMap<string, Seen>;

const keyOf = ({ contact, pack }: ContactState) => `${contact} ${pack ?? "bank"}`;

/** The position under a view; null when the bank's settings do not use that source for this contact. */
export function viewed(state: ContactState, view: ContactView): ContactPosition | null {
	return { contact: state.state, model: state.modelled, wired: state.wired }[view];
}

/** Whether a position reports trouble; an inverted contact does so while it is open. */
function isTrouble(state: ContactState, position: "open" | "closed"): boolean {
	const isInverted = state.active !== null && (state.state === "closed") !== state.active;
	return (position === "closed") !== isInverted;
}

/**
 * What happened since the states before. What a contact is found at first is no edge; where that is trouble it is
 * told all the same, marked `initial`, when that is wanted.
 */
export function occurrencesIn(
	states: readonly ContactState[],
	seen: SeenContacts,
	options: { readonly view: ContactView; readonly sendActive: boolean; readonly now: number },
): { readonly seen: SeenContacts; readonly occurrences: readonly Occurrence[] } {
	const { view, sendActive, now } = options;
	const next = new Map<string, Seen>();
	const occurrences = states.flatMap((state): readonly Occurrence[] => {
		const key = keyOf(state);
		const before = seen.get(key) ?? null;
		const position = viewed(state, view);
		const known = position === "open" || position === "closed" ? position : null;
		const isChanged = known !== null && before?.position !== known;
		const since = isChanged ? (before?.position ? now : state.since) : (before?.since ?? now);
		next.set(key, { position: known ?? before?.position ?? null, since, mismatchSince: state.mismatch?.since ?? null });
		const initial = before?.position === null || before?.position === undefined;
		const isTold = isChanged && (!initial || (sendActive && isTrouble(state, known)));
		return [
			...(isTold ? [{ event: eventOf(known), state, at: now, durationMs: initial ? null : Math.max(0, now - before.since), initial }] : []),
			...mismatchOf(state, before?.mismatchSince ?? null, now),
		];
	});
	return { seen: next, occurrences };
}

const eventOf = (position: "open" | "closed"): Edge => (position === "closed" ? "closed" : "opened");

function mismatchOf(state: ContactState, since: number | null, now: number): readonly Occurrence[] {
	if (state.mismatch !== null) return since === null ? [{ event: "mismatch", state, at: now, durationMs: null, initial: false }] : [];
	return since === null ? [] : [{ event: "agreement", state, at: now, durationMs: Math.max(0, now - since), initial: false }];
}
