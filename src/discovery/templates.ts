/**
 * Templates of Home Assistant for values of our messages. A message that an earlier version left at the broker, or one
 * of a pack with fewer cells or probes, may lack a value: that is unknown, and no warning in Home Assistant's log.
 */

/** The value as it is; null shows as unknown. */
export const valueTemplate = (path: string) => `{{ ${valueAt(path)} }}`;

/** Home Assistant compares with `ON` and `OFF`. */
export const onOffTemplate = (path: string) => `{{ none if ${valueAt(path)} is none else ('ON' if value_json.${path} else 'OFF') }}`;

/** Attributes by their names. */
export const attributesTemplate = (paths: Readonly<Record<string, string>>) =>
	`{{ {${Object.entries(paths)
		.map(([name, path]) => `'${name}': ${valueAt(path)}`)
		.join(", ")}} | tojson }}`;

const valueAt = (path: string) => `value_json.${path} | default(none)`;
