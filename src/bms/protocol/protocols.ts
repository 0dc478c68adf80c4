import { asciiV25 } from "./ascii/ascii-protocol.ts";
import type { Protocol } from "./protocol.ts";

/** TABLE of the protocols by the name used in the settings. */
export const PROTOCOLS = {
	"ascii-0x25": asciiV25,
} as const satisfies Record<string, Protocol>;

export type ProtocolName = keyof typeof PROTOCOLS;
