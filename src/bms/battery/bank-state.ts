import { type AlarmEvent, type AlarmState, type KnownPacks, NO_ALARMS } from "./alarm-state.ts";
import { packForgotten, packWentAway } from "./alarm-truth.ts";
import type { CompleteTelemetry } from "./derive.ts";
import type { PowerSample } from "./energy.ts";
import type { ParameterValues } from "./parameters.ts";
import { EMPTY_GATE, type GateMemory } from "./plausibility.ts";
import type { BankOrigin, EnergyCounters, LinkSnapshot, PackIdentity, Presence } from "./snapshot.ts";

/** Ages and limits the store works with; the bank's settings have them. */
export interface StoreSettings {
	/** Age at which a pack's telemetry no longer counts as live, ms. */
	readonly staleAfterMs: number;
	/** Age at which an alarm state no longer counts as known, ms. */
	readonly statusStaleAfterMs: number;
	/** Currents smaller than this count as idle, A. */
	readonly currentDeadBandA: number;
}

export interface PackState {
	readonly address: number;
	readonly presence: Presence;
	/** It answered itself at least once; only then it stays in the bank when it is no longer expected. */
	readonly seen: boolean;
	readonly telemetry: { readonly value: CompleteTelemetry; readonly at: number } | null;
	/** When it was last found to be away; null while it is not. */
	readonly absentAt: number | null;
	readonly gate: GateMemory;
	/** End of the last integrated interval; null after an absence. */
	readonly lastPower: PowerSample | null;
	/** Its current was not known at times: its energy counter misses some, and is not shown. */
	readonly isUnmetered: boolean;
	readonly identity: PackIdentity | null;
	readonly parameters: ParameterValues | null;
}

type LinkProblem = NonNullable<LinkSnapshot["problem"]>;

/** Everything the store knows; snapshots are made from it. Never changed in place. */
export interface BankState {
	readonly id: string;
	readonly name: string;
	readonly origin: BankOrigin;
	readonly packs: ReadonlyMap<number, PackState>;
	readonly alarms: AlarmState;
	readonly energy: ReadonlyMap<number, EnergyCounters>;
	readonly cabledPack: number | null;
	/** Every pack answers for itself, at its own address (RS485): none is at the cable, and no reply speaks for all. */
	readonly isAddressed: boolean;
	/** As the driver tells it. */
	readonly link: LinkSnapshot;
	readonly implausibleReadings: number;
	/** Why readings were dropped, by the pack (or "all") and kind they came from; gone when such a reading passes. */
	readonly implausible: ReadonlyMap<string, LinkProblem>;
}

/** Something happened; conditions get their details when the snapshot is made. */
export type StateEvent =
	| (AlarmEvent & { readonly at: number })
	| { readonly type: "pack-live" | "pack-absent" | "pack-unknown"; readonly pack: number; readonly at: number };

export interface StateChange {
	readonly state: BankState;
	readonly events: readonly StateEvent[];
}

/** A bank nobody has heard of yet. */
export function newBankState(bank: {
	readonly id: string;
	readonly name: string;
	readonly origin: BankOrigin;
	readonly port: string;
	readonly energy: ReadonlyMap<number, EnergyCounters>;
}): BankState {
	const { id, name, origin, port, energy } = bank;
	const failures = { timeout: 0, frame: 0, rejected: 0, decode: 0, implausible: 0 };
	const counters = { reconnects: 0, replies: 0, failures, junkBytes: 0, answerTimeMs: null, echoes: 0, foreign: 0, notes: [], packs: [] };
	return {
		id,
		name,
		origin,
		packs: new Map(),
		alarms: NO_ALARMS,
		energy: new Map(energy),
		cabledPack: null,
		isAddressed: false,
		link: { state: "closed", port, problem: null, onlineSince: null, ...counters },
		implausibleReadings: 0,
		implausible: new Map(),
	};
}

/** The pack as it is known, or a new one nobody has heard of. */
export function packAt(state: BankState, address: number): PackState {
	const unheard = {
		telemetry: null,
		absentAt: null,
		gate: EMPTY_GATE,
		lastPower: null,
		isUnmetered: false,
		identity: null,
		parameters: null,
	};
	return state.packs.get(address) ?? { address, presence: "unknown", seen: false, ...unheard };
}

export function withPack(state: BankState, pack: PackState): BankState {
	return { ...state, packs: new Map(state.packs).set(pack.address, pack) };
}

