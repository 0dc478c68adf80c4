/**
 * Two signals closer together than this are one: `npm start` hands on a Ctrl-C that the terminal has
 * already sent to everybody.
 */
const ONE_SIGNAL_MS = 500;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Waits for Ctrl-C and its like. */
export interface StopSignals {
	/** Resolves at the first signal. */
	readonly first: Promise<void>;
	/** Gives the signals back to the system. */
	release(): void;
}

/** What sends the signals: this process, or a test's stand-in. */
type SignalSource = Pick<NodeJS.EventEmitter, "on" | "off">;

/** Takes over the stop signals; a second one, a moment later, calls `onSecond`. */
export function takeStopSignals(
	onSecond: () => void,
	source: SignalSource = process,
	now: () => number = () => performance.now(),
): StopSignals {
	let firstAt: number | null = null;
	let resolveFirst: () => void = () => {};
	const first = new Promise<void>((resolve) => {
		resolveFirst = resolve;
	});
	const handle = () => {
		if (firstAt === null) {
			firstAt = now();
			resolveFirst();
		} else if (now() - firstAt > ONE_SIGNAL_MS) {
			onSecond();
		}
	};
	for (const signal of SIGNALS) source.on(signal, handle);
	return {
		first,
		release() {
			for (const signal of SIGNALS) source.off(signal, handle);
		},
	};
}
