import { ConfigError } from "../errors.ts";

/** A level that may be left out, or a tick. */
type Field =
	| { readonly type: "level"; readonly minimum: number; readonly maximum: number; readonly unit: string; readonly description: string }
	| { readonly type: "minutes"; readonly default: number; readonly maximum: number; readonly description: string }
	| { readonly type: "tick"; readonly default: boolean; readonly description: string };

const level = (unit: string, minimum: number, maximum: number, description: string) =>
	({ type: "level", unit, minimum, maximum, description }) as const;

/** TABLE of what is set for each stage beside its name. A level that is empty is not looked at. */
export const STAGE_FIELDS = {
	enabled: { type: "tick", default: true, description: "A stage that is not in use is never switched, and no other waits for it." },
	socOff: level("%", 1, 99, "State of charge at or below which the load goes off."),
	socOn: level("%", 2, 100, "State of charge from which it may come back; at least 10 % above."),
	cellOff: level("V", 2.5, 3.5, "Voltage of the lowest cell at or below which the load goes off."),
	cellOn: level("V", 2.5, 3.6, "Voltage of the lowest cell from which it may come back."),
	runtimeOff: level("min", 1, 2880, "Time left, at the power used now, at or below which the load goes off."),
	runtimeOn: level("min", 1, 5760, "Time left from which it may come back."),
	dischargeOff: level("W", 10, 100_000, "Power taken from the battery at or above which the load goes off."),
	dischargeOn: level("W", 0, 100_000, "Power taken from the battery down to which it may come back; leave room for the load itself."),
	importOff: level("W", 10, 100_000, "Power taken from the grid (by message) at or above which the load goes off."),
	importOn: level("W", 0, 100_000, "Power taken from the grid down to which it may come back."),
	lowBattery: { type: "tick", default: true, description: "Goes off when the low-battery contact (3/4) closes." },
	fault: { type: "tick", default: false, description: "Goes off at once when the fault contact (1/2) closes." },
	outage: { type: "tick", default: false, description: "Stays off while the grid is away." },
	minimumOffMinutes: { type: "minutes", default: 5, maximum: 240, description: "Stays off at least this long; 10 for compressors." },
	minimumOnMinutes: { type: "minutes", default: 5, maximum: 240, description: "Stays on at least this long; 10 for compressors." },
} as const satisfies Record<string, Field>;

export type StageField = keyof typeof STAGE_FIELDS;
type ValueOf<F extends Field> = F["type"] extends "level" ? number | null : F["type"] extends "minutes" ? number : boolean;

/** One group of loads; the first in the list goes off first and comes back last. */
export type Stage = {
	/** Stays the same when stages are moved or renamed; what was switched is kept under it. */
	readonly key: string;
	readonly name: string;
} & { readonly [K in StageField]: ValueOf<(typeof STAGE_FIELDS)[K]> };

/** Pairs of levels, and on which side of the off level the load goes off. */
export const LEVEL_PAIRS = [
	{ off: "socOff", on: "socOn", side: "below" },
	{ off: "cellOff", on: "cellOn", side: "below" },
	{ off: "runtimeOff", on: "runtimeOn", side: "below" },
	{ off: "dischargeOff", on: "dischargeOn", side: "above" },
	{ off: "importOff", on: "importOn", side: "above" },
] as const satisfies readonly { readonly off: StageField; readonly on: StageField; readonly side: "below" | "above" }[];

export const MOST_STAGES = 8;

const fieldDefault = (field: Field) => (field.type === "level" ? null : field.default);

/** A stage with the defaults, and what is given. */
export function stageWith(given: Partial<Stage> & { readonly key: string; readonly name: string }): Stage {
	const defaults = Object.fromEntries(Object.entries<Field>(STAGE_FIELDS).map(([key, field]) => [key, fieldDefault(field)]));
	return { ...(defaults as Omit<Stage, "key" | "name">), ...given };
}