/** Changes a pack's presence; the alarm rules hear of a pack that is no longer live. */
export function withPresence(state: BankState, address: number, presence: Presence, at: number): StateChange {
	const pack = packAt(state, address);
	if (pack.presence === presence) return { state: withPack(state, pack), events: [] };
	const changed = withPack(state, { ...pack, presence });
	const alarms = presence === "live" ? changed.alarms : packWentAway(changed.alarms, address);
	return { state: { ...changed, alarms }, events: [{ type: `pack-${presence}`, pack: address, at }] };
}

/** The packs the bank should have: new ones appear as unknown, those that never answered and are not wanted go. */
export function withExpectedPacks(state: BankState, addresses: readonly number[]): BankState {
	const wanted = new Set(addresses);
	const dropped = [...state.packs.values()].filter((pack) => !pack.seen && !wanted.has(pack.address));
	const missing = addresses.filter((address) => !state.packs.has(address));
	const packs = new Map(state.packs);
	for (const pack of dropped) packs.delete(pack.address);
	for (const address of missing) packs.set(address, packAt(state, address));
	const alarms = dropped.reduce((rest, pack) => packForgotten(rest, pack.address), state.alarms);
	return dropped.length + missing.length === 0 ? state : { ...state, packs, alarms };
}

/** The packs as the alarm rules see them. */
export function knownPacks({ packs }: BankState): KnownPacks {
	const live = new Map<number, number>();
	const away = new Map<number, number>();
	for (const { address, presence, telemetry, absentAt } of packs.values()) {
		if (presence === "live" && telemetry !== null) live.set(address, telemetry.at);
		if (presence === "absent" && absentAt !== null) away.set(address, absentAt);
	}
	return { known: new Set(packs.keys()), live, away };
}

/** Whether something of time `at` is too old; a time from the future (the clock was put back) does not count as young. */
export function isStale(at: number, now: number, limitMs: number): boolean {
	return Math.abs(now - at) >= limitMs;
}

/** Packs that are away are asked seldom; so long their absence counts as known at least, ms. */
const ABSENCE_KNOWN_MS = 60_000;

/** When what is known of a pack's presence becomes too old; null when nothing is. */
function presenceExpiry(pack: PackState, settings: StoreSettings): { readonly at: number; readonly limitMs: number } | null {
	if (pack.presence === "live" && pack.telemetry !== null) return { at: pack.telemetry.at, limitMs: settings.staleAfterMs };
	if (pack.presence !== "absent" || pack.absentAt === null) return null;
	return { at: pack.absentAt, limitMs: Math.max(settings.staleAfterMs, ABSENCE_KNOWN_MS) };
}

/** Lets packs of which nothing was heard for too long be unknown. */
export function aged(state: BankState, now: number, settings: StoreSettings): StateChange {
	let aging: StateChange = { state, events: [] };
	for (const pack of state.packs.values()) {
		const expiry = presenceExpiry(pack, settings);
		if (expiry === null || !isStale(expiry.at, now, expiry.limitMs)) continue;
		const next = withPresence(aging.state, pack.address, "unknown", now);
		aging = { state: next.state, events: [...aging.events, ...next.events] };
	}
	return aging;
}

/**
 * The line is gone or nobody answers any more: nothing that was heard before counts as live, whatever its age.
 * What is set stays remembered, so that a condition that outlasts the trouble is not raised twice.
 */
export function withLineDown(state: BankState, now: number): StateChange {
	const { alarms } = state;
	const voided = new Set([...alarms.voided, ...alarms.words.keys(), ...alarms.packs.keys()]);
	let down: StateChange = { state: { ...state, alarms: { ...alarms, statusAt: null, voided } }, events: [] };
	for (const address of state.packs.keys()) {
		const next = withPresence(down.state, address, "unknown", now);
		down = { state: next.state, events: [...down.events, ...next.events] };
	}
	return down;
}

/** When the next part of the snapshot becomes too old, if nothing new arrives; null when nothing can. */
export function nextExpiry(state: BankState, now: number, settings: StoreSettings): number | null {
	const { words, doubtful, statusAt } = state.alarms;
	const presence = [...state.packs.values()].flatMap((pack) => presenceExpiry(pack, settings) ?? []);
	const status = [...words.values(), ...doubtful.values()].flatMap((word) => [word.seenAt, word.conditionsSeenAt]);
	const times = [
		...presence.map(({ at, limitMs }) => at + limitMs),
		...[...status, ...(statusAt === null ? [] : [statusAt])].map((at) => at + settings.statusStaleAfterMs),
	].filter((time) => time > now);
	return times.length === 0 ? null : Math.min(...times);
}
