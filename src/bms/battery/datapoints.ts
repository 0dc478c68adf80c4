import type { Quantity } from "./quantities.ts";

/**
 * What one reading is. `list` tells what numbers its members when it is a list. `derived` readings are
 * computed here (derive.ts) when the battery did not send them.
 */
export interface Datapoint {
	readonly quantity: Quantity;
	readonly label: string;
	readonly sign?: string;
	readonly list?: "cell" | "probe";
	readonly derived?: true;
}

/** TABLE of every reading of one pack. */
export const PACK_DATAPOINTS = {
	stateOfCharge: { quantity: "stateOfCharge", label: "State of charge" },
	stateOfHealth: { quantity: "stateOfHealth", label: "State of health" },
	voltage: { quantity: "voltage", label: "Voltage" },
	current: { quantity: "current", label: "Current", sign: "+ = charging" },
	power: { quantity: "power", label: "Power", sign: "+ = charging", derived: true },
	remainingCapacity: { quantity: "capacity", label: "Remaining capacity" },
	fullCapacity: { quantity: "capacity", label: "Full capacity" },
	designCapacity: { quantity: "capacity", label: "Design capacity" },
	cycleCount: { quantity: "cycles", label: "Cycles" },
	cellVoltages: { quantity: "voltage", label: "Cell voltage", list: "cell" },
	cellVoltageMin: { quantity: "voltage", label: "Cell voltage min", derived: true },
	cellVoltageMax: { quantity: "voltage", label: "Cell voltage max", derived: true },
	cellVoltageDelta: { quantity: "voltageDifference", label: "Cell voltage delta", derived: true },
	lowestCell: { quantity: "cellNumber", label: "Lowest cell", derived: true },
	highestCell: { quantity: "cellNumber", label: "Highest cell", derived: true },
	temperatures: { quantity: "temperature", label: "Temperature", list: "probe" },
} as const satisfies Record<string, Datapoint>;

/** TABLE of every reading of the bank; computed from live packs only. */
export const BANK_DATAPOINTS = {
	stateOfCharge: { quantity: "stateOfCharge", label: "State of charge", derived: true },
	stateOfHealth: { quantity: "stateOfHealth", label: "State of health", derived: true },
	voltage: { quantity: "voltage", label: "Voltage", derived: true },
	current: { quantity: "current", label: "Current", sign: "+ = charging", derived: true },
	power: { quantity: "power", label: "Power", sign: "+ = charging", derived: true },
	remainingCapacity: { quantity: "capacity", label: "Remaining capacity", derived: true },
	fullCapacity: { quantity: "capacity", label: "Full capacity", derived: true },
	designCapacity: { quantity: "capacity", label: "Design capacity", derived: true },
	cellVoltageMin: { quantity: "voltage", label: "Cell voltage min", derived: true },
	cellVoltageMax: { quantity: "voltage", label: "Cell voltage max", derived: true },
	cellVoltageDelta: { quantity: "voltageDifference", label: "Cell voltage delta", derived: true },
	packsOnline: { quantity: "count", label: "Packs online", derived: true },
	packsExpected: { quantity: "count", label: "Packs expected", derived: true },
} as const satisfies Record<string, Datapoint>;

export type PackDatapoint = keyof typeof PACK_DATAPOINTS;
export type BankDatapoint = keyof typeof BANK_DATAPOINTS;

/**
 * Names of the probes by position. Only the six-probe order is documented (rs232-v25 §5, notes): four cell
 * probes, MOSFET, ambient. Any other count gets numbers, never a guessed place.
 */
export function probeLabel(index: number, probeCount: number): string {
	if (probeCount !== 6) return `Temperature ${index + 1}`;
	return index < 4 ? `Cell temperature ${index + 1}` : index === 4 ? "MOSFET temperature" : "Ambient temperature";
}
