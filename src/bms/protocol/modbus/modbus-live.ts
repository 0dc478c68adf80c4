import { blocksOf, type RegisterData } from "./modbus-blocks.ts";
import { LIVE_BLOCK } from "./modbus-map.ts";
import { LIVE_ROWS } from "./modbus-registers.ts";

/**
 * TABLE of the ways to read what is alive, the best first: how many reserved registers are read over, and the requests
 * that follow. A firmware that has no register at one of them refuses the whole block (modbus-rtu §5).
 */
export const LIVE_BLOCKS = [2, 1, 0].map((maxGap) => blocksOf(LIVE_ROWS, { maxGap }));

/** The live block, with 0 in reserved registers that no part has. */
export function joinedLive(parts: readonly RegisterData[]): RegisterData {
	const bytes = new Uint8Array(2 * LIVE_BLOCK.count);
	for (const part of parts) bytes.set(part.bytes, 2 * (part.start - LIVE_BLOCK.start));
	return { start: LIVE_BLOCK.start, bytes };
}
