import type { ConditionKey } from "../bms/battery/conditions.ts";
import type { ContactEvent, ContactKey, ContactPosition, ContactState } from "../bms/battery/contact.ts";
import type { ActiveCondition, BankSnapshot } from "../bms/battery/snapshot.ts";
import { type ContactRule, FIRST_READING_MS } from "./contact-rules.ts";
import { mismatchText } from "./contact-words.ts";
import { hasPassed, type Settling, settle, UNSETTLED } from "./settle.ts";

/** The parts of a snapshot that contacts follow. */
export type ContactParts = Pick<BankSnapshot, "conditions" | "unsupported"> & {
	readonly packs: readonly Pick<BankSnapshot["packs"][number], "address" | "conditions" | "status">[];
};

/** What the wires say, by contact: closed or not; null while that is not known. */
export type WiredInputs = ReadonlyMap<ContactKey, boolean | null>;

/** What is remembered of one contact. `active` stands for true everywhere: it reports trouble. */
interface PointMemory {
	readonly state: ContactState;
	/** What the model last knew. */
	readonly modelKnown: boolean | null;
	readonly wire: Settling;
	readonly contact: Settling;
	/** When it became what it was last known to be. */
	readonly knownAt: number;
	/** Since when model and wire differ. */
	readonly differSince: number | null;
}

/** What is remembered from one evaluation to the next. */
export interface ContactMemory {
	readonly startedAt: number;
	/** The bank's alarm state was known at least once. */
	readonly isHeard: boolean;
	readonly points: ReadonlyMap<string, PointMemory>;
}

export interface Evaluation {
	readonly memory: ContactMemory;
	readonly states: readonly ContactState[];
	readonly events: readonly ContactEvent[];
	/** When something changes by itself if nothing else happens; null when nothing does. */
	readonly dueAt: number | null;
}

/** A bank nobody has heard of yet. */
export function newContacts(now: number): ContactMemory {
	return { startedAt: now, isHeard: false, points: new Map() };
}

/** The contacts at a time, and what has happened to them since the evaluation before. Pure. */
export function evaluateContacts(
	parts: ContactParts,
	wired: WiredInputs,
	rules: readonly ContactRule[],
	before: ContactMemory,
	now: number,
): Evaluation {
	const isHeard = before.isHeard || parts.conditions !== null;
	const firstReadingAt = before.startedAt + FIRST_READING_MS;
	const mayChoose = isHeard || hasPassed(before.startedAt, FIRST_READING_MS, now);
	const context = { parts, wired, before, now, mayChoose };
	const perRule = rules.map((rule) => {
		// A contact without a wire of its own is modelled, whatever the source of the wired one is.
		const packs = addressesOf(parts, rule).map((pack) => pointAt(context, rule, pack, []));
		const onWire = packs.filter(({ state }) => state.pack === rule.wiredTo).map(({ target }) => target);
		return { bank: pointAt(context, rule, null, onWire), packs };
	});
	const packs = perRule.flatMap((each) => each.packs).sort((a, b) => (a.state.pack ?? 0) - (b.state.pack ?? 0));
	const points = [...perRule.map(({ bank }) => bank), ...packs];
	const waiting = points.flatMap(({ dueAt }) => dueAt ?? []);
	const choiceDue = mayChoose || rules.every(({ onStale }) => onStale === "unknown" || onStale === "keep") ? [] : [firstReadingAt];
	const due = [...waiting, ...choiceDue];
	return {
		memory: { startedAt: before.startedAt, isHeard, points: new Map(points.map((point) => [keyOf(point.state), point.memory])) },
		states: points.map(({ state }) => state),
		events: points.flatMap(({ events }) => events),
		dueAt: due.length === 0 ? null : Math.min(...due),
	};
}

const keyOf = ({ contact, pack }: Pick<ContactState, "contact" | "pack">) => `${contact} ${pack ?? "bank"}`;

/** Packs that are known, and the one a wire is on. */
function addressesOf({ packs }: ContactParts, { wiredTo }: ContactRule): readonly number[] {
	const addresses = new Set(packs.map(({ address }) => address));
	if (typeof wiredTo === "number") addresses.add(wiredTo);
	return [...addresses].sort((a, b) => a - b);
}

interface Context {
	readonly parts: ContactParts;
	readonly wired: WiredInputs;
	readonly before: ContactMemory;
	readonly now: number;
	/** Whether a stale choice of open or closed may stand. */
	readonly mayChoose: boolean;
}

interface Point {
	readonly state: ContactState;
	/** Before delays and hold. */
	readonly target: boolean | null;
	readonly memory: PointMemory;
	readonly events: readonly ContactEvent[];
	readonly dueAt: number | null;
}

