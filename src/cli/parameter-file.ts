import { readFileSync, writeFileSync } from "node:fs";
import { PARAMETER_KEYS, type ParameterKey, type ParameterValues, parameterOf } from "../bms/battery/parameters.ts";
import { fileWords, messageOf } from "../errors.ts";
import { didYouMean } from "../nearest.ts";
import { UsageError } from "./battery-options.ts";

/** What a file of parameters holds. */
export interface ParameterFile {
	/** Pack that they came from, and when; for people. */
	readonly pack: number | null;
	readonly at: string | null;
	readonly values: ParameterValues;
}

const isKey = (key: string): key is ParameterKey => (PARAMETER_KEYS as readonly string[]).includes(key);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Checks names and kinds; ranges are the battery's matter. Throws a UsageError that lists everything that is wrong. */
export function parameterValues(given: Readonly<Record<string, unknown>>, where: string): ParameterValues {
	const problems = Object.entries(given).flatMap(([key, value]) => {
		if (!isKey(key)) return [`${key} is no parameter${didYouMean(key, PARAMETER_KEYS)}`];
		return typeof value === "number" && Number.isFinite(value) ? [] : [`${key} must be a number`];
	});
	if (problems.length > 0) throw new UsageError(`${where}:\n  ${problems.join("\n  ")}`);
	if (Object.keys(given).length === 0) throw new UsageError(`${where}: there is no parameter in it.`);
	return given as ParameterValues;
}

/** Reads what writeParameterFile wrote, or a plain object of values by name. Throws a UsageError in words. */
export function readParameterFile(file: string): ParameterFile {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		throw new UsageError(`${file} cannot be read: ${fileWords(error)}.`);
	}
	let content: unknown;
	try {
		content = JSON.parse(text);
	} catch (error) {
		throw new UsageError(`${file} is not JSON: ${messageOf(error)}`);
	}
	if (!isRecord(content)) throw new UsageError(`${file} must hold an object of parameters by name.`);
	const values = isRecord(content.values) ? content.values : content;
	return {
		pack: typeof content.pack === "number" ? content.pack : null,
		at: typeof content.at === "string" ? content.at : null,
		values: parameterValues(values, file),
	};
}

/** Writes a new file; an old one is not overwritten unless that is meant. Throws a UsageError in words. */
export function writeParameterFile(file: string, content: ParameterFile, mayOverwrite: boolean): void {
	try {
		writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { flag: mayOverwrite ? "w" : "wx" });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST")
			throw new UsageError(
				`${file} is there already: it may be the only copy of what a battery had. Choose another name, or say --overwrite.`,
			);
		throw new UsageError(`${file} cannot be written: ${fileWords(error)}`);
	}
}

/** One parameter that is not the same. */
export interface Difference {
	readonly key: ParameterKey;
	readonly now: number | null;
	readonly wanted: number;
}

/** Where the battery has something else than what is wanted, finer than any wire can tell. */
export function differencesOf(now: ParameterValues, wanted: ParameterValues): readonly Difference[] {
	return PARAMETER_KEYS.flatMap((key) => {
		const [is, should] = [now[key], wanted[key]];
		if (should === undefined || (is !== undefined && Math.abs(is - should) < 1e-9)) return [];
		return [{ key, now: is ?? null, wanted: should }];
	});
}

const WIDTH = Math.max(...PARAMETER_KEYS.map((key) => key.length));

/** A value with its unit. */
export function measured(key: ParameterKey, value: number | null): string {
	if (value === null) return "not there";
	const { unit } = parameterOf(key);
	return unit === "on/off" ? (value === 0 ? "off" : "on") : `${Number(value.toFixed(4))} ${unit}`;
}

/** A difference for people. */
export function differenceLine({ key, now, wanted }: Difference): string {
	return `${key.padEnd(WIDTH)}  ${measured(key, now)} -> ${measured(key, wanted)}`;
}

/** A parameter for people. */
export function parameterLine(key: ParameterKey, value: number): string {
	return `${key.padEnd(WIDTH)}  ${measured(key, value).padEnd(12)} ${parameterOf(key).label}`;
}
