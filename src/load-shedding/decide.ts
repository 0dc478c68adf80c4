import { isStarting, nextToRestore, obstacleOf } from "./obstacles.ts";
import { handOn, type ShedSettings } from "./orders.ts";
import { dueFor, type Inputs, outageOf, prepared } from "./prepare.ts";
import { type Cause, isOff, type Position, type ShedState, type StageState, stageOf, withStage } from "./shed-state.ts";
import type { Stage } from "./stages.ts";
import { look, type Readings } from "./triggers.ts";

/** A load to switch. */
export interface Action {
	/** Key of the stage. */
	readonly stage: string;
	readonly to: Position;
	/** Why it goes off, or went off before it now comes back. */
	readonly cause: Cause;
	/** Decided only: nothing is to be switched. */
	readonly isDryRun: boolean;
}

const MINUTE_MS = 60_000;
const ownCause = (kind: Cause["kind"], seen: { value: number | null; level: number | null } | null, forStage: string | null): Cause => ({
	kind,
	value: seen?.value ?? null,
	level: seen?.level ?? null,
	forStage,
});

/** Until when a stage that came on must stay on; null when it may go off. */
export function minimumOnUntil(stage: Stage, { switchedAt }: StageState, now: number): number | null {
	const until = (switchedAt ?? Number.NEGATIVE_INFINITY) + stage.minimumOnMinutes * MINUTE_MS;
	return until > now ? until : null;
}

/** Why a stage is to go off now; null when nothing says so. */
export function causeOf(state: ShedState, stage: Stage, readings: Readings | null, settings: ShedSettings, now: number): Cause | null {
	const later = settings.stages.slice(settings.stages.indexOf(stage)).filter(({ enabled }) => enabled);
	const wisher = later.find((one) => stageOf(state.stages, one).asked === "off");
	if (wisher) return ownCause("asked", null, wisher === stage ? null : wisher.key);
	if (readings === null) return isBlind(state, stage, settings, now) ? ownCause("blind", null, null) : null;
	const due = dueFor(state, stage, settings, now)[0];
	if (due === undefined) return null;
	return ownCause(
		due.kind,
		look(due.kind, due.stage, readings, outageOf(state), settings.rules),
		due.stage === stage ? null : due.stage.key,
	);
}

function isBlind(state: ShedState, stage: Stage, { stages, rules }: ShedSettings, now: number): boolean {
	const isFirst = stages.find(({ enabled }) => enabled) === stage;
	const isLong = state.unknownSince !== null && now - state.unknownSince >= rules.blindMinutes * MINUTE_MS;
	return rules.shedWhenBlind && isFirst && isLong && state.grid?.present === false;
}

interface Step {
	readonly state: ShedState;
	readonly actions: readonly Action[];
}

/** All that must go off, in order; a stage that may not yet holds back those after it. */
function shed(before: ShedState, readings: Readings | null, settings: ShedSettings, now: number): Step {
	let state = before;
	const actions: Action[] = [];
	for (const stage of settings.stages.filter(({ enabled }) => enabled)) {
		const own = stageOf(state.stages, stage);
		if (isOff(own) || own.hand !== null) continue;
		const cause = causeOf(state, stage, readings, settings, now);
		if (cause === null) continue;
		if (minimumOnUntil(stage, own, now) !== null) break;
		actions.push({ stage: stage.key, to: "off", cause, isDryRun: state.dryRun.isOn });
		state = withStage(state, stage, { shed: { since: now, cause, name: stage.name }, switchedAt: now, asked: null });
	}
	const { rules } = settings;
	const fellBack = actions.some(({ cause }) => cause.kind !== "asked") && isWithin(state.lastRestoreAt, rules.lockMinutes * MINUTE_MS, now);
	return { state: fellBack ? { ...state, lockedUntil: now + rules.lockMinutes * MINUTE_MS } : state, actions };
}

const isWithin = (at: number | null, ms: number, now: number) => at !== null && now - at < ms;

/** At most one stage comes back. */
function restore(state: ShedState, readings: Readings | null, settings: ShedSettings, now: number): Step {
	const stage = nextToRestore(state, settings);
	if (stage === null || obstacleOf(state, stage, readings, settings, now) !== null) return { state, actions: [] };
	const { shed: entry, asked } = stageOf(state.stages, stage);
	if (entry === null) return { state, actions: [] };
	const hand = asked === "on" ? handOn(state, settings.stages, stage, now) : null;
	const on = withStage(state, stage, { shed: null, hand, asked: null, switchedAt: now });
	const action: Action = { stage: stage.key, to: "on", cause: entry.cause, isDryRun: state.dryRun.isOn };
	return { state: { ...on, lastRestoreAt: now }, actions: [action] };
}

/**
 * Decides what is switched now. Pure: the same state, inputs, settings and time (milliseconds since the epoch) give the same
 * decision. To be called at every snapshot, at every order, and every few seconds so that waiting times end.
 */
export function decide(before: ShedState, inputs: Inputs, settings: ShedSettings, now: number): Step {
	const state = prepared(before, inputs, settings, now);
	if (isStarting(state, settings, now)) return { state, actions: [] };
	const off = shed(state, inputs.readings, settings, now);
	return off.actions.length > 0 ? off : restore(off.state, inputs.readings, settings, now);
}
