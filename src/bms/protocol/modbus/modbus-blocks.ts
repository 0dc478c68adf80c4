import { ByteReader } from "../../codec/byte-reader.ts";
import { readRow, rowReadersOf, sizeOf } from "../../codec/layout.ts";
import { MAX_REGISTERS } from "./modbus-frame.ts";
import type { RegisterRow } from "./modbus-registers.ts";

/** Neighbouring registers that one request reads. */
export interface RegisterBlock {
	readonly start: number;
	readonly count: number;
}

/** Registers as they came. */
export interface RegisterData {
	readonly start: number;
	readonly bytes: Uint8Array;
}

/** Registers a row takes. */
export function registersOf(row: RegisterRow): number {
	return sizeOf(row) / 2;
}

/**
 * The fewest requests that read all rows: rows are joined over at most `maxGap` unused registers, and no request asks
 * for more than `maxRegisters`. Rows must be in rising order.
 */
export function blocksOf(
	rows: readonly RegisterRow[],
	{ maxGap, maxRegisters = MAX_REGISTERS }: { readonly maxGap: number; readonly maxRegisters?: number },
): readonly RegisterBlock[] {
	const blocks: RegisterBlock[] = [];
	for (const row of rows) {
		const last = blocks.at(-1);
		const end = row.register + registersOf(row);
		const isNear = last !== undefined && row.register - (last.start + last.count) <= maxGap && end - last.start <= maxRegisters;
		if (isNear) blocks[blocks.length - 1] = { start: last.start, count: end - last.start };
		else blocks.push({ start: row.register, count: registersOf(row) });
	}
	return blocks;
}

/** Values of the rows that are whole in the data, by name. */
export function readRows(rows: readonly RegisterRow[], { start, bytes }: RegisterData): Readonly<Record<string, unknown>> {
	const values: Record<string, unknown> = {};
	const reader = new ByteReader(bytes);
	const readers = rowReadersOf(rows);
	rows.forEach(({ register }, index) => {
		const row = readers[index];
		const offset = 2 * (register - start);
		if (row === undefined || offset < 0 || offset + row.size > bytes.length) return;
		reader.moveTo(offset);
		values[row.name] = readRow(row, reader);
	});
	return values;
}
