import { oneOf, readPack } from "../lib/inputs.ts";
import { WATCHABLE } from "./telemetry-messages.ts";

/** When a node sends by itself. */
export const MODES = ["cycle", "change", "request"] as const;
export type Mode = (typeof MODES)[number];

/** What a message is about. `all` is the bank, then every pack. */
export const SCOPES = ["bank", "packs", "all"] as const;
export type Scope = (typeof SCOPES)[number];

/** Reads the names of payload properties, with commas between. */
export function readWatch(value: unknown): readonly string[] {
	const names = String(value)
		.split(",")
		.map((name) => name.trim())
		.filter((name) => name !== "");
	const wrong = names.filter((name) => !WATCHABLE.includes(name));
	if (wrong.length > 0) throw new Error(`has no property ${wrong.join(", ")}; the help of this node lists them all`);
	return names;
}

/** TABLE of what is chosen: a message may say it differently for its own answer. */
export const CHOICE_INPUTS = {
	scope: { message: "scope", config: "scope", default: "bank", read: oneOf(SCOPES) },
	pack: { message: "pack", config: "pack", default: "all", read: readPack },
} as const;

/** TABLE of what only the node's own configuration says. */
export const BEHAVIOUR_INPUTS = {
	mode: { message: "", config: "mode", default: "cycle", read: oneOf(MODES) },
	watch: { message: "", config: "watch", default: [] as readonly string[], read: readWatch },
} as const;

export interface Choice {
	readonly scope: Scope;
	/** Address of the only pack wanted. */
	readonly pack: number | "all";
}
