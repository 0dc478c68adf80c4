import { DecodeError, type FrameError } from "../../errors.ts";
import type { PackSelector } from "../battery/readings.ts";
import { readRequest } from "./ascii/ascii-answers.ts";
import { ASCII_COMMANDS, type AsciiCommandName, commandOfCode } from "./ascii/ascii-commands.ts";
import { describePacks } from "./ascii/ascii-description.ts";
import { readFixed } from "./ascii/ascii-fixed-replies.ts";
import { type AsciiFrame, CHEMISTRY, checkFrame, hexOf, hexText, type PartialFrame, VERSION } from "./ascii/ascii-frame.ts";
import { isRequest, rejectionOf } from "./ascii/ascii-rejections.ts";
import { inferCommand, looksLike } from "./ascii/ascii-shapes.ts";
import { type FoundFrame, framesInLine } from "./frames-in-text.ts";

/** One frame, understood or refused: a JSON object of `rack-battery decode`. */
export interface DecodedFrame {
	readonly protocol: "ascii-0x25" | null;
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

/** What the last request asked: the key to the replies that follow it. */
interface Asked {
	readonly code: number;
	readonly selector: PackSelector | null;
}

/** Decodes captured lines one after the other; a request gives the context for the replies after it. Never throws. */
export interface CaptureDecoder {
	/** What one line holds: an object per frame, an error for a line without one, nothing for blank lines and comments. */
	line(text: string): readonly DecodedFrame[];
}

export function createCaptureDecoder(): CaptureDecoder {
	let asked: Asked | null = null;

	const decodeFound = (found: FoundFrame): DecodedFrame => {
		const check = checkFrame(found.text);
		const { envelope } = check.ok ? { envelope: check.frame } : check;
		const sent = check.ok ? isRequest(check.frame) : isMarkedRequest(found, envelope);
		if (sent) asked = isIntact(check) ? askedBy(envelope) : null;
		if (!check.ok) return refused(check.error, envelope, sent);
		return sent ? describeRequest(check.frame) : describeReply(check.frame, asked);
	};

	return {
		line(text) {
			const clean = text.replaceAll("\0", "");
			const frames = framesInLine(clean);
			if (frames.length > 0) return frames.map(decodeFound);
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
	const message = "Nothing in this line begins like a message of this protocol (~ or 7E).";
	return { protocol: null, error: { code: "no-start", message } };
}

/** Sound as an envelope, even if version or chemistry are not ours: boards answer such requests as well. */
function isIntact(check: ReturnType<typeof checkFrame>): boolean {
	return check.ok || check.error.code === "version" || check.error.code === "chemistry";
}

function isMarkedRequest({ mark }: FoundFrame, envelope: PartialFrame): boolean {
	if (mark !== null) return mark === "request";
	return envelope.code !== undefined && isRequest({ code: envelope.code });
}

function askedBy({ code, address = 0, chemistry = 0, version = 0, info = new Uint8Array() }: PartialFrame): Asked | null {
	return code === undefined ? null : { code, selector: readRequest({ code, address, chemistry, version, info }).selector };
}

function refused(error: FrameError, envelope: PartialFrame, isSent: boolean): DecodedFrame {
	const { version, chemistry, code, address, info } = envelope;
	return {
		protocol: version === VERSION ? "ascii-0x25" : null,
		kind: isSent ? "request" : "reply",
		...(isSent ? { command: code === undefined ? null : hexOf(code, 2) } : {}),
		...(address === undefined ? {} : { address }),
		...(isSent || code === undefined ? {} : { rtn: hexOf(code, 2) }),
		checksum: error.code === "version" || error.code === "chemistry" ? "ok" : "bad",
		...(version === undefined || version === VERSION ? {} : { version: hexOf(version, 2) }),
		...(chemistry === undefined || chemistry === CHEMISTRY ? {} : { chemistry: hexOf(chemistry, 2) }),
		...(info === undefined ? {} : { info: hexText(info) }),
		error: { code: error.code, message: error.message },
	};
}

function describeRequest(frame: AsciiFrame): DecodedFrame {
	return {
		protocol: "ascii-0x25",
		kind: "request",
		command: hexOf(frame.code, 2),
		address: frame.address,
		checksum: "ok",
		info: hexText(frame.info),
	};
}

function describeReply(frame: AsciiFrame, asked: Asked | null): DecodedFrame {
	const command = frame.code === 0 ? commandFor(frame.info, asked) : { code: asked?.code ?? null };
	const head: DecodedFrame = {
		protocol: "ascii-0x25",
		kind: "reply",
		command: command.code === null ? null : hexOf(command.code, 2),
		address: frame.address,
		rtn: hexOf(frame.code, 2),
		checksum: "ok",
		...(command.inferred ? { inferred: true } : {}),
		info: hexText(frame.info),
	};
	if (frame.code !== 0) {
		const { code, message } = rejectionOf(frame, "");
		return { ...head, rejection: { code, message } };
	}
	const name = command.code === null ? null : commandOfCode(command.code);
	return name === null ? head : { ...head, ...fieldsOf(name, frame, command.inferred ? null : (asked?.selector ?? null)) };
}

/** The command a reply answers: the one asked for, unless the reply is clearly the answer to another. */
function commandFor(info: Uint8Array, asked: Asked | null): { readonly code: number | null; readonly inferred?: true } {
	const awaited = asked && commandOfCode(asked.code);
	if (asked && (awaited === null || !isClearlyAnother(info, awaited))) return { code: asked.code };
	const inferred = inferCommand(info);
	return inferred === null ? { code: null } : { code: ASCII_COMMANDS[inferred].code, inferred: true };
}

function isClearlyAnother(info: Uint8Array, awaited: AsciiCommandName): boolean {
	const looks = looksLike(info);
	return looks.length > 0 && !looks.includes(awaited);
}

/** The named fields of a reply, or why it cannot be read. */
function fieldsOf(name: AsciiCommandName, frame: AsciiFrame, selector: PackSelector | null): Partial<DecodedFrame> {
	try {
		if (name === "telemetry" || name === "status") {
			const packs = describePacks(name, frame, selector) ?? describePacks(name, frame, null);
			return packs ? { packs } : shapeUnknown(frame);
		}
		const told = readFixed(name, frame.info);
		return told === null ? shapeUnknown(frame) : named(told);
	} catch (error) {
		if (error instanceof DecodeError) return { error: { code: error.code, message: error.message } };
		throw error;
	}
}

function named(told: object): Partial<DecodedFrame> {
	return Object.fromEntries(Object.entries(told).map(([key, value]) => [key === "count" ? "packCount" : key, value]));
}

function shapeUnknown({ info }: AsciiFrame): Partial<DecodedFrame> {
	return { error: { code: "no-layout-fits", message: `${info.length} bytes that fit no known form of this answer.` } };
}
