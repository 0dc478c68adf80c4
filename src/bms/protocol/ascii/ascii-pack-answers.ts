import { DecodeError } from "../../../errors.ts";
import type { ParameterGroupKey, ParameterValues } from "../../battery/parameters.ts";
import type { StateKey } from "../../battery/states.ts";
import type { ClockTime, InverterProtocol, StoredRecord } from "../../battery/stored-record.ts";
import type { SwitchKey } from "../../battery/switches.ts";
import { decodeAll, encode } from "../../codec/layout.ts";
import { CLOCK, isClock } from "./ascii-clock.ts";
import { RETURN_CODES } from "./ascii-commands.ts";
import { type AsciiFrame, buildFrame } from "./ascii-frame.ts";
import {
	ASCII_PACK_COMMAND_NAMES,
	ASCII_PACK_COMMANDS,
	ASCII_SWITCHES,
	CONTROL_REPLY,
	INDICATION_REPLY,
	INVERTER_PROTOCOL,
	inverterProtocolOf,
	inverterProtocolValue,
	isSwitchCode,
	switchOfRequest,
} from "./ascii-pack-commands.ts";
import { parameterCommandOf, readParameters, writeParameters } from "./ascii-parameters.ts";
import { writeRecord } from "./ascii-record.ts";
import { CONTROL, INDICATION } from "./ascii-status-bits.ts";

/** The battery's side of parameters, records and switches, for the simulator and `decode`: requests in, answers out. */

/** A request to the pack with the cable, understood. `malformed`: a known command with an INFO it cannot have. */
export type PackRequest =
	| { readonly kind: "readParameters"; readonly group: ParameterGroupKey }
	| { readonly kind: "writeParameters"; readonly group: ParameterGroupKey; readonly values: ParameterValues }
	| { readonly kind: "switch"; readonly switch: SwitchKey; readonly on: boolean }
	| { readonly kind: "readRecord"; readonly index: number }
	| { readonly kind: "clearRecords" }
	| { readonly kind: "setClock"; readonly time: ClockTime }
	| { readonly kind: "shutDown" }
	| { readonly kind: "restoreDefaults" }
	| { readonly kind: "readInverterProtocol" }
	| { readonly kind: "setInverterProtocol"; readonly wanted: InverterProtocol }
	| { readonly kind: "malformed" };

/** Reads a checked frame as such a request; null for a code that is none of them. */
export function readPackRequest({ code, info }: Pick<AsciiFrame, "code" | "info">): PackRequest | null {
	try {
		return requestOf(code, info);
	} catch (error) {
		if (error instanceof DecodeError) return { kind: "malformed" };
		throw error;
	}
}

function requestOf(code: number, info: Uint8Array): PackRequest | null {
	const parameters = parameterCommandOf(code);
	if (parameters !== null) return parametersRequest(parameters, info);
	if (isSwitchCode(code)) {
		const switched = switchOfRequest(code, info);
		return switched === null ? { kind: "malformed" } : { kind: "switch", switch: switched.key, on: switched.on };
	}
	const name = ASCII_PACK_COMMAND_NAMES.find((one) => ASCII_PACK_COMMANDS[one].code === code);
	switch (name) {
		case undefined:
			return null;
		case "readRecord":
			return { kind: name, index: decodeAll(ASCII_PACK_COMMANDS.readRecord.request, info).index };
		case "setClock": {
			const time = decodeAll(CLOCK, info);
			return isClock(time) ? { kind: name, time } : { kind: "malformed" };
		}
		case "setInverterProtocol": {
			const wanted = inverterProtocolOf(decodeAll(INVERTER_PROTOCOL, info));
			return wanted === null ? { kind: "malformed" } : { kind: name, wanted };
		}
		// By the document without INFO, as captured with 01 (rs232-v25 §9.3).
		case "shutDown":
			return info.length === 0 || (info.length === 1 && info[0] === SHUT_DOWN_BYTE) ? { kind: name } : { kind: "malformed" };
		default:
			return info.length === 0 ? { kind: name } : { kind: "malformed" };
	}
}

/** The byte that the vendor's program sends with 9Ch. */
export const SHUT_DOWN_BYTE = 1;

function parametersRequest({ group, action }: NonNullable<ReturnType<typeof parameterCommandOf>>, info: Uint8Array): PackRequest {
	if (action === "read") return info.length === 0 ? { kind: "readParameters", group } : { kind: "malformed" };
	const values = readParameters(group, info);
	return values === null ? { kind: "malformed" } : { kind: "writeParameters", group, values };
}

/** The parameters of a group; `values` decide the form, as for a write: leave out what the firmware has not got. */
export function parametersAnswer(
	address: number,
	group: ParameterGroupKey,
	values: ParameterValues,
	form: ParametersForm = {},
): Uint8Array {
	const info = writeParameters(group, values);
	return answer(address, group === "dischargeOvercurrent" && form.sizes !== "positive" ? withNegativeAmperes(info) : info);
}

/** Where firmware differs. */
export interface ParametersForm {
	/** How the discharge currents of DBh are told; as a rule negative (rs232-v25 §12). */
	readonly sizes?: "negative" | "positive";
}

/** Bytes 1-2 and 3-4: alarm and protection. */
function withNegativeAmperes(info: Uint8Array): Uint8Array {
	const view = new DataView(info.buffer.slice(0));
	for (const offset of [1, 3]) view.setInt16(offset, -view.getInt16(offset));
	return new Uint8Array(view.buffer);
}

/** A stored record; null: there is none with this number, the end of the list. */
export function recordAnswer(address: number, record: StoredRecord | null): Uint8Array {
	return record === null ? acknowledgement(address) : answer(address, writeRecord(record));
}

/** What a switch command answers: the states afterwards. */
export function switchAnswer(
	address: number,
	{ key, on, states }: { readonly key: SwitchKey; readonly on: boolean; readonly states: Readonly<Record<StateKey, boolean>> },
): Uint8Array {
	const row = ASCII_SWITCHES[key];
	if (row.reply === INDICATION_REPLY) return answer(address, encode(INDICATION_REPLY, { states: setOf(INDICATION, states) }));
	return answer(address, encode(CONTROL_REPLY, { echo: on ? row.on : row.off, states: setOf(CONTROL, states) }));
}

function setOf<T extends string>(bits: Readonly<Record<number, T>>, states: Readonly<Record<string, boolean>>): readonly T[] {
	return Object.values(bits).filter((name) => states[name] === true);
}

/** Which inverter protocols the pack speaks. */
export function inverterProtocolAnswer(address: number, told: InverterProtocol): Uint8Array {
	return answer(address, encode(INVERTER_PROTOCOL, inverterProtocolValue(told)));
}

/** "Done": an empty INFO. */
export function acknowledgement(address: number): Uint8Array {
	return answer(address, new Uint8Array());
}

function answer(address: number, info: Uint8Array): Uint8Array {
	return buildFrame({ address, code: RETURN_CODES.normal, info });
}
