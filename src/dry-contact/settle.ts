/** A yes or no that follows another with delays; what it remembers. Times in milliseconds since the epoch. */
export interface Settling {
	/** What it is now; null while that is not known. */
	readonly value: boolean | null;
	/** What it was last known to be; null when it never was. */
	readonly known: boolean | null;
	/** Since when it is to become the other; null while it is not. */
	readonly wishedSince: number | null;
	/** When it last became true. */
	readonly trueAt: number | null;
}

export interface SettleTimes {
	readonly onDelayMs: number;
	readonly offDelayMs: number;
	/** How long it stays true at least. */
	readonly holdMs: number;
}

export interface Settled {
	readonly memory: Settling;
	/** When it changes by itself if nothing else happens; null when it does not. */
	readonly dueAt: number | null;
}

export const UNSETTLED: Settling = { value: null, known: null, wishedSince: null, trueAt: null };

/** The first target is taken at once, null too; every other change waits for its delay, and true lasts its hold. */
export function settle(memory: Settling, target: boolean | null, times: SettleTimes, now: number): Settled {
	const before = memory.known;
	if (before === true && target !== true && memory.trueAt !== null && !hasPassed(memory.trueAt, times.holdMs, now)) {
		// The delay of opening runs within the hold.
		const wishedSince = target === false ? (memory.wishedSince ?? now) : null;
		return { memory: { ...memory, value: true, wishedSince }, dueAt: memory.trueAt + times.holdMs };
	}
	if (target === null) return { memory: { ...memory, value: null, wishedSince: null }, dueAt: null };
	if (before === null || target === before) {
		return {
			memory: { value: target, known: target, wishedSince: null, trueAt: target && before === null ? now : memory.trueAt },
			dueAt: null,
		};
	}
	const wishedSince = memory.wishedSince ?? now;
	const delayMs = target ? times.onDelayMs : times.offDelayMs;
	if (hasPassed(wishedSince, delayMs, now)) {
		return { memory: { value: target, known: target, wishedSince: null, trueAt: target ? now : memory.trueAt }, dueAt: null };
	}
	return { memory: { ...memory, value: before, wishedSince }, dueAt: wishedSince + delayMs };
}

/** A clock that was put back makes nothing wait longer than its delay. */
export function hasPassed(since: number, ms: number, now: number): boolean {
	return Math.abs(now - since) >= ms;
}
