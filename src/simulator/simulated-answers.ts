import type { PackStatus } from "../bms/battery/readings.ts";
import { encode, type Layout, type ValueOf } from "../bms/codec/layout.ts";
import { RETURN_CODES } from "../bms/protocol/ascii/ascii-answers.ts";
import { statusBlockOf } from "../bms/protocol/ascii/ascii-blocks.ts";
import { BLOCKS_HEADER, STATUS_BLOCK, TELEMETRY_BLOCK, telemetryTailRows } from "../bms/protocol/ascii/ascii-commands.ts";
import { buildFrame } from "../bms/protocol/ascii/ascii-frame.ts";
import type { SimulatorSettings } from "./options.ts";
import type { PackMeasurements } from "./pack-model.ts";

type Firmware = SimulatorSettings["firmware"];

/**
 * TABLE of the two firmware generations, as seen on a P16S100A-1812-1.00 (old) and an Easun P16S100A-32117-1.00
 * (new): length of the 42h tail, P, and the opaque 44h tail (rs232-v25 §§5.1, 6.8).
 */
const FIRMWARE = {
	old: { telemetryTail: 0, userDefinedCount: 3, statusTail: [] },
	new: { telemetryTail: 14, userDefinedCount: 9, statusTail: [0] },
} as const satisfies Record<
	Firmware,
	{ readonly telemetryTail: number; readonly userDefinedCount: number; readonly statusTail: readonly number[] }
>;

/** The wire cannot carry more than this pack voltage in millivolts, V; larger packs send 10 mV (a 20-cell capture does). */
const MAX_MILLIVOLT_VOLTAGE = 65.535;
const MAX_CURRENT = 327.67;

/**
 * One pack's block of a 42h answer. The pack that answers decides the tail, which is one length for all its blocks;
 * P is the pack's own (rs232-v25 §5.1).
 */
export function telemetryBlock(measured: PackMeasurements, answering: Firmware, own: Firmware = answering): Uint8Array {
	const { telemetryTail } = FIRMWARE[answering];
	const { userDefinedCount } = FIRMWARE[own];
	const block = encode(TELEMETRY_BLOCK, {
		...measured,
		current: within(measured.current, MAX_CURRENT),
		voltage: wireVoltage(measured.voltage),
		userDefinedCount,
	});
	return concat([block, encode(telemetryTailRows(telemetryTail) ?? [], tailValues(measured) as ValueOf<Layout>)]);
}

/** One pack's block of a 44h answer. */
export function statusBlock(status: PackStatus, firmware: Firmware): Uint8Array {
	return concat([encode(STATUS_BLOCK, statusBlockOf(status)), Uint8Array.from(FIRMWARE[firmware].statusTail)]);
}

/** A 42h or 44h answer: `countOrEcho` is the number of packs, or the selector echoed. */
export function blocksAnswer(address: number, countOrEcho: number, blocks: readonly Uint8Array[]): Uint8Array {
	const info = concat([encode(BLOCKS_HEADER, { infoFlag: 0, countOrEcho }), ...blocks]);
	return buildFrame({ address, code: RETURN_CODES.normal, info });
}

function tailValues(measured: PackMeasurements): Readonly<Record<string, number>> {
	// Real packs put the design capacity, in 10 mAh, twice into each "cumulative" field: 27102710 (rs232-v25 §5.1).
	const designTwice = Math.round(measured.designCapacity * 100) * 0x10001;
	return {
		stateOfCharge: Math.round(measured.stateOfCharge),
		cumulativeCharge: designTwice,
		cumulativeDischarge: designTwice,
		stateOfHealth: Math.round(measured.stateOfHealth),
		independentVoltage: wireVoltage(measured.outputVoltage),
		independentCurrent: within(measured.outputCurrent, MAX_CURRENT),
	};
}

function wireVoltage(voltage: number): number {
	return voltage > MAX_MILLIVOLT_VOLTAGE ? voltage / 10 : Math.max(0, voltage);
}

/** What the wire can carry of a pack's values, in a stored record. */
export function recordable<T extends { readonly voltage: number; readonly current: number }>(record: T): T {
	return { ...record, voltage: wireVoltage(record.voltage), current: within(record.current, MAX_CURRENT) };
}

function within(value: number, limit: number): number {
	return Math.max(-limit, Math.min(limit, value));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
	return Uint8Array.from(parts.flatMap((part) => [...part]));
}
