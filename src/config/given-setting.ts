import type { Setting } from "../settings.ts";
import { settingAt } from "./config.ts";

/** One value somebody gave, before it is checked. */
export interface GivenSetting {
	readonly section: string;
	/** Name within the section; null when it is about the section itself, which is unknown or no group of settings. */
	readonly key: string | null;
	readonly value: unknown;
	/** Where it came from, in the user's words: a file name, the name of an environment variable, an option. */
	readonly from: string;
}

/** One thing wrong with the settings. */
export interface ConfigProblem {
	readonly path: string;
	readonly message: string;
}

/**
 * The value that a text from the environment or the command line means for a setting. A text that does not
 * fit is left as it is: the check that follows says what would be right.
 */
export function valueOfText(row: Setting | undefined, text: string): unknown {
	if (row?.type === "integer" || row?.type === "number") return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text.trim()) ? Number(text) : text;
	if (row?.type !== "boolean") return text;
	const word = text.trim().toLowerCase();
	if (["true", "yes", "on", "1"].includes(word)) return true;
	return ["false", "no", "off", "0"].includes(word) ? false : text;
}

/** A text for `section.key` from the environment or the command line. */
export function givenText(section: string, key: string, text: string, from: string): GivenSetting {
	return { section, key, value: valueOfText(settingAt(section, key), text), from };
}
