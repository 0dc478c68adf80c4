import type { LineStates } from "../bms/battery/contact.ts";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";

/** Reads the lines of one adapter. Rejects with an error in words while it is not there. */
export interface LineReader {
	read(): Promise<LineStates>;
	/** Never rejects. */
	close(): Promise<void>;
}

/** Between two looks at the lines, ms; the driver knows no event for them. */
export const LINE_POLL_MS = 100;
/** Between two looks while they cannot be read, ms. */
export const LINE_RETRY_MS = 2000;

/** Looks at an adapter's lines until it is stopped; trouble is said once in the log, and its end too. */
export class LineWatch {
	readonly #reader: LineReader;
	readonly #clock: Clock;
	readonly #logger: Logger;
	readonly #seen: (states: LineStates | null) => void;
	#cancel: () => void = () => {};
	#problem: string | null = null;
	readonly #stopped = new AbortController();

	/** `seen`: called after every look; null when the lines could not be read. */
	constructor(reader: LineReader, deps: { readonly clock: Clock; readonly logger: Logger }, seen: (states: LineStates | null) => void) {
		this.#reader = reader;
		this.#clock = deps.clock;
		this.#logger = deps.logger;
		this.#seen = seen;
		void this.#look();
	}

	/** Ends it; never rejects. */
	async stop(): Promise<void> {
		this.#stopped.abort();
		this.#cancel();
		await this.#reader.close();
	}

	async #look(): Promise<void> {
		const states = await this.#states();
		if (this.#stopped.signal.aborted) return;
		this.#seen(states);
		this.#cancel = this.#clock.after(states === null ? LINE_RETRY_MS : LINE_POLL_MS, () => void this.#look());
	}

	async #states(): Promise<LineStates | null> {
		try {
			const states = await this.#reader.read();
			if (this.#problem !== null) this.#logger.info("The wired contact's serial adapter is there again.");
			this.#problem = null;
			return states;
		} catch (error) {
			const problem = messageOf(error);
			if (problem !== this.#problem && !this.#stopped.signal.aborted) this.#logger.warn(`The wired contact cannot be read: ${problem}`);
			this.#problem = problem;
			return null;
		}
	}
}
