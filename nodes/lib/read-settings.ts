import { ConfigError, defaultsOf, type Setting, type SettingsOf, type SettingsTable } from "../../src/index.ts";

/** One thing that is wrong with what the user entered. */
export interface Problem {
	readonly path: string;
	readonly message: string;
}

/** The number in a field of the editor, which hands over text; NaN when it is none. */
function numberIn(value: unknown): number {
	if (typeof value === "number") return value;
	return typeof value === "string" && value.trim() !== "" ? Number(value.trim()) : Number.NaN;
}

function checkedNumber(row: Setting & { type: "integer" | "number" }, value: unknown): number | string {
	const number = numberIn(value);
	const kind = row.type === "integer" ? "a whole number" : "a number";
	const unit = row.unit === undefined ? "" : ` ${row.unit}`;
	const wanted = `must be ${kind} from ${row.minimum} to ${row.maximum}${unit}`;
	if (!Number.isFinite(number) || number < row.minimum || number > row.maximum) return wanted;
	return row.type === "integer" && !Number.isInteger(number) ? wanted : number;
}

function checkedText(row: Setting & { type: "string" }, value: unknown): { text: string } | string {
	if (typeof value !== "string") return "must be text";
	const text = value.trim();
	if (row.choices && !row.choices.includes(text)) return `must be one of ${row.choices.join(", ")}`;
	if (row.pattern && !new RegExp(row.pattern).test(text)) return `"${text}" does not fit. ${row.description}`;
	return { text };
}

function checkedBoolean(value: unknown): boolean | string {
	if (value === true || value === "true") return true;
	return value === false || value === "false" ? false : "must be on or off";
}

function check(row: Setting, value: unknown): { value: unknown } | { problem: string } {
	if (row.type === "string") {
		const text = checkedText(row, value);
		return typeof text === "string" ? { problem: text } : { value: text.text };
	}
	if (row.type === "boolean") {
		const flag = checkedBoolean(value);
		return typeof flag === "string" ? { problem: flag } : { value: flag };
	}
	const number = checkedNumber(row, value);
	return typeof number === "string" ? { problem: number } : { value: number };
}

/**
 * Settings of a table from a node's configuration: fields of the editor hold text, missing ones the default.
 * `propertyOf` says under which name the node keeps a row. Throws one ConfigError that lists every problem.
 */
export function readSettings<const T extends SettingsTable>(
	table: T,
	config: Readonly<Record<string, unknown>>,
	propertyOf: (key: string) => string = (key) => key,
): SettingsOf<T> {
	const settings: Record<string, unknown> = { ...defaultsOf(table) };
	const problems: Problem[] = [];
	for (const [key, row] of Object.entries(table)) {
		const entered = config[propertyOf(key)];
		if (entered === undefined || entered === null || (entered === "" && row.type !== "string")) continue;
		const result = check(row, entered);
		if ("problem" in result) problems.push({ path: propertyOf(key), message: result.problem });
		else settings[key] = result.value;
	}
	if (problems.length > 0) throw configProblems(problems);
	return settings as SettingsOf<T>;
}

/** One error for all problems, its text for the node's log. */
export function configProblems(problems: readonly Problem[]): ConfigError {
	const text = problems.map((problem) => `${problem.path}: ${problem.message}`).join("; ");
	return new ConfigError("invalid", `The settings of the bank cannot be used. ${text}`, { problems });
}
