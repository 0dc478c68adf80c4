import type { ShedRules } from "./options.ts";
import { isOff, NOTHING_SWITCHED, type Position, type ShedState, type StageStates, stageOf, withStage } from "./shed-state.ts";
import type { Stage } from "./stages.ts";
import { TRIGGER_KINDS, type Zone } from "./triggers.ts";

/** What people and other nodes tell the shedding. Stages by key; null means the next one whose turn it is. */
export type Order =
	| { readonly type: "grid"; readonly present: boolean }
	/**
	 * A load was switched by hand, or reports its position. A report (`isReport`) that comes just after a switching here may be
	 * from before it and is not taken for a hand.
	 */
	| { readonly type: "hand"; readonly stage: string; readonly position: Position; readonly isReport: boolean }
	/** Leave no load to the hand any more. */
	| { readonly type: "auto"; readonly stage: string }
	/** Off: this stage and those that go before it. On: this stage and those that come back before it. */
	| { readonly type: "ask"; readonly stage: string | null; readonly position: Position }
	/** Ends the lock-out and silences the alarm. */
	| { readonly type: "acknowledge" }
	| { readonly type: "dry-run"; readonly isOn: boolean };

export interface ShedSettings {
	/** In order: the first goes off first. */
	readonly stages: readonly Stage[];
	readonly rules: ShedRules;
}

/** How long a report of the position before may still be on its way, ms. */
export const REPORT_DELAY_MS = 10_000;

/** The name of a trigger among what a load switched on by hand ignores. */
export function askName(stage: Stage, kind: string): string {
	return `${stage.key}:${kind}`;
}

/** The triggers of a stage and of those after it that are in one of these zones, as far as is known. */
export function asksIn({ timers }: ShedState, stages: readonly Stage[], from: Stage, zones: readonly Zone[]): readonly string[] {
	const asking = stages.slice(stages.indexOf(from)).filter(({ enabled }) => enabled);
	return asking.flatMap((stage) =>
		TRIGGER_KINDS.filter((kind) => {
			const timer = timers[stage.key]?.[kind];
			return timer !== undefined && zones.includes(timer.zone);
		}).map((kind) => askName(stage, kind)),
	);
}

/**
 * What a load that is switched on now is left alone in spite of: its own triggers that are not calm, and those of later stages
 * that ask for off; null when there are none.
 */
export function handOn(state: ShedState, stages: readonly Stage[], stage: Stage, now: number) {
	const own = asksIn(state, [stage], stage, ["off", "between"]);
	const later = asksIn(state, stages, stage, ["off"]).filter((name) => !name.startsWith(`${stage.key}:`));
	const ignored = [...own, ...later];
	return ignored.length === 0 ? null : ({ position: "on", since: now, ignored } as const);
}

function switchedByHand(
	state: ShedState,
	states: StageStates,
	order: Extract<Order, { type: "hand" }>,
	stages: readonly Stage[],
	now: number,
): StageStates {
	const stage = stages.find(({ key }) => key === order.stage);
	if (stage === undefined) return states;
	const before = stageOf(states, stage);
	if (isOff(before) === (order.position === "off")) return states;
	const isEcho = order.isReport && before.switchedAt !== null && now - before.switchedAt < REPORT_DELAY_MS;
	if (isEcho) return states;
	const hand = order.position === "off" ? ({ position: "off", since: now, ignored: [] } as const) : handOn(state, stages, stage, now);
	return { ...states, [stage.key]: { ...before, shed: null, hand, asked: null, switchedAt: now } };
}

function asked(state: ShedState, order: Extract<Order, { type: "ask" }>, { stages }: ShedSettings): ShedState {
	const inUse = stages.filter(({ enabled }) => enabled);
	const turn = (one: Stage) => (order.position === "off" ? !isOff(stageOf(state.stages, one)) : stageOf(state.stages, one).shed !== null);
	const waiting = inUse.filter(turn);
	const meant =
		order.stage === null ? (order.position === "off" ? waiting[0] : waiting.at(-1)) : inUse.find(({ key }) => key === order.stage);
	if (meant === undefined) return state;
	const place = inUse.indexOf(meant);
	const concerned = inUse.filter((_, index) => (order.position === "off" ? index <= place : index >= place));
	return concerned.reduce((changed, stage) => {
		const { shed, hand, asked: before } = stageOf(changed.stages, stage);
		// Only what was switched off here is switched on again; a wish for off that was not yet done ends.
		if (order.position === "on") return withStage(changed, stage, { asked: shed ? "on" : before === "off" ? null : before });
		return isOff(stageOf(changed.stages, stage))
			? withStage(changed, stage, { asked: null })
			: withStage(changed, stage, { asked: "off", hand: hand?.position === "on" ? null : hand });
	}, state);
}

/** The dry run decides on a copy; what is really switched waits aside and is taken up again afterwards. */
export function withDryRun(state: ShedState, isOn: boolean): ShedState {
	if (state.dryRun.isOn === isOn) return state;
	const dryRun = { ...state.dryRun, isOn };
	const { stages, lastRestoreAt, lockedUntil } = state;
	if (isOn) return { ...state, dryRun, live: { stages, lastRestoreAt, lockedUntil } };
	return { ...state, ...(state.live ?? NOTHING_SWITCHED), dryRun, live: null };
}

/** Takes one order. Pure; what cannot be done yet is remembered, what makes no sense changes nothing. */
export function obey(state: ShedState, order: Order, settings: ShedSettings, now: number): ShedState {
	switch (order.type) {
		case "grid":
			if (state.grid?.present === order.present) return state;
			return { ...state, grid: { present: order.present, since: now } };
		case "hand": {
			const change = (states: StageStates) => switchedByHand(state, states, order, settings.stages, now);
			// A hand switches the real load, whatever a dry run believes.
			if (state.live !== null) return { ...state, live: { ...state.live, stages: change(state.live.stages) } };
			return { ...state, stages: change(state.stages) };
		}
		case "auto": {
			const stage = settings.stages.find(({ key }) => key === order.stage);
			return stage ? withStage(state, stage, { hand: null, asked: null }) : state;
		}
		case "ask":
			return asked(state, order, settings);
		case "acknowledge":
			return { ...state, lockedUntil: null, isAcknowledged: state.unknownSince !== null };
		case "dry-run":
			return withDryRun(state, order.isOn);
	}
}
