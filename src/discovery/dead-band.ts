import { BANK_ENTITIES, EXTRA_ENTITIES, PACK_ENTITIES } from "./entities.ts";
import type { MqttSettings } from "./options.ts";
import { type DeadBand, QUANTITY_CLASSES } from "./quantity-classes.ts";
import type { Json, Values } from "./state-payload.ts";

/**
 * Whether a new message says enough that is new. It is always compared with what was *sent* last, so slow drift
 * is sent as soon as it has crossed the band; when one value is sent, all of its message are.
 */
export type Difference = "none" | "changed" | "known-or-not";

type DeadBandSettings = Pick<MqttSettings, Extract<DeadBand, keyof MqttSettings>>;

/** Key in the message to band; a key that is not here is compared exactly. */
const BANDS: ReadonlyMap<string, DeadBand> = new Map<string, DeadBand>([
	...[...PACK_ENTITIES, ...BANK_ENTITIES].map(([, , { key, deadBand }]) => [key, deadBand] as const),
	...EXTRA_ENTITIES.filter(({ kind }) => kind === "link").map(({ key }) => [key, "follows"] as const),
	["energy_charged", QUANTITY_CLASSES.energy.deadBand],
	["energy_discharged", QUANTITY_CLASSES.energy.deadBand],
]);

/** `known-or-not`: something became known or unknown, which must not wait. */
export function differenceOf(sent: Values, next: Values, settings: DeadBandSettings): Difference {
	let result: Difference = "none";
	for (const key of new Set([...Object.keys(sent), ...Object.keys(next)])) {
		const difference = differenceOfValue(sent[key] ?? null, next[key] ?? null, bandOf(key, settings));
		if (difference === "known-or-not") return difference;
		if (difference === "changed") result = difference;
	}
	return result;
}

/** Band in the unit of the message; Infinity for values that follow others. */
function bandOf(key: string, settings: DeadBandSettings): number {
	const band = BANDS.get(key) ?? 0;
	if (band === "follows") return Number.POSITIVE_INFINITY;
	if (band === "cellDeadBandMv") return settings.cellDeadBandMv / 1000;
	return typeof band === "number" ? band : settings[band];
}

function differenceOfValue(sent: Json, next: Json, band: number): Difference {
	if (typeof sent === "number" && typeof next === "number") return hasMoved(sent, next, band) ? "changed" : "none";
	if ((sent === null) !== (next === null)) return "known-or-not";
	if (Array.isArray(sent) && Array.isArray(next) && sent.length === next.length) {
		const differences = next.map((item, index) => differenceOfValue(sent[index] ?? null, item, band));
		return (
			differences.find((difference) => difference === "known-or-not") ??
			differences.find((difference) => difference === "changed") ??
			"none"
		);
	}
	return JSON.stringify(sent) === JSON.stringify(next) ? "none" : "changed";
}

/** The margin takes up the noise of binary fractions: 3.302 - 3.300 is a change of 2 mV. */
const hasMoved = (sent: number, next: number, band: number) => sent !== next && Math.abs(next - sent) >= band - 1e-9;
