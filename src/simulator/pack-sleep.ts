/** Why a pack sleeps (manual §5.2.5); `hand`: it was told to from outside the simulation. */
export type SleepCause = "over-discharge" | "key" | "low-cell" | "standby" | "shutdown" | "hand";

/** What decides about sleep. */
export interface SleepWatch {
	/** A protection against over-discharge, of a cell or the pack, is set. */
	readonly isOverDischarged: boolean;
	readonly hasProtection: boolean;
	/** Charging or discharging. */
	readonly hasCurrent: boolean;
	/** A charger is at the terminals. */
	readonly hasCharger: boolean;
	/** The lowest cell is below the sleep voltage, and nothing is balanced. */
	readonly isLowAndStill: () => boolean;
	/** Since the pack was asked anything, ms. */
	readonly unaskedMs: number;
	/** The pack's parameter, ms. */
	readonly sleepDelayMs: number;
}

/** Where a pack is between waking and sleeping; immutable. */
export interface SleepState {
	readonly cause: SleepCause | null;
	/** How long each condition has held, ms; while asleep how long it has slept. */
	readonly overDischargedMs: number;
	readonly lowCellMs: number;
	readonly standbyMs: number;
	readonly sleptMs: number;
	/** Attempts to charge since the over-discharge. */
	readonly attempts: number;
}

/** TABLE of the times of the manual, §5.2.5. */
export const SLEEP_RULES = {
	overDischargedMs: 30_000,
	standbyMs: 24 * 3_600_000,
	attemptEveryMs: 4 * 3_600_000,
	attempts: 10,
} as const;

export const AWAKE: SleepState = { cause: null, overDischargedMs: 0, lowCellMs: 0, standbyMs: 0, sleptMs: 0, attempts: 0 };

/** A pack that falls asleep. */
export const asleepBy = (cause: SleepCause, attempts = 0): SleepState => ({ ...AWAKE, cause, attempts });

/** The state after `dtMs`: `cause` tells whether the pack sleeps. */
export function stepSleep(state: SleepState, watch: SleepWatch, dtMs: number): SleepState {
	// Whoever has a charger cannot fall asleep, and is woken by it.
	if (watch.hasCharger) return AWAKE;
	return state.cause === null ? stayAwake(state, watch, dtMs) : stayAsleep(state, dtMs);
}

function stayAwake(state: SleepState, watch: SleepWatch, dtMs: number): SleepState {
	/** How long something has held; with a question in between it begins anew. */
	const unasked = (holds: boolean, ms: number) => (holds ? Math.min(ms + dtMs, watch.unaskedMs) : 0);
	const isQuiet = !watch.hasProtection && !watch.hasCurrent && watch.unaskedMs > 0;
	const next: SleepState = {
		cause: null,
		overDischargedMs: watch.isOverDischarged ? state.overDischargedMs + dtMs : 0,
		lowCellMs: unasked(isQuiet && watch.isLowAndStill(), state.lowCellMs),
		standbyMs: unasked(!watch.hasCurrent, state.standbyMs),
		sleptMs: 0,
		attempts: state.attempts,
	};
	if (next.overDischargedMs >= SLEEP_RULES.overDischargedMs) return asleepBy("over-discharge", state.attempts);
	if (next.lowCellMs > 0 && next.lowCellMs >= watch.sleepDelayMs) return asleepBy("low-cell");
	if (next.standbyMs >= SLEEP_RULES.standbyMs) return asleepBy("standby");
	return next;
}

/** After an over-discharge the pack tries every few hours whether it is charged, for as long as its protection lets it. */
function stayAsleep(state: SleepState, dtMs: number): SleepState {
	const sleptMs = state.sleptMs + dtMs;
	const tries = state.cause === "over-discharge" && state.attempts < SLEEP_RULES.attempts;
	if (tries && sleptMs >= SLEEP_RULES.attemptEveryMs) return { ...AWAKE, attempts: state.attempts + 1 };
	return { ...state, sleptMs };
}
