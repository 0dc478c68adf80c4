import { buildFrame, textOf } from "../../../src/bms/protocol/ascii/ascii-frame.ts";
import { bytes } from "./captures.ts";

/**
 * Replies written from the layout of the document (rs232-v25 §5, §6), hexadecimal digits by hand and not by the
 * encoder under test: only length field and checksum are computed.
 */
export function reply(info: string, address = 1): string {
	return textOf(
		buildFrame({ address, code: 0, info: Uint8Array.from(info.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) }),
	).trim();
}

export const hex = (value: number, bytesCount = 2) =>
	(value < 0 ? value + 256 ** bytesCount : value)
		.toString(16)
		.toUpperCase()
		.padStart(bytesCount * 2, "0");

export interface Block42 {
	/** mV */
	readonly cells: readonly number[];
	/** Raw, tenths of a kelvin. */
	readonly probes?: readonly number[];
	/** Raw, 10 mA. */
	readonly current?: number;
	/** Raw, mV; the sum of the cells when left out. */
	readonly voltage?: number;
	/** Raw, 10 mAh. */
	readonly remaining?: number;
	readonly full?: number;
	readonly tail?: string;
}

/** One pack of a 42h reply, hexadecimal. */
export function block42({
	cells,
	probes = [2981, 2981, 2981, 2981, 2995, 3005],
	current = 0,
	voltage,
	remaining = 5000,
	full = 10000,
	tail = "",
}: Block42): string {
	const volts = voltage ?? cells.reduce((sum, cell) => sum + cell, 0);
	return [
		hex(cells.length, 1),
		...cells.map((cell) => hex(cell)),
		hex(probes.length, 1),
		...probes.map((probe) => hex(probe)),
		hex(current),
		hex(volts),
		hex(remaining),
		"03",
		hex(full),
		hex(7),
		hex(10000),
		tail,
	].join("");
}

/** One pack of a 44h reply, hexadecimal: both MOSFETs on, nothing else set. */
export function block44({ cells = 16, probes = 6, codes = "00", tail = "" } = {}): string {
	return `${hex(cells, 1)}${codes.repeat(cells)}${hex(probes, 1)}${"00".repeat(probes)}000000${"0000"}06${"000000000000"}${tail}`;
}

export const cells = (count: number, millivolts = 3300) => new Array<number>(count).fill(millivolts);

/** A frame as it comes from the line. */
export const received = (info: string, address = 1) => bytes(`${reply(info, address)}\r`);
