import { conditionOf } from "../battery/conditions.ts";
import type { BankSnapshot, PackSnapshot } from "../battery/snapshot.ts";

/**
 * A pack goes to sleep when its lowest cell was below the sleep voltage for the sleep delay, with no communication, no
 * protection, no balancing and no current (manual §5.2.5). Whoever keeps asking keeps a nearly empty battery awake.
 */

/** Sleep voltage where the pack's own is not known, V: the vendor's default (rs232-v25 §12) and a margin. */
const ASSUMED_SLEEP_VOLTAGE = 3.1 + 0.05;
/** So near the sleep voltage it is asked less often, V. */
const NEAR_V = 0.05;
/** It is asked less often for so long before it is left alone, ms. */
const HOLD_MS = 60_000;

/**
 * `awake`: nothing is near. `near`: a pack is near its sleep voltage and rests. `due`: a pack is below it and would go to
 * sleep if nobody asked. `emptied`: under-voltage protection, with which it goes to sleep within 30 s, asked or not.
 */
export type Drowsiness = "awake" | "near" | "due" | "emptied";

/** What the guard wants: normal polling, slow polling, or none at all. */
export interface SleepGuard {
	readonly wants: "poll" | "slow" | "pause";
	/** Since when a pack would go to sleep; null while none would. */
	readonly dueSince: number | null;
	readonly drowsiness: Drowsiness;
}

export const WIDE_AWAKE: SleepGuard = { wants: "poll", dueSince: null, drowsiness: "awake" };

const UNDERVOLTAGE = ["protection.cell_undervoltage", "protection.pack_undervoltage"];

/** How near the packs of a bank are to sleep; what is not known counts as awake. */
export function drowsinessOf(snapshot: BankSnapshot): Drowsiness {
	const { conditions } = snapshot;
	const live = snapshot.packs.filter(({ presence }) => presence === "live");
	if (conditions === null || live.length === 0) return "awake";
	if (conditions.some(({ key }) => UNDERVOLTAGE.includes(key))) return isAnyCharging(live) ? "awake" : "emptied";
	if (conditions.some(({ key }) => conditionOf(key).class === "protection" && conditionOf(key).isState !== true)) return "awake";
	// One pack with current is a bank in use: all are in parallel.
	if (live.some(({ telemetry }) => telemetry === null || telemetry.stale || telemetry.value.activity !== "idle")) return "awake";
	if (live.some(({ status }) => status !== null && !status.stale && (status.value.balancingCells ?? []).length > 0)) return "awake";
	const above = Math.min(...live.map((pack) => lowestCell(pack) - sleepVoltage(pack)));
	if (above < 0) return "due";
	return above < NEAR_V ? "near" : "awake";
}

/** What to do after the readings so far. Every poll that finds a pack awake starts the hold anew. */
export function watchSleep(guard: SleepGuard, drowsiness: Drowsiness, now: number): SleepGuard {
	if (drowsiness === "awake") return WIDE_AWAKE;
	const dueSince = drowsiness === "due" ? (guard.dueSince ?? now) : null;
	const isOver = dueSince !== null && now - dueSince >= HOLD_MS;
	return { wants: isOver ? "pause" : drowsiness === "emptied" ? "poll" : "slow", dueSince, drowsiness };
}

/** Whether silence means sleep: it was near it, or emptied. */
export function isSleepExpected({ drowsiness }: SleepGuard): boolean {
	return drowsiness === "due" || drowsiness === "emptied";
}

/** Whether a pack sleeps on when it is told to; with current it starts again at once (rs232-v25 §9.3). */
export function staysAsleep({ packs }: BankSnapshot, pack: number): boolean {
	return packs.find(({ address }) => address === pack)?.telemetry?.value.activity === "idle";
}

const isAnyCharging = (packs: readonly PackSnapshot[]) => packs.some(({ telemetry }) => telemetry?.value.activity === "charging");
const lowestCell = ({ telemetry }: PackSnapshot) => telemetry?.value.cellVoltageMin ?? Number.POSITIVE_INFINITY;
const sleepVoltage = ({ parameters }: PackSnapshot) => parameters?.sleepVoltage ?? ASSUMED_SLEEP_VOLTAGE;

/** Longest pause between two questions while a pack is near sleep, ms. */
const SLOW_PAUSE_MS = 5_000;
/** An RS485 socket does not wake a pack (manual §5.2.5 names RS232 only): there it may be tried so often, minutes. */
const HARMLESS_PROBE_MINUTES = 5;

/** Pause between two questions while a pack is near sleep, ms; every pack's alarm state stays young enough to be known. */
export function slowPauseMs(packs: number, statusStaleAfterMs: number): number {
	return Math.min(SLOW_PAUSE_MS, statusStaleAfterMs / (3 * Math.max(1, packs)));
}

/** How long a sleeping battery is left alone before it is asked again, ms. */
export function probePauseMs(probeMinutes: number, wakesByBytes: boolean): number {
	return (wakesByBytes ? probeMinutes : Math.min(probeMinutes, HARMLESS_PROBE_MINUTES)) * 60_000;
}
