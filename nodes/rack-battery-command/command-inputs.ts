import {
	ARMED_CLASSES,
	argumentOfText,
	COMMAND_NAMES,
	type CommandArgument,
	CommandError,
	type CommandName,
	commandOf,
} from "../../src/index.ts";

type Data = Readonly<Record<string, unknown>>;

/** What a message wants of the node. */
export type Wish =
	| { readonly kind: "run"; readonly command: CommandName; readonly arguments: Data }
	| { readonly kind: "arm"; readonly class: string; readonly password: string }
	| { readonly kind: "disarm" }
	/** Ends the request under way, or that and all that wait. */
	| { readonly kind: "cancel"; readonly all: boolean };

/** What the node does beside the battery's commands. */
export const NODE_COMMANDS = ["arm", "disarm", "cancel"] as const;
/** The form's choice that leaves the command to the message. */
const BY_MESSAGE = "message";
const WORDS: readonly string[] = [...COMMAND_NAMES, ...NODE_COMMANDS];

const isRecord = (value: unknown): value is Data => typeof value === "object" && value !== null && !Array.isArray(value);
const isSet = (value: unknown) => value !== undefined && value !== null && value !== "";

/** Name of the node's property that keeps an argument: `on` and `from` alone would say nothing in a flow file. */
export function argumentProperty(argument: string): string {
	return `arg${argument.charAt(0).toUpperCase()}${argument.slice(1)}`;
}

/** What the message says beside its own properties: a payload that names a command brings its arguments along. */
function spoken(message: Data): Data {
	const { payload } = message;
	return isRecord(payload) && typeof payload.command === "string" ? { ...payload, ...message, payload: undefined } : message;
}

/**
 * The word that says what to do: msg.command, else a payload that is such a word, else the node's own. A payload that is
 * none counts only where the node leaves it to the message.
 */
function wordOf(message: Data, config: Data): string {
	if (isSet(message.command)) return typeof message.command === "string" ? message.command.trim() : JSON.stringify(message.command);
	const payload = typeof message.payload === "string" ? message.payload.trim() : "";
	if (WORDS.includes(payload)) return payload;
	const own = typeof config.command === "string" ? config.command : BY_MESSAGE;
	return own === BY_MESSAGE || own === "" ? payload : own;
}

/** An argument's value: the message's, else the form's, else a payload that can only be meant for it. */
function argumentValue(name: string, row: CommandArgument, message: Data, form: Data): unknown {
	const entered = form[argumentProperty(name)];
	const value = [message[name], entered, row.type === "boolean" ? signalIn(message.payload) : undefined].find(isSet);
	return typeof value === "string" ? argumentOfText(row, value) : value;
}

/** true and false as switches say them; anything else is no argument. */
function signalIn(payload: unknown): boolean | string | undefined {
	if (typeof payload === "boolean") return payload;
	return typeof payload === "string" && /^(on|off|true|false)$/i.test(payload) ? payload : undefined;
}

/** The form's arguments are those of its own command; what is left in its hidden fields is not meant for another. The pack is. */
function argumentsOf(command: CommandName, message: Data, config: Data): Data {
	const form = config.command === command ? config : { [argumentProperty("pack")]: config[argumentProperty("pack")] };
	const entries = Object.entries(commandOf(command).arguments).map(
		([name, row]) => [name, argumentValue(name, row, message, form)] as const,
	);
	return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function armWish(message: Data, config: Data, password: string): Wish {
	const armClass = [message.class, config.armClass].find(isSet);
	const given = isSet(message.password) ? message.password : password;
	if (typeof armClass !== "string")
		throw new CommandError("bad-argument", `Which class to arm is not said: msg.class must be ${ARMED_CLASSES.join(" or ")}.`);
	if (typeof given !== "string" || given === "")
		throw new CommandError("bad-argument", "Arming needs the administrator's password: enter it in this node, or send it in msg.password.");
	return { kind: "arm", class: armClass, password: given };
}

/** What a message wants; `password` is the node's own. Throws a CommandError in words. */
export function readWish(received: object, config: object, password: string): Wish {
	const message = spoken(received as Data);
	const { cancel } = message;
	if (cancel === "all") return { kind: "cancel", all: true };
	if (cancel === true || cancel === "true") return { kind: "cancel", all: false };
	const word = wordOf(message, config as Data);
	if (word === "cancel") return { kind: "cancel", all: false };
	if (word === "disarm") return { kind: "disarm" };
	if (word === "arm") return armWish(message, config as Data, password);
	const command = COMMAND_NAMES.find((name) => name === word);
	if (command !== undefined) return { kind: "run", command, arguments: argumentsOf(command, message, config as Data) };
	const wanted = `choose one in this node, or name one in msg.command: ${WORDS.join(", ")}`;
	throw new CommandError(
		"unknown",
		word === "" ? `No command is given: ${wanted}.` : `There is no command "${word.slice(0, 60)}": ${wanted}.`,
	);
}

/** Takes secrets out of a message for good: it goes on to the next node, or to the Catch nodes. */
export function removeSecrets(message: object): void {
	for (const holder of [message, (message as { readonly payload?: unknown }).payload])
		if (isRecord(holder)) Reflect.deleteProperty(holder, "password");
}
