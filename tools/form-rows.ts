// The rows of the nodes' forms for numbers and ticks, which follow from the tables of settings. The build writes them into
// a node's editor part where it asks for them (`<!-- setting: baudRate -->`), and tests read them from here.
import { bankProperty, simulatorProperty } from "../nodes/lib/bank-properties.ts";
import { AUTONOMY_SETTINGS } from "../src/autonomy/options.ts";
import { BANK_SETTINGS } from "../src/bms/options.ts";
import { MQTT_SETTINGS } from "../src/discovery/options.ts";
import { CONTACT_SETTINGS } from "../src/dry-contact/options.ts";
import { GENERATOR_SETTINGS } from "../src/generator/options.ts";
import { HOME_ASSISTANT_SETTINGS } from "../src/home-assistant/options.ts";
import { SHED_SETTINGS } from "../src/load-shedding/options.ts";
import { NOTIFICATION_SETTINGS } from "../src/notification/options.ts";
import type { Setting, SettingsTable } from "../src/settings.ts";
import { SIMULATOR_SETTINGS } from "../src/simulator/options.ts";

/** Rows of a table by the names of the properties that keep them. */
const named = (table: SettingsTable, propertyOf: (key: string) => string): SettingsTable =>
	Object.fromEntries(Object.entries(table).map(([key, row]) => [propertyOf(key), row]));

/** TABLE of the nodes that have settings: the rows by property, and what the ids of the form's inputs begin with. */
const FORMS: Readonly<Record<string, { readonly inputs: string; readonly settings: SettingsTable }>> = {
	"rack-battery": {
		inputs: "node-config-input-",
		settings: {
			...named(BANK_SETTINGS, bankProperty),
			...named(SIMULATOR_SETTINGS, simulatorProperty),
			...CONTACT_SETTINGS,
		},
	},
	"rack-battery-autonomy": { inputs: "node-input-", settings: AUTONOMY_SETTINGS },
	"rack-battery-discovery": { inputs: "node-input-", settings: MQTT_SETTINGS },
	"rack-battery-generator": { inputs: "node-input-", settings: GENERATOR_SETTINGS },
	"rack-battery-ha": { inputs: "node-config-input-", settings: HOME_ASSISTANT_SETTINGS },
	"rack-battery-load-shed": { inputs: "node-input-", settings: { ...SHED_SETTINGS, ...AUTONOMY_SETTINGS } },
	"rack-battery-notify": { inputs: "node-input-", settings: NOTIFICATION_SETTINGS },
};

/** The input of a setting; null for one whose form depends on more than its row (choices, texts). */
function inputOf(id: string, row: Setting): readonly string[] | null {
	if (row.type === "boolean") return [`<input type="checkbox" id="${id}" class="rack-battery-tick">`];
	if (row.type !== "number" && row.type !== "integer") return null;
	const { minimum, maximum, unit } = row;
	const step = row.type === "integer" ? "1" : "any";
	return [
		`<input type="number" id="${id}" class="rack-battery-number" min="${minimum}" max="${maximum}" step="${step}">`,
		`<span class="rack-battery-range">${minimum} – ${maximum}${unit === undefined ? "" : ` ${unit}`}</span>`,
	];
}

function rowOf(type: string, property: string): readonly string[] {
	const { inputs, settings } = FORMS[type] ?? { inputs: "", settings: {} };
	const row = settings[property];
	const id = `${inputs}${property}`;
	const input = row === undefined ? null : inputOf(id, row);
	if (input === null)
		throw new Error(`${type}: the form asks for a row of ${property}, which is no number and no tick among its settings.`);
	return [
		'<div class="form-row">',
		`\t<label for="${id}" data-i18n="rack-battery.label.${property}"></label>`,
		...input.map((line) => `\t${line}`),
		"</div>",
	];
}

/** A node's editor part with the rows it asks for. */
export function withSettingRows(type: string, html: string): string {
	return html.replace(/^([ \t]*)<!-- setting: (\w+) -->$/gm, (_line, indent: string, property: string) =>
		rowOf(type, property)
			.map((line) => `${indent}${line}`)
			.join("\n"),
	);
}
