import { DecodeError, type ErrorCodes, RejectedError } from "../../../errors.ts";
import type { ReadingOf, SparseReading } from "../../battery/readings.ts";
import type { Acceptance, Exchange, PackProtocol } from "../protocol.ts";
import { blocksOf, type RegisterBlock, type RegisterData, readRows } from "./modbus-blocks.ts";
import { buildRead, checkAdu, hexBytes, READ_HOLDING } from "./modbus-frame.ts";
import { createModbusFramer } from "./modbus-framer.ts";
import { LIVE_BLOCK, readLive } from "./modbus-map.ts";
import { IDENTITY_ROWS } from "./modbus-registers.ts";

/** TABLE of the exceptions (modbus-rtu §3). */
const EXCEPTIONS: Readonly<Record<number, { readonly code: ErrorCodes["rejected"]; readonly message: string }>> = {
	1: { code: "unknown-command", message: "The battery does not know this kind of request." },
	2: { code: "unknown-command", message: "The battery has no register at this address." },
	3: { code: "refused", message: "The battery does not accept this value, or does not let it be changed." },
};

/** Why a battery said no to a Modbus request. */
export function exceptionOf(exception: number, exchange: string): RejectedError {
	const known = EXCEPTIONS[exception];
	const message = known?.message ?? `The battery answered with exception ${exception}, which its documents do not explain.`;
	return new RejectedError(known?.code ?? "return-code", message, { exchange, rtn: exception });
}

/** What one live block says: both readings of one moment. */
export interface LiveReadings {
	readonly telemetry: ReadingOf<"telemetry">;
	readonly status: ReadingOf<"status">;
}

/** Modbus RTU on RS485 (modbus-rtu): each pack answers only for itself, at its DIP address. */
export const modbusRtu = {
	name: "modbus-rtu",
	createFramer: createModbusFramer,
	/** Measurements and alarms in one request: what a poll should ask. */
	live: (address: number): Exchange<LiveReadings> =>
		registersExchange(`measurements and alarms of pack ${address}`, address, LIVE_BLOCK, (data) => liveReadings(address, data)),
	telemetry: (address: number): Exchange<SparseReading> =>
		registersExchange(`measurements of pack ${address}`, address, LIVE_BLOCK, (data) => liveReadings(address, data).telemetry),
	/** Reads the measurements too: four flag registers alone would not prove that they are flags. */
	status: (address: number) =>
		registersExchange(`alarms of pack ${address}`, address, LIVE_BLOCK, (data) => liveReadings(address, data).status),
	version: (address: number) =>
		registersExchange("software version", address, blockOfTexts("version"), (data) => versionReading(address, data)),
	serials: (address: number) =>
		registersExchange("serial numbers", address, blockOfTexts("bmsSerial", "packSerial"), (data) => serialsReading(address, data)),
	capacity: (address: number) => registersExchange("capacities", address, LIVE_BLOCK, (data) => capacityReading(address, data)),
} as const satisfies PackProtocol & Record<string, unknown>;

type TextName = (typeof IDENTITY_ROWS)[number]["name"];

function blockOfTexts(...names: readonly TextName[]): RegisterBlock {
	const [block] = blocksOf(
		IDENTITY_ROWS.filter((row) => names.includes(row.name)),
		{ maxGap: 0 },
	);
	return block ?? LIVE_BLOCK;
}

/** A request for one block of registers. `read` may throw DecodeError for content that cannot be. */
export function registersExchange<T>(
	label: string,
	address: number,
	{ start, count }: RegisterBlock,
	read: (data: RegisterData) => T,
): Exchange<T> {
	const request = buildRead(address, start, count);
	const sent = hexBytes(request);
	return { label, request, accept: (bytes) => (hexBytes(bytes) === sent ? { kind: "echo" } : acceptRegisters(bytes)) };

	function acceptRegisters(bytes: Uint8Array): Acceptance<T> {
		const check = checkAdu(bytes);
		if (!check.ok) return { kind: "bad", error: check.error };
		const { unit, functionCode, exception, data } = check.adu;
		if (unit !== address) return { kind: "foreign", reason: `a message of pack ${unit}` };
		if (functionCode !== READ_HOLDING) return { kind: "foreign", reason: "the answer to another kind of request" };
		if (exception !== null) return { kind: "rejected", error: exceptionOf(exception, label) };
		// Requests to read have an even length, answers an odd one.
		if (bytes.length % 2 === 0) return { kind: "foreign", reason: "a request that somebody else put on the line" };
		if (data.length !== 1 + 2 * count) return { kind: "foreign", reason: "the answer to another question" };
		try {
			return { kind: "reply", value: read({ start, bytes: data.subarray(1) }) };
		} catch (error) {
			if (error instanceof DecodeError) return { kind: "bad", error };
			throw error;
		}
	}
}

function liveReadings(address: number, data: RegisterData): LiveReadings {
	const { telemetry, status } = readLive(data);
	const source = { repliedBy: address, asked: address } as const;
	return {
		telemetry: { kind: "telemetry", ...source, blocks: [{ absent: false, value: telemetry }] },
		status: { kind: "status", ...source, blocks: [{ absent: false, value: status }] },
	};
}

function versionReading(address: number, data: RegisterData): ReadingOf<"version"> {
	return { kind: "version", repliedBy: address, version: textIn(readRows(IDENTITY_ROWS, data).version), bluetoothName: null };
}

function serialsReading(address: number, data: RegisterData): ReadingOf<"serials"> {
	const { bmsSerial, packSerial } = readRows(IDENTITY_ROWS, data);
	return { kind: "serials", repliedBy: address, bmsSerial: textIn(bmsSerial), packSerial: textIn(packSerial) };
}

function capacityReading(address: number, data: RegisterData): ReadingOf<"capacity"> {
	const { remainingCapacity, fullCapacity, designCapacity } = readLive(data).telemetry;
	return { kind: "capacity", repliedBy: address, remainingCapacity, fullCapacity, designCapacity };
}

function textIn(value: unknown): string | null {
	return typeof value === "string" ? value : null;
}
