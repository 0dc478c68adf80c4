import { resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { checkSettings } from "./check-settings.ts";
import { OPTION_NAMES, settingsOfCommandLine } from "./command-line.ts";
import type { Config } from "./config.ts";
import { ADMIN_PASSWORD_VARIABLE, optionsLostToNpm, SETTINGS_FILE_VARIABLE, settingsOfEnvironment } from "./environment.ts";
import type { ConfigProblem, GivenSetting } from "./given-setting.ts";
import { splitCredentials } from "./mqtt-credentials.ts";
import { SIMULATOR_PORT } from "./semantic-checks.ts";
import { readSettingsFile } from "./settings-file.ts";

/** Name of the settings file in the working folder. */
export const SETTINGS_FILE = "rack-battery.json";

/** The settings with what the start needs to know about them. */
export interface LoadedConfig {
	readonly config: Config;
	/** Where the bytes will come from. */
	readonly origin: "real" | "simulated" | "replayed";
	/** The settings file that was read, as the user would write it; null when there was none. */
	readonly settingsFile: string | null;
}

function originOf(config: Config): LoadedConfig["origin"] {
	if (config.bank.port !== SIMULATOR_PORT) return "real";
	return config.simulator.replay === "" ? "simulated" : "replayed";
}

/** A simulated bank has as many packs as the bank is said to have, unless it was told otherwise. */
function withSimulatedPacks(config: Config, given: readonly GivenSetting[]): Config {
	const isTold = given.some(({ section, key }) => section === "simulator" && key === "packs");
	if (isTold || config.bank.packs === 0 || originOf(config) !== "simulated") return config;
	return { ...config, simulator: { ...config.simulator, packs: config.bank.packs } };
}

function configError(problems: readonly ConfigProblem[]): ConfigError {
	const lines = problems.map(({ path, message }) => `  ${path} ${message}`);
	return new ConfigError("invalid", `The settings cannot be used:\n${lines.join("\n")}`, { problems });
}

/**
 * Settings from, each overriding the ones before: the defaults, the settings file, the environment, the
 * command line. Throws one ConfigError that lists everything that is wrong.
 */
export function loadConfig(
	args: readonly string[],
	surroundings: { readonly environment?: Readonly<Record<string, string | undefined>>; readonly folder?: string } = {},
): LoadedConfig {
	const { environment = process.env, folder = process.cwd() } = surroundings;
	const commandLine = settingsOfCommandLine(args);
	const fromEnvironment = settingsOfEnvironment(environment);
	const named = commandLine.settingsFile ?? (environment[SETTINGS_FILE_VARIABLE] || null);
	const shown = named ?? SETTINGS_FILE;
	const lost = optionsLostToNpm(environment, OPTION_NAMES);
	const problems = [...fromEnvironment.problems, ...lost, ...commandLine.problems];
	let fromFile: readonly GivenSetting[] | null = null;
	try {
		fromFile = readSettingsFile(resolve(folder, shown), shown, named === null);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		problems.unshift({ path: shown, message: `— ${error.message}` });
	}
	const given = [...(fromFile ?? []), ...fromEnvironment.given, ...commandLine.given].flatMap(splitCredentials);
	const checked = checkSettings(given);
	problems.push(...checked.problems);
	if (problems.length > 0) throw configError(problems);
	const config = withSimulatedPacks(checked.config, given);
	return { config, origin: originOf(config), settingsFile: fromFile === null ? null : shown };
}

/** The administrator's password of the environment; null when there is none. */
export function adminPasswordOfEnvironment(environment: Readonly<Record<string, string | undefined>> = process.env): string | null {
	return environment[ADMIN_PASSWORD_VARIABLE] || null;
}
