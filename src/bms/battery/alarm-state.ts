import type { ConditionKey } from "./conditions.ts";
import type { PackWords } from "./pack-words.ts";
import { conditionsShown, type StatusBlocks } from "./status-blocks.ts";

/** What the alarm rules (alarm-truth.ts) remember. */
export interface AlarmState {
	/** The last all-packs reply; null before the first. */
	readonly blocks: StatusBlocks | null;
	/** Since when the all-packs replies have the same number and kinds of blocks: so long the same packs are in them. */
	readonly patternAt: number;
	/** Most blocks an all-packs reply ever had. */
	readonly largestCount: number;
	/** When the alarm state of all packs was last read; null before the first time. */
	readonly statusAt: number | null;
	readonly words: PackWords;
	/** Own words with Indication 00 that wait for telemetry of their pack. */
	readonly doubtful: PackWords;
	/** Packs whose naming was voided by a changed count. */
	readonly voided: ReadonlySet<number>;
	readonly bank: ReadonlyMap<ConditionKey, BankCondition>;
	/** Per pack what it said itself, and since when. */
	readonly packs: ReadonlyMap<number, ReadonlyMap<ConditionKey, number>>;
}

export interface BankCondition {
	readonly since: number;
	/** The pack whose own word raised it; null when an all-packs reply did. Kept so that raise and clear agree. */
	readonly raisedBy: number | null;
	/** Pack addresses (or UNNAMED) that may have it, each with the time since when. */
	readonly suspects: ReadonlyMap<number, number>;
}

/** What the alarm rules must know of the packs. */
export interface KnownPacks {
	/** Every pack the bank has or had. */
	readonly known: ReadonlySet<number>;
	/** Those known to be away, with the time when they said so: their own telemetry was all zero. */
	readonly away: ReadonlyMap<number, number>;
	/** Those with fresh telemetry, with its time. */
	readonly live: ReadonlyMap<number, number>;
}

export interface AlarmEvent {
	readonly type: "condition-raised" | "condition-cleared";
	readonly scope: "bank" | "pack";
	readonly key: ConditionKey;
	readonly pack: number | null;
	readonly since: number;
}

export interface AlarmChange {
	readonly state: AlarmState;
	readonly events: readonly AlarmEvent[];
}

export const NO_ALARMS: AlarmState = {
	blocks: null,
	patternAt: 0,
	largestCount: 0,
	statusAt: null,
	words: new Map(),
	doubtful: new Map(),
	voided: new Set(),
	bank: new Map(),
	packs: new Map(),
};

/** Suspect of a condition while fewer packs are known than blocks were seen. */
export const UNNAMED = -1;

/**
 * Puts the new suspects in; a condition without any is cleared, one that was not there is raised. While the last
 * all-packs reply shows a condition, its last suspects stay: the next reply decides.
 */
export function settleBank(
	state: AlarmState,
	suspected: ReadonlyMap<ConditionKey, ReadonlyMap<number, number>>,
	at: number,
	raisedBy: number | null,
): AlarmChange {
	const bank = new Map(state.bank);
	const events: AlarmEvent[] = [];
	const shown = conditionsShown(state.blocks);
	for (const [key, suspects] of suspected) {
		const old = bank.get(key);
		if (suspects.size === 0 && shown.has(key)) continue;
		if (suspects.size > 0) bank.set(key, old === undefined ? { since: at, raisedBy, suspects } : { ...old, suspects });
		else bank.delete(key);
		if (old === undefined && suspects.size > 0) events.push({ type: "condition-raised", scope: "bank", key, pack: raisedBy, since: at });
		if (old !== undefined && suspects.size === 0) {
			events.push({ type: "condition-cleared", scope: "bank", key, pack: old.raisedBy, since: old.since });
		}
	}
	return { state: { ...state, bank }, events };
}

export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
	return new Map(map).set(key, value);
}

export function withoutEntry<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
	const rest = new Map(map);
	rest.delete(key);
	return rest;
}

export function without<T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> {
	const rest = new Set(set);
	rest.delete(item);
	return rest;
}
