import { STATE_KEYS } from "../../battery/states.ts";
import type { ClockTime, StoredRecord } from "../../battery/stored-record.ts";
import { ByteReader } from "../../codec/byte-reader.ts";
import { decode, encode, type Layout, sizeOfLayout, type ValueOf } from "../../codec/layout.ts";
import { sortNames } from "../status-names.ts";
import { CLOCK, isClock, localTimeOf } from "./ascii-clock.ts";
import { FAULT, INDICATION, PROTECT_1, PROTECT_2, WARN_1, WARN_2 } from "./ascii-status-bits.ts";

/**
 * One record of the pack's own history, command A1h (rs232-v25 §10.2). The order of the status bytes is not that of
 * 44h, and there is no control byte.
 */
export const RECORD = [
	...CLOCK,
	{ name: "cellVoltages", type: "u16", perUnit: 1000, counted: { min: 1, max: 24 } },
	{ name: "temperatures", type: "u16", perUnit: 10, zero: 2730, absent: 0x8000, counted: { min: 0, max: 16 } },
	{ name: "current", type: "i16", perUnit: 100 },
	{ name: "voltage", type: "u16", perUnit: 1000 },
	{ name: "remainingCapacity", type: "u16", perUnit: 100 },
	{ name: "fullCapacity", type: "u16", perUnit: 100 },
	{ name: "protect1", type: "bits", label: "P1", bits: PROTECT_1 },
	{ name: "protect2", type: "bits", label: "P2", bits: PROTECT_2 },
	{ name: "fault", type: "bits", label: "F", bits: FAULT },
	{ name: "warn1", type: "bits", label: "W1", bits: WARN_1 },
	{ name: "warn2", type: "bits", label: "W2", bits: WARN_2 },
	{ name: "indication", type: "bits", label: "I", bits: INDICATION },
	{ name: "cycleCount", type: "u16" },
] as const satisfies Layout;

/** What newer firmware adds, as far as it reaches; all ones where it does not know it. */
export const RECORD_TAIL = [
	{ name: "faultStatus8", type: "u8", absent: 0xff },
	{ name: "faultStatus10", type: "u8", absent: 0xff },
	{ name: "statusRecord", type: "u16", absent: 0xffff },
] as const satisfies Layout;

/** Longer than this is not a record with a longer tail but something else. */
const MAX_TAIL_BYTES = 16;

type RecordValue = ValueOf<typeof RECORD>;
type TailValue = ValueOf<typeof RECORD_TAIL>;

/** Reads the INFO of a record; null when it is none. Throws DecodeError for what ends too early or counts impossibly. */
export function readRecord(index: number, info: Uint8Array): StoredRecord | null {
	const reader = new ByteReader(info);
	const value = decode(RECORD, reader);
	if (reader.remaining > MAX_TAIL_BYTES || !isBelievable(value)) return null;
	const tail = decode(tailRows(reader.remaining), reader) as Partial<TailValue>;
	const { conditions, states, unknownBits } = sortNames(bitsOf(value));
	const { cellVoltages, temperatures, current, voltage, remainingCapacity, fullCapacity, cycleCount } = value;
	return {
		index,
		localTime: isClock(value) ? localTimeOf(value) : null,
		...{ cellVoltages, temperatures, current, voltage, remainingCapacity, fullCapacity, cycleCount },
		conditions,
		states: STATE_KEYS.filter((key) => states[key]),
		unknownBits: [...unknownBits, ...bitNames("F8", tail.faultStatus8), ...bitNames("F10", tail.faultStatus10), ...statusBits(tail)],
		isPowerOn: tail.statusRecord === undefined || tail.statusRecord === null ? null : (tail.statusRecord & POWER_ON) !== 0,
	};
}

const POWER_ON = 1;
const BIT_ROWS = RECORD.filter((row) => row.type === "bits");

/** Cells that can be cells; nothing but zeros is no record. */
function isBelievable({ cellVoltages }: RecordValue): boolean {
	return cellVoltages.some((volts) => volts > 0) && cellVoltages.every((volts) => volts <= 5);
}

function bitsOf(value: RecordValue): string[] {
	return BIT_ROWS.flatMap((row): readonly string[] => value[row.name]);
}

/** The rows a tail of this length holds whole; bytes beyond are opaque. */
function tailRows(length: number): Layout {
	return RECORD_TAIL.filter((_, index) => sizeOfLayout(RECORD_TAIL.slice(0, index + 1)) <= length);
}

/** Bits of bytes that one document alone describes: told by place (rs232-v25 §6.8). */
function bitNames(label: string, value: number | null | undefined): string[] {
	return Array.from({ length: 16 }, (_, bit) => bit)
		.filter((bit) => ((value ?? 0) >> bit) & 1)
		.map((bit) => `${label}.${bit}`);
}

function statusBits({ statusRecord }: Partial<TailValue>): string[] {
	return bitNames("SR", (statusRecord ?? 0) & ~POWER_ON);
}

/** The INFO of a record, in the 72 bytes (for 16 cells and 6 probes) of newer firmware. */
export function writeRecord(record: StoredRecord): Uint8Array {
	const set: readonly string[] = [...record.conditions, ...record.states, ...record.unknownBits];
	const bits = Object.fromEntries(
		BIT_ROWS.map((row) => [
			row.name,
			set.filter((name) => Object.values<string>(row.bits).includes(name) || name.startsWith(`${row.label}.`)),
		]),
	);
	const { cellVoltages, temperatures, current, voltage, remainingCapacity, fullCapacity, cycleCount } = record;
	const measured = { cellVoltages, temperatures, current, voltage, remainingCapacity, fullCapacity, cycleCount };
	const value = { ...clockOf(record.localTime), ...measured, ...bits } as unknown as RecordValue;
	const statusRecord = record.isPowerOn === null ? null : Number(record.isPowerOn);
	return Uint8Array.from([...encode(RECORD, value), ...encode(RECORD_TAIL, { faultStatus8: null, faultStatus10: null, statusRecord })]);
}

/** All zero is no date. */
function clockOf(localTime: string | null): ClockTime {
	const [year = 2000, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (localTime?.match(/\d+/g) ?? []).map(Number);
	return { year, month, day, hour, minute, second };
}
