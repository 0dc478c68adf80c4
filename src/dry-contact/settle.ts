/** A yes or no that follows another with delays; what it remembers. Times in milliseconds since the epoch. */
export interface Settling {
	/** What it is now; null while that is not known. */
	readonly value: boolean | null;
	/** What it was last known to be; null when it never was. */
	readonly known: boolean | null;
	/** What it is about to become, and since when that is wished. */
	readonly wish: { readonly value: boolean; readonly since: number } | null;
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

export const UNSETTLED: Settling = { value: null, known: null, wish: null, trueAt: null };

/** The first target is taken at once, null too; every other change waits for its delay, and true lasts its hold. */
export function settle(memory: Settling, target: boolean | null, times: SettleTimes, now: number): Settled {
	const before = memory.known;
	if (before === true && target !== true && memory.trueAt !== null && !hasPassed(memory.trueAt, times.holdMs, now)) {
		// The delay of opening runs within the hold.
		const wish = target === false ? wishOf(memory, false, now) : null;
		return { memory: { ...memory, value: true, wish }, dueAt: memory.trueAt + times.holdMs };
	}
	if (target === null) return { memory: { ...memory, value: null, wish: null }, dueAt: null };
	if (before === null || target === before) {
		return { memory: { value: target, known: target, wish: null, trueAt: target && before === null ? now : memory.trueAt }, dueAt: null };
	}
	const wish = wishOf(memory, target, now);
	const delayMs = target ? times.onDelayMs : times.offDelayMs;
	if (hasPassed(wish.since, delayMs, now)) {
		return { memory: { value: target, known: target, wish: null, trueAt: target ? now : memory.trueAt }, dueAt: null };
	}
	return { memory: { ...memory, value: before, wish }, dueAt: wish.since + delayMs };
}

/** A clock that was put back makes nothing wait longer than its delay. */
export function hasPassed(since: number, ms: number, now: number): boolean {
	return Math.abs(now - since) >= ms;
}

function wishOf({ wish }: Settling, value: boolean, now: number): { readonly value: boolean; readonly since: number } {
	return wish?.value === value ? wish : { value, since: now };
}
