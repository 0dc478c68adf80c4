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

/** The real time of this machine. */
export const systemClock: Clock = {
	now: () => Date.now(),
	after(ms, callback) {
		const timer = setTimeout(callback, ms);
		return () => clearTimeout(timer);
	},
};
