import { decodeAsciiFrame } from "./ascii/decode-ascii.ts";
import type { CaptureContext, DecodedFrame } from "./decoded-frame.ts";
import { framesInLine, modbusInLine } from "./frames-in-text.ts";
import { decodeModbusFrame } from "./modbus/decode-modbus.ts";

export type { DecodedFrame } from "./decoded-frame.ts";

/** Decodes captured lines one after the other; a request gives the context for the replies after it. Never throws. */
export interface CaptureDecoder {
	/** What one line holds: an object per frame, an error for a line without one, nothing for blank lines and comments. */
	line(text: string): readonly DecodedFrame[];
}

export function createCaptureDecoder(): CaptureDecoder {
	const context: CaptureContext = { ascii: null, modbus: null, foreignUnits: new Set() };
	return {
		line(text) {
			const clean = text.replaceAll("\0", "");
			const frames = framesInLine(clean);
			if (frames.length > 0) return frames.map((found) => decodeAsciiFrame(found, context));
			const messages = modbusInLine(clean);
			if (messages.length > 0) return messages.map((found) => decodeModbusFrame(found, context));
			return isSilent(clean) ? [] : [noFrame()];
		},
	};
}

/** Decodes a whole text, line by line. */
export function decodeText(text: string): readonly DecodedFrame[] {
	const decoder = createCaptureDecoder();
	return text.split("\n").flatMap((line) => decoder.line(line));
}

/** Blank, or a comment. */
function isSilent(line: string): boolean {
	return /^[\s\ufeff]*(?:#|\/\/|$)/.test(line);
}

function noFrame(): DecodedFrame {
	const message = "Nothing in this line begins like a message of a battery (~, 7E, or the bytes of a Modbus message).";
	return { protocol: null, error: { code: "no-start", message } };
}
