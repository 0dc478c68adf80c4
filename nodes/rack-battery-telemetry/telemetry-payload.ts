import {
	type ActiveCondition,
	BANK_DATAPOINTS,
	type BankOrigin,
	type BankSnapshot,
	type BankTotals,
	type ConditionClass,
	conditionOf,
	conditionsOfClass,
	type LinkState,
	PACK_DATAPOINTS,
	type PackSnapshot,
	type PackStatus,
	type Presence,
	STATE_KEYS,
	type StateKey,
} from "../../src/index.ts";

/** A condition that is set, as messages carry it. */
export interface ConditionPayload {
	readonly code: string;
	readonly slug: string;
	readonly label: string;
	readonly pack: number | null;
	readonly cell: number | null;
	readonly probe: number | null;
	readonly value: number | null;
	readonly unit: string | null;
	/** The level at which it is set, in the same unit; null while the pack's parameters are not known. */
	readonly limit: number | null;
	/** ISO 8601. */
	readonly since: string;
}

/** What is set, by class; all null while it is not known. Fully is a state and stands alone. */
export interface ConditionLists {
	readonly alarms: readonly ConditionPayload[] | null;
	readonly protections: readonly ConditionPayload[] | null;
	readonly faults: readonly ConditionPayload[] | null;
	readonly fullyCharged: boolean | null;
	/** What cannot be told over this port and protocol, as `class.slug` or the name of a state: it is in no list, and not clear. */
	readonly unsupported: readonly string[];
}

/** Where a payload comes from and how old it is. */
interface Heading {
	/** Short name of the bank. */
	readonly bank: string;
	readonly name: string;
	readonly origin: BankOrigin;
	readonly simulated: boolean;
	readonly link: LinkState;
	/** True when the values are too old, or were never read; they are null then. */
	readonly stale: boolean;
	/** When the values arrived, ISO 8601; null when none ever did. */
	readonly at: string | null;
	/** Age of the values, s. */
	readonly age: number | null;
	readonly energyCharged: number | null;
	readonly energyDischarged: number | null;
}

type Values<K extends string> = { readonly [P in K]: number | readonly (number | null)[] | null };
type Activity = BankTotals["activity"];

export interface BankPayload extends Heading, ConditionLists, Values<keyof typeof BANK_DATAPOINTS> {
	readonly scope: "bank";
	readonly activity: Activity | null;
	/** Packs that are in these values. */
	readonly packs: readonly number[];
}

export interface PackPayload extends Heading, ConditionLists, Values<keyof typeof PACK_DATAPOINTS> {
	readonly scope: "pack";
	readonly pack: number;
	readonly presence: Presence;
	readonly activity: Activity | null;
	readonly states: Readonly<Partial<Record<StateKey, boolean | null>>> | null;
	/** Cells being balanced, from 1; the order is unverified. */
	readonly balancingCells: readonly number[] | null;
	readonly identity: PackSnapshot["identity"];
}

export type TelemetryPayload = BankPayload | PackPayload;

const isoOf = (at: number) => new Date(at).toISOString();

export function conditionPayload(active: ActiveCondition): ConditionPayload {
	const { code, slug, label } = conditionOf(active.key);
	const { pack, cell, probe, value, unit, limit, since } = active;
	return { code, slug, label, pack, cell, probe, value, unit, limit, since: isoOf(since) };
}

function conditionLists(conditions: readonly ActiveCondition[] | null, unsupported: BankSnapshot["unsupported"]): ConditionLists {
	if (!conditions) return { alarms: null, protections: null, faults: null, fullyCharged: null, unsupported };
	const ofClass = (name: ConditionClass) => {
		const keys = conditionsOfClass(name).filter((key) => conditionOf(key).isState !== true && conditionOf(key).unsupported !== true);
		const set = conditions.filter(({ key }) => keys.includes(key)).map(conditionPayload);
		return set.length === 0 && keys.every((key) => unsupported.includes(key)) ? null : set;
	};
	return {
		alarms: ofClass("alarm"),
		protections: ofClass("protection"),
		faults: ofClass("fault"),
		fullyCharged:
			conditions.some(({ key }) => conditionOf(key).isState === true) || (unsupported.includes("protection.fully") ? null : false),
		unsupported,
	};
}

/** One value of each row of a table; null where there is none. */
function valuesOf<K extends string>(table: Readonly<Record<K, unknown>>, source: object | null): Values<K> {
	const found = source as Readonly<Record<string, unknown>> | null;
	return Object.fromEntries(Object.keys(table).map((key) => [key, found?.[key] ?? null])) as Values<K>;
}

function heading(
	snapshot: BankSnapshot,
	part: { readonly at: number; readonly stale: boolean } | null,
	energy: PackSnapshot["energy"],
	now: number,
): Heading {
	return {
		bank: snapshot.id,
		name: snapshot.name,
		origin: snapshot.origin,
		simulated: snapshot.origin !== "real",
		link: snapshot.link.state,
		stale: part?.stale ?? true,
		at: part ? isoOf(part.at) : null,
		age: part ? Math.max(0, Math.round((now - part.at) / 100) / 10) : null,
		energyCharged: energy?.charged ?? null,
		energyDischarged: energy?.discharged ?? null,
	};
}

/** The bank as a message carries it. Values that are too old are null: nobody may act on them. */
export function bankPayload(snapshot: BankSnapshot, now: number): BankPayload {
	const live = snapshot.totals && !snapshot.totals.stale ? snapshot.totals.value : null;
	return {
		scope: "bank",
		...heading(snapshot, snapshot.totals, snapshot.energy, now),
		...valuesOf(BANK_DATAPOINTS, live),
		packsOnline: snapshot.packs.filter((pack) => pack.presence === "live").length,
		packsExpected: snapshot.packs.length,
		activity: live?.activity ?? null,
		packs: live?.packs ?? [],
		...conditionLists(snapshot.conditions, snapshot.unsupported),
	};
}

/** What is on and off; null for what the protocol cannot report. */
function statesOf({ states, unsupported = [] }: PackStatus): NonNullable<PackPayload["states"]> {
	return Object.fromEntries(STATE_KEYS.map((key) => [key, unsupported.includes(key) ? null : states[key]]));
}

/** One pack as a message carries it. */
export function packPayload(snapshot: BankSnapshot, pack: PackSnapshot, now: number): PackPayload {
	const live = pack.telemetry && !pack.telemetry.stale && pack.presence === "live" ? pack.telemetry.value : null;
	const status = pack.status && !pack.status.stale ? pack.status.value : null;
	return {
		scope: "pack",
		pack: pack.address,
		presence: pack.presence,
		...heading(snapshot, pack.telemetry, pack.energy, now),
		stale: live === null,
		...valuesOf(PACK_DATAPOINTS, live),
		activity: live?.activity ?? null,
		...conditionLists(pack.conditions, status?.unsupported ?? []),
		states: status && statesOf(status),
		balancingCells: status?.balancingCells ?? null,
		identity: pack.identity,
	};
}
