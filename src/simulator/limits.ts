import type { ConditionKey } from "../bms/battery/conditions.ts";
import { type ParameterKey, type ParameterValues, parameterOf } from "../bms/battery/parameters.ts";
import { type ProtectionRule, RULES } from "./protection-rules.ts";

/** What the parameters of a pack come to, in V, A, °C, % and ms. */
export interface Limits {
	readonly rules: readonly LimitRule[];
	/** AF: charging ends when the pack has reached this voltage (16 cells) and the current has fallen to the cut-off. */
	readonly fullCharge: { readonly voltage: number; readonly cutOffCurrent: number };
	/** B6: cells from this voltage on, and this much above the lowest, are bled. */
	readonly balancing: { readonly start: number; readonly difference: number };
}

/** A rule with its levels. */
export interface LimitRule extends Pick<ProtectionRule, "quantity" | "side"> {
	readonly name: string;
	readonly alarm: { readonly at: number; readonly key: ConditionKey } | null;
	readonly protection: {
		readonly at: number;
		readonly key: ConditionKey;
		readonly delayMs: number;
		readonly release: number | { readonly afterMs: number };
	} | null;
}

const NEVER = Number.POSITIVE_INFINITY;
const MS_OF = { s: 1000, ms: 1 } as const;

/** The limits that these parameters set. A level that is not among them is never reached. */
export function limitsOf(parameters: ParameterValues): Limits {
	const levelOf = (key: ParameterKey) => parameters[key] ?? null;
	const msOf = (delay: ParameterKey | { readonly ms: number }) => {
		if (typeof delay !== "string") return delay.ms;
		const { unit } = parameterOf(delay);
		return (parameters[delay] ?? 0) * (unit === "s" ? MS_OF.s : MS_OF.ms);
	};
	const rules = RULES.filter(([, { enabled }]) => enabled === undefined || parameters[enabled] !== 0);
	return {
		rules: rules.map(([name, { quantity, side, alarm, protection }]) => {
			const alarmAt = alarm === undefined ? null : levelOf(alarm.at);
			const protectionAt = protection === undefined ? null : levelOf(protection.at);
			const release = typeof protection?.release === "string" ? levelOf(protection.release) : (protection?.release ?? null);
			return {
				name,
				quantity,
				side,
				alarm: alarm === undefined || alarmAt === null ? null : { at: alarmAt, key: alarm.key },
				protection:
					protection === undefined || protectionAt === null
						? null
						: { at: protectionAt, key: protection.key, delayMs: msOf(protection.delay), release: release ?? protectionAt },
			};
		}),
		fullCharge: { voltage: parameters.fullChargeVoltage ?? NEVER, cutOffCurrent: (parameters.fullChargeCurrent ?? 0) / 1000 },
		balancing: { start: parameters.balanceStartVoltage ?? NEVER, difference: (parameters.balanceStartDelta ?? 0) / 1000 },
	};
}
