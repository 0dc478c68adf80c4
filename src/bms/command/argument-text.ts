import type { CommandArgument } from "./command.ts";

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;

/** What a text means for an argument: forms and the command line have nothing else. What does not fit is left as it is, for the check to name. */
export function argumentOfText(argument: CommandArgument, text: string): unknown {
	const word = text.trim();
	switch (argument.type) {
		case "integer":
			return NUMBER.test(word) ? Number(word) : text;
		case "boolean":
			return booleanOfText(word) ?? text;
		case "values":
			return valuesOfText(text) ?? text;
		default:
			return word;
	}
}

function booleanOfText(word: string): boolean | null {
	if (/^(true|on|yes|1)$/i.test(word)) return true;
	return /^(false|off|no|0)$/i.test(word) ? false : null;
}

/** Numbers by name, as a JSON object or as `name = value`, one a line or with commas or blanks between; null when it is neither. */
export function valuesOfText(text: string): Readonly<Record<string, unknown>> | null {
	return text.trim().startsWith("{") ? valuesOfJson(text) : valuesOfLines(text);
}

function valuesOfJson(text: string): Readonly<Record<string, unknown>> | null {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
	} catch {
		return null;
	}
}

function valuesOfLines(text: string): Readonly<Record<string, unknown>> | null {
	const parts = text
		.replace(/\s*=\s*/g, "=")
		.split(/[\s,;]+/)
		.filter((part) => part !== "");
	const pairs = parts.map((part) => /^([A-Za-z]\w*)=([^=]+)$/.exec(part));
	if (pairs.some((pair) => pair === null)) return null;
	const entries = pairs.flatMap((pair) => (pair?.[1] !== undefined && pair[2] !== undefined ? [[pair[1], pair[2]] as const] : []));
	// Said twice, nobody knows which is meant.
	if (new Set(entries.map(([key]) => key)).size < entries.length) return null;
	return Object.fromEntries(entries.map(([key, value]) => [key, NUMBER.test(value) ? Number(value) : value]));
}
