import type { LineError } from "../../errors.ts";
import type { Exchange } from "../protocol/protocol.ts";
import { withdrawnError } from "./bus-errors.ts";
import type { Priority } from "./request-queue.ts";

export interface RequestOptions {
	/** `normal` when not given. */
	readonly priority?: Priority;
	/** Overrides the bus's number of attempts; writes use 1. */
	readonly attempts?: number;
	/** Withdraws the question; one already on the wire runs to its end, unheard. */
	readonly signal?: AbortSignal;
}

/** A question that waits or is on the wire. */
export interface Job {
	readonly exchange: Exchange;
	readonly priority: Priority;
	readonly attempts: number;
	/** Attempts begun. */
	attempt: number;
	/** Nobody waits for the answer any more. */
	readonly withdrawn: boolean;
	resolve(value: unknown): void;
	reject(error: LineError): void;
}

/** Makes a job of a question with the promise of its answer; `onWithdrawn` is called when its signal aborts. */
export function createJob<T>(
	exchange: Exchange<T>,
	options: RequestOptions & { readonly attempts: number },
	onWithdrawn: (job: Job) => void,
): { readonly job: Job; readonly answer: Promise<T> } {
	let resolve: (value: T) => void = () => {};
	let reject: (error: LineError) => void = () => {};
	const answer = new Promise<T>((onResolve, onReject) => {
		resolve = onResolve;
		reject = onReject;
	});
	const { signal } = options;
	let withdrawn = signal?.aborted ?? false;
	const withdraw = () => {
		withdrawn = true;
		onWithdrawn(job);
		reject(withdrawnError(exchange));
	};
	const job: Job = {
		exchange,
		priority: options.priority ?? "normal",
		attempts: Math.max(1, options.attempts),
		attempt: 0,
		get withdrawn() {
			return withdrawn;
		},
		resolve(value) {
			signal?.removeEventListener("abort", withdraw);
			// The value is what this exchange's own accept() made.
			resolve(value as T);
		},
		reject(error) {
			signal?.removeEventListener("abort", withdraw);
			reject(error);
		},
	};
	if (withdrawn) reject(withdrawnError(exchange));
	else signal?.addEventListener("abort", withdraw, { once: true });
	return { job, answer };
}
