import { type ContactKey, type ContactPosition, MODEM_LINES, type ModemLine } from "../bms/battery/contact.ts";
import { type ContactRule, SETTING_PREFIX } from "./contact-rules.ts";
import type { ContactSettings } from "./options.ts";

/** Where a wired contact comes in. `port`: null for the adapter of the battery. */
export type WireInput =
	| { readonly contact: ContactKey; readonly kind: "message" }
	| { readonly contact: ContactKey; readonly kind: "mqtt"; readonly topic: string }
	| { readonly contact: ContactKey; readonly kind: "line"; readonly line: ModemLine; readonly port: string | null };

/** The inputs of the contacts whose rules use a wire. */
export function wireInputs(settings: ContactSettings, rules: readonly ContactRule[]): readonly WireInput[] {
	return rules
		.filter(({ wiredTo }) => wiredTo !== undefined)
		.map(({ contact }) => inputOf(contact, settings[`${SETTING_PREFIX[contact]}Input`]));
}

function inputOf(contact: ContactKey, text: string): WireInput {
	if (text.startsWith("mqtt:")) return { contact, kind: "mqtt", topic: text.slice("mqtt:".length) };
	const [name = "", ...port] = text.split("@");
	const line = MODEM_LINES.find((each) => each === name);
	return line === undefined
		? { contact, kind: "message" }
		: { contact, kind: "line", line, port: port.length === 0 ? null : port.join("@") };
}

/** What the wires have said last: closed or not; null while that is not known. The input's own inversion is taken out. */
export class WireBoard {
	readonly #closed = new Map<ContactKey, boolean | null>();
	readonly #settings: ContactSettings;

	constructor(settings: ContactSettings) {
		this.#settings = settings;
	}

	get closed(): ReadonlyMap<ContactKey, boolean | null> {
		return this.#closed;
	}

	/** Takes what an input says; true when it is something new. */
	set(contact: ContactKey, position: ContactPosition): boolean {
		const isClosed = position === "unknown" ? null : (position === "closed") !== this.#settings[`${SETTING_PREFIX[contact]}InputInverted`];
		if ((this.#closed.get(contact) ?? null) === isClosed) return false;
		this.#closed.set(contact, isClosed);
		return true;
	}
}
