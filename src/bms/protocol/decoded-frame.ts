import type { PackSelector } from "../battery/readings.ts";

/** One frame, understood or refused: a JSON object of `rack-battery decode`. */
export interface DecodedFrame {
	readonly protocol: "ascii-0x25" | "ascii-0x20" | null;
	readonly kind?: "request" | "reply";
	/** CID2 as two hexadecimal digits; null when a lone reply could answer several. */
	readonly command?: string | null;
	/** ADR. */
	readonly address?: number;
	/** Return code of a reply (RTN) as two hexadecimal digits. */
	readonly rtn?: string;
	readonly checksum?: "ok" | "bad";
	/** The command was seen from the shape of the reply, not from a request. */
	readonly inferred?: true;
	/** INFO, hexadecimal. */
	readonly info?: string;
	readonly error?: { readonly code: string; readonly message: string };
	/** Named fields of the reply; `packs` for 42h and 44h. */
	readonly [field: string]: unknown;
}

/** What the last ASCII request asked: the key to the replies that follow it. */
export interface AsciiAsked {
	/** CID2. */
	readonly code: number;
	readonly selector: PackSelector | null;
}

/** What the lines before tell about the next one. */
export interface CaptureContext {
	ascii: AsciiAsked | null;
}
