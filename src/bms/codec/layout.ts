import { DecodeError } from "../../errors.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { oncePer } from "./once-per.ts";

/**
 * Layouts: what is where in the bytes, one row per wire field. Rows are plain data; `decode` and `encode` read
 * the same row, so that the simulator answers with the tables the driver reads with. Raw units end here.
 */

/** Whole numbers on the wire, most significant byte first. */
export type NumberType = "u8" | "u16" | "i16" | "u24" | "u32";

interface NumberRow {
	readonly name: string;
	readonly type: NumberType;
	/** Raw steps per unit of the model: 1000 for millivolts read as volts. Default 1. */
	readonly perUnit?: number;
	/** Units of the model per raw step, where a step is more than one unit: 25 for steps of 25 ms. Default 1. */
	readonly unitsPerStep?: number;
	/** Raw value that means zero (2730 for tenths of a kelvin read as °C). Default 0. */
	readonly zero?: number;
	/** Raw value that means "not there": read as null. */
	readonly absent?: number;
	/** Greatest raw value to write, where the wire has room for more. */
	readonly maxRaw?: number;
	/** Sent with either sign and meant as a size: read as its size, written positive. */
	readonly magnitude?: true;
}
/** One number. */
export interface NumberField extends NumberRow {
	readonly counted?: never;
	readonly times?: never;
}
/** A fixed count of numbers, one after the other. */
export interface RepeatedField extends NumberRow {
	readonly times: number;
	readonly counted?: never;
}
/** A count byte, then that many numbers. */
export interface ListField extends NumberRow {
	/** Least and greatest count that is a sound answer. */
	readonly counted: { readonly min: number; readonly max: number };
	readonly times?: never;
}
/** A fixed number of characters, padded; unprintable ones and the padding are dropped, nothing left is null. */
export interface TextField {
	readonly name: string;
	readonly type: "ascii";
	/** Characters on the wire. */
	readonly length: number;
}
/** A byte (or word) of named bits, read as the names of those that are set; a bit without a name reads "<label>.<bit>". */
export interface BitsField {
	readonly name: string;
	readonly type: "bits";
	/** Short name of the byte in the reference, for its unnamed bits. */
	readonly label: string;
	/** Bit (0 = least significant) -> name. */
	readonly bits: Readonly<Record<number, string>>;
	/** Bytes it takes, most significant first. Default 1. */
	readonly bytes?: 1 | 2;
}
/** Bytes whose bits are numbered things, read as the numbers of those set: bit 0 of the first byte is 1, bit 0 of the second 9. */
export interface FlagsField {
	readonly name: string;
	readonly type: "flags";
	readonly bytes: number;
	/** `last`: number 1 is bit 0 of the last byte (one big-endian number). Default `first`. */
	readonly lowest?: "first" | "last";
}

export type Field = NumberField | RepeatedField | ListField | TextField | BitsField | FlagsField;
export type Layout = readonly Field[];

type ScalarOf<F> = F extends { readonly absent: number } ? number | null : number;

/** What a row is in the model. */
export type FieldValue<F extends Field> = F extends TextField
	? string | null
	: F extends BitsField
		? readonly (F["bits"][keyof F["bits"]] | `${F["label"]}.${number}`)[]
		: F extends FlagsField
			? readonly number[]
			: F extends ListField | RepeatedField
				? readonly ScalarOf<F>[]
				: ScalarOf<F>;

/** What a layout is in the model: its rows by name. */
export type ValueOf<L extends Layout> = { readonly [F in L[number] as F["name"]]: FieldValue<F> };

const SIZES = { u8: 1, u16: 2, i16: 2, u24: 3, u32: 4 } as const satisfies Record<NumberType, number>;

/** Bytes a row takes; of a counted list the least it can take. */
export function sizeOf(field: Field): number {
	switch (field.type) {
		case "ascii":
			return field.length;
		case "bits":
			return field.bytes ?? 1;
		case "flags":
			return field.bytes;
		default:
			if (field.times) return field.times * SIZES[field.type];
			return field.counted ? 1 + field.counted.min * SIZES[field.type] : SIZES[field.type];
	}
}

/** Bytes of one number. */
export function sizeOfNumber(type: NumberType): number {
	return SIZES[type];
}

