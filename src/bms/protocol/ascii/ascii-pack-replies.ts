import { DecodeError } from "../../../errors.ts";
import { type ParameterGroupKey, type ParameterValues, parameterOf } from "../../battery/parameters.ts";
import type { InverterProtocol, StoredRecord } from "../../battery/stored-record.ts";
import type { SwitchKey } from "../../battery/switches.ts";
import { decodeAll, sizeOfLayout } from "../../codec/layout.ts";
import { impossibleParameter } from "../parameter-rows.ts";
import { type AsciiFrame, hexText } from "./ascii-frame.ts";
import { ASCII_SWITCHES, INDICATION_REPLY, INVERTER_PROTOCOL, inverterProtocolOf } from "./ascii-pack-commands.ts";
import { readParameters } from "./ascii-parameters.ts";
import { readRecord } from "./ascii-record.ts";
import { looksLike } from "./ascii-shapes.ts";

/** Reads the INFO of replies to what can be asked of the pack with the cable. Each may throw DecodeError. */

/** What a reply says; null instead of it: the answer to another question. */
export interface Told<T> {
	readonly value: T;
}

export function readAcknowledgement({ info }: AsciiFrame): Told<null> | null {
	return info.length === 0 ? { value: null } : null;
}

export function readGroup(group: ParameterGroupKey, { info }: AsciiFrame): Told<ParameterValues> | null {
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

export function readStoredRecord(index: number, { info }: AsciiFrame): Told<StoredRecord | null> | null {
	// The end of the list (rs232-v25 §10.2).
	if (info.length === 0) return { value: null };
	if (looksLike(info).length > 0) return null;
	const record = readRecord(index, info);
	if (record !== null) return { value: record };
	throw new DecodeError("no-layout-fits", `The stored record has a shape that is not known: ${info.length} bytes.`, {
		frame: hexText(info),
	});
}

/** The states that are on afterwards; null when the battery tells none. */
export type SwitchedStates = readonly string[] | null;

/** The code echoed and the states afterwards, the states alone, or nothing (rs232-v25 §9.1, §9.2). */
export function readSwitched(key: SwitchKey, sent: Uint8Array, { info }: AsciiFrame): Told<SwitchedStates> | null {
	const { reply } = ASCII_SWITCHES[key];
	if (info.length === 0) return { value: null };
	if (info.length !== sizeOfLayout(reply)) return null;
	if (reply === INDICATION_REPLY) return { value: decodeAll(reply, info).states };
	const { echo, states } = decodeAll(reply, info);
	return echo === sent[0] ? { value: states } : null;
}

export function readInverterProtocol({ info }: AsciiFrame): Told<InverterProtocol> | null {
	if (info.length !== sizeOfLayout(INVERTER_PROTOCOL)) return null;
	const told = inverterProtocolOf(decodeAll(INVERTER_PROTOCOL, info));
	if (told !== null) return { value: told };
	throw new DecodeError("implausible", "The battery told an inverter protocol in a way that no document names.", { frame: hexText(info) });
}
