import type { Clock } from "../../src/clock.ts";

/** Time that moves only when a test says so. */
export class ManualClock implements Clock {
	#now: number;
	#timers: { readonly due: number; readonly order: number; readonly callback: () => void }[] = [];
	#order = 0;

	constructor(start = 1_000_000) {
		this.#now = start;
	}

	/** Timers that wait; 0 when everything was cancelled or has fired. */
	get pending(): number {
		return this.#timers.length;
	}

	now(): number {
		return this.#now;
	}

	after(ms: number, callback: () => void): () => void {
		const timer = { due: this.#now + Math.max(0, ms), order: this.#order++, callback };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((other) => other !== timer);
		};
	}

	/** Moves time on by `ms`; fires what is due in order of time, letting promises settle before and after each. */
	async advance(ms: number): Promise<void> {
		const end = this.#now + ms;
		await settle();
		for (let timer = this.#nextDue(end); timer; timer = this.#nextDue(end)) {
			const fired = timer;
			this.#timers = this.#timers.filter((other) => other !== fired);
			this.#now = Math.max(this.#now, fired.due);
			fired.callback();
			await settle();
		}
		this.#now = end;
	}

	#nextDue(end: number) {
		const due = this.#timers.filter((timer) => timer.due <= end);
		return due.sort((a, b) => a.due - b.due || a.order - b.order)[0];
	}
}

/** Lets everything run that waits for a settled promise. */
function settle(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
