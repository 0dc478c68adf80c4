/**
 * What Home Assistant sends, made safe for `homeassistant-ws`: the package takes every message for well-formed
 * and would end the process at one that is not (read in its source, version 0.2.5).
 */
export interface Incoming {
	readonly type: string;
	readonly [key: string]: unknown;
}

/** Types that mean something; anything else is passed on as one nobody listens to. */
const KNOWN = ["auth_required", "auth_ok", "auth_invalid", "result", "event"];
const IGNORED: Incoming = { type: "ignored" };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

/** Id of the package's own first command: it asks for all events before anybody can say which are wanted. */
const FIRST_COMMAND = 1;

/** Why a command failed, in Home Assistant's words and with its code. */
function reasonOf(error: unknown): string {
	if (!isRecord(error)) return "no reason given";
	const { message, code } = error;
	const words = typeof message === "string" && message !== "" ? message : "no reason given";
	return typeof code === "string" ? `${words} (${code})` : words;
}

function resultOf(message: Readonly<Record<string, unknown>>): Incoming {
	if (message.success === true) return { ...message, type: "result" };
	// Only an administrator may hear all events; whoever may not can still call actions.
	if (message.id === FIRST_COMMAND) return { ...message, type: "result", success: true };
	return { ...message, type: "result", success: false, error: { message: reasonOf(message.error) } };
}

/** Whether a message is an event, told from its first characters: most are dropped unread. */
const EVENT = /^\{"id":\s*\d+,\s*"type":\s*"event"/;

/** Reads one message. `wants` says whether somebody listens to an event type; `dropped` is told of every other event. */
export function readIncoming(data: unknown, wants: (eventType: string) => boolean, dropped: () => void): Incoming {
	const text = String(data);
	if (EVENT.test(text) && !eventTypesIn(text).some(wants)) {
		dropped();
		return IGNORED;
	}
	let message: unknown;
	try {
		message = JSON.parse(text);
	} catch {
		return IGNORED;
	}
	if (!isRecord(message) || typeof message.type !== "string" || !KNOWN.includes(message.type)) return IGNORED;
	if (message.type === "result") return resultOf(message);
	if (message.type === "event") return eventOf(message, wants, dropped);
	return { ...message, type: message.type };
}

/** Every text that could be the event's type: cheaper than reading the whole message. */
function eventTypesIn(text: string): readonly string[] {
	return [...text.matchAll(/"event_type":\s*"([^"\\]+)"/g)].map((match) => match[1] ?? "");
}

function eventOf(message: Readonly<Record<string, unknown>>, wants: (eventType: string) => boolean, dropped: () => void): Incoming {
	const { event } = message;
	// The package sends an event on under its type's name: it must not pass for one of the messages above.
	if (isRecord(event) && typeof event.event_type === "string" && !KNOWN.includes(event.event_type) && wants(event.event_type))
		return { ...message, type: "event" };
	dropped();
	return IGNORED;
}
