import { ConfigError, GENERATOR_COMMANDS, type GeneratorSettings } from "../../src/index.ts";
import { oneOf, readSignal } from "../lib/inputs.ts";
import { LANGUAGE_INPUT } from "../lib/language.ts";

const readCommand = oneOf(GENERATOR_COMMANDS);

/** TABLE of what a message may say; each on its own or several at once. */
export const GENERATOR_INPUTS = {
	command: { message: "command", config: "", default: null, read: (value: unknown): string | null => readCommand(value) },
	running: { message: "running", config: "", default: undefined as boolean | null | undefined, read: readSignal },
	grid: { message: "grid", config: "", default: undefined as boolean | null | undefined, read: readSignal },
	lowBattery: { message: "lowBattery", config: "", default: undefined as boolean | null | undefined, read: readSignal },
} as const;

/** TABLE of what only the node's own configuration says. */
export const WORDS_INPUTS = { language: LANGUAGE_INPUT } as const;

/** Throws a ConfigError in words when a run would end where it begins. */
export function checkLevels({ startSoc, stopSoc, quietSoc }: GeneratorSettings): void {
	if (stopSoc >= Math.max(startSoc, quietSoc) + 5) return;
	throw new ConfigError("invalid", "The generator must stop at least 5 % above the levels at which it starts, or it starts again at once.");
}
