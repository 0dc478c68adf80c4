import { Ajv, type ErrorObject } from "ajv";
import { didYouMean } from "../nearest.ts";
import { CONFIG_SECTIONS, type Config, configSchema, DEFAULT_CONFIG, settingAt, settingPaths } from "./config.ts";
import type { ConfigProblem, GivenSetting } from "./given-setting.ts";
import { semanticProblems } from "./semantic-checks.ts";
import { expectedWords, shownValue } from "./setting-words.ts";

const pathOf = ({ section, key }: { section: string; key: string | null }) => (key === null ? section : `${section}.${key}`);

/** The last word about each setting: later sources override earlier ones. */
function strongest(given: readonly GivenSetting[]): ReadonlyMap<string, GivenSetting> {
	return new Map(given.map((setting) => [pathOf(setting), setting]));
}

/** The settings as the object the schema describes. */
function asObject(settings: ReadonlyMap<string, GivenSetting>): Record<string, unknown> {
	const inSections = [...settings.values()].filter(({ key }) => key !== null);
	const sections = [...new Set(inSections.map(({ section }) => section))];
	const group = (name: string) =>
		Object.fromEntries(inSections.filter(({ section }) => section === name).map(({ key, value }) => [key, value]));
	return Object.fromEntries(sections.map((name) => [name, group(name)]));
}

/** A section that is unknown, or holds something else than settings. */
function sectionProblem({ section, from }: GivenSetting): ConfigProblem {
	const known = Object.keys(CONFIG_SECTIONS);
	const message = known.includes(section)
		? `must be a group of settings in braces: "${section}": { … }`
		: `is no group of settings${didYouMean(section, known)}`;
	return { path: section, message: `(from ${from}) ${message}` };
}

/** The words for one finding of the schema check. */
function wordsFor(error: ErrorObject, settings: ReadonlyMap<string, GivenSetting>): ConfigProblem {
	const [, section = "", key] = error.instancePath.split("/");
	const unknown: unknown = error.params.additionalProperty;
	const name = typeof unknown === "string" ? unknown : (key ?? "");
	const path = section === "" ? name : `${section}.${name}`;
	const given = settings.get(path);
	const from = given?.from ?? [...settings.values()].find((setting) => setting.section === name)?.from ?? "";
	if (typeof unknown === "string") {
		const known = settingPaths().filter((setting) => section === "" || setting.section === section);
		const names = section === "" ? Object.keys(CONFIG_SECTIONS) : known.map((setting) => `${setting.section}.${setting.key}`);
		return { path, message: `(from ${from}) is no setting${didYouMean(path, names)}` };
	}
	const row = settingAt(section, name);
	return { path, message: `(from ${from}): ${shownValue(row, given?.value)} must be ${row ? expectedWords(row) : error.message}` };
}

function schemaProblems(settings: ReadonlyMap<string, GivenSetting>): readonly ConfigProblem[] {
	const validate = new Ajv({ allErrors: true }).compile(configSchema());
	validate(asObject(settings));
	const sections = [...settings.values()].filter(({ key }) => key === null).map(sectionProblem);
	const problems = [...sections, ...(validate.errors ?? []).map((error) => wordsFor(error, settings))];
	// One line a setting: of two findings about the same value the first says enough.
	return problems.filter((problem, index) => problems.findIndex(({ path }) => path === problem.path) === index);
}

function merged(settings: ReadonlyMap<string, GivenSetting>, wrong: ReadonlySet<string>): Config {
	const good = [...settings.values()].filter((setting) => setting.key !== null && !wrong.has(pathOf(setting)));
	const section = (name: string, defaults: object) => ({
		...defaults,
		...Object.fromEntries(good.filter((setting) => setting.section === name).map(({ key, value }) => [key, value])),
	});
	// The schema has checked names, types and ranges of everything that is taken over here.
	return Object.fromEntries(
		Object.keys(CONFIG_SECTIONS).map((name) => [name, section(name, DEFAULT_CONFIG[name as keyof Config])]),
	) as Config;
}

/** Completes given settings with the defaults and says everything that is wrong with them. */
export function checkSettings(given: readonly GivenSetting[]): { readonly config: Config; readonly problems: readonly ConfigProblem[] } {
	const settings = strongest(given);
	const problems = schemaProblems(settings);
	const wrong = new Set(problems.map(({ path }) => path));
	const config = merged(settings, wrong);
	const semantic = semanticProblems(config).map(({ path, message }): ConfigProblem => {
		const setting = settings.get(path);
		if (!setting) return { path, message };
		const [section = "", key = ""] = path.split(".");
		return { path, message: `(from ${setting.from}): ${shownValue(settingAt(section, key), setting.value)} ${message}` };
	});
	return { config, problems: [...problems, ...semantic] };
}
