import { basename } from "node:path";
import { parseArgs } from "node:util";
import { OPTION_NAMES, settingOptionRows } from "../config/command-line.ts";
import type { ConfigProblem } from "../config/given-setting.ts";
import { SETTINGS_FILE } from "../config/load-config.ts";
import { helpTable } from "../help-table.ts";
import { didYouMean } from "../nearest.ts";

/** Options of a subcommand beside the settings; `argument` null: it stands alone. */
export type OwnOptions = Readonly<Record<string, { readonly argument: string | null; readonly description: string }>>;

/** TABLE of the options of every subcommand that asks a battery. */
const COMMON = {
	pack: {
		argument: "N",
		description: "Address of the pack, 0 to 15. On RS232 only the pack with the cable can be reached, which is meant without it.",
	},
	server: { argument: "URL", description: "Lets a running server do it, for example http://127.0.0.1:1881 (its password by --password)." },
	json: { argument: null, description: "Prints JSON." },
	help: { argument: null, description: "Shows this." },
} as const satisfies OwnOptions;

/** What settings mean to a job at a battery, where that is not what their table says. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
	password: "Password of the server's pages, for --server.",
	data: "Folder in which the administrator's password, the saves and the log of what was written are kept: that of the server.",
	"bank-id": "Short name of the bank; with --server which of its banks is meant.",
};

/** Further options of subcommands that write. */
export const WRITE_OPTIONS = {
	yes: { argument: null, description: "Does not ask whether it is meant." },
} as const satisfies OwnOptions;

/** Settings that a job at a battery is likely to want; every other goes by --set. */
const WANTED_SETTINGS = ["port", "baud-rate", "protocol", "bank-id", "password", "data", "settings", "set"];

/** A command line, read but not yet understood. */
export interface BatteryLine {
	readonly flags: ReadonlySet<string>;
	readonly values: ReadonlyMap<string, string>;
	readonly words: readonly string[];
	/** What the settings are loaded with. */
	readonly settingArgs: readonly string[];
	readonly problems: readonly ConfigProblem[];
}

/** Reads the command line of a subcommand; what is wrong is collected, not thrown. */
export function readBatteryLine(args: readonly string[], own: OwnOptions): BatteryLine {
	const all: OwnOptions = { ...COMMON, ...own };
	const isFlag = (name: string) => all[name]?.argument === null;
	const names = [...new Set([...Object.keys(all), ...OPTION_NAMES])];
	const { tokens } = parseArgs({
		args: args.map((arg) => (arg === "-h" ? "--help" : arg)),
		options: Object.fromEntries(names.map((name) => [name, { type: isFlag(name) ? "boolean" : "string", multiple: true }] as const)),
		strict: false,
		allowPositionals: true,
		tokens: true,
	});
	const flags = new Set<string>();
	const values = new Map<string, string>();
	const words: string[] = [];
	const settingArgs: string[] = [];
	const problems: ConfigProblem[] = [];
	for (const token of tokens) {
		if (token.kind === "option-terminator") continue;
		if (token.kind === "positional") {
			words.push(token.value);
			continue;
		}
		const { name, rawName, value } = token;
		if (!names.includes(name)) {
			problems.push({
				path: rawName,
				message: `is no option${didYouMean(
					rawName,
					names.map((known) => `--${known}`),
				)}`,
			});
		} else if (isFlag(name)) {
			if (value === undefined) flags.add(name);
			else problems.push({ path: rawName, message: "takes no value" });
		} else if (value === undefined || (token.inlineValue !== true && value.startsWith("--"))) {
			problems.push({ path: rawName, message: "needs a value after it" });
		} else if (Object.hasOwn(all, name)) values.set(name, value);
		else settingArgs.push(`--${name}=${value}`);
	}
	return { flags, values, words, settingArgs, problems };
}

/** The lines of `--help` about the options. */
export function batteryOptionsHelp(own: OwnOptions): readonly string[] {
	const rows = Object.entries({ ...own, ...COMMON }).map(
		([name, { argument, description }]) => [`--${name}${argument === null ? "" : ` ${argument}`}`, description] as const,
	);
	return helpTable([...rows, ...settingOptionRows(WANTED_SETTINGS, OTHER_WORDS)]);
}

/** A whole number of an option; undefined when it was not given. */
export function wholeNumber(line: BatteryLine, name: string, minimum: number, maximum: number): number | undefined {
	const text = line.values.get(name);
	if (text === undefined) return undefined;
	const number = /^\d{1,9}$/.test(text) ? Number(text) : -1;
	if (number >= minimum && number <= maximum) return number;
	throw new UsageError(`--${name} must be a whole number from ${minimum} to ${maximum}, not "${text}".`);
}

/** The command line makes no sense; the text says what would. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** What a file must not be called that is written here: the next command would take it for the settings. */
export function checkOutputName(file: string): void {
	if (basename(file) === SETTINGS_FILE) throw new UsageError(`${SETTINGS_FILE} is the name of the settings file: choose another one.`);
}
