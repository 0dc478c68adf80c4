import type { ConditionKey } from "./conditions.ts";
import type { ActiveCondition } from "./snapshot.ts";

/**
 * The two dry contacts of a pack (user manual V1.1 §2.2): normally open, closed while they report. No command
 * reads them (fault-map §7), so their state is modelled from the alarm state, read from a wire, or both.
 */
export const CONTACTS = {
	/** Closes during fault protection. */
	fault: { terminals: "1/2", slug: "fault", label: "Fault contact" },
	/** Closes on a low battery alarm. */
	"low-battery": { terminals: "3/4", slug: "low_battery", label: "Low battery contact" },
} as const satisfies Record<string, { readonly terminals: string; readonly slug: string; readonly label: string }>;

export type ContactKey = keyof typeof CONTACTS;
export const CONTACT_KEYS = Object.keys(CONTACTS) as readonly ContactKey[];

/** `unknown`: neither the battery nor a wire tells. */
export type ContactPosition = "open" | "closed" | "unknown";

/** Where a contact's position comes from. */
export const CONTACT_SOURCES = ["model", "wired", "both"] as const;
export type ContactSourceKind = (typeof CONTACT_SOURCES)[number];

/** Lines of a serial adapter that can carry a contact. RI is reported on Linux only. */
export const MODEM_LINES = ["CTS", "DSR", "DCD", "RI"] as const;
export type ModemLine = (typeof MODEM_LINES)[number];
/** Lines that are on or off; one that is not reported is left out. */
export type LineStates = Readonly<Partial<Record<ModemLine, boolean>>>;

/** The model and the wire have said different things for too long. */
export interface ContactMismatch {
	/** When they began to differ, milliseconds since the epoch. */
	readonly since: number;
	/** What that may mean and what to look at, for the owner. */
	readonly text: string;
}

/** One contact now: of the bank, or of one pack. */
export interface ContactState {
	readonly contact: ContactKey;
	/** Pack address; null for the bank. */
	readonly pack: number | null;
	readonly state: ContactPosition;
	/** Whether it reports trouble: closed, or open when it is inverted; null while that is not known. */
	readonly active: boolean | null;
	/** Since when `state` is what it is, milliseconds since the epoch. */
	readonly since: number;
	/** The conditions behind it while it is active, else those that were behind it last. */
	readonly causes: readonly ActiveCondition[];
	/** The settings' choice. */
	readonly source: ContactSourceKind;
	/** What the model says; null when the settings do not use it. */
	readonly modelled: ContactPosition | null;
	/** What the wire says; null when none belongs to this contact. */
	readonly wired: ContactPosition | null;
	/** True when the battery's readings behind it are too old and the settings' choice stands in their place. */
	readonly stale: boolean;
	readonly mismatch: ContactMismatch | null;
	/** Conditions of this contact that no pack it is about can report: the others alone decide. */
	readonly unsupported: readonly ConditionKey[];
	/** How often it has closed since the bank was opened. */
	readonly closings: number;
}

/**
 * Something happened to a contact. `closed` and `opened` come once an edge, also when it was unknown in between;
 * what a contact is found at first is no edge. `mismatch` and `agreement` tell about model and wire.
 */
export interface ContactEvent {
	readonly type: "closed" | "opened" | "mismatch" | "agreement";
	/** The contact as it is since then. */
	readonly contact: ContactState;
	/** Milliseconds since the epoch. */
	readonly at: number;
	/** How long it was the other way before (or the mismatch lasted), ms; null where that was not seen. */
	readonly durationMs: number | null;
}

export type ContactListener = (states: readonly ContactState[], events: readonly ContactEvent[]) => void;

/** The contacts of an open bank, as their consumers see them. */
export interface ContactSource {
	/** The bank's contacts first, then those of each pack by rising address. */
	readonly states: readonly ContactState[];
	/** Called after every change of a state. Returns the way to stop listening. */
	subscribe(listener: ContactListener): () => void;
	/** MQTT topics on which a wired contact is told. */
	readonly inputTopics: readonly string[];
	/** A message on one of those topics; null when the broker is gone. */
	heard(topic: string, payload: string | null): void;
	/** Tells a wired contact that comes in by message; refused with an Error in words when the settings have none. */
	tell(contact: ContactKey, position: ContactPosition): void;
}

/** The state of one contact; null when there is no such pack. */
export function contactOf(states: readonly ContactState[], contact: ContactKey, pack: number | null): ContactState | null {
	return states.find((state) => state.contact === contact && state.pack === pack) ?? null;
}
