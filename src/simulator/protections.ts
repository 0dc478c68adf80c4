import type { ConditionKey } from "../bms/battery/conditions.ts";
import type { LimitRule, Limits } from "./limits.ts";
import { RULES, type Watched } from "./protection-rules.ts";

/** Fully goes away when the pack has been used down to this: our choice (A5 allows 74-97 %). */
export const FULLY_RELEASE_SOC = 96;

/** State of one rule. */
interface RuleState {
	readonly alarm: boolean;
	readonly protection: boolean;
	/** How long the protection's limit has been passed, or (while it is active) how long it has been active, ms. */
	readonly forMs: number;
}

/** State of all rules; immutable. */
export interface ProtectionState {
	readonly rules: Readonly<Record<string, RuleState>>;
	readonly fully: boolean;
}

export const CALM: ProtectionState = { rules: {}, fully: false };
const IDLE: RuleState = { alarm: false, protection: false, forMs: 0 };

const reaches = (rule: LimitRule, value: number, limit: number) => (rule.side === "above" ? value >= limit : value <= limit);

function stepRule(rule: LimitRule, state: RuleState, value: number | null, dtMs: number): RuleState {
	// A probe that is missing neither raises nor clears anything.
	if (value === null) return state;
	const alarm = rule.alarm !== null && reaches(rule, value, rule.alarm.at);
	const { protection } = rule;
	if (protection === null) return { ...IDLE, alarm };
	if (state.protection) {
		const forMs = state.forMs + dtMs;
		const released =
			typeof protection.release === "number"
				? !reaches(rule, value, protection.release) || value === protection.release
				: forMs >= protection.release.afterMs;
		return released ? { ...IDLE, alarm } : { alarm, protection: true, forMs };
	}
	if (!reaches(rule, value, protection.at)) return { ...IDLE, alarm };
	const forMs = state.forMs + dtMs;
	return forMs >= protection.delayMs ? { alarm, protection: true, forMs: 0 } : { alarm, protection: false, forMs };
}

function stepFully(fully: boolean, watched: Watched, { voltage, cutOffCurrent }: Limits["fullCharge"]): boolean {
	if (fully) return watched.stateOfCharge >= FULLY_RELEASE_SOC && watched.dischargeCurrent < cutOffCurrent;
	return (
		watched.packVoltage >= voltage && watched.dischargeCurrent === 0 && watched.chargeCurrent > 0 && watched.chargeCurrent <= cutOffCurrent
	);
}

/** The rules after `dtMs` of these values; a rule that is switched off holds nothing. */
export function stepProtections(state: ProtectionState, watched: Watched, dtMs: number, limits: Limits): ProtectionState {
	const rules = limits.rules.map(
		(rule) => [rule.name, stepRule(rule, state.rules[rule.name] ?? IDLE, watched[rule.quantity], dtMs)] as const,
	);
	return { rules: Object.fromEntries(rules), fully: stepFully(state.fully, watched, limits.fullCharge) };
}

/** The conditions the rules hold set. */
export function raisedBy(state: ProtectionState): ReadonlySet<ConditionKey> {
	const keys = new Set<ConditionKey>();
	for (const [name, rule] of RULES) {
		const ruleState = state.rules[name];
		if (ruleState?.alarm && rule.alarm) keys.add(rule.alarm.key);
		if (ruleState?.protection && rule.protection) keys.add(rule.protection.key);
	}
	if (state.fully) keys.add("protection.fully");
	return keys;
}
