import {
	CONDITION_KEYS,
	type ConditionClass,
	type ConditionKey,
	conditionOf,
	conditionsOfClass,
	isProblem,
} from "../bms/battery/conditions.ts";
import type { PackDatapoint } from "../bms/battery/datapoints.ts";
import type { ActiveCondition, Activity, BankSnapshot, EnergyCounters, PackLink, PackSnapshot } from "../bms/battery/snapshot.ts";
import { STATE_KEYS, type StateKey } from "../bms/battery/states.ts";
import { BANK_ENTITIES, PACK_ENTITIES, stateKeyOf } from "./entities.ts";
import type { Group } from "./groups.ts";
import { rounded } from "./quantity-classes.ts";
import type { DeviceKey } from "./topics.ts";

/**
 * Snapshot to state messages, pure. Every key is in every message, `null` when it is not known; nothing in them
 * changes with time alone, so that an idle bank says the same.
 */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Values = Readonly<Record<string, Json>>;

export interface StateMessage {
	readonly device: DeviceKey;
	readonly group: Group;
	readonly values: Values;
	/** Time of the reading the measurements come from; null where several make it up. */
	readonly readingAt: number | null;
}

/** Home Assistant holds 255 characters of a state at most. */
const LONGEST_TEXT = 250;

/** Whether the measurements of a device may be shown as live. */
export function availabilityOf(snapshot: BankSnapshot, device: DeviceKey): "online" | "offline" {
	const bankKnown = (snapshot.totals !== null && !snapshot.totals.stale) || snapshot.conditions !== null;
	const known = device === "bank" ? bankKnown : snapshot.packs.find(({ address }) => address === device)?.presence === "live";
	return known ? "online" : "offline";
}

/** All messages of the bank itself; `contacts` are the values of its dry contacts. */
export function bankStates(snapshot: BankSnapshot, serverVersion: string, contacts: Values = {}): readonly StateMessage[] {
	const totals = snapshot.totals === null || snapshot.totals.stale ? null : snapshot.totals.value;
	const readings = {
		...totals,
		packsOnline: snapshot.packs.filter(({ presence }) => presence === "live").length,
		packsExpected: snapshot.packs.length,
	};
	const inGroup = (group: Group) =>
		BANK_ENTITIES.filter(([, , entity]) => entity.group === group).map(
			([name, { quantity }, { key }]) => [key, rounded(quantity, readings[name] ?? null)] as const,
		);
	const message = (group: Group, values: Values): StateMessage => ({ device: "bank", group, values, readingAt: null });
	return [
		message("info", {
			...Object.fromEntries(inGroup("info")),
			server_version: serverVersion.slice(0, LONGEST_TEXT),
			origin: snapshot.origin,
			cabled_pack: snapshot.cabledPack,
		}),
		message("status", {
			...conditionValues(snapshot.conditions, snapshot.unsupported),
			...Object.fromEntries(inGroup("status")),
			link: snapshot.link.state === "online",
			...contacts,
		}),
		message("energy", energyValues(snapshot.energy)),
		message("live", { ...Object.fromEntries(inGroup("live")), ...activityValues(totals), ...linkValues(snapshot.link) }),
	];
}

/** All messages of one pack. */
export function packStates(pack: PackSnapshot, contacts: Values = {}, link?: PackLink): readonly StateMessage[] {
	const inGroup = (group: Group): Values =>
		Object.fromEntries(
			PACK_ENTITIES.filter(([, , entity]) => entity.group === group).map(([name, { quantity }, { key }]) => {
				const value = pack.telemetry === null ? null : liveValue(pack.telemetry, name);
				return [key, isList(value) ? value.map((item) => rounded(quantity, item)) : rounded(quantity, value)];
			}),
		);
	const telemetry = pack.telemetry === null || pack.telemetry.stale ? null : pack.telemetry.value;
	const message = (group: Group, values: Values, readingAt: number | null = null): StateMessage => ({
		device: pack.address,
		group,
		values,
		readingAt,
	});
	const readingAt = pack.telemetry?.at ?? null;
	return [
		message("info", {
			...inGroup("info"),
			version: pack.identity?.version?.slice(0, LONGEST_TEXT) ?? null,
			bms_serial: pack.identity?.bmsSerial ?? null,
			pack_serial: pack.identity?.packSerial ?? null,
		}),
		message("status", { ...conditionValues(pack.conditions, pack.status?.value.unsupported), ...switchValues(pack), ...contacts }),
		message("energy", energyValues(pack.energy)),
		message("live", { ...inGroup("live"), ...activityValues(telemetry), ...linkValues(link) }, readingAt),
		message("cells", inGroup("cells"), readingAt),
	];
}

