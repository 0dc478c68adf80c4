import type { GeneratorSettings } from "./options.ts";
import { isQuiet } from "./quiet-hours.ts";

/**
 * `idle`: not wanted. `armed`: wanted, for how long is being watched. `starting`, `retrying`: a try, the pause after one that failed.
 * `warming`, `running`, `cooling`: without load, with load, without load again. `lockout`: the pause after a run. `fault`: it did not
 * start or stopped by itself; stays until somebody resets it.
 */
export const PHASES = ["idle", "armed", "starting", "retrying", "warming", "running", "cooling", "lockout", "fault"] as const;
export type Phase = (typeof PHASES)[number];

/** Why it is wanted. */
export const CAUSES = ["soc", "cell", "contact", "hand"] as const;
export type Cause = (typeof CAUSES)[number];

/** Why it last went on to another phase. */
export const REASONS = [
	"notWanted",
	"wanted",
	"unknown",
	"started",
	"noStart",
	"warm",
	"full",
	"grid",
	"longest",
	"stopped",
	"off",
	"stalled",
	"cool",
	"rested",
	"reset",
] as const;
export type Reason = (typeof REASONS)[number];

/** All that is kept, also over restarts; times are milliseconds since the epoch. */
export interface GeneratorState {
	readonly phase: Phase;
	/** Since when it is in that phase. */
	readonly since: number;
	/** The running or last try, from 1; 0 when none was made. */
	readonly attempt: number;
	readonly cause: Cause | null;
	readonly reason: Reason;
	/** `off`: never starts by itself. */
	readonly mode: "auto" | "off";
	/** Since when each condition holds; null while it does not, and while its value is not known. */
	readonly holds: Readonly<Record<Exclude<Cause, "hand">, number | null>>;
	/** Since when the grid is there; null while it is away, and when nobody has said. */
	readonly gridSince: number | null;
	/** Somebody told it to stop; carried out by the next decision. */
	readonly stopAsked: boolean;
}

/** What is known now; null = not known, too old. */
export interface GeneratorInputs {
	/** State of charge of the bank, %. */
	readonly soc: number | null;
	/** Lowest cell of the bank, V. */
	readonly lowestCell: number | null;
	/** Low-battery contact closed. */
	readonly lowBattery: boolean | null;
	/** The grid is there; null where nobody says, as in a house without one. */
	readonly grid: boolean | null;
	/** The engine runs, by its own signal. */
	readonly running: boolean | null;
}

/** What the switches shall be. */
export interface Orders {
	/** The generator's start contact. */
	readonly generator: boolean;
	/** The switch that gives it the load (charger, transfer switch). */
	readonly load: boolean;
}

export interface Decision {
	readonly state: GeneratorState;
	readonly orders: Orders;
	/** When to decide again without any news; null when nothing is waited for. */
	readonly wakeAt: number | null;
}

const SECOND = 1000;
const MINUTE = 60_000;
/** How long the contact, and a low cell, must last, ms. */
const CONTACT_DELAY = 10 * SECOND;
const CELL_DELAY = 60 * SECOND;

const NOTHING_HOLDS = { soc: null, cell: null, contact: null } as const;

export const initialState = (now: number): GeneratorState => ({
	phase: "idle",
	since: now,
	attempt: 0,
	cause: null,
	reason: "notWanted",
	mode: "auto",
	holds: NOTHING_HOLDS,
	gridSince: null,
	stopAsked: false,
});

const isTime = (value: unknown) => value === null || (typeof value === "number" && Number.isFinite(value));
const isOneOf = (words: readonly string[], value: unknown) => typeof value === "string" && words.includes(value);

/** A state as it was kept in a file. Throws an Error in words when it is none. */
export function readGeneratorState(document: unknown): GeneratorState {
	const kept = document as Partial<Record<keyof GeneratorState, unknown>> | null;
	if (typeof kept !== "object" || kept === null) throw new Error("it holds no state of a generator");
	const { phase, since, attempt, cause, reason, mode, gridSince } = kept;
	const isRight =
		isOneOf(PHASES, phase) &&
		isOneOf(REASONS, reason) &&
		(cause === null || isOneOf(CAUSES, cause)) &&
		(mode === "auto" || mode === "off") &&
		since !== null &&
		isTime(since) &&
		isTime(gridSince) &&
		Number.isInteger(attempt);
	if (!isRight) throw new Error("its state of the generator is not complete");
	return { ...(kept as GeneratorState), holds: NOTHING_HOLDS, stopAsked: false };
}

/**
 * What is left of a kept state after a restart: nobody watched meanwhile, so conditions count anew, and a start that was under
 * way is given up. A generator that ran goes on.
 */
