import { QUANTITIES, type Quantity } from "../bms/battery/quantities.ts";
import type { MqttSettings } from "./options.ts";

/**
 * How much a value must move before it is sent again: a number in its own unit, the setting that holds it, or
 * `follows` for a value that moves with others of its message and is no reason to send one by itself.
 */
export type DeadBand = number | "follows" | Extract<keyof MqttSettings, `${string}DeadBand` | `${string}DeadBandMv`>;

/** What Home Assistant is told about a quantity. */
export interface QuantityClass {
	readonly deviceClass?: "voltage" | "current" | "power" | "energy" | "temperature" | "battery";
	readonly stateClass?: "measurement" | "total_increasing";
	/** Digits after the point shown to people; the messages carry more. */
	readonly precision?: number;
	/** Where no device class gives one. */
	readonly icon?: string;
	readonly deadBand: DeadBand;
}

/** TABLE quantity → classes (home-assistant.md §4.1). A unit that does not fit its class makes Home Assistant refuse the entity. */
export const QUANTITY_CLASSES = {
	voltage: { deviceClass: "voltage", stateClass: "measurement", precision: 2, deadBand: "voltageDeadBand" },
	voltageDifference: { deviceClass: "voltage", stateClass: "measurement", precision: 0, deadBand: "follows" },
	current: { deviceClass: "current", stateClass: "measurement", precision: 2, deadBand: "currentDeadBand" },
	// Voltage times current, which have dead bands of their own.
	power: { deviceClass: "power", stateClass: "measurement", precision: 0, deadBand: "follows" },
	// No device class of Home Assistant knows Ah.
	capacity: { stateClass: "measurement", precision: 2, icon: "mdi:battery-medium", deadBand: 0.1 },
	energy: { deviceClass: "energy", stateClass: "total_increasing", precision: 2, deadBand: 0.01 },
	temperature: { deviceClass: "temperature", stateClass: "measurement", precision: 1, deadBand: "temperatureDeadBand" },
	stateOfCharge: { deviceClass: "battery", stateClass: "measurement", precision: 1, deadBand: 0.1 },
	// Class `battery` would be taken for the state of charge (home-assistant.md §0.7).
	stateOfHealth: { stateClass: "measurement", precision: 0, icon: "mdi:heart-pulse", deadBand: 0 },
	cycles: { stateClass: "total_increasing", precision: 0, icon: "mdi:battery-sync", deadBand: 0 },
	count: { stateClass: "measurement", precision: 0, icon: "mdi:counter", deadBand: 0 },
	// A name, not a measure; which of two equal cells is the lowest changes with every reading.
	cellNumber: { icon: "mdi:numeric", deadBand: "follows" },
} as const satisfies Record<Quantity, QuantityClass>;

/** The row of a quantity, with the optional keys readable. */
export function quantityClassOf(quantity: Quantity): QuantityClass {
	return QUANTITY_CLASSES[quantity];
}

/** Unit as Home Assistant writes it; undefined for plain numbers. */
export function unitOf(quantity: Quantity): string | undefined {
	return QUANTITIES[quantity].unit === "" ? undefined : QUANTITIES[quantity].unit;
}

/** A number freed from floating-point noise; what is not known stays null. */
export function rounded(quantity: Quantity, value: number | null): number | null {
	if (value === null) return null;
	const factor = 10 ** QUANTITIES[quantity].decimals;
	return Math.round(value * factor) / factor;
}
