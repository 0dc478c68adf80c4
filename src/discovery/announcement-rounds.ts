import type { Clock } from "../clock.ts";
import type { DeviceKey } from "./topics.ts";

/** Between the discovery messages of two devices (home-assistant.md §2: 100-250 ms). */
export const DEVICE_GAP_MS = 150;
/**
 * Home Assistant drops parts of a message that comes while it still works on the one before for that device
 * (§1.1), and needs the time to listen to the topics it was told of.
 */
export const SETTLE_MS = 2000;

export interface RoundSteps {
	/** Publish the discovery message of this device as it is now. */
	announce(device: DeviceKey): void;
	/** Home Assistant has had its time: the states of these devices may follow. */
	settled(devices: readonly DeviceKey[]): void;
}

/**
 * Announces devices in rounds: bank first, packs one after another, then a pause, then their states. What is
 * asked for meanwhile waits for the next round, so no device ever gets two messages within the pause.
 */
export class AnnouncementRounds {
	readonly #steps: RoundSteps;
	readonly #clock: Clock;
	readonly #waiting = new Set<DeviceKey>();
	#round: DeviceKey[] | null = null;
	#lastAnnouncedAt = Number.NEGATIVE_INFINITY;
	#cancelTimer: () => void = () => {};

	constructor(steps: RoundSteps, clock: Clock) {
		this.#steps = steps;
		this.#clock = clock;
	}

	request(devices: readonly DeviceKey[]): void {
		for (const device of devices) this.#waiting.add(device);
		if (this.#round === null) this.#begin();
	}

	/** Gives up what is under way and asked for. */
	cancel(): void {
		this.#cancelTimer();
		this.#waiting.clear();
		this.#round = null;
	}

	#begin(): void {
		if (this.#waiting.size === 0) return;
		this.#round = [];
		const pause = Math.max(0, this.#lastAnnouncedAt + SETTLE_MS - this.#clock.now());
		if (pause === 0) this.#announceNext();
		else this.#later(pause, () => this.#announceNext());
	}

	#announceNext(): void {
		const round = this.#round ?? [];
		const next = [...this.#waiting].filter((device) => !round.includes(device)).sort(byAddress)[0];
		if (next === undefined) {
			this.#later(SETTLE_MS - DEVICE_GAP_MS, () => this.#settle(round));
			return;
		}
		this.#waiting.delete(next);
		round.push(next);
		this.#lastAnnouncedAt = this.#clock.now();
		this.#steps.announce(next);
		this.#later(DEVICE_GAP_MS, () => this.#announceNext());
	}

	#settle(round: readonly DeviceKey[]): void {
		this.#round = null;
		this.#steps.settled(round);
		// A step may have asked for more, which has begun a round then.
		if (this.#round === null) this.#begin();
	}

	#later(ms: number, step: () => void): void {
		this.#cancelTimer = this.#clock.after(ms, step);
	}
}

const byAddress = (a: DeviceKey, b: DeviceKey) => (a === "bank" ? -1 : a) - (b === "bank" ? -1 : b);
