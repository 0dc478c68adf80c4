import {
	CONTACT_KEYS,
	ConfigError,
	type ContactKey,
	type CustomAlarm,
	type NotificationCommand,
	SEVERITIES,
	type Severity,
} from "../../src/index.ts";
import { oneOf, readFlag } from "../lib/inputs.ts";
import { LANGUAGE_INPUT } from "../lib/language.ts";

/** `object`: the whole message. `text`: its words, the title as topic, as the e-mail node takes them. */
export const FORMATS = ["object", "text"] as const;
export type Format = (typeof FORMATS)[number];

/** Reads actions of Home Assistant with commas between. */
function readTargets(value: unknown): readonly string[] {
	const targets = String(value)
		.split(",")
		.map((target) => target.trim())
		.filter((target) => target !== "");
	const wrong = targets.find((target) => !/^[a-z0-9_]+\.[a-z0-9_]+$/.test(target));
	if (wrong === undefined) return targets;
	throw new Error(`must be actions of Home Assistant, such as notify.mobile_app_phone, not "${wrong}"`);
}

const NOBODY: readonly string[] = [];

/** TABLE of what only the node's own configuration says. */
export const BEHAVIOUR_INPUTS = {
	shedButton: { message: "", config: "shedButton", default: false, read: readFlag },
	format: { message: "", config: "format", default: "object", read: oneOf(FORMATS) },
	targets: { message: "", config: "targets", default: NOBODY, read: readTargets },
	targets1: { message: "", config: "targets1", default: NOBODY, read: readTargets },
	targets2: { message: "", config: "targets2", default: NOBODY, read: readTargets },
	targets3: { message: "", config: "targets3", default: NOBODY, read: readTargets },
	language: { ...LANGUAGE_INPUT, message: "" },
} as const;

type Unchecked = Readonly<Record<string, unknown>>;

/** Words for the messages, told by other nodes; undefined: nothing was said about it. */
export interface Facts {
	/** What is switched off now; null for nothing. */
	readonly shed?: string | null;
	/** How long the battery lasts; null when nobody knows. */
	readonly timeLeft?: string | null;
}

/** What a message is about. */
export interface Said {
	readonly command: NotificationCommand | null;
	/** A contact that a battery contact node tells about. */
	readonly contact: { readonly key: ContactKey; readonly owner: string; readonly isActive: boolean; readonly text: string } | null;
	readonly facts: Facts;
	readonly wantsList: boolean;
	/** The load is to be shed now, for that thread. */
	readonly shed: { readonly tag: string } | null;
}

const NOTHING: Said = { command: null, contact: null, facts: {}, wantsList: false, shed: null };

const isRecord = (value: unknown): value is Unchecked => typeof value === "object" && value !== null && !Array.isArray(value);
const inside = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined);

/** TABLE of the buttons: what their text begins with, before the thread they are for. */
const BUTTONS = { acknowledge: "ack:", snooze: "snooze:", shed: "shed:" } as const;
export type ButtonType = keyof typeof BUTTONS;

/** Text of a button for a thread; at most 64 bytes, which is what Telegram takes. */
export function buttonFor(type: ButtonType, tag: string): string {
	return `${BUTTONS[type]}${tag}`;
}

/** A button that was pressed; null when the text is none of ours. */
export function pressedButton(text: unknown): Pick<Said, "command" | "shed"> | null {
	if (typeof text !== "string") return null;
	const type = (Object.keys(BUTTONS) as ButtonType[]).find((one) => text.startsWith(BUTTONS[one]));
	if (type === undefined) return null;
	const tag = text.slice(BUTTONS[type].length);
	if (type === "shed") return { command: null, shed: { tag } };
	return { command: type === "snooze" ? { type, tag, minutes: null } : { type, tag }, shed: null };
}

/** Where other nodes put the text of a pressed button: Home Assistant's event in several wrappings, Telegram's callback. */
function pressed(message: Unchecked): Pick<Said, "command" | "shed"> | null {
	const { payload, event, data } = message;
	const wrappings = [
		payload,
		event,
		data,
		inside(payload, "event"),
		inside(payload, "data"),
		inside(event, "data"),
		inside(inside(payload, "event"), "data"),
	];
	const texts = [payload, ...wrappings.flatMap((wrapping) => [inside(wrapping, "action"), inside(wrapping, "content")])];
	return texts.map(pressedButton).find((button) => button !== null) ?? null;
}

export const COMMANDS = ["acknowledge", "snooze", "digest", "test", "list"] as const;

