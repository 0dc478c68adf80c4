import type { ShedRules } from "./options.ts";
import type { Stage } from "./stages.ts";

/** What is known now; null is not known (or not fresh), and never a number in its place. */
export interface Readings {
	/** %, of the lowest pack or of the bank. */
	readonly stateOfCharge: number | null;
	/** V. */
	readonly lowestCellVoltage: number | null;
	/** The dry contacts; true is closed. */
	readonly lowBattery: boolean | null;
	readonly fault: boolean | null;
	/** Minutes until low alarm and reserve at the power used now; infinite while not discharging. */
	readonly runtimeMinutes: number | null;
	/** W taken from the battery; 0 while charging. */
	readonly dischargeW: number | null;
	/** W taken from the grid, as told by message. */
	readonly importW: number | null;
	/** Triggers that this battery has no word for and nobody else tells: they are not waited for. */
	readonly untold: readonly TriggerKind[];
}

interface LevelTrigger {
	readonly reading: "stateOfCharge" | "lowestCellVoltage" | "runtimeMinutes" | "dischargeW" | "importW";
	readonly off: "socOff" | "cellOff" | "runtimeOff" | "dischargeOff" | "importOff";
	readonly on: "socOn" | "cellOn" | "runtimeOn" | "dischargeOn" | "importOn";
	readonly side: "below" | "above";
	readonly delay: "levelDelayS" | "powerDelayS";
	/** Its levels are higher while the grid is away. */
	readonly raised?: true;
}

interface ContactTrigger {
	readonly contact: "fault" | "lowBattery" | "outage";
	/** Setting of the delay; null acts at once. */
	readonly delay: "contactDelayS" | null;
}

/** TABLE of what lets a stage go off, the gravest first; help and docs show it. */
export const TRIGGERS = {
	fault: { contact: "fault", delay: null },
	lowBattery: { contact: "lowBattery", delay: "contactDelayS" },
	cellVoltage: {
		reading: "lowestCellVoltage",
		off: "cellOff",
		on: "cellOn",
		side: "below",
		delay: "levelDelayS",
	},
	stateOfCharge: {
		reading: "stateOfCharge",
		off: "socOff",
		on: "socOn",
		side: "below",
		delay: "levelDelayS",
		raised: true,
	},
	runtime: {
		reading: "runtimeMinutes",
		off: "runtimeOff",
		on: "runtimeOn",
		side: "below",
		delay: "levelDelayS",
	},
	discharge: {
		reading: "dischargeW",
		off: "dischargeOff",
		on: "dischargeOn",
		side: "above",
		delay: "powerDelayS",
	},
	import: {
		reading: "importW",
		off: "importOff",
		on: "importOn",
		side: "above",
		delay: "powerDelayS",
	},
	// Its delay is in the outage itself, whose beginning and end both take their time.
	outage: { contact: "outage", delay: null },
} as const satisfies Record<string, LevelTrigger | ContactTrigger>;

export type TriggerKind = keyof typeof TRIGGERS;
export const TRIGGER_KINDS = Object.keys(TRIGGERS) as readonly TriggerKind[];

/** `off`: asks the load to go off. `on`: lets it come back. `between`: neither. */
export type Zone = "off" | "between" | "on";

/** `away`: the grid has been away for some time. `returning`: it is back, but not for long enough. */
export type Outage = "none" | "away" | "returning";

/** What a trigger sees: null while its value is not known. */
export interface Seen {
	readonly zone: Zone;
	readonly value: number | null;
	readonly level: number | null;
}

/** Raised levels end here, so that a stage can still come back during an outage; %. */
const HIGHEST_RAISED = { off: 90, on: 95 };

/** Both levels of a trigger now; null when the stage does not use it. */
export function levelsOf(row: LevelTrigger, stage: Stage, outage: Outage, rules: ShedRules): { off: number; on: number } | null {
	const [off, on] = [stage[row.off], stage[row.on]];
	if (off === null || on === null) return null;
	if (row.raised !== true || outage === "none") return { off, on };
	const raise = (value: number, highest: number) => Math.max(value, Math.min(value + rules.outageRaisePercent, highest));
	return { off: raise(off, HIGHEST_RAISED.off), on: raise(on, HIGHEST_RAISED.on) };
}

/** Whether a stage looks at a trigger. */
export function uses(stage: Stage, kind: TriggerKind): boolean {
	const row: LevelTrigger | ContactTrigger = TRIGGERS[kind];
	return "contact" in row ? stage[row.contact] : stage[row.off] !== null;
}

/** The triggers a stage looks at that somebody can tell. */
export function toldKinds(stage: Stage, { untold }: Readings): readonly TriggerKind[] {
	return TRIGGER_KINDS.filter((kind) => uses(stage, kind) && !untold.includes(kind));
}

/** What a trigger of a stage sees now; null while it is not known. */
export function look(kind: TriggerKind, stage: Stage, readings: Readings, outage: Outage, rules: ShedRules): Seen | null {
	const row: LevelTrigger | ContactTrigger = TRIGGERS[kind];
	if ("contact" in row) {
		if (row.contact === "outage")
			return { zone: ({ none: "on", returning: "between", away: "off" } as const)[outage], value: null, level: null };
		const isClosed = readings[row.contact];
		return isClosed === null ? null : { zone: isClosed ? "off" : "on", value: null, level: null };
	}
	const value = readings[row.reading];
	const levels = levelsOf(row, stage, outage, rules);
	if (value === null || levels === null) return null;
	const isOff = row.side === "below" ? value <= levels.off : value >= levels.off;
	const isOn = row.side === "below" ? value >= levels.on : value <= levels.on;
	return { zone: isOff ? "off" : isOn ? "on" : "between", value, level: isOff ? levels.off : levels.on };
}

/** How long a trigger must ask before its stage goes off, ms. */
export function offDelayMs(kind: TriggerKind, rules: ShedRules): number {
	const { delay } = TRIGGERS[kind];
	return delay === null ? 0 : rules[delay] * 1000;
}

/** How long it must be calm before its stage comes back, ms; the return of the grid has its own waiting time already. */
export function onDelayMs(kind: TriggerKind, rules: ShedRules): number {
	return kind === "outage" ? 0 : rules.restoreDelayMinutes * 60_000;
}
