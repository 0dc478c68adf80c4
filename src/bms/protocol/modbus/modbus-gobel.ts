import type { ValueOf } from "../../codec/layout.ts";
import { type RegisterData, readRows } from "./modbus-blocks.ts";
import type { RegisterRow } from "./modbus-registers.ts";

/**
 * A sister map (modbus-rtu §8, Gobel BLE and relatives of 4 cells): the same up to register 12, then other places,
 * of which its own counts tell how many are used. It is recognised so that its count is not taken for a cell.
 */
const GOBEL_PACK = [
	{ register: 1, name: "voltage", type: "u16", perUnit: 100 },
	{ register: 15, name: "cellCount", type: "u16" },
] as const satisfies readonly RegisterRow[];
const GOBEL_CELLS = [{ register: 16, name: "cells", type: "u16", perUnit: 1000, times: 16 }] as const satisfies readonly RegisterRow[];
const GOBEL_PROBES = [
	{ register: 46, name: "probeCount", type: "u16" },
	{ register: 47, name: "probes", type: "i16", perUnit: 10, times: 10 },
	{ register: 57, name: "mosfetTemperature", type: "i16", perUnit: 10 },
] as const satisfies readonly RegisterRow[];

export interface GobelPlaces {
	/** V. */
	readonly cellVoltages: readonly number[];
	/** °C; empty when the answer does not reach that far. */
	readonly temperatures: readonly number[];
	readonly mosfetTemperature: number | null;
}

/** Cells and probes of a block from register 0 that has them in these places; null when it has not. */
export function readGobel(data: RegisterData): GobelPlaces | null {
	const { start, bytes } = data;
	if (start !== 0 || bytes.length < 2 * 32) return null;
	const { voltage, cellCount } = readRows(GOBEL_PACK, data) as unknown as ValueOf<typeof GOBEL_PACK>;
	if (cellCount < 1 || cellCount > 16) return null;
	const { cells } = readRows(GOBEL_CELLS, data) as unknown as ValueOf<typeof GOBEL_CELLS>;
	const cellVoltages = cells.slice(0, cellCount);
	const sum = cellVoltages.reduce((total, volts) => total + volts, 0);
	const isOurs = cellVoltages.every((volts) => volts >= 1 && volts <= 5) && Math.abs(sum - voltage) < 0.02 * voltage;
	if (!isOurs) return null;
	if (bytes.length < 2 * 58) return { cellVoltages, temperatures: [], mosfetTemperature: null };
	const { probeCount, probes, mosfetTemperature } = readRows(GOBEL_PROBES, data) as unknown as ValueOf<typeof GOBEL_PROBES>;
	return { cellVoltages, temperatures: probes.slice(0, Math.min(probeCount, probes.length)), mosfetTemperature };
}
