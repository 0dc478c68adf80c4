import { ConfigError } from "../errors.ts";
import { FORCIBLE_KEYS } from "./forcible-bits.ts";

interface Named {
	/** For the owner: what it is. */
	readonly description: string;
	/** May be left out. */
	readonly optional?: true;
}
/** One argument of an action: what it may be, in a script and as a word of a command. */
export type Argument = Named &
	(
		| {
				readonly type: "number" | "integer";
				readonly minimum: number;
				readonly maximum: number;
				readonly unit?: string;
				/** Words that may stand instead of the number. */
				readonly words?: readonly string[];
		  }
		| { readonly type: "choice"; readonly choices: readonly string[] }
		| { readonly type: "bit" }
		| { readonly type: "name" }
	);

/** Arguments by name, in the order of the words of a command. */
export type ArgumentTable = Readonly<Record<string, Argument>>;

type WordsOf<A> = A extends { readonly words: readonly (infer W)[] } ? W : never;
type ValueOf<A> = A extends { readonly choices: readonly (infer C)[] }
	? C
	: A extends { readonly type: "number" | "integer" }
		? number | WordsOf<A>
		: string;

/** The values an argument table describes; what was left out is undefined. */
export type ValuesOf<T> = { readonly [K in keyof T]: ValueOf<T[K]> | (T[K] extends { readonly optional: true } ? undefined : never) };

/** Names of signals and their values. */
export const NAME_OF_SIGNAL = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$";
const NAME = new RegExp(NAME_OF_SIGNAL);

/** What would be right for an argument, as the end of "must be …". */
export function wantedWords(argument: Argument): string {
	switch (argument.type) {
		case "choice":
			return argument.choices.map((choice) => `"${choice}"`).join(" or ");
		case "bit":
			return "the name of a condition or state, like alarm.low_soc";
		case "name":
			return "1 to 32 letters, digits, . - or _";
		default: {
			const { type, minimum, maximum, unit, words = [] } = argument;
			const range = `a ${type === "integer" ? "whole number" : "number"} from ${minimum} to ${maximum}${unit === undefined ? "" : ` ${unit}`}`;
			return [range, ...words.map((word) => `"${word}"`)].join(" or ");
		}
	}
}

/** Whether a value from a script fits an argument. */
export function fits(argument: Argument, value: unknown): boolean {
	switch (argument.type) {
		case "choice":
			return argument.choices.some((choice) => choice === value);
		case "bit":
			return FORCIBLE_KEYS.some((key) => key === value);
		case "name":
			return typeof value === "string" && NAME.test(value);
		default: {
			const { type, minimum, maximum, words = [] } = argument;
			if (typeof value !== "number") return words.some((word) => word === value);
			return value >= minimum && value <= maximum && (type === "number" || Number.isInteger(value));
		}
	}
}

/** How an argument stands in the usage of a command: `<pack>`, `[shrinks|placeholder]`. */
export function usageOf(name: string, argument: Argument): string {
	const [open, close] = argument.optional ? "[]" : "<>";
	const inside = argument.type === "choice" ? argument.choices : "unit" in argument ? [argument.unit, ...(argument.words ?? [])] : [name];
	return `${open}${inside.join("|")}${close}`;
}

/**
 * The value a word of a command means. Throws a ConfigError in words; whether a number is in range, and whether
 * a bit or a pack exists, is for the battery to say.
 */
export function valueOfWord(argument: Argument, word: string): number | string {
	switch (argument.type) {
		case "choice":
			if (argument.choices.includes(word)) return word;
			throw new ConfigError("invalid", `"${word}" should be ${argument.choices.join(" or ")}.`);
		case "bit":
			return word;
		case "name":
			if (NAME.test(word)) return word;
			throw new ConfigError("invalid", `"${word}" should be ${wantedWords(argument)}.`);
		default:
			if (argument.words?.includes(word)) return word;
			if (/^[-+]?\d+(\.\d+)?$/.test(word)) return Number(word);
			throw new ConfigError("invalid", `"${word}" is no number; here should be ${wantedWords(argument)}.`);
	}
}
