import { ConfigError, messageOf } from "../../src/index.ts";

/**
 * One input of a node: the message's property, where it is set, else the node's property, else the default.
 * `read` turns what it finds into the value, or throws an Error that says what would be right.
 */
export interface Input<T> {
	readonly message: string;
	readonly config: string;
	readonly default: T;
	readonly read: (value: unknown) => T;
}

export type InputTable = Readonly<Record<string, Input<unknown>>>;
export type InputsOf<T extends InputTable> = { readonly [K in keyof T]: ReturnType<T[K]["read"]> };

const isUnset = (value: unknown) => value === undefined || value === null || value === "";

function readInput(row: Input<unknown>, message: Readonly<Record<string, unknown>>, config: Readonly<Record<string, unknown>>): unknown {
	const [value, name] = isUnset(message[row.message]) ? [config[row.config], row.config] : [message[row.message], `msg.${row.message}`];
	if (isUnset(value)) return row.default;
	try {
		return row.read(value);
	} catch (error) {
		throw new ConfigError("invalid", `${name} ${messageOf(error)}`, {}, error);
	}
}

/** The inputs of a table; throws a ConfigError in words that names the property. */
export function readInputs<const T extends InputTable>(table: T, message: object, config: object): InputsOf<T> {
	const entries = Object.entries(table).map(([key, row]) => [
		key,
		readInput(row, message as Readonly<Record<string, unknown>>, config as Readonly<Record<string, unknown>>),
	]);
	return Object.fromEntries(entries) as InputsOf<T>;
}

/** What was found, short, for the texts. */
function shown(value: unknown): string {
	const text = typeof value === "string" ? `"${value}"` : String(JSON.stringify(value));
	return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

/** A reader that takes one of the words. */
export function oneOf<const T extends readonly string[]>(words: T): (value: unknown) => T[number] {
	return (value) => {
		const found = words.find((word) => word === value);
		if (found === undefined) throw new Error(`must be one of ${words.join(", ")}, not ${shown(value)}`);
		return found;
	};
}

/** Reads a pack's address, or "all". */
export function readPack(value: unknown): number | "all" {
	if (value === "all") return "all";
	const number = typeof value === "number" ? value : typeof value === "string" && /^\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
	if (Number.isInteger(number) && number >= 0 && number <= 15) return number;
	throw new Error(`must be the number of a pack, 0 to 15, or "all", not ${shown(value)}`);
}

/** A reader that takes a list of words, as an array or as text with commas. */
export function listOf<const T extends readonly string[]>(words: T): (value: unknown) => readonly T[number][] {
	const readWord = oneOf(words);
	return (value) => {
		const list: unknown = typeof value === "string" ? value.split(",").map((word) => word.trim()) : value;
		if (!Array.isArray(list)) throw new Error(`must be a list of ${words.join(", ")}, not ${shown(value)}`);
		return list.filter((word) => word !== "").map(readWord);
	};
}

/** Reads a tick box. */
export function readFlag(value: unknown): boolean {
	if (value === true || value === "true") return true;
	if (value === false || value === "false") return false;
	throw new Error(`must be true or false, not ${shown(value)}`);
}

/** A signal as switches, Home Assistant and our contact node say it; null = not known. */
export function readSignal(value: unknown): boolean | null {
	if ([true, 1, "true", "on", "ON", "closed", "home"].includes(value as string)) return true;
	if ([false, 0, "false", "off", "OFF", "open"].includes(value as string)) return false;
	if (value === "unknown" || value === "unavailable") return null;
	throw new Error('must be true or false, "on" or "off", "closed" or "open", or "unknown"');
}
