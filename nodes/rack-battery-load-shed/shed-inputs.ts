import { ConfigError, type Order, type Position, type Stage } from "../../src/index.ts";
import { oneOf, readFlag, readInputs, readSignal } from "../lib/inputs.ts";
import { LANGUAGE_INPUT } from "../lib/language.ts";

/** How a stage output says on and off. */
export const FORMATS = ["boolean", "text", "number"] as const;
export type Format = (typeof FORMATS)[number];

/** TABLE of what only the node's own configuration says, beside rules and stages. */
export const BEHAVIOUR_INPUTS = {
	format: { message: "", config: "format", default: "boolean", read: oneOf(FORMATS) },
	language: { ...LANGUAGE_INPUT, message: "" },
} as const;

const COMMANDS = ["shed", "restore", "acknowledge", "report"] as const;
const HANDS = ["on", "off", "auto"] as const;

function readWatts(value: unknown): number {
	const watts = typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
	if (Number.isFinite(watts) && Math.abs(watts) <= 1_000_000) return watts;
	throw new Error(`must be a number of W, not ${JSON.stringify(value)}`);
}

function readStageName(value: unknown): string | number {
	if (typeof value === "string" || typeof value === "number") return value;
	throw new Error(`must be the name or the number of a stage, not ${JSON.stringify(value)}`);
}

type Unsaid<T> = T | undefined;

/** TABLE of what a message may say; each on its own or several at once. */
export const SHED_INPUTS = {
	grid: { message: "grid", config: "", default: undefined as Unsaid<boolean | null>, read: readSignal },
	importW: { message: "import", config: "", default: undefined as Unsaid<number>, read: readWatts },
	fault: { message: "fault", config: "", default: undefined as Unsaid<boolean | null>, read: readSignal },
	lowBattery: { message: "lowBattery", config: "", default: undefined as Unsaid<boolean | null>, read: readSignal },
	stage: { message: "stage", config: "", default: undefined as Unsaid<string | number>, read: readStageName },
	hand: { message: "hand", config: "", default: undefined as Unsaid<(typeof HANDS)[number]>, read: oneOf(HANDS) },
	switched: { message: "switched", config: "", default: undefined as Unsaid<boolean | null>, read: readSignal },
	command: { message: "command", config: "", default: undefined as Unsaid<(typeof COMMANDS)[number]>, read: oneOf(COMMANDS) },
	dryRun: { message: "dryRun", config: "", default: undefined as Unsaid<boolean>, read: readFlag },
} as const;

/** What a message tells; undefined where it says nothing. */
export interface Said {
	readonly orders: readonly Order[];
	readonly importW: number | undefined;
	readonly fault: boolean | null | undefined;
	readonly lowBattery: boolean | null | undefined;
	/** It only asks, or also asks, for the report. */
	readonly wantsReport: boolean;
}

const invalid = (text: string) => new ConfigError("invalid", text);

function stageNamed(name: string | number, stages: readonly Stage[]): string {
	const number = typeof name === "number" || /^\d+$/.test(name) ? Number(name) : Number.NaN;
	const stage = stages.find((one) => one.name === name || one.key === name) ?? stages[number - 1];
	if (stage) return stage.key;
	throw invalid(`msg.stage names no stage: there are ${stages.map((one, index) => `${index + 1} "${one.name}"`).join(", ")}.`);
}

const positionOf = (isOn: boolean): Position => (isOn ? "on" : "off");

/** What a message says, as orders. Throws a ConfigError in words when it cannot be understood. */
export function readMessage(message: object, stages: readonly Stage[]): Said {
	const said = readInputs(SHED_INPUTS, message, {});
	const { grid, stage, hand, switched, command, dryRun, importW, fault, lowBattery } = said;
	const key = stage === undefined ? null : stageNamed(stage, stages);
	if (key === null && (hand !== undefined || switched !== undefined)) {
		throw invalid("msg.hand and msg.switched need msg.stage: the name or the number of the stage.");
	}
	const orders: Order[] = [];
	// A signal that is not known changes nothing: what was known before holds.
	if (typeof grid === "boolean") orders.push({ type: "grid", present: grid });
	if (dryRun !== undefined) orders.push({ type: "dry-run", isOn: dryRun });
	if (key !== null && hand === "auto") orders.push({ type: "auto", stage: key });
	if (key !== null && (hand === "on" || hand === "off")) orders.push({ type: "hand", stage: key, position: hand, isReport: false });
	if (key !== null && typeof switched === "boolean") {
		orders.push({ type: "hand", stage: key, position: positionOf(switched), isReport: true });
	}
	if (command === "shed" || command === "restore") orders.push({ type: "ask", stage: key, position: positionOf(command === "restore") });
	if (command === "acknowledge") orders.push({ type: "acknowledge" });
	const saysNothing = Object.entries(said).every(([name, value]) => name === "stage" || value === undefined);
	return { orders, importW, fault, lowBattery, wantsReport: command === "report" || saysNothing };
}
