import { CONTACT_KEYS, type ContactKey, type ContactPosition, type ContactState, positionIn } from "../../src/index.ts";
import { oneOf, readFlag, readPack } from "../lib/inputs.ts";
import { LANGUAGE_INPUT } from "../lib/language.ts";

export const CONTACT_CHOICES = [...CONTACT_KEYS, "both"] as const;
/** `bank`: its contact. `pack`: those of the packs, all or one. */
export const CONTACT_SCOPES = ["bank", "pack"] as const;
/** Which view of the contact counts: as the bank's settings decide, worked out from the alarms alone, or the wire alone. */
export const CONTACT_VIEWS = ["contact", "model", "wired"] as const;
export type ContactView = (typeof CONTACT_VIEWS)[number];

/** TABLE of what a message may say differently for its own answer. */
export const CHOICE_INPUTS = {
	which: { message: "which", config: "contact", default: "fault", read: oneOf(CONTACT_CHOICES) },
	scope: { message: "scope", config: "scope", default: "bank", read: oneOf(CONTACT_SCOPES) },
	pack: { message: "pack", config: "pack", default: "all", read: readPack },
	view: { message: "", config: "view", default: "contact", read: oneOf(CONTACT_VIEWS) },
	language: LANGUAGE_INPUT,
} as const;

/** TABLE of what only the node's own configuration says. */
export const BEHAVIOUR_INPUTS = {
	sendActive: { message: "", config: "sendActive", default: true, read: readFlag },
} as const;

export interface Choice {
	readonly which: ContactKey | "both";
	readonly scope: (typeof CONTACT_SCOPES)[number];
	readonly pack: number | "all";
}

/** Whether a contact is one of those chosen. */
export function isChosen({ which, scope, pack }: Choice, state: ContactState): boolean {
	if (which !== "both" && state.contact !== which) return false;
	return scope === "bank" ? state.pack === null : state.pack !== null && (pack === "all" || state.pack === pack);
}

/** The position a message tells for a wired contact; null when it has none. Throws an Error in words when it cannot be understood. */
export function toldPosition(message: { readonly contact?: unknown }): ContactPosition | null {
	if (message.contact === undefined || message.contact === null || message.contact === "") return null;
	const position = positionIn(message.contact);
	if (position === null)
		throw new Error(
			`msg.contact must be "open", "closed", true, false, 1, 0, "on", "off" or "unknown", not ${JSON.stringify(message.contact)}`,
		);
	return position;
}

/** The contact a message tells something about. Throws an Error in words when that is not clear. */
export function toldContact(which: ContactKey | "both"): ContactKey {
	if (which === "both")
		throw new Error('this node follows both contacts, so msg.which must say whose position msg.contact is: "fault" or "low-battery"');
	return which;
}
