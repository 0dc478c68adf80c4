/**
 * Settings as tables: type, default, range, words and secrecy of each stand in one row; the TypeScript type,
 * the JSON schema, the environment names, the node editors' defaults and the README's table follow from it.
 */
interface Row {
	/** One sentence for the owner: what it does, with its unit. */
	readonly description: string;
	/** Never logged, exported or returned by the API. */
	readonly secret?: true;
}
export type Setting =
	| (Row & {
			readonly type: "string";
			readonly default: string;
			readonly choices?: readonly string[];
			readonly pattern?: string;
			readonly example?: string;
	  })
	| (Row & {
			readonly type: "integer" | "number";
			readonly default: number;
			readonly minimum: number;
			readonly maximum: number;
			readonly unit?: string;
	  })
	| (Row & { readonly type: "boolean"; readonly default: boolean });

export type SettingsTable = Readonly<Record<string, Setting>>;

/** The value a row describes; a row with choices is one of them. */
export type SettingValue<S extends Setting> = S extends { readonly choices: readonly (infer C)[] }
	? C
	: S["type"] extends "string"
		? string
		: S["type"] extends "boolean"
			? boolean
			: number;

/** The settings object a table describes, complete. */
export type SettingsOf<T extends SettingsTable> = { readonly [K in keyof T]: SettingValue<T[K]> };

/** All defaults of a table. */
export function defaultsOf<const T extends SettingsTable>(table: T): SettingsOf<T> {
	return Object.fromEntries(Object.entries(table).map(([key, row]) => [key, row.default])) as SettingsOf<T>;
}

/** JSON schema of a table; every key may be missing, no other key may be there. */
export function schemaOf(table: SettingsTable): Record<string, unknown> {
	const property = (row: Setting): Record<string, unknown> => ({
		type: row.type,
		description: row.description,
		default: row.default,
		...("choices" in row && row.choices ? { enum: row.choices } : {}),
		...("pattern" in row && row.pattern ? { pattern: row.pattern } : {}),
		...("minimum" in row ? { minimum: row.minimum, maximum: row.maximum } : {}),
	});
	return {
		type: "object",
		additionalProperties: false,
		properties: Object.fromEntries(Object.entries(table).map(([key, row]) => [key, property(row)])),
	};
}
