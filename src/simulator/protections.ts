import type { ConditionKey } from "../bms/battery/conditions.ts";

/** What the rules look at. `null`: no such probe. Currents are magnitudes in that direction, A. */
export interface Watched {
	readonly highestCell: number;
	readonly lowestCell: number;
	/** Pack voltage for 16 cells: the pack voltage scaled by 16 / cell count, V. */
	readonly packVoltage: number;
	readonly chargeCurrent: number;
	readonly dischargeCurrent: number;
	readonly hottestCell: number | null;
	readonly coldestCell: number | null;
	readonly mosfet: number | null;
	readonly ambient: number | null;
	/** %. */
	readonly stateOfCharge: number;
}

export type Mosfet = "charge" | "discharge";

export interface ProtectionRule {
	readonly quantity: keyof Watched;
	/** The side the limits are on. Reaching a limit counts (cells at 3600 mV read "high" in a capture, rs232-v25 §6.9). */
	readonly side: "above" | "below";
	readonly alarm?: { readonly at: number; readonly key: ConditionKey };
	readonly protection?: {
		readonly at: number;
		readonly key: ConditionKey;
		/** How long the limit must be passed. */
		readonly delayMs: number;
		/** Back to normal at this level, or after a time where the parameters name no level. */
		readonly release: number | { readonly afterMs: number };
		/** MOSFETs it switches off. */
		readonly opens: readonly Mosfet[];
	};
}

/** Delay of the rules whose parameters carry none (temperatures): our choice. */
const TEMPERATURE_DELAY_MS = 2000;
/** The parameters have no release level for over-current; boards try again after a while. 60 s is our choice. */
const OVERCURRENT_RELEASE = { afterMs: 60_000 };
const BOTH = ["charge", "discharge"] as const;

/**
 * TABLE of the default limits, read from a P16S100A-1812-1.00 (rs232-v25 §12): V, A, °C, %. The delay belongs
 * to the protection; an alarm is raised and cleared at its level at once (PbmsTools names it "OVP delay").
 */
export const PROTECTION_RULES = {
	// D1
	cellOvervoltage: {
		quantity: "highestCell",
		side: "above",
		alarm: { at: 3.6, key: "alarm.cell_overvoltage" },
		protection: { at: 3.7, key: "protection.cell_overvoltage", delayMs: 1000, release: 3.38, opens: ["charge"] },
	},
	// D3
	cellUndervoltage: {
		quantity: "lowestCell",
		side: "below",
		alarm: { at: 2.8, key: "alarm.cell_undervoltage" },
		protection: { at: 2.5, key: "protection.cell_undervoltage", delayMs: 1000, release: 2.9, opens: ["discharge"] },
	},
	// D5
	packOvervoltage: {
		quantity: "packVoltage",
		side: "above",
		alarm: { at: 57.6, key: "alarm.pack_overvoltage" },
		protection: { at: 59.2, key: "protection.pack_overvoltage", delayMs: 1000, release: 54, opens: ["charge"] },
	},
	// D7
	packUndervoltage: {
		quantity: "packVoltage",
		side: "below",
		alarm: { at: 44.8, key: "alarm.pack_undervoltage" },
		protection: { at: 40, key: "protection.pack_undervoltage", delayMs: 1000, release: 46.4, opens: ["discharge"] },
	},
	// D9
	chargeOvercurrent: {
		quantity: "chargeCurrent",
		side: "above",
		alarm: { at: 104, key: "alarm.charge_overcurrent" },
		protection: { at: 110, key: "protection.charge_overcurrent", delayMs: 1000, release: OVERCURRENT_RELEASE, opens: ["charge"] },
	},
	// DB
	dischargeOvercurrent: {
		quantity: "dischargeCurrent",
		side: "above",
		alarm: { at: 105, key: "alarm.discharge_overcurrent" },
		protection: { at: 110, key: "protection.discharge_overcurrent", delayMs: 1000, release: OVERCURRENT_RELEASE, opens: ["discharge"] },
	},
	// E3, second level of both directions
	chargeOvercurrent2: {
		quantity: "chargeCurrent",
		side: "above",
		protection: { at: 150, key: "protection.charge_overcurrent", delayMs: 100, release: OVERCURRENT_RELEASE, opens: ["charge"] },
	},
	dischargeOvercurrent2: {
		quantity: "dischargeCurrent",
		side: "above",
		protection: { at: 150, key: "protection.discharge_overcurrent", delayMs: 100, release: OVERCURRENT_RELEASE, opens: ["discharge"] },
	},
	// DD
	chargeHighTemperature: {
		quantity: "hottestCell",
		side: "above",
		alarm: { at: 51, key: "alarm.charge_high_temperature" },
		protection: { at: 55, key: "protection.charge_high_temperature", delayMs: TEMPERATURE_DELAY_MS, release: 50, opens: ["charge"] },
	},
	dischargeHighTemperature: {
		quantity: "hottestCell",
		side: "above",
		alarm: { at: 56, key: "alarm.discharge_high_temperature" },
		protection: { at: 60, key: "protection.discharge_high_temperature", delayMs: TEMPERATURE_DELAY_MS, release: 55, opens: ["discharge"] },
	},
	// DF
	chargeLowTemperature: {
		quantity: "coldestCell",
		side: "below",
		alarm: { at: 0, key: "alarm.charge_low_temperature" },
		protection: { at: -5, key: "protection.charge_low_temperature", delayMs: TEMPERATURE_DELAY_MS, release: 0, opens: ["charge"] },
	},
	dischargeLowTemperature: {
		quantity: "coldestCell",
		side: "below",
		alarm: { at: -15, key: "alarm.discharge_low_temperature" },
		protection: { at: -20, key: "protection.discharge_low_temperature", delayMs: TEMPERATURE_DELAY_MS, release: -15, opens: ["discharge"] },
	},
	// E1
	mosfetHighTemperature: {
		quantity: "mosfet",
		side: "above",
		alarm: { at: 90, key: "alarm.mosfet_overtemperature" },
		protection: { at: 110, key: "protection.mosfet_overtemperature", delayMs: TEMPERATURE_DELAY_MS, release: 85, opens: BOTH },
	},
	// E7
	ambientLowTemperature: {
		quantity: "ambient",
		side: "below",
		alarm: { at: -20, key: "alarm.ambient_low_temperature" },
		protection: { at: -25, key: "protection.ambient_low_temperature", delayMs: TEMPERATURE_DELAY_MS, release: -20, opens: BOTH },
	},
	ambientHighTemperature: {
		quantity: "ambient",
		side: "above",
		alarm: { at: 65, key: "alarm.ambient_high_temperature" },
		protection: { at: 70, key: "protection.ambient_high_temperature", delayMs: TEMPERATURE_DELAY_MS, release: 65, opens: BOTH },
	},
	// AF: low-SOC alarm
	lowStateOfCharge: { quantity: "stateOfCharge", side: "below", alarm: { at: 5, key: "alarm.low_soc" } },
} as const satisfies Record<string, ProtectionRule>;

