import type { PackSelector } from "../battery/readings.ts";
import type { Question } from "./question.ts";

/** A pack that is away is asked again after this, ms. */
const AWAY_RETRY_MS = 6_000;
/** Least time between two questions to packs that are away: each may cost a whole time-out, ms. */
const AWAY_TURN_MS = 5_000;

/** Where the polling stands. */
export interface PollState {
	/** Turns since the alarms were asked for. */
	readonly turnsSinceStatus: number;
	/** Pack whose cells were read last; the round goes on behind it. */
	readonly lastPack: number;
	/** Pack whose status was asked last, where packs are asked for it one by one. */
	readonly lastStatusPack: number;
	/** Own-status questions that may still go before telemetry. */
	readonly statusCredit: number;
	/** Every pack's cells were asked for once: before that nobody's own status takes a turn. */
	readonly hadCycle: boolean;
	/** The last turn was an extra question. */
	readonly hadExtra: boolean;
	/** When packs that are away were last asked. */
	readonly awayAskedAt: ReadonlyMap<number, number>;
}

export const FIRST_POLL: PollState = {
	turnsSinceStatus: Number.POSITIVE_INFINITY,
	lastPack: -1,
	lastStatusPack: -1,
	statusCredit: 0,
	hadCycle: false,
	hadExtra: false,
	awayAskedAt: new Map(),
};

/** What the schedule must know to choose. */
export interface PollView {
	readonly now: number;
	/** Addresses that can be asked, rising; at least one. */
	readonly packs: readonly number[];
	/** How to ask a pack that stands alone; null in a bank of several. */
	readonly alone: PackSelector | null;
	/** Packs whose own alarm state must be read, because only they can say what they have; most urgent first. */
	readonly packsToAsk: readonly number[];
	readonly away: ReadonlySet<number>;
	/** Turns for cells between two readings of the alarms. */
	readonly statusShare: number;
	/** Whether a question to all packs gets an answer. */
	readonly answersAll: boolean;
	/** Packs get telemetry by their number; without it the cells are read of all packs at once. */
	readonly answersEach: boolean;
	/** The last question got no answer: ask what is answered most surely. */
	readonly afterMiss: boolean;
	/** The alarms are asked for by themselves; false where measurements bring them along. */
	readonly statusApart: boolean;
	/** Least time between two questions to packs that are away, ms; AWAY_TURN_MS when not given. */
	readonly awayTurnMs?: number;
	/** Questions to ask once, when there is time. */
	readonly extras: readonly Question[];
}

export interface Poll {
	readonly question: Question;
	readonly state: PollState;
	/** After it every pack's cells were asked for once. */
	readonly endsCycle: boolean;
}

/**
 * What to ask next. The alarms of all packs alternate with the cells of one pack after the other; packs that must
 * say their own alarm state take turns of the cells, as many in a row as there are packs at most, then every other.
 */
export function nextPoll(state: PollState, view: PollView): Poll {
	const isStatusDue = state.turnsSinceStatus >= view.statusShare || (view.afterMiss && state.turnsSinceStatus > 0);
	if (view.statusApart && isStatusDue) return statusTurn(state, view);
	const taken = { ...state, turnsSinceStatus: state.turnsSinceStatus + 1 };
	const [extra] = view.extras;
	if (extra && !state.hadExtra) return { question: extra, state: { ...taken, hadExtra: true }, endsCycle: false };
	return ownStatusTurn({ ...taken, hadExtra: false }, view) ?? telemetryTurn({ ...taken, hadExtra: false }, view);
}

function statusTurn(state: PollState, view: PollView): Poll {
	const asked = { ...state, turnsSinceStatus: 0 };
	if (view.alone !== null) return { question: { kind: "status", selector: view.alone }, state: asked, endsCycle: false };
	if (view.answersAll) return { question: { kind: "status", selector: "all" }, state: asked, endsCycle: false };
	const pack = following(present(view), state.lastStatusPack);
	return { question: { kind: "status", selector: pack }, state: { ...asked, lastStatusPack: pack }, endsCycle: false };
}

function ownStatusTurn(state: PollState, view: PollView): Poll | null {
	const [pack] = view.packsToAsk.filter((address) => view.packs.includes(address) && !view.away.has(address));
	if (view.alone !== null || pack === undefined || state.statusCredit <= 0 || !state.hadCycle) return null;
	return {
		question: { kind: "status", selector: pack },
		state: { ...state, lastStatusPack: pack, statusCredit: state.statusCredit - 1 },
		endsCycle: false,
	};
}

function telemetryTurn(before: PollState, view: PollView): Poll {
	const state = { ...before, statusCredit: Math.min(view.packs.length, before.statusCredit + 1) };
	if (view.alone !== null || !view.answersEach) {
		const selector = view.alone ?? "all";
		return { question: { kind: "telemetry", selector }, state: { ...state, hadCycle: true }, endsCycle: true };
	}
	const due = duePacks(state, view);
	const pack = following(due, state.lastPack);
	const awayAskedAt = view.away.has(pack) ? new Map(state.awayAskedAt).set(pack, view.now) : state.awayAskedAt;
	// The round ends with the last pack that is due now; one that is away may be skipped in the next.
	const endsCycle = !due.some((other) => other > pack);
	const hadCycle = state.hadCycle || endsCycle;
	return { question: { kind: "telemetry", selector: pack }, state: { ...state, lastPack: pack, awayAskedAt, hadCycle }, endsCycle };
}

/** Packs whose turn can come now: all that are there, and of those that are away the longest unasked, when it is time. */
function duePacks(state: PollState, view: PollView): readonly number[] {
	const askedAt = (pack: number) => state.awayAskedAt.get(pack) ?? Number.NEGATIVE_INFINITY;
	const lastAwayTurn = Math.max(Number.NEGATIVE_INFINITY, ...state.awayAskedAt.values());
	const [longest] = view.packs.filter((pack) => view.away.has(pack)).sort((a, b) => askedAt(a) - askedAt(b));
	const turnMs = view.awayTurnMs ?? AWAY_TURN_MS;
	const isTime = longest !== undefined && view.now - lastAwayTurn >= turnMs && view.now - askedAt(longest) >= AWAY_RETRY_MS;
	const due = view.packs.filter((pack) => !view.away.has(pack) || (isTime && pack === longest));
	return due.length > 0 ? due : view.packs;
}

function present(view: PollView): readonly number[] {
	const there = view.packs.filter((pack) => !view.away.has(pack));
	return there.length > 0 ? there : view.packs;
}

/** The next address behind `last` in a round over `packs`, which are rising. */
function following(packs: readonly number[], last: number): number {
	return packs.find((pack) => pack > last) ?? packs[0] ?? 1;
}
