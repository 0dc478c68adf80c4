import { DecodeError, messageOf, RejectedError, TimeoutError } from "../../errors.ts";
import { inverterProtocolName } from "../battery/inverter-protocols.ts";
import type { InverterProtocol, StoredRecord } from "../battery/stored-record.ts";
import type { Exchange } from "../protocol/protocol.ts";
import { driftSeconds, driftWords } from "./clock-time.ts";
import type { Handler } from "./outcome.ts";
import type { Place } from "./place.ts";

/** Records that cannot be read, one after the other, before the reading is given up. */
const MOST_UNREADABLE = 3;
/** How many records are read when nobody says how many. */
const MOST_RECORDS = 2000;

/** Null where the protocol, this firmware or this one answer does not tell it. */
async function ifTold<T extends { readonly repliedBy: number }>(place: Place, exchange: Exchange<T> | undefined): Promise<T | null> {
	if (exchange === undefined) return null;
	try {
		return await place.ask(exchange);
	} catch (error) {
		if (error instanceof RejectedError || error instanceof DecodeError) return null;
		throw error;
	}
}

export const identify: Handler = async (place) => {
	const { line, apply } = place.parts;
	const { pack } = place;
	let silence: TimeoutError | null = null;
	/** A firmware may leave a question it does not know unanswered: that says nothing about the others. */
	const told = async <T extends { readonly repliedBy: number }>(exchange: Exchange<T> | undefined): Promise<T | null> => {
		try {
			return await ifTold(place, exchange);
		} catch (error) {
			if (!(error instanceof TimeoutError) || place.isCancelled) throw error;
			silence ??= error;
			return null;
		}
	};
	const version = await told(line.version?.(pack));
	const serials = await told(line.serials?.(pack));
	for (const reading of [version, serials]) if (reading !== null) apply(reading);
	const capacity = await told(line.capacity?.(pack));
	const clock = await told(line.clock?.(pack));
	const inverter = await told(line.access?.inverterProtocol?.(pack));
	if (silence !== null && [version, serials, capacity, clock, inverter].every((answer) => answer === null)) throw silence;
	const value = {
		pack,
		version: version?.version ?? null,
		bluetoothName: version?.bluetoothName ?? null,
		bmsSerial: serials?.bmsSerial ?? null,
		packSerial: serials?.packSerial ?? null,
		capacity:
			capacity === null ? null : { remaining: capacity.remainingCapacity, full: capacity.fullCapacity, design: capacity.designCapacity },
		clock: clock?.localTime ?? null,
		inverterProtocol: inverter === null ? null : named(inverter.value),
	};
	const words = [
		value.version ?? "version not told",
		`serial ${value.packSerial ?? value.bmsSerial ?? "not told"}`,
		value.capacity === null ? "capacity not told" : `${value.capacity.full} Ah`,
	];
	return { value, text: `Pack ${pack}: ${words.join(", ")}.` };
};

export const readClock: Handler = async (place) => {
	const { line, clock } = place.parts;
	if (!line.clock) throw place.unsupported("its clock");
	const { localTime } = await place.ask(line.clock(place.pack));
	const drift = driftSeconds(localTime, clock.now());
	return { value: { localTime, driftSeconds: drift }, text: `The clock of pack ${place.pack} shows ${localTime}: ${driftWords(drift)}.` };
};

export const readInverterProtocol: Handler = async (place) => {
	const { access } = place;
	if (!access.inverterProtocol) throw place.unsupported("its inverter protocol");
	const { value } = await place.ask(access.inverterProtocol(place.pack));
	return { value: named(value), text: `Pack ${place.pack}: ${inverterWords(value)}.` };
};

/** The inverter protocol with the names of its codes. */
export function named(protocol: InverterProtocol) {
	const { can, rs485 } = protocol;
	return { ...protocol, canName: inverterProtocolName("can", can), rs485Name: inverterProtocolName("rs485", rs485) };
}

export function inverterWords({ can, rs485, mode }: InverterProtocol): string {
	return `CAN ${inverterProtocolName("can", can)}, RS485 ${inverterProtocolName("rs485", rs485)}, ${mode}`;
}

/** Reads between the polls: a pack keeps hundreds of records, and its alarms matter more. */
export const readRecords: Handler = async (place, { from = 0, count }) => {
	const { access, pack } = place;
	if (!access.record) throw place.unsupported("its stored records");
	const end = Math.min(65536, from + (count ?? MOST_RECORDS));
	const records: StoredRecord[] = [];
	let unreadable = 0;
	let inRow = 0;
	let isAtEnd = false;
	for (let index = from; index < end && inRow < MOST_UNREADABLE && !isAtEnd && !place.isCancelled; index += 1) {
		const record = await recordAt(place, access.record(pack, index), index);
		isAtEnd = record === null;
		if (record === null) break;
		unreadable += record === "unreadable" ? 1 : 0;
		inRow = record === "unreadable" ? inRow + 1 : 0;
		// A record that was written meanwhile moves all others on by one.
		if (record !== "unreadable" && !isSameRecord(records.at(-1), record)) records.push(record);
		place.progress(index - from + 1, count ?? null, record === "unreadable" ? undefined : record);
	}
	const words = [
		`${records.length} ${records.length === 1 ? "record" : "records"} of pack ${pack}`,
		...(unreadable > 0 ? [`${unreadable} could not be read`] : []),
		...(place.isCancelled ? [`cancelled: go on with from = ${from + records.length + unreadable}`] : []),
		...(isAtEnd ? ["no more are stored"] : []),
	];
	return { value: records, text: `${words.join("; ")}.` };
};

async function recordAt(
	place: Place,
	exchange: Exchange<{ readonly repliedBy: number; readonly value: StoredRecord | null }>,
	index: number,
): Promise<StoredRecord | "unreadable" | null> {
	try {
		return (await place.ask(exchange, "normal")).value;
	} catch (error) {
		if (error instanceof DecodeError) return "unreadable";
		// Some firmwares refuse a number past the last record.
		if (error instanceof RejectedError && index > 0) return null;
		if (error instanceof Error && index > 0)
			error.message = `${messageOf(error)} (Read up to record ${index - 1}: go on with from = ${index}.)`;
		throw error;
	}
}

function isSameRecord(before: StoredRecord | undefined, record: StoredRecord): boolean {
	return before !== undefined && JSON.stringify({ ...before, index: 0 }) === JSON.stringify({ ...record, index: 0 });
}
