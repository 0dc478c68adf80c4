import { DecodeError, type FrameError } from "../../../errors.ts";
import type { PackSelector } from "../../battery/readings.ts";
import { describeV20Reply, describeV20Request } from "../ascii20/decode-ascii20.ts";
import { V20_FAMILY } from "../ascii20/dialects.ts";
import { isRequest as isV20Request } from "../ascii20/rejections.ts";
import type { AsciiAsked, CaptureContext, DecodedFrame } from "../decoded-frame.ts";
import type { FoundFrame } from "../frames-in-text.ts";
import { readRequest } from "./ascii-answers.ts";
import { ASCII_COMMANDS, type AsciiCommandName, commandOfCode } from "./ascii-commands.ts";
import { describePacks } from "./ascii-description.ts";
import { readFixed } from "./ascii-fixed-replies.ts";
import { type AsciiFamily, type AsciiFrame, CHEMISTRY, checkFrame, hexOf, hexText, type PartialFrame, V25_FAMILY } from "./ascii-frame.ts";
import { ASCII_PACK_COMMANDS } from "./ascii-pack-commands.ts";
import { isRequest, rejectionOf } from "./ascii-rejections.ts";
import { inferCommand, looksLike } from "./ascii-shapes.ts";
import { describeLoneRecord, describePackReply, describePackRequest, meaningOf } from "./decode-pack-commands.ts";

/** One ASCII frame as `rack-battery decode` prints it, version 25h or 20h. A request is kept in the context for the replies after it. */
export function decodeAsciiFrame(found: FoundFrame, context: CaptureContext): DecodedFrame {
	const check = checkFrame(found.text, familyOf(found.text));
	const { envelope } = check.ok ? { envelope: check.frame } : check;
	const sent = check.ok ? isSentFrame(check.frame) : isMarkedRequest(found, envelope);
	if (sent) context.ascii = isIntact(check) ? askedBy(envelope) : null;
	if (!check.ok) return refused(check.error, envelope, sent);
	return sent ? describeRequest(check.frame) : describeReply(check.frame, context.ascii);
}

/** The version a frame names; any that is not known is judged as the usual one. */
function familyOf(text: string): AsciiFamily {
	return text.slice(1, 3) === hexOf(V20_FAMILY.version, 2) ? V20_FAMILY : V25_FAMILY;
}

/** What the protocol of a frame with this VER is called; null for one that is not known. */
function protocolOf(version: number | undefined): DecodedFrame["protocol"] {
	if (version === V20_FAMILY.version) return "ascii-0x20";
	return version === V25_FAMILY.version ? "ascii-0x25" : null;
}

function isSentFrame(frame: AsciiFrame): boolean {
	return frame.version === V20_FAMILY.version ? isV20Request(frame) : isRequest(frame);
}

/** Sound as an envelope, even if version or chemistry are not ours: boards answer such requests as well. */
function isIntact(check: ReturnType<typeof checkFrame>): boolean {
	return check.ok || check.error.code === "version" || check.error.code === "chemistry";
}

function isMarkedRequest({ mark }: FoundFrame, envelope: PartialFrame): boolean {
	if (mark !== null) return mark === "request";
	return envelope.code !== undefined && isRequest({ code: envelope.code });
}

function askedBy({ code, address = 0, chemistry = 0, version = 0, info = new Uint8Array() }: PartialFrame): AsciiAsked | null {
	return code === undefined ? null : { code, selector: readRequest({ code, address, chemistry, version, info }).selector, info };
}

function refused(error: FrameError, envelope: PartialFrame, isSent: boolean): DecodedFrame {
	const { version, chemistry, code, address, info } = envelope;
	return {
		protocol: protocolOf(version),
		kind: isSent ? "request" : "reply",
		...(isSent ? { command: code === undefined ? null : hexOf(code, 2) } : {}),
		...(address === undefined ? {} : { address }),
		...(isSent || code === undefined ? {} : { rtn: hexOf(code, 2) }),
		checksum: error.code === "version" || error.code === "chemistry" ? "ok" : "bad",
		...(protocolOf(version) !== null || version === undefined ? {} : { version: hexOf(version, 2) }),
		...(chemistry === undefined || chemistry === CHEMISTRY ? {} : { chemistry: hexOf(chemistry, 2) }),
		...(info === undefined ? {} : { info: hexText(info) }),
		error: { code: error.code, message: error.message },
	};
}

function describeRequest(frame: AsciiFrame): DecodedFrame {
	return {
		protocol: protocolOf(frame.version),
		kind: "request",
		command: hexOf(frame.code, 2),
		address: frame.address,
		checksum: "ok",
		info: hexText(frame.info),
		...(frame.version === V25_FAMILY.version ? { ...meaningOf(frame), ...describePackRequest(frame) } : describeV20Request(frame)),
	};
}

function describeReply(frame: AsciiFrame, asked: AsciiAsked | null): DecodedFrame {
	if (frame.version === V20_FAMILY.version) return describeV20Reply(frame, asked);
	const command: Answered = frame.code === 0 ? commandFor(frame, asked) : { code: asked?.code ?? null };
	const head: DecodedFrame = {
		protocol: "ascii-0x25",
		kind: "reply",
		command: command.code === null ? null : hexOf(command.code, 2),
		address: frame.address,
		rtn: hexOf(frame.code, 2),
		checksum: "ok",
		...(command.inferred ? { inferred: true } : {}),
		...(command.code === null ? {} : meaningOf({ code: command.code, info: command.inferred ? NO_INFO : (asked?.info ?? NO_INFO) })),
		info: hexText(frame.info),
	};
	if (frame.code !== 0) {
		const { code, message } = rejectionOf(frame, "");
		return { ...head, rejection: { code, message } };
	}
	const name = command.code === null ? null : commandOfCode(command.code);
	if (name !== null) return { ...head, ...fieldsOf(name, frame, command.inferred ? null : (asked?.selector ?? null)) };
	if (asked !== null && command.code !== null) return { ...head, ...describePackReply(frame, asked) };
	const record = describeLoneRecord(frame.info);
	return record === null ? head : { ...head, command: hexOf(ASCII_PACK_COMMANDS.readRecord.code, 2), inferred: true, ...record };
}

const NO_INFO = new Uint8Array();

/** The command a reply answers; null when it could be several. */
interface Answered {
	readonly code: number | null;
	readonly inferred?: true;
}

/** The command a reply answers: the one asked for, unless the reply is clearly the answer to another. */
function commandFor(frame: AsciiFrame, asked: AsciiAsked | null): Answered {
	if (asked && !isClearlyAnother(frame, asked)) return { code: asked.code };
	const inferred = inferCommand(frame.info);
	return inferred === null ? { code: null } : { code: ASCII_COMMANDS[inferred].code, inferred: true };
}

function isClearlyAnother(frame: AsciiFrame, asked: AsciiAsked): boolean {
	const awaited = commandOfCode(asked.code);
	const looks = looksLike(frame.info);
	if (awaited !== null) return looks.length > 0 && !looks.includes(awaited);
	return looks.length > 0 && describePackReply(frame, asked)?.error !== undefined && inferCommand(frame.info) !== null;
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
