import type { ConfigError } from "../errors.ts";
import { type Argument, fits, wantedWords } from "./action-arguments.ts";
import { ACTIONS, type Action, actionNamed, RANGES } from "./actions.ts";
import { refusal } from "./replay-file.ts";
import type { Curve, Scenario, ScenarioProfile, ScenarioStart, ScenarioStep } from "./scenario.ts";

interface Problem {
	readonly path: string;
	readonly message: string;
}
type Tell = (path: string, message: string) => void;
type Fields = Readonly<Record<string, unknown>>;

/** Longest scenario, s: a month. */
export const LONGEST_SECONDS = 31 * 86_400;
/** A repeated scenario is at least this long, s. */
const SHORTEST_ROUND_SECONDS = 10;
export const TIME_PATTERN = "^\\d{1,3}:[0-5]\\d(:[0-5]\\d)?$";
export const CLOCK_PATTERN = "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d)?(Z|[+-]\\d\\d:\\d\\d)?$";
export const NAME_PATTERN = "^[a-z0-9][a-z0-9-]{0,39}$";
export const LARGEST_SEED = 2_147_483_647;

/** TABLE of the parts of a scenario and of its start, with their meaning. */
export const SCENARIO_PARTS = {
	$schema: "for editors; not read",
	name: "small letters, digits and -; the command `scenario NAME` plays it",
	description: "what happens, for people",
	seed: "start of the bank's random numbers (when the bank is started with the scenario)",
	start: "how the bank is when the scenario begins",
	profile: "what the house draws and the sun gives: `consumption` and `sun`, each a list of [time, W] with straight lines between",
	steps: "what happens: a list of {at, do, …the action's arguments, over}",
	lasts: "length; up to the last step and point when not given",
	repeat: "true: begins again at its end, the battery going on as it is",
} as const;
export const START_PARTS = {
	clock: "what the bank's clock shows, e.g. 2026-06-01T06:00:00 (when the bank is started with the scenario)",
	stateOfCharge: "%, all packs",
	loadW: "W; negative charges",
} as const;
export const STEP_PARTS = {
	at: "time from the beginning: hours:minutes, hours:minutes:seconds, or seconds",
	do: "the action",
	over: "how long the value takes to get there (time as above); at once when not given",
} as const;
export const PROFILE_PARTS = { consumption: "what the house draws", sun: "what the sun gives" } as const;

/**
 * A scenario from what stands in a script. Throws a ConfigError that lists every problem with its path and what
 * would be right. Whether the bank has the packs it speaks of is asked by `problemsWithBank`.
 */
export function checkScenario(script: unknown, source: string): Scenario {
	const problems: Problem[] = [];
	const tell: Tell = (path, message) => problems.push({ path: path === "" ? source : path, message });
	const scenario = isFields(script) ? readScenarioFields(script, tell) : null;
	if (!isFields(script)) tell("", `must be an object like {"name": "…", "steps": […]}`);
	if (scenario === null || problems.length > 0) throw scenarioRefusal(source, problems);
	return scenario;
}

/** One error for all problems of a scenario. */
export function scenarioRefusal(source: string, problems: readonly Problem[]): ConfigError {
	return refusal(`The scenario ${source} cannot be played`, problems);
}

/** What of a scenario a bank cannot do: packs, cells and probes it does not have. */
export function problemsWithBank(
	scenario: Scenario,
	bank: { readonly packs: readonly number[]; readonly cells: number; readonly probes: number },
): readonly Problem[] {
	const has = (path: string, what: string, number: unknown, highest: number) =>
		typeof number === "number" && number > highest ? [{ path, message: `there is no ${what} ${number}; this bank has ${highest}` }] : [];
	return scenario.steps.flatMap(({ action, values }, index) => {
		const path = `step ${index + 1} (${action})`;
		const { pack } = values;
		const isMissing = typeof pack === "number" && !bank.packs.includes(pack);
		return [
			...(isMissing ? [{ path, message: `there is no pack ${pack}; this bank has ${bank.packs.join(", ")}` }] : []),
			...has(path, "cell", values.cell, bank.cells),
			...has(path, "probe", values.probe, bank.probes),
		];
	});
}