function spoken(message: Unchecked): Said | null {
	const { command, tag, minutes } = message;
	if (command === undefined || command === null || command === "") return null;
	let type: (typeof COMMANDS)[number];
	try {
		type = oneOf(COMMANDS)(command);
	} catch (error) {
		throw new ConfigError("invalid", `msg.command ${(error as Error).message}`);
	}
	if (type === "list") return { ...NOTHING, wantsList: true };
	if (type === "digest" || type === "test") return { ...NOTHING, command: { type } };
	const thread = tag === undefined || tag === null || tag === "" ? "all" : String(tag);
	if (type === "acknowledge") return { ...NOTHING, command: { type, tag: thread } };
	const wait = minutes === undefined || minutes === null || minutes === "" ? null : Number(minutes);
	if (wait !== null && !(wait >= 1 && wait <= 10_080)) throw new ConfigError("invalid", "msg.minutes must be a number from 1 to 10080.");
	return { ...NOTHING, command: { type, tag: thread, minutes: wait } };
}

/** Something the flow says is the matter, or over. */
function alarmIn(alarm: unknown): CustomAlarm {
	const { id, severity = "info", title, text = "", state = "once" } = isRecord(alarm) ? alarm : {};
	const wrong = (what: string) => new ConfigError("invalid", `msg.alarm.${what}`);
	if (typeof id !== "string" || !/^[A-Za-z0-9_-]{1,24}$/.test(id))
		throw wrong("id must be a short name of letters, digits, _ and -, at most 24");
	if (!SEVERITIES.includes(severity as Severity)) throw wrong(`severity must be one of ${SEVERITIES.join(", ")}`);
	if (state !== "on" && state !== "off" && state !== "once") throw wrong('state must be "on", "off" or "once"');
	if (state !== "off" && (typeof title !== "string" || title === "")) throw wrong("title must be text");
	return {
		id,
		severity: severity as Severity,
		title: typeof title === "string" ? title : id,
		text: typeof text === "string" ? text : "",
		state,
	};
}

/** A message of a battery contact node. */
function contactIn(payload: unknown): Said["contact"] {
	if (!isRecord(payload)) return null;
	const { contact, scope, pack, active, text } = payload;
	const key = CONTACT_KEYS.find((one) => one === contact);
	if (key === undefined || typeof active !== "boolean" || typeof text !== "string") return null;
	return { key, owner: scope === "pack" && typeof pack === "number" ? `pack${pack}` : "bank", isActive: active, text };
}

function words(value: unknown): string | null {
	if (Array.isArray(value)) return value.length === 0 ? null : value.map(String).join(", ");
	return typeof value === "string" && value !== "" ? value : null;
}

/** What load shedding and autonomy nodes tell, by their topics, or `msg.facts`. */
function factsIn({ topic, payload, facts }: Unchecked): Facts | null {
	const said = isRecord(facts) ? facts : {};
	const isReport = typeof topic === "string" && topic.endsWith("/load-shed") && Array.isArray(inside(payload, "shed"));
	const isAutonomy = typeof topic === "string" && topic.endsWith("/autonomy") && isRecord(payload);
	const shed = isReport ? inside(payload, "shed") : said.shed;
	const timeLeft = isAutonomy ? (inside(payload, "lasts") === "unknown" ? null : inside(payload, "text")) : said.timeLeft;
	if (shed === undefined && timeLeft === undefined) return null;
	return { ...(shed === undefined ? {} : { shed: words(shed) }), ...(timeLeft === undefined ? {} : { timeLeft: words(timeLeft) }) };
}

/** What a message says. Throws a ConfigError in words when that is nothing this node understands. */
export function readMessage(message: object): Said {
	const said = message as Unchecked;
	const command = spoken(said);
	if (command !== null) return command;
	if (said.alarm !== undefined) return { ...NOTHING, command: { type: "custom", alarm: alarmIn(said.alarm) } };
	const button = pressed(said);
	if (button !== null) return { ...NOTHING, ...button };
	const contact = contactIn(said.payload);
	if (contact !== null) return { ...NOTHING, contact };
	const facts = factsIn(said);
	if (facts !== null) return { ...NOTHING, facts };
	// Every other button of a phone comes along as well, where somebody listens to all of them.
	const { payload, event } = said;
	const isForeignEvent = [payload, event, inside(payload, "event")].some((one) => isRecord(one) && "action" in one);
	if (isForeignEvent || inside(payload, "event_type") !== undefined) return NOTHING;
	throw new ConfigError(
		"invalid",
		`This message says nothing that is understood here: msg.command (${COMMANDS.join(", ")}), msg.alarm, a pressed button, or what a contact, load shedding or autonomy node sends.`,
	);
}
