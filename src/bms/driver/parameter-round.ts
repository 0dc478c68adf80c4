import type { LineError } from "../../errors.ts";
import type { ParameterGroupKey } from "../battery/parameters.ts";

/** Parameters are read again after this: only a command or the vendor's program changes them, ms. */
const AGAIN_MS = 3_600_000;
/** Least pause between two groups, ms: polling goes first, the more so while a pack is missing and looked for. */
const PAUSE_MS = 3_000;
const PAUSE_WHILE_LOOKING_MS = 15_000;
/** Polling with longer pauses leaves a battery in peace, or waits for one that does not answer: alarms need every turn then, ms. */
const SLOW_POLL_MS = 2_500;
/** A group that was asked so often without an answer is left until the next round. */
const MOST_MISSES = 2;

interface PackRound {
	/** Groups still to be read in this round. */
	readonly waiting: readonly ParameterGroupKey[];
	readonly nextRoundAt: number;
	readonly misses: number;
}

/** Which group of which pack's parameters to read next: one between two cycles, when there is time. */
export class ParameterRound {
	readonly #groups: readonly ParameterGroupKey[];
	readonly #packs = new Map<number, PackRound>();
	/** Groups a pack does not know; they are not asked again on this connection. */
	readonly #refused = new Map<number, ReadonlySet<ParameterGroupKey>>();
	#mayAsk: boolean = false;
	#askedAt = Number.NEGATIVE_INFINITY;
	#lookedAt = Number.NEGATIVE_INFINITY;

	constructor(groups: readonly ParameterGroupKey[]) {
		this.#groups = groups;
	}

	/** The connection is new: everything is read again. */
	restart(): void {
		this.#packs.clear();
		this.#refused.clear();
		this.#mayAsk = false;
	}

	/** What this pack told or refused counts no more: it is read anew. */
	forget(pack: number): void {
		this.#packs.delete(pack);
		this.#refused.delete(pack);
	}

	/** Every pack's cells were asked for once: there is room for one group. */
	cycleEnded(): void {
		this.#mayAsk = true;
	}

	/** What to read now; null when it is not time, or nothing is left to be read. `packs`: those that answer. */
	due(packs: readonly number[], now: number, isLooking: boolean): { readonly pack: number; readonly group: ParameterGroupKey } | null {
		const isSlow = now - this.#lookedAt > SLOW_POLL_MS;
		this.#lookedAt = now;
		if (isSlow || !this.#mayAsk || now - this.#askedAt < (isLooking ? PAUSE_WHILE_LOOKING_MS : PAUSE_MS) || this.#groups.length === 0)
			return null;
		for (const pack of packs) {
			const [group] = this.#roundOf(pack, now).waiting;
			if (group !== undefined) return { pack, group };
		}
		return null;
	}

	/** The question was asked: it was its turn. */
	asked(now: number): void {
		this.#mayAsk = false;
		this.#askedAt = now;
	}

	read(pack: number, group: ParameterGroupKey, now: number): void {
		this.#done(pack, group, now);
	}

	failed(pack: number, group: ParameterGroupKey, error: LineError, now: number): void {
		if (error.kind === "rejected") {
			this.#refused.set(pack, new Set([...(this.#refused.get(pack) ?? []), group]));
			this.#done(pack, group, now);
			return;
		}
		const round = this.#roundOf(pack, now);
		if (round.misses + 1 >= MOST_MISSES) this.#done(pack, group, now);
		else this.#packs.set(pack, { ...round, misses: round.misses + 1 });
	}

	#done(pack: number, group: ParameterGroupKey, now: number): void {
		const round = this.#roundOf(pack, now);
		this.#packs.set(pack, { ...round, waiting: round.waiting.filter((waiting) => waiting !== group), misses: 0 });
	}

	#roundOf(pack: number, now: number): PackRound {
		const running = this.#packs.get(pack);
		if (running !== undefined && now < running.nextRoundAt) return running;
		const refused = this.#refused.get(pack);
		const waiting = this.#groups.filter((group) => !refused?.has(group));
		const round = { waiting, nextRoundAt: now + AGAIN_MS, misses: 0 };
		this.#packs.set(pack, round);
		return round;
	}
}
