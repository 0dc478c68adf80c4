import type { Stage } from "./stages.ts";
import { TRIGGER_KINDS, type TriggerKind, type Zone } from "./triggers.ts";

/** What the shedding remembers. Plain data with absolute times (milliseconds since the epoch), so that a restart changes nothing. */

export type Position = "on" | "off";

/** Why a stage went off. `asked`: by a message; `blind`: no fresh values for too long during an outage. */
export interface Cause {
	readonly kind: TriggerKind | "asked" | "blind";
	readonly value: number | null;
	readonly level: number | null;
	/** Key of the stage whose rule it was, when it is a later one that this stage goes before. */
	readonly forStage: string | null;
}

/** How long a trigger has been in its zone, and when it was last seen there. */
export interface Timer {
	readonly zone: Zone;
	readonly since: number;
	readonly seen: number;
}

export interface StageState {
	/** Set while it is off because it was switched off here: only that is ever switched on again. */
	readonly shed: { readonly since: number; readonly cause: Cause; readonly name: string } | null;
	/**
	 * Set while the load is left alone because somebody switched it. `ignored`: for a load switched on, what asked for off at
	 * that moment; anything else that asks ends it.
	 */
	readonly hand: { readonly position: Position; readonly since: number; readonly ignored: readonly string[] } | null;
	/** When it was last switched, here or by hand. */
	readonly switchedAt: number | null;
	/** A message asked for this position; done as soon as the minimum times allow. */
	readonly asked: Position | null;
}

/** How long each trigger of a stage has been in its zone. */
export type Timers = Readonly<Partial<Record<TriggerKind, Timer>>>;

export type StageStates = Readonly<Record<string, StageState>>;

/** What was switched, and what follows from it for what comes next. */
export interface Switched {
	readonly stages: StageStates;
	readonly lastRestoreAt: number | null;
	/** Until then nothing comes back. */
	readonly lockedUntil: number | null;
}

export interface ShedState extends Switched {
	readonly version: 1;
	/** By key of the stage. What is seen is the same for a dry run. */
	readonly timers: Readonly<Record<string, Timers>>;
	/** What is really switched, kept aside while a dry run plays with its own. */
	readonly live: Switched | null;
	/** `set` in the settings, and what is in force; a message may change that until the setting changes. */
	readonly dryRun: { readonly set: boolean; readonly isOn: boolean };
	readonly grid: { readonly present: boolean; readonly since: number } | null;
	/** From when the grid has been away for long enough until it has been back for long enough. */
	readonly isOutage: boolean;
	readonly startedAt: number;
	/** Whether fresh values have come since the start. */
	readonly hasSeenValues: boolean;
	/** Since when there are no fresh values; null while there are. */
	readonly unknownSince: number | null;
	/** The alarm about missing values was acknowledged. */
	readonly isAcknowledged: boolean;
}

export const FRESH_STAGE: StageState = { shed: null, hand: null, switchedAt: null, asked: null };

export const NOTHING_SWITCHED: Switched = { stages: {}, lastRestoreAt: null, lockedUntil: null };

export function newState(now: number, dryRun: boolean): ShedState {
	return {
		version: 1,
		stages: {},
		timers: {},
		live: dryRun ? NOTHING_SWITCHED : null,
		dryRun: { set: dryRun, isOn: dryRun },
		lastRestoreAt: null,
		lockedUntil: null,
		grid: null,
		isOutage: false,
		startedAt: now,
		hasSeenValues: false,
		unknownSince: now,
		isAcknowledged: false,
	};
}

/** The state at a start: everything is remembered; nothing is switched until values have come and the start is over. */
export function restarted(state: ShedState, now: number): ShedState {
	return { ...state, startedAt: now, hasSeenValues: false, unknownSince: now };
}

export function stageOf(states: StageStates, { key }: Stage): StageState {
	return states[key] ?? FRESH_STAGE;
}

/** Whether the load is off as far as is known here. */
export function isOff({ shed, hand }: StageState): boolean {
	return shed !== null || hand?.position === "off";
}

export function withStage(state: ShedState, { key }: Stage, change: Partial<StageState>): ShedState {
	return { ...state, stages: { ...state.stages, [key]: { ...(state.stages[key] ?? FRESH_STAGE), ...change } } };
}

