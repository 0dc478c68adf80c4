import type { LinkSnapshot } from "../battery/snapshot.ts";
import type { BusEvent } from "../bus/bus-events.ts";

/** Weight of a new answer time in the smoothed one. */
const SMOOTHING = 0.2;

/** What happened on the line since the bank was opened. */
export interface LinkRecord {
	readonly replies: number;
	/** Failed attempts by kind; readings that were not plausible are counted by the store. */
	readonly failures: Readonly<Record<"timeout" | "frame" | "rejected" | "decode", number>>;
	readonly junkBytes: number;
	readonly answerTimeMs: number | null;
	readonly echoes: number;
	readonly foreign: number;
}

export const EMPTY_RECORD: LinkRecord = {
	replies: 0,
	failures: { timeout: 0, frame: 0, rejected: 0, decode: 0 },
	junkBytes: 0,
	answerTimeMs: null,
	echoes: 0,
	foreign: 0,
};

/** Counts one event of the bus. A lost line is a change of state, not a failure of an exchange. */
export function record(before: LinkRecord, event: BusEvent): LinkRecord {
	switch (event.type) {
		case "reply":
			return { ...before, replies: before.replies + 1, answerTimeMs: smooth(before.answerTimeMs, event.answerTimeMs) };
		case "failure": {
			const { kind } = event.error;
			if (kind === "transport") return before;
			return { ...before, failures: { ...before.failures, [kind]: before.failures[kind] + 1 } };
		}
		case "junk":
			return { ...before, junkBytes: before.junkBytes + event.bytes };
		case "echo":
			return { ...before, echoes: before.echoes + 1 };
		case "foreign":
			return { ...before, foreign: before.foreign + 1 };
	}
}

/** The part of the record that the snapshot shows. */
export function counted(
	record: LinkRecord,
	implausible: number,
): Pick<LinkSnapshot, "replies" | "failures" | "junkBytes" | "answerTimeMs"> {
	const { replies, failures, junkBytes, answerTimeMs } = record;
	return {
		replies,
		failures: { ...failures, implausible },
		junkBytes,
		answerTimeMs: answerTimeMs === null ? null : Math.round(answerTimeMs),
	};
}

function smooth(before: number | null, now: number): number {
	return before === null ? now : before + SMOOTHING * (now - before);
}
