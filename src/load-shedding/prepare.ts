import { askName, asksIn, type Order, obey, type ShedSettings, withDryRun } from "./orders.ts";
import { notAhead, type ShedState, stageOf, type Timer, type Timers, withStage } from "./shed-state.ts";
import type { Stage } from "./stages.ts";
import { look, type Outage, offDelayMs, type Readings, TRIGGER_KINDS, type TriggerKind, toldKinds } from "./triggers.ts";

export interface Inputs {
	/** null while there are no fresh values. */
	readonly readings: Readings | null;
	readonly orders: readonly Order[];
}

const MINUTE_MS = 60_000;
/** A trigger that was not seen for longer begins to be timed anew: nobody knows what happened meanwhile. */
export const LONGEST_GAP_MS = 120_000;

function timed(before: Timer | undefined, zone: Timer["zone"], now: number): Timer {
	const goesOn = before !== undefined && before.zone === zone && now - before.seen <= LONGEST_GAP_MS;
	return { zone, since: goesOn ? before.since : now, seen: now };
}

/** The timers of a stage after what is seen now; a trigger that is not known keeps its timer. */
function timersNow(stage: Stage, timers: Timers, readings: Readings, state: ShedState, { rules }: ShedSettings, now: number): Timers {
	const entries = toldKinds(stage, readings).flatMap((kind): (readonly [TriggerKind, Timer])[] => {
		const seen = look(kind, stage, readings, outageOf(state), rules);
		const before = timers[kind];
		if (seen === null) return before === undefined ? [] : [[kind, before]];
		return [[kind, timed(before, seen.zone, now)]];
	});
	return Object.fromEntries(entries);
}

/** The triggers of a stage that have asked for off long enough, and ask now. */
export function dueKinds(stage: Stage, timers: Timers, { rules }: ShedSettings, now: number): readonly TriggerKind[] {
	return TRIGGER_KINDS.filter((kind) => {
		const timer = timers[kind];
		return stage.enabled && timer?.zone === "off" && timer.seen === now && now - timer.since >= offDelayMs(kind, rules);
	});
}

/** What is due for a stage: its own triggers first, then those of the stages it goes before. */
export function dueFor(
	state: ShedState,
	stage: Stage,
	settings: ShedSettings,
	now: number,
): readonly { readonly stage: Stage; readonly kind: TriggerKind }[] {
	const from = settings.stages.indexOf(stage);
	return settings.stages
		.slice(from)
		.flatMap((other) => dueKinds(other, state.timers[other.key] ?? {}, settings, now).map((kind) => ({ stage: other, kind })));
}

/** Ends what a hand began: after its time, when something new asks for off, or when all that it ignored is calm again. */
function endHand(state: ShedState, stage: Stage, settings: ShedSettings, now: number): ShedState {
	const { hand } = stageOf(state.stages, stage);
	if (hand?.position !== "on") return state;
	const asking = asksIn(state, settings.stages, stage, ["off", "between"]);
	const ignored = hand.ignored.filter((name) => asking.includes(name));
	const isNew = dueFor(state, stage, settings, now).some((due) => !ignored.includes(askName(due.stage, due.kind)));
	const isOver = now - hand.since >= settings.rules.overrideHours * 60 * MINUTE_MS;
	if (isNew || isOver || ignored.length === 0) return withStage(state, stage, { hand: null });
	return ignored.length === hand.ignored.length ? state : withStage(state, stage, { hand: { ...hand, ignored } });
}

/** An outage begins when the grid has been away for some time, and ends when it has been back for long enough. */
function isOutageNow({ grid, isOutage }: ShedState, { rules }: ShedSettings, now: number): boolean {
	if (grid === null) return false;
	const forMs = now - grid.since;
	if (!grid.present) return isOutage || forMs >= rules.contactDelayS * 1000;
	return isOutage && forMs < rules.gridStableMinutes * MINUTE_MS;
}

export function outageOf({ grid, isOutage }: ShedState): Outage {
	return isOutage ? (grid?.present === false ? "away" : "returning") : "none";
}

/** Settings and time have their effect on what is remembered, before anything is decided. */
export function prepared(before: ShedState, { readings, orders }: Inputs, settings: ShedSettings, now: number): ShedState {
	const { stages, rules } = settings;
	let state = notAhead(before, now, rules.lockMinutes * MINUTE_MS);
	if (state.dryRun.set !== rules.dryRun) {
		state = { ...withDryRun(state, rules.dryRun), dryRun: { set: rules.dryRun, isOn: rules.dryRun } };
	}
	if (readings === null) state = { ...state, unknownSince: state.unknownSince ?? now };
	else state = { ...state, unknownSince: null, isAcknowledged: false, hasSeenValues: true };
	state = orders.reduce((told, order) => obey(told, order, settings, now), state);
	state = { ...state, isOutage: isOutageNow(state, settings, now) };
	if (readings !== null) {
		for (const stage of stages) {
			// A stage taken out of use is left as it is, and is no longer ours to switch on.
			if (!stage.enabled) state = withStage(state, stage, { shed: null, hand: null, asked: null });
		}
		const own = (stage: Stage) => (stage.enabled ? timersNow(stage, state.timers[stage.key] ?? {}, readings, state, settings, now) : {});
		state = { ...state, timers: Object.fromEntries(stages.map((stage) => [stage.key, own(stage)])) };
		for (const stage of stages) state = endHand(state, stage, settings, now);
	}
	const known = new Set(stages.map(({ key }) => key));
	const kept = Object.entries(state.stages).filter(([key]) => known.has(key));
	return kept.length === Object.keys(state.stages).length ? state : { ...state, stages: Object.fromEntries(kept) };
}