export function resumed(kept: GeneratorState, now: number): GeneratorState {
	const fresh = { ...kept, holds: NOTHING_HOLDS, gridSince: null, stopAsked: false };
	if (kept.phase !== "starting" && kept.phase !== "retrying" && kept.phase !== "armed") return fresh;
	return { ...fresh, phase: "idle", since: now, attempt: 0, cause: null, reason: "notWanted" };
}

/** What the switches are in a phase. */
export function ordersOf(phase: Phase): Orders {
	return { generator: ["starting", "warming", "running", "cooling"].includes(phase), load: phase === "running" };
}

const startLevel = (settings: GeneratorSettings, now: number) => (isQuiet(settings, now) ? settings.quietSoc : settings.startSoc);

/** Since when each condition holds. What is not known holds nothing. */
function watched(state: GeneratorState, inputs: GeneratorInputs, settings: GeneratorSettings, now: number): GeneratorState {
	const since = (before: number | null, isTrue: boolean) => (isTrue ? (before ?? now) : null);
	const { soc, lowestCell, lowBattery, grid } = inputs;
	const { holds } = state;
	return {
		...state,
		holds: {
			soc: since(holds.soc, soc !== null && soc <= startLevel(settings, now)),
			cell: since(holds.cell, lowestCell !== null && settings.startCellVoltage > 0 && lowestCell <= settings.startCellVoltage),
			contact: since(holds.contact, lowBattery === true && settings.onLowBattery),
		},
		gridSince: since(state.gridSince, grid === true),
	};
}

/** When each condition that holds will have lasted long enough. */
function dueTimes({ holds }: GeneratorState, settings: GeneratorSettings): readonly { readonly cause: Cause; readonly at: number }[] {
	const delays = { soc: settings.startDelaySeconds * SECOND, cell: CELL_DELAY, contact: CONTACT_DELAY };
	return (["soc", "cell", "contact"] as const).flatMap((cause) => {
		const since = holds[cause];
		return since === null ? [] : [{ cause, at: since + delays[cause] }];
	});
}

/** Whether it may start by itself: with the grid there the grid charges. */
const mayStart = (state: GeneratorState) => state.mode === "auto" && state.gridSince === null;

type Next =
	| { readonly to: Phase; readonly reason: Reason; readonly cause?: Cause; readonly attempt?: number }
	| { readonly wakeAt: number | null };

/** What follows in a phase: another phase, or nothing until a time. */
type Rule = (context: {
	readonly state: GeneratorState;
	readonly inputs: GeneratorInputs;
	readonly settings: GeneratorSettings;
	readonly now: number;
	/** Whether the phase has lasted that long. */
	readonly lasted: (ms: number) => boolean;
	/** Nothing before it has lasted that long. */
	readonly wait: (ms: number) => Next;
}) => Next;

const hasStalled = ({ feedback }: GeneratorSettings, { running }: GeneratorInputs) => feedback === "message" && running === false;

