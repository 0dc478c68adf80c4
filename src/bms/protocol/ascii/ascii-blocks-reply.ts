import type { PackBlock, PackStatus, PackTelemetry } from "../../battery/readings.ts";
import { ByteReader } from "../../codec/byte-reader.ts";
import { decode } from "../../codec/layout.ts";
import { type BlockPlace, findBlocks } from "./ascii-block-walk.ts";
import { statusOf, sumOf, telemetryOf } from "./ascii-blocks.ts";
import {
	ASCII_COMMANDS,
	BLOCKS_HEADER,
	KNOWN_TELEMETRY_TAILS,
	MAX_PACKS,
	STATUS_BLOCK,
	TELEMETRY_BLOCK,
	type TelemetryTailValue,
	telemetryTailRows,
} from "./ascii-commands.ts";

/** Reads the INFO of a 42h or 44h reply: its header, then one block per pack. */

/** A block with what speaks against it; an absent pack has nothing against it. */
export interface ReadBlock<T> {
	readonly block: PackBlock<T>;
	/** Why it cannot be true, in words; empty when nothing speaks against it. */
	readonly doubts: readonly string[];
}

/** What each of the two commands gives. */
export interface BlockReadings {
	readonly telemetry: PackTelemetry;
	readonly status: PackStatus;
}
export type BlocksCommand = keyof BlockReadings;

/** The second byte of the reply: number of packs, or the selector echoed; null when the reply is too short for one. */
export function countOrEchoOf(info: Uint8Array): number | null {
	return info.length < BLOCKS_HEADER.length ? null : decode(BLOCKS_HEADER, new ByteReader(info)).countOrEcho;
}

/** Blocks in an all-packs reply: its count; a pack that is not the main pack may send 00 or FF for "this pack" (rs232-v25 §4). */
export function blocksInAll(countOrEcho: number): number {
	return countOrEcho >= 1 && countOrEcho <= MAX_PACKS ? countOrEcho : 1;
}

/** The `count` blocks of a reply; null when no walk fits. */
export function readBlocks<K extends BlocksCommand>(
	command: K,
	info: Uint8Array,
	count: number,
): readonly ReadBlock<BlockReadings[K]>[] | null {
	const { block: layout, maxTail } = ASCII_COMMANDS[command];
	const readings = new Map<BlockPlace, ReadBlock<BlockReadings[K]>>();
	const read = (place: BlockPlace) => {
		const known = readings.get(place);
		if (known) return known;
		const made = place.zero ? { block: { absent: true } as const, doubts: [] } : READERS[command](info, place);
		readings.set(place, made);
		return made;
	};
	const places = findBlocks({
		bytes: info,
		start: BLOCKS_HEADER.length,
		count,
		layout,
		maxTail,
		knownTails: command === "telemetry" ? KNOWN_TELEMETRY_TAILS : [],
		isSound: (place) => read(place).doubts.length === 0,
	});
	return places?.map(read) ?? null;
}

const READERS: { readonly [K in BlocksCommand]: (info: Uint8Array, place: BlockPlace) => ReadBlock<BlockReadings[K]> } = {
	telemetry: readTelemetry,
	status: readStatus,
};

function readTelemetry(info: Uint8Array, { offset, tail }: BlockPlace): ReadBlock<PackTelemetry> {
	const reader = new ByteReader(info, offset);
	const block = decode(TELEMETRY_BLOCK, reader);
	// A pack that is away may leave placeholders in its other fields (rs232-v25 §4, quirk 2).
	if (block.cellVoltages.every((volts) => volts === 0)) return { block: { absent: true }, doubts: [] };
	const value = telemetryOf(block, readTail(reader, tail));
	return { block: { absent: false, value }, doubts: doubtsAbout(value) };
}

function readTail(reader: ByteReader, length: number): TelemetryTailValue {
	const rows = telemetryTailRows(length);
	return rows ? decode(rows, reader) : {};
}

/** Cells must add up to the pack within this, V (rs232-v25 §5.1). */
const SUM_TOLERANCE = 1;

/** What speaks against measurements of a pack, in words; empty when nothing does. */
export function doubtsAbout({
	cellVoltages,
	voltage,
	stateOfCharge,
}: Pick<PackTelemetry, "cellVoltages" | "voltage" | "stateOfCharge">): readonly string[] {
	const doubts: string[] = [];
	const sum = sumOf(cellVoltages);
	if (Math.abs(sum - voltage) >= SUM_TOLERANCE) doubts.push(`the cells add up to ${sum} V but the pack says ${voltage} V`);
	if (stateOfCharge !== null && stateOfCharge > 100) doubts.push(`a state of charge of ${stateOfCharge} %`);
	return doubts;
}

function readStatus(info: Uint8Array, { offset, length }: BlockPlace): ReadBlock<PackStatus> {
	const value = statusOf(decode(STATUS_BLOCK, new ByteReader(info, offset)));
	const bytes = info.subarray(offset, offset + length);
	const counts = value.cellCodes.length + value.probeCodes.length;
	// Nothing set at all, not even a MOSFET: what a pack that is away leaves behind.
	if (bytes.reduce((sum, byte) => sum + byte, 0) === counts) return { block: { absent: true }, doubts: [] };
	const codes = [...value.cellCodes, ...value.probeCodes, value.chargeCurrentCode, value.packVoltageCode, value.dischargeCurrentCode];
	return { block: { absent: false, value }, doubts: doubtsAboutCodes(codes) };
}

/** What speaks against alarm codes, in words; empty when nothing does. */
export function doubtsAboutCodes(codes: readonly number[]): readonly string[] {
	const odd = codes.find((code) => !isAlarmCode(code));
	return odd === undefined ? [] : [`an alarm code of ${odd}, which no document knows`];
}

/** 00 normal, 01 low, 02 high, 80-EF user defined, F0 other fault (rs232-v25 §6). */
function isAlarmCode(code: number): boolean {
	return code <= 2 || (code >= 0x80 && code <= 0xf0);
}
