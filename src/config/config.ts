import { BANK_SETTINGS } from "../bms/options.ts";
import { MQTT_SETTINGS } from "../discovery/options.ts";
import { CONTACT_SETTINGS } from "../dry-contact/options.ts";
import { SERVER_SETTINGS } from "../server/options.ts";
import { defaultsOf, type Setting, type SettingsOf, type SettingsTable, schemaOf } from "../settings.ts";
import { SIMULATOR_SETTINGS } from "../simulator/options.ts";

/** TABLE of the sections of the settings file: each module's own table under its name. */
export const CONFIG_SECTIONS = {
	bank: BANK_SETTINGS,
	simulator: SIMULATOR_SETTINGS,
	mqtt: MQTT_SETTINGS,
	contacts: CONTACT_SETTINGS,
	server: SERVER_SETTINGS,
} as const satisfies Record<string, SettingsTable>;

export type Section = keyof typeof CONFIG_SECTIONS;

/** All settings, complete and checked. */
export type Config = { readonly [S in Section]: SettingsOf<(typeof CONFIG_SECTIONS)[S]> };

/** Settings that nobody gave. */
export const DEFAULT_CONFIG: Config = {
	bank: defaultsOf(BANK_SETTINGS),
	simulator: defaultsOf(SIMULATOR_SETTINGS),
	mqtt: defaultsOf(MQTT_SETTINGS),
	contacts: defaultsOf(CONTACT_SETTINGS),
	server: defaultsOf(SERVER_SETTINGS),
};

/** The row of a setting, or undefined when there is no such setting. */
export function settingAt(section: string, key: string): Setting | undefined {
	const table: SettingsTable | undefined = Object.hasOwn(CONFIG_SECTIONS, section) ? CONFIG_SECTIONS[section as Section] : undefined;
	return table && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Every setting as `section.key`, in the order of the tables. */
export function settingPaths(): readonly { readonly section: Section; readonly key: string; readonly row: Setting }[] {
	return (Object.entries(CONFIG_SECTIONS) as [Section, SettingsTable][]).flatMap(([section, table]) =>
		Object.entries(table).map(([key, row]) => ({ section, key, row })),
	);
}

/** JSON schema of the settings file; everything may be missing, nothing unknown may be there. */
export function configSchema(): Record<string, unknown> {
	return {
		type: "object",
		additionalProperties: false,
		properties: Object.fromEntries(Object.entries(CONFIG_SECTIONS).map(([section, table]) => [section, schemaOf(table)])),
	};
}

/** The values of all settings that are marked secret. */
export function secretsOf(config: Config): readonly string[] {
	return settingPaths().flatMap(({ section, key, row }) => (row.secret ? [String(valueAt(config, section, key))] : []));
}

/** The value of a setting. */
export function valueAt(config: Config, section: Section, key: string): unknown {
	return (config[section] as Readonly<Record<string, unknown>>)[key];
}