/** TABLE of the phases: what each goes on to, the first that applies. */
const RULES: Readonly<Record<Phase, Rule>> = {
	idle: ({ state, settings }) => {
		const first = dueTimes(state, settings)[0];
		if (first === undefined || !mayStart(state)) return { wakeAt: null };
		return { to: "armed", reason: "wanted", cause: first.cause };
	},
	armed: ({ state, settings, inputs, now }) => {
		const due = dueTimes(state, settings);
		if (due.length === 0) return { to: "idle", reason: inputs.soc === null ? "unknown" : "notWanted" };
		if (!mayStart(state)) return { to: "idle", reason: state.mode === "off" ? "off" : "grid" };
		const ready = due.find(({ at }) => at <= now);
		if (ready) return { to: "starting", reason: "wanted", cause: ready.cause, attempt: 1 };
		return { wakeAt: Math.min(...due.map(({ at }) => at)) };
	},
	starting: ({ state, inputs, settings, lasted, wait }) => {
		if (state.stopAsked || state.mode === "off") return { to: "lockout", reason: state.stopAsked ? "stopped" : "off" };
		if (settings.feedback === "message" && inputs.running === true) return { to: "warming", reason: "started" };
		if (!lasted(settings.startSeconds * SECOND)) return wait(settings.startSeconds * SECOND);
		if (settings.feedback === "none") return { to: "warming", reason: "started" };
		return state.attempt < settings.tries ? { to: "retrying", reason: "noStart" } : { to: "fault", reason: "noStart" };
	},
	retrying: ({ state, inputs, settings, lasted, wait }) => {
		if (state.stopAsked) return { to: "idle", reason: "stopped" };
		if (state.mode === "off") return { to: "idle", reason: "off" };
		if (!lasted(settings.retrySeconds * SECOND)) return wait(settings.retrySeconds * SECOND);
		// A further try is a start: the reason for it must still be there, and known.
		const isWanted = state.cause === "hand" || (dueTimes(state, settings).length > 0 && mayStart(state));
		if (!isWanted) return { to: "idle", reason: inputs.soc === null ? "unknown" : "notWanted" };
		return { to: "starting", reason: "wanted", attempt: state.attempt + 1 };
	},
	warming: ({ state, inputs, settings, lasted, wait }) => {
		if (hasStalled(settings, inputs)) return { to: "fault", reason: "stalled" };
		if (state.stopAsked) return { to: "cooling", reason: "stopped" };
		if (state.mode === "off") return { to: "cooling", reason: "off" };
		return lasted(settings.warmSeconds * SECOND) ? { to: "running", reason: "warm" } : wait(settings.warmSeconds * SECOND);
	},
	running: ({ state, inputs, settings, now, lasted, wait }) => {
		if (hasStalled(settings, inputs)) return { to: "fault", reason: "stalled" };
		if (state.stopAsked) return { to: "cooling", reason: "stopped" };
		if (state.mode === "off") return { to: "cooling", reason: "off" };
		const gridStableAt = state.gridSince === null ? null : state.gridSince + settings.gridStableMinutes * MINUTE;
		if (gridStableAt !== null && gridStableAt <= now) return { to: "cooling", reason: "grid" };
		const isFull = inputs.soc !== null && inputs.soc >= Math.max(settings.stopSoc, startLevel(settings, now) + 1);
		if (isFull && lasted(settings.minimumRunMinutes * MINUTE)) return { to: "cooling", reason: "full" };
		if (lasted(settings.maximumRunMinutes * MINUTE)) return { to: "cooling", reason: "longest" };
		const next = isFull ? wait(settings.minimumRunMinutes * MINUTE) : wait(settings.maximumRunMinutes * MINUTE);
		const at = "wakeAt" in next ? next.wakeAt : null;
		return { wakeAt: gridStableAt === null || at === null ? at : Math.min(at, gridStableAt) };
	},
	cooling: ({ inputs, settings, lasted, wait }) => {
		if (hasStalled(settings, inputs) || lasted(settings.coolSeconds * SECOND)) return { to: "lockout", reason: "cool" };
		return wait(settings.coolSeconds * SECOND);
	},
	lockout: ({ settings, lasted, wait }) =>
		lasted(settings.lockoutMinutes * MINUTE) ? { to: "idle", reason: "rested" } : wait(settings.lockoutMinutes * MINUTE),
	fault: () => ({ wakeAt: null }),
};

function entered(state: GeneratorState, next: Exclude<Next, { wakeAt: unknown }>, now: number): GeneratorState {
	const { to: phase, reason, cause = state.cause, attempt = state.attempt } = next;
	return { ...state, phase, reason, since: now, attempt, cause: phase === "idle" ? null : cause, stopAsked: false };
}

/** Goes on as far as it goes now. Pure. */
export function decide(before: GeneratorState, inputs: GeneratorInputs, settings: GeneratorSettings, now: number): Decision {
	let state = watched(before, inputs, settings, now);
	// With all times 0 a run goes through every phase once, and back to the beginning.
	for (let steps = 0; steps <= PHASES.length; steps += 1) {
		const { since } = state;
		const lasted = (ms: number) => now - since >= ms;
		const next = RULES[state.phase]({ state, inputs, settings, now, lasted, wait: (ms) => ({ wakeAt: since + ms }) });
		if (!("to" in next)) return { state: { ...state, stopAsked: false }, orders: ordersOf(state.phase), wakeAt: next.wakeAt };
		state = entered(state, next, now);
	}
	return { state, orders: ordersOf(state.phase), wakeAt: now + SECOND };
}

/** What somebody may tell it. */
export const COMMANDS = ["start", "stop", "reset", "auto", "off"] as const;
export type Command = (typeof COMMANDS)[number];

/**
 * Carries out what somebody tells it; `decide` follows. Returns null when it cannot be done in this phase: a start while it runs,
 * rests or is in fault, a reset without a fault.
 */
export function commanded(state: GeneratorState, command: Command, now: number): GeneratorState | null {
	switch (command) {
		case "start":
			if (state.phase !== "idle" && state.phase !== "armed") return null;
			return entered(state, { to: "starting", reason: "wanted", cause: "hand", attempt: 1 }, now);
		case "reset":
			// Who resets may stand beside it: what calls for it must last anew.
			return state.phase === "fault" ? entered({ ...state, holds: NOTHING_HOLDS }, { to: "idle", reason: "reset", attempt: 0 }, now) : null;
		case "stop":
			return { ...state, stopAsked: true };
		case "auto":
		case "off":
			return { ...state, mode: command, holds: NOTHING_HOLDS };
	}
}
