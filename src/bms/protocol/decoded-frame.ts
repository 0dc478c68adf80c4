import type { PackSelector } from "../battery/readings.ts";

/** One frame, understood or refused: a JSON object of `rack-battery decode`. */
export interface DecodedFrame {
	readonly protocol: "ascii-0x25" | "ascii-0x20" | "modbus-rtu" | null;
	readonly kind?: "request" | "reply";
	/** CID2, or the function code of Modbus, as two hexadecimal digits; null when a lone reply could answer several. */
	readonly command?: string | null;
	/** ADR, or the unit id of Modbus. */
	readonly address?: number;
	/** Return code of a reply (RTN), or the exception code of Modbus, as two hexadecimal digits. */
	readonly rtn?: string;
	readonly checksum?: "ok" | "bad";
	/** The command was seen from the shape of the reply, not from a request. */
	readonly inferred?: true;
	/** INFO, or what Modbus carries after the function code, hexadecimal. */
	readonly info?: string;
	readonly error?: { readonly code: string; readonly message: string };
	/** What the command is for, in words. */
	readonly meaning?: string;
	/** Named fields of the reply; `packs` for 42h and 44h, `parameters`, `record` and others for the pack with the cable. */
	readonly [field: string]: unknown;
}

/** What the last ASCII request asked: the key to the replies that follow it. */
export interface AsciiAsked {
	/** CID2. */
	readonly code: number;
	readonly selector: PackSelector | null;
	readonly info: Uint8Array;
}

/** The last Modbus request. */
export interface ModbusAsked {
	readonly unit: number;
	readonly functionCode: number;
	/** First register and how many. */
	readonly start: number;
	readonly count: number;
}

/** What the lines before tell about the next one. */
export interface CaptureContext {
	ascii: AsciiAsked | null;
	modbus: ModbusAsked | null;
	/** Modbus units whose registers have shown to be of another map. */
	readonly foreignUnits: Set<number>;
}
