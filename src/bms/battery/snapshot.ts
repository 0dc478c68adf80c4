import type { ConditionKey } from "./conditions.ts";
import type { LinkNote } from "./link-notes.ts";
import type { ParameterValues } from "./parameters.ts";
import type { PackStatus, SparseTelemetry } from "./readings.ts";
import type { StateKey } from "./states.ts";

/**
 * The whole truth about a bank now. Immutable: every change makes a new snapshot. Only the store makes one;
 * consumers (discovery, contacts, nodes, status page) see nothing else.
 */

/** A part of the snapshot with its age. A stale part keeps its value and time, but must not be shown as live. */
export interface Part<T> {
	readonly value: T;
	/** When the reply arrived, milliseconds since the epoch. */
	readonly at: number;
	readonly stale: boolean;
}

/** Where the bytes come from. Simulated and replayed banks say so wherever their numbers appear. */
export type BankOrigin = "real" | "simulated" | "replayed";

/** `live`: its last telemetry is fresh. `absent`: it was asked and is away. `unknown`: no fresh word about it. */
export type Presence = "live" | "absent" | "unknown";

/** A condition that is set, with what is known about it. */
export interface ActiveCondition {
	readonly key: ConditionKey;
	/** When it was first seen, milliseconds since the epoch. */
	readonly since: number;
	/** Address of the pack that itself reported it; null while only an all-packs reply has shown it. */
	readonly pack: number | null;
	/** Cell or probe it is about, from 1, where the reading tells; else null. */
	readonly cell: number | null;
	readonly probe: number | null;
	/** The measured value that belongs to it, and its unit; null where none does. */
	readonly value: number | null;
	readonly unit: string | null;
	/** The level at which it is set, in the same unit: the pack's own parameter; null while that is not known. */
	readonly limit: number | null;
}

/** Values of a pack that are computed from its telemetry (derive.ts). */
export interface PackDerived {
	/** null while the current is not known, as is the activity. */
	readonly power: number | null;
	readonly cellVoltageMin: number;
	readonly cellVoltageMax: number;
	/** mV. */
	readonly cellVoltageDelta: number;
	/** Number of the cell, from 1. */
	readonly lowestCell: number;
	readonly highestCell: number;
	readonly activity: Activity | null;
}

export type Activity = "charging" | "discharging" | "idle";

/** Energy counters, kWh since the store was made. They never go backwards. */
export interface EnergyCounters {
	readonly charged: number;
	readonly discharged: number;
}

export interface PackSnapshot {
	/** DIP address, 0-15; 1 is the main pack, 0 a pack that stands alone. */
	readonly address: number;
	readonly presence: Presence;
	readonly telemetry: Part<SparseTelemetry & PackDerived> | null;
	/** From replies that asked for this pack only. */
	readonly status: Part<PackStatus> | null;
	/** The pack's own conditions; null while its status is unknown or stale. */
	readonly conditions: readonly ActiveCondition[] | null;
	readonly energy: EnergyCounters | null;
	/** On RS232 known for the cabled pack only: no other can be asked. */
	readonly identity: PackIdentity | null;
	/** As they were last read, group by group; a group that was never read is not in it. They do not age: only commands change them. */
	readonly parameters: ParameterValues | null;
}

export interface PackIdentity {
	readonly version: string | null;
	readonly bmsSerial: string | null;
	readonly packSerial: string | null;
}

/** Values of the bank from its live packs; capacity-weighted where that is right. */
export interface BankTotals {
	readonly stateOfCharge: number | null;
	readonly stateOfHealth: number | null;
	readonly voltage: number;
	/** null while a live pack does not report it: the sum of the others would be wrong. So are power, activity and design capacity. */
	readonly current: number | null;
	readonly power: number | null;
	readonly remainingCapacity: number;
	readonly fullCapacity: number;
	readonly designCapacity: number | null;
	readonly cellVoltageMin: number;
	readonly cellVoltageMax: number;
	/** mV. */
	readonly cellVoltageDelta: number;
	readonly activity: Activity | null;
	/** Addresses of the packs that are in these values. */
	readonly packs: readonly number[];
}

/**
 * State of the line to the battery. `asleep`: nobody answers, as expected of a battery that was near its sleep voltage;
 * it is left alone, and its values are as unknown as those of a silent one.
 */
export type LinkState = "closed" | "connecting" | "online" | "silent" | "lost" | "asleep";

/** How well one pack is heard. */
export interface PackLink {
	readonly address: number;
	/** Answers to questions about this pack, and failures by kind, since the bank was opened. */
	readonly replies: number;
	readonly failures: Readonly<Record<"timeout" | "frame" | "rejected" | "decode", number>>;
	/** ms, smoothed; null before the first reply. */
	readonly answerTimeMs: number | null;
	/** When the last good answer came, milliseconds since the epoch; null while none did. */
	readonly lastGoodAt: number | null;
}

export interface LinkSnapshot {
	readonly state: LinkState;
	/** The port as the user wrote it. */
	readonly port: string;
	/** The last error in the user's words; null when all is well. */
	readonly problem: { readonly kind: string; readonly code: string; readonly message: string; readonly at: number } | null;
	/** When the line last came up; null when it is not up. */
	readonly onlineSince: number | null;
	readonly reconnects: number;
	/** Good replies, and failures by kind, since the bank was opened. */
	readonly replies: number;
	readonly failures: Readonly<Record<"timeout" | "frame" | "rejected" | "decode" | "implausible", number>>;
	/** Bytes that belonged to no frame. */
	readonly junkBytes: number;
	/** Time from the request's last byte to the reply's first, ms, smoothed; null before the first reply. */
	readonly answerTimeMs: number | null;
	/** Questions of ours that came back: the adapter echoes. */
	readonly echoes: number;
	/** Sound frames that answer nothing we asked. */
	readonly foreign: number;
	/** What is noticed on the line now without being a fault, in the user's words. */
	readonly notes: readonly { readonly key: LinkNote; readonly message: string }[];
	/** By rising address; a pack is in it from the first question about it. */
	readonly packs: readonly PackLink[];
}

export interface BankSnapshot {
	readonly id: string;
	readonly name: string;
	readonly origin: BankOrigin;
	/** When this snapshot was made, milliseconds since the epoch. */
	readonly at: number;
	/** Rises by one with every snapshot. */
	readonly revision: number;
	readonly link: LinkSnapshot;
	/** DIP address of the pack the cable is plugged into; null before the first reply, and on RS485, where every pack is on the line. */
	readonly cabledPack: number | null;
	/** Packs known, live or not, by rising address. */
	readonly packs: readonly PackSnapshot[];
	/** null while no pack is live. */
	readonly totals: Part<BankTotals> | null;
	/** What is set anywhere in the bank; null while the alarm state is unknown or stale. */
	readonly conditions: readonly ActiveCondition[] | null;
	/** When all packs' alarm state was last read; of packs that are read one by one the oldest reading. */
	readonly statusAt: number | null;
	/** Conditions and states that no live pack can report over this protocol: neither set nor clear. */
	readonly unsupported: readonly (ConditionKey | StateKey)[];
	readonly energy: EnergyCounters | null;
}

/** What happened between two snapshots. */
export type BankEvent =
	| {
			readonly type: "condition-raised" | "condition-cleared";
			readonly scope: "bank" | "pack";
			readonly condition: ActiveCondition;
			readonly at: number;
	  }
	| { readonly type: "pack-live" | "pack-absent" | "pack-unknown"; readonly pack: number; readonly at: number }
	| { readonly type: "link"; readonly state: LinkState; readonly message: string; readonly at: number };