/** `others`: targets of contacts that are part of this one. */
function pointAt(context: Context, rule: ContactRule, pack: number | null, others: readonly (boolean | null)[]): Point {
	const { parts, before, now } = context;
	const old = before.points.get(keyOf({ contact: rule.contact, pack }));
	const causes = causesOf(parts, rule, pack);
	const unsupported = unsupportedOf(parts, rule, pack);
	const isTold = unsupported.length < rule.conditions.size || rule.conditions.size === 0;
	const said = causes.length > 0 ? true : conditionsOf(parts, pack) === null || !isTold ? null : false;
	const model = said ?? (isTold ? staleTarget(rule, old?.modelKnown ?? null, context.mayChoose) : null);
	const wire = wireOf(context, rule, pack, old);
	const target = joined(wire === null ? model : chosen(rule, model, wire.memory.value), others);
	const contact = settle(old?.contact ?? UNSETTLED, target, rule, now);
	const differ = differenceOf(rule, said, wire?.memory.value ?? null, old?.differSince ?? null, now);
	const active = contact.memory.value;
	const position = positionOf(active, rule.inverted);
	const known = old?.contact.known ?? null;
	const isEdge = active !== null && known !== null && active !== known;
	const wired = wire === null ? null : positionOf(wire.memory.value, rule.inverted);
	const state: ContactState = {
		contact: rule.contact,
		pack,
		state: position,
		active,
		since: old !== undefined && old.state.state === position ? old.state.since : now,
		causes: causes.length > 0 ? causes : isEdge && active ? [] : (old?.state.causes ?? []),
		source: rule.source,
		modelled: rule.source === "wired" && wire !== null ? null : positionOf(model, rule.inverted),
		wired,
		stale: said === null && isTold && (wire === null || rule.source === "both"),
		mismatch:
			differ.isReported && differ.since !== null
				? { since: differ.since, text: mismatchText(rule.contact, pack, wired ?? "unknown") }
				: null,
		unsupported,
		closings: (old?.state.closings ?? 0) + (isEdge && position === "closed" ? 1 : 0),
	};
	const shown = old !== undefined && isSame(old.state, state) ? old.state : state;
	return {
		state: shown,
		target,
		memory: {
			state: shown,
			modelKnown: said ?? old?.modelKnown ?? null,
			wire: wire?.memory ?? UNSETTLED,
			contact: contact.memory,
			knownAt: old === undefined || isEdge || (known === null && active !== null) ? now : old.knownAt,
			differSince: differ.since,
		},
		events: eventsOf(shown, old, isEdge, now),
		dueAt: earliest(contact.dueAt, wire?.dueAt ?? null, differ.dueAt),
	};
}

/** What neither the pack nor (for the bank) any of its packs can report over this protocol. */
function unsupportedOf({ unsupported, packs }: ContactParts, { conditions }: ContactRule, pack: number | null): readonly ConditionKey[] {
	const all = pack === null ? unsupported : (packs.find(({ address }) => address === pack)?.status?.value.unsupported ?? []);
	return [...conditions].filter((key) => all.includes(key));
}

function conditionsOf({ conditions, packs }: ContactParts, pack: number | null): readonly ActiveCondition[] | null {
	return pack === null ? conditions : (packs.find(({ address }) => address === pack)?.conditions ?? null);
}

/** The bank's causes are all that is set anywhere, also in a pack whose word the bank's state does not show. */
function causesOf(parts: ContactParts, rule: ContactRule, pack: number | null): readonly ActiveCondition[] {
	const own = (conditionsOf(parts, pack) ?? []).filter(({ key }) => rule.conditions.has(key));
	if (pack !== null) return own;
	const shown = new Set(own.map(({ key, pack: named }) => `${key} ${named}`));
	const ofPacks = parts.packs.flatMap(({ conditions }) => conditions ?? []);
	return [...own, ...ofPacks.filter(({ key, pack: named }) => rule.conditions.has(key) && !shown.has(`${key} ${named}`))];
}

function staleTarget({ onStale, inverted }: ContactRule, known: boolean | null, mayChoose: boolean): boolean | null {
	if (onStale === "keep") return known;
	if (onStale === "unknown" || !mayChoose) return null;
	return (onStale === "closed") !== inverted;
}

/** The debounced wire of this contact; null when it has none. */
function wireOf({ wired, now }: Context, rule: ContactRule, pack: number | null, old: PointMemory | undefined) {
	if (rule.wiredTo === undefined || rule.wiredTo !== pack) return null;
	const isClosed = wired.get(rule.contact) ?? null;
	const times = { onDelayMs: rule.debounceMs, offDelayMs: rule.debounceMs, holdMs: 0 };
	return settle(old?.wire ?? UNSETTLED, isClosed === null ? null : isClosed !== rule.inverted, times, now);
}

/** What a contact with a wire is. */
function chosen({ source }: ContactRule, model: boolean | null, wire: boolean | null): boolean | null {
	if (source === "wired") return wire;
	return model === true || wire === true ? true : (model ?? wire);
}

function joined(own: boolean | null, others: readonly (boolean | null)[]): boolean | null {
	const all = [own, ...others];
	return all.includes(true) ? true : all.includes(null) ? null : false;
}

function differenceOf(rule: ContactRule, model: boolean | null, wire: boolean | null, since: number | null, now: number) {
	if (rule.source !== "both" || model === null || wire === null || model === wire) return { since: null, isReported: false, dueAt: null };
	const began = since ?? now;
	const isReported = hasPassed(began, rule.mismatchMs, now);
	return { since: began, isReported, dueAt: isReported ? null : began + rule.mismatchMs };
}

function eventsOf(state: ContactState, old: PointMemory | undefined, isEdge: boolean, now: number): readonly ContactEvent[] {
	if (old === undefined) return [];
	const edge: readonly ContactEvent[] = isEdge
		? [{ type: state.state === "closed" ? "closed" : "opened", contact: state, at: now, durationMs: Math.max(0, now - old.knownAt) }]
		: [];
	const wasReported = old.state.mismatch;
	if (state.mismatch !== null && wasReported === null) return [...edge, { type: "mismatch", contact: state, at: now, durationMs: null }];
	if (state.mismatch === null && wasReported !== null)
		return [...edge, { type: "agreement", contact: state, at: now, durationMs: Math.max(0, now - wasReported.since) }];
	return edge;
}

function positionOf(active: boolean | null, inverted: boolean): ContactPosition {
	if (active === null) return "unknown";
	return active !== inverted ? "closed" : "open";
}

function earliest(...times: readonly (number | null)[]): number | null {
	const known = times.filter((time) => time !== null);
	return known.length === 0 ? null : Math.min(...known);
}

function isSame(a: ContactState, b: ContactState): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}
