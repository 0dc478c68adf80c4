import type { ConditionKey } from "./conditions.ts";
import type { ParameterValues } from "./parameters.ts";
import type { StateKey } from "./states.ts";

/**
 * Readings: what one reply said about one pack, in the units of the model (V, A with + = charging, Ah, °C, %).
 * Absent is `null`, never 0. A reading is partial and belongs to one moment; only the store makes snapshots.
 */

/** The measurements of one pack (command 42h). */
export interface PackTelemetry {
	readonly cellVoltages: readonly number[];
	/** `null` where no probe is fitted (8000h). */
	readonly temperatures: readonly (number | null)[];
	readonly current: number;
	readonly voltage: number;
	readonly remainingCapacity: number;
	readonly fullCapacity: number;
	readonly designCapacity: number;
	readonly cycleCount: number;
	/** Sent by the firmware when its tail is known, else remaining / full; null when neither is possible. */
	readonly stateOfCharge: number | null;
	/** `null` when the firmware does not send it (or sends 0). */
	readonly stateOfHealth: number | null;
}

/**
 * The measurements of one pack over a protocol that leaves some of them out: `null` is not sent, or sent in a unit
 * that no source settles.
 */
export type SparseTelemetry = Omit<PackTelemetry, "current" | "designCapacity"> & {
	readonly current: number | null;
	readonly designCapacity: number | null;
};

/** Per-cell and per-probe alarm code of a status reply: 00 normal, 01 low, 02 high, F0 other fault. */
export type AlarmCode = number;

/** The alarm state of one pack (command 44h). */
export interface PackStatus {
	/** Conditions whose bit is set. */
	readonly conditions: readonly ConditionKey[];
	readonly states: Readonly<Record<StateKey, boolean>>;
	readonly cellCodes: readonly AlarmCode[];
	readonly probeCodes: readonly AlarmCode[];
	readonly chargeCurrentCode: AlarmCode;
	readonly packVoltageCode: AlarmCode;
	readonly dischargeCurrentCode: AlarmCode;
	/** Numbers of the cells being balanced, from 1; null where the protocol does not tell. Byte and bit order are unverified (rs232-v25 §6). */
	readonly balancingCells: readonly number[] | null;
	/** Set bits no source names, as "W1.7". */
	readonly unknownBits: readonly string[];
	/** Indication byte 00: neither MOSFET on. Looks like this when the pack is away, so it clears nothing by itself. */
	readonly indicationZero: boolean;
	/**
	 * What this protocol cannot report: neither set nor clear, though it is missing in `conditions` and `false` in
	 * `states`. Absent: nothing beyond what no protocol reports (conditions.ts).
	 */
	readonly unsupported?: readonly (ConditionKey | StateKey)[];
}

/** A block of a reply: a pack that answered, or one that is away (all cells 0). */
export type PackBlock<T> = { readonly absent: false; readonly value: T } | { readonly absent: true };

/** Which packs a 42h or 44h asked for: one by number, or all at once. */
export type PackSelector = number | "all";

/** One decoded reply. `repliedBy` is the ADR of the frame: the DIP address of the cabled pack. */
export type Reading =
	| {
			readonly kind: "telemetry";
			readonly repliedBy: number;
			readonly asked: PackSelector;
			readonly blocks: readonly PackBlock<PackTelemetry>[];
	  }
	| { readonly kind: "status"; readonly repliedBy: number; readonly asked: PackSelector; readonly blocks: readonly PackBlock<PackStatus>[] }
	| { readonly kind: "packCount"; readonly repliedBy: number; readonly count: number | null }
	| { readonly kind: "version"; readonly repliedBy: number; readonly version: string | null; readonly bluetoothName: string | null }
	| { readonly kind: "serials"; readonly repliedBy: number; readonly bmsSerial: string | null; readonly packSerial: string | null }
	| {
			readonly kind: "capacity";
			readonly repliedBy: number;
			readonly remainingCapacity: number;
			readonly fullCapacity: number;
			readonly designCapacity: number;
	  }
	| { readonly kind: "clock"; readonly repliedBy: number; readonly localTime: string }
	/** Some of the parameters: a group. */
	| { readonly kind: "parameters"; readonly repliedBy: number; readonly values: ParameterValues };

/** A telemetry reading of a protocol that leaves measurements out. */
export interface SparseReading {
	readonly kind: "telemetry";
	readonly repliedBy: number;
	readonly asked: PackSelector;
	readonly blocks: readonly PackBlock<SparseTelemetry>[];
}

/** A reading of either kind of protocol. */
export type AnyReading = Reading | SparseReading;

export type ReadingOf<K extends Reading["kind"]> = Extract<Reading, { kind: K }>;
