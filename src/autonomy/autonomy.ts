import type { BankSnapshot } from "../bms/battery/snapshot.ts";
import type { AutonomySettings } from "./options.ts";
import { type SmoothedPower, spreadOf } from "./smoothed-power.ts";
import { type Range, type UsableEnergy, usableEnergy } from "./usable-energy.ts";

/**
 * `yes`, `no`: also at the worse, and at the better end of the range. `unsure`: the time is within the range. `charging`: the
 * battery is not being emptied. `unknown`: no fresh values, so nobody can say.
 */
export type Lasts = "yes" | "no" | "unsure" | "charging" | "unknown";

/** Minutes left; `high` is null when the better end of the range is not being emptied at all. */
export interface MinutesLeft {
	readonly best: number;
	readonly low: number;
	readonly high: number | null;
}

export interface Autonomy {
	/** null when no time was asked about and the battery is being emptied. */
	readonly lasts: Lasts | null;
	/** null while charging or unknown. */
	readonly minutesLeft: MinutesLeft | null;
	/** When it will be empty to the reserve, best estimate, milliseconds since the epoch; null as `minutesLeft`. */
	readonly emptyAt: number | null;
	/** Above the low-charge alarm and the reserve; null while unknown. */
	readonly usable: UsableEnergy | null;
	/** Smoothed net power, W, + = charging, and how far it may be off; null while unknown. */
	readonly power: number | null;
	readonly powerSpread: number | null;
	/** The time asked about, milliseconds since the epoch. */
	readonly target: number | null;
	/** Why nobody can say: there are no fresh values, or the battery does not tell its current; null when it can be said. */
	readonly unknown: "values" | "current" | null;
	/** What is missing until then, or left over (negative), kWh at the smoothed power; null when it cannot be said. */
	readonly missingEnergy: number | null;
}

/** W; less than this empties nothing that could be told from the noise of the current sensor. */
const IDLE_W = 10;
const MINUTE_MS = 60_000;
/** Values older than this say nothing about now, ms. */
export const OLDEST_POWER_MS = 120_000;

const minutes = (energyKwh: number, drawW: number) => (energyKwh * 1000 * 60) / drawW;

function minutesLeft(energy: Range, drawW: number, spreadW: number): MinutesLeft {
	return {
		best: minutes(energy.best, drawW),
		low: minutes(energy.low, drawW + spreadW),
		high: drawW - spreadW < IDLE_W ? null : minutes(energy.high, drawW - spreadW),
	};
}

function verdict(left: MinutesLeft, wanted: number): Lasts {
	if (left.low >= wanted) return "yes";
	return left.high !== null && left.high < wanted ? "no" : "unsure";
}

/**
 * Whether the battery lasts until a time at the power it is used with now. Pure. `power` is the smoothed power of the same
 * bank (smoothed-power.ts), `target` milliseconds since the epoch or null when only the time left is asked.
 */
export function estimateAutonomy(
	snapshot: BankSnapshot,
	power: SmoothedPower | null,
	settings: AutonomySettings,
	target: number | null,
	now: number,
): Autonomy {
	const usable = usableEnergy(snapshot, settings);
	const nothing = { minutesLeft: null, emptyAt: null, target, missingEnergy: null, unknown: null };
	// What flowed before it fell silent about its current says nothing about now.
	const isCurrentUntold = usable !== null && snapshot.totals?.value.power === null;
	if (usable === null || power === null || isCurrentUntold || now - power.at > OLDEST_POWER_MS)
		return { ...nothing, lasts: "unknown", unknown: isCurrentUntold ? "current" : "values", usable, power: null, powerSpread: null };
	const spread = spreadOf(power, settings.smoothingMinutes * MINUTE_MS);
	const known = { usable, power: power.mean, powerSpread: spread };
	const draw = -power.mean;
	if (draw < IDLE_W) return { ...nothing, ...known, lasts: "charging" };
	const left = minutesLeft(usable.energy, draw, spread);
	const wanted = target === null ? null : Math.max(0, target - now) / MINUTE_MS;
	return {
		...nothing,
		...known,
		lasts: wanted === null ? null : verdict(left, wanted),
		minutesLeft: left,
		emptyAt: now + left.best * MINUTE_MS,
		missingEnergy: wanted === null ? null : (draw * wanted) / 60_000 - usable.energy.best,
	};
}
