import { DecodeError } from "../../../errors.ts";
import { PARAMETER_GROUP_KEYS, PARAMETER_GROUPS } from "../../battery/parameters.ts";
import { SWITCH_KEYS, SWITCHES } from "../../battery/switches.ts";
import { encode } from "../../codec/layout.ts";
import type { Acceptance, Answered, Exchange, PackAccess } from "../protocol.ts";
import { CLOCK, isClock } from "./ascii-clock.ts";
import { type AsciiExchangeRules, asciiExchange } from "./ascii-exchange.ts";
import { type AsciiFrame, buildFrame } from "./ascii-frame.ts";
import { SHUT_DOWN_BYTE } from "./ascii-pack-answers.ts";
import {
	ASCII_PACK_COMMANDS,
	ASCII_SWITCHES,
	type AsciiPackCommandName,
	INVERTER_PROTOCOL,
	inverterProtocolValue,
} from "./ascii-pack-commands.ts";
import { readAcknowledgement, readGroup, readInverterProtocol, readStoredRecord, readSwitched, type Told } from "./ascii-pack-replies.ts";
import { ASCII_PARAMETERS, writeParameters } from "./ascii-parameters.ts";

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
				readSwitched(key, info, frame) === null ? null : { value: null },
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
