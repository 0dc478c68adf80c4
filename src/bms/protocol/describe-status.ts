import { type ConditionClass, type ConditionKey, conditionOf } from "../battery/conditions.ts";
import type { PackStatus } from "../battery/readings.ts";
import { STATES, type StateKey } from "../battery/states.ts";
import { isStateKey } from "./status-names.ts";

/**
 * The alarm state of a pack as `rack-battery decode` prints it. What the protocol cannot report is null, never clear;
 * a list of which only some can be reported is printed with the others under `unsupported`.
 */
export function describeStatus({
	conditions,
	indicationZero: _,
	unsupported = [],
	states,
	...told
}: PackStatus): Readonly<Record<string, unknown>> {
	const listed = (conditionClass: ConditionClass) => listConditions(conditions, conditionClass);
	const has = (conditionClass: ConditionClass, count: number) =>
		unsupported.filter((key) => key.startsWith(`${conditionClass}.`)).length < count;
	return {
		alarms: has("alarm", ALARM_COUNT) ? listed("alarm") : null,
		protections: listed("protection"),
		faults: listed("fault"),
		states: Object.fromEntries(Object.entries(states).map(([key, on]) => [key, unsupported.includes(key as StateKey) ? null : on])),
		...told,
		...(unsupported.length > 0 ? { unsupported: unsupported.map((key) => (isStateKey(key) ? `states.${key}` : key)) } : {}),
		unverified: UNVERIFIED.filter((name) => !unsupported.some((key) => name === `states.${key}`)),
	};
}

/** The conditions of one class as they are printed, in the manual's order. */
export function listConditions(
	conditions: readonly ConditionKey[],
	conditionClass: ConditionClass,
): readonly Readonly<Record<"code" | "slug" | "label", string>>[] {
	return conditions
		.map(conditionOf)
		.filter((condition) => condition.class === conditionClass)
		.sort((a, b) => (a.item ?? Number.POSITIVE_INFINITY) - (b.item ?? Number.POSITIVE_INFINITY))
		.map(({ code, slug, label }) => ({ code, slug, label }));
}

/** The manual's alarms. */
const ALARM_COUNT = 14;

/** Keys whose meaning the sources dispute or nobody has proven (fault-map §5, rs232-v25 §6). */
const UNVERIFIED: readonly string[] = [
	...Object.entries(STATES).flatMap(([key, state]) => ("unverified" in state ? [`states.${key}`] : [])),
	"balancingCells",
];
