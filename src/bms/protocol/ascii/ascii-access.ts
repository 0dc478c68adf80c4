import { DecodeError } from "../../../errors.ts";
import {
	PARAMETER_GROUP_KEYS,
	PARAMETER_GROUPS,
	type ParameterGroupKey,
	type ParameterValues,
	parameterOf,
} from "../../battery/parameters.ts";
import type { StoredRecord } from "../../battery/stored-record.ts";
import { SWITCH_KEYS, SWITCHES, type SwitchKey } from "../../battery/switches.ts";
import { decodeAll, encode, sizeOfLayout } from "../../codec/layout.ts";
import { impossibleParameter } from "../parameter-rows.ts";
import type { Acceptance, Answered, Exchange, PackAccess } from "../protocol.ts";
import { CLOCK, isClock } from "./ascii-clock.ts";
import { type AsciiExchangeRules, asciiExchange } from "./ascii-exchange.ts";
import { type AsciiFrame, buildFrame, hexText } from "./ascii-frame.ts";
import { SHUT_DOWN_BYTE } from "./ascii-pack-answers.ts";
import {
	ASCII_PACK_COMMANDS,
	ASCII_SWITCHES,
	type AsciiPackCommandName,
	CONTROL_REPLY,
	INVERTER_PROTOCOL,
	inverterProtocolOf,
	inverterProtocolValue,
} from "./ascii-pack-commands.ts";
import { ASCII_PARAMETERS, readParameters, writeParameters } from "./ascii-parameters.ts";
import { readRecord } from "./ascii-record.ts";
import { looksLike } from "./ascii-shapes.ts";

/**
 * What version 25h can do beyond readings. A reply does not name its command (rs232-v25 §3): each exchange takes only
 * what has the shape, and as far as it can be told the content, of its own answer. An empty INFO acknowledges every
 * write and ends the list of records; nothing in it tells which, so a late one could pass for the awaited one. The bus
 * keeps one request in flight and lets the line fall silent after one that was not answered; and whoever writes reads
 * back what came of it.
 */
export function asciiAccess(rules: AsciiExchangeRules): PackAccess {
	/** An exchange about one thing; `read` gives its value, null for the answer to another question. May throw DecodeError. */
	function ask<T>(label: string, request: Uint8Array, read: (frame: AsciiFrame) => Told<T> | null): Exchange<Answered<T>> {
		return asciiExchange(rules, label, request, (frame): Acceptance<Answered<T>> => {
			try {
				const told = read(frame);
				if (told === null) return { kind: "foreign", reason: "the answer to another question" };
				return { kind: "reply", value: { repliedBy: frame.address, value: told.value } };
			} catch (error) {
				if (error instanceof DecodeError) return { kind: "bad", error };
				throw error;
			}
		});
	}

	/** A request that is acknowledged with an empty INFO and nothing else. */
	function order(name: AsciiPackCommandName, address: number, info: Uint8Array = new Uint8Array()): Exchange<Answered<null>> {
		const { code, label } = ASCII_PACK_COMMANDS[name];
		return ask(label, buildFrame({ address, code, info }), readAcknowledgement);
	}

	return {
		parameterGroups: PARAMETER_GROUP_KEYS,
		parameters(address, group) {
			const request = buildFrame({ address, code: ASCII_PARAMETERS[group].read });
			return ask(`parameters: ${PARAMETER_GROUPS[group].label}`, request, (frame) => readGroup(group, frame));
		},
		setParameters(address, group, values) {
			const request = buildFrame({ address, code: ASCII_PARAMETERS[group].write, info: writeParameters(group, values) });
			return ask(`writing parameters: ${PARAMETER_GROUPS[group].label}`, request, readAcknowledgement);
		},
		record(address, index) {
			const { code, label, request } = ASCII_PACK_COMMANDS.readRecord;
			return ask(`${label} ${index}`, buildFrame({ address, code, info: encode(request, { index }) }), (frame) =>
				readStoredRecord(index, frame),
			);
		},
		switches: SWITCH_KEYS,
		setSwitch(address, key, on) {
			const { code, on: codeOn, off } = ASCII_SWITCHES[key];
			const info = Uint8Array.of(on ? codeOn : off);
			return ask(`switching ${on ? "on" : "off"}: ${SWITCHES[key].label}`, buildFrame({ address, code, info }), (frame) =>
				readSwitched(key, info, frame),
			);
		},
		setClock(address, time) {
			if (!isClock(time)) throw new RangeError("This is no date and time.");
			return order("setClock", address, encode(CLOCK, time));
		},
		shutDown: (address) => order("shutDown", address, Uint8Array.of(SHUT_DOWN_BYTE)),
		restoreDefaults: (address) => order("restoreDefaults", address),
		clearRecords: (address) => order("clearRecords", address),
		inverterProtocol(address) {
			const { code, label } = ASCII_PACK_COMMANDS.readInverterProtocol;
			return ask(label, buildFrame({ address, code }), readInverterProtocol);
		},
		setInverterProtocol: (address, wanted) =>
			order("setInverterProtocol", address, encode(INVERTER_PROTOCOL, inverterProtocolValue(wanted))),
	};
}

interface Told<T> {
	readonly value: T;
}

function readAcknowledgement({ info }: AsciiFrame): Told<null> | null {
	return info.length === 0 ? { value: null } : null;
}

function readGroup(group: ParameterGroupKey, { info }: AsciiFrame): Told<ParameterValues> | null {
	const values = readParameters(group, info);
	const impossible = values === null ? null : impossibleParameter(values);
	if (values !== null && impossible === null && !isZeroBlock(info)) return { value: values };
	// Not what was awaited: of other answers those of the readings can be recognised.
	if (values === null || looksLike(info).length > 0) return null;
	const what =
		impossible === null ? "nothing but zeros" : `${parameterOf(impossible).label}: ${values[impossible]} ${parameterOf(impossible).unit}`;
	throw new DecodeError("implausible", `The battery told parameters that cannot be (${what}).`, { frame: hexText(info) });
}

/** Zeros throughout are a pack that is away; one byte may well be 0. */
function isZeroBlock(info: Uint8Array): boolean {
	return info.length > 2 && info.every((byte) => byte === 0);
}

function readStoredRecord(index: number, { info }: AsciiFrame): Told<StoredRecord | null> | null {
	// The end of the list (rs232-v25 §10.2).
	if (info.length === 0) return { value: null };
	if (looksLike(info).length > 0) return null;
	const record = readRecord(index, info);
	if (record !== null) return { value: record };
	throw new DecodeError("no-layout-fits", `The stored record has a shape that is not known: ${info.length} bytes.`, {
		frame: hexText(info),
	});
}

/** The code echoed and the states afterwards, the states alone, or nothing (rs232-v25 §9.1, §9.2). */
function readSwitched(key: SwitchKey, sent: Uint8Array, { info }: AsciiFrame): Told<null> | null {
	const { reply } = ASCII_SWITCHES[key];
	if (info.length === 0) return { value: null };
	if (info.length !== sizeOfLayout(reply)) return null;
	return reply === CONTROL_REPLY && info[0] !== sent[0] ? null : { value: null };
}

function readInverterProtocol({ info }: AsciiFrame) {
	if (info.length !== sizeOfLayout(INVERTER_PROTOCOL)) return null;
	const told = inverterProtocolOf(decodeAll(INVERTER_PROTOCOL, info));
	if (told !== null) return { value: told };
	throw new DecodeError("implausible", "The battery told an inverter protocol in a way that no document names.", { frame: hexText(info) });
}
