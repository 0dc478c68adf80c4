import {
	PARAMETER_GROUP_KEYS,
	PARAMETER_GROUPS,
	PARAMETERS,
	type ParameterGroupKey,
	type ParameterKey,
	type ParameterValues,
	parameterOf,
} from "../../battery/parameters.ts";
import { impossibleParameter, readParameterRows, writeParameterRows } from "../parameter-rows.ts";
import type { Answered, Exchange, PackAccess } from "../protocol.ts";
import { blocksOf, type RegisterBlock, type RegisterData } from "./modbus-blocks.ts";
import { registersExchange, writeExchange } from "./modbus-exchange.ts";
import { foreignMap, LIVE_BLOCK, readLive } from "./modbus-map.ts";
import { IDENTITY_ROWS, PARAMETER_ROWS } from "./modbus-registers.ts";

/** Parameters of Modbus: the only thing its document lets be written (modbus-rtu §7.1). */

/** Groups this map has registers for, in the order of the registers. */
export const MODBUS_GROUPS: readonly ParameterGroupKey[] = PARAMETER_GROUP_KEYS.filter((group) => rowsOf(group).length > 0);

/** The registers of a group, in rising order. */
export function rowsOf(group: ParameterGroupKey): readonly (typeof PARAMETER_ROWS)[number][] {
	return PARAMETER_ROWS.filter(({ name }) => PARAMETERS[name].group === group);
}

/** The one block of neighbouring registers that a group is: read and written in one request. */
export function blockOfGroup(group: ParameterGroupKey): RegisterBlock {
	const [block, ...further] = blocksOf(rowsOf(group), { maxGap: 0 });
	if (block === undefined || further.length > 0) throw new RangeError(`${PARAMETER_GROUPS[group].label}: not one block of registers.`);
	return block;
}

export const modbusAccess: PackAccess = {
	parameterGroups: MODBUS_GROUPS,
	/** Live registers that add up, and a name: another map answers soundly too, and would be written to (modbus-rtu §8). */
	proofs: (address) => [
		answeredBy(
			address,
			registersExchange("proof that the registers are those of a PACE battery", address, LIVE_BLOCK, (data) => {
				readLive(data);
				return null;
			}),
		),
		answeredBy(address, registersExchange("proof by the software version", address, VERSION_BLOCK, proveVersion)),
	],
	parameters: (address, group) =>
		answeredBy(
			address,
			registersExchange(`parameters: ${PARAMETER_GROUPS[group].label}`, address, blockOfGroup(group), (data) => readGroup(group, data)),
		),
	parameterSets: setsOf(PARAMETER_ROWS).map(({ groups, block }) => ({
		groups,
		read: (address) =>
			answeredBy(
				address,
				registersExchange("parameters", address, block, (data) => readGroups(groups, data)),
			),
	})),
	setParameters(address, group, values) {
		if (address < LOWEST_WRITTEN_ADDRESS || address > HIGHEST_WRITTEN_ADDRESS) {
			throw new RangeError(`Nothing is written to address ${address}: address 0 may reach every pack, and there are none above 15.`);
		}
		const rows = rowsOf(group);
		const strange = (Object.keys(values) as ParameterKey[]).filter((key) => !rows.some(({ name }) => name === key));
		if (strange.length > 0) {
			throw new RangeError(`Not a register of this group: ${strange.map((key) => parameterOf(key).label).join(", ")}.`);
		}
		const { start } = blockOfGroup(group);
		const label = `writing parameters: ${PARAMETER_GROUPS[group].label}`;
		return answeredBy(address, writeExchange(label, address, start, writeParameterRows(rows, values)));
	},
	/** There are no registers that switch anything, keep records or have a clock (modbus-rtu §7.1). */
	switches: [],
};

/**
 * Groups whose registers are neighbours, in as few requests as there can be. Registers that came with a later version of the
 * document are apart: firmware without them refuses the whole request (modbus-rtu §7).
 */
function setsOf(
	rows: readonly (typeof PARAMETER_ROWS)[number][],
): readonly { readonly groups: readonly ParameterGroupKey[]; readonly block: RegisterBlock }[] {
	const isLater = (row: object) => "absent" in row;
	const blocks = [false, true].flatMap((later) =>
		blocksOf(
			rows.filter((row) => isLater(row) === later),
			{ maxGap: 0 },
		),
	);
	return blocks.map((block) => ({ block, groups: MODBUS_GROUPS.filter((group) => isWithin(blockOfGroup(group), block)) }));
}

function readGroups(groups: readonly ParameterGroupKey[], data: RegisterData): ParameterValues {
	return Object.fromEntries(groups.flatMap((group) => Object.entries(readGroup(group, partOf(data, blockOfGroup(group))))));
}

function isWithin(part: RegisterBlock, whole: RegisterBlock): boolean {
	return part.start >= whole.start && part.start + part.count <= whole.start + whole.count;
}

function partOf({ start, bytes }: RegisterData, part: RegisterBlock): RegisterData {
	const offset = 2 * (part.start - start);
	return { start: part.start, bytes: bytes.subarray(offset, offset + 2 * part.count) };
}

/** 0 is Modbus's broadcast address, whatever the switches say (modbus-rtu §2). */
const LOWEST_WRITTEN_ADDRESS = 1;
const HIGHEST_WRITTEN_ADDRESS = 15;

const [VERSION_BLOCK = LIVE_BLOCK] = blocksOf(
	IDENTITY_ROWS.filter(({ name }) => name === "version"),
	{ maxGap: 0 },
);
/** Fewer characters than any board's name has (rs232-v25 §8). */
const SHORTEST_NAME = 6;

/** Printable to the first 00 or FF, which pad it (modbus-rtu §7). Most names begin with P16S, but not those of every brand. */
function proveVersion({ bytes }: RegisterData): null {
	const end = bytes.findIndex((byte) => byte === 0 || byte === 0xff);
	const name = end < 0 ? bytes : bytes.subarray(0, end);
	if (name.length < SHORTEST_NAME || name.some((byte) => byte < 0x20 || byte > 0x7e)) throw foreignMap(bytes);
	return null;
}

function readGroup(group: ParameterGroupKey, { bytes }: RegisterData): ParameterValues {
	const rows = rowsOf(group);
	const values = readParameterRows(rows, bytes);
	const isFilled = bytes.every((byte) => byte === 0xff) && rows.every((row) => !("absent" in row));
	const isEmpty = bytes.length > 2 && bytes.every((byte) => byte === 0);
	if (isFilled || isEmpty || impossibleParameter(values) !== null) throw foreignMap(bytes);
	return values;
}

/** Modbus has no other name for a pack than the address it answers at. */
function answeredBy<T>(address: number, exchange: Exchange<T>): Exchange<Answered<T>> {
	return {
		label: exchange.label,
		request: exchange.request,
		accept(frame) {
			const accepted = exchange.accept(frame);
			return accepted.kind === "reply" ? { kind: "reply", value: { repliedBy: address, value: accepted.value } } : accepted;
		},
	};
}
