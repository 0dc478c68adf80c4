import type { PackSelector } from "../../battery/readings.ts";
import type { AsciiFamily } from "../ascii/ascii-frame.ts";

/** Version byte 20h and the battery types seen with it (rs485-v20 §1). */
export const V20_FAMILY: AsciiFamily = { version: 0x20, chemistries: [0x46, 0x4a, 0x4e, 0x4f] };

/** How a dialect is asked. Which one answers is seen from the shape of the answer alone. */
interface Dialect {
	readonly label: string;
	/** CID1 of requests. */
	readonly chemistry: number;
	/** INFO of 42h and 44h: the pack's address, or nothing. */
	readonly info: "address" | "nothing";
}

/** TABLE of the dialects under one version byte (rs485-v20 §1). */
export const DIALECTS = {
	pylontech: { label: "Pylontech", chemistry: 0x46, info: "address" },
	/** A PACE board whose RS485 port is set to Pylon: asked like Pylontech, answers with fewer fields in its own units. */
	pace: { label: "PACE board in Pylon mode", chemistry: 0x46, info: "address" },
	eg4: { label: "EG4", chemistry: 0x4a, info: "nothing" },
	seplos: { label: "Seplos", chemistry: 0x46, info: "address" },
} as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof DIALECTS;
export const DIALECT_NAMES = Object.keys(DIALECTS) as readonly DialectName[];

/** Header of a 42h and 44h reply: a flag, then the pack's address or group, or the number of packs that follow (rs485-v20 §3.2). */
export const HEADER_BYTES = 2;
/** Packs one Pylontech group can have (rs485-v20 §2: addresses 2 to 13). */
const MOST_PACKS = 13;

/**
 * How many blocks a Pylontech reply may hold: as many as its second byte counts, when all were asked, or one. That
 * byte is the address when one pack was asked.
 */
export function possibleCounts(second: number, selector: PackSelector | null): readonly number[] {
	if (selector !== null && selector !== "all") return [1];
	const counted = second >= 1 && second <= MOST_PACKS ? [second] : [];
	return [...new Set([...counted, 1])];
}
