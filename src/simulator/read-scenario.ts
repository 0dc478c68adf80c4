import { readFile } from "node:fs/promises";
import { ConfigError, fileWords, messageOf } from "../errors.ts";
import { checkScenario } from "./check-scenario.ts";
import { READY_SCENARIOS, readyScenario } from "./ready-scenarios.ts";
import type { Scenario } from "./scenario.ts";

/**
 * The scenario of a setting: one that comes with the simulator by its name, or a file. Rejects with a ConfigError
 * that lists all problems of the file, or says which names there are.
 */
export async function readScenario(nameOrFile: string): Promise<Scenario> {
	const isFile = /[./\\]/.test(nameOrFile) && !READY_SCENARIOS.some(({ name }) => name === nameOrFile);
	if (!isFile) return readyScenario(nameOrFile);
	let text: string;
	try {
		text = await readFile(nameOrFile, "utf8");
	} catch (error) {
		throw new ConfigError("unreadable", `The scenario ${nameOrFile} cannot be read: ${fileWords(error)}`, {}, error);
	}
	let script: unknown;
	try {
		script = JSON.parse(text.replace(/^\uFEFF/, ""));
	} catch (error) {
		throw new ConfigError("invalid", `The scenario ${nameOrFile} is not JSON: ${messageOf(error)}`, {}, error);
	}
	return checkScenario(script, nameOrFile);
}
