import type { Transport } from "./transport.ts";

/** Bytes that went over a line. */
export interface Traffic {
	/** Milliseconds since the epoch. */
	readonly at: number;
	readonly direction: "sent" | "received";
	readonly bytes: Uint8Array;
}

/** The same as a report shows it. */
export interface ShownTraffic {
	readonly at: number;
	readonly direction: Traffic["direction"];
	readonly hex: string;
}

/** What a ring holds now. */
export interface RecentTraffic {
	/** Oldest first. */
	readonly pieces: readonly ShownTraffic[];
	/** Older ones that were dropped. */
	readonly dropped: number;
}

/** The last pieces of what went over a line. */
export interface TrafficRing extends RecentTraffic {
	add(traffic: Traffic): void;
}

/** Pieces that are kept, their bytes together, and the bytes of one: the longest answer has 4113 characters (rs232-v25 §1). */
const MOST_PIECES = 500;
const MOST_BYTES = 65_536;
const MOST_BYTES_OF_ONE = 4_200;

interface Piece {
	readonly at: number;
	readonly direction: Traffic["direction"];
	readonly chunks: Uint8Array[];
	length: number;
}

/** A ring that keeps the last pieces; what comes in several pieces one right after the other is one. */
export function createTrafficRing(mostPieces = MOST_PIECES, mostBytes = MOST_BYTES): TrafficRing {
	const pieces: Piece[] = [];
	let dropped = 0;
	let kept = 0;
	const shorten = () => {
		while (pieces.length > 1 && (pieces.length > mostPieces || kept > mostBytes)) {
			kept -= pieces.shift()?.length ?? 0;
			dropped += 1;
		}
	};
	return {
		add({ at, direction, bytes }) {
			// A copy: what is handed out may be a part of a much larger buffer, or be used again.
			const chunk = new Uint8Array(bytes.subarray(0, MOST_BYTES_OF_ONE));
			kept += chunk.length;
			const last = pieces.at(-1);
			if (last && direction === "received" && last.direction === direction && last.length + chunk.length <= MOST_BYTES_OF_ONE) {
				last.chunks.push(chunk);
				last.length += chunk.length;
			} else pieces.push({ at, direction, chunks: [chunk], length: chunk.length });
			shorten();
		},
		get pieces() {
			return pieces.map(({ at, direction, chunks }) => ({ at, direction, hex: chunks.map(hexOf).join(" ") }));
		},
		get dropped() {
			return dropped;
		},
	};
}

/** A line whose bytes are kept as they go by. */
export function recorded(transport: Transport, add: TrafficRing["add"], now: () => number): Transport {
	const modemLines = transport.modemLines?.bind(transport);
	return {
		port: transport.port,
		baudRate: transport.baudRate,
		open: (handlers) =>
			transport.open({
				...handlers,
				onBytes(bytes) {
					add({ at: now(), direction: "received", bytes });
					handlers.onBytes(bytes);
				},
			}),
		write(bytes) {
			add({ at: now(), direction: "sent", bytes });
			return transport.write(bytes);
		},
		close: () => transport.close(),
		...(modemLines ? { modemLines } : {}),
	};
}

function hexOf(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}
