import type { Traffic } from "./probe-line.ts";

/** Bytes on the line as a report shows them. */
export interface ShownTraffic {
	/** Milliseconds since the epoch. */
	readonly at: number;
	readonly direction: Traffic["direction"];
	readonly hex: string;
}

/** Pieces that are kept, and the bytes shown of each: the longest answer has 4113 characters. */
const MOST_PIECES = 500;
const MOST_BYTES = 4_200;

/** The last pieces of what went over a line. */
export interface TrafficRing {
	add(traffic: Traffic): void;
	/** Oldest first. */
	readonly pieces: readonly ShownTraffic[];
	/** Older ones that were dropped. */
	readonly dropped: number;
}

/** A ring that keeps the last pieces; what comes in several pieces one right after the other is one. */
export function createTrafficRing(mostPieces = MOST_PIECES): TrafficRing {
	const pieces: ShownTraffic[] = [];
	let dropped = 0;
	return {
		add({ at, direction, bytes }) {
			const hex = hexOf(bytes.subarray(0, MOST_BYTES));
			const last = pieces.at(-1);
			if (last && direction === "received" && last.direction === direction && last.hex.length + hex.length <= 3 * MOST_BYTES) {
				pieces[pieces.length - 1] = { ...last, hex: `${last.hex} ${hex}` };
				return;
			}
			pieces.push({ at, direction, hex });
			if (pieces.length <= mostPieces) return;
			pieces.shift();
			dropped += 1;
		},
		get pieces() {
			return [...pieces];
		},
		get dropped() {
			return dropped;
		},
	};
}

function hexOf(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}
