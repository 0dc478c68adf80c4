import type { PackSelector, PackStatus, PackTelemetry } from "../../battery/readings.ts";
import { encode, type Layout, type ValueOf } from "../../codec/layout.ts";
import { statusBlockOf } from "./ascii-blocks.ts";
import {
	ALL_PACKS,
	ASCII_COMMANDS,
	type AsciiCommandName,
	BLOCKS_HEADER,
	commandOfCode,
	RETURN_CODES,
	STATUS_BLOCK,
	type StatusBlockValue,
	TELEMETRY_BLOCK,
	type TelemetryBlockValue,
	type TelemetryTailLength,
	type TelemetryTailValue,
	telemetryTailRows,
} from "./ascii-commands.ts";
import { type AsciiFrame, buildFrame } from "./ascii-frame.ts";

/** The battery's side of the protocol, for the simulator: requests in, answers out, through the driver's own tables. */

/** A request, understood. */
export interface AsciiRequest {
	/** null for a CID2 that serves no reading. */
	readonly command: AsciiCommandName | null;
	/** CID2. */
	readonly code: number;
	/** ADR. */
	readonly address: number;
	/** Which pack a 42h or 44h asks for; null when the request does not say. */
	readonly selector: PackSelector | null;
	readonly info: Uint8Array;
}

/** Reads a checked frame as a request. */
export function readRequest(frame: AsciiFrame): AsciiRequest {
	const command = commandOfCode(frame.code);
	const first = frame.info.length === 1 ? frame.info[0] : undefined;
	const asksForPacks = command !== null && ASCII_COMMANDS[command].replies === "blocks";
	const selector = !asksForPacks || first === undefined ? null : first === ALL_PACKS ? "all" : first;
	return { command, code: frame.code, address: frame.address, selector, info: frame.info };
}

export { RETURN_CODES };

/** A pack in a 42h or 44h answer; one that is away is a block of zeros. */
export type AnsweredPack<T> =
	| { readonly absent: false; readonly value: T }
	| { readonly absent: true; readonly cells: number; readonly probes: number };

/** The form of a 42h answer: length of the tail in bytes, and where the firmware differs from the usual. */
export interface TelemetryForm {
	readonly tail: TelemetryTailLength;
	/** P, the byte that pretends to tell the tail's length (rs232-v25 §5.1). */
	readonly userDefinedCount?: number;
	/** Tail fields other than state of charge and health. */
	readonly tailValues?: TelemetryTailValue;
}

/** P as seen beside each tail length (rs232-v25 §5.1). */
const USUAL_COUNT = { 0: 3, 1: 2, 10: 2, 14: 9, 22: 9 } as const satisfies Record<TelemetryTailLength, number>;

/** Who answers and what: ADR of the cabled pack, and the second byte (number of packs, or the selector echoed). */
export interface BlocksAnswer {
	readonly address: number;
	readonly countOrEcho: number;
}

/** A 42h answer. */
export function telemetryAnswer(to: BlocksAnswer, packs: readonly AnsweredPack<PackTelemetry>[], form: TelemetryForm): Uint8Array {
	return blocksAnswer(
		to,
		packs.map((pack) => telemetryBlock(pack, form)),
	);
}

/** A 44h answer; `tail` is opaque and the same length for every pack. */
export function statusAnswer(
	to: BlocksAnswer,
	packs: readonly AnsweredPack<PackStatus>[],
	tail: Uint8Array = new Uint8Array(),
): Uint8Array {
	const blockOf = (pack: AnsweredPack<PackStatus>) => (pack.absent ? absentStatus(pack) : statusBlockOf(pack.value));
	return blocksAnswer(
		to,
		packs.map((pack) => concat([encode(STATUS_BLOCK, blockOf(pack)), tail])),
	);
}

/** The value of a fixed reply: the first (longest) form of the command. */
type FixedCommand = { [N in AsciiCommandName]: (typeof ASCII_COMMANDS)[N]["replies"] extends "blocks" ? never : N }[AsciiCommandName];
type FirstForm<N extends FixedCommand> = (typeof ASCII_COMMANDS)[N]["replies"][0];

/** An answer of 90h, C1h, C2h, A6h or B1h in its longest form. */
export function fixedAnswer<N extends FixedCommand>(address: number, command: N, value: ValueOf<FirstForm<N>>): Uint8Array {
	const layout: Layout = ASCII_COMMANDS[command].replies[0];
	return buildFrame({ address, code: RETURN_CODES.normal, info: encode(layout, value as ValueOf<Layout>) });
}

/** An answer that says no. */
export function rejection(address: number, rtn: number, info: Uint8Array = new Uint8Array()): Uint8Array {
	return buildFrame({ address, code: rtn, info });
}

function blocksAnswer({ address, countOrEcho }: BlocksAnswer, blocks: readonly Uint8Array[]): Uint8Array {
	const info = concat([encode(BLOCKS_HEADER, { infoFlag: 0, countOrEcho }), ...blocks]);
	return buildFrame({ address, code: RETURN_CODES.normal, info });
}

function telemetryBlock(pack: AnsweredPack<PackTelemetry>, form: TelemetryForm): Uint8Array {
	const { tail, userDefinedCount = USUAL_COUNT[tail] } = form;
	if (pack.absent) return concat([encode(TELEMETRY_BLOCK, absentTelemetry(pack)), new Uint8Array(tail)]);
	const { stateOfCharge, stateOfHealth, ...block } = pack.value;
	const rows = telemetryTailRows(tail) ?? [];
	const values = {
		cumulativeCharge: 0,
		cumulativeDischarge: 0,
		independentVoltage: block.voltage,
		independentCurrent: block.current,
		remainingCapacitySum: block.remainingCapacity,
		fullCapacitySum: block.fullCapacity,
		...form.tailValues,
		stateOfCharge: stateOfCharge ?? 0,
		stateOfHealth: stateOfHealth ?? 0,
	};
	return concat([encode(TELEMETRY_BLOCK, { ...block, userDefinedCount }), encode(rows, values as ValueOf<Layout>)]);
}

/** All zero but the counts; raw 0 of a probe is -273 °C. */
function absentTelemetry({ cells, probes }: { readonly cells: number; readonly probes: number }): TelemetryBlockValue {
	return {
		cellVoltages: new Array<number>(cells).fill(0),
		temperatures: new Array<number>(probes).fill(-273),
		current: 0,
		voltage: 0,
		remainingCapacity: 0,
		userDefinedCount: 0,
		fullCapacity: 0,
		cycleCount: 0,
		designCapacity: 0,
	};
}

/** All zero but the counts. */
function absentStatus({ cells, probes }: { readonly cells: number; readonly probes: number }): StatusBlockValue {
	return {
		cellCodes: new Array<number>(cells).fill(0),
		probeCodes: new Array<number>(probes).fill(0),
		chargeCurrentCode: 0,
		packVoltageCode: 0,
		dischargeCurrentCode: 0,
		protect1: [],
		protect2: [],
		indication: [],
		control: [],
		fault: [],
		balancingCells: [],
		warn1: [],
		warn2: [],
	};
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
	return Uint8Array.from(parts.flatMap((part) => [...part]));
}
