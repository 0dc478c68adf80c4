import { checkFrame, V25_FAMILY } from "../protocol/ascii/ascii-frame.ts";
import { createAsciiFramer } from "../protocol/ascii/ascii-framer.ts";
import { isRequest } from "../protocol/ascii/ascii-rejections.ts";
import { V20_FAMILY } from "../protocol/ascii20/dialects.ts";
import { checkAdu, READ_HOLDING, READ_INPUT } from "../protocol/modbus/modbus-frame.ts";
import { createModbusFramer } from "../protocol/modbus/modbus-framer.ts";

/** A sound frame somebody put on the line. */
export interface HeardFrame {
	readonly protocol: "ascii-0x25" | "ascii-0x20" | "modbus-rtu";
	readonly kind: "request" | "reply";
	/** Pack address, or the unit id of Modbus. */
	readonly address: number;
}

/**
 * What the bytes on a line are: `frames` of a protocol we know, the negotiation of `telnet`, a `web` server, readable
 * `text` (a console), or `noise`; `silence` when there are none.
 */
export type HeardKind = "silence" | "frames" | "telnet" | "web" | "text" | "noise";

export interface Hearing {
	readonly kind: HeardKind;
	readonly bytes: number;
	readonly frames: readonly HeardFrame[];
	/** The first readable words of `text` and `web`; empty for the others. */
	readonly words: string;
}

export const NOTHING_HEARD: Hearing = { kind: "silence", bytes: 0, frames: [], words: "" };

/** Bytes and frames that are kept; a line may talk without end. */
const MOST_BYTES = 2_000;
const MOST_FRAMES = 50;
/** Fewer bytes than this are a click of the line, not text. */
const LEAST_TEXT = 8;
/** Part of all bytes that frames must be. */
const LEAST_SHARE = 0.25;
const TEXT_SHARE = 0.9;
const MOST_WORDS = 60;

/** Listens to a line: takes bytes as they come, says what they are. */
export interface Ear {
	push(chunk: Uint8Array): void;
	hearing(): Hearing;
}

/** An ear that knows all our protocols at once. Never throws; bounded. */
export function createEar(): Ear {
	const ascii = createAsciiFramer();
	const modbus = createModbusFramer();
	const kept: number[] = [];
	const frames: HeardFrame[] = [];
	let bytes = 0;
	let bytesInFrames = 0;
	const keep = (frame: HeardFrame | null, { length }: Uint8Array) => {
		if (frame === null) return;
		bytesInFrames += length;
		if (frames.length < MOST_FRAMES) frames.push(frame);
	};
	return {
		push(chunk) {
			bytes += chunk.length;
			for (const byte of chunk) if (kept.length < MOST_BYTES) kept.push(byte);
			for (const event of ascii.push(chunk)) if (event.type === "frame") keep(asciiFrame(event.bytes), event.bytes);
			for (const event of modbus.push(chunk)) if (event.type === "frame") keep(modbusFrame(event.bytes), event.bytes);
		},
		hearing() {
			// In noise enough bytes look like a message of Modbus now and then.
			const sound = bytesInFrames >= LEAST_SHARE * bytes ? frames : [];
			return { ...describe(kept, sound), bytes, frames: [...sound] };
		},
	};
}

function asciiFrame(bytes: Uint8Array): HeardFrame | null {
	for (const [protocol, family] of [
		["ascii-0x25", V25_FAMILY],
		["ascii-0x20", V20_FAMILY],
	] as const) {
		const check = checkFrame(bytes, family);
		if (check.ok) return { protocol, kind: isRequest(check.frame) ? "request" : "reply", address: check.frame.address };
	}
	return null;
}

function modbusFrame(bytes: Uint8Array): HeardFrame | null {
	const check = checkAdu(bytes);
	if (!check.ok) return null;
	const { unit, functionCode, exception } = check.adu;
	const isRead = functionCode === READ_HOLDING || functionCode === READ_INPUT;
	// Requests to read have an even length, answers an odd one (modbus-rtu §3).
	const kind = exception === null && isRead && bytes.length % 2 === 0 ? "request" : "reply";
	return { protocol: "modbus-rtu", kind, address: unit };
}

function describe(bytes: readonly number[], frames: readonly HeardFrame[]): Pick<Hearing, "kind" | "words"> {
	if (bytes.length === 0) return { kind: "silence", words: "" };
	if (frames.length > 0) return { kind: "frames", words: "" };
	if (isTelnet(bytes)) return { kind: "telnet", words: "" };
	const text = String.fromCharCode(...bytes);
	if (!isText(bytes)) return { kind: "noise", words: "" };
	const words = text.replace(/\s+/g, " ").trim().slice(0, MOST_WORDS);
	return { kind: /^HTTP\/1|<html|<!doctype/i.test(text) ? "web" : "text", words };
}

/** IAC, then WILL, WONT, DO or DONT, then an option (RFC 854): what a gateway in Telnet or RFC 2217 mode begins with. */
function isTelnet(bytes: readonly number[]): boolean {
	const [mark, verb = 0, option = 0xff] = bytes;
	return mark === 0xff && verb >= 0xfb && verb <= 0xfe && option < 0x40;
}

function isText(bytes: readonly number[]): boolean {
	const readable = bytes.filter((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09).length;
	const letters = bytes.filter((byte) => /[a-z]/i.test(String.fromCharCode(byte))).length;
	return bytes.length >= LEAST_TEXT && readable >= TEXT_SHARE * bytes.length && letters * 2 >= bytes.length;
}
