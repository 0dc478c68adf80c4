// Writes home-assistant/dashboard.yaml, or one for other names, packs and cells: `npm run --silent dashboard -- --help`.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ADDRESS_LIST_PATTERN, addressesIn } from "../src/bms/address-list.ts";
import { slugOf } from "../src/discovery/topics.ts";
import { messageOf } from "../src/errors.ts";

/** What the dashboard is for. */
export interface DashboardOf {
	/** The bank's name, as in the settings. */
	readonly name: string;
	/** Addresses of the packs. */
	readonly packs: readonly number[];
	readonly cells: number;
	/** Of the simulator, which has it in its names. */
	readonly simulated?: boolean;
}

type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml };

export const DEFAULT_DASHBOARD: DashboardOf = { name: "Battery bank", packs: [1, 2], cells: 16 };

type Card = { readonly [key: string]: Yaml };

/** What the bars of the cells span, V: from nearly empty to above full. */
const CELL_BAR = { min: 2.8, max: 3.7 };
const FULL_WIDTH: Card = { grid_options: { columns: "full" } };

/** A heading; `badges` are values beside it. */
const heading = (text: string, icon: string, badges: readonly Card[] = []): Card => ({
	...{ type: "heading", heading: text, icon },
	...(badges.length === 0 ? {} : { badges: badges.map((badge) => ({ type: "entity", show_state: true, ...badge })) }),
});
/** Half as wide as its section, as tiles are. */
const tile = (entity: string, name: string, more: Card = {}): Card => ({ type: "tile", entity, name, ...more });
/** Good news is green. */
const connection = (entity: string, name: string): Card => tile(entity, name, { color: "green" });
/** Says what is the matter, too, which takes room. */
const problem = (entity: string, name: string, more: Card = FULL_WIDTH): Card =>
	tile(entity, name, { color: "red", state_content: ["state", "codes"], ...more });
/** Name, value and a bar, one below the other. */
const bar = (entity: string, name: string, { min, max }: { readonly min: number; readonly max: number }, more: Card = {}): Card =>
	tile(entity, name, { ...more, features: [{ type: "bar-gauge", min, max }], features_position: "inline", ...FULL_WIDTH });
const stateOfCharge = (entity: string): Card => bar(entity, "State of charge", { min: 0, max: 100 });
const section = (...cards: readonly Card[]): Card => ({ type: "grid", cards });
const view = (title: string, path: string, icon: string, sections: readonly Card[]): Card => ({
	...{ title, path, icon, show_icon_and_title: true },
	...{ type: "sections", max_columns: 3, sections },
});

/** Which way the current goes, as a word; what is charged has a plus. */
const flowBadges = (device: string): readonly Card[] =>
	(["charging", "discharging"] as const).map((key) => {
		const entity = `binary_sensor.${device}_${key}`;
		const name = key === "charging" ? "Charging" : "Discharging";
		return { ...{ entity, name, state_content: "name" }, visibility: [{ condition: "state", entity, state: "on" }] };
	});

/** What is measured of the bank and of every pack alike. */
function readings(sensor: (key: string) => string): readonly Card[] {
	return [
		stateOfCharge(sensor("soc")),
		tile(sensor("power"), "Power"),
		tile(sensor("current"), "Current"),
		tile(sensor("voltage"), "Voltage"),
		tile(sensor("remaining_capacity"), "Remaining"),
		tile(sensor("cell_voltage_delta"), "Cell spread"),
	];
}

function bankSections(title: string, bank: string): readonly Card[] {
	const sensor = (key: string) => `sensor.${bank}_${key}`;
	const binary = (key: string) => `binary_sensor.${bank}_${key}`;
	const graph = (entity: string, name: string, more: Card = {}): Card => ({
		...{ type: "history-graph", hours_to_show: 24, entities: [{ entity, name }], grid_options: { columns: 18 } },
		...more,
	});
	return [
		section(
			heading(title, "mdi:battery-high", flowBadges(bank)),
			...readings(sensor),
			tile(sensor("soh"), "Health"),
			heading("Link", "mdi:connection"),
			connection(binary("link"), "Battery link"),
			connection(binary("bridge"), "Server"),
			tile(sensor("packs_online"), "Packs online"),
			tile(sensor("server_version"), "Version"),
		),
		section(
			heading("Alarms", "mdi:alert"),
			problem(binary("alarm_active"), "Alarm"),
			problem(binary("protection_active"), "Protection"),
			problem(binary("fault_active"), "Fault"),
			tile(`event.${bank}_events`, "Last event", { state_content: ["event_type", "state"], ...FULL_WIDTH }),
			heading("Contacts", "mdi:electric-switch"),
			problem(binary("fault_contact"), "Fault contact 1/2"),
			problem(binary("low_battery_contact"), "Low battery contact 3/4"),
		),
		section(
			heading("Energy", "mdi:lightning-bolt"),
			tile(sensor("energy_charged"), "Charged"),
			tile(sensor("energy_discharged"), "Discharged"),
			heading("Each day", "mdi:chart-bar"),
			{
				...{ type: "statistics-graph", chart_type: "bar", period: "day", days_to_show: 7, stat_types: ["change"] },
				entities: [
					{ entity: sensor("energy_charged"), name: "Charged" },
					{ entity: sensor("energy_discharged"), name: "Discharged" },
				],
				...FULL_WIDTH,
			},
		),
		{
			...section(
				heading("Last 24 hours", "mdi:chart-line"),
				graph(sensor("soc"), "State of charge", { min_y_axis: 0, max_y_axis: 100 }),
				graph(sensor("power"), "Power"),
			),
			column_span: 3,
		},
	];
}

