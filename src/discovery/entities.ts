import { BANK_DATAPOINTS, type BankDatapoint, type Datapoint, PACK_DATAPOINTS, type PackDatapoint } from "../bms/battery/datapoints.ts";
import type { StateKey } from "../bms/battery/states.ts";
import type { Group } from "./groups.ts";
import { type DeadBand, quantityClassOf } from "./quantity-classes.ts";

/**
 * Which topic a reading is on, under which key, and how its entity differs from what its quantity says.
 * Everything that is not written here follows from the tables of the battery.
 */
export interface DatapointEntity {
	/** Key in the message and in the unique id. */
	readonly key: string;
	readonly group: Group;
	readonly precision?: number;
	readonly category?: "diagnostic";
	readonly deadBand?: DeadBand;
	/** Known even while no pack is live. */
	readonly alwaysKnown?: true;
}

/** TABLE of exceptions, packs. */
const PACK_EXCEPTIONS: Readonly<Partial<Record<PackDatapoint, Partial<DatapointEntity>>>> = {
	stateOfCharge: { key: "soc" },
	stateOfHealth: { key: "soh", category: "diagnostic" },
	fullCapacity: { group: "info", category: "diagnostic" },
	designCapacity: { group: "info", category: "diagnostic" },
	cycleCount: { key: "cycles", group: "info", category: "diagnostic" },
	cellVoltages: { key: "cells", group: "cells", precision: 3, category: "diagnostic", deadBand: "cellDeadBandMv" },
	cellVoltageMin: { precision: 3, deadBand: "cellDeadBandMv" },
	cellVoltageMax: { precision: 3, deadBand: "cellDeadBandMv" },
	lowestCell: { category: "diagnostic" },
	highestCell: { category: "diagnostic" },
};

/** TABLE of exceptions, bank. */
const BANK_EXCEPTIONS: Readonly<Partial<Record<BankDatapoint, Partial<DatapointEntity>>>> = {
	stateOfCharge: { key: "soc" },
	stateOfHealth: { key: "soh", category: "diagnostic" },
	fullCapacity: { group: "info", category: "diagnostic" },
	designCapacity: { group: "info", category: "diagnostic" },
	cellVoltageMin: { precision: 3, deadBand: "cellDeadBandMv" },
	cellVoltageMax: { precision: 3, deadBand: "cellDeadBandMv" },
	packsOnline: { group: "status", category: "diagnostic", alwaysKnown: true },
	packsExpected: { group: "status", category: "diagnostic", alwaysKnown: true },
};

/** `cellVoltageMin` as Home Assistant spells it: `cell_voltage_min`. */
export const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

type Rows<K extends string> = readonly (readonly [K, Datapoint, DatapointEntity & { readonly deadBand: DeadBand }])[];

function rowsOf<K extends string>(
	datapoints: Readonly<Record<K, Datapoint>>,
	exceptions: Partial<Record<K, Partial<DatapointEntity>>>,
): Rows<K> {
	return (Object.keys(datapoints) as K[]).map((name) => {
		const datapoint = datapoints[name];
		const { deadBand } = quantityClassOf(datapoint.quantity);
		return [name, datapoint, { key: snakeCase(name), group: "live", deadBand, ...exceptions[name] }] as const;
	});
}

/** Every reading of a pack with its place on MQTT. */
export const PACK_ENTITIES: Rows<PackDatapoint> = rowsOf(PACK_DATAPOINTS, PACK_EXCEPTIONS);
/** Every reading of the bank with its place on MQTT. */
export const BANK_ENTITIES: Rows<BankDatapoint> = rowsOf(BANK_DATAPOINTS, BANK_EXCEPTIONS);

/** TABLE of the states that differ from the rule "diagnostic, not enabled, no class". */
export const STATE_EXCEPTIONS: Readonly<Partial<Record<StateKey, { readonly enabled: true; readonly icon: string }>>> = {
	chargeMosfet: { enabled: true, icon: "mdi:battery-arrow-up" },
	dischargeMosfet: { enabled: true, icon: "mdi:battery-arrow-down" },
};

/** Key of a state in messages and ids. */
export const stateKeyOf = (state: StateKey) => snakeCase(state);