function readScenarioFields(script: Fields, tell: Tell): Scenario {
	unknownKeys(script, "", Object.keys(SCENARIO_PARTS), tell);
	const name = textAt(script.name, "name", tell);
	if (name !== "" && !new RegExp(NAME_PATTERN).test(name)) tell("name", "must be 1 to 40 small letters, digits and -");
	const seed = script.seed === undefined ? null : numberAt(script.seed, "seed", { minimum: 0, maximum: LARGEST_SEED }, tell);
	if (seed !== null && !Number.isInteger(seed)) tell("seed", "must be a whole number");
	if (script.repeat !== undefined && typeof script.repeat !== "boolean") tell("repeat", "must be true or false");
	const profile = script.profile === undefined ? null : readProfile(script.profile, tell);
	const steps = readSteps(script.steps ?? [], profile !== null, tell);
	const repeat = script.repeat === true;
	const lastsMs = readLength(script.lasts, { profile, steps, repeat }, tell);
	const description = script.description === undefined ? "" : textAt(script.description, "description", tell);
	return { name, description, seed, start: readStart(script.start ?? {}, tell), profile, steps, lastsMs, repeat };
}

function readLength(
	lasts: unknown,
	{ profile, steps, repeat }: { profile: ScenarioProfile | null; steps: readonly ScenarioStep[]; repeat: boolean },
	tell: Tell,
): number {
	const points = profile === null ? [] : [...profile.consumption, ...profile.sun];
	const natural = Math.max(0, ...steps.map(({ atMs, overMs }) => atMs + overMs), ...points.map(([at]) => at));
	const lastsMs = lasts === undefined ? natural : timeAt(lasts, "lasts", tell);
	if (lasts !== undefined && lastsMs < natural) tell("lasts", "must not end before the last step and the last point of the profile");
	if (repeat && lastsMs < SHORTEST_ROUND_SECONDS * 1000) tell("lasts", `must be at least ${SHORTEST_ROUND_SECONDS} s when it repeats`);
	if (natural === 0 && lasts === undefined && steps.length === 0) tell("steps", "must have at least one step, or there must be a profile");
	return lastsMs;
}

function readStart(start: unknown, tell: Tell): ScenarioStart {
	if (!isFields(start)) {
		tell("start", 'must be an object like {"stateOfCharge": 60}');
		return { clock: null, stateOfCharge: null, loadW: null };
	}
	unknownKeys(start, "start.", Object.keys(START_PARTS), tell);
	const { clock, stateOfCharge, loadW } = start;
	return {
		clock: clock === undefined ? null : clockAt(clock, tell),
		stateOfCharge: stateOfCharge === undefined ? null : numberAt(stateOfCharge, "start.stateOfCharge", RANGES.stateOfCharge, tell),
		loadW: loadW === undefined ? null : numberAt(loadW, "start.loadW", RANGES.loadW, tell),
	};
}

function clockAt(clock: unknown, tell: Tell): number {
	const at = typeof clock === "string" && new RegExp(CLOCK_PATTERN).test(clock) ? Date.parse(clock) : Number.NaN;
	if (Number.isNaN(at)) tell("start.clock", "must be a date and time like 2026-06-01T06:00:00");
	return at;
}

function readProfile(profile: unknown, tell: Tell): ScenarioProfile {
	if (!isFields(profile)) {
		tell("profile", 'must be an object like {"consumption": [["06:00", 300], …], "sun": […]}');
		return { consumption: [], sun: [] };
	}
	unknownKeys(profile, "profile.", Object.keys(PROFILE_PARTS), tell);
	const curve = (name: keyof typeof PROFILE_PARTS) =>
		profile[name] === undefined ? [] : readCurve(profile[name], `profile.${name}`, tell);
	const curves = { consumption: curve("consumption"), sun: curve("sun") };
	if (curves.consumption.length + curves.sun.length === 0) tell("profile", "must have consumption or sun");
	return curves;
}

function readCurve(points: unknown, path: string, tell: Tell): Curve {
	if (!Array.isArray(points)) {
		tell(path, 'must be a list of points like ["06:00", 300]');
		return [];
	}
	const curve = points.map((point: unknown, index): [number, number] => {
		const place = `${path}, point ${index + 1}`;
		const [at, watts] = Array.isArray(point) && point.length === 2 ? (point as unknown[]) : [undefined, undefined];
		if (at === undefined) {
			tell(place, 'must be a time and W, like ["06:00", 300]');
			return [Number.NaN, 0];
		}
		return [timeAt(at, place, tell), numberAt(watts, place, { minimum: 0, maximum: RANGES.loadW.maximum, unit: "W" }, tell)];
	});
	curve.forEach(([at], index) => {
		if (at <= (curve[index - 1]?.[0] ?? -1)) tell(`${path}, point ${index + 1}`, "must be later than the point before it");
	});
	return curve;
}

