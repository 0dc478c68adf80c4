import type { EnergyCounters } from "./snapshot.ts";

/** Keeps the energy counters over restarts. */
export interface EnergyStore {
	/** The counters by pack address as last saved; null when there are none. Rejects when they cannot be read. */
	load(bankId: string): Promise<Readonly<Record<number, EnergyCounters>> | null>;
	/** Saves; counters lower than those already kept are ignored. Rejects when they cannot be written. */
	save(bankId: string, counters: Readonly<Record<number, EnergyCounters>>): Promise<void>;
}

/** A moment's power of one pack: ms since the epoch, W with + = charging. */
export interface PowerSample {
	readonly at: number;
	readonly power: number;
}

/** Longer gaps between two samples are not integrated: nobody knows what flowed meanwhile. */
export const LONGEST_ENERGY_GAP_MS = 120_000;

export const NO_ENERGY: EnergyCounters = { charged: 0, discharged: 0 };

const WATT_MS_PER_KWH = 3_600_000_000;

/**
 * Energy between two samples of one pack by the trapezoid rule, kWh; an interval in which the sign changes is
 * split where the straight line crosses zero. Nothing when time did not advance or the gap is too long.
 */
export function energyBetween(from: PowerSample, to: PowerSample): EnergyCounters {
	const duration = to.at - from.at;
	if (!(duration > 0 && duration <= LONGEST_ENERGY_GAP_MS)) return NO_ENERGY;
	const total = Math.abs(from.power) + Math.abs(to.power);
	if (total === 0) return NO_ENERGY;
	if (from.power * to.power >= 0) return flow((from.power + to.power) / 2, duration);
	const share = (power: number) => flow(power / 2, (duration * Math.abs(power)) / total);
	return addEnergy(share(from.power), share(to.power));
}

/** Sum of counters; no argument gives zero. */
export function addEnergy(...counters: readonly EnergyCounters[]): EnergyCounters {
	return counters.reduce((a, b) => ({ charged: a.charged + b.charged, discharged: a.discharged + b.discharged }), NO_ENERGY);
}

/** Whether counters read from outside are numbers that can have been counted. */
export function isEnergyCounters(value: unknown): value is EnergyCounters {
	if (typeof value !== "object" || value === null) return false;
	const { charged, discharged } = value as Partial<Record<keyof EnergyCounters, unknown>>;
	return [charged, discharged].every((counter) => typeof counter === "number" && Number.isFinite(counter) && counter >= 0);
}

function flow(power: number, durationMs: number): EnergyCounters {
	const energy = (Math.abs(power) * durationMs) / WATT_MS_PER_KWH;
	return power >= 0 ? { charged: energy, discharged: 0 } : { charged: 0, discharged: energy };
}
