import { type AutonomySettings, ConfigError } from "../../src/index.ts";
import { oneOf } from "../lib/inputs.ts";
import { LANGUAGE_INPUT } from "../lib/language.ts";

/** When the node answers by itself; it answers requests in every mode. */
export const MODES = ["change", "cycle", "request"] as const;
export type Mode = (typeof MODES)[number];

/** The time as it was given; when it is, is worked out anew for every answer. */
function readUntil(value: unknown): string | Date {
	if (typeof value === "string" || value instanceof Date) return value;
	throw new Error('must be a time such as "22:30", a duration such as "3 h", or a date');
}

/** TABLE of what is asked: a message may say it differently for its own answer. */
export const QUESTION_INPUTS = {
	until: { message: "until", config: "until", default: "" as string | Date, read: readUntil },
	language: LANGUAGE_INPUT,
} as const;

/** TABLE of what only the node's own configuration says. */
export const BEHAVIOUR_INPUTS = {
	mode: { message: "", config: "mode", default: "change", read: oneOf(MODES) },
} as const;

/** Throws a ConfigError in words when the two levels leave nothing to use. */
export function checkLevels({ lowAlarmPercent, reservePercent }: AutonomySettings): void {
	if (lowAlarmPercent + reservePercent < 100) return;
	throw new ConfigError("invalid", "The low-charge alarm and the reserve together leave nothing to use: they must stay below 100 %.");
}
