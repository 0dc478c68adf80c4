import type { ConditionKey } from "./conditions.ts";
import type { PackTelemetry } from "./readings.ts";
import type { StateKey } from "./states.ts";

/** One record of a pack's own history (command A1h, rs232-v25 §10.2); 0 is the newest. */
export interface StoredRecord {
	readonly index: number;
	/** The pack's own clock, `2024-08-21T05:29:31`; null when it is no date. */
	readonly localTime: string | null;
	readonly cellVoltages: readonly number[];
	readonly temperatures: readonly (number | null)[];
	/** A, + = charging. */
	readonly current: number;
	readonly voltage: number;
	readonly remainingCapacity: number;
	readonly fullCapacity: number;
	readonly cycleCount: PackTelemetry["cycleCount"];
	/** What was set: why the record was written, as far as it tells. */
	readonly conditions: readonly ConditionKey[];
	readonly states: readonly StateKey[];
	/** Set bits no source names, as "W1.7". */
	readonly unknownBits: readonly string[];
	/** The pack was switched on; null when this firmware does not tell. */
	readonly isPowerOn: boolean | null;
}

/**
 * Which inverter protocols a pack speaks (EBh, rs232-v25 §13): codes of the vendor's list; `automatic` finds them itself.
 * In a request a code may be UNCHANGED_INVERTER_PROTOCOL; automatic finding is asked for with both unchanged.
 */
export interface InverterProtocol {
	readonly can: number;
	readonly rs485: number;
	readonly mode: "automatic" | "manual";
}

/** Date and time of a pack's clock, as it shows them; it knows no time zone. */
export interface ClockTime {
	readonly year: number;
	readonly month: number;
	readonly day: number;
	readonly hour: number;
	readonly minute: number;
	readonly second: number;
}
