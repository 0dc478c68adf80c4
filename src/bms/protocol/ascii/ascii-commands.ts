import type { Layout, ValueOf } from "../../codec/layout.ts";
import { sizeOfLayout } from "../../codec/layout.ts";
import { CLOCK } from "./ascii-clock.ts";
import { CONTROL, FAULT, INDICATION, PROTECT_1, PROTECT_2, WARN_1, WARN_2 } from "./ascii-status-bits.ts";

/**
 * TABLES of the ASCII protocol, version byte 25h: every read command that serves a reading, with the layout of its
 * request's INFO and its reply's INFO. Offsets follow from the order of the rows. Source: rs232-v25, section by row.
 */

/** Request INFO of 42h and 44h: which pack; FF = all (rs232-v25 §4). */
export const SELECTOR_REQUEST = [{ name: "selector", type: "u8" }] as const satisfies Layout;

/** The INFO byte that asks for every pack. */
export const ALL_PACKS = 0xff;

/** Packs an all-packs reply may count: 15 by the manual, 32 by the 2023 vendor document (rs232-v25 §4, quirk 3). */
export const MAX_PACKS = 32;

/** First two bytes of a 42h and 44h reply: INFOFLAG (00 or 01, no meaning given), then the number of packs (FF asked) or the echoed selector. */
export const BLOCKS_HEADER = [
	{ name: "infoFlag", type: "u8" },
	{ name: "countOrEcho", type: "u8" },
] as const satisfies Layout;

/** One pack in a 42h reply without its tail (rs232-v25 §5). Temperatures: tenths of a kelvin, 2730 = 0 °C, 8000h = no probe. */
export const TELEMETRY_BLOCK = [
	{ name: "cellVoltages", type: "u16", perUnit: 1000, counted: { min: 1, max: 24 } },
	{ name: "temperatures", type: "u16", perUnit: 10, zero: 2730, absent: 0x8000, counted: { min: 0, max: 16 } },
	{ name: "current", type: "i16", perUnit: 100 },
	{ name: "voltage", type: "u16", perUnit: 1000 },
	{ name: "remainingCapacity", type: "u16", perUnit: 100 },
	{ name: "userDefinedCount", type: "u8" },
	{ name: "fullCapacity", type: "u16", perUnit: 100 },
	{ name: "cycleCount", type: "u16" },
	{ name: "designCapacity", type: "u16", perUnit: 100 },
] as const satisfies Layout;

/** What may follow a pack in a 42h reply, as far as the tail reaches (rs232-v25 §5.1). The totals mostly hold the design capacity: never published. */
export const TELEMETRY_TAIL = [
	{ name: "stateOfCharge", type: "u8" },
	{ name: "cumulativeCharge", type: "u32" },
	{ name: "cumulativeDischarge", type: "u32" },
	{ name: "stateOfHealth", type: "u8" },
	{ name: "independentVoltage", type: "u16", perUnit: 1000 },
	{ name: "independentCurrent", type: "i16", perUnit: 100 },
	{ name: "remainingCapacitySum", type: "u32", perUnit: 100 },
	{ name: "fullCapacitySum", type: "u32", perUnit: 100 },
] as const satisfies Layout;

/** Lengths of a 42h tail whose layout is known, bytes; other lengths occur and stay opaque (rs232-v25 §5.1). */
export const KNOWN_TELEMETRY_TAILS = [0, 1, 10, 14, 22] as const;
export type TelemetryTailLength = (typeof KNOWN_TELEMETRY_TAILS)[number];

/** The rows that a 42h tail of this length holds; null when its layout is unknown. */
export function telemetryTailRows(length: number): Layout | null {
	return TAILS_BY_LENGTH.get(length) ?? null;
}

const TAILS_BY_LENGTH: ReadonlyMap<number, Layout> = new Map(
	KNOWN_TELEMETRY_TAILS.map((length) => {
		const ends = TELEMETRY_TAIL.map((_, index) => sizeOfLayout(TELEMETRY_TAIL.slice(0, index + 1)));
		return [length, TELEMETRY_TAIL.slice(0, ends.indexOf(length) + 1)];
	}),
);

