import { DecodeError } from "../../../errors.ts";
import { inverterProtocolName, UNCHANGED_INVERTER_PROTOCOL } from "../../battery/inverter-protocols.ts";
import { PARAMETER_GROUP_KEYS, PARAMETER_GROUPS } from "../../battery/parameters.ts";
import { STATES, type StateKey } from "../../battery/states.ts";
import type { InverterProtocol, StoredRecord } from "../../battery/stored-record.ts";
import { SWITCHES } from "../../battery/switches.ts";
import { decodeAll, type Layout } from "../../codec/layout.ts";
import type { AsciiAsked, DecodedFrame } from "../decoded-frame.ts";
import { listConditions } from "../describe-status.ts";
import { isStateKey } from "../status-names.ts";
import { localTimeOf } from "./ascii-clock.ts";
import { ASCII_COMMANDS, commandOfCode } from "./ascii-commands.ts";
import type { AsciiFrame } from "./ascii-frame.ts";
import { type PackRequest, readPackRequest } from "./ascii-pack-answers.ts";
import { ASCII_PACK_COMMANDS, ASCII_SWITCHES, isSwitchCode, switchOfRequest } from "./ascii-pack-commands.ts";
import {
	readAcknowledgement,
	readGroup,
	readInverterProtocol,
	readStoredRecord,
	readSwitched,
	type SwitchedStates,
	type Told,
} from "./ascii-pack-replies.ts";
import { ASCII_PARAMETERS, parameterCommandOf } from "./ascii-parameters.ts";
import { readRecord } from "./ascii-record.ts";
import { looksLike } from "./ascii-shapes.ts";

/** What `rack-battery decode` prints of the commands for the pack with the cable: parameters, records, switches and the like. */
type Fields = Partial<DecodedFrame>;

/** What a request asks or orders, by name; nothing for other commands. */
export function describePackRequest(frame: Pick<AsciiFrame, "code" | "info">): Fields {
	const request = readPackRequest(frame);
	return request === null ? {} : contentOf(request, frame);
}

/** TABLE of the codes of 99h that are never sent from here (rs232-v25 §9.1). */
const FURTHER_SWITCHES: Readonly<Record<number, string>> = {
	2: "switching on: Static balancing",
	3: "switching off: Static balancing",
	4: "switching off: System lock",
	5: "switching on: System lock",
};

function contentOf(request: PackRequest, { code }: Pick<AsciiFrame, "code">): Fields {
	switch (request.kind) {
		case "malformed":
			// Further codes of 99h are the documents' own, though nobody offers them.
			if (isSwitchCode(code)) return {};
			return { error: { code: "wrong-shape", message: `No request of ${labelOf(code)} looks like this.` } };
		case "writeParameters":
			return { parameters: request.values };
		case "switch":
			return { switch: request.switch, on: request.on };
		case "readRecord":
			return { index: request.index };
		case "setClock":
			return { localTime: localTimeOf(request.time) };
		case "setInverterProtocol":
			return { inverterProtocol: describeInverterProtocol(request.wanted) };
		default:
			return {};
	}
}

/** What the reply to such a request says; null when the request was none of them. */
export function describePackReply(frame: AsciiFrame, asked: AsciiAsked): Fields | null {
	const request = readPackRequest(asked);
	if (request === null) return internalVersion(frame, asked);
	try {
		return answerTo(request, frame, asked) ?? shapeUnknown(frame);
	} catch (error) {
		if (error instanceof DecodeError) return { error: { code: error.code, message: error.message } };
		throw error;
	}
}

/** What a command is for, in words; nothing for a code that no document has. */
export function meaningOf(frame: Pick<AsciiFrame, "code" | "info">): Fields {
	const switched = switchOfRequest(frame.code, frame.info);
	const label =
		switched === null
			? (furtherSwitch(frame) ?? labelOf(frame.code))
			: `switching ${switched.on ? "on" : "off"}: ${SWITCHES[switched.key].label}`;
	return label === null ? {} : { meaning: label };
}

function answerTo(request: PackRequest, frame: AsciiFrame, asked: AsciiAsked): Fields | null {
	switch (request.kind) {
		case "readParameters":
			return toldAs(readGroup(request.group, frame), (parameters) => ({ parameters }));
		case "readRecord":
			return toldAs(readStoredRecord(request.index, frame), (record) => ({
				record: record === null ? null : describeRecord(record, request.index),
			}));
		case "readInverterProtocol":
			return toldAs(readInverterProtocol(frame), (told) => ({ inverterProtocol: describeInverterProtocol(told) }));
		case "switch":
			return toldAs(readSwitched(request.switch, asked.info, frame), (states) => ({
				...{ switch: request.switch, on: request.on },
				...describeSwitched(request, states),
			}));
		// What the battery makes of a request that cannot be read is not known.
		case "malformed":
			return {};
		default:
			return toldAs(readAcknowledgement(frame), () => ({ acknowledged: true }));
	}
}

function toldAs<T>(told: Told<T> | null, tell: (value: T) => Fields): Fields | null {
	return told === null ? null : tell(told.value);
}

