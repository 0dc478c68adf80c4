import type { Bank } from "../../src/bms/bank.ts";
import type { PackStatus } from "../../src/bms/battery/readings.ts";
import type { BankEvent, BankSnapshot, BankTotals, PackSnapshot, Part } from "../../src/bms/battery/snapshot.ts";
import { STATE_KEYS, type StateKey } from "../../src/bms/battery/states.ts";
import { type Clock, systemClock } from "../../src/clock.ts";

/** Complete, immutable snapshots for tests of whoever reads them. Values are plausible, not computed. */
export const AT = Date.UTC(2026, 10, 23, 12, 0, 0);

export type PackValues = NonNullable<PackSnapshot["telemetry"]>["value"];

const statesWith = (on: readonly StateKey[]) =>
	Object.fromEntries(STATE_KEYS.map((key) => [key, on.includes(key)])) as Record<StateKey, boolean>;

export const HEALTHY_STATUS: PackStatus = {
	conditions: [],
	states: statesWith(["chargeMosfet", "dischargeMosfet"]),
	cellCodes: [],
	probeCodes: [],
	chargeCurrentCode: 0,
	packVoltageCode: 0,
	dischargeCurrentCode: 0,
	balancingCells: [],
	unknownBits: [],
	indicationZero: false,
};

export const part = <T>(value: T, at = AT): Part<T> => ({ value, at, stale: false });
export const stale = <T>(known: Part<T>): Part<T> => ({ ...known, stale: true });

export function packValues(options: { readonly cells?: number; readonly probes?: number } = {}): PackValues {
	const { cells = 16, probes = 6 } = options;
	const cellVoltages = Array.from({ length: cells }, (_, index) => 3.3 + index / 1000);
	const voltage = Math.round(cellVoltages.reduce((sum, cell) => sum + cell, 0) * 1000) / 1000;
	return {
		cellVoltages,
		temperatures: Array.from({ length: probes }, (_, index) => 20 + index),
		current: 10,
		voltage,
		remainingCapacity: 55,
		fullCapacity: 100,
		designCapacity: 100,
		cycleCount: 42,
		stateOfCharge: 55,
		stateOfHealth: 99,
		power: Math.round(voltage * 10),
		cellVoltageMin: 3.3,
		cellVoltageMax: 3.3 + (cells - 1) / 1000,
		cellVoltageDelta: cells - 1,
		lowestCell: 1,
		highestCell: cells,
		activity: "charging",
	};
}

export function pack(address: number, changes: Partial<PackSnapshot> & { readonly values?: Partial<PackValues> } = {}): PackSnapshot {
	const { values, ...rest } = changes;
	return {
		address,
		presence: "live",
		telemetry: part({ ...packValues(), ...values }),
		status: part(HEALTHY_STATUS),
		conditions: [],
		energy: { charged: 12.5, discharged: 11.25 },
		identity: null,
		parameters: null,
		...rest,
	};
}

export const TOTALS: BankTotals = {
	stateOfCharge: 55,
	stateOfHealth: 99,
	voltage: 52.9,
	current: 20,
	power: 1058,
	remainingCapacity: 110,
	fullCapacity: 200,
	designCapacity: 200,
	cellVoltageMin: 3.3,
	cellVoltageMax: 3.315,
	cellVoltageDelta: 15,
	activity: "charging",
	packs: [1, 2],
};

/** A healthy bank of two packs, with the changes given. */
export function bankSnapshot(changes: Partial<BankSnapshot> = {}): BankSnapshot {
	const packs = changes.packs ?? [pack(1), pack(2)];
	return {
		id: "bank",
		name: "Battery bank",
		origin: "real",
		at: AT,
		revision: 1,
		link: {
			state: "online",
			port: "/dev/ttyUSB0",
			problem: null,
			onlineSince: AT,
			reconnects: 0,
			replies: 100,
			failures: { timeout: 0, frame: 0, rejected: 0, decode: 0, implausible: 0 },
			junkBytes: 0,
			answerTimeMs: 30,
			echoes: 0,
			foreign: 0,
			notes: [],
			packs: [],
		},
		cabledPack: 1,
		packs,
		totals: part({ ...TOTALS, packs: packs.map(({ address }) => address) }),
		conditions: [],
		statusAt: AT,
		unsupported: [],
		energy: { charged: 25, discharged: 22.5 },
		...changes,
	};
}

/** A bank whose snapshots the test sets by hand. */
export class FakeBank implements Bank {
	readonly clock: Clock;
	#snapshot: BankSnapshot;
	readonly #listeners = new Set<Parameters<Bank["subscribe"]>[0]>();

	constructor(snapshot: BankSnapshot = bankSnapshot(), clock: Clock = systemClock) {
		this.#snapshot = snapshot;
		this.clock = clock;
	}

	get snapshot(): BankSnapshot {
		return this.#snapshot;
	}

	get listeners(): number {
		return this.#listeners.size;
	}

	subscribe(listener: Parameters<Bank["subscribe"]>[0]): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** The next snapshot; a cycle ends with it unless told otherwise. */
	set(changes: Partial<BankSnapshot>, options: { readonly events?: readonly BankEvent[]; readonly cycle?: boolean } = {}): void {
		this.#snapshot = { ...this.#snapshot, at: this.#snapshot.at + 1000, revision: this.#snapshot.revision + 1, ...changes };
		for (const listener of this.#listeners) listener(this.#snapshot, options.events ?? [], options.cycle ?? true);
	}

	async close(): Promise<void> {
		this.#listeners.clear();
	}
}
