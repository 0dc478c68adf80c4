import { asksIn, type ShedSettings } from "./orders.ts";
import { type ShedState, stageOf } from "./shed-state.ts";
import type { Stage } from "./stages.ts";
import { onDelayMs, type Readings, type TriggerKind, toldKinds, uses } from "./triggers.ts";

/** Why a stage is not switched now although something speaks for it; `until` when that ends by itself. */
export interface Obstacle {
	readonly code:
		| "minimum-off"
		| "asks-for-off"
		| "not-calm"
		| "unknown"
		| "calm-too-short"
		| "locked"
		| "gap"
		| "later-stage-first"
		| "start"
		| "no-values";
	readonly until: number | null;
	/** What it is about, where one trigger is. */
	readonly kind: TriggerKind | null;
}

const MINUTE_MS = 60_000;

/** Whether it is too early to switch anything. */
export function isStarting(state: ShedState, { rules }: ShedSettings, now: number): boolean {
	return !state.hasSeenValues || now - state.startedAt < rules.startDelayS * 1000;
}

/** The stage whose turn it is to come back: the last that was switched off here. */
export function nextToRestore(state: ShedState, { stages }: ShedSettings): Stage | null {
	return stages.filter((stage) => stage.enabled && stageOf(state.stages, stage).shed !== null).at(-1) ?? null;
}

/** What keeps a stage that is off from coming back now; null when nothing does. */
export function obstacleOf(
	state: ShedState,
	stage: Stage,
	readings: Readings | null,
	settings: ShedSettings,
	now: number,
): Obstacle | null {
	const own = stageOf(state.stages, stage);
	const { rules } = settings;
	const obstacle = (code: Obstacle["code"], until: number | null = null, kind: TriggerKind | null = null): Obstacle => ({
		code,
		until,
		kind,
	});
	if (isStarting(state, settings, now)) return obstacle("start", state.startedAt + rules.startDelayS * 1000);
	if (readings === null) return obstacle("no-values");
	if (nextToRestore(state, settings) !== stage) return obstacle("later-stage-first");
	const minimumOff = (own.switchedAt ?? now) + stage.minimumOffMinutes * MINUTE_MS;
	if (minimumOff > now) return obstacle("minimum-off", minimumOff);
	const gapEnd = (state.lastRestoreAt ?? Number.NEGATIVE_INFINITY) + rules.restoreGapMinutes * MINUTE_MS;
	if (gapEnd > now) return obstacle("gap", gapEnd);
	if (own.asked === "on") return null;
	return (
		levelObstacle(state, stage, readings, settings, now) ??
		(state.lockedUntil !== null && state.lockedUntil > now ? obstacle("locked", state.lockedUntil) : null)
	);
}

/** What speaks against it among the triggers. */
function levelObstacle(state: ShedState, stage: Stage, readings: Readings, settings: ShedSettings, now: number): Obstacle | null {
	const timers = state.timers[stage.key] ?? {};
	const kinds = toldKinds(stage, readings);
	const { shed } = stageOf(state.stages, stage);
	const own = shed === null || shed.cause.forStage !== null ? null : shed.cause.kind;
	const untold = readings.untold.find((kind) => uses(stage, kind) && kind === own);
	// Somebody told it once: while nobody tells anything, nothing allows it to come back.
	if (kinds.length === 0 && untold !== undefined) return { code: "unknown", until: null, kind: untold };
	for (const kind of kinds) {
		const timer = timers[kind];
		if (timer === undefined || timer.seen !== now) return { code: "unknown", until: null, kind };
		if (timer.zone !== "on") return { code: timer.zone === "off" ? "asks-for-off" : "not-calm", until: null, kind };
	}
	const later = asksIn(state, settings.stages, stage, ["off"]).find((name) => !name.startsWith(`${stage.key}:`));
	if (later !== undefined) return { code: "asks-for-off", until: null, kind: null };
	const calm = kinds.map((kind) => ({
		kind,
		until: (timers[kind]?.since ?? now) + onDelayMs(kind, settings.rules),
	}));
	const wholeCalm = {
		kind: null,
		until: (stageOf(state.stages, stage).shed?.since ?? now) + settings.rules.restoreDelayMinutes * MINUTE_MS,
	};
	const longest = [...calm, wholeCalm].reduce((a, b) => (b.until > a.until ? b : a));
	return longest.until > now ? { code: "calm-too-short", ...longest } : null;
}
