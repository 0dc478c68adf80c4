import type { AnyReading } from "./readings.ts";
import type { BankEvent, BankSnapshot, EnergyCounters, LinkSnapshot } from "./snapshot.ts";

/** What became of a reading. */
export type Applied = { readonly accepted: true } | { readonly accepted: false; readonly reason: string };

export type StoreListener = (snapshot: BankSnapshot, events: readonly BankEvent[], cycle: boolean) => void;

/** Readings in, snapshots and events out. The driver feeds it; consumers read `snapshot` and subscribe. */
export interface BatteryStore {
	readonly snapshot: BankSnapshot;
	subscribe(listener: StoreListener): () => void;
	/** Checks a reading for plausibility and takes it over whole, or drops it whole and counts it. */
	apply(reading: AnyReading, at: number): Applied;
	/** The packs the bank should have, by address; those that never answered are `unknown`, not missing from the list. */
	expectPacks(addresses: readonly number[]): void;
	/** Whether every pack answers for itself, at its own address (RS485), or one pack for all. */
	setAddressed(isAddressed: boolean): void;
	/** On RS485: a pack that was asked again and again does not answer while others do. */
	packMissing(address: number): void;
	setLink(link: Partial<LinkSnapshot>): void;
	/** Every pack's cells were asked for once. */
	endCycle(): void;
	/** Packs whose own alarm state must be asked now, because the all-packs reply differs from what they said themselves; most urgent first. */
	readonly packsToAsk: readonly number[];
	/** Energy counters per pack address, for saving. */
	readonly energy: ReadonlyMap<number, EnergyCounters>;
	/** Stops the ageing timers. */
	close(): void;
}