/** Bytes a layout without counted lists takes. */
export function sizeOfLayout(layout: Layout): number {
	return layout.reduce((sum, field) => sum + sizeOf(field), 0);
}

/** A row made ready to be read. */
export interface RowReader {
	readonly name: string;
	/** Bytes the row takes at least. */
	readonly size: number;
	readonly read: (reader: ByteReader) => unknown;
}

/** The rows of a layout made ready to be read: once, because what a row may leave out is slow to look up at every number. */
export const rowReadersOf = oncePer((layout: Layout): readonly RowReader[] =>
	layout.map((field) => ({ name: field.name, size: sizeOf(field), read: valueReader(field) })),
);

/** Reads a layout at the reader's place. Throws DecodeError that names the row: `too-short`, or `wrong-shape` for an unsound count. */
export function decode<const L extends Layout>(layout: L, reader: ByteReader): ValueOf<L> {
	const value: Record<string, unknown> = {};
	for (const row of rowReadersOf(layout)) value[row.name] = readRow(row, reader);
	return value as ValueOf<L>;
}

/** Reads bytes that must be this layout and nothing more. Throws DecodeError, `too-long` for bytes that are left. */
export function decodeAll<const L extends Layout>(layout: L, bytes: Uint8Array): ValueOf<L> {
	const reader = new ByteReader(bytes);
	const value = decode(layout, reader);
	if (reader.remaining > 0) {
		throw new DecodeError("too-long", `The answer has ${reader.remaining} byte(s) more than expected.`, { offset: reader.offset });
	}
	return value;
}

/** Writes a value as the layout says: the exact inverse of `decode`. Throws RangeError for what the wire cannot carry. */
export function encode<const L extends Layout>(layout: L, value: ValueOf<L>): Uint8Array {
	const writer = new ByteWriter();
	const values = value as Readonly<Record<string, unknown>>;
	for (const field of layout) encodeField(field, values[field.name], writer);
	return writer.toBytes();
}

/** Reads one row at the reader's place. Throws as `decode` does. */
export function readRow({ name, read }: RowReader, reader: ByteReader): unknown {
	try {
		return read(reader);
	} catch (error) {
		if (error instanceof DecodeError && error.context.row === undefined) {
			throw new DecodeError(error.code, error.message, { ...error.context, row: name }, error);
		}
		throw error;
	}
}

function valueReader(field: Field): RowReader["read"] {
	switch (field.type) {
		case "ascii":
			return (reader) => textOf(reader.take(field.length));
		case "bits":
			return bitsReader(field);
		case "flags":
			return (reader) => numbersOf(inFlagOrder(field, reader.take(field.bytes)));
		default:
			return numbersReader(field);
	}
}

function numbersReader(field: NumberField | RepeatedField | ListField): RowReader["read"] {
	const readNumber = numberReader(field);
	const { counted, times } = field;
	if (times) return (reader) => readNumbers(readNumber, times, reader);
	if (!counted) return readNumber;
	const { min, max } = counted;
	return (reader) => {
		const offset = reader.offset;
		const count = reader.unsigned(1);
		if (count < min || count > max) {
			throw new DecodeError("wrong-shape", `The answer counts ${count} where ${min} to ${max} are possible.`, { offset });
		}
		return readNumbers(readNumber, count, reader);
	};
}

function readNumbers(readNumber: ReturnType<typeof numberReader>, count: number, reader: ByteReader): (number | null)[] {
	const values: (number | null)[] = [];
	for (let left = count; left > 0; left--) values.push(readNumber(reader));
	return values;
}

function numberReader(field: NumberRow): (reader: ByteReader) => number | null {
	const { type, absent = Number.NaN, magnitude = false, zero = 0, unitsPerStep = 1, perUnit = 1 } = field;
	const size = SIZES[type];
	const isSigned = type === "i16";
	return (reader) => {
		const raw = isSigned ? reader.signed(size) : reader.unsigned(size);
		if (raw === absent) return null;
		const steps = (magnitude ? Math.abs(raw) : raw) - zero;
		// Dividing whole numbers gives the nearest decimal (3.271); multiplying by 0.001 would not.
		return (steps * unitsPerStep) / perUnit;
	};
}

function textOf(bytes: Uint8Array): string | null {
	const printable = String.fromCharCode(...bytes.filter((byte) => byte >= 0x20 && byte <= 0x7e)).trim();
	return printable === "" ? null : printable;
}