function isUnverified(key: StateKey): boolean {
	return "unverified" in STATES[key];
}

/** States of the byte that the reply has: 9Ah and 9Bh tell of the MOSFETs, 99h of the settings. */
function describeSwitched({ switch: key }: Extract<PackRequest, { kind: "switch" }>, states: SwitchedStates): Fields {
	if (states === null) return { acknowledged: true };
	const rows: Layout = ASCII_SWITCHES[key].reply;
	const names = rows.flatMap((row) => (row.type === "bits" ? Object.values(row.bits) : []));
	const told = names.filter(isStateKey);
	const unverified = told.filter(isUnverified).map((name) => `states.${name}`);
	return {
		states: Object.fromEntries(told.map((name) => [name, states.includes(name)])),
		...(unverified.length > 0 ? { unverified } : {}),
	};
}

function describeRecord({ conditions, index: _, ...record }: StoredRecord, index: number | null): Readonly<Record<string, unknown>> {
	return {
		index,
		...record,
		alarms: listConditions(conditions, "alarm"),
		protections: listConditions(conditions, "protection"),
		faults: listConditions(conditions, "fault"),
	};
}

function describeInverterProtocol({ can, rs485, mode }: InverterProtocol): Readonly<Record<string, unknown>> {
	const named = (kind: "can" | "rs485", code: number) => ({
		code,
		name: code === UNCHANGED_INVERTER_PROTOCOL ? null : inverterProtocolName(kind, code),
	});
	return { can: named("can", can), rs485: named("rs485", rs485), mode };
}

/** A record without its request: whole, with a date, and cells that add up; null for anything else. */
export function describeLoneRecord(info: Uint8Array): Fields | null {
	if (info.length < MIN_RECORD_BYTES || looksLike(info).length > 0) return null;
	try {
		const record = readRecord(0, info);
		if (record === null || record.localTime === null) return null;
		const sum = record.cellVoltages.reduce((total, volts) => total + volts, 0);
		if (Math.abs(sum - record.voltage) >= 1) return null;
		return { meaning: ASCII_PACK_COMMANDS.readRecord.label, record: describeRecord(record, null) };
	} catch (error) {
		if (error instanceof DecodeError) return null;
		throw error;
	}
}

/** Fewer are too many things. */
const MIN_RECORD_BYTES = 40;

/** C6h: the hardware's version are the last ten characters (rs232-v25 §8). */
const INTERNAL_VERSION_CODE = 0xc6;
const HARDWARE_CHARACTERS = 10;

function internalVersion({ info }: AsciiFrame, { code }: AsciiAsked): Fields | null {
	if (code !== INTERNAL_VERSION_CODE || info.length <= HARDWARE_CHARACTERS) return null;
	const layout = [
		{ name: "softwareVersion", type: "ascii", length: info.length - HARDWARE_CHARACTERS },
		{ name: "hardwareVersion", type: "ascii", length: HARDWARE_CHARACTERS },
	] as const satisfies Layout;
	return decodeAll(layout, info);
}

function shapeUnknown({ info }: AsciiFrame): Fields {
	return { error: { code: "no-layout-fits", message: `${info.length} bytes that fit no known form of this answer.` } };
}

/** TABLE of further commands of the documents, by CID2: named, and not decoded (rs232-v25 §§8, 10.3, 11, 12, 13, 14). */
const FURTHER: Readonly<Record<number, string>> = {
	96: "numbers of the inverter protocols",
	97: "names of the inverter protocols",
	98: "inverter protocol (newer command)",
	99: "setting the inverter protocol (newer command)",
	100: "wireless module",
	102: "serial number of the wireless module",
	106: "setting active balancing",
	107: "active balancing",
	128: "source of the clock",
	165: "charge cut-off",
	167: "setting the capacities",
	180: "setting the number of cells",
	183: "setting the recording interval",
	184: "recording interval",
	185: "setting the start of recording",
	186: "start of recording",
	187: "setting the end of recording",
	188: "end of recording",
	189: "setting the cycle count",
	195: "setting the serial number of the BMS",
	196: "setting the serial number of the pack",
	198: "internal version",
};

function furtherSwitch({ code, info }: Pick<AsciiFrame, "code" | "info">): string | null {
	return code === ASCII_SWITCHES.buzzer.code && info.length === 1 ? (FURTHER_SWITCHES[info[0] ?? 0] ?? null) : null;
}

function labelOf(code: number): string | null {
	const reading = commandOfCode(code);
	if (reading !== null) return ASCII_COMMANDS[reading].label;
	const groups = PARAMETER_GROUP_KEYS.filter((group) => ASCII_PARAMETERS[group].read === code || ASCII_PARAMETERS[group].write === code);
	if (groups.length > 0) {
		const what = parameterCommandOf(code)?.action === "write" ? "writing parameters" : "parameters";
		return `${what}: ${groups.map((group) => PARAMETER_GROUPS[group].label).join("; ")}`;
	}
	if (isSwitchCode(code)) return "switching";
	const command = Object.values(ASCII_PACK_COMMANDS).find((one) => one.code === code);
	return command?.label ?? FURTHER[code] ?? null;
}
