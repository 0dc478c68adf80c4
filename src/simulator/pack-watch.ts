import type { AlarmCode, PackTelemetry } from "../bms/battery/readings.ts";
import type { Limits } from "./limits.ts";
import type { Watched } from "./protection-rules.ts";

/** Where each probe sits: from six on, the last two are MOSFET and ambient (rs232-v25 §5, notes). */
export function probePlaces(count: number): readonly ("cell" | "mosfet" | "ambient")[] {
	return Array.from({ length: count }, (_, index) =>
		count < 6 || index < count - 2 ? "cell" : index === count - 2 ? "mosfet" : "ambient",
	);
}

/** What the protection rules look at, from what the BMS measures. */
export function watch(measured: PackTelemetry & { readonly stateOfCharge: number }): Watched {
	const places = probePlaces(measured.temperatures.length);
	const at = (place: "cell" | "mosfet" | "ambient") =>
		measured.temperatures.filter((value, index): value is number => value !== null && places[index] === place);
	const cells = at("cell");
	return {
		// The BMS compares whole millivolts, as it sends them.
		highestCell: toSteps(Math.max(...measured.cellVoltages), 1000),
		lowestCell: toSteps(Math.min(...measured.cellVoltages), 1000),
		packVoltage: toSteps((measured.voltage * 16) / measured.cellVoltages.length, 1000),
		chargeCurrent: toSteps(Math.max(0, measured.current), 100),
		dischargeCurrent: toSteps(Math.max(0, -measured.current), 100),
		hottestCell: cells.length === 0 ? null : toSteps(Math.max(...cells), 10),
		coldestCell: cells.length === 0 ? null : toSteps(Math.min(...cells), 10),
		mosfet: at("mosfet")[0] ?? null,
		ambient: at("ambient")[0] ?? null,
		stateOfCharge: measured.stateOfCharge,
	};
}

function toSteps(value: number, perUnit: number): number {
	return Math.round(value * perUnit) / perUnit;
}

/** Alarm code of one value: 02 at or beyond an upper alarm level, 01 a lower one, else 00 (rs232-v25 §6). */
export function codeOf({ rules }: Limits, quantity: keyof Watched, value: number): AlarmCode {
	const rounded = toSteps(value, 1000);
	for (const { quantity: watched, side, alarm } of rules) {
		if (watched !== quantity || alarm === null) continue;
		if (side === "above" && rounded >= alarm.at) return 2;
		if (side === "below" && rounded <= alarm.at) return 1;
	}
	return 0;
}

/** Numbers (from 1) of the cells that are bled to balance the pack. */
export function balancingCells({ balancing: { start, difference } }: Limits, cellVoltages: readonly number[]): readonly number[] {
	const lowest = Math.min(...cellVoltages);
	return cellVoltages.flatMap((volts, index) => (volts >= start && volts - lowest >= difference ? [index + 1] : []));
}
