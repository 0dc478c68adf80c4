import type { Clock } from "../../clock.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { EnergyStore } from "../battery/energy.ts";
import type { EnergyCounters, LinkSnapshot } from "../battery/snapshot.ts";
import { pause } from "./pause.ts";

type Counters = ReadonlyMap<number, EnergyCounters>;

/** How often changed counters are saved, ms. */
const SAVE_EVERY_MS = 60_000;
/** Longest wait for the storage, ms: the battery is read also when a disk hangs. */
const STORAGE_LIMIT_MS = 5_000;
/** Longest wait for the last save when the bank is closed, ms. */
const LAST_SAVE_LIMIT_MS = 1_500;

/** Keeps the energy counters of one bank over restarts. */
export class EnergyKeeper {
	readonly #parts: { bankId: string; energyStore: EnergyStore; clock: Clock; logger: Logger };
	#problem: LinkSnapshot["problem"] = null;
	#isLoaded: boolean = false;
	#saved = "";
	#cancelTimer: (() => void) | null = null;

	constructor(parts: { bankId: string; energyStore: EnergyStore; clock: Clock; logger: Logger }) {
		this.#parts = parts;
	}

	/** What is wrong with the storage, in words; null when all is well. */
	get problem(): LinkSnapshot["problem"] {
		return this.#problem;
	}

	/**
	 * The stored counters; null when they could not be read: then nothing is counted from 0 and nothing is saved.
	 * Never rejects; `signal` ends the waiting.
	 */
	async load(signal: AbortSignal): Promise<Counters | null> {
		const { bankId, energyStore } = this.#parts;
		try {
			const stored = await this.#inTime(energyStore.load(bankId), STORAGE_LIMIT_MS, signal);
			const counters = new Map(Object.entries(stored ?? {}).map(([address, counter]) => [Number(address), counter]));
			this.#isLoaded = true;
			this.#saved = textOf(counters);
			return counters;
		} catch (error) {
			if (signal.aborted) return null;
			this.#tell("unreadable", `The stored energy counters cannot be read, so energy is not counted: ${messageOf(error)}`);
			return null;
		}
	}

	/** Saves changed counters once a minute from now on. */
	start(counters: () => Counters): void {
		this.#cancelTimer = this.#parts.clock.after(SAVE_EVERY_MS, () => {
			this.start(counters);
			void this.#save(counters(), STORAGE_LIMIT_MS);
		});
	}

	/** Saves for the last time. Never rejects; bounded. */
	async close(counters: Counters): Promise<void> {
		this.#cancelTimer?.();
		this.#cancelTimer = null;
		await this.#save(counters, LAST_SAVE_LIMIT_MS);
	}

	async #save(counters: Counters, limitMs: number): Promise<void> {
		const text = textOf(counters);
		if (!this.#isLoaded || text === this.#saved) return;
		const { bankId, energyStore } = this.#parts;
		try {
			await this.#inTime(energyStore.save(bankId, Object.fromEntries(counters)), limitMs);
			this.#saved = text;
			this.#problem = null;
		} catch (error) {
			this.#tell("unwritable", `The energy counters cannot be saved: ${messageOf(error)}`);
		}
	}

	async #inTime<T>(work: Promise<T>, limitMs: number, signal?: AbortSignal): Promise<T> {
		const done = new AbortController();
		const end = signal ? AbortSignal.any([done.signal, signal]) : done.signal;
		const tooLate = pause(this.#parts.clock, limitMs, end).then(() => {
			throw new Error(`the storage did not answer within ${limitMs / 1000} s`);
		});
		// When the work wins, the race is over and nobody hears of the pause any more.
		tooLate.catch(() => {});
		try {
			return await Promise.race([work, tooLate]);
		} finally {
			done.abort();
		}
	}

	/** The same trouble again is not told again. */
	#tell(code: string, message: string): void {
		if (this.#problem?.message === message) return;
		this.#problem = { kind: "storage", code, message, at: this.#parts.clock.now() };
		this.#parts.logger.error(message);
	}
}

function textOf(counters: Counters): string {
	return JSON.stringify([...counters].sort(([a], [b]) => a - b));
}