/** The stages a new node begins with: comfort, heat and cooling, non-essential sockets. */
export const DEFAULT_STAGES: readonly Stage[] = [
	stageWith({ key: "comfort", name: "Comfort", socOff: 50, socOn: 65, fault: true, outage: true }),
	stageWith({ key: "climate", name: "Heating and cooling", socOff: 35, socOn: 50, minimumOffMinutes: 10, minimumOnMinutes: 10 }),
	stageWith({ key: "sockets", name: "Other sockets", socOff: 25, socOn: 40 }),
];

interface Problem {
	readonly path: string;
	readonly message: string;
}

type Found = { readonly value: unknown } | { readonly problem: string };

const isEmpty = (value: unknown) => value === undefined || value === null || value === "";

function readField(field: Field, value: unknown): Found {
	if (isEmpty(value)) return { value: fieldDefault(field) };
	if (field.type === "tick") {
		if (value === true || value === "true") return { value: true };
		return value === false || value === "false" ? { value: false } : { problem: "must be on or off" };
	}
	const number = typeof value === "number" ? value : typeof value === "string" ? Number(value.trim().replace(",", ".")) : Number.NaN;
	const minimum = field.type === "level" ? field.minimum : 0;
	const unit = field.type === "level" ? field.unit : "min";
	if (Number.isFinite(number) && number >= minimum && number <= field.maximum) return { value: number };
	return { problem: `must be a number from ${minimum} to ${field.maximum} ${unit}${field.type === "level" ? ", or empty" : ""}` };
}

function pairProblems(stage: Stage, path: string): readonly Problem[] {
	return LEVEL_PAIRS.flatMap(({ off, on, side }) => {
		const [offLevel, onLevel] = [stage[off], stage[on]];
		if (offLevel === null && onLevel === null) return [];
		if (offLevel === null || onLevel === null)
			return [
				{ path: `${path}.${offLevel === null ? off : on}`, message: "needs both levels, the one to go off and the one to come back" },
			];
		const isApart = side === "below" ? onLevel > offLevel : onLevel < offLevel;
		return isApart
			? []
			: [{ path: `${path}.${on}`, message: `must be ${side === "below" ? "above" : "below"} the level to go off, ${offLevel}` }];
	});
}

function readStage(found: unknown, index: number): { readonly stage: Stage; readonly problems: readonly Problem[] } {
	const given = (typeof found === "object" && found !== null ? found : {}) as Readonly<Record<string, unknown>>;
	const text = (value: unknown) => (typeof value === "string" ? value.trim() : "");
	const name = text(given.name) === "" ? String(index + 1) : text(given.name);
	const path = `stage ${index + 1} (${name})`;
	const fields = Object.entries<Field>(STAGE_FIELDS).map(([key, field]) => ({ key, found: readField(field, given[key]) }));
	const problems = fields.flatMap(({ key, found: result }) =>
		"problem" in result ? [{ path: `${path}.${key}`, message: result.problem }] : [],
	);
	const values = fields.flatMap(({ key, found: result }) => ("value" in result ? [[key, result.value] as const] : []));
	const stage = stageWith({ key: text(given.key) === "" ? name : text(given.key), name, ...Object.fromEntries(values) });
	return { stage, problems: [...problems, ...pairProblems(stage, path)] };
}

/** The stages as a node keeps them. Throws one ConfigError in words that lists every problem. */
export function readStages(found: unknown): readonly Stage[] {
	const list: readonly unknown[] = Array.isArray(found) ? found : [];
	const read = list.map(readStage);
	const keys = read.map(({ stage }) => stage.key);
	const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
	const problems = [
		...(list.length === 0 ? [{ path: "stages", message: "there must be at least one stage" }] : []),
		...(list.length > MOST_STAGES ? [{ path: "stages", message: `there may be at most ${MOST_STAGES} stages` }] : []),
		...twice.map((key) => ({ path: "stages", message: `"${key}" stands for two stages: give them different names` })),
		...read.flatMap((one) => one.problems),
	];
	if (problems.length === 0) return read.map(({ stage }) => stage);
	const text = problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
	throw new ConfigError("invalid", `The stages cannot be used. ${text}`, { problems });
}
