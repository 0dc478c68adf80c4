// The generated parts of docs/reference.md: settings, readings, conditions, parameters, commands, switches, inverter protocols.
import { CONDITION_KEYS, conditionOf } from "../src/bms/battery/conditions.ts";
import { BANK_DATAPOINTS, type Datapoint, PACK_DATAPOINTS } from "../src/bms/battery/datapoints.ts";
import { INVERTER_PROTOCOLS } from "../src/bms/battery/inverter-protocols.ts";
import {
	PARAMETER_GROUP_KEYS,
	PARAMETER_GROUPS,
	PARAMETER_ORDERS,
	PARAMETERS,
	type ParameterKey,
	parameterOf,
	parametersOfGroup,
} from "../src/bms/battery/parameters.ts";
import { QUANTITIES } from "../src/bms/battery/quantities.ts";
import { SWITCH_KEYS, switchOf } from "../src/bms/battery/switches.ts";
import {
	ARMED_CLASSES,
	COMMAND_NAMES,
	COMMANDS,
	type CommandArgument,
	type CommandName,
	commandOf,
	WRITE_CLASSES,
} from "../src/bms/command/command.ts";
import { BANK_SETTINGS } from "../src/bms/options.ts";
import { PROTOCOLS } from "../src/bms/protocol/protocols.ts";
import { MQTT_SETTINGS } from "../src/discovery/options.ts";
import { CONTACT_SETTINGS } from "../src/dry-contact/options.ts";
import { SERVER_SETTINGS } from "../src/server/options.ts";
import type { Setting, SettingsTable } from "../src/settings.ts";
import { SIMULATOR_SETTINGS } from "../src/simulator/options.ts";
import { table } from "./markdown-table.ts";

function range(setting: Setting): string {
	if ("choices" in setting && setting.choices) return setting.choices.map((choice) => `\`${choice}\``).join(", ");
	if ("minimum" in setting) return `${setting.minimum} to ${setting.maximum}${setting.unit ? ` ${setting.unit}` : ""}`;
	if (setting.type === "boolean") return "true, false";
	return "example" in setting && setting.example ? `e.g. \`${setting.example}\`` : "text";
}

function settingsTable(section: string, settings: SettingsTable): string {
	const rows = Object.entries(settings).map(([key, setting]) => {
		const value = setting.default === "" ? "(empty)" : `\`${setting.default}\``;
		return [`\`${section}.${key}\``, value, range(setting), setting.description + (setting.secret ? " Secret." : "")];
	});
	return table(["setting", "default", "range", "meaning"], rows);
}

function settingsPart(): string {
	return [
		settingsTable("bank", BANK_SETTINGS),
		settingsTable("mqtt", MQTT_SETTINGS),
		settingsTable("contacts", CONTACT_SETTINGS),
		settingsTable("server", SERVER_SETTINGS),
		settingsTable("simulator", SIMULATOR_SETTINGS),
		"In the environment `bank.baudRate` is `RACK_BATTERY_BANK_BAUD_RATE`, and so on.",
	].join("\n\n");
}

function datapointRows(scope: string, points: Readonly<Record<string, Datapoint>>): string[][] {
	return Object.entries(points).map(([key, point]) => {
		const remarks = [point.list ? `one for each ${point.list}` : "", point.sign ?? "", point.derived ? "computed here" : ""].filter(
			Boolean,
		);
		return [scope, point.label, `\`${key}\``, QUANTITIES[point.quantity].unit || "-", remarks.join("; ")];
	});
}

function readingsPart(): string {
	return table(
		["of", "reading", "name in messages", "unit", "remarks"],
		[...datapointRows("pack", PACK_DATAPOINTS), ...datapointRows("bank", BANK_DATAPOINTS)],
	);
}

function conditionsPart(): string {
	const rows = CONDITION_KEYS.map((key) => {
		const { class: kind, item, code, slug, label, isState, unsupported, undocumented } = conditionOf(key);
		const remark = isState
			? "a state, never a problem"
			: unsupported
				? "no known bit: unsupported"
				: undocumented
					? "shown with this name, off by default"
					: "";
		return [kind, item === null ? "-" : String(item), code, `\`${slug}\``, label, remark];
	});
	return table(["class", "item", "code", "slug", "meaning", "remarks"], rows);
}

function parameterRow(key: ParameterKey): string[] {
	const { label, unit, minimum, maximum, step, default: usual, limitOf } = parameterOf(key);
	const isSwitch = unit === "on/off";
	const value = (number: number) => (isSwitch ? `${number} (${number === 0 ? "off" : "on"})` : String(number));
	return [
		label,
		`\`${key}\``,
		unit,
		isSwitch ? "0, 1" : `${minimum} to ${maximum}`,
		isSwitch ? "-" : String(step),
		usual === null ? "not known" : value(usual),
		limitOf === undefined ? "" : `\`${limitOf}\``,
	];
}

function parametersPart(): string {
	return PARAMETER_GROUP_KEYS.map((group) => {
		const rows = parametersOfGroup(group).map(parameterRow);
		return `### ${PARAMETER_GROUPS[group].label}\n\n${table(["parameter", "name", "unit", "range", "step", "default", "sets"], rows)}`;
	}).join("\n\n");
}

