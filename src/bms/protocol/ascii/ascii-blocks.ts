import type { PackStatus, PackTelemetry } from "../../battery/readings.ts";
import { STATE_KEYS } from "../../battery/states.ts";
import type { BitsField } from "../../codec/layout.ts";
import { sortNames } from "../status-names.ts";
import { STATUS_BLOCK, type StatusBlockValue, type TelemetryBlockValue, type TelemetryTailValue } from "./ascii-commands.ts";

/** Between the blocks of the wire tables and the readings of the model, both ways. */

/** Remaining capacity above full by no more than this part is full (counting error of the board), %. */
const FULL_TOLERANCE_PERCENT = 2;

/** State of charge from the capacities, %; null when they cannot give one (full is 0, or remaining is beyond it). */
export function stateOfChargeFrom(remainingCapacity: number, fullCapacity: number): number | null {
	if (fullCapacity <= 0) return null;
	const percent = (100 * remainingCapacity) / fullCapacity;
	if (percent > 100 + FULL_TOLERANCE_PERCENT) return null;
	return Math.min(100, Math.round(percent * 10) / 10);
}

/** The reading of one pack's block and tail. `tail` has only the fields that the tail reaches. */
export function telemetryOf(block: TelemetryBlockValue, tail: TelemetryTailValue): PackTelemetry {
	return {
		cellVoltages: block.cellVoltages,
		temperatures: block.temperatures,
		current: block.current,
		voltage: packVoltageOf(block),
		remainingCapacity: block.remainingCapacity,
		fullCapacity: block.fullCapacity,
		designCapacity: block.designCapacity,
		cycleCount: block.cycleCount,
		stateOfCharge: tail.stateOfCharge ?? stateOfChargeFrom(block.remainingCapacity, block.fullCapacity),
		// 0 is what firmware sends that does not know it (rs232-v25 §5.1).
		stateOfHealth: tail.stateOfHealth || null,
	};
}

/** Pack voltage, V. Some firmware sends it in 10 mV: recognised by the sum of the cells. */
function packVoltageOf({ voltage, cellVoltages }: TelemetryBlockValue): number {
	const sum = sumOf(cellVoltages);
	const inTenMillivolts = Math.round(voltage * 1000) / 100;
	return Math.abs(sum - voltage) >= 1 && Math.abs(sum - inTenMillivolts) < 1 ? inTenMillivolts : voltage;
}

/** Sum of cell voltages, V, to the millivolt. */
export function sumOf(cellVoltages: readonly number[]): number {
	return Math.round(cellVoltages.reduce((sum, volts) => sum + volts, 0) * 1000) / 1000;
}

const BITS_ROWS = STATUS_BLOCK.filter((row) => row.type === "bits");
type BitsRowName = (typeof BITS_ROWS)[number]["name"];

/** The reading of one pack's status block. */
export function statusOf(block: StatusBlockValue): PackStatus {
	const set: readonly string[] = BITS_ROWS.flatMap((row) => block[row.name]);
	return {
		...sortNames(set),
		cellCodes: block.cellCodes,
		probeCodes: block.probeCodes,
		chargeCurrentCode: block.chargeCurrentCode,
		packVoltageCode: block.packVoltageCode,
		dischargeCurrentCode: block.dischargeCurrentCode,
		balancingCells: block.balancingCells,
		indicationZero: block.indication.length === 0,
	};
}

/** The status block that says what the reading says. */
export function statusBlockOf(status: PackStatus): StatusBlockValue {
	const set: readonly string[] = [...status.conditions, ...STATE_KEYS.filter((key) => status.states[key]), ...status.unknownBits];
	const namedBy = (row: BitsField) => set.filter((name) => Object.values(row.bits).includes(name) || name.startsWith(`${row.label}.`));
	const bits: Partial<Record<BitsRowName, readonly string[]>> = {};
	for (const row of BITS_ROWS) bits[row.name] = namedBy(row);
	const { cellCodes, probeCodes, chargeCurrentCode, packVoltageCode, dischargeCurrentCode, balancingCells } = status;
	return { cellCodes, probeCodes, chargeCurrentCode, packVoltageCode, dischargeCurrentCode, balancingCells, ...bits } as StatusBlockValue;
}
