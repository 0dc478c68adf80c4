import { CONDITIONS, type ConditionClass, type ConditionKey, conditionOf } from "../bms/battery/conditions.ts";
import type { Severity } from "./severity.ts";

/**
 * How it is made sure that something is really so. `reads`: so many alarm readings of the battery in a row. `seconds`:
 * it lasts so long. `watchdog`: it lasts as long as the battery may be silent. `once`: at once.
 */
export type Confirmation = "reads" | "seconds" | "watchdog" | "once";

interface Family {
	/** Severity where the condition's class does not decide it. */
	readonly severity?: Severity;
	readonly raised: Confirmation;
	readonly cleared: Confirmation;
	/** Its end is no news. */
	readonly endsQuietly?: true;
	/** Less load would help. */
	readonly helpedByShedding?: true;
}

/**
 * TABLE of the families: what belongs together in one message on the phone. A rise from alarm to protection is then
 * the same message becoming graver, not a second one.
 */
export const FAMILIES = {
	high_voltage: { raised: "reads", cleared: "reads" },
	low_voltage: { raised: "reads", cleared: "reads", helpedByShedding: true },
	current: { raised: "reads", cleared: "reads", helpedByShedding: true },
	hot: { raised: "reads", cleared: "reads", helpedByShedding: true },
	cold: { raised: "reads", cleared: "reads" },
	low_soc: { severity: "warning", raised: "reads", cleared: "reads", helpedByShedding: true },
	hardware: { raised: "reads", cleared: "reads" },
	full: { severity: "info", raised: "reads", cleared: "reads", endsQuietly: true },
	/** A wired contact; a modelled one says nothing that its conditions do not. */
	fault_contact: { severity: "critical", raised: "seconds", cleared: "seconds" },
	low_contact: { severity: "warning", raised: "seconds", cleared: "seconds", helpedByShedding: true },
	mismatch: { severity: "warning", raised: "once", cleared: "seconds" },
	link: { severity: "warning", raised: "once", cleared: "seconds" },
	pack: { severity: "warning", raised: "watchdog", cleared: "seconds" },
	/** Told by a message of the flow. */
	custom: { raised: "once", cleared: "once", helpedByShedding: true },
} as const satisfies Record<string, Family>;

export type FamilyKey = keyof typeof FAMILIES;
export const FAMILY_KEYS = Object.keys(FAMILIES) as readonly FamilyKey[];

/** The row of a family, with the optional marks readable. */
export function familyRow(family: FamilyKey): Family {
	return FAMILIES[family];
}

/** TABLE of the severity of a condition by its class. */
const CLASS_SEVERITY = { alarm: "caution", protection: "critical", fault: "critical" } as const satisfies Record<ConditionClass, Severity>;

/** TABLE of the families by the conditions' slugs; what hardware reports belongs to `hardware`. */
const FAMILY_OF_SLUG: Readonly<Record<string, FamilyKey>> = {
	pack_overvoltage: "high_voltage",
	cell_overvoltage: "high_voltage",
	charger_overvoltage: "high_voltage",
	pack_undervoltage: "low_voltage",
	cell_undervoltage: "low_voltage",
	discharge_overcurrent: "current",
	charge_overcurrent: "current",
	short_circuit: "current",
	mosfet_overtemperature: "hot",
	ambient_high_temperature: "hot",
	discharge_high_temperature: "hot",
	charge_high_temperature: "hot",
	ambient_low_temperature: "cold",
	discharge_low_temperature: "cold",
	charge_low_temperature: "cold",
	low_soc: "low_soc",
	fully: "full",
};

/** The family a condition belongs to. */
export function familyOf(key: ConditionKey): FamilyKey {
	return FAMILY_OF_SLUG[conditionOf(key).slug] ?? "hardware";
}

/** How urgent a condition is: an alarm is a caution, a protection or fault is critical; low charge is a warning, full a word of information. */
export function severityOf(key: ConditionKey): Severity {
	return familyRow(familyOf(key)).severity ?? CLASS_SEVERITY[CONDITIONS[key].class];
}
