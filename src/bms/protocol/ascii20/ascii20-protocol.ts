import { DecodeError } from "../../../errors.ts";
import type { ReadingOf, SparseReading } from "../../battery/readings.ts";
import type { ClockTime } from "../../battery/stored-record.ts";
import { encode } from "../../codec/layout.ts";
import { isClock } from "../ascii/ascii-clock.ts";
import { type AsciiExchangeRules, asciiExchange } from "../ascii/ascii-exchange.ts";
import { type AsciiFrame, buildFrame, hexText } from "../ascii/ascii-frame.ts";
import { createAsciiFramer } from "../ascii/ascii-framer.ts";
import type { Acceptance, Answered, Exchange, PackAccess, PackProtocol } from "../protocol.ts";
import { DIALECTS, type DialectName, V20_FAMILY } from "./dialects.ts";
import { FIXED_COMMANDS, type FixedCode, readFixed, V20_CLOCK } from "./fixed-replies.ts";
import { isRequest, rejectionOf } from "./rejections.ts";
import { isSoundStatus, readStatus } from "./status.ts";
import { isSoundTelemetry, readTelemetry } from "./telemetry.ts";

const RULES: AsciiExchangeRules = { family: V20_FAMILY, isRequest, rejectionOf };

/** CID2 of the two replies with pack blocks. */
export const TELEMETRY_CODE = 0x42;
export const STATUS_CODE = 0x44;
/** CID2 that sets the clock of EG4 and Seplos (rs485-v20 §4). */
export const SET_CLOCK_CODE = 0x4e;

/**
 * The ASCII protocol with version byte 20h (rs485-v20). `dialect` decides how is asked; answers are recognised by
 * their shape, whichever dialect they are. Every pack is asked at its own address.
 */
export function asciiV20(dialect: DialectName): PackProtocol {
	const { chemistry, info } = DIALECTS[dialect];
	const ask = <T>(code: number, label: string, address: number, bytes: number[], read: (frame: AsciiFrame) => Acceptance<T>): Exchange<T> =>
		asciiExchange(
			RULES,
			label,
			buildFrame({ version: V20_FAMILY.version, chemistry, address, code, info: Uint8Array.from(bytes) }),
			(frame) => (frame.address === address ? read(frame) : { kind: "foreign", reason: `an answer of pack ${frame.address}` }),
		);
	const askPack = <T>(code: number, what: string, address: number, read: (frame: AsciiFrame) => Acceptance<T>) =>
		ask(code, `${what} of pack ${address}`, address, info === "address" ? [address] : [], read);
	return {
		name: "ascii-0x20",
		createFramer: createAsciiFramer,
		telemetry: (address) => askPack(TELEMETRY_CODE, "measurements", address, acceptTelemetry),
		status: (address) => askPack(STATUS_CODE, "alarms", address, acceptStatus),
		version: (address) => ask(0x51, FIXED_COMMANDS[0x51].label, address, [], (frame) => acceptFixed(0x51, frame, versionReading)),
		...(dialect === "eg4" || dialect === "seplos"
			? {
					clock: (address: number) => ask(0x4d, FIXED_COMMANDS[0x4d].label, address, [], (frame) => acceptFixed(0x4d, frame, clockReading)),
					access: clockAccess((address, time) =>
						ask(SET_CLOCK_CODE, "setting the clock", address, [...encode(V20_CLOCK, time)], acceptAcknowledgement),
					),
				}
			: {
					serials: (address: number) =>
						ask(0x93, FIXED_COMMANDS[0x93].label, address, [address], (frame) => acceptFixed(0x93, frame, serialsReading)),
				}),
	};
}

/**
 * What EG4 and Seplos let be changed by a published command: the clock. Their parameters and remote control have no
 * published layout (rs485-v20 §§4, 5), Pylontech's writes are warned of by the vendor (§3.1): none is offered.
 */
function clockAccess(setClock: (address: number, time: ClockTime) => Exchange<Answered<null>>): PackAccess {
	const none = (): never => {
		throw new RangeError("The parameters of this protocol are not published.");
	};
	return {
		parameterGroups: [],
		parameters: none,
		setParameters: none,
		switches: [],
		setClock(address, time) {
			if (!isClock(time)) throw new RangeError("This is no date and time.");
			return setClock(address, time);
		},
	};
}

function acceptAcknowledgement({ address, info }: AsciiFrame): Acceptance<Answered<null>> {
	return info.length === 0 ? { kind: "reply", value: { repliedBy: address, value: null } } : otherQuestion();
}

function acceptTelemetry({ address, info }: AsciiFrame): Acceptance<SparseReading> {
	const read = readTelemetry(info, address);
	if ((read === null || !isSoundTelemetry(read)) && readStatus(info, address) !== null) return otherQuestion();
	if (read === null) return { kind: "bad", error: noLayoutFits(info) };
	return { kind: "reply", value: { kind: "telemetry", repliedBy: address, asked: address, blocks: read.packs.map(({ block }) => block) } };
}

function acceptStatus({ address, info }: AsciiFrame): Acceptance<ReadingOf<"status">> {
	const read = readStatus(info, address);
	if (read === null || !isSoundStatus(read)) {
		if (readTelemetry(info, address) !== null) return otherQuestion();
		return { kind: "bad", error: noLayoutFits(info) };
	}
	return { kind: "reply", value: { kind: "status", repliedBy: address, asked: address, blocks: read.packs.map(({ block }) => block) } };
}

type Values = Readonly<Record<string, unknown>>;

function acceptFixed<T>(code: FixedCode, { address, info }: AsciiFrame, toReading: (address: number, values: Values) => T): Acceptance<T> {
	if (readTelemetry(info, address) !== null || readStatus(info, address) !== null) return otherQuestion();
	try {
		const values = readFixed(code, info);
		return values === null ? { kind: "bad", error: noLayoutFits(info) } : { kind: "reply", value: toReading(address, values) };
	} catch (error) {
		if (error instanceof DecodeError) return { kind: "bad", error };
		throw error;
	}
}

const textIn = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function versionReading(address: number, { name, version, manufacturer }: Values): ReadingOf<"version"> {
	const parts = [textIn(name) ?? textIn(manufacturer), textIn(version)].filter((part) => part !== null);
	return { kind: "version", repliedBy: address, version: parts.length > 0 ? parts.join(" ") : null, bluetoothName: null };
}

function serialsReading(address: number, { serial }: Values): ReadingOf<"serials"> {
	return { kind: "serials", repliedBy: address, bmsSerial: null, packSerial: textIn(serial) };
}

function clockReading(address: number, { localTime }: Values): ReadingOf<"clock"> {
	return { kind: "clock", repliedBy: address, localTime: String(localTime) };
}

function otherQuestion<T>(): Acceptance<T> {
	return { kind: "foreign", reason: "the answer to another question" };
}

function noLayoutFits(info: Uint8Array): DecodeError {
	return new DecodeError("no-layout-fits", `The answer has a shape that is not known: ${info.length} bytes.`, { frame: hexText(info) });
}
