import type { Logger } from "../logger.ts";

interface Step {
	readonly what: string;
	readonly stop: () => Promise<void> | void;
}

/** What has to be ended, in the reverse order of its start, within a bounded time. */
export class Shutdown {
	readonly #steps: Step[] = [];
	readonly #logger: Logger;
	#running: Promise<void> | null = null;

	constructor(logger: Logger) {
		this.#logger = logger;
	}

	/** Remembers how to end something that was just started. */
	add(what: string, stop: () => Promise<void> | void): void {
		this.#steps.push({ what, stop });
	}

	/** Ends everything, the newest first; a step that fails or hangs does not keep the others. Never rejects. */
	run(stepLimitMs: number): Promise<void> {
		this.#running ??= this.#stopAll(stepLimitMs);
		return this.#running;
	}

	async #stopAll(stepLimitMs: number): Promise<void> {
		for (const { what, stop } of this.#steps.toReversed()) {
			const outcome = await bounded(stop, stepLimitMs);
			if (outcome !== null) this.#logger.warn(`${what} did not end cleanly: ${outcome}`);
		}
	}
}

/** Runs a step; the words of what went wrong, or null. */
async function bounded(stop: () => Promise<void> | void, limitMs: number): Promise<string | null> {
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<string>((resolve) => {
		timer = setTimeout(() => resolve(`it took longer than ${limitMs} ms`), limitMs);
	});
	const work = (async () => {
		try {
			await stop();
			return null;
		} catch (error) {
			return error instanceof Error ? error.message : String(error);
		}
	})();
	try {
		return await Promise.race([work, limit]);
	} finally {
		clearTimeout(timer);
	}
}
