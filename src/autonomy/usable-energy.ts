import type { BankSnapshot, PackSnapshot } from "../bms/battery/snapshot.ts";
import type { AutonomySettings } from "./options.ts";

/** A number with the range it is in. */
export interface Range {
	readonly best: number;
	readonly low: number;
	readonly high: number;
}

/** What can be taken out before the low-charge alarm and the reserve. */
export interface UsableEnergy {
	/** Ah. */
	readonly charge: Range;
	/** kWh. */
	readonly energy: Range;
	/** Addresses of the packs that are in it. */
	readonly packs: readonly number[];
}

/** V; a LiFePO4 cell's nominal voltage (51.2 V of 16 cells, user manual, page of specifications). */
const NOMINAL_CELL_VOLTAGE = 3.2;

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** Of one pack, in Ah and Wh. Above the nominal voltage nothing is gained: that part of the curve is left within minutes. */
function usableOf({ telemetry }: PackSnapshot, floorPercent: number) {
	if (telemetry === null || telemetry.stale) return null;
	const { remainingCapacity, fullCapacity, voltage, cellVoltages } = telemetry.value;
	const charge = Math.max(0, remainingCapacity - (fullCapacity * floorPercent) / 100);
	return { charge, energy: charge * Math.min(voltage, cellVoltages.length * NOMINAL_CELL_VOLTAGE) };
}

/** What the live packs hold above the low-charge alarm and the reserve; null when nothing fresh is known. Pure. */
export function usableEnergy(snapshot: BankSnapshot, settings: AutonomySettings): UsableEnergy | null {
	const { totals } = snapshot;
	if (totals === null || totals.stale) return null;
	const live = snapshot.packs.filter((pack) => totals.value.packs.includes(pack.address));
	const floor = settings.lowAlarmPercent + settings.reservePercent;
	const at = (percent: number) => live.flatMap((pack) => usableOf(pack, percent) ?? []);
	const [best, low, high] = [
		at(floor),
		at(floor + settings.chargeErrorPercent),
		at(Math.max(settings.lowAlarmPercent, floor - settings.chargeErrorPercent)),
	];
	if (best.length === 0) return null;
	const range = (pick: (usable: { charge: number; energy: number }) => number): Range => ({
		best: sum(best.map(pick)),
		low: sum(low.map(pick)),
		high: sum(high.map(pick)),
	});
	return { charge: range(({ charge }) => charge), energy: range(({ energy }) => energy / 1000), packs: live.map(({ address }) => address) };
}
