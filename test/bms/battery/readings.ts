import { type BatteryStoreOptions, createBatteryStore } from "../../../src/bms/battery/battery-store.ts";
import type { ConditionKey } from "../../../src/bms/battery/conditions.ts";
import type { PackBlock, PackSelector, PackStatus, PackTelemetry, Reading } from "../../../src/bms/battery/readings.ts";
import type { BankEvent, BankSnapshot } from "../../../src/bms/battery/snapshot.ts";
import { STATE_KEYS, type StateKey } from "../../../src/bms/battery/states.ts";
import { ManualClock } from "../../support/manual-clock.ts";

export const AWAY = { absent: true } as const;

/** Plausible telemetry of a 16-cell pack; the voltage follows the cells unless given. */
export function telemetry(change: Partial<PackTelemetry> = {}): PackTelemetry {
	const cellVoltages = change.cellVoltages ?? Array.from({ length: 16 }, () => 3.3);
	return {
		cellVoltages,
		temperatures: [20, 20.5, 21, 21.5, 30, 25],
		current: -10,
		voltage: Math.round(cellVoltages.reduce((a, b) => a + b, 0) * 1000) / 1000,
		remainingCapacity: 50,
		fullCapacity: 100,
		designCapacity: 100,
		cycleCount: 12,
		stateOfCharge: 50,
		stateOfHealth: 99,
		...change,
	};
}

/** An alarm state with these conditions set and both MOSFETs on. */
export function status(conditions: readonly ConditionKey[] = [], change: Partial<PackStatus> = {}): PackStatus {
	const off = Object.fromEntries(STATE_KEYS.map((key) => [key, false])) as Record<StateKey, boolean>;
	return {
		conditions,
		states: { ...off, chargeMosfet: true, dischargeMosfet: true },
		cellCodes: Array.from({ length: 16 }, () => 0),
		probeCodes: Array.from({ length: 6 }, () => 0),
		chargeCurrentCode: 0,
		packVoltageCode: 0,
		dischargeCurrentCode: 0,
		balancingCells: [],
		unknownBits: [],
		indicationZero: false,
		...change,
	};
}

/** What a status block looks like for a pack that is away: everything zero. */
export function zeroStatus(): PackStatus {
	return status([], { states: { ...status().states, chargeMosfet: false, dischargeMosfet: false }, indicationZero: true });
}

export function block<T>(value: T | typeof AWAY): PackBlock<T> {
	return isAway(value) ? AWAY : { absent: false, value };
}

function isAway(value: unknown): value is typeof AWAY {
	return value === AWAY;
}

export function telemetryOf(asked: PackSelector, ...values: readonly (PackTelemetry | typeof AWAY)[]): Reading {
	return { kind: "telemetry", repliedBy: 1, asked, blocks: values.map(block) };
}

export function statusOf(asked: PackSelector, ...values: readonly (PackStatus | typeof AWAY)[]): Reading {
	return { kind: "status", repliedBy: 1, asked, blocks: values.map(block) };
}

export const SETTINGS = { staleAfterMs: 60_000, statusStaleAfterMs: 15_000, currentDeadBandA: 0.3 };

/** A store with a manual clock that records what it publishes. */
export function recordedStore(options: Partial<BatteryStoreOptions> = {}) {
	const clock = new ManualClock();
	const store = createBatteryStore({ id: "bank", name: "Bank", origin: "real", port: "test", settings: SETTINGS, clock, ...options });
	const snapshots: BankSnapshot[] = [];
	const events: BankEvent[] = [];
	const cycles: number[] = [];
	store.subscribe((snapshot, happened, cycle) => {
		snapshots.push(snapshot);
		events.push(...happened);
		if (cycle) cycles.push(snapshot.revision);
	});
	return {
		clock,
		store,
		snapshots,
		events,
		cycles,
		/** Applies readings, each one second after the one before. */
		async hear(...readings: readonly Reading[]): Promise<void> {
			for (const reading of readings) {
				await clock.advance(1000);
				store.apply(reading, clock.now());
			}
		},
		/** The events since the last call, as short texts. */
		news(): readonly string[] {
			return events.splice(0).map(shortText);
		},
		bank: () => shortConditions(store.snapshot.conditions),
		pack: (address: number) => shortConditions(store.snapshot.packs.find((pack) => pack.address === address)?.conditions ?? null),
	};
}

function shortConditions(conditions: BankSnapshot["conditions"]): readonly string[] | null {
	return conditions?.map(({ key, pack }) => `${key}@${pack ?? "?"}`) ?? null;
}

function shortText(event: BankEvent): string {
	if (event.type === "link") return `link ${event.state}`;
	if (!("condition" in event)) return `${event.type} ${event.pack}`;
	const { scope, condition, type } = event;
	return `${type === "condition-raised" ? "+" : "-"}${scope} ${condition.key}@${condition.pack ?? "?"}`;
}
