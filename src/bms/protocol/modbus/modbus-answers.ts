import type { ParameterValues } from "../../battery/parameters.ts";
import type { PackStatus, PackTelemetry } from "../../battery/readings.ts";
import { STATE_KEYS } from "../../battery/states.ts";
import { encode, type Layout, type ValueOf } from "../../codec/layout.ts";
import { readRows } from "./modbus-blocks.ts";
import { buildAdu, checkAdu, EXCEPTION_BIT, MAX_REGISTERS, MAX_WRITTEN_REGISTERS, READ_HOLDING, WRITE_MULTIPLE } from "./modbus-frame.ts";
import { IDENTITY_ROWS, LIVE_ROWS, PARAMETER_ROWS, type RegisterRow } from "./modbus-registers.ts";

/** The battery's side of Modbus, for the simulator: requests in, answers out, through the driver's own table. */

/** Registers that a battery has, by number: 0-65535 each. */
export type RegisterValues = ReadonlyMap<number, number>;

/** A request, understood. `unsupported`: a function this battery does not know, or a count that cannot be. */
export type ModbusRequest =
	| { readonly kind: "read"; readonly unit: number; readonly start: number; readonly count: number }
	| { readonly kind: "write"; readonly unit: number; readonly start: number; readonly values: readonly number[] }
	| { readonly kind: "unsupported"; readonly unit: number; readonly functionCode: number; readonly exception: number };

/** TABLE of the exceptions a battery answers (modbus-rtu §3). */
export const MODBUS_EXCEPTIONS = { unknownFunction: 1, unknownRegister: 2, refused: 3 } as const;

/** Reads a message as a request; null for what is none (damaged, or an answer). */
export function readModbusRequest(bytes: Uint8Array): ModbusRequest | null {
	const check = checkAdu(bytes);
	if (!check.ok || check.adu.exception !== null) return null;
	const { unit, functionCode, data } = check.adu;
	const start = wordAt(data, 0);
	const count = wordAt(data, 2);
	const wrongCount = { kind: "unsupported", unit, functionCode, exception: MODBUS_EXCEPTIONS.refused } as const;
	if (functionCode === READ_HOLDING) {
		if (data.length !== 4) return null;
		return count >= 1 && count <= MAX_REGISTERS ? { kind: "read", unit, start, count } : wrongCount;
	}
	if (functionCode === WRITE_MULTIPLE) {
		if (data.length < 5) return null;
		const isWhole = count >= 1 && count <= MAX_WRITTEN_REGISTERS && data[4] === 2 * count && data.length === 5 + 2 * count;
		return isWhole ? { kind: "write", unit, start, values: wordsOf(data.subarray(5)) } : wrongCount;
	}
	return { kind: "unsupported", unit, functionCode, exception: MODBUS_EXCEPTIONS.unknownFunction };
}

/** The answer to a request to read: the registers as they are. */
export function registersAnswer(unit: number, values: readonly number[]): Uint8Array {
	return buildAdu(unit, READ_HOLDING, Uint8Array.from([2 * values.length, ...bytesOf(values)]));
}

/** The answer to a request to write: where and how many. */
export function writtenAnswer(unit: number, start: number, count: number): Uint8Array {
	return buildAdu(unit, WRITE_MULTIPLE, bytesOf([start, count]));
}

/** An answer that says no. */
export function exceptionAnswer(unit: number, functionCode: number, exception: number): Uint8Array {
	return buildAdu(unit, functionCode | EXCEPTION_BIT, Uint8Array.of(exception));
}

/** What a pack says of itself over Modbus. */
export interface ModbusPack {
	readonly telemetry: PackTelemetry;
	readonly status: PackStatus;
	readonly parameters: ParameterValues;
	readonly version: string;
	readonly bmsSerial: string;
	readonly packSerial: string;
}

/**
 * The registers of a pack. Reserved ones among the live ones are 0, as tested packs have them (modbus-rtu §6); other
 * registers, and parameters it has not got, are missing.
 */
export function registersOfPack({ telemetry, status, parameters, ...identity }: ModbusPack): RegisterValues {
	const registers = new Map<number, number>(RESERVED.map((register) => [register, 0]));
	const put = (rows: readonly RegisterRow[], values: Readonly<Record<string, unknown>>) => {
		for (const row of rows) {
			if (values[row.name] === undefined) continue;
			const layout: Layout = [row];
			wordsOf(encode(layout, values as ValueOf<Layout>)).forEach((word, index) => {
				registers.set(row.register + index, word);
			});
		}
	};
	put(LIVE_ROWS, liveValues(telemetry, status));
	put(PARAMETER_ROWS, parameters);
	put(IDENTITY_ROWS, identity);
	return registers;
}

const RESERVED = [8, 13, 14];
/** Room of the map for cells and probes; a probe that is not fitted tells what no probe can (modbus-rtu §9 T7), °C. */
const CELLS = 16;
const PROBES = 6;
const NO_PROBE = -3276.8;

function liveValues(telemetry: PackTelemetry, status: PackStatus): Readonly<Record<string, unknown>> {
	const { current, stateOfCharge, stateOfHealth, cellVoltages, temperatures } = telemetry;
	const set: readonly string[] = [
		...status.conditions,
		...STATE_KEYS.filter((key) => status.states[key]),
		...status.unknownBits,
		...(current > 0 ? ["charging"] : []),
		...(current < 0 ? ["discharging"] : []),
	];
	const bits = LIVE_ROWS.filter((row) => row.type === "bits").map((row) => [
		row.name,
		set.filter((name) => Object.values<string>(row.bits).includes(name) || name.startsWith(`${row.label}.`)),
	]);
	return {
		...telemetry,
		stateOfCharge: stateOfCharge ?? 0,
		stateOfHealth: stateOfHealth ?? 0,
		cellVoltages: Array.from({ length: CELLS }, (_, index) => cellVoltages[index] ?? 0),
		temperatures: Array.from({ length: PROBES }, (_, index) => temperatures[index] ?? NO_PROBE),
		balancingCells: status.balancingCells,
		...Object.fromEntries(bits),
	};
}

/** Parameters among registers that were written, in the units of the model; registers that are none are left out. */
export function parametersInRegisters(start: number, values: readonly number[]): ParameterValues {
	const read = readRows(PARAMETER_ROWS, { start, bytes: bytesOf(values) });
	return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== null)) as ParameterValues;
}

/** Whether a register is a parameter: what a battery lets be written. */
export function isParameterRegister(register: number): boolean {
	return PARAMETER_ROWS.some((row) => row.register === register);
}

function wordAt(data: Uint8Array, offset: number): number {
	return (data[offset] ?? 0) * 256 + (data[offset + 1] ?? 0);
}

function wordsOf(bytes: Uint8Array): readonly number[] {
	return Array.from({ length: bytes.length / 2 }, (_, index) => wordAt(bytes, 2 * index));
}

function bytesOf(words: readonly number[]): Uint8Array {
	return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}
