import { CONDITION_KEYS, CONDITIONS, type ConditionKey, conditionOf } from "../battery/conditions.ts";
import type { PackStatus } from "../battery/readings.ts";
import { STATE_KEYS, STATES, type StateKey } from "../battery/states.ts";
import type { Layout } from "../codec/layout.ts";

/** From the names of set bits to the conditions and states of the model; the same for every protocol. */

/** Names of bits that say what the current or the switches say as well: read, and not shown as unknown. */
export const INFORMATIVE_BITS = ["charging", "discharging", "standby", "floatCharge", "balancing", "cellHeating"] as const;

const NO_STATES = Object.fromEntries(STATE_KEYS.map((key) => [key, false])) as Record<StateKey, boolean>;

/** The names sorted into what they are; a name may come from several bits. */
export function sortNames(set: readonly string[]): Pick<PackStatus, "conditions" | "states" | "unknownBits"> {
	const conditions: ConditionKey[] = [];
	const unknownBits: string[] = [];
	const states: Record<StateKey, boolean> = { ...NO_STATES };
	for (const name of new Set(set)) {
		if (isConditionKey(name)) conditions.push(name);
		else if (isStateKey(name)) states[name] = true;
		else if (!isInformative(name)) unknownBits.push(name);
	}
	return { conditions, states, unknownBits };
}

/**
 * What a protocol cannot report: every condition and state for which its layout has no bit, and which is not in
 * `derived` (known from something else in the reply). What no protocol reports at all is not listed.
 */
export function unsupportedBy(layout: Layout, derived: readonly ConditionKey[] = []): readonly (ConditionKey | StateKey)[] {
	const named = new Set<string>([...layout.flatMap((row) => (row.type === "bits" ? Object.values(row.bits) : [])), ...derived]);
	const conditions = CONDITION_KEYS.filter((key) => !named.has(key) && conditionOf(key).unsupported !== true);
	return [...conditions, ...STATE_KEYS.filter((key) => !named.has(key))];
}

export function isConditionKey(name: string): name is ConditionKey {
	return Object.hasOwn(CONDITIONS, name);
}

export function isStateKey(name: string): name is StateKey {
	return Object.hasOwn(STATES, name);
}

function isInformative(name: string): boolean {
	return INFORMATIVE_BITS.some((known) => known === name);
}
