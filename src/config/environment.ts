import { didYouMean } from "../nearest.ts";
import { settingPaths } from "./config.ts";
import { type ConfigProblem, type GivenSetting, givenText } from "./given-setting.ts";

const PREFIX = "RACK_BATTERY_";

/** Names another settings file than the one in the working folder. */
export const SETTINGS_FILE_VARIABLE = `${PREFIX}SETTINGS`;

/** The administrator's password, for subcommands that write; no setting, so that it is never in a file. */
export const ADMIN_PASSWORD_VARIABLE = `${PREFIX}ADMIN_PASSWORD`;

/** Variables that are no settings. */
const OTHERS: readonly string[] = [SETTINGS_FILE_VARIABLE, ADMIN_PASSWORD_VARIABLE];

/** Name of the environment variable of a setting: `bank`, `baudRate` → `RACK_BATTERY_BANK_BAUD_RATE`. */
export function environmentName(section: string, key: string): string {
	return `${PREFIX}${section}_${key.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase();
}

/** What the environment says; an empty variable says nothing. */
export function settingsOfEnvironment(environment: Readonly<Record<string, string | undefined>>): {
	readonly given: readonly GivenSetting[];
	readonly problems: readonly ConfigProblem[];
} {
	const names = new Map(settingPaths().map(({ section, key }) => [environmentName(section, key), { section, key }]));
	const given: GivenSetting[] = [];
	const problems: ConfigProblem[] = [];
	for (const [name, text] of Object.entries(environment)) {
		if (!name.startsWith(PREFIX) || OTHERS.includes(name) || text === undefined || text === "") continue;
		const path = names.get(name);
		if (path) given.push(givenText(path.section, path.key, text, name));
		else problems.push({ path: name, message: `is no setting${didYouMean(name, [...names.keys(), ...OTHERS])}` });
	}
	return { given, problems };
}

/**
 * Options that npm kept for itself because no `--` stood before them (`npm start --packs=3`): without a word
 * they would be lost.
 */
export function optionsLostToNpm(
	environment: Readonly<Record<string, string | undefined>>,
	options: readonly string[],
): readonly ConfigProblem[] {
	if (environment.npm_lifecycle_event !== "start") return [];
	return options
		.filter((name) => environment[`npm_config_${name.replaceAll("-", "_")}`])
		.map((name) => ({ path: `--${name}`, message: `was taken by npm: put -- before it, as in npm start -- --${name} …` }));
}
