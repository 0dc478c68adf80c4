import { type Clock, systemClock } from "../clock.ts";

export interface ScaledClockOptions {
	/** The time it follows. */
	readonly base: Clock;
	/** How many times faster it runs, 1 or more. */
	readonly factor: number;
	/** Where it begins, milliseconds since the epoch; the base's time when not given. */
	readonly startAt?: number;
}

/** What is further behind than this, real ms, is let go: after a hiccup time goes on, it does not race. */
const LONGEST_LAG_MS = 50;
/**
 * Rounds of the event loop before the next timer fires. What was written on a loopback line is read, answered
 * and read again within three rounds, so no time-out overtakes an answer that is already there.
 */
const ROUNDS = 3;
/** A timer of the system is late by about this, ms: shorter waits are counted in rounds of the event loop. */
const TIMER_GRAIN_MS = 1;

interface Timer {
	/** In the scaled time, whole ms. */
	readonly due: number;
	readonly callback: () => void;
}

/**
 * Time that runs faster than the world, for a simulated bank and all that reads it. Callbacks run in the order
 * of their time and see exactly the time they asked for: time never passes a timer that has not fired. When
 * the machine cannot follow, this time slows down instead of timing out what was only late.
 */
export class ScaledClock implements Clock {
	readonly world: Clock;
	readonly #base: Clock;
	readonly factor: number;
	readonly #real: () => number;
	readonly #grainMs: number;
	#timers: readonly Timer[] = [];
	/** The last time that was told. */
	#told: number;
	/** Where scaled and real time were last laid together. */
	#anchor: { readonly real: number; readonly scaled: number };
	#cancelWait: (() => void) | null = null;
	#waitsFor: Timer | null = null;
	#rounds = 0;
	/** Time stands still from a callback until what it set off has settled, so that consequences follow in their order. */
	#isHeld: boolean = false;

	constructor({ base, factor, startAt = base.now() }: ScaledClockOptions) {
		if (!(factor >= 1 && Number.isFinite(factor))) throw new RangeError("Time runs at 1 x or faster.");
		this.#base = base;
		this.world = base.world ?? base;
		this.factor = factor;
		// Whole milliseconds are too coarse a grid at high factors.
		this.#real = base === systemClock ? () => performance.now() : () => base.now();
		this.#grainMs = base === systemClock ? TIMER_GRAIN_MS : 0;
		this.#told = startAt;
		this.#anchor = { real: this.#real(), scaled: startAt };
	}

	now(): number {
		if (this.#isHeld) return this.#told;
		const next = this.#timers[0]?.due ?? Number.POSITIVE_INFINITY;
		this.#told = Math.max(this.#told, Math.min(Math.floor(this.#target()), next));
		return this.#told;
	}

	after(ms: number, callback: () => void): () => void {
		const timer: Timer = { due: Math.ceil(this.now() + Math.max(0, ms)), callback };
		const later = this.#timers.findIndex(({ due }) => due > timer.due);
		this.#timers = this.#timers.toSpliced(later < 0 ? this.#timers.length : later, 0, timer);
		this.#wait();
		return () => {
			this.#timers = this.#timers.filter((other) => other !== timer);
			this.#wait();
		};
	}

	/** Ends all waiting; time stands still for whoever still waits. */
	stop(): void {
		this.#timers = [];
		this.#wait();
	}

	/** Where real time says this time should be. */
	#target(): number {
		return this.#anchor.scaled + (this.#real() - this.#anchor.real) * this.factor;
	}

	/** Waits for the first timer, if nothing waits for it yet. */
	#wait(): void {
		const first = this.#timers[0] ?? null;
		if (this.#rounds > 0 || (first !== null && first === this.#waitsFor)) return;
		this.#cancelWait?.();
		this.#cancelWait = null;
		this.#waitsFor = first;
		if (first === null) return;
		const realMs = (first.due - this.#target()) / this.factor;
		if (realMs <= this.#grainMs / 2) {
			this.#nextRound(ROUNDS);
			return;
		}
		this.#cancelWait = this.#base.after(this.#grainMs === 0 ? realMs : Math.floor(realMs), () => {
			this.#cancelWait = null;
			this.#nextRound(ROUNDS);
		});
	}

	#nextRound(rounds: number): void {
		this.#rounds = rounds;
		setImmediate(() => {
			if (rounds > 1) this.#nextRound(rounds - 1);
			else this.#fire();
		});
	}

	#fire(): void {
		this.#rounds = 0;
		this.#waitsFor = null;
		this.#isHeld = false;
		const [first, ...others] = this.#timers;
		const target = this.#target();
		if (first === undefined || first.due > target) {
			this.#wait();
			return;
		}
		if (target - first.due > LONGEST_LAG_MS * this.factor) this.#anchor = { real: this.#real(), scaled: first.due };
		this.#timers = others;
		this.#told = Math.max(this.#told, first.due);
		this.#isHeld = true;
		this.#nextRound(ROUNDS);
		first.callback();
	}
}

/**
 * The world's time behind a clock: that which a scaled one follows. Asked of the clock itself, not of its class:
 * the server and the nodes each bring their own copy of that.
 */
export function worldClock(clock: Clock): Clock {
	return clock.world ?? clock;
}
