import { type ErrorCodes, FrameError } from "../../../errors.ts";

/**
 * The envelope of one ASCII frame (rs232-v25 §2): SOI, VER, ADR, CID1, CID2 or RTN, LENGTH, INFO, CHKSUM, EOI.
 * All but SOI and EOI are hexadecimal digits, two a byte, high digit first. Knows no meaning of INFO.
 */
export interface AsciiFrame {
	/** VER. */
	readonly version: number;
	/** ADR: in a reply the DIP address of the pack that answers. */
	readonly address: number;
	/** CID1. */
	readonly chemistry: number;
	/** CID2 of a request, RTN of a reply. */
	readonly code: number;
	readonly info: Uint8Array;
}

/** What could be read of an envelope that failed its check. */
export type PartialFrame = Partial<AsciiFrame>;

export type FrameCheck =
	| { readonly ok: true; readonly frame: AsciiFrame }
	| { readonly ok: false; readonly error: FrameError; readonly envelope: PartialFrame };

/** VER and CID1 of version 25h (rs232-v25 §2), which frames are built with unless they say otherwise. */
export const VERSION = 0x25;
export const CHEMISTRY = 0x46;

/** Which frames belong to a protocol: its version byte and the battery types that speak it. */
export interface AsciiFamily {
	/** VER. */
	readonly version: number;
	/** CID1. */
	readonly chemistries: readonly number[];
}

export const V25_FAMILY: AsciiFamily = { version: VERSION, chemistries: [CHEMISTRY] };

/** Characters before INFO, and of the shortest frame without its end mark; INFO at most (LENID has 12 bits). */
export const HEADER_CHARACTERS = 13;
export const ENVELOPE_CHARACTERS = 17;
export const MAX_INFO_CHARACTERS = 0xfff;

/** LCHKSUM of a LENID (rs232-v25 §2.1): four bits. */
export function lengthChecksum(lenid: number): number {
	const sum = (lenid & 0xf) + ((lenid >> 4) & 0xf) + ((lenid >> 8) & 0xf);
	return -sum & 0xf;
}

/** CHKSUM of the characters between SOI and CHKSUM (rs232-v25 §2.2): sixteen bits. */
export function frameChecksum(characters: string): number {
	let sum = 0;
	for (let index = 0; index < characters.length; index++) sum += characters.charCodeAt(index);
	return -sum & 0xffff;
}

/** Builds a frame with its end mark (CR). Throws RangeError when INFO is longer than LENID can say. */
export function buildFrame(
	frame: { readonly address: number; readonly code: number; readonly info?: Uint8Array } & PartialFrame,
): Uint8Array {
	return bytesOf(`~${withChecksum(frame)}\r`);
}

function withChecksum({
	version = VERSION,
	address,
	chemistry = CHEMISTRY,
	code,
	info = new Uint8Array(),
}: Parameters<typeof buildFrame>[0]): string {
	const lenid = info.length * 2;
	if (lenid > MAX_INFO_CHARACTERS) throw new RangeError(`INFO of ${info.length} bytes does not fit into a frame.`);
	const length = hexOf((lengthChecksum(lenid) << 12) | lenid, 4);
	const body = `${hexOf(version, 2)}${hexOf(address, 2)}${hexOf(chemistry, 2)}${hexOf(code, 2)}${length}${hexText(info)}`;
	return body + hexOf(frameChecksum(body), 4);
}

/**
 * Checks an envelope in the fixed order: start, characters, length checksum, length, checksum, version and
 * chemistry; the first failure names itself. Lower case is accepted, and so is a missing end mark.
 */
export function checkFrame(source: Uint8Array | string, family: AsciiFamily = V25_FAMILY): FrameCheck {
	const characters = withoutEndMark(typeof source === "string" ? charactersOf(source) : source);
	const envelope = readEnvelope(characters);
	const problem = problemOf(characters, envelope, family);
	if (!problem) return { ok: true, frame: envelope as AsciiFrame };
	return { ok: false, error: new FrameError(problem.code, problem.message, { frame: printable(textOf(characters)) }), envelope };
}

/** Characters as bytes; one that fits into no byte becomes FFh, which no frame has either. */
function charactersOf(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length);
	for (let index = 0; index < bytes.length; index++) bytes[index] = Math.min(text.charCodeAt(index), 0xff);
	return bytes;
}

function withoutEndMark(characters: Uint8Array): Uint8Array {
	let end = characters.length;
	if (characters[end - 1] === LF) end--;
	if (characters[end - 1] === CR) end--;
	return end === characters.length ? characters : characters.subarray(0, end);
}

const LF = 0x0a;
const CR = 0x0d;
const SOI = 0x7e;

interface Problem {
	readonly code: ErrorCodes["frame"];
	readonly message: string;
}

function problemOf(characters: Uint8Array, envelope: PartialFrame, family: AsciiFamily): Problem | null {
	if (characters[0] !== SOI) return { code: "no-start", message: "A message must begin with ~." };
	if (!isHex(characters, 1))
		return { code: "not-hex", message: "A character that is no hexadecimal digit: noise on the line, or another protocol or speed." };
	if (characters.length < ENVELOPE_CHARACTERS)
		return { code: "length", message: `Only ${characters.length} characters: the message is cut off.` };
	return lengthProblem(characters) ?? checksumProblem(characters) ?? identityProblem(envelope, family);
}

