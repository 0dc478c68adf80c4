import { DecodeError } from "../../../errors.ts";
import type { PackStatus, PackTelemetry } from "../../battery/readings.ts";
import type { ValueOf } from "../../codec/layout.ts";
import { sortNames, unsupportedBy } from "../status-names.ts";
import { blocksOf, type RegisterData, readRows } from "./modbus-blocks.ts";
import { hexBytes } from "./modbus-frame.ts";
import { readGobel } from "./modbus-gobel.ts";
import { LIVE_ROWS } from "./modbus-registers.ts";

/**
 * Registers -> readings, and the proof that the registers are those of this map. With another inverter protocol
 * selected the battery answers sound Modbus with other content (modbus-rtu §§8, 9 T9): every answer must prove itself
 * before a value of it is believed.
 */

/** The one request that reads everything that is alive. */
export const LIVE_BLOCK = blocksOf(LIVE_ROWS, { maxGap: 2 })[0] ?? { start: 0, count: 0 };

export type LiveValues = ValueOf<typeof LIVE_ROWS>;

const FOREIGN_MAP =
	"The answer is sound, but its registers are not those of a PACE battery: another inverter protocol seems to be selected for RS485. " +
	"Select PACE_MODBUS in the battery's PC program (System Config, Inverter protocol).";

/** Highest voltage a cell is believed to have, V, and cells that make a pack. */
const MAX_CELL = 5;
/** Cells must add up to the pack within this part of it, or 1 V (modbus-rtu §8). */
const SUM_TOLERANCE_PART = 0.02;
/** Temperatures outside are probes that are not fitted: no value is documented for that (modbus-rtu §9 T7), °C. */
const TEMPERATURES = { min: -40, max: 125 } as const;

/** The readings in a live block. Throws DecodeError `foreign-map` when the registers are not those of this map. */
export function readLive({ start, bytes }: RegisterData): { readonly telemetry: PackTelemetry; readonly status: PackStatus } {
	if (start !== LIVE_BLOCK.start || bytes.length < 2 * LIVE_BLOCK.count) throw foreignMap(bytes);
	const values = readRows(LIVE_ROWS, { start, bytes }) as unknown as LiveValues;
	const telemetry = telemetryOf(values);
	if (telemetry === null || problemIn(values, { start, bytes }) !== null) throw foreignMap(bytes);
	return { telemetry, status: statusOf(values) };
}

/** Why these registers cannot be of this map, as far as they are live ones; null when nothing speaks against it. */
export function mapProblem(data: RegisterData): DecodeError | null {
	return problemIn(readRows(LIVE_ROWS, data) as Partial<LiveValues>, data);
}

function problemIn(values: Partial<LiveValues>, data: RegisterData): DecodeError | null {
	const isFilled = data.bytes.length > 2 && data.bytes.every((byte) => byte === 0xff);
	const { stateOfCharge = 0, stateOfHealth = 0, cellVoltages, temperatures, voltage } = values;
	if (isFilled || percentOf(stateOfCharge) === null || percentOf(stateOfHealth) === null) return foreignMap(data.bytes);
	if (cellVoltages === undefined) return null;
	const cells = fittedCells(cellVoltages);
	if (cells === null) return foreignMap(data.bytes);
	if (readGobel(data) !== null) return foreignMap(data.bytes);
	const isWrongSum = voltage !== undefined && !addsUp({ cellVoltages: cells, voltage });
	return isWrongSum || temperatures?.every((celsius) => celsius === 0) ? foreignMap(data.bytes) : null;
}

/** The registers are not those of this map. */
export function foreignMap(bytes: Uint8Array): DecodeError {
	return new DecodeError("foreign-map", FOREIGN_MAP, { frame: hexBytes(bytes) });
}

function telemetryOf(values: LiveValues): PackTelemetry | null {
	const { current, voltage, remainingCapacity, fullCapacity, designCapacity, cycleCount } = values;
	const cellVoltages = fittedCells(values.cellVoltages);
	const stateOfCharge = percentOf(values.stateOfCharge);
	const stateOfHealth = percentOf(values.stateOfHealth);
	if (cellVoltages === null || stateOfCharge === null || stateOfHealth === null) return null;
	return {
		cellVoltages,
		temperatures: values.temperatures.map(plausibleTemperature),
		...{ current, voltage, remainingCapacity, fullCapacity, designCapacity, cycleCount, stateOfCharge },
		stateOfHealth: stateOfHealth || null,
	};
}

/** A probe's temperature; null for one that cannot be. */
export function plausibleTemperature(celsius: number): number | null {
	return celsius >= TEMPERATURES.min && celsius <= TEMPERATURES.max ? celsius : null;
}

/** The cells of a pack that may have fewer than the map has room for; null when these are no cells. */
export function fittedCells(cells: readonly number[]): readonly number[] | null {
	const last = cells.findLastIndex((volts) => volts !== 0 && volts !== NO_CELL);
	const fitted = cells.slice(0, last + 1);
	return fitted.length > 0 && fitted.every((volts) => volts <= MAX_CELL) ? fitted : null;
}
/** FFFFh, V. */
const NO_CELL = 65.535;

function addsUp({ cellVoltages, voltage }: Pick<PackTelemetry, "cellVoltages" | "voltage">): boolean {
	const sum = cellVoltages.reduce((total, volts) => total + volts, 0);
	return voltage > 0 && Math.abs(sum - voltage) < Math.min(1, SUM_TOLERANCE_PART * voltage);
}

/** Percent in the low byte or, as one project expects it, in the high one (modbus-rtu §9 T6); null for anything else. */
export function percentOf(raw: number): number | null {
	if (raw <= 100) return raw;
	return raw % 256 === 0 && raw / 256 <= 100 ? raw / 256 : null;
}

export const MODBUS_UNSUPPORTED = unsupportedBy(LIVE_ROWS);

/** The alarm state the flag registers tell. */
export function statusOf({
	warnings,
	protections,
	status,
	balancingCells,
}: Pick<LiveValues, "warnings" | "protections" | "status" | "balancingCells">): PackStatus {
	return {
		...sortNames([...warnings, ...protections, ...status]),
		// Modbus has no codes for cells and probes.
		...{ cellCodes: [], probeCodes: [], chargeCurrentCode: 0, packVoltageCode: 0, dischargeCurrentCode: 0 },
		balancingCells,
		// The pack answers for itself: it is there.
		indicationZero: false,
		unsupported: MODBUS_UNSUPPORTED,
	};
}
