import { HIGHEST_ADDRESS, MAIN_PACK } from "../battery/addresses.ts";
import { asciiV25 } from "./ascii/ascii-protocol.ts";
import { asciiV25OnRs485 } from "./ascii/ascii-rs485.ts";
import { asciiV20 } from "./ascii20/ascii20-protocol.ts";
import { modbusRtu } from "./modbus/modbus-protocol.ts";
import type { PackProtocol, Protocol } from "./protocol.ts";

/** How a protocol is spoken on a line: what the line needs at least, and who answers. */
interface LineNeeds {
	/** The least pause between two requests that its references ask for, ms; the settings can only raise it. */
	readonly gapMs: number;
	/** How long an answer may take to begin, ms. */
	readonly firstByteTimeoutMs: number;
}

/** `cabled`: one pack is at the cable and answers for all (RS232). `addressed`: every pack answers for itself (RS485). */
export type LineProtocol = LineNeeds &
	(
		| { readonly reach: "cabled"; readonly protocol: Protocol }
		| {
				readonly reach: "addressed";
				readonly protocol: PackProtocol;
				/**
				 * Addresses that are searched when the settings name none; `countsFrom`: that of the first pack where they tell a number
				 * of packs, left out where no source tells it.
				 */
				readonly search: { readonly first: number; readonly last: number; readonly countsFrom?: number };
		  }
	);

const FROM_ONE = { first: MAIN_PACK, last: HIGHEST_ADDRESS, countsFrom: MAIN_PACK } as const;
/** Faster polling made a BMS lock up (rs485-v20 §2, practical timing). */
const VERSION_20 = { reach: "addressed", gapMs: 200, firstByteTimeoutMs: 2000 } as const;

/** TABLE of the protocols by the name used in the settings. */
export const PROTOCOLS = {
	"ascii-0x25": { reach: "cabled", protocol: asciiV25, gapMs: 50, firstByteTimeoutMs: 500 },
	"ascii-0x25-rs485": { reach: "addressed", protocol: asciiV25OnRs485, gapMs: 50, firstByteTimeoutMs: 500, search: FROM_ONE },
	/** Its master has address 2 (rs485-v20 §2). */
	"ascii-0x20-pylontech": { ...VERSION_20, protocol: asciiV20("pylontech"), search: { first: 1, last: HIGHEST_ADDRESS, countsFrom: 2 } },
	"ascii-0x20-pace": { ...VERSION_20, protocol: asciiV20("pace"), search: { first: 1, last: HIGHEST_ADDRESS } },
	"ascii-0x20-eg4": { ...VERSION_20, protocol: asciiV20("eg4"), search: FROM_ONE },
	/** Its first pack has address 0 (rs485-v20 §1). */
	"ascii-0x20-seplos": { ...VERSION_20, protocol: asciiV20("seplos"), search: { first: 0, last: HIGHEST_ADDRESS, countsFrom: 0 } },
	/** More than 100 ms between two messages (modbus-rtu §5). */
	"modbus-rtu": { reach: "addressed", protocol: modbusRtu, gapMs: 110, firstByteTimeoutMs: 500, search: FROM_ONE },
} as const satisfies Record<string, LineProtocol>;

export type ProtocolName = keyof typeof PROTOCOLS;
