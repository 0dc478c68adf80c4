/**
 * Home Assistant's rules for MQTT device discovery, as the contract test holds them against every payload.
 * Written from Home Assistant's documentation (device discovery, sensor, binary sensor, entity naming), on
 * purpose not from our own tables.
 */

/** Keys of the root of a device message that this project may use. */
export const ROOT_KEYS = ["dev", "o", "availability", "availability_mode", "cmps"];
export const DEVICE_KEYS = ["ids", "name", "mf", "mdl", "sn", "sw", "hw", "via_device", "configuration_url"];
export const ORIGIN_KEYS = ["name", "sw_version", "support_url"];

const ENTITY_KEYS = [
	"p",
	"unique_id",
	"default_entity_id",
	"name",
	"device_class",
	"icon",
	"entity_category",
	"enabled_by_default",
	"state_topic",
	"value_template",
	"qos",
	"expire_after",
	"json_attributes_topic",
	"json_attributes_template",
	"availability",
	"availability_mode",
];

export const PLATFORM_KEYS: Readonly<Record<string, readonly string[]>> = {
	sensor: [...ENTITY_KEYS, "state_class", "unit_of_measurement", "suggested_display_precision"],
	binary_sensor: [...ENTITY_KEYS, "payload_on", "payload_off"],
	event: [...ENTITY_KEYS.filter((key) => key !== "expire_after"), "event_types"],
	device_automation: ["p", "automation_type", "type", "subtype", "topic", "value_template", "payload", "qos"],
};

const ENTITY_NEEDS = ["p", "unique_id", "default_entity_id", "name", "state_topic"];

export const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
	sensor: ENTITY_NEEDS,
	binary_sensor: ENTITY_NEEDS,
	event: [...ENTITY_NEEDS, "event_types", "qos"],
	device_automation: ["p", "automation_type", "type", "subtype", "topic", "qos"],
};

/** Units and state classes a sensor's device class allows. */
export const SENSOR_CLASSES: Readonly<Record<string, { readonly units: readonly string[]; readonly stateClasses: readonly string[] }>> = {
	battery: { units: ["%"], stateClasses: ["measurement"] },
	voltage: { units: ["µV", "mV", "V", "kV", "MV"], stateClasses: ["measurement"] },
	current: { units: ["mA", "A"], stateClasses: ["measurement"] },
	power: { units: ["mW", "W", "kW", "MW", "GW", "TW"], stateClasses: ["measurement"] },
	energy: { units: ["Wh", "kWh", "MWh"], stateClasses: ["total", "total_increasing"] },
	temperature: { units: ["°C", "°F", "K"], stateClasses: ["measurement"] },
	duration: { units: ["d", "h", "min", "s", "ms", "µs"], stateClasses: ["measurement", "total", "total_increasing"] },
};

/** What a sensor without device class may carry here. */
export const CLASSLESS_UNITS = ["%", "Ah", undefined];

export const BINARY_SENSOR_CLASSES = ["problem", "battery_charging", "connectivity", "running", "battery", undefined];

interface Expected {
	readonly p: string;
	readonly dc?: string;
	readonly sc?: string;
	readonly u?: string;
	readonly pr?: number;
	readonly diagnostic?: true;
	readonly disabled?: true;
}

const VOLTAGE = { p: "sensor", dc: "voltage", sc: "measurement", u: "V" } as const;
const CAPACITY = { p: "sensor", sc: "measurement", u: "Ah", pr: 2 } as const;
const ENERGY = { p: "sensor", dc: "energy", sc: "total_increasing", u: "kWh", pr: 2 } as const;

const SHARED: Readonly<Record<string, Expected>> = {
	"State of charge": { p: "sensor", dc: "battery", sc: "measurement", u: "%", pr: 1 },
	"State of health": { p: "sensor", sc: "measurement", u: "%", pr: 0, diagnostic: true },
	Voltage: { ...VOLTAGE, pr: 2 },
	Current: { p: "sensor", dc: "current", sc: "measurement", u: "A", pr: 2 },
	Power: { p: "sensor", dc: "power", sc: "measurement", u: "W", pr: 0 },
	"Remaining capacity": CAPACITY,
	"Full capacity": { ...CAPACITY, diagnostic: true },
	"Design capacity": { ...CAPACITY, diagnostic: true },
	"Cell voltage min": { ...VOLTAGE, pr: 3 },
	"Cell voltage max": { ...VOLTAGE, pr: 3 },
	"Cell voltage delta": { ...VOLTAGE, u: "mV", pr: 0 },
	"Energy charged": ENERGY,
	"Energy discharged": ENERGY,
	"Alarm active": { p: "binary_sensor", dc: "problem" },
	"Protection active": { p: "binary_sensor", dc: "problem" },
	"Fault active": { p: "binary_sensor", dc: "problem" },
	"Fault contact": { p: "binary_sensor", dc: "problem" },
	"Low battery contact": { p: "binary_sensor", dc: "battery" },
	Events: { p: "event" },
	Charging: { p: "binary_sensor", dc: "battery_charging" },
	Discharging: { p: "binary_sensor" },
	"Fully charged": { p: "binary_sensor", diagnostic: true, disabled: true },
	"Cell over-voltage alarm": { p: "binary_sensor", dc: "problem", diagnostic: true, disabled: true },
	"Short circuit protection": { p: "binary_sensor", dc: "problem", diagnostic: true, disabled: true },
	"Charge MOSFET fault": { p: "binary_sensor", dc: "problem", diagnostic: true, disabled: true },
};

/** Entities a pack of 16 cells and 6 probes must have, by name. */
export const EXPECTED_PACK: Readonly<Record<string, Expected>> = {
	...SHARED,
	Cycles: { p: "sensor", sc: "total_increasing", pr: 0, diagnostic: true },
	"Cell 1 voltage": { ...VOLTAGE, pr: 3, diagnostic: true },
	"Cell 16 voltage": { ...VOLTAGE, pr: 3, diagnostic: true },
	"Lowest cell": { p: "sensor", diagnostic: true },
	"Highest cell": { p: "sensor", diagnostic: true },
	"Cell temperature 4": { p: "sensor", dc: "temperature", sc: "measurement", u: "°C", pr: 1 },
	"MOSFET temperature": { p: "sensor", dc: "temperature", sc: "measurement", u: "°C", pr: 1, diagnostic: true },
	"Ambient temperature": { p: "sensor", dc: "temperature", sc: "measurement", u: "°C", pr: 1, diagnostic: true },
	"Charge MOSFET": { p: "binary_sensor", diagnostic: true },
	"Discharge MOSFET": { p: "binary_sensor", diagnostic: true },
	"Balancing cells": { p: "binary_sensor", dc: "running", diagnostic: true, disabled: true },
	Online: { p: "binary_sensor", dc: "connectivity", diagnostic: true },
};

/** Entities the bank must have, by name. */
export const EXPECTED_BANK: Readonly<Record<string, Expected>> = {
	...SHARED,
	"Packs online": { p: "sensor", sc: "measurement", pr: 0, diagnostic: true },
	"Packs expected": { p: "sensor", sc: "measurement", pr: 0, diagnostic: true },
	"Battery link": { p: "binary_sensor", dc: "connectivity", diagnostic: true },
	"Server connected": { p: "binary_sensor", dc: "connectivity", diagnostic: true },
	"Server version": { p: "sensor", diagnostic: true },
};
