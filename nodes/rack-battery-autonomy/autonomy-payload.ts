import { type Autonomy, autonomyWords, type BankSnapshot, type Language } from "../../src/index.ts";

/** The answer, as a message carries it; what is not known is null. */
export interface AutonomyPayload {
	readonly bank: string;
	readonly name: string;
	readonly simulated: boolean;
	/** `yes`, `no`, `unsure`, `charging`, `unknown`; null when no time was asked about and the battery is being emptied. */
	readonly lasts: Autonomy["lasts"];
	/** Best estimate and its range, whole minutes, rounded down; `minutesHigh` null = no end in sight at the better end. */
	readonly minutesLeft: number | null;
	readonly minutesLow: number | null;
	readonly minutesHigh: number | null;
	/** ISO 8601, as all times here: of the answer. */
	readonly at: string;
	readonly emptyAt: string | null;
	readonly until: string | null;
	/** kWh that are missing until then; negative: left over. */
	readonly missingEnergy: number | null;
	/** kWh and Ah above the low-charge alarm and the reserve. */
	readonly usableEnergy: number | null;
	readonly usableCapacity: number | null;
	/** Smoothed, W, + = charging, and how far it may be off. */
	readonly power: number | null;
	readonly powerSpread: number | null;
	/** Packs whose charge is counted. */
	readonly packs: readonly number[];
	readonly text: string;
}

const isoOf = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const rounded = (value: number | null | undefined, digits: number) =>
	value === null || value === undefined ? null : Number(value.toFixed(digits));
const whole = (value: number | null | undefined) => (value === null || value === undefined ? null : Math.floor(value));

export function autonomyPayload(snapshot: BankSnapshot, autonomy: Autonomy, now: number, language: Language): AutonomyPayload {
	const { lasts, minutesLeft, emptyAt, target, missingEnergy, usable, power, powerSpread } = autonomy;
	return {
		bank: snapshot.id,
		name: snapshot.name,
		simulated: snapshot.origin !== "real",
		at: new Date(now).toISOString(),
		lasts,
		minutesLeft: whole(minutesLeft?.best),
		minutesLow: whole(minutesLeft?.low),
		minutesHigh: whole(minutesLeft?.high),
		emptyAt: isoOf(emptyAt),
		until: isoOf(target),
		missingEnergy: rounded(missingEnergy, 2),
		usableEnergy: rounded(usable?.energy.best, 2),
		usableCapacity: rounded(usable?.charge.best, 1),
		power: rounded(power, 0),
		powerSpread: rounded(powerSpread, 0),
		packs: usable?.packs ?? [],
		text: autonomyWords(autonomy, now, language),
	};
}
