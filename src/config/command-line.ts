import { parseArgs } from "node:util";
import { helpTable } from "../help-table.ts";
import { didYouMean } from "../nearest.ts";
import { settingAt, settingPaths } from "./config.ts";
import { type ConfigProblem, type GivenSetting, givenText } from "./given-setting.ts";

/** TABLE of the command line's options for settings that are wanted often; every other goes by `--set`. */
export const SETTING_OPTIONS = {
	port: { section: "bank", key: "port", argument: "PORT" },
	"baud-rate": { section: "bank", key: "baudRate", argument: "N" },
	protocol: { section: "bank", key: "protocol", argument: "NAME" },
	packs: { section: "bank", key: "packs", argument: "N" },
	name: { section: "bank", key: "name", argument: "NAME" },
	"bank-id": { section: "bank", key: "id", argument: "ID" },
	mqtt: { section: "mqtt", key: "url", argument: "URL" },
	replay: { section: "simulator", key: "replay", argument: "FILE" },
	scenario: { section: "simulator", key: "scenario", argument: "NAME|FILE" },
	"time-factor": { section: "simulator", key: "timeFactor", argument: "N" },
	host: { section: "server", key: "host", argument: "ADDRESS" },
	"http-port": { section: "server", key: "port", argument: "PORT" },
	"mqtt-port": { section: "server", key: "mqttPort", argument: "PORT" },
	password: { section: "server", key: "password", argument: "PASSWORD" },
	"allowed-hosts": { section: "server", key: "allowedHosts", argument: "NAMES" },
	data: { section: "server", key: "dataFolder", argument: "FOLDER" },
} as const satisfies Record<string, { readonly section: string; readonly key: string; readonly argument: string }>;

const OWN_OPTIONS = {
	settings: { argument: "FILE", description: "Settings file instead of rack-battery.json in the working folder." },
	set: { argument: "SECTION.KEY=VALUE", description: "Any other setting, for example --set bank.gapMs=100; may be repeated." },
} as const;

/** Names of all options, without their dashes. */
export const OPTION_NAMES: readonly string[] = [...Object.keys(SETTING_OPTIONS), ...Object.keys(OWN_OPTIONS)];

/** What the command line says. */
export interface CommandLine {
	readonly given: readonly GivenSetting[];
	readonly problems: readonly ConfigProblem[];
	/** `--settings FILE`. */
	readonly settingsFile: string | null;
}

/** `--set SECTION.KEY=VALUE`. */
function givenBySet(text: string): GivenSetting | ConfigProblem {
	const match = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(text);
	const [, section, key, value] = match ?? [];
	if (section === undefined || key === undefined || value === undefined)
		return { path: "--set", message: "needs SECTION.KEY=VALUE, for example --set bank.gapMs=100" };
	return givenText(section, key, value, "--set");
}

/** Reads the options of `rack-battery start`; what is wrong is collected, not thrown. */
export function settingsOfCommandLine(args: readonly string[]): CommandLine {
	const names = OPTION_NAMES;
	const { tokens } = parseArgs({
		args: [...args],
		options: Object.fromEntries(names.map((name) => [name, { type: "string", multiple: true }])),
		strict: false,
		allowPositionals: true,
		tokens: true,
	});
	const given: GivenSetting[] = [];
	const problems: ConfigProblem[] = [];
	let settingsFile: string | null = null;
	for (const token of tokens) {
		if (token.kind === "positional") {
			problems.push({
				path: token.value,
				message: "is not understood: every setting needs its option before it, for example npm start -- --port /dev/ttyUSB0",
			});
		} else if (token.kind === "option") {
			const { name, value } = token;
			if (!names.includes(name)) {
				problems.push({
					path: token.rawName,
					message: `is no option${didYouMean(`--${name}`, [...names.map((known) => `--${known}`), "--help"])}`,
				});
			} else if (value === undefined || (!token.inlineValue && value.startsWith("--"))) {
				problems.push({ path: token.rawName, message: "needs a value after it" });
			} else if (name === "settings") {
				settingsFile = value;
			} else if (name === "set") {
				const one = givenBySet(value);
				if ("message" in one) problems.push(one);
				else given.push(one);
			} else {
				const option = SETTING_OPTIONS[name as keyof typeof SETTING_OPTIONS];
				given.push(givenText(option.section, option.key, value, token.rawName));
			}
		}
	}
	return { given, problems, settingsFile };
}

/** The lines of `--help` about options, one a line, from the tables. */
export function optionsHelp(): readonly string[] {
	return helpTable([...settingOptionRows(OPTION_NAMES), ["--help", "Shows this."]]);
}

/** Options and their meanings; `words`: what one means here, where that is not what its setting means. */
export function settingOptionRows(
	wanted: readonly string[],
	words: Readonly<Record<string, string>> = {},
): readonly (readonly [string, string])[] {
	const own = Object.entries(OWN_OPTIONS).map(([name, row]) => [name, row.argument, row.description] as const);
	const settings = Object.entries(SETTING_OPTIONS).map(
		([name, row]) => [name, row.argument, words[name] ?? settingAt(row.section, row.key)?.description ?? ""] as const,
	);
	return [...settings, ...own]
		.filter(([name]) => wanted.includes(name))
		.map(([name, argument, description]) => [`--${name} ${argument}`, description] as const);
}

/** Every setting with its default, for `--help` at full length. */
export function settingsHelp(): readonly string[] {
	return helpTable(
		settingPaths().map(({ section, key, row }) => {
			const standard = row.secret || row.default === "" ? "" : ` [${row.default}]`;
			return [`${section}.${key}`, `${row.description}${standard}`] as const;
		}),
	);
}
