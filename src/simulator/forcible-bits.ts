import { CONDITION_KEYS, type ConditionKey, conditionOf } from "../bms/battery/conditions.ts";
import { STATE_KEYS, type StateKey } from "../bms/battery/states.ts";
import { ConfigError } from "../errors.ts";

/** A bit that can be forced: a condition or an on/off state. */
export type ForcibleKey = ConditionKey | StateKey;

/** Names of all bits that can be forced. */
export const FORCIBLE_KEYS: readonly ForcibleKey[] = [...CONDITION_KEYS.filter((key) => !conditionOf(key).unsupported), ...STATE_KEYS];

/** The bit of that name. Throws a ConfigError with names that are alike. */
export function forcibleKey(key: string): ForcibleKey {
	const found = FORCIBLE_KEYS.find((name) => name === key);
	if (found !== undefined) return found;
	if ((CONDITION_KEYS as readonly string[]).includes(key)) {
		throw new ConfigError("invalid", `${key} cannot be set: no source says where it is on the wire.`);
	}
	const alike = FORCIBLE_KEYS.filter((name) => key !== "" && name.toLowerCase().includes(key.toLowerCase().replace(/^.*\./, "")));
	const hint =
		alike.length > 0 ? ` Did you mean ${alike.slice(0, 4).join(", ")}?` : " Names look like alarm.low_soc or protection.cell_overvoltage.";
	throw new ConfigError("invalid", `There is no condition or state called "${key}".${hint}`);
}
