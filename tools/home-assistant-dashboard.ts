// Writes home-assistant/dashboard.yaml: `node tools/home-assistant-dashboard.ts [--name NAME] [--packs 1,2,3] [--cells 16] > FILE`
// prints one for other names, packs and cells.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { slugOf } from "../src/discovery/topics.ts";

/** What the dashboard is for. */
export interface DashboardOf {
	/** The bank's name, as in the settings. */
	readonly name: string;
	/** Addresses of the packs. */
	readonly packs: readonly number[];
	readonly cells: number;
	/** A simulated bank has it in its names. */
	readonly suffix?: string;
}

type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml };

export const DEFAULT_DASHBOARD: DashboardOf = { name: "Battery bank", packs: [1, 2], cells: 16 };

const heading = (text: string, icon: string): Yaml => ({ type: "heading", heading: text, icon });
const tile = (entity: string, name: string, more: Readonly<Record<string, Yaml>> = {}): Yaml => ({ type: "tile", entity, name, ...more });
const bar = (entity: string, name: string, min: number, max: number): Yaml =>
	tile(entity, name, { features: [{ type: "bar-gauge", min, max }] });
const section = (...cards: readonly Yaml[]): Yaml => ({ type: "grid", cards });

/** The dashboard as Home Assistant has it, for the entity ids that our discovery gives. */
export function dashboardOf({ name, packs, cells, suffix = "" }: DashboardOf): Yaml {
	const bank = slugOf(`${name}${suffix}`);
	const pack = (address: number) => slugOf(`${name} pack ${address}${suffix}`);
	const overview = section(
		heading("Bank", "mdi:battery-high"),
		bar(`sensor.${bank}_soc`, "State of charge", 0, 100),
		tile(`sensor.${bank}_power`, "Power"),
		tile(`sensor.${bank}_voltage`, "Voltage"),
		tile(`sensor.${bank}_current`, "Current"),
		tile(`sensor.${bank}_remaining_capacity`, "Remaining"),
		tile(`sensor.${bank}_cell_voltage_delta`, "Cell spread"),
		{
			type: "history-graph",
			hours_to_show: 24,
			entities: [`sensor.${bank}_soc`, `sensor.${bank}_power`],
			grid_options: { columns: "full" },
		},
	);
	const alarms = section(
		heading("Alarms", "mdi:alert"),
		...["alarm_active", "protection_active", "fault_active"].map((key, index) =>
			tile(`binary_sensor.${bank}_${key}`, ["Alarm", "Protection", "Fault"][index] ?? key),
		),
		tile(`event.${bank}_events`, "Last event"),
		heading("Contacts", "mdi:electric-switch"),
		tile(`binary_sensor.${bank}_fault_contact`, "Fault contact 1/2"),
		tile(`binary_sensor.${bank}_low_battery_contact`, "Low battery contact 3/4"),
	);
	const energy = section(
		heading("Energy", "mdi:lightning-bolt"),
		tile(`sensor.${bank}_energy_charged`, "Charged"),
		tile(`sensor.${bank}_energy_discharged`, "Discharged"),
		{
			type: "statistics-graph",
			chart_type: "bar",
			period: "day",
			days_to_show: 7,
			stat_types: ["change"],
			entities: [`sensor.${bank}_energy_charged`, `sensor.${bank}_energy_discharged`],
			grid_options: { columns: "full" },
		},
		heading("Link", "mdi:connection"),
		tile(`binary_sensor.${bank}_link`, "Battery link"),
		tile(`binary_sensor.${bank}_bridge`, "Server"),
		tile(`sensor.${bank}_packs_online`, "Packs online"),
		tile(`sensor.${bank}_server_version`, "Version"),
	);
	const packSections = packs.map((address) =>
		section(
			heading(`Pack ${address}`, "mdi:battery"),
			bar(`sensor.${pack(address)}_soc`, "State of charge", 0, 100),
			tile(`binary_sensor.${pack(address)}_online`, "Heard"),
			tile(`sensor.${pack(address)}_voltage`, "Voltage"),
			tile(`sensor.${pack(address)}_current`, "Current"),
			tile(`sensor.${pack(address)}_temperature_1`, "Temperature"),
			tile(`sensor.${pack(address)}_soh`, "Health"),
			tile(`sensor.${pack(address)}_cycles`, "Cycles"),
			tile(`sensor.${pack(address)}_cell_voltage_delta`, "Cell spread"),
			tile(`binary_sensor.${pack(address)}_charge_mosfet`, "Charge MOSFET"),
			tile(`binary_sensor.${pack(address)}_discharge_mosfet`, "Discharge MOSFET"),
		),
	);
	const cellSections = packs.map((address) =>
		section(
			heading(`Pack ${address}`, "mdi:chart-bar"),
			...Array.from({ length: cells }, (_, index) => bar(`sensor.${pack(address)}_cell_${index + 1}`, `Cell ${index + 1}`, 2.8, 3.7)),
		),
	);
	const view = (title: string, path: string, icon: string, sections: readonly Yaml[]): Yaml => ({
		...{ title, path, icon, type: "sections", max_columns: 3, sections },
	});
	return {
		title: name,
		views: [
			view("Bank", "bank", "mdi:battery-high", [overview, alarms, energy]),
			view("Packs", "packs", "mdi:server", packSections),
			view("Cells", "cells", "mdi:chart-bar", cellSections),
		],
	};
}

/** YAML of plain values. */
export function yamlOf(value: Yaml, indent = ""): string {
	if (typeof value !== "object")
		return typeof value === "string" && !/^[A-Za-z][\w ./-]*$/.test(value) ? JSON.stringify(value) : `${value}`;
	const inner = `${indent}  `;
	if (isList(value)) {
		if (value.length === 0) return "[]";
		return value.map((item) => `${indent}- ${yamlOf(item, inner).trimStart()}`).join("\n");
	}
	return Object.entries(value)
		.map(([key, item]) => `${indent}${key}:${typeof item === "object" && !isEmpty(item) ? "\n" : " "}${yamlOf(item, inner)}`)
		.join("\n");
}

const isList = (value: Yaml): value is readonly Yaml[] => Array.isArray(value);
const isEmpty = (value: Yaml) => isList(value) && value.length === 0;

/** The file with its first lines. */
export function dashboardFile(of: DashboardOf): string {
	return `# Dashboard for Home Assistant: ${of.packs.length} packs of ${of.cells} cells, bank name "${of.name}".\n# Settings, Dashboards, Add dashboard; open it, Edit, Raw configuration editor, paste this.\n${yamlOf(dashboardOf(of))}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { values } = parseArgs({
		options: {
			name: { type: "string", default: DEFAULT_DASHBOARD.name },
			packs: { type: "string", default: DEFAULT_DASHBOARD.packs.join(",") },
			cells: { type: "string", default: String(DEFAULT_DASHBOARD.cells) },
		},
	});
	process.stdout.write(dashboardFile({ name: values.name, packs: values.packs.split(",").map(Number), cells: Number(values.cells) }));
}