/** No time in it is ahead of the clock: after a clock was set back, nothing waits for hours. */
export function notAhead(state: ShedState, now: number, longestLockMs: number): ShedState {
	const newest = Math.max(
		state.startedAt,
		...[state.lastRestoreAt, state.unknownSince, state.grid?.since].map((at) => at ?? 0),
		...Object.values(state.stages).flatMap(({ switchedAt, shed, hand }) => [switchedAt ?? 0, shed?.since ?? 0, hand?.since ?? 0]),
		...Object.values(state.timers).flatMap((timers) => Object.values(timers).map(({ seen }) => seen)),
	);
	const lockedUntil = state.lockedUntil === null ? null : Math.min(state.lockedUntil, now + longestLockMs);
	if (newest <= now) return lockedUntil === state.lockedUntil ? state : { ...state, lockedUntil };
	return { ...(capped(state, now) as ShedState), lockedUntil };
}

/** Every number of a tree that is a time ahead, brought back to now; other numbers in it are far smaller than a time. */
function capped(part: unknown, now: number): unknown {
	if (typeof part === "number") return Math.min(part, now);
	if (Array.isArray(part) || typeof part !== "object" || part === null) return part;
	return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, capped(value, now)]));
}

type Unchecked = Readonly<Record<string, unknown>>;

function object(found: unknown, what: string): Unchecked {
	if (typeof found !== "object" || found === null || Array.isArray(found)) throw new Error(`no ${what} in it`);
	return found as Unchecked;
}

const isTime = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isTimeOrNull = (value: unknown) => value === null || isTime(value);
const isNumberOrNull = isTimeOrNull;
const isFlag = (value: unknown) => typeof value === "boolean";
const isPosition = (value: unknown): value is Position => value === "on" || value === "off";

function demand(isRight: boolean, what: string): void {
	if (!isRight) throw new Error(`${what} is damaged`);
}

function checkStage(found: unknown): void {
	const { shed, hand, switchedAt, asked } = object(found, "stage");
	if (shed !== null) {
		const { since, cause, name } = object(shed, "shed");
		const { kind, value, level, forStage } = object(cause, "cause");
		const kinds: readonly unknown[] = [...TRIGGER_KINDS, "asked", "blind"];
		demand(isTime(since) && typeof name === "string" && kinds.includes(kind), "a stage that is off");
		demand(isNumberOrNull(value) && isNumberOrNull(level) && (forStage === null || typeof forStage === "string"), "a cause");
	}
	if (hand !== null) {
		const { position, since, ignored } = object(hand, "hand");
		demand(
			isPosition(position) && isTime(since) && Array.isArray(ignored) && ignored.every((one) => typeof one === "string"),
			"a load switched by hand",
		);
	}
	demand(isTimeOrNull(switchedAt) && (asked === null || isPosition(asked)), "a stage");
}

function checkTimers(timers: unknown): void {
	for (const [kind, timer] of Object.entries(object(timers, "timers"))) {
		const { zone, since, seen } = object(timer, "timer");
		demand(
			(TRIGGER_KINDS as readonly string[]).includes(kind) &&
				["off", "between", "on"].includes(String(zone)) &&
				isTime(since) &&
				isTime(seen),
			"a timer",
		);
	}
}

function checkSwitched({ stages, lastRestoreAt, lockedUntil }: Unchecked): void {
	Object.values(object(stages, "stages")).forEach(checkStage);
	demand(isTimeOrNull(lastRestoreAt) && isTimeOrNull(lockedUntil), "a time");
}

/** The state in a document that was saved. Throws an Error in words when it cannot be used. */
export function readState(document: unknown): ShedState {
	const found = object(document, "state");
	demand(found.version === 1, "the version");
	checkSwitched(found);
	Object.values(object(found.timers, "timers")).forEach(checkTimers);
	if (found.live !== null) checkSwitched(object(found.live, "live stages"));
	const dryRun = object(found.dryRun, "dry run");
	demand(isFlag(dryRun.set) && isFlag(dryRun.isOn), "the dry run");
	demand(isTimeOrNull(found.unknownSince) && isTime(found.startedAt), "a time");
	if (found.grid !== null) {
		const grid = object(found.grid, "grid");
		demand(isFlag(grid.present) && isTime(grid.since), "the grid");
	}
	demand([found.isOutage, found.hasSeenValues, found.isAcknowledged].every(isFlag), "the state");
	return found as unknown as ShedState;
}
