import type { ActiveCondition, BankEvent, BankSnapshot } from "../../src/index.ts";
import type { Occurrence } from "./alarm-payload.ts";

/**
 * Which events count. The bank's state comes first and bears no pack's number; the pack that has it is named a
 * moment later. `once`: every occurrence is raised once and cleared once, whoever tells it first, and `named`
 * adds the pack. `bank`: the bank as a whole, at once, never a second time for a second pack. `pack`: packs that
 * named themselves. `both`: bank and pack events as they come.
 */
export const ALARM_SCOPES = ["once", "bank", "pack", "both"] as const;
export type AlarmScope = (typeof ALARM_SCOPES)[number];

/** What was raised and not cleared yet: condition and pack, null for an occurrence nobody has named. */
export type OpenOccurrences = ReadonlyMap<string, ActiveCondition>;

type ConditionEvent = Extract<BankEvent, { type: "condition-raised" | "condition-cleared" }>;
interface Step {
	readonly open: OpenOccurrences;
	readonly occurrences: readonly Occurrence[];
}

const keyOf = (condition: ActiveCondition, pack: number | null) => `${condition.key} ${pack ?? "-"}`;
const packOf = (key: string) => {
	const pack = key.split(" ")[1];
	return pack === undefined || pack === "-" ? null : Number(pack);
};

/** Which pack an event is about under a scope; undefined when the event does not count there. */
function packUnder(scope: AlarmScope, event: ConditionEvent): number | null | undefined {
	if (scope !== "once" && scope !== "both" && scope !== event.scope) return undefined;
	if (scope === "once") return event.condition.pack;
	return event.scope === "pack" ? event.condition.pack : null;
}

function raise(scope: AlarmScope, open: OpenOccurrences, event: ConditionEvent, pack: number | null): Step {
	const { condition, at } = event;
	const key = keyOf(condition, pack);
	if (open.has(key)) return { open, occurrences: [] };
	const next = new Map(open).set(key, condition);
	const isNaming = scope === "once" && pack !== null && next.delete(keyOf(condition, null));
	return {
		open: next,
		occurrences: [{ event: isNaming ? "named" : "raised", scope: pack === null ? "bank" : "pack", condition, pack, at, initial: false }],
	};
}

/** The keys an event clears: a pack's own, or all of that condition when the whole bank is free of it. */
function clearedBy(scope: AlarmScope, open: OpenOccurrences, event: ConditionEvent, pack: number | null): readonly string[] {
	if (scope !== "once" || event.scope === "pack") return [keyOf(event.condition, pack)].filter((key) => open.has(key));
	return [...open.keys()].filter((key) => key.startsWith(`${event.condition.key} `));
}

function clear(scope: AlarmScope, open: OpenOccurrences, event: ConditionEvent, pack: number | null): Step {
	const keys = clearedBy(scope, open, event, pack);
	const occurrences = keys.map((key): Occurrence => {
		const owner = packOf(key);
		const condition = open.get(key) ?? event.condition;
		return { event: "cleared", scope: owner === null ? "bank" : "pack", condition, pack: owner, at: event.at, initial: false };
	});
	return { open: new Map([...open].filter(([key]) => !keys.includes(key))), occurrences };
}

function step(scope: AlarmScope, open: OpenOccurrences, event: BankEvent): Step {
	if (event.type !== "condition-raised" && event.type !== "condition-cleared") return { open, occurrences: [] };
	const pack = packUnder(scope, event);
	if (pack === undefined) return { open, occurrences: [] };
	return event.type === "condition-raised" ? raise(scope, open, event, pack) : clear(scope, open, event, pack);
}

/** The occurrences that follow from the events of one snapshot, and what is open afterwards. */
export function occurrencesOf(scope: AlarmScope, open: OpenOccurrences, events: readonly BankEvent[]): Step {
	return events.reduce<Step>(
		(done, event) => {
			const { open: next, occurrences } = step(scope, done.open, event);
			return { open: next, occurrences: [...done.occurrences, ...occurrences] };
		},
		{ open, occurrences: [] },
	);
}

/** What is set in the snapshot, as the scope sees it; null while the alarm state is not known. */
export function activeOccurrences(scope: AlarmScope, snapshot: BankSnapshot, event: "raised" | "active"): readonly Occurrence[] | null {
	if (snapshot.conditions === null) return null;
	const of = (condition: ActiveCondition, pack: number | null): Occurrence => ({
		event,
		scope: pack === null ? "bank" : "pack",
		condition,
		pack,
		at: snapshot.at,
		initial: event === "raised",
	});
	const bankWide = [...new Map(snapshot.conditions.map((condition) => [condition.key, condition])).values()];
	const ofBank = bankWide.map((condition) => of(condition, null));
	const ofPacks = snapshot.conditions.filter(({ pack }) => pack !== null).map((condition) => of(condition, condition.pack));
	return {
		once: snapshot.conditions.map((condition) => of(condition, condition.pack)),
		bank: ofBank,
		pack: ofPacks,
		both: [...ofBank, ...ofPacks],
	}[scope];
}

/** What is open when a node starts to listen. */
export function openOf(occurrences: readonly Occurrence[]): OpenOccurrences {
	return new Map(occurrences.map(({ condition, pack }) => [keyOf(condition, pack), condition]));
}
