import { type ErrorCodes, FrameError } from "../../../errors.ts";
import { ByteWriter } from "../../codec/byte-writer.ts";

/** The envelope of one Modbus RTU message (modbus-rtu §4): unit id, function code, data, CRC low byte first. */
export interface ModbusAdu {
	/** Unit id: the pack's DIP address. */
	readonly unit: number;
	/** Function code; of an exception without its marking bit. */
	readonly functionCode: number;
	/** Exception code, or null. */
	readonly exception: number | null;
	/** Bytes between function code and CRC. */
	readonly data: Uint8Array;
}

export type AduCheck =
	| { readonly ok: true; readonly adu: ModbusAdu }
	| { readonly ok: false; readonly error: FrameError; readonly adu: Partial<ModbusAdu> };

/** Function codes that PACE boards or their masters use (modbus-rtu §3). */
export const READ_HOLDING = 0x03;
export const READ_INPUT = 0x04;
export const WRITE_SINGLE = 0x06;
export const WRITE_MULTIPLE = 0x10;
const KNOWN_FUNCTIONS: readonly number[] = [READ_HOLDING, READ_INPUT, WRITE_SINGLE, WRITE_MULTIPLE];
/** Marks an exception. */
export const EXCEPTION_BIT = 0x80;

/** Most registers one request may ask for (modbus-rtu §3). */
export const MAX_REGISTERS = 125;
/** Most registers one request may write. */
export const MAX_WRITTEN_REGISTERS = 123;
/** Bytes of the longest message: a full write (modbus-rtu §4). */
export const MAX_ADU_BYTES = 256;
/** Bytes of the shortest message, an exception. */
export const MIN_ADU_BYTES = 5;
const CRC_BYTES = 2;

/** CRC-16/MODBUS: polynomial A001h reflected, seed FFFFh (modbus-rtu §4). */
export function crc16(bytes: Uint8Array): number {
	let crc = 0xffff;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
	}
	return crc;
}

/** A message with its CRC. */
export function buildAdu(unit: number, functionCode: number, data: Uint8Array): Uint8Array {
	const body = Uint8Array.from([unit, functionCode, ...data]);
	const crc = crc16(body);
	return Uint8Array.from([...body, crc & 0xff, crc >> 8]);
}

/** A request for `count` holding registers from `start`. Throws RangeError beyond what one request can ask. */
export function buildRead(unit: number, start: number, count: number): Uint8Array {
	if (count < 1 || count > MAX_REGISTERS) throw new RangeError(`${count} registers do not fit into one request.`);
	const writer = new ByteWriter();
	writer.unsigned(start, 2);
	writer.unsigned(count, 2);
	return buildAdu(unit, READ_HOLDING, writer.toBytes());
}

/** A request that writes holding registers from `start`: two bytes each. Throws RangeError beyond what one request can carry. */
export function buildWrite(unit: number, start: number, bytes: Uint8Array): Uint8Array {
	if (bytes.length < 2 || bytes.length % 2 !== 0 || bytes.length > 2 * MAX_WRITTEN_REGISTERS) {
		throw new RangeError(`${bytes.length} bytes do not fit into one request that writes.`);
	}
	const writer = new ByteWriter();
	writer.unsigned(start, 2);
	writer.unsigned(bytes.length / 2, 2);
	writer.unsigned(bytes.length, 1);
	writer.put(bytes);
	return buildAdu(unit, WRITE_MULTIPLE, writer.toBytes());
}

/**
 * Lengths a message that begins like this may have, by its function code and byte count; null while that is not yet
 * known, empty when no message begins so. Requests to read have an even length, answers an odd one.
 */
export function possibleLengths(bytes: ArrayLike<number>): readonly number[] | null {
	const [unit, code, third] = [bytes[0], bytes[1], bytes[2]];
	if (unit === undefined || code === undefined) return null;
	if (unit > 247) return [];
	if (code & EXCEPTION_BIT) return KNOWN_FUNCTIONS.includes(code & 0x7f) ? [MIN_ADU_BYTES] : [];
	switch (code) {
		case READ_HOLDING:
		case READ_INPUT:
			if (third === undefined) return null;
			return third > 0 && third % 2 === 0 && third <= 2 * MAX_REGISTERS ? [8, MIN_ADU_BYTES + third] : [8];
		case WRITE_SINGLE:
			return [8];
		case WRITE_MULTIPLE: {
			const count = bytes[6];
			if (count === undefined) return null;
			return count > 0 && count % 2 === 0 && 9 + count <= MAX_ADU_BYTES ? [8, 9 + count] : [8];
		}
		default:
			return [];
	}
}

/** Checks an envelope in fixed order: function code, length, CRC; the first failure names itself. */
export function checkAdu(bytes: Uint8Array): AduCheck {
	const unit = bytes[0];
	const code = bytes[1];
	const fail = (error: ErrorCodes["frame"], message: string): AduCheck => ({
		ok: false,
		error: new FrameError(error, message, { frame: hexBytes(bytes) }),
		adu: {
			...(unit === undefined ? {} : { unit }),
			...(code === undefined ? {} : { functionCode: code & ~EXCEPTION_BIT }),
		},
	});
	const lengths = possibleLengths(bytes);
	if (unit === undefined || code === undefined || lengths === null) {
		return fail("length", `Only ${bytes.length} bytes: the message is cut off.`);
	}
	if (lengths.length === 0) return fail("no-start", "No Modbus message begins like this: noise on the line, or another protocol or speed.");
	if (!lengths.includes(bytes.length)) {
		return fail(
			"length",
			`${bytes.length} bytes where such a message has ${lengths.join(" or ")}: it is cut off or followed by something else.`,
		);
	}
	if (!hasSoundCrc(bytes)) return fail("checksum", "The checksum does not fit the message: damaged on the line.");
	const body = bytes.subarray(2, -CRC_BYTES);
	const isException = (code & EXCEPTION_BIT) !== 0;
	return { ok: true, adu: { unit, functionCode: code & ~EXCEPTION_BIT, exception: isException ? (body[0] ?? 0) : null, data: body } };
}

export function hasSoundCrc(bytes: Uint8Array): boolean {
	const crc = crc16(bytes.subarray(0, -CRC_BYTES));
	return bytes.at(-2) === (crc & 0xff) && bytes.at(-1) === crc >> 8;
}

/** Bytes as hexadecimal pairs. */
export function hexBytes(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}