function packSection(title: string, pack: string): Card {
	const sensor = (key: string) => `sensor.${pack}_${key}`;
	const binary = (key: string) => `binary_sensor.${pack}_${key}`;
	return section(
		heading(title, "mdi:battery", flowBadges(pack)),
		...readings(sensor),
		tile(sensor("temperature_1"), "Cell temperature"),
		tile(sensor("soh"), "Health"),
		tile(sensor("cycles"), "Cycles"),
		problem(binary("alarm_active"), "Alarm", {}),
		problem(binary("protection_active"), "Protection", {}),
		problem(binary("fault_active"), "Fault", {}),
		connection(binary("online"), "Heard"),
		connection(binary("charge_mosfet"), "Charge MOS"),
		connection(binary("discharge_mosfet"), "Discharge MOS"),
	);
}

function cellSection(title: string, pack: string, cells: number): Card {
	const spread: Card = { entity: `sensor.${pack}_cell_voltage_delta`, name: "spread", state_content: ["name", "state"], show_icon: false };
	return section(
		heading(title, "mdi:chart-bar", [spread]),
		tile(`sensor.${pack}_cell_voltage_min`, "Lowest cell", { icon: "mdi:arrow-collapse-down" }),
		tile(`sensor.${pack}_cell_voltage_max`, "Highest cell", { icon: "mdi:arrow-collapse-up" }),
		...Array.from({ length: cells }, (_, index) =>
			bar(`sensor.${pack}_cell_${index + 1}`, `Cell ${index + 1}`, CELL_BAR, { icon: "mdi:battery-outline" }),
		),
	);
}

/** The dashboard as Home Assistant has it, for the entity ids that our discovery gives. */
export function dashboardOf({ name, packs, cells, simulated = false }: DashboardOf): Yaml {
	const suffix = simulated ? " (simulated)" : "";
	const ofPacks = (sectionOf: (title: string, pack: string) => Card) =>
		packs.map((address) => sectionOf(`Pack ${address}${suffix}`, slugOf(`${name} pack ${address}${suffix}`)));
	return {
		title: `${name}${suffix}`,
		views: [
			view("Bank", "bank", "mdi:battery-high", bankSections(`Bank${suffix}`, slugOf(`${name}${suffix}`))),
			view("Packs", "packs", "mdi:server", ofPacks(packSection)),
			view(
				...(["Cells", "cells", "mdi:chart-bar"] as const),
				ofPacks((title, pack) => cellSection(title, pack, cells)),
			),
		],
	};
}

/** Words that Home Assistant's YAML (1.1) reads as something else than text. */
const NO_TEXT = /^(on|off|yes|no|y|n|true|false|null)$/i;

/** YAML of plain values. */
export function yamlOf(value: Yaml, indent = ""): string {
	if (typeof value !== "object")
		return typeof value === "string" && (!/^[A-Za-z][\w ./-]*$/.test(value) || NO_TEXT.test(value)) ? JSON.stringify(value) : `${value}`;
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
	return `# Dashboard for Home Assistant: ${of.packs.length} ${of.packs.length === 1 ? "pack" : "packs"} of ${of.cells} cells, bank name ${JSON.stringify(of.name)}.\n# Settings, Dashboards, Add dashboard; open it, Edit, Raw configuration editor, paste this.\n${yamlOf(dashboardOf(of))}\n`;
}

const USAGE = `home-assistant-dashboard [--name NAME] [--packs 1,2,3] [--cells 16] [--simulated]

Prints a dashboard for Home Assistant: for a bank of that name, with these packs (1-4, 6 for addresses with a gap) of so
many cells; --simulated for the simulated bank, which says so in its names.
`;

/** What the command line wants; null for the help, a text for what is wrong with it. */
export function dashboardWanted(args: readonly string[]): DashboardOf | string | null {
	let values: {
		readonly name: string;
		readonly packs: string;
		readonly cells: string;
		readonly simulated: boolean;
		readonly help: boolean;
	};
	try {
		({ values } = parseArgs({
			args: [...args],
			options: {
				name: { type: "string", default: DEFAULT_DASHBOARD.name },
				packs: { type: "string", default: DEFAULT_DASHBOARD.packs.join(",") },
				cells: { type: "string", default: String(DEFAULT_DASHBOARD.cells) },
				simulated: { type: "boolean", default: false },
				help: { type: "boolean", short: "h", default: false },
			},
		}));
	} catch (error) {
		return messageOf(error);
	}
	const { name, simulated } = values;
	if (values.help) return null;
	const packs = new RegExp(ADDRESS_LIST_PATTERN).test(values.packs) ? addressesIn(values.packs) : [];
	if (packs.length === 0) return `--packs must be addresses from 0 to 15, such as 1,2,3 or 1-4, not "${values.packs}".`;
	const cells = /^\d{1,2}$/.test(values.cells) ? Number(values.cells) : 0;
	if (cells < 1 || cells > 24) return `--cells must be a whole number from 1 to 24, not "${values.cells}".`;
	return slugOf(name) === "" ? `--name "${name}" has no letter in it.` : { name, packs, cells, simulated };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const wanted = dashboardWanted(process.argv.slice(2));
	if (wanted === null) process.stdout.write(USAGE);
	else if (typeof wanted === "string") {
		process.stderr.write(`${wanted}\n\n${USAGE}`);
		process.exitCode = 2;
	} else process.stdout.write(dashboardFile(wanted));
}
