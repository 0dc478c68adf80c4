/** A pack as the bus bar sees it: a voltage behind a resistance, and the directions its MOSFETs let through. */
export interface Source {
	/** Sum of the cells' resting voltages, V. */
	readonly restVoltage: number;
	/** Ω. */
	readonly resistance: number;
	readonly canCharge: boolean;
	readonly canDischarge: boolean;
}

/**
 * Currents (A, + = charging) of packs in parallel that together take `power` (W, + = charging). The charger
 * holds back at `chargeVoltage` (V), as chargers do, so that charging ends in a taper. Packs that may not
 * carry their current are left out, and the others carry it; with none left all currents are 0.
 */
export function shareCurrents(sources: readonly Source[], power: number, chargeVoltage: number): readonly number[] {
	const blocked = new Set<Source>(sources.filter((source) => !source.canCharge && !source.canDischarge));
	for (;;) {
		const active = sources.filter((source) => !blocked.has(source));
		if (active.length === 0) return sources.map(() => 0);
		const voltage = busVoltage(active, power, chargeVoltage);
		const currentOf = (source: Source) => (voltage - source.restVoltage) / source.resistance;
		const stopped = active.filter((source) => {
			const current = currentOf(source);
			return (current > 0 && !source.canCharge) || (current < 0 && !source.canDischarge);
		});
		if (stopped.length === 0) return sources.map((source) => (blocked.has(source) ? 0 : currentOf(source)));
		for (const source of stopped) blocked.add(source);
	}
}

function busVoltage(sources: readonly Source[], power: number, chargeVoltage: number): number {
	const conductance = sources.reduce((sum, source) => sum + 1 / source.resistance, 0);
	const rest = sources.reduce((sum, source) => sum + source.restVoltage / source.resistance, 0) / conductance;
	// power = voltage × (voltage − rest) × conductance; beyond what the packs can give at all, the most they can.
	const root = rest * rest + (4 * power) / conductance;
	const voltage = (rest + Math.sqrt(Math.max(0, root))) / 2;
	return power > 0 ? Math.max(rest, Math.min(voltage, chargeVoltage)) : voltage;
}