function bitsReader(field: BitsField): RowReader["read"] {
	const bytes = field.bytes ?? 1;
	const nameOfBit = Array.from({ length: 8 * bytes }, (_, bit) => field.bits[bit] ?? `${field.label}.${bit}`);
	return (reader) => {
		const word = reader.unsigned(bytes);
		return word === 0 ? [] : nameOfBit.filter((_, bit) => (word >> bit) & 1);
	};
}

function inFlagOrder(field: FlagsField, bytes: Uint8Array): Uint8Array {
	return field.lowest === "last" ? bytes.toReversed() : bytes;
}

function numbersOf(bytes: Uint8Array): number[] {
	const numbers: number[] = [];
	for (const [index, byte] of bytes.entries()) {
		for (let bit = 0; byte >> bit !== 0; bit++) if ((byte >> bit) & 1) numbers.push(index * 8 + bit + 1);
	}
	return numbers;
}

function encodeField(field: Field, value: unknown, writer: ByteWriter): void {
	if (field.type === "ascii") encodeText(field, value as string | null, writer);
	else if (field.type === "bits") writer.unsigned(wordOf(field, value as readonly string[]), field.bytes ?? 1);
	else if (field.type === "flags") writer.put(inFlagOrder(field, flagBytes(field, value as readonly number[])));
	else if (field.times) encodeRepeated(field, value as readonly (number | null)[], writer);
	else if (field.counted) encodeList(field, value as readonly (number | null)[], writer);
	else encodeNumber(field, value as number | null, writer);
}

function encodeList(field: ListField, values: readonly (number | null)[], writer: ByteWriter): void {
	const { min, max } = field.counted;
	if (values.length < min || values.length > max)
		throw new RangeError(`${field.name}: ${values.length} values where ${min} to ${max} are possible.`);
	writer.unsigned(values.length, 1);
	for (const value of values) encodeNumber(field, value, writer);
}

function encodeRepeated(field: RepeatedField, values: readonly (number | null)[], writer: ByteWriter): void {
	if (values.length !== field.times) throw new RangeError(`${field.name}: ${values.length} values where there are ${field.times}.`);
	for (const value of values) encodeNumber(field, value, writer);
}

function encodeNumber(field: NumberRow, value: number | null, writer: ByteWriter): void {
	const raw = value === null ? field.absent : Math.round((value * (field.perUnit ?? 1)) / (field.unitsPerStep ?? 1)) + (field.zero ?? 0);
	if (raw === undefined) throw new RangeError(`${field.name}: the wire has no way to say "not there".`);
	if (field.maxRaw !== undefined && raw > field.maxRaw) throw new RangeError(`${field.name}: ${value} is more than the wire can carry.`);
	if (field.type === "i16") writer.signed(raw, SIZES[field.type]);
	else writer.unsigned(raw, SIZES[field.type]);
}

function encodeText(field: TextField, value: string | null, writer: ByteWriter): void {
	const text = (value ?? "").padEnd(field.length, " ");
	if (text.length > field.length || /[^ -~]/.test(text))
		throw new RangeError(`${field.name}: at most ${field.length} printable characters.`);
	writer.put([...text].map((character) => character.charCodeAt(0)));
}

function wordOf(field: BitsField, names: readonly string[]): number {
	return names.reduce((word, name) => word | (1 << bitOf(field, name)), 0);
}

function bitOf(field: BitsField, name: string): number {
	const named = Object.keys(field.bits).find((bit) => field.bits[Number(bit)] === name);
	const bit = named ?? (name.startsWith(`${field.label}.`) ? name.slice(field.label.length + 1) : "");
	if (!/^\d+$/.test(bit) || Number(bit) >= 8 * (field.bytes ?? 1)) throw new RangeError(`${field.name} has no bit called ${name}.`);
	return Number(bit);
}

function flagBytes(field: FlagsField, numbers: readonly number[]): Uint8Array {
	const bytes = new Uint8Array(field.bytes);
	for (const number of numbers) {
		const index = Math.floor((number - 1) / 8);
		if (!Number.isInteger(number) || index < 0 || index >= field.bytes) throw new RangeError(`${field.name}: no bit for number ${number}.`);
		bytes[index] = (bytes[index] ?? 0) | (1 << ((number - 1) % 8));
	}
	return bytes;
}
