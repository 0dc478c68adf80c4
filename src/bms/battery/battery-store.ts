import type { Clock } from "../../clock.ts";
import { applyReading, withPackMissing } from "./apply-reading.ts";
import { bankEvents, snapshotOf } from "./bank-snapshot.ts";
import {
	aged,
	knownPacks,
	newBankState,
	nextExpiry,
	type StateEvent,
	type StoreSettings,
	withExpectedPacks,
	withLineDown,
} from "./bank-state.ts";
import { packsToAsk } from "./packs-to-ask.ts";
import type { BankEvent, BankOrigin, BankSnapshot, EnergyCounters, LinkSnapshot, LinkState } from "./snapshot.ts";
import type { BatteryStore, StoreListener } from "./store-interface.ts";

export interface BatteryStoreOptions {
	readonly id: string;
	readonly name: string;
	readonly origin: BankOrigin;
	/** The port as the user wrote it. */
	readonly port: string;
	readonly settings: StoreSettings;
	readonly clock: Clock;
	/** Counters to go on from, by pack address. */
	readonly initialEnergy?: ReadonlyMap<number, EnergyCounters>;
}

const LINK_MESSAGES: Readonly<Record<LinkState, string>> = {
	closed: "The line to the battery is closed.",
	connecting: "Connecting to the battery.",
	online: "The battery answers.",
	silent: "The port is open but the battery does not answer.",
	lost: "The line to the battery is gone.",
	asleep: "The battery is asleep (expected): it was near its sleep voltage, and is left alone.",
};

/**
 * The shell around the pure state of a bank: gives it time, publishes a new snapshot after every change and
 * when a part becomes too old. `failures.implausible` is counted here, the other link values by the driver.
 */
export function createBatteryStore(options: BatteryStoreOptions): BatteryStore {
	const { settings, clock, initialEnergy = new Map(), ...bank } = options;
	const listeners = new Set<StoreListener>();
	const outbox: (readonly [BankSnapshot, readonly BankEvent[], boolean])[] = [];
	let state = newBankState({ ...bank, energy: initialEnergy });
	let snapshot = snapshotOf(state, 0, clock.now(), settings);
	let timer: { readonly at: number; readonly cancel: () => void } | null = null;
	let delivering = false;
	let closed = false;

	/** Listeners hear of every snapshot in order, also when one of them causes the next. */
	function deliver(): void {
		if (delivering) return;
		delivering = true;
		try {
			for (let next = outbox.shift(); next !== undefined; next = outbox.shift()) {
				for (const listener of [...listeners]) listener(...next);
			}
		} finally {
			delivering = false;
		}
	}

	function publish(stateEvents: readonly StateEvent[], more: readonly BankEvent[] = [], cycle = false): void {
		const now = clock.now();
		const aging = aged(state, now, settings);
		state = aging.state;
		const events = [...bankEvents(state, [...stateEvents, ...aging.events], snapshot), ...more];
		snapshot = snapshotOf(state, snapshot.revision + 1, now, settings);
		outbox.push([snapshot, events, cycle]);
		setTimer(now);
		deliver();
	}

	/** One timer for the next part that becomes too old; a renewed part lets it ring for nothing. */
	function setTimer(now: number): void {
		const expiry = nextExpiry(state, now, settings);
		if (closed || expiry === null || (timer !== null && timer.at <= expiry)) return;
		timer?.cancel();
		timer = { at: expiry, cancel: clock.after(Math.max(0, expiry - now), ring) };
	}

	function ring(): void {
		timer = null;
		const now = clock.now();
		const expiry = nextExpiry(state, snapshot.at, settings);
		if (expiry !== null && expiry <= now) publish([]);
		else setTimer(now);
	}

	return {
		get snapshot() {
			return snapshot;
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		apply(reading, at) {
			const aging = aged(state, clock.now(), settings);
			const applied = applyReading(aging.state, reading, at, settings);
			state = applied.state;
			publish([...aging.events, ...applied.events]);
			return applied.problem === null ? { accepted: true } : { accepted: false, reason: applied.problem };
		},
		expectPacks(addresses) {
			const expected = withExpectedPacks(state, addresses);
			if (expected === state) return;
			state = expected;
			publish([]);
		},
		setAddressed(isAddressed) {
			if (state.isAddressed === isAddressed) return;
			// What was heard the other way says nothing about who answers now.
			const alarms = { ...state.alarms, blocks: null, largestCount: 0, statusAt: null };
			state = { ...state, isAddressed, cabledPack: null, alarms };
			publish([]);
		},
		packMissing(address) {
			const now = clock.now();
			const aging = aged(state, now, settings);
			const missing = withPackMissing(aging.state, address, now);
			state = missing.state;
			publish([...aging.events, ...missing.events]);
		},
		setLink(change) {
			const link = { ...state.link, ...structuredClone(change) };
			if (isSameLink(link, state.link)) return;
			const moved = link.state !== state.link.state;
			state = { ...state, link };
			const down =
				moved && (link.state === "lost" || link.state === "silent" || link.state === "asleep")
					? withLineDown(state, clock.now())
					: { state, events: [] };
			state = down.state;
			const message = (link.state === "online" ? undefined : link.problem?.message) ?? LINK_MESSAGES[link.state];
			publish(down.events, moved ? [{ type: "link", state: link.state, message, at: clock.now() }] : []);
		},
		endCycle() {
			publish([], [], true);
		},
		get packsToAsk() {
			return packsToAsk(state.alarms, knownPacks(state), clock.now(), settings.statusStaleAfterMs);
		},
		get energy() {
			return state.energy;
		},
		close() {
			closed = true;
			timer?.cancel();
			timer = null;
		},
	};
}

function isSameLink(a: LinkSnapshot, b: LinkSnapshot): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}
