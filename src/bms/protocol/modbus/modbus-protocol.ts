import type { ReadingOf, SparseReading } from "../../battery/readings.ts";
import type { Exchange, LiveAnswer, LiveWay, PackProtocol } from "../protocol.ts";
import { modbusAccess } from "./modbus-access.ts";
import { blocksOf, type RegisterBlock, type RegisterData, readRows } from "./modbus-blocks.ts";
import { isUnknownRegister, registersExchange } from "./modbus-exchange.ts";
import { createModbusFramer } from "./modbus-framer.ts";
import { joinedLive, LIVE_BLOCKS } from "./modbus-live.ts";
import { foreignMap, LIVE_BLOCK, readLive } from "./modbus-map.ts";
import { IDENTITY_ROWS } from "./modbus-registers.ts";

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
	liveWays: LIVE_BLOCKS.map(
		(blocks, index): LiveWay =>
			(address, parts) =>
				index < LIVE_BLOCKS.length - 1 ? livePart(address, blocks, parts) : refusedAsForeign(livePart(address, blocks, parts)),
	),
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
	access: modbusAccess,
} as const satisfies PackProtocol & Record<string, unknown>;

/** The next request of a way; the last one has all parts, so that it can prove the whole. */
function livePart(address: number, blocks: readonly RegisterBlock[], before: readonly unknown[]): Exchange<LiveAnswer> {
	const label = `measurements and alarms of pack ${address}`;
	return registersExchange(label, address, blocks[before.length] ?? LIVE_BLOCK, (data) => {
		// Parts are what this function has returned before.
		const parts = [...(before as readonly RegisterData[]), data];
		if (parts.length < blocks.length) return { readings: [], part: data };
		const { telemetry, status } = liveReadings(address, joinedLive(parts));
		return { readings: [telemetry, status] };
	});
}

/** For registers that every PACE battery has: one that refuses them shows another maker's map (modbus-rtu §8, V10). */
function refusedAsForeign<T>(exchange: Exchange<T>): Exchange<T> {
	return {
		...exchange,
		accept(frame) {
			const accepted = exchange.accept(frame);
			return isUnknownRegister(accepted) ? { kind: "bad", error: foreignMap(frame) } : accepted;
		},
	};
}

type TextName = (typeof IDENTITY_ROWS)[number]["name"];

function blockOfTexts(...names: readonly TextName[]): RegisterBlock {
	const [block] = blocksOf(
		IDENTITY_ROWS.filter((row) => names.includes(row.name)),
		{ maxGap: 0 },
	);
	return block ?? LIVE_BLOCK;
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