function readSteps(steps: unknown, hasProfile: boolean, tell: Tell): readonly ScenarioStep[] {
	if (!Array.isArray(steps)) {
		tell("steps", 'must be a list of steps like {"at": "00:10", "do": "load", "watts": 500}');
		return [];
	}
	const read = steps.map((step: unknown, index) => readStep(step, `step ${index + 1}`, hasProfile, tell));
	// Steps of the same time stay in their order.
	return read.toSorted((one, other) => one.atMs - other.atMs);
}

function readStep(step: unknown, path: string, hasProfile: boolean, tell: Tell): ScenarioStep {
	const nothing: ScenarioStep = { atMs: 0, action: "", values: {}, overMs: 0 };
	if (!isFields(step)) {
		tell(path, 'must be an object like {"at": "00:10", "do": "load", "watts": 500}');
		return nothing;
	}
	const { at, do: name, over, ...values } = step;
	const atMs = at === undefined ? 0 : timeAt(at, `${path}, at`, tell);
	if (at === undefined) tell(`${path}, at`, "is missing: when it happens, like 00:10 or 600");
	const action = typeof name === "string" ? actionNamed(name) : undefined;
	if (action === undefined) {
		const known = Object.keys(ACTIONS).join(", ");
		tell(`${path}, do`, `${name === undefined ? "is missing" : `${JSON.stringify(name)} is no action`}; there are ${known}`);
		return nothing;
	}
	if (name === "load" && hasProfile) tell(path, "a profile sets the load already; put this into it, or leave the profile out");
	readArguments(action, values, path, tell);
	const overMs = over === undefined ? 0 : timeAt(over, `${path}, over`, tell);
	if (overMs > 0) checkRamp(action, values, path, tell);
	return { atMs, action: String(name), values, overMs };
}

function readArguments(action: Action, values: Fields, path: string, tell: Tell): void {
	unknownKeys(values, `${path}, `, [...Object.keys(action.arguments), ...Object.keys(STEP_PARTS)], tell);
	const rows: readonly (readonly [string, Argument])[] = Object.entries(action.arguments);
	for (const [name, argument] of rows) {
		const value = values[name];
		if (value === undefined && argument.optional) continue;
		if (value === undefined) tell(`${path}, ${name}`, `is missing: ${argument.description}, ${wantedWords(argument)}`);
		else if (!fits(argument, value)) tell(`${path}, ${name}`, `is ${JSON.stringify(value)} but must be ${wantedWords(argument)}`);
	}
}

function checkRamp({ ramp }: Action, values: Fields, path: string, tell: Tell): void {
	if (ramp === null) tell(`${path}, over`, "is only for load, soc, cell and probe: nothing else has a value in between");
	else if (typeof values[ramp.argument] !== "number") tell(`${path}, over`, `needs a number for ${ramp.argument}`);
}

/** A time as it is written, ms. */
function timeAt(time: unknown, path: string, tell: Tell): number {
	const text = typeof time === "string" && new RegExp(TIME_PATTERN).test(time) ? time.split(":").map(Number) : null;
	const seconds = typeof time === "number" ? time : text === null ? -1 : (text[0] ?? 0) * 3600 + (text[1] ?? 0) * 60 + (text[2] ?? 0);
	if (seconds >= 0 && seconds <= LONGEST_SECONDS) return seconds * 1000;
	tell(path, "must be hours:minutes like 01:30, hours:minutes:seconds, or a number of seconds, 31 days at most");
	return Number.NaN;
}

function numberAt(
	value: unknown,
	path: string,
	{ minimum, maximum, unit }: { readonly minimum: number; readonly maximum: number; readonly unit?: string },
	tell: Tell,
): number {
	if (typeof value === "number" && value >= minimum && value <= maximum) return value;
	tell(path, `must be a number from ${minimum} to ${maximum}${unit === undefined ? "" : ` ${unit}`}`);
	return 0;
}

function textAt(value: unknown, path: string, tell: Tell): string {
	if (typeof value === "string" && value.trim() !== "") return value;
	tell(path, "must be a text");
	return "";
}

function unknownKeys(fields: Fields, prefix: string, known: readonly string[], tell: Tell): void {
	for (const key of Object.keys(fields)) {
		if (!known.includes(key))
			tell(`${prefix}${key}`, `is not known here; there are ${known.filter((name) => name !== "$schema").join(", ")}`);
	}
}

function isFields(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
