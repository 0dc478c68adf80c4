import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { type Action, actionNamed } from "./actions.ts";
import { loadAt, type Scenario, type ScenarioStep, timeText } from "./scenario.ts";
import type { SimulatorControl } from "./simulator-control.ts";

/** How a scenario is doing. */
export interface ScenarioState {
	readonly name: string;
	/** `failed`: a step could not be done, `problem` says why. */
	readonly state: "running" | "ended" | "stopped" | "failed";
	/** Time since it began (again), s. */
	readonly elapsedSeconds: number;
	/** How often it has begun. */
	readonly round: number;
	/** The next step, as in the script; null when none is left in this round. */
	readonly next: { readonly at: string; readonly do: string } | null;
	readonly problem: string | null;
}

/** Between two steps on a slope, ms. */
const RAMP_TICK_MS = 1000;
/** Between two values of the load profile, ms: the load is held at the slope's middle value meanwhile. */
const PROFILE_TICK_MS = 20_000;

interface RunningRamp {
	readonly step: ScenarioStep;
	readonly action: Action;
	readonly from: number;
	readonly to: number;
}

/** Plays one scenario at a time on a simulated bank, by the bank's clock. */
export class ScenarioPlayer {
	readonly #control: () => SimulatorControl;
	readonly #clock: Clock;
	#scenario: Scenario | null = null;
	#state: ScenarioState["state"] = "stopped";
	#problem: string | null = null;
	#beganAt = 0;
	#endedAfterMs = 0;
	#round = 0;
	#done = 0;
	#ramps: readonly RunningRamp[] = [];
	#cancel: () => void = () => {};

	constructor(control: () => SimulatorControl, clock: Clock) {
		this.#control = control;
		this.#clock = clock;
	}

	/** null when none was begun yet. */
	get state(): ScenarioState | null {
		const scenario = this.#scenario;
		if (scenario === null) return null;
		const next = this.#state === "running" ? scenario.steps[this.#done] : undefined;
		return {
			name: scenario.name,
			state: this.#state,
			elapsedSeconds: this.#elapsed() / 1000,
			round: this.#round,
			next: next === undefined ? null : { at: timeText(next.atMs), do: next.action },
			problem: this.#problem,
		};
	}

	/** Begins a scenario now; one that runs is left where it is. */
	start(scenario: Scenario): void {
		this.stop();
		this.#scenario = scenario;
		this.#problem = null;
		this.#round = 0;
		this.#beginRound(this.#clock.now());
		const { stateOfCharge, loadW } = scenario.start;
		this.#try(() => {
			if (stateOfCharge !== null) this.#control().setStateOfCharge(stateOfCharge);
			if (loadW !== null) this.#control().setLoad(loadW);
		});
		this.#go();
	}

	/** Ends it; what it has done stays. */
	stop(): void {
		if (this.#state === "running") this.#end("stopped");
	}

	#beginRound(at: number): void {
		this.#state = "running";
		this.#beganAt = at;
		this.#round += 1;
		this.#done = 0;
		this.#ramps = [];
	}

	#elapsed(): number {
		return this.#state === "running" ? this.#clock.now() - this.#beganAt : this.#endedAfterMs;
	}

	#end(state: "ended" | "stopped" | "failed"): void {
		this.#endedAfterMs = this.#elapsed();
		this.#state = state;
		this.#ramps = [];
		this.#cancel();
	}

	/** Does what is due and waits for what is next. */
	#go(): void {
		const scenario = this.#scenario;
		if (scenario === null || this.#state !== "running") return;
		this.#playUntil(scenario, this.#elapsed());
		if (this.#state !== "running") return;
		if (this.#elapsed() >= scenario.lastsMs) {
			if (!scenario.repeat) {
				this.#end("ended");
				return;
			}
			// After a long sleep of the machine whole rounds are passed over.
			const rounds = Math.floor(this.#elapsed() / scenario.lastsMs);
			this.#beginRound(this.#beganAt + rounds * scenario.lastsMs);
			this.#go();
			return;
		}
		const wait = this.#nextAt(scenario, this.#elapsed()) - this.#elapsed();
		this.#cancel = this.#clock.after(wait, () => this.#go());
	}

	#playUntil(scenario: Scenario, elapsed: number): void {
		for (let step = scenario.steps[this.#done]; step && step.atMs <= elapsed; step = scenario.steps[this.#done]) {
			this.#done += 1;
			this.#begin(step);
		}
		for (const ramp of this.#ramps) this.#follow(ramp, elapsed);
		this.#ramps = this.#ramps.filter(({ step }) => elapsed < step.atMs + step.overMs);
		const { profile, lastsMs } = scenario;
		if (profile !== null && elapsed < lastsMs) {
			const middle = (elapsed + this.#nextAt(scenario, elapsed)) / 2;
			this.#try(() => this.#control().setLoad(loadAt(profile, middle)));
		}
	}

	#begin(step: ScenarioStep): void {
		const action = actionNamed(step.action);
		if (action === undefined) return;
		const { ramp } = action;
		// What is said later of the same thing takes over from a slope that is under way.
		this.#ramps = this.#ramps.filter((other) => other.action !== action || !isSameTarget(other.step, step, ramp?.argument));
		if (step.overMs === 0 || ramp === null) {
			this.#try(() => action.run(this.#control(), step.values));
			return;
		}
		const [from, to] = [ramp.from(this.#control(), step.values), Number(step.values[ramp.argument])];
		this.#ramps = [...this.#ramps, { step, action, from, to }];
	}

	#follow({ step, action, from, to }: RunningRamp, elapsed: number): void {
		const { ramp } = action;
		if (ramp === null) return;
		// The middle of what is held until the next tick; the very value at the end.
		const gone = elapsed >= step.atMs + step.overMs ? 1 : Math.min(1, (elapsed + RAMP_TICK_MS / 2 - step.atMs) / step.overMs);
		this.#try(() => action.run(this.#control(), { ...step.values, [ramp.argument]: from + (to - from) * gone }));
	}

	/** When something is next due, ms from the beginning. */
	#nextAt(scenario: Scenario, elapsed: number): number {
		const ends = this.#ramps.map(({ step }) => step.atMs + step.overMs).filter((at) => at > elapsed);
		const ticks = [
			...(this.#ramps.length > 0 ? [nextMultiple(elapsed, RAMP_TICK_MS)] : []),
			...(scenario.profile !== null ? [nextMultiple(elapsed, PROFILE_TICK_MS)] : []),
		];
		const next = scenario.steps[this.#done]?.atMs ?? scenario.lastsMs;
		return Math.min(next, scenario.lastsMs, ...ends, ...ticks);
	}

	/** A step that cannot be done ends the scenario; the reason is in its state. */
	#try(run: () => Promise<void> | void): void {
		const failed = (error: unknown) => {
			if (this.#state !== "running") return;
			this.#problem = `${this.#scenario?.name ?? ""} at ${timeText(this.#elapsed())}: ${messageOf(error)}`;
			this.#end("failed");
		};
		try {
			Promise.resolve(run()).catch(failed);
		} catch (error) {
			failed(error);
		}
	}
}

function nextMultiple(ms: number, grid: number): number {
	return (Math.floor(ms / grid) + 1) * grid;
}

/** Whether two steps are about the same pack, cell or probe. */
function isSameTarget(one: ScenarioStep, other: ScenarioStep, moving: string | undefined): boolean {
	const names = [...Object.keys(one.values), ...Object.keys(other.values)].filter((name) => name !== moving);
	return names.every((name) => one.values[name] === other.values[name]);
}
