import { parseArgs } from "node:util";
import { checkSettings } from "../config/check-settings.ts";
import { type ConfigProblem, type GivenSetting, givenText } from "../config/given-setting.ts";
import { expectedWords } from "../config/setting-words.ts";
import { helpTable } from "../help-table.ts";
import { didYouMean } from "../nearest.ts";
import type { Setting } from "../settings.ts";
import { SIMULATOR_SETTINGS, type SimulatorSettings } from "../simulator/options.ts";

/** TABLE of the options of `rack-battery simulate` that are no settings of the simulator. */
const OWN_OPTIONS = {
	listen: { argument: "PORT", description: "Port on this machine for the battery's line. 0 (default) takes any free one." },
	http: { argument: "PORT", description: "Also takes the commands over HTTP on this port of this machine; 0 takes any free one." },
	json: { argument: null, description: "Prints one JSON object a line." },
	help: { argument: null, description: "Shows this." },
} as const satisfies Record<string, { readonly argument: string | null; readonly description: string }>;

export interface SimulateOptions {
	readonly settings: SimulatorSettings;
	readonly listenPort: number;
	/** null = no HTTP. */
	readonly httpPort: number | null;
	readonly json: boolean;
	readonly help: boolean;
	/** Everything wrong with the command line; path is the option. */
	readonly problems: readonly ConfigProblem[];
}

const SETTINGS: readonly (readonly [string, Setting])[] = Object.entries(SIMULATOR_SETTINGS);
const optionOf = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const SETTING_OF_OPTION = new Map(SETTINGS.map(([key]) => [optionOf(key), key]));
const NAMES = [...SETTING_OF_OPTION.keys(), ...Object.keys(OWN_OPTIONS)];
const isFlag = (name: string) => name === "json" || name === "help";

/** Reads the options; what is wrong is collected, not thrown. */
export function readSimulateOptions(args: readonly string[]): SimulateOptions {
	const { tokens } = parseArgs({
		args: args.map((arg) => (arg === "-h" ? "--help" : arg)),
		options: Object.fromEntries(NAMES.map((name) => [name, { type: isFlag(name) ? "boolean" : "string" }] as const)),
		strict: false,
		allowPositionals: true,
		tokens: true,
	});
	const given: GivenSetting[] = [];
	const problems: ConfigProblem[] = [];
	const own = new Map<string, string>();
	for (const token of tokens) {
		if (token.kind === "option-terminator") continue;
		if (token.kind === "positional") {
			problems.push({ path: token.value, message: "is not understood: every setting needs its option, for example --packs 4" });
			continue;
		}
		const { name, rawName, value } = token;
		const key = SETTING_OF_OPTION.get(name);
		if (!NAMES.includes(name)) {
			const known = NAMES.map((option) => `--${option}`);
			problems.push({ path: rawName, message: `is no option${didYouMean(rawName, known)}` });
		} else if (isFlag(name)) own.set(name, "");
		else if (value === undefined || (!token.inlineValue && value.startsWith("--"))) {
			problems.push({ path: rawName, message: "needs a value after it" });
		} else if (key === undefined) own.set(name, value);
		else given.push(givenText("simulator", key, value, rawName));
	}
	const checked = checkSettings(given);
	const portOf = (name: string) => portNumber(name, own.get(name), problems);
	return {
		settings: checked.config.simulator,
		listenPort: portOf("listen") ?? 0,
		httpPort: portOf("http"),
		json: own.has("json"),
		help: own.has("help"),
		problems: [...problems, ...checked.problems],
	};
}

function portNumber(name: string, text: string | undefined, problems: ConfigProblem[]): number | null {
	if (text === undefined) return null;
	const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
	if (port >= 0 && port <= 65_535) return port;
	problems.push({ path: `--${name}`, message: `"${text}" must be a port from 0 to 65535` });
	return null;
}

/** The options with their meaning, one a line. */
export function simulateOptionsHelp(): readonly string[] {
	const settings = SETTINGS.map(([key, row]) => {
		const isText = row.type === "string";
		const range = isText && !row.choices ? "" : ` (${expectedWords(row)}; default ${row.default})`;
		return [
			`--${optionOf(key)} ${isText ? (row.choices ? (row.choices.length > 3 ? "NAME" : row.choices.join("|")) : key === "scenario" ? "NAME|FILE" : "FILE") : "N"}`,
			`${row.description}${range}`,
		] as const;
	});
	const own = Object.entries(OWN_OPTIONS).map(
		([name, { argument, description }]) => [`--${name}${argument === null ? "" : ` ${argument}`}`, description] as const,
	);
	return helpTable([...settings, ...own]);
}
