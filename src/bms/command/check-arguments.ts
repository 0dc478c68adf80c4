import { CommandError } from "../../errors.ts";
import { didYouMean } from "../../nearest.ts";
import { PARAMETER_KEYS, type ParameterKey, type ParameterValues, parameterOf } from "../battery/parameters.ts";
import { COMMAND_NAMES, type CommandArgument, type CommandName, commandOf } from "./command.ts";

/** Arguments that fit the table: every value has the type and range of its row. */
export interface CheckedArguments {
	readonly pack?: number;
	readonly from?: number;
	readonly count?: number;
	readonly switch?: string;
	readonly on?: boolean;
	readonly did?: string;
	readonly time?: string;
	readonly save?: string;
	readonly mode?: string;
	readonly can?: number;
	readonly rs485?: number;
	readonly values?: ParameterValues;
}

/** The command of that name. Throws a CommandError in words. */
export function checkCommand(name: unknown): CommandName {
	const known = COMMAND_NAMES.find((command) => command === name);
	if (known !== undefined) return known;
	const near = typeof name === "string" && name !== "" ? didYouMean(name.slice(0, 60), COMMAND_NAMES) : "";
	const hint = near === "" ? `: ${COMMAND_NAMES.join(", ")}` : near;
	throw new CommandError("unknown", `There is no command ${shown(name)}${hint}`);
}

/** The arguments of a command as its row wants them. Throws one CommandError that names everything that is wrong. */
export function checkArguments(command: CommandName, given: unknown): CheckedArguments {
	if (!isRecord(given)) throw new CommandError("bad-argument", `The arguments of ${command} must be an object of names and values.`);
	const rows = commandOf(command).arguments;
	const problems: string[] = [];
	const checked: Record<string, unknown> = {};
	let isRange = true;
	const tell = (problem: Problem) => {
		isRange &&= problem.isRange;
		problems.push(problem.words);
	};
	for (const name of Object.keys(given))
		if (!Object.hasOwn(rows, name))
			tell(
				wrong(
					`${shown(name)} is no argument of ${command}${Object.keys(rows).length > 0 ? didYouMean(name.slice(0, 60), Object.keys(rows)) : ""}`,
				),
			);
	for (const [name, row] of Object.entries(rows)) {
		const value = given[name];
		if (value === undefined || value === null) {
			if (!row.optional) tell(wrong(`${name} is missing: ${row.description}`));
			continue;
		}
		const found = problemsOf(name, row, value);
		if (found.length === 0) checked[name] = row.type === "values" ? { ...(value as ParameterValues) } : value;
		else found.forEach(tell);
	}
	if (command === "set-clock" && typeof checked.time === "string" && !isDate(checked.time))
		tell(wrong(`time must be a date of the calendar, not ${shown(checked.time)}`));
	if (problems.length > 0) throw new CommandError(isRange ? "out-of-range" : "bad-argument", `${problems.join("; ")}.`);
	return checked;
}

interface Problem {
	readonly words: string;
	/** The right kind of value, but too small or too large. */
	readonly isRange: boolean;
}

const wrong = (words: string): Problem => ({ words, isRange: false });
const outside = (words: string): Problem => ({ words, isRange: true });

function problemsOf(name: string, row: CommandArgument, value: unknown): readonly Problem[] {
	switch (row.type) {
		case "integer": {
			const wanted = `${name} must be a whole number from ${row.minimum} to ${row.maximum}, not ${shown(value)}`;
			if (typeof value !== "number" || !Number.isInteger(value)) return [wrong(wanted)];
			return value < row.minimum || value > row.maximum ? [outside(wanted)] : [];
		}
		case "choice":
			return typeof value === "string" && row.choices.includes(value)
				? []
				: [wrong(`${name} must be one of ${row.choices.join(", ")}, not ${shown(value)}`)];
		case "boolean":
			return typeof value === "boolean" ? [] : [wrong(`${name} must be true or false, not ${shown(value)}`)];
		case "text":
			return typeof value === "string" && new RegExp(row.pattern).test(value)
				? []
				: [wrong(`${name} must be like ${row.example}, not ${shown(value)}`)];
		case "values":
			return valuesProblems(name, value);
	}
}

function valuesProblems(name: string, values: unknown): readonly Problem[] {
	if (!isRecord(values) || Object.keys(values).length === 0)
		return [wrong(`${name} must be numbers by the parameter's name, for example {"cellOvervoltageAlarm": 3.6}`)];
	return Object.entries(values).flatMap(([key, value]) => {
		if (!isParameterKey(key)) return [wrong(`${shown(key)} is no parameter${didYouMean(key.slice(0, 60), PARAMETER_KEYS)}`)];
		return parameterProblem(key, value);
	});
}

function parameterProblem(key: ParameterKey, value: unknown): readonly Problem[] {
	const { minimum, maximum, unit } = parameterOf(key);
	if (typeof value !== "number" || !Number.isFinite(value)) return [wrong(`${key} must be a number, not ${shown(value)}`)];
	if (unit === "on/off") return value === 0 || value === 1 ? [] : [outside(`${key} must be 1 (on) or 0 (off), not ${value}`)];
	return value < minimum || value > maximum ? [outside(`${key} must be from ${minimum} to ${maximum} ${unit}, not ${value}`)] : [];
}

function isParameterKey(key: string): key is ParameterKey {
	return (PARAMETER_KEYS as readonly string[]).includes(key);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether such a day and time exist. */
function isDate(text: string): boolean {
	const date = new Date(`${text}Z`);
	return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** A value as it stands in a message: short, whatever it is. */
function shown(value: unknown): string {
	let text: string | undefined;
	try {
		text = typeof value === "bigint" ? `${value}` : JSON.stringify(value);
	} catch {
		text = undefined;
	}
	return (text ?? `a ${typeof value}`).slice(0, 60);
}
