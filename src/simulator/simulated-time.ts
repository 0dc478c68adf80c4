import type { Clock } from "../clock.ts";
import { ScaledClock } from "./scaled-clock.ts";

/**
 * The time of a simulated bank. Above 1 x the bank, its line and the driver, store and consumers that read it in
 * this process all live by this one time: ages, time-outs, delays and energy are in simulated seconds and agree.
 * MQTT, HTTP and the disk stay in the world's time. Another process that reads the line lives in its own time:
 * it sees a battery that changes factor times as fast, and counts its energy over its own seconds.
 */
export interface SimulatedTime {
	readonly clock: Clock;
	/** Leaves no timer. */
	stop(): void;
}

/** The time of a bank: the world's own at 1 x and without a start of its own (ms since the epoch). */
export function simulatedTime(world: Clock, factor: number, startAt: number | null): SimulatedTime {
	if (factor === 1 && startAt === null) return { clock: world, stop() {} };
	const clock = new ScaledClock({ base: world, factor, ...(startAt === null ? {} : { startAt }) });
	return { clock, stop: () => clock.stop() };
}

/** Of the machine's time between two requests, ms: more often would keep it busy with nothing else. */
const EXCHANGE_MS = 2;
/** With longer gaps the cells of 15 packs would not all be read within the minute after which they count as old, ms. */
const LONGEST_GAP_MS = 800;

/** Pause between two requests at a time factor, ms of the bank's time. Where the machine cannot follow, time slows down. */
export function gapAtFactor(gapMs: number, factor: number): number {
	return factor === 1 ? gapMs : Math.max(gapMs, Math.min(LONGEST_GAP_MS, EXCHANGE_MS * factor));
}
