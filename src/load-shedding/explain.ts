import { causeOf, minimumOnUntil } from "./decide.ts";
import { isStarting, type Obstacle, obstacleOf } from "./obstacles.ts";
import type { ShedSettings } from "./orders.ts";
import { outageOf } from "./prepare.ts";
import { type Cause, isOff, type Position, type ShedState, stageOf } from "./shed-state.ts";
import type { Stage } from "./stages.ts";
import { look, offDelayMs, type Readings, TRIGGER_KINDS, type TriggerKind, uses } from "./triggers.ts";

/** Why a stage is what it is, and what it waits for. */
export type ReasonCode =
	| "not-in-use"
	| "hand-on"
	| "hand-off"
	| "calm"
	| "asking"
	| "minimum-on"
	| "earlier-stage-first"
	| "hold"
	| `off-${Obstacle["code"]}`
	| "off-comes-back";

export interface StageStatus {
	readonly stage: Stage;
	/** From 1. */
	readonly number: number;
	readonly position: Position;
	/** Switched off here, or switched by hand and left alone; null for a load that is on as usual. */
	readonly by: "shed" | "hand" | null;
	/** Since when that is so; null when it never was switched. */
	readonly since: number | null;
	readonly code: ReasonCode;
	/** Why it is off, or what asks for off. */
	readonly cause: Cause | null;
	/** When what it waits for is over by itself. */
	readonly until: number | null;
	/** The trigger whose value is not known, where that keeps it off. */
	readonly unknown: TriggerKind | null;
	/** Triggers of the stage that nobody tells: nothing is waited for and nothing comes of them. */
	readonly untold: readonly TriggerKind[];
}

/** How the shedding as a whole does. */
export interface Overall {
	/** `start`: nothing is switched yet. `hold`: no fresh values, everything stays as it is. `locked`: nothing comes back. */
	readonly code: "start" | "hold" | "locked" | "shed" | "normal";
	readonly since: number | null;
	readonly until: number | null;
	/** No fresh values for too long, and nobody has acknowledged it. */
	readonly isAlarm: boolean;
}

type Finding = Pick<StageStatus, "code" | "cause" | "until"> & Partial<Pick<StageStatus, "unknown">>;

/** Of a load that is on: what speaks against it. */
function onStage(state: ShedState, stage: Stage, readings: Readings | null, settings: ShedSettings, now: number): Finding {
	const own = stageOf(state.stages, stage);
	if (own.hand) return { code: "hand-on", cause: null, until: own.hand.since + settings.rules.overrideHours * 3_600_000 };
	const cause = causeOf(state, stage, readings, settings, now);
	if (cause !== null && !isStarting(state, settings, now)) {
		const until = minimumOnUntil(stage, own, now);
		return { code: until === null ? "earlier-stage-first" : "minimum-on", cause, until };
	}
	if (readings === null) return { code: "hold", cause: null, until: null };
	const asking = TRIGGER_KINDS.flatMap((kind) => {
		const timer = state.timers[stage.key]?.[kind];
		return timer?.zone === "off" && timer.seen === now ? [{ kind, until: timer.since + offDelayMs(kind, settings.rules) }] : [];
	}).sort((a, b) => a.until - b.until)[0];
	if (asking === undefined) return { code: "calm", cause: null, until: null };
	const seen = look(asking.kind, stage, readings, outageOf(state), settings.rules);
	const asks = { kind: asking.kind, value: seen?.value ?? null, level: seen?.level ?? null, forStage: null };
	return { code: "asking", cause: asks, until: asking.until };
}

function offStage(state: ShedState, stage: Stage, readings: Readings | null, settings: ShedSettings, now: number): Finding {
	const { shed } = stageOf(state.stages, stage);
	if (shed === null) return { code: "hand-off", cause: null, until: null };
	const obstacle = obstacleOf(state, stage, readings, settings, now);
	if (obstacle === null) return { code: "off-comes-back", cause: shed.cause, until: null };
	return {
		code: `off-${obstacle.code}`,
		cause: shed.cause,
		until: obstacle.until,
		unknown: obstacle.code === "unknown" ? obstacle.kind : null,
	};
}

/** Every stage with its reason, after a decision at the same time. */
export function explainStages(state: ShedState, readings: Readings | null, settings: ShedSettings, now: number): readonly StageStatus[] {
	return settings.stages.map((stage, index) => {
		const { shed, hand, switchedAt } = stageOf(state.stages, stage);
		const number = index + 1;
		const nothing = { cause: null, until: null, unknown: null, untold: [] };
		if (!stage.enabled) return { stage, number, position: "on", by: null, since: null, code: "not-in-use", ...nothing };
		const off = isOff({ ...stageOf(state.stages, stage) });
		const finding = (off ? offStage : onStage)(state, stage, readings, settings, now);
		const by = shed ? "shed" : hand ? "hand" : null;
		const untold = readings === null ? [] : readings.untold.filter((kind) => uses(stage, kind));
		const since = shed?.since ?? hand?.since ?? switchedAt;
		return { stage, number, position: off ? "off" : "on", by, since, ...nothing, ...finding, untold };
	});
}

/** The whole in one word. */
export function explainOverall(state: ShedState, settings: ShedSettings, now: number): Overall {
	const { unknownSince, lockedUntil, startedAt } = state;
	const isAlarm = unknownSince !== null && !state.isAcknowledged && now - unknownSince >= settings.rules.unknownAlarmMinutes * 60_000;
	if (unknownSince !== null && state.hasSeenValues) return { code: "hold", since: unknownSince, until: null, isAlarm };
	if (isStarting(state, settings, now)) {
		return { code: "start", since: startedAt, until: state.hasSeenValues ? startedAt + settings.rules.startDelayS * 1000 : null, isAlarm };
	}
	if (lockedUntil !== null && lockedUntil > now) return { code: "locked", since: null, until: lockedUntil, isAlarm };
	const isShed = settings.stages.some((stage) => stageOf(state.stages, stage).shed !== null);
	return { code: isShed ? "shed" : "normal", since: null, until: null, isAlarm };
}
