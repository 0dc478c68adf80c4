import type { SimulatorSettings } from "./options.ts";
import { PackModel } from "./pack-model.ts";
import { shareCurrents } from "./parallel-currents.ts";
import { createRandom } from "./seeded-random.ts";

/** What a pack that is not there does to the answers of the others (rs232-v25 §4, quirk 2). */
export type LossForm = "shrinks" | "placeholder";

/** Whether a pack is there; `asleep` packs wake by a request on their own cable unless they are off for good. */
export type PackPresence =
	| { readonly state: "present" }
	| { readonly state: "lost"; readonly form: LossForm }
	| { readonly state: "asleep"; readonly wakesOnRequest: boolean };

export interface BankPack {
	readonly address: number;
	readonly model: PackModel;
	presence: PackPresence;
}

/** The charger stops raising the voltage here, V per cell. */
const CHARGE_VOLTAGE_PER_CELL = 3.515;
/**
 * TABLE of the steps time is cut into, by how long nobody has looked, ms. Protection delays are tenths of a second:
 * finer steps would change nothing. Who looks less than once a second (in a faster time, say) sees no more than a
 * second. After a pause (a sleeping computer) catching up must stay quick, but no cell may jump past full.
 */
const STEPS = [
	{ upToMs: 1_000, stepMs: 100 },
	{ upToMs: 60_000, stepMs: 1_000 },
	{ upToMs: Number.POSITIVE_INFINITY, stepMs: 5_000 },
] as const;
/** Of a very long pause no more than this is made up, ms. */
const LONGEST_PAUSE_MS = 6 * 3_600_000;

/**
 * Slow ups and downs of the house load around 1, by two waves of unlike length; their mean is 1.
 * Without a load there is nothing to vary, so an idle bank stays still.
 */
const WAVES = [
	{ seconds: 127, share: 0.12 },
	{ seconds: 411, share: 0.08 },
] as const;

/** All packs in parallel with the house on them. Stepped by hand; knows no clock. */
export class BankModel {
	readonly packs: readonly BankPack[];
	/** What the house draws on average, W; negative charges. */
	loadW: number;
	readonly #cells: number;
	readonly #phases: readonly number[];
	#elapsedMs = 0;

	constructor(settings: SimulatorSettings, firstAddress: number) {
		const random = createRandom(settings.seed);
		this.loadW = settings.loadW;
		this.#cells = settings.cells;
		this.#phases = WAVES.map(() => random() * 2 * Math.PI);
		this.packs = Array.from({ length: settings.packs }, (_, index) => ({
			address: firstAddress + index,
			model: new PackModel(settings, random),
			presence: { state: "present" },
		}));
		this.#step(0);
	}

	/** Lets time pass, ms; in steps of 100 ms, coarser when much time passes at once, and 6 h at most. */
	advance(ms: number): void {
		const step = STEPS.find(({ upToMs }) => ms <= upToMs)?.stepMs ?? ms;
		for (let left = Math.min(ms, LONGEST_PAUSE_MS); left > 0; left -= step) this.#step(Math.min(step, left));
	}

	/** The currents at this moment, with what was just changed by hand; no time passes. */
	settle(): void {
		this.#step(0);
	}

	#step(dtMs: number): void {
		this.#elapsedMs += dtMs;
		const connected = this.packs.filter((pack) => pack.presence.state === "present");
		const currents = shareCurrents(
			connected.map((pack) => pack.model.source),
			-this.#load(),
			CHARGE_VOLTAGE_PER_CELL * this.#cells,
		);
		for (const pack of this.packs) {
			const current = currents[connected.indexOf(pack)] ?? 0;
			pack.model.step(current, dtMs);
		}
	}

	#load(): number {
		const seconds = this.#elapsedMs / 1000;
		const wave = WAVES.reduce(
			(sum, { seconds: period, share }, index) => sum + share * Math.sin((2 * Math.PI * seconds) / period + (this.#phases[index] ?? 0)),
			1,
		);
		return this.loadW * wave;
	}
}
