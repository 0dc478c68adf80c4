import type { LinkSnapshot, PackLink } from "../battery/snapshot.ts";
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
	readonly packs: ReadonlyMap<number, PackLink>;
}

export const EMPTY_RECORD: LinkRecord = {
	replies: 0,
	failures: { timeout: 0, frame: 0, rejected: 0, decode: 0 },
	junkBytes: 0,
	answerTimeMs: null,
	echoes: 0,
	foreign: 0,
	packs: new Map(),
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
		case "repeated":
			return before;
		case "junk":
			return { ...before, junkBytes: before.junkBytes + event.bytes };
		case "echo":
			return { ...before, echoes: before.echoes + 1 };
		case "foreign":
			return { ...before, foreign: before.foreign + 1 };
	}
}

/** Counts what became of a question about one pack. */
export function recordOfPack(before: LinkRecord, address: number, event: BusEvent, at: number): LinkRecord {
	const pack = before.packs.get(address) ?? { address, replies: 0, failures: EMPTY_RECORD.failures, answerTimeMs: null, lastGoodAt: null };
	const counts = packAfter(pack, event, at);
	return counts === pack ? before : { ...before, packs: new Map(before.packs).set(address, counts) };
}

function packAfter(pack: PackLink, event: BusEvent, at: number): PackLink {
	if (event.type === "reply")
		return { ...pack, replies: pack.replies + 1, answerTimeMs: smooth(pack.answerTimeMs, event.answerTimeMs), lastGoodAt: at };
	if (event.type !== "failure" || event.error.kind === "transport") return pack;
	const { kind } = event.error;
	return { ...pack, failures: { ...pack.failures, [kind]: pack.failures[kind] + 1 } };
}

/** The part of the record that the snapshot shows. */
export function counted(
	record: LinkRecord,
	implausible: number,
): Pick<LinkSnapshot, "replies" | "failures" | "junkBytes" | "answerTimeMs" | "echoes" | "foreign" | "packs"> {
	const { replies, failures, junkBytes, answerTimeMs, echoes, foreign } = record;
	const packs = [...record.packs.values()].sort((a, b) => a.address - b.address);
	return {
		replies,
		failures: { ...failures, implausible },
		junkBytes,
		answerTimeMs: whole(answerTimeMs),
		echoes,
		foreign,
		packs: packs.map((pack) => ({ ...pack, answerTimeMs: whole(pack.answerTimeMs) })),
	};
}

const whole = (ms: number | null) => (ms === null ? null : Math.round(ms));

function smooth(before: number | null, now: number): number {
	return before === null ? now : before + SMOOTHING * (now - before);
}
