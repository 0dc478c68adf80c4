/**
 * What happens to a simulated bank over time, checked and in milliseconds from its beginning. How it is written
 * down stands in check-scenario.ts and, for people, in docs/scenarios.md.
 */
export interface Scenario {
	readonly name: string;
	/** One or two sentences for people. */
	readonly description: string;
	/** Start of the bank's random numbers; null = the setting's. */
	readonly seed: number | null;
	readonly start: ScenarioStart;
	/** What the house draws by itself; null = only what steps set. */
	readonly profile: ScenarioProfile | null;
	/** By rising time. */
	readonly steps: readonly ScenarioStep[];
	readonly lastsMs: number;
	/** Begins again when it has ended; the battery goes on as it is. */
	readonly repeat: boolean;
}

export interface ScenarioStart {
	/** What the bank's clock shows then, milliseconds since the epoch; null = the time it is. */
	readonly clock: number | null;
	/** %; null = as it is. */
	readonly stateOfCharge: number | null;
	/** W; null = as it is. */
	readonly loadW: number | null;
}

export interface ScenarioStep {
	readonly atMs: number;
	/** Name in the table of actions. */
	readonly action: string;
	readonly values: Readonly<Record<string, unknown>>;
	/** How long the value takes to get there, ms; 0 = at once. */
	readonly overMs: number;
}

/** Moments and W, by rising time; straight lines between, level before the first and after the last. */
export type Curve = readonly (readonly [atMs: number, watts: number])[];

/** The bank carries consumption minus sun. */
export interface ScenarioProfile {
	readonly consumption: Curve;
	readonly sun: Curve;
}

/** The value of a curve at a moment; 0 without points. */
export function valueAt(curve: Curve, atMs: number): number {
	const next = curve.findIndex(([at]) => at > atMs);
	const after = curve[next];
	const before = next < 0 ? curve.at(-1) : curve[next - 1];
	if (before === undefined) return after?.[1] ?? 0;
	if (after === undefined) return before[1];
	return before[1] + ((after[1] - before[1]) * (atMs - before[0])) / (after[0] - before[0]);
}

/** What the profile makes the bank carry at a moment, W; negative charges. */
export function loadAt({ consumption, sun }: ScenarioProfile, atMs: number): number {
	return valueAt(consumption, atMs) - valueAt(sun, atMs);
}

/** A time of a scenario as it is written: 01:30, or 01:30:05 where seconds matter. */
export function timeText(ms: number): string {
	const seconds = Math.round(ms / 1000);
	const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
	return (rest === 0 ? [hours, minutes] : [hours, minutes, rest]).map((part) => String(part).padStart(2, "0")).join(":");
}