/** An on/off or text value that no table of the battery holds. */
export interface ExtraEntity {
	readonly key: string;
	readonly on: "bank" | "pack" | "both";
	readonly name: string;
	/** `link`: a number about the line, which is no reason to send a message by itself. */
	readonly kind: "on-off" | "counter" | "text" | "link" | "availability" | "bridge";
	/** Of a `link` number. */
	readonly unit?: "ms";
	readonly group: Group;
	readonly deviceClass?: "problem" | "battery_charging" | "connectivity" | "running" | "duration";
	readonly icon?: string;
	readonly category?: "diagnostic";
	readonly disabled?: true;
	/** Key in the same message with the list of active codes, shown as attribute. */
	readonly codes?: string;
	/**
	 * When Home Assistant may show it: `device` while the measurements are live, `bridge` while this server is
	 * connected, `always` even then (it tells that the server is gone).
	 */
	readonly shown: "device" | "bridge" | "always";
}

/** TABLE of the entities that do not come from readings, conditions or states. */
export const EXTRA_ENTITIES: readonly ExtraEntity[] = [
	{
		key: "alarm_active",
		on: "both",
		name: "Alarm active",
		kind: "on-off",
		group: "status",
		deviceClass: "problem",
		codes: "alarm_codes",
		shown: "device",
	},
	{
		key: "protection_active",
		on: "both",
		name: "Protection active",
		kind: "on-off",
		group: "status",
		deviceClass: "problem",
		codes: "protection_codes",
		shown: "device",
	},
	{
		key: "fault_active",
		on: "both",
		name: "Fault active",
		kind: "on-off",
		group: "status",
		deviceClass: "problem",
		codes: "fault_codes",
		shown: "device",
	},
	{ key: "charging", on: "both", name: "Charging", kind: "on-off", group: "live", deviceClass: "battery_charging", shown: "device" },
	{ key: "discharging", on: "both", name: "Discharging", kind: "on-off", group: "live", icon: "mdi:battery-minus", shown: "device" },
	{ key: "energy_charged", on: "both", name: "Energy charged", kind: "counter", group: "energy", shown: "device" },
	{ key: "energy_discharged", on: "both", name: "Energy discharged", kind: "counter", group: "energy", shown: "device" },
	{
		key: "balancing",
		on: "pack",
		name: "Balancing cells",
		kind: "on-off",
		group: "status",
		deviceClass: "running",
		category: "diagnostic",
		disabled: true,
		shown: "device",
	},
	{
		key: "online",
		on: "pack",
		name: "Online",
		kind: "availability",
		group: "status",
		deviceClass: "connectivity",
		category: "diagnostic",
		shown: "bridge",
	},
	{
		key: "link",
		on: "bank",
		name: "Battery link",
		kind: "on-off",
		group: "status",
		deviceClass: "connectivity",
		category: "diagnostic",
		shown: "bridge",
	},
	{
		key: "link_answers",
		on: "both",
		name: "Link answers",
		kind: "link",
		group: "live",
		icon: "mdi:message-check-outline",
		category: "diagnostic",
		disabled: true,
		shown: "bridge",
	},
	{
		key: "link_failures",
		on: "both",
		name: "Link failures",
		kind: "link",
		group: "live",
		icon: "mdi:message-alert-outline",
		category: "diagnostic",
		disabled: true,
		shown: "bridge",
	},
	{
		key: "link_answer_time",
		on: "both",
		name: "Link answer time",
		kind: "link",
		unit: "ms",
		deviceClass: "duration",
		group: "live",
		icon: "mdi:timer-outline",
		category: "diagnostic",
		disabled: true,
		shown: "bridge",
	},
	{
		key: "bridge",
		on: "bank",
		name: "Server connected",
		kind: "bridge",
		group: "status",
		deviceClass: "connectivity",
		category: "diagnostic",
		shown: "always",
	},
	{
		key: "server_version",
		on: "bank",
		name: "Server version",
		kind: "text",
		group: "info",
		icon: "mdi:tag-outline",
		category: "diagnostic",
		shown: "bridge",
	},
];
