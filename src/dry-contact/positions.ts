import type { ContactPosition } from "../bms/battery/contact.ts";

/** TABLE of the words for the positions of a contact, as switches, sensors and people say them; small letters. */
const WORDS = {
	closed: ["closed", "close", "on", "true", "1"],
	open: ["open", "opened", "off", "false", "0"],
	unknown: ["unknown", "unavailable", "none", "null"],
} as const satisfies Record<ContactPosition, readonly string[]>;

/** Names under which a sensor's JSON message may have it. */
const PROPERTIES = ["contact", "state"] as const;

/** The position a value means: a word, a switch's value, or an object that has it as `contact` or `state`. Null when it means none. */
export function positionIn(value: unknown): ContactPosition | null {
	if (typeof value === "object" && value !== null) {
		const record = value as Readonly<Record<string, unknown>>;
		const property = PROPERTIES.find((name) => Object.hasOwn(record, name));
		return property === undefined ? null : positionIn(record[property]);
	}
	const text = String(value).trim().toLowerCase();
	const found = (Object.keys(WORDS) as ContactPosition[]).find((position) => (WORDS[position] as readonly string[]).includes(text));
	return found ?? null;
}

/** The position in the text of an MQTT message, plain or JSON; null when it means none. */
export function positionInText(payload: string): ContactPosition | null {
	const plain = positionIn(payload);
	if (plain !== null || !payload.trim().startsWith("{")) return plain;
	try {
		return positionIn(JSON.parse(payload));
	} catch {
		return null;
	}
}
