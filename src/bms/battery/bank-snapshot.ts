import { type BankState, isStale, type PackState, type StateEvent, type StoreSettings } from "./bank-state.ts";
import { CONDITION_KEYS, type ConditionKey } from "./conditions.ts";
import { bankTotals } from "./derive.ts";
import { addEnergy } from "./energy.ts";
import { describeCondition } from "./naming.ts";
import type { ActiveCondition, BankEvent, BankSnapshot, BankTotals, LinkSnapshot, PackSnapshot, Part } from "./snapshot.ts";

/** The snapshot of a state at a time. Pure; the result is frozen all the way down. */
export function snapshotOf(state: BankState, revision: number, now: number, settings: StoreSettings): BankSnapshot {
	const { id, name, origin, cabledPack, energy } = state;
	const packs = [...state.packs.values()].sort((a, b) => a.address - b.address);
	return frozen({
		id,
		name,
		origin,
		at: now,
		revision,
		link: linkSnapshot(state),
		cabledPack,
		packs: packs.map((pack) => packSnapshot(state, pack, now, settings)),
		totals: totalsPart(packs, settings),
		conditions: bankConditions(state, now, settings),
		statusAt: bankStatusAt(state),
		unsupported: unsupportedByAll(state),
		energy: energy.size === 0 || packs.some(({ isUnmetered }) => isUnmetered) ? null : addEnergy(...energy.values()),
	});
}

/** Events as consumers see them: what is raised with its details now, what is cleared as it was last shown. */
export function bankEvents(state: BankState, events: readonly StateEvent[], before: BankSnapshot): readonly BankEvent[] {
	return frozen(
		events.map((event): BankEvent => {
			if (!("key" in event)) return event;
			const { type, scope, key, pack, since, at } = event;
			const shown = before.packs.find(({ address }) => address === pack)?.conditions?.find((condition) => condition.key === key);
			const cleared = shown ?? describeCondition(key, since, pack, { status: null, telemetry: null, parameters: null });
			return { type, scope, condition: type === "condition-cleared" ? cleared : conditionOfPack(state, key, since, pack), at };
		}),
	);
}

function linkSnapshot({ link, implausible, implausibleReadings }: BankState): LinkSnapshot {
	const newest = [...implausible.values()].sort((a, b) => b.at - a.at)[0];
	return { ...link, problem: link.problem ?? newest ?? null, failures: { ...link.failures, implausible: implausibleReadings } };
}

function packSnapshot(state: BankState, pack: PackState, now: number, settings: StoreSettings): PackSnapshot {
	const { address, presence, telemetry, identity, parameters } = pack;
	const word = state.alarms.words.get(address);
	const doubted = presence === "absent" || state.alarms.voided.has(address);
	return {
		address,
		presence,
		telemetry: telemetry === null ? null : { ...telemetry, stale: presence !== "live" },
		status:
			word === undefined
				? null
				: { value: word.status, at: word.seenAt, stale: doubted || isStale(word.seenAt, now, settings.statusStaleAfterMs) },
		conditions: doubted ? null : packConditions(state, address, now, settings),
		energy: pack.isUnmetered ? null : (state.energy.get(address) ?? null),
		identity,
		parameters,
	};
}

/** What a pack said itself; null while that is not known or too old. */
function packConditions(state: BankState, address: number, now: number, settings: StoreSettings): readonly ActiveCondition[] | null {
	const { words, doubtful, packs } = state.alarms;
	const word = words.get(address);
	const doubt = doubtful.get(address);
	const times = [
		...(word === undefined ? [] : [word.conditionsSeenAt]),
		// A word with Indication 00 tells what is set, but not what is clear.
		...(doubt === undefined || doubt.status.conditions.length === 0 ? [] : [doubt.at]),
	];
	if (times.every((at) => isStale(at, now, settings.statusStaleAfterMs))) return null;
	const said = packs.get(address);
	return CONDITION_KEYS.flatMap((key) => {
		const since = said?.get(key);
		return since === undefined ? [] : [conditionOfPack(state, key, since, address)];
	});
}

/**
 * When the alarm state of all packs was last read. Where every pack answers for itself, no reply speaks for the bank:
 * its alarm state is as old as the oldest word of a live pack, and unknown while one of them has not said anything.
 */
function bankStatusAt({ isAddressed, alarms, packs }: BankState): number | null {
	if (!isAddressed) return alarms.statusAt;
	const live = [...packs.values()].filter(({ presence }) => presence === "live");
	const times = live.map(({ address }) => (alarms.voided.has(address) ? null : (alarms.words.get(address)?.conditionsSeenAt ?? null)));
	return times.reduce((oldest, time) => (oldest === null || time === null ? null : Math.min(oldest, time)), times[0] ?? null);
}

/** What none of the live packs can report: what one of them can is known of that one. */
function unsupportedByAll({ alarms, packs }: BankState): BankSnapshot["unsupported"] {
	const words = [...packs.values()].flatMap(({ presence, address }) => (presence === "live" ? (alarms.words.get(address) ?? []) : []));
	const [first, ...others] = words.map(({ status }) => status.unsupported ?? []);
	return (first ?? []).filter((key) => others.every((unsupported) => unsupported.includes(key)));
}

/** What is set anywhere: one entry a named pack, or one without a pack for what nobody has named. */
function bankConditions(state: BankState, now: number, settings: StoreSettings): readonly ActiveCondition[] | null {
	const { bank } = state.alarms;
	const statusAt = bankStatusAt(state);
	if (statusAt === null || isStale(statusAt, now, settings.statusStaleAfterMs)) return null;
	return CONDITION_KEYS.flatMap((key) => {
		const condition = bank.get(key);
		if (condition === undefined) return [];
		const named = packsNaming(state, key);
		if (named.length === 0) return [conditionOfPack(state, key, condition.since, null)];
		return named.map(({ address, since }) => conditionOfPack(state, key, since, address));
	});
}

function packsNaming({ alarms }: BankState, key: ConditionKey): readonly { readonly address: number; readonly since: number }[] {
	const named = [...alarms.packs].flatMap(([address, said]) => {
		const since = said.get(key);
		return since === undefined || alarms.voided.has(address) ? [] : [{ address, since }];
	});
	return named.sort((a, b) => a.address - b.address);
}

function conditionOfPack(state: BankState, key: ConditionKey, since: number, pack: number | null): ActiveCondition {
	if (pack === null) return describeCondition(key, since, null, { status: null, telemetry: null, parameters: null });
	const known = state.packs.get(pack);
	const telemetry = known?.presence === "live" ? (known.telemetry?.value ?? null) : null;
	const status = (state.alarms.doubtful.get(pack) ?? state.alarms.words.get(pack))?.status ?? null;
	return describeCondition(key, since, pack, { status, telemetry, parameters: known?.parameters ?? null });
}

/** The bank's values are as old as the oldest telemetry in them, and never stale: a stale pack is not in them. */
function totalsPart(packs: readonly PackState[], settings: StoreSettings): Part<BankTotals> | null {
	const live = packs.flatMap(({ presence, telemetry, address }) => (presence === "live" && telemetry ? [{ address, ...telemetry }] : []));
	const value = bankTotals(
		live.map((pack) => ({ address: pack.address, ...pack.value })),
		settings.currentDeadBandA,
	);
	return value === null ? null : { value, at: Math.min(...live.map((pack) => pack.at)), stale: false };
}

function frozen<T>(value: T): T {
	if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
	Object.values(value).forEach(frozen);
	return Object.freeze(value);
}