function ordersPart(): string {
	const rows = PARAMETER_ORDERS.map(({ lower, upper, mayBeEqual }) => [
		`${PARAMETERS[lower].label} (\`${lower}\`)`,
		mayBeEqual ? "must not be above" : "must be below",
		`${PARAMETERS[upper].label} (\`${upper}\`)`,
	]);
	return table(["this", "", "that"], rows);
}

/** What an argument takes. */
function argumentRange(argument: CommandArgument): string {
	switch (argument.type) {
		case "integer":
			return `${argument.minimum} to ${argument.maximum}`;
		case "choice":
			return argument.choices.map((choice) => `\`${choice}\``).join(", ");
		case "boolean":
			return "true, false";
		case "text":
			return `as \`${argument.example}\``;
		case "values":
			return 'as `{ "cellOvervoltageAlarm": 3.6 }`';
	}
}

/** The class of a command, and what another class decides about. */
function classWords(name: CommandName): string {
	const { class: usual, classOf } = commandOf(name);
	if (classOf === undefined) return usual;
	const others = WRITE_CLASSES.flatMap((other) => {
		const values = Object.keys(classOf.classes).filter((value) => classOf.classes[value] === other);
		return values.length === 0 ? [] : [`${other} for ${values.map((value) => `\`${value}\``).join(", ")}`];
	});
	return [usual, ...others].join("; ");
}

/** The commands in short, for the README. */
export function commandsInShort(): string {
	return table(
		["command", "class", "what it does"],
		COMMAND_NAMES.map((name) => [`\`${name}\``, classWords(name), COMMANDS[name].description]),
	);
}

/** The arguments of a command but for the pack, which all of them have. */
function argumentsBeside(name: CommandName): readonly (readonly [string, CommandArgument])[] {
	return Object.entries(commandOf(name).arguments).filter(([key]) => key !== "pack");
}

function commandsPart(): string {
	const rows = COMMAND_NAMES.map((name) => {
		const named = argumentsBeside(name).map(
			([key, argument]) => `\`${argument.optional ? `[${key}]` : key}\`: ${argument.description}; ${argumentRange(argument)}`,
		);
		return [`\`${name}\``, classWords(name), COMMANDS[name].description, named.join("<br>")];
	});
	return `${table(["command", "class", "what it does", "arguments (`[…]` may be left out)"], rows)}

All of them take \`[pack]\`: ${COMMANDS.identify.arguments.pack.description}; ${argumentRange(COMMANDS.identify.arguments.pack)}.

Each class but \`read\` must be enabled in the bank's settings; ${ARMED_CLASSES.map((one) => `\`${one}\``).join(" and ")} also need the administrator's password.`;
}

function switchesPart(): string {
	const rows = SWITCH_KEYS.map((key) => {
		const { label, state, onWhen, unverified } = switchOf(key);
		return [
			label,
			`\`${key}\``,
			`\`${state}\` ${onWhen ? "set" : "clear"}`,
			unverified ? "*unverified*: look at what the battery does" : "",
		];
	});
	return table(["switch", "name", "is on while the state is", "remarks"], rows);
}

function inverterProtocolsPart(): string {
	const { can, rs485 } = INVERTER_PROTOCOLS;
	const rows = Array.from({ length: Math.max(can.length, rs485.length) }, (_, code) => [
		String(code),
		can[code] ?? "-",
		rs485[code] ?? "-",
	]);
	return table(["code", "CAN", "RS485"], rows);
}

function protocolsPart(): string {
	const rows = Object.entries(PROTOCOLS).map(([name, line]) => {
		const { access } = line.protocol;
		const can = [
			...(access?.parameterGroups.length ? [`${access.parameterGroups.length} groups of parameters`] : []),
			...(access?.switches.length ? [`${access.switches.length} switches`] : []),
			...(access?.setClock ? ["clock"] : []),
			...(access?.record ? ["stored records"] : []),
			...(access?.inverterProtocol ? ["inverter protocol"] : []),
		];
		const who = line.reach === "cabled" ? "the pack with the cable answers for all" : "every pack answers for itself";
		const searched = line.reach === "cabled" ? "-" : `${line.search.first} to ${line.search.last}`;
		return [`\`${name}\``, who, searched, `${line.gapMs} ms`, can.join(", ") || "nothing"];
	});
	return table(["bank.protocol", "who answers", "addresses searched", "least pause", "beyond polling"], rows);
}

/** docs/reference.md and what is written in it. */
export const REFERENCE_DOCUMENT = {
	file: "docs/reference.md",
	parts: {
		settings: () => `${settingsPart()}\n`,
		readings: () => `${readingsPart()}\n`,
		conditions: () => `${conditionsPart()}\n`,
		parameters: () => `${parametersPart()}\n`,
		orders: () => `${ordersPart()}\n`,
		commands: () => `${commandsPart()}\n`,
		switches: () => `${switchesPart()}\n`,
		protocols: () => `${protocolsPart()}\n`,
		"inverter-protocols": () => `${inverterProtocolsPart()}\n`,
	},
} as const;
