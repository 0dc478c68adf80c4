import { readFileSync } from "node:fs";
import { ConfigError, fileWords, messageOf } from "../errors.ts";
import { CONFIG_SECTIONS } from "./config.ts";
import type { GivenSetting } from "./given-setting.ts";

/** Line and column (from 1) of a place in a text. */
function placeOf(text: string, offset: number): { line: number; column: number } {
	const before = text.slice(0, offset);
	return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

/** Where JSON.parse stopped: its message names a position, except at the end of the text. */
function syntaxErrorPlace(text: string, error: unknown): { line: number; column: number } {
	const position = /position (\d+)/.exec(messageOf(error))?.[1];
	return placeOf(text, position === undefined ? text.length : Number(position));
}

function parse(path: string, text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		const { line, column } = syntaxErrorPlace(text, error);
		// Node quotes what stands around the place, and that may be a password.
		const reason = messageOf(error).replace(/(, (\.\.\.)?".*is not valid JSON| in JSON at position.*)$/s, "");
		throw new ConfigError("unreadable", `The settings file ${path} is not JSON: line ${line}, column ${column}: ${reason}.`, {}, error);
	}
}

function isGroup(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a settings file says, setting by setting. `$schema` at the top is allowed and ignored. */
export function settingsOfText(path: string, text: string): readonly GivenSetting[] {
	const content = parse(path, text.replace(/^\uFEFF/, ""));
	if (!isGroup(content)) throw new ConfigError("invalid", `The settings file ${path} must hold one object in braces { … }.`);
	return Object.entries(content)
		.filter(([section]) => section !== "$schema")
		.flatMap(([section, values]): GivenSetting[] =>
			isGroup(values) && Object.hasOwn(CONFIG_SECTIONS, section)
				? Object.entries(values).map(([key, value]) => ({ section, key, value, from: path }))
				: [{ section, key: null, value: values, from: path }],
		);
}

/**
 * Reads a settings file. A file that is not there is no settings when it `mayBeMissing`.
 * Throws a ConfigError when it cannot be read or is not JSON.
 */
export function readSettingsFile(path: string, shownAs: string, mayBeMissing: boolean): readonly GivenSetting[] | null {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		if (code === "ENOENT" && mayBeMissing) return null;
		throw new ConfigError("unreadable", `The settings file ${shownAs} cannot be read: ${fileWords(error)}.`, {}, error);
	}
	return settingsOfText(shownAs, text);
}
