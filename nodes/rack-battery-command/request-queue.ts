import { CommandError } from "../../src/index.ts";

/** Requests that may wait, beside the one under way. */
export const MOST_WAITING = 20;

interface Waiting {
	readonly run: (signal: AbortSignal) => Promise<void>;
	readonly refuse: (error: CommandError) => void;
}

/** One request at a time, the others in the order in which they came. Nothing it calls is expected to reject. */
export class RequestQueue {
	readonly #waiting: Waiting[] = [];
	readonly #onChange: () => void;
	#running: AbortController | null = null;
	#idle: Promise<void> = Promise.resolve();
	#isEnded: boolean = false;

	/** `onChange`: a request began or ended. */
	constructor(onChange: () => void) {
		this.#onChange = onChange;
	}

	get isBusy(): boolean {
		return this.#running !== null;
	}

	/** Runs it when its turn has come, or refuses it in words. */
	add(run: Waiting["run"], refuse: Waiting["refuse"]): void {
		if (this.#isEnded) {
			refuse(cancelled());
		} else if (this.#waiting.length >= MOST_WAITING) {
			refuse(
				new CommandError("busy", `${MOST_WAITING} requests wait already, so this one was not taken. Send it when the others are done.`),
			);
		} else {
			this.#waiting.push({ run, refuse });
			if (this.#running === null) this.#idle = this.#runAll();
		}
	}

	/** Ends the request under way, with `all` also those that wait; whether there was anything to end. */
	cancel(all: boolean): boolean {
		const isAny = this.#running !== null;
		if (all) for (const { refuse } of this.#waiting.splice(0)) refuse(cancelled());
		this.#running?.abort();
		return isAny;
	}

	/** Ends everything; resolves when nothing runs any more. */
	async end(): Promise<void> {
		this.#isEnded = true;
		this.cancel(true);
		await this.#idle;
	}

	async #runAll(): Promise<void> {
		for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
			this.#running = new AbortController();
			this.#onChange();
			await next.run(this.#running.signal);
			this.#running = null;
			this.#onChange();
		}
	}
}

function cancelled(): CommandError {
	return new CommandError("cancelled", "This request was ended before its turn came: nothing was asked and nothing was written.");
}