function lengthProblem(characters: Uint8Array): Problem | null {
	const length = wordAt(characters, 9);
	const lenid = length & MAX_INFO_CHARACTERS;
	if (length >> 12 !== lengthChecksum(lenid)) {
		return { code: "length-checksum", message: "The length field contradicts its own check digit: damaged on the line." };
	}
	const expected = ENVELOPE_CHARACTERS + lenid;
	if (characters.length !== expected) {
		const what = characters.length < expected ? "cut off" : "followed by something else";
		return { code: "length", message: `${characters.length} characters where the length field says ${expected}: the message is ${what}.` };
	}
	return lenid % 2 === 0 ? null : { code: "length", message: "The length field is odd: half a byte." };
}

function checksumProblem(characters: Uint8Array): Problem | null {
	const end = characters.length - 4;
	const stated = wordAt(characters, end);
	let sum = 0;
	let lowerCase = 0;
	for (let index = 1; index < end; index++) {
		const character = characters[index] ?? 0;
		sum += character;
		if (character >= LOWER_CASE_A) lowerCase++;
	}
	const actual = -sum & 0xffff;
	// Lower case may be the sender's own or that of a log: the sum is of the characters as they were sent.
	if (stated === actual || stated === (-(sum - lowerCase * LOWER_ABOVE_UPPER) & 0xffff)) return null;
	return {
		code: "checksum",
		message: `The checksum is ${hexOf(stated, 4)} but the characters give ${hexOf(actual, 4)}: damaged on the line.`,
	};
}

const LOWER_CASE_A = 0x61;
const LOWER_ABOVE_UPPER = 0x20;

function identityProblem({ version = 0, chemistry = 0 }: PartialFrame, family: AsciiFamily): Problem | null {
	if (version !== family.version) {
		return {
			code: "version",
			message: `Protocol version ${hexOf(version, 2)} instead of ${hexOf(family.version, 2)}: another battery family or the wrong port.`,
		};
	}
	if (family.chemistries.includes(chemistry)) return null;
	const ours = family.chemistries.map((one) => hexOf(one, 2)).join(", ");
	return { code: "chemistry", message: `Battery type ${hexOf(chemistry, 2)} instead of ${ours}: another battery family.` };
}

/** Reads what is there, whatever the check will say. */
function readEnvelope(characters: Uint8Array): PartialFrame {
	const read: { -readonly [K in keyof AsciiFrame]?: AsciiFrame[K] } = {};
	if (characters[0] !== SOI) return read;
	for (const [name, offset] of ENVELOPE_BYTES) {
		const byte = byteAt(characters, offset);
		if (byte >= 0) read[name] = byte;
	}
	if (characters.length < ENVELOPE_CHARACTERS) return read;
	const end = Math.min(HEADER_CHARACTERS + lenidOf(characters), characters.length - 4);
	const info = bytesOfHex(characters, HEADER_CHARACTERS, end);
	if (info !== null) read.info = info;
	return read;
}

/** Where the bytes before the length field are. */
const ENVELOPE_BYTES = [
	["version", 1],
	["address", 3],
	["chemistry", 5],
	["code", 7],
] as const;

/** LENID, as far as it can be read. */
function lenidOf(characters: Uint8Array): number {
	return Number.parseInt(textOf(characters.subarray(9, HEADER_CHARACTERS)), 16) & MAX_INFO_CHARACTERS;
}

const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, character) => {
	const digit = Number.parseInt(String.fromCharCode(character), 16);
	return Number.isNaN(digit) ? -1 : digit;
});

/** Value of a hexadecimal digit by its character; -1 for any other, or none. */
function hexDigit(character: number | undefined): number {
	return character === undefined ? -1 : (HEX_DIGITS[character] ?? -1);
}

/** The byte two digits give; negative when they are none. */
function byteAt(characters: Uint8Array, offset: number): number {
	const high = hexDigit(characters[offset]);
	const low = hexDigit(characters[offset + 1]);
	return high < 0 || low < 0 ? -1 : 16 * high + low;
}

/** The word four digits give. */
function wordAt(characters: Uint8Array, offset: number): number {
	return 256 * byteAt(characters, offset) + byteAt(characters, offset + 2);
}

/** Whether everything from `start` on is hexadecimal digits. */
function isHex(characters: Uint8Array, start: number): boolean {
	for (let index = start; index < characters.length; index++) if (hexDigit(characters[index]) < 0) return false;
	return true;
}

/** The bytes of the digits from `start` to `end`; null when they are not all digits, or half a byte is left. */
function bytesOfHex(characters: Uint8Array, start: number, end: number): Uint8Array | null {
	if ((end - start) % 2 !== 0) return null;
	const bytes = new Uint8Array((end - start) / 2);
	for (let index = 0; index < bytes.length; index++) {
		const byte = byteAt(characters, start + 2 * index);
		if (byte < 0) return null;
		bytes[index] = byte;
	}
	return bytes;
}

/** `value` as `digits` upper-case hexadecimal digits. */
export function hexOf(value: number, digits: number): string {
	return value.toString(16).toUpperCase().padStart(digits, "0");
}

/** Bytes as upper-case hexadecimal digits. */
export function hexText(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => hexOf(byte, 2)).join("");
}

/** Bytes as characters, one each. */
export function textOf(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Characters as bytes, one each. */
export function bytesOf(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length);
	for (let index = 0; index < bytes.length; index++) bytes[index] = text.charCodeAt(index);
	return bytes;
}

/** Text for a message: unprintable characters as ·. */
function printable(text: string): string {
	return text.replace(/[^ -~]/g, "·");
}
