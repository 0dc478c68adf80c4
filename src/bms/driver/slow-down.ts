/** How much slower than set a line is used, from 0 (not at all). */
export interface SlowDown {
	readonly level: number;
	/** The last outcomes, newest last; true = answered. */
	readonly recent: readonly boolean[];
	readonly goodInRow: number;
}

export const FULL_SPEED: SlowDown = { level: 0, recent: [], goodInRow: 0 };

/** Outcomes that are looked at. */
const WINDOW = 10;
/** So many failures among them are no accident. */
const TOO_MANY = 2;
/** Good answers in a row that take one step back. */
const GOOD_FOR_A_STEP = 10;

/**
 * TABLE of the steps: pause between questions and wait for the first byte, on top of what is set, ms. A slow gateway
 * is met by the longer wait, a BMS that is asked too often by the pause.
 */
const STEPS = [
	{ extraGapMs: 0, extraTimeoutMs: 0 },
	{ extraGapMs: 100, extraTimeoutMs: 300 },
	{ extraGapMs: 250, extraTimeoutMs: 600 },
	{ extraGapMs: 500, extraTimeoutMs: 1_000 },
	{ extraGapMs: 1_000, extraTimeoutMs: 1_500 },
] as const;

/** One attempt was answered or not: slower step by step while too many are not, and back step by step. */
export function afterOutcome({ level, recent, goodInRow }: SlowDown, isAnswered: boolean): SlowDown {
	const outcomes = [...recent, isAnswered].slice(-WINDOW);
	if (!isAnswered) {
		const isTooMany = outcomes.filter((answered) => !answered).length >= TOO_MANY;
		// What was counted for one step does not count for the next.
		if (!isTooMany || level === STEPS.length - 1) return { level, recent: outcomes, goodInRow: 0 };
		return { level: level + 1, recent: [], goodInRow: 0 };
	}
	if (goodInRow + 1 < GOOD_FOR_A_STEP) return { level, recent: outcomes, goodInRow: goodInRow + 1 };
	return { level: Math.max(0, level - 1), recent: outcomes, goodInRow: 0 };
}

/** What a level adds to the settings. */
export function slowedBy({ level }: SlowDown): { readonly extraGapMs: number; readonly extraTimeoutMs: number } {
	return STEPS[level] ?? STEPS[0];
}
