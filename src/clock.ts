/**
 * Time as a collaborator: whoever waits or stamps takes a Clock, so that tests drive time by hand and the
 * simulator can run faster than the world.
 */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Calls back once after `ms`; the returned function cancels. */
	after(ms: number, callback: () => void): () => void;
	/** The world's time behind a clock that runs at another pace; absent on the world's own. */
	readonly world?: Clock;
}

/** A timer that comes this much later than it was due shows that the process was held up, ms. */
const HELD_UP_MS = 20;
/** Then it waits this much more, ms. */
const GRACE_MS = 20;

/**
 * The real time of this machine. Node runs timers before it reads what arrived meanwhile: after the process was held
 * up (a slow machine, another program) an answer that was there in time would count as missed. So a late timer lets
 * what waits be heard first.
 */
export const systemClock: Clock = {
	now: () => Date.now(),
	after(ms, callback) {
		const dueAt = performance.now() + ms;
		let timer = setTimeout(() => {
			if (performance.now() - dueAt < HELD_UP_MS) callback();
			else timer = setTimeout(callback, GRACE_MS);
		}, ms);
		return () => clearTimeout(timer);
	},
};
