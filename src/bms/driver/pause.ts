import type { Clock } from "../../clock.ts";

/** Resolves after `ms`, or as soon as the signal aborts; leaves no timer then. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) return resolve();
		const end = () => {
			cancel();
			signal.removeEventListener("abort", end);
			resolve();
		};
		const cancel = clock.after(ms, end);
		signal.addEventListener("abort", end, { once: true });
	});
}