/** One pack in a 44h reply without its tail, which is opaque (rs232-v25 §6, §6.8). Codes: 00 normal, 01 low, 02 high, 80-EF user, F0 other fault. */
export const STATUS_BLOCK = [
	{ name: "cellCodes", type: "u8", counted: { min: 1, max: 24 } },
	{ name: "probeCodes", type: "u8", counted: { min: 0, max: 16 } },
	{ name: "chargeCurrentCode", type: "u8" },
	{ name: "packVoltageCode", type: "u8" },
	{ name: "dischargeCurrentCode", type: "u8" },
	{ name: "protect1", type: "bits", label: "P1", bits: PROTECT_1 },
	{ name: "protect2", type: "bits", label: "P2", bits: PROTECT_2 },
	{ name: "indication", type: "bits", label: "I", bits: INDICATION },
	{ name: "control", type: "bits", label: "C", bits: CONTROL },
	{ name: "fault", type: "bits", label: "F", bits: FAULT },
	// Byte order of the vendor's documents, least significant bit first: unverified, no capture with a balancing cell is public.
	{ name: "balancingCells", type: "flags", bytes: 2 },
	{ name: "warn1", type: "bits", label: "W1", bits: WARN_1 },
	{ name: "warn2", type: "bits", label: "W2", bits: WARN_2 },
] as const satisfies Layout;

export type TelemetryBlockValue = ValueOf<typeof TELEMETRY_BLOCK>;
export type TelemetryTailValue = Partial<ValueOf<typeof TELEMETRY_TAIL>>;
export type StatusBlockValue = ValueOf<typeof STATUS_BLOCK>;

/** Return codes of a reply (RTN) that the documents name (rs232-v25 §2.3). */
export const RETURN_CODES = { normal: 0x00, checksumError: 0x02, lengthChecksumError: 0x03, unknownCommand: 0x04, refused: 0x09 } as const;

const NOTHING = [] as const satisfies Layout;
const CAPACITY = [
	{ name: "remainingCapacity", type: "u16", perUnit: 100 },
	{ name: "fullCapacity", type: "u16", perUnit: 100 },
	{ name: "designCapacity", type: "u16", perUnit: 100 },
] as const satisfies Layout;

/** A command. `replies`: the forms its answer is seen in, told apart by length; for `blocks` a header and one block per pack. */
export interface AsciiCommand {
	/** CID2. */
	readonly code: number;
	/** In the user's words. */
	readonly label: string;
	readonly request: Layout;
	readonly replies: readonly Layout[] | "blocks";
	/** The one-pack layout of a `blocks` reply. */
	readonly block?: Layout;
	/** Longest tail that may follow each block, bytes: more is not a tail but something else. */
	readonly maxTail?: number;
}

/** TABLE of the read commands, by the kind of reading they give. */
export const ASCII_COMMANDS = {
	/** rs232-v25 §5 */
	telemetry: { code: 0x42, label: "measurements", request: SELECTOR_REQUEST, replies: "blocks", block: TELEMETRY_BLOCK, maxTail: 24 },
	/** rs232-v25 §6 */
	status: { code: 0x44, label: "alarms", request: SELECTOR_REQUEST, replies: "blocks", block: STATUS_BLOCK, maxTail: 16 },
	/** rs232-v25 §7; some boards answer with a bare acknowledgement */
	packCount: { code: 0x90, label: "number of packs", request: NOTHING, replies: [[{ name: "count", type: "u8", absent: 0xff }], NOTHING] },
	/** rs232-v25 §8; newer boards add a Bluetooth name */
	version: {
		code: 0xc1,
		label: "software version",
		request: NOTHING,
		replies: [
			[
				{ name: "version", type: "ascii", length: 20 },
				{ name: "bluetoothName", type: "ascii", length: 20 },
			],
			[{ name: "version", type: "ascii", length: 20 }],
		],
	},
	/** rs232-v25 §8; some boards send the BMS's serial number only */
	serials: {
		code: 0xc2,
		label: "serial numbers",
		request: NOTHING,
		replies: [
			[
				{ name: "bmsSerial", type: "ascii", length: 20 },
				{ name: "packSerial", type: "ascii", length: 20 },
			],
			[{ name: "bmsSerial", type: "ascii", length: 20 }],
		],
	},
	/** rs232-v25 §11 */
	capacity: { code: 0xa6, label: "capacities", request: NOTHING, replies: [CAPACITY] },
	/** rs232-v25 §10.1 */
	clock: { code: 0xb1, label: "clock", request: NOTHING, replies: [CLOCK] },
} as const satisfies Record<string, AsciiCommand>;

export type AsciiCommandName = keyof typeof ASCII_COMMANDS;
export const ASCII_COMMAND_NAMES = Object.keys(ASCII_COMMANDS) as readonly AsciiCommandName[];

/** The command with this CID2; null for one that serves no reading. */
export function commandOfCode(code: number): AsciiCommandName | null {
	return ASCII_COMMAND_NAMES.find((name) => ASCII_COMMANDS[name].code === code) ?? null;
}
