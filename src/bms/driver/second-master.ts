/** How far back frames of others are looked at, ms. */
const WINDOW_MS = 10_000;
/** So many within the window are no accident. */
const FRAMES_OF_A_MASTER = 3;

/** Sound frames on the line that answer nothing we asked. */
export interface Strangers {
	/** When they were heard; no older than the window. */
	readonly heardAt: readonly number[];
	/** When questions of ours went unanswered: an answer may still come, late, and is then no stranger. */
	readonly owedAt: readonly number[];
	/** Another device asks questions on this line. */
	readonly isMaster: boolean;
}

export const NO_STRANGERS: Strangers = { heardAt: [], owedAt: [], isMaster: false };

/** A question of ours got no answer in time. */
export function owed(strangers: Strangers, now: number): Strangers {
	return { ...at(strangers, now), owedAt: [...recent(strangers.owedAt, now), now] };
}

/** A sound frame came that answers nothing we asked: a late answer of ours, as long as one is owed, or somebody else's. */
export function heardForeign(strangers: Strangers, now: number): Strangers {
	const current = at(strangers, now);
	const [, ...stillOwed] = current.owedAt;
	if (current.owedAt.length > 0) return { ...current, owedAt: stillOwed };
	const heardAt = [...current.heardAt, now];
	return { ...current, heardAt, isMaster: current.isMaster || heardAt.length >= FRAMES_OF_A_MASTER };
}

/** What is so now: a second master is gone when it was not heard for a whole window. */
export function at(strangers: Strangers, now: number): Strangers {
	const heardAt = recent(strangers.heardAt, now);
	return { heardAt, owedAt: recent(strangers.owedAt, now), isMaster: strangers.isMaster && heardAt.length > 0 };
}

const recent = (times: readonly number[], now: number) => times.filter((time) => now - time < WINDOW_MS);
