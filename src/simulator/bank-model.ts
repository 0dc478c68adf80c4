import type { SimulatorSettings } from "./options.ts";
import { PackModel } from "./pack-model.ts";
import { AWAKE, asleepBy, type SleepCause, type SleepState, type SleepWatch, stepSleep } from "./pack-sleep.ts";
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
	/** By its DIP switches. */
	address: number;
	/** Which one it is, from 1, whatever its address. */
	readonly place: number;
	readonly model: PackModel;
	firmware: SimulatorSettings["firmware"];
	presence: PackPresence;
	sleep: SleepState;
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
/** While nothing flows, steps of a long pause may be this long, ms. */
const IDLE_STEP_MS = 60_000;
/** Of a very long pause no more than this many steps are made up: 6 h with a current, 3 days without. */
const MOST_STEPS = 4320;

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
	/** What a charger gives besides, W; 0 = none. */
	chargerW = 0;
	/** When a pack was asked last, ms since the epoch: what keeps them awake. */
	askedAt: number;
	readonly #cells: number;
	readonly #phases: readonly number[];
	#elapsedMs = 0;
	/** The bank's time, ms since the epoch. */
	#now: number;

	constructor(settings: SimulatorSettings, firstAddress: number, startedAt: number) {
		this.#now = startedAt;
		this.askedAt = startedAt;
		const random = createRandom(settings.seed);
		this.loadW = settings.loadW;
		this.#cells = settings.cells;
		this.#phases = WAVES.map(() => random() * 2 * Math.PI);
		this.packs = Array.from({ length: settings.packs }, (_, index) => ({
			address: firstAddress + index,
			place: index + 1,
			model: new PackModel(settings, random),
			firmware: settings.firmware,
			presence: { state: "present" },
			sleep: AWAKE,
		}));
		this.#step(0);
	}

	/** Lets time pass, ms, up to the moment `now`; in steps of 100 ms, coarser when much time passes at once. */
	advance(ms: number, now: number): void {
		const stepMs = STEPS.find(({ upToMs }) => ms <= upToMs)?.stepMs ?? ms;
		const mayHurry = ms > IDLE_STEP_MS;
		for (let left = ms, steps = 0; left > 0 && steps < MOST_STEPS; steps += 1) {
			const dtMs = Math.min(mayHurry && this.#isIdle ? IDLE_STEP_MS : stepMs, left);
			left -= dtMs;
			this.#now = now - left;
			this.#step(dtMs);
		}
		this.#now = now;
	}

	/** Nothing flows that could carry a cell past a limit. */
	get #isIdle(): boolean {
		return this.packs.every((pack) => !pack.model.hasCurrent);
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
			pack.model.step(current, dtMs, this.#now);
			this.#stepSleep(pack, dtMs);
		}
	}

	/** The key of a pack, pressed for 3 to 6 s: to sleep, or awake. With a charger at the terminals it stays awake. */
	pressKey(pack: BankPack): void {
		if (pack.presence.state === "asleep") this.wake(pack);
		else this.fallAsleep(pack, "key");
	}

	/** Shuts a pack down: while it charges or discharges it starts again at once (rs232-v25 §9.3). */
	shutDown(pack: BankPack): void {
		if (pack.model.hasCurrent || this.#hasCharger) pack.model.powerOn(this.#now);
		else this.fallAsleep(pack, "shutdown");
	}

	/** Puts a pack to sleep; with a charger at the terminals it cannot (manual §5.2.5), unless it is told to by hand. */
	fallAsleep(pack: BankPack, cause: SleepCause): void {
		if (this.#hasCharger && cause !== "hand") return;
		pack.sleep = asleepBy(cause);
		pack.presence = { state: "asleep", wakesOnRequest: true };
	}

	/** Wakes a pack, or brings it back. */
	wake(pack: BankPack): void {
		pack.presence = { state: "present" };
		pack.sleep = { ...AWAKE, attempts: pack.sleep.attempts };
		pack.model.powerOn(this.#now);
	}

	get #hasCharger(): boolean {
		return this.loadW < this.chargerW;
	}

	#stepSleep(pack: BankPack, dtMs: number): void {
		const { presence, model } = pack;
		// A pack that is away, or off for good, does nothing by itself.
		if (presence.state === "lost" || (presence.state === "asleep" && !presence.wakesOnRequest)) return;
		const next = stepSleep(pack.sleep, this.#watch(pack), dtMs);
		const isAsleep = presence.state === "asleep";
		if (next.cause !== null && !isAsleep) pack.presence = { state: "asleep", wakesOnRequest: true };
		if (next.cause === null && isAsleep) {
			pack.presence = { state: "present" };
			model.powerOn(this.#now);
		}
		pack.sleep = next;
	}

	#watch({ model }: BankPack): SleepWatch {
		const { sleepVoltage = 0, sleepDelay = 0 } = model.memory.parameters;
		const { conditions } = model;
		return {
			isOverDischarged: conditions.has("protection.cell_undervoltage") || conditions.has("protection.pack_undervoltage"),
			hasProtection: [...conditions].some((key) => key.startsWith("protection.") && key !== "protection.fully"),
			hasCurrent: model.hasCurrent,
			hasCharger: this.#hasCharger,
			isLowAndStill: () => !model.isBalancing && Math.min(...model.measurements.cellVoltages) < sleepVoltage,
			unaskedMs: this.#now - this.askedAt,
			sleepDelayMs: sleepDelay * 60_000,
		};
	}

	#load(): number {
		const seconds = this.#elapsedMs / 1000;
		const wave = WAVES.reduce(
			(sum, { seconds: period, share }, index) => sum + share * Math.sin((2 * Math.PI * seconds) / period + (this.#phases[index] ?? 0)),
			1,
		);
		return this.loadW * wave - this.chargerW;
	}
}