export type RuleName = keyof typeof PROTECTION_RULES;
const RULES: readonly (readonly [string, ProtectionRule])[] = Object.entries(PROTECTION_RULES);

/** AF: charging ends when the pack has reached this voltage (16 cells) and the current has fallen to the cut-off. */
export const FULL_CHARGE = { voltage: 56, cutOffCurrent: 2 } as const;
/** Fully goes away when the pack has been used down to this: our choice (A5 allows 74-97 %). */
export const FULLY_RELEASE_SOC = 96;

/** MOSFETs that conditions without a limit of their own switch off: short circuit and the hardware faults (manual §5.2.4). */
export const FURTHER_EFFECTS = {
	"protection.short_circuit": ["discharge"],
	"fault.sampling": BOTH,
	"fault.cell": BOTH,
	"fault.temperature_sensor": BOTH,
	"fault.charge_mosfet": BOTH,
	"fault.discharge_mosfet": BOTH,
} as const satisfies Partial<Record<ConditionKey, readonly Mosfet[]>>;

/** MOSFETs each condition switches off. */
const EFFECTS: ReadonlyMap<ConditionKey, readonly Mosfet[]> = new Map<ConditionKey, readonly Mosfet[]>([
	...RULES.flatMap(([, { protection }]) => (protection === undefined ? [] : [[protection.key, protection.opens] as const])),
	...(Object.entries(FURTHER_EFFECTS) as [ConditionKey, readonly Mosfet[]][]),
]);

/** Whether a MOSFET is on while these conditions are set. */
export function isConducting(mosfet: Mosfet, conditions: Iterable<ConditionKey>): boolean {
	for (const key of conditions) if (EFFECTS.get(key)?.includes(mosfet)) return false;
	return true;
}

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

const reaches = (rule: ProtectionRule, value: number, limit: number) => (rule.side === "above" ? value >= limit : value <= limit);

function stepRule(rule: ProtectionRule, state: RuleState, value: number | null, dtMs: number): RuleState {
	// A probe that is missing neither raises nor clears anything.
	if (value === null) return state;
	const alarm = rule.alarm !== undefined && reaches(rule, value, rule.alarm.at);
	const { protection } = rule;
	if (protection === undefined) return { ...IDLE, alarm };
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

function stepFully(fully: boolean, watched: Watched): boolean {
	if (fully) return watched.stateOfCharge >= FULLY_RELEASE_SOC && watched.dischargeCurrent < FULL_CHARGE.cutOffCurrent;
	return (
		watched.packVoltage >= FULL_CHARGE.voltage &&
		watched.dischargeCurrent === 0 &&
		watched.chargeCurrent > 0 &&
		watched.chargeCurrent <= FULL_CHARGE.cutOffCurrent
	);
}

/** The rules after `dtMs` of these values. */
export function stepProtections(state: ProtectionState, watched: Watched, dtMs: number): ProtectionState {
	const rules = RULES.map(([name, rule]) => [name, stepRule(rule, state.rules[name] ?? IDLE, watched[rule.quantity], dtMs)] as const);
	return { rules: Object.fromEntries(rules), fully: stepFully(state.fully, watched) };
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
