import type { LineError } from "../../errors.ts";
import type { ParameterGroupKey } from "../battery/parameters.ts";
import type { PackAccess } from "../protocol/protocol.ts";

/** Parameters are read again after this: only a command or the vendor's program changes them, ms. */
const AGAIN_MS = 3_600_000;
/** Least pause between two requests, ms: polling goes first, the more so while a pack is missing and looked for. */
const PAUSE_MS = 3_000;
const PAUSE_WHILE_LOOKING_MS = 15_000;
/** Polling with longer pauses leaves a battery in peace, or waits for one that does not answer: alarms need every turn then, ms. */
const SLOW_POLL_MS = 2_500;
/** Groups that were asked for so often without an answer are left until the next round; of a set, each is tried by itself. */
const MOST_MISSES = 2;

/** Groups that are asked for in one request. */
type Groups = readonly ParameterGroupKey[];

interface PackRound {
	/** Still to be read in this round. */
	readonly waiting: readonly Groups[];
	readonly nextRoundAt: number;
	readonly misses: number;
}

/** Which of which pack's parameters to read next: one request between two cycles, when there is time. */
export class ParameterRound {
	readonly #sets: readonly Groups[];
	readonly #packs = new Map<number, PackRound>();
	/** Groups a pack does not know; they are not asked again on this connection. */
	readonly #refused = new Map<number, ReadonlySet<ParameterGroupKey>>();
	/** Packs whose groups are asked for one by one on this connection. */
	readonly #apart = new Set<number>();
	#mayAsk: boolean = false;
	#askedAt = Number.NEGATIVE_INFINITY;
	#lookedAt = Number.NEGATIVE_INFINITY;

	constructor(access: Pick<PackAccess, "parameterGroups" | "parameterSets"> | undefined) {
		const sets = access?.parameterSets?.map(({ groups }) => groups) ?? [];
		const others = (access?.parameterGroups ?? []).filter((group) => !sets.some((set) => set.includes(group)));
		this.#sets = [...sets, ...alone(others)];
	}

	/** The connection is new: everything is read again. */
	restart(): void {
		this.#packs.clear();
		this.#refused.clear();
		this.#apart.clear();
		this.#mayAsk = false;
	}

	/** What this pack told or refused counts no more: it is read anew. */
	forget(pack: number): void {
		this.#packs.delete(pack);
		this.#refused.delete(pack);
		this.#apart.delete(pack);
	}

	/** Every pack's cells were asked for once: there is room for one request. */
	cycleEnded(): void {
		this.#mayAsk = true;
	}

	/** What to read now; null when it is not time, or nothing is left to be read. `packs`: those that answer. */
	due(packs: readonly number[], now: number, isLooking: boolean): { readonly pack: number; readonly groups: Groups } | null {
		const isSlow = now - this.#lookedAt > SLOW_POLL_MS;
		this.#lookedAt = now;
		if (isSlow || !this.#mayAsk || now - this.#askedAt < (isLooking ? PAUSE_WHILE_LOOKING_MS : PAUSE_MS)) return null;
		for (const pack of packs) {
			const [groups] = this.#roundOf(pack, now).waiting;
			if (groups !== undefined) return { pack, groups };
		}
		return null;
	}

	/** The question was asked: it was its turn. */
	asked(now: number): void {
		this.#mayAsk = false;
		this.#askedAt = now;
	}

	read(pack: number, groups: Groups, now: number): void {
		this.#done(pack, groups, [], now);
	}

	failed(pack: number, groups: Groups, error: LineError, now: number): void {
		const round = this.#roundOf(pack, now);
		const isSet = groups.length > 1;
		// What a set cannot be read for is one of its groups: the others are there.
		const isOver = error.kind === "rejected" || (isSet && error.kind === "decode") || round.misses + 1 >= MOST_MISSES;
		if (!isOver) {
			this.#packs.set(pack, { ...round, misses: round.misses + 1 });
			return;
		}
		if (isSet) this.#apart.add(pack);
		else if (error.kind === "rejected") this.#refused.set(pack, new Set([...(this.#refused.get(pack) ?? []), ...groups]));
		this.#done(pack, groups, isSet ? alone(groups) : [], now);
	}

	/** It is not asked again in this round; `instead` is, at its place. */
	#done(pack: number, groups: Groups, instead: readonly Groups[], now: number): void {
		const round = this.#roundOf(pack, now);
		const waiting = round.waiting.flatMap((one) => (one.join() === groups.join() ? instead : [one]));
		this.#packs.set(pack, { ...round, waiting, misses: 0 });
	}

	#roundOf(pack: number, now: number): PackRound {
		const running = this.#packs.get(pack);
		if (running !== undefined && now < running.nextRoundAt) return running;
		const sets = this.#apart.has(pack) ? alone(this.#sets.flat()) : this.#sets;
		const refused = this.#refused.get(pack);
		const waiting = sets.filter((groups) => !groups.every((group) => refused?.has(group)));
		const round = { waiting, nextRoundAt: now + AGAIN_MS, misses: 0 };
		this.#packs.set(pack, round);
		return round;
	}
}

/** Each in a request of its own. */
function alone(groups: Groups): readonly Groups[] {
	return groups.map((group) => [group]);
}
