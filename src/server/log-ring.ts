/** The last lines of the log, for a bug report. */
export interface LogRing {
	add(line: string): void;
	/** Oldest first. */
	readonly lines: readonly string[];
	/** Older ones that were dropped. */
	readonly dropped: number;
}

/** Lines that are kept, and the characters of one: a stack is long. */
const MOST_LINES = 300;
const MOST_CHARACTERS = 2_000;

export function createLogRing(mostLines = MOST_LINES): LogRing {
	const lines: string[] = [];
	let dropped = 0;
	return {
		add(line) {
			lines.push(line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line);
			if (lines.length <= mostLines) return;
			lines.shift();
			dropped += 1;
		},
		get lines() {
			return [...lines];
		},
		get dropped() {
			return dropped;
		},
	};
}
