import {
	PARAMETER_GROUPS,
	PARAMETER_KEYS,
	PARAMETER_ORDERS,
	type ParameterGroupKey,
	type ParameterKey,
	type ParameterValues,
	parameterOf,
} from "../battery/parameters.ts";

/** One parameter that is not the same in two sets. */
export interface ParameterDifference {
	readonly key: ParameterKey;
	readonly label: string;
	readonly unit: string;
	readonly now: number | null;
	readonly saved: number | null;
}

/** Whether two values are the same to the battery: finer than the step of the vendor's program nobody means. */
export function isSameValue(key: ParameterKey, a: number, b: number): boolean {
	return Math.abs(a - b) < parameterOf(key).step / 2;
}

/** The parameters in which two sets differ. */
export function differences(now: ParameterValues, saved: ParameterValues): readonly ParameterDifference[] {
	return PARAMETER_KEYS.flatMap((key) => {
		const [a, b] = [now[key], saved[key]];
		if (a === undefined && b === undefined) return [];
		if (a !== undefined && b !== undefined && isSameValue(key, a, b)) return [];
		const { label, unit } = parameterOf(key);
		return [{ key, label, unit, now: a ?? null, saved: b ?? null }];
	});
}

/** Those of the wanted values that differ from what the battery has. */
export function changesIn(now: ParameterValues, wanted: ParameterValues): ParameterValues {
	return picked(wanted, (key, value) => {
		const present = now[key];
		return present !== undefined && Math.abs(present - value) > 1e-9;
	});
}

/** The wanted values the battery does not have at all. */
export function missingIn(now: ParameterValues, wanted: ParameterValues): readonly ParameterKey[] {
	return PARAMETER_KEYS.filter((key) => wanted[key] !== undefined && now[key] === undefined);
}

/** The groups a change touches: those of its values, and those it is held against. */
export function groupsTouched(changes: ParameterValues): ReadonlySet<ParameterGroupKey> {
	const own = PARAMETER_KEYS.filter((key) => changes[key] !== undefined);
	const tied = PARAMETER_ORDERS.filter(({ lower, upper }) => changes[lower] !== undefined || changes[upper] !== undefined);
	return new Set([...own, ...tied.flatMap(({ lower, upper }) => [lower, upper])].map((key) => parameterOf(key).group));
}

/** The values of one group. */
export function ofGroup(values: ParameterValues, group: ParameterGroupKey): ParameterValues {
	return picked(values, (key) => parameterOf(key).group === group);
}

/** The values of some parameters. */
export function picked(values: ParameterValues, isWanted: (key: ParameterKey, value: number) => boolean): ParameterValues {
	const kept = PARAMETER_KEYS.flatMap((key) => {
		const value = values[key];
		return value !== undefined && isWanted(key, value) ? [[key, value] as const] : [];
	});
	return Object.fromEntries(kept);
}

/** In words, which relations between parameters the changes would break; what was wrong before and is not touched is let be. */
export function brokenOrders(now: ParameterValues, changes: ParameterValues): readonly string[] {
	const merged = { ...now, ...changes };
	return PARAMETER_ORDERS.flatMap(({ lower, upper, mayBeEqual }) => {
		if (changes[lower] === undefined && changes[upper] === undefined) return [];
		const [low, high] = [merged[lower], merged[upper]];
		if (low === undefined || high === undefined || low < high || (mayBeEqual && low === high)) return [];
		const relation = mayBeEqual ? "must not be above" : "must be below";
		return [`${lower} (${measured(lower, low)}) ${relation} ${upper} (${measured(upper, high)})`];
	});
}

/** A value with its unit. */
export function measured(key: ParameterKey, value: number): string {
	const { unit } = parameterOf(key);
	return unit === "on/off" ? (value === 0 ? "off" : "on") : `${value} ${unit}`;
}

/** Labels of groups, in a row. */
export function groupWords(groups: readonly ParameterGroupKey[]): string {
	return groups.length === 0 ? "nothing" : groups.map((group) => PARAMETER_GROUPS[group].label).join(", ");
}