/** The status message of a pack of which nothing is known. */
export function unknownStatus(address: number, contacts: Values): Values {
	const nothing = { telemetry: null, status: null, conditions: null, energy: null, identity: null, parameters: null };
	const messages = packStates({ address, presence: "unknown", ...nothing }, contacts);
	return messages.find(({ group }) => group === "status")?.values ?? {};
}

type Reading = number | null | readonly (number | null)[];

const isList = (value: Reading): value is readonly (number | null)[] => Array.isArray(value);

/** A reading, or null when it is stale. A list keeps its length then: the entities' templates index it. */
function liveValue({ value, stale }: NonNullable<PackSnapshot["telemetry"]>, name: PackDatapoint): Reading {
	const reading: Reading = value[name];
	if (!stale) return reading;
	return isList(reading) ? reading.map(() => null) : null;
}

/** Conditions that can be known at all; an unsupported one is not shown as clear. */
export const SHOWN_CONDITIONS = CONDITION_KEYS.filter((key) => conditionOf(key).unsupported !== true);

const CLASSES = ["alarm", "protection", "fault"] as const satisfies readonly ConditionClass[];

/**
 * `alarms: {slug: on}`, `alarm_active`, `alarm_codes` and so on; all null while the alarm state is not known, never off.
 * So is what the protocol cannot report, and a whole class of which it reports nothing.
 */
function conditionValues(active: readonly ActiveCondition[] | null, unsupported: BankSnapshot["unsupported"] = []): Values {
	const activeKeys = active && new Set(active.map(({ key }) => key));
	const isOn = (key: ConditionKey) => (activeKeys?.has(key) ? true : activeKeys === null || unsupported.includes(key) ? null : false);
	return Object.fromEntries(
		CLASSES.flatMap((conditionClass): [string, Json][] => {
			const keys = conditionsOfClass(conditionClass).filter((key) => SHOWN_CONDITIONS.includes(key));
			const isToldOf = keys.some((key) => isProblem(key) && isOn(key) !== null);
			const problems = activeKeys && isToldOf ? keys.filter((key) => activeKeys.has(key) && isProblem(key)) : null;
			return [
				[`${conditionClass}s`, Object.fromEntries(keys.map((key) => [conditionOf(key).slug, isOn(key)]))],
				[`${conditionClass}_active`, problems && problems.length > 0],
				[`${conditionClass}_codes`, problems?.map((key) => conditionOf(key).code) ?? null],
			];
		}),
	);
}

function switchValues({ status }: PackSnapshot): Values {
	const known = status === null || status.stale ? null : status.value;
	const isOn = (key: StateKey) => (known === null || known.unsupported?.includes(key) ? null : known.states[key]);
	return {
		states: Object.fromEntries(STATE_KEYS.map((key) => [stateKeyOf(key), isOn(key)])),
		// Whether any cell is balanced is certain; which one is not (rs232-v25 §6).
		balancing: known?.balancingCells ? known.balancingCells.length > 0 : null,
	};
}

function activityValues(values: { readonly activity: Activity | null } | null): Values {
	const activity = values?.activity ?? null;
	return { charging: activity && activity === "charging", discharging: activity && activity === "discharging" };
}

/** How well the bank, or one pack, is heard. */
function linkValues(link: Pick<PackLink, "replies" | "failures" | "answerTimeMs"> | undefined): Values {
	return {
		link_answers: link?.replies ?? null,
		link_failures: link ? Object.values(link.failures).reduce((sum, count) => sum + count, 0) : null,
		link_answer_time: link?.answerTimeMs ?? null,
	};
}

function energyValues(energy: EnergyCounters | null): Values {
	return { energy_charged: rounded("energy", energy?.charged ?? null), energy_discharged: rounded("energy", energy?.discharged ?? null) };
}
