import { DecodeError } from "../../../errors.ts";
import type { PackSelector } from "../../battery/readings.ts";
import { decodeAll, sizeOfLayout } from "../../codec/layout.ts";
import { isClock, localTimeOf } from "../ascii/ascii-clock.ts";
import { type AsciiFrame, hexOf, hexText } from "../ascii/ascii-frame.ts";
import type { AsciiAsked, DecodedFrame } from "../decoded-frame.ts";
import { describeStatus } from "../describe-status.ts";
import { SET_CLOCK_CODE, STATUS_CODE, TELEMETRY_CODE } from "./ascii20-protocol.ts";
import { FIXED_COMMANDS, inferFixed, isFixedCode, readFixed, V20_CLOCK } from "./fixed-replies.ts";
import { rejectionOf } from "./rejections.ts";
import { isSoundStatus, readStatus } from "./status.ts";
import { type DialectPack, isSoundTelemetry, readTelemetry } from "./telemetry.ts";

/** A reply of version 20h as `rack-battery decode` prints it. */
export function describeV20Reply(frame: AsciiFrame, asked: AsciiAsked | null): DecodedFrame {
	const command = frame.code === 0 ? commandFor(frame.info, asked) : { code: asked?.code ?? null };
	const head: DecodedFrame = {
		protocol: "ascii-0x20",
		kind: "reply",
		command: command.code === null ? null : hexOf(command.code, 2),
		address: frame.address,
		rtn: hexOf(frame.code, 2),
		checksum: "ok",
		...(command.inferred ? { inferred: true } : {}),
		...meaningOfV20(command.code),
		info: hexText(frame.info),
	};
	if (frame.code !== 0) {
		const { code, message } = rejectionOf(frame, "");
		return { ...head, rejection: { code, message } };
	}
	return command.code === null ? head : { ...head, ...fieldsOf(command.code, frame, command.inferred ? null : (asked?.selector ?? null)) };
}

/** What a command is for, in words; nothing for a code without a name. */
export function meaningOfV20(code: number | null): Partial<DecodedFrame> {
	if (code === null) return {};
	const label = isFixedCode(code) ? FIXED_COMMANDS[code].label : FURTHER[code];
	return label === undefined ? {} : { meaning: label };
}

/** TABLE of the other commands by CID2 (rs485-v20 §§3.1, 4, 5). */
const FURTHER: Readonly<Record<number, string>> = {
	[TELEMETRY_CODE]: "measurements",
	[STATUS_CODE]: "alarms",
	[SET_CLOCK_CODE]: "setting the clock",
	69: "remote control",
	73: "writing the limits of the battery",
	75: "stored record",
	145: "setting the line speed",
	148: "setting charge and discharge limits",
	149: "switching off",
	153: "switching the buzzer",
};

/** What a request carries, by name. */
export function describeV20Request({ code, info }: Pick<AsciiFrame, "code" | "info">): Partial<DecodedFrame> {
	if (code !== SET_CLOCK_CODE || info.length !== sizeOfLayout(V20_CLOCK)) return meaningOfV20(code);
	const time = decodeAll(V20_CLOCK, info);
	return { ...meaningOfV20(code), ...(isClock(time) ? { localTime: localTimeOf(time) } : {}) };
}

/** The command a reply answers: the one asked for, unless the reply is clearly the answer to another. */
function commandFor(info: Uint8Array, asked: AsciiAsked | null): { readonly code: number | null; readonly inferred?: true } {
	const looks = looksLike(info);
	if (asked && (looks === null || looks === asked.code || !isUnderstood(asked.code))) return { code: asked.code };
	return looks === null ? { code: asked?.code ?? null } : { code: looks, inferred: true };
}

function isUnderstood(code: number): boolean {
	return code === TELEMETRY_CODE || code === STATUS_CODE || isFixedCode(code);
}

/** The command whose reply looks like this: shape and content, not shape alone; null when none or several. */
function looksLike(info: Uint8Array): number | null {
	const telemetry = readTelemetry(info, null);
	if (telemetry !== null && isSoundTelemetry(telemetry) && telemetry.packs.some(({ block }) => !block.absent)) return TELEMETRY_CODE;
	const status = readStatus(info, null);
	if (status !== null && isSoundStatus(status) && status.packs.some(({ block }) => !block.absent)) return STATUS_CODE;
	return inferFixed(info);
}

function fieldsOf(code: number, frame: AsciiFrame, selector: PackSelector | null): Partial<DecodedFrame> {
	try {
		if (code === TELEMETRY_CODE) return telemetryFields(frame, selector) ?? telemetryFields(frame, null) ?? shapeUnknown(frame);
		if (code === STATUS_CODE) return statusFields(frame, selector) ?? statusFields(frame, null) ?? shapeUnknown(frame);
		if (code === SET_CLOCK_CODE) return frame.info.length === 0 ? { acknowledged: true } : shapeUnknown(frame);
		// Most commands have layouts that are not published: INFO stands above.
		if (!isFixedCode(code)) return {};
		const values = readFixed(code, frame.info);
		if (code === 0x4f) return { version: versionText(frame.version) };
		return values ?? {};
	} catch (error) {
		if (error instanceof DecodeError) return { error: { code: error.code, message: error.message } };
		throw error;
	}
}

/** "2.0": the digits of VER. */
function versionText(version: number): string {
	return `${version >> 4}.${version & 0x0f}`;
}

function telemetryFields(frame: AsciiFrame, selector: PackSelector | null): Partial<DecodedFrame> | null {
	const read = readTelemetry(frame.info, selector);
	if (read === null) return null;
	const address = addressOf(frame, selector, read.packs.length);
	return { dialect: read.dialect, packs: read.packs.map((pack) => describePack(pack, address)) };
}

function describePack(
	{ block, doubts, wireProbes, unverified, further }: DialectPack,
	address: number | null,
): Readonly<Record<string, unknown>> {
	if (block.absent) return { address, absent: true };
	return {
		address,
		absent: false,
		...block.value,
		temperatures: wireProbes.map(({ celsius }) => celsius),
		probes: wireProbes.map(({ label }) => label),
		...further,
		...(unverified.length > 0 ? { unverified } : {}),
		...doubtful(doubts),
	};
}

function statusFields(frame: AsciiFrame, selector: PackSelector | null): Partial<DecodedFrame> | null {
	const read = readStatus(frame.info, selector);
	if (read === null) return null;
	const address = addressOf(frame, selector, read.packs.length);
	const packs = read.packs.map(({ block, doubts }) =>
		block.absent ? { address, absent: true } : { address, absent: false, ...describeStatus(block.value), ...doubtful(doubts) },
	);
	return { dialect: read.dialect, packs };
}

function doubtful(doubts: readonly string[]): Readonly<Record<string, unknown>> {
	return doubts.length > 0 ? { plausible: false, reason: doubts.join("; ") } : {};
}

/** Each pack answers under its own address; the blocks of an all-packs reply carry no number. */
function addressOf(frame: AsciiFrame, selector: PackSelector | null, packs: number): number | null {
	return selector === "all" || packs > 1 ? null : frame.address;
}

function shapeUnknown({ info }: AsciiFrame): Partial<DecodedFrame> {
	return { error: { code: "no-layout-fits", message: `${info.length} bytes that fit no known form of this answer.` } };
}
