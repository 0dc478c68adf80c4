// The parts of the command node's form that follow from the tables of commands, switches and parameters. The build writes
// them into the node's editor part where it asks for them (`shared: command-rows.html`), and tests read them from here.
import { INVERTER_PROTOCOLS } from "../src/bms/battery/inverter-protocols.ts";
import { PARAMETER_KEYS, parameterOf } from "../src/bms/battery/parameters.ts";
import { SWITCH_KEYS, switchOf } from "../src/bms/battery/switches.ts";
import {
	ARMED_CLASSES,
	COMMAND_NAMES,
	COMMANDS,
	type CommandArgument,
	type CommandClass,
	type CommandName,
	commandOf,
} from "../src/bms/command/command.ts";

/** The choice that leaves the command to the message. */
const BY_MESSAGE = "message";
const propertyOf = (argument: string) => `arg${argument.charAt(0).toUpperCase()}${argument.slice(1)}`;

/** Every argument once, with the commands that take it; a pack may also be fixed when the message says the command. */
function argumentRows(): readonly { readonly name: string; readonly row: CommandArgument; readonly commands: readonly string[] }[] {
	const all = COMMAND_NAMES.flatMap((command) => Object.entries(commandOf(command).arguments));
	return [...new Map(all)].map(([name, row]) => ({
		name,
		row,
		commands: [...(name === "pack" ? [BY_MESSAGE] : []), ...COMMAND_NAMES.filter((command) => name in commandOf(command).arguments)],
	}));
}

const option = (value: string | number, text: string) => `<option value="${value}">${text}</option>`;
const translated = (value: string, key: string) => `<option value="${value}" data-i18n="rack-battery.choice.${key}"></option>`;
const select = (id: string, options: readonly string[]) =>
	`<select id="${id}">\n${options.map((line) => `\t\t${line}\n`).join("")}\t</select>`;

/** The input of an argument. */
function inputOf(name: string, row: CommandArgument): string {
	const id = `node-input-${propertyOf(name)}`;
	if (name === "pack") {
		return select(id, [translated("", "pack.cabled"), ...Array.from({ length: 16 }, (_, pack) => option(pack, String(pack)))]);
	}
	if (name === "can" || name === "rs485") {
		return select(id, [
			translated("", "byMessage"),
			...INVERTER_PROTOCOLS[name].map((protocol, code) => option(code, `${code} ${protocol}`)),
		]);
	}
	switch (row.type) {
		case "choice":
			return select(id, [translated("", "byMessage"), ...row.choices.map((choice) => translated(choice, `${name}.${choice}`))]);
		case "boolean":
			return select(id, [translated("", `${name}.message`), translated("true", `${name}.true`), translated("false", `${name}.false`)]);
		case "integer":
			return `<input type="number" id="${id}" class="rack-battery-number" min="${row.minimum}" max="${row.maximum}" step="1">\n\t<span class="rack-battery-range">${row.minimum} – ${row.maximum}</span>`;
		case "text":
			return `<input type="text" id="${id}" placeholder="${row.example}">`;
		case "values":
			return `<textarea id="${id}" rows="4" class="rack-battery-values" placeholder="cellOvervoltageAlarm = 3.55" spellcheck="false"></textarea>`;
	}
}

function rowOf({ name, row, commands }: ReturnType<typeof argumentRows>[number]): string {
	const property = propertyOf(name);
	return [
		`<div class="form-row rack-battery-argument" data-commands="${commands.join(" ")}">`,
		`\t<label for="node-input-${property}" data-i18n="rack-battery.label.${property}"></label>`,
		`\t${inputOf(name, row)}`,
		"</div>",
	].join("\n");
}

const tip = (key: string, commands: readonly string[]) =>
	`<div class="form-tips rack-battery-tip rack-battery-argument" data-commands="${commands.join(" ")}" data-i18n="[html]rack-battery.tip.${key}"></div>`;

const classOf = (command: CommandName): CommandClass | "mixed" => (commandOf(command).classOf ? "mixed" : commandOf(command).class);

/** What a choice needs before it is carried out. */
function tips(): readonly string[] {
	const ofClass = (wanted: readonly string[]) => COMMAND_NAMES.filter((command) => wanted.includes(classOf(command)));
	return [tip("comfort", ofClass(["comfort"])), tip("mixed", ofClass(["mixed"])), tip("armed", ofClass([...ARMED_CLASSES]))];
}

function unverifiedTip(): string {
	const unverified = SWITCH_KEYS.filter((key) => switchOf(key).unverified);
	return `<div class="form-tips rack-battery-tip rack-battery-unverified" data-switches="${unverified.join(" ")}" data-i18n="[html]rack-battery.tip.unverified"></div>`;
}

function parameterList(): string {
	const rows = PARAMETER_KEYS.map((key) => {
		const { minimum, maximum, unit } = parameterOf(key);
		return `\t<tr><td>${key}</td><td>${minimum} – ${maximum} ${unit}</td></tr>`;
	});
	return ['<table class="rack-battery-parameters">', ...rows, "</table>"].join("\n");
}

/** For the form's own checks. */
function table(): string {
	const parameters = Object.fromEntries(PARAMETER_KEYS.map((key) => [key, [parameterOf(key).minimum, parameterOf(key).maximum]]));
	const { time } = COMMANDS["set-clock"].arguments;
	return [`const PARAMETERS = ${JSON.stringify(parameters)};`, `const TIME = new RegExp(${JSON.stringify(time.pattern)});`].join("\n");
}

/** The parts by the names under which the editor part asks for them. */
export function commandFormParts(): Readonly<Record<string, string>> {
	return {
		"command-choices.html": [
			translated(BY_MESSAGE, "byMessage"),
			...COMMAND_NAMES.map((command) => translated(command, `command.${command}`)),
		].join("\n"),
		"command-rows.html": [...argumentRows().map(rowOf), unverifiedTip(), ...tips()].join("\n"),
		"command-parameters.html": parameterList(),
		"command-table.js": table(),
	};
}
