import { describe, expect, test } from "vitest";
import { FIRST_POLL, nextPoll, type PollView } from "../../../src/bms/driver/poll-schedule.ts";
import { packAsked, type Question } from "../../../src/bms/driver/question.ts";

const BYTE_MS = 10_000 / 9600;
const DELAY_MS = 30;
const GAP_MS = 50;
const REQUEST_BYTES = 20;
/** A frame around INFO (18 characters) with flag and count, and blocks of 16 cells and 6 probes (rs232-v25 §§5, 6). */
const frameBytes = (blocks: number, blockBytes: number) => 18 + 2 * (2 + blocks * blockBytes);
/** Block of 42h with the 14-byte tail, the longest known in the field; block of 44h with one byte of tail. */
const TELEMETRY_BLOCK = 59 + 14;
const STATUS_BLOCK = 36 + 1;

const packsOf = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

function viewOf(packs: readonly number[], changes: Partial<PollView> = {}): PollView {
	return {
		now: 0,
		packs,
		alone: packs.length === 1 ? 1 : null,
		packsToAsk: [],
		away: new Set(),
		statusShare: 1,
		statusApart: true,
		answersAll: true,
		answersEach: true,
		afterMiss: false,
		extras: [],
		...changes,
	};
}

/** The first `count` questions. */
function questions(count: number, view: (n: number, asked: readonly Question[]) => PollView): { question: Question; endsCycle: boolean }[] {
	const polls: { question: Question; endsCycle: boolean }[] = [];
	let state = FIRST_POLL;
	for (let n = 0; n < count; n += 1) {
		const poll = nextPoll(
			state,
			view(
				n,
				polls.map(({ question }) => question),
			),
		);
		state = poll.state;
		polls.push(poll);
	}
	return polls;
}

const short = ({ question }: { question: Question }) => `${question.kind}${"selector" in question ? ` ${question.selector}` : ""}`;

function answerBytes(question: Question, packs: number): number {
	const blocks = packAsked(question) === null ? packs : 1;
	return frameBytes(blocks, question.kind === "status" ? STATUS_BLOCK : TELEMETRY_BLOCK);
}

describe.each([
	[1, 0.7, 1],
	[4, 1.1, 3.5],
	[15, 2.8, 30],
])("%i packs at 9600 baud", (count, faultBar, cellsBar) => {
	const packs = packsOf(count);
	const timeline = (() => {
		let at = 0;
		return questions(400, () => viewOf(packs)).map(({ question }) => {
			// The battery writes its answer down when the request has arrived and it begins to send.
			const composedAt = at + REQUEST_BYTES * BYTE_MS + DELAY_MS;
			const knownAt = composedAt + answerBytes(question, count) * BYTE_MS;
			at = knownAt + GAP_MS;
			return { question, composedAt, knownAt };
		});
	})();

	test(`a fault is known with p95 within ${faultBar} s`, () => {
		const statuses = timeline.filter(({ question }) => question.kind === "status");
		const end = statuses.at(-1)?.composedAt ?? 0;
		const waits: number[] = [];
		for (let at = 1000; at < end; at += 7) {
			const told = statuses.find(({ composedAt }) => composedAt >= at);
			if (told) waits.push(told.knownAt - at);
		}
		waits.sort((a, b) => a - b);
		const p95 = (waits[Math.floor(waits.length * 0.95)] ?? Number.POSITIVE_INFINITY) / 1000;
		expect(p95).toBeLessThanOrEqual(faultBar);
	});

	test(`every pack's cells are refreshed within ${cellsBar} s`, () => {
		for (const pack of packs) {
			const times = timeline
				.filter(({ question }) => question.kind === "telemetry" && packAsked(question) === pack)
				.map(({ knownAt }) => knownAt);
			const longest = Math.max(...times.slice(1).map((at, n) => at - (times[n] ?? 0)));
			expect(longest / 1000).toBeLessThanOrEqual(cellsBar);
		}
	});
});

describe("what is asked next", () => {
	test("alarms of all packs alternate with the cells of one pack after the other; the last ends the cycle", () => {
		const polls = questions(8, () => viewOf([1, 2, 3]));
		expect(polls.map(short)).toEqual([
			"status all",
			"telemetry 1",
			"status all",
			"telemetry 2",
			"status all",
			"telemetry 3",
			"status all",
			"telemetry 1",
		]);
		expect(polls.map(({ endsCycle }) => endsCycle)).toEqual([false, false, false, false, false, true, false, false]);
	});

	test("a pack that stands alone is asked by its number, so that it is named at once", () => {
		expect(questions(4, () => viewOf([1])).map(short)).toEqual(["status 1", "telemetry 1", "status 1", "telemetry 1"]);
		expect(questions(2, () => viewOf([7], { alone: "all" })).map(short)).toEqual(["status all", "telemetry all"]);
	});

	test("the status share lets more cells be read between two readings of the alarms", () => {
		expect(questions(5, () => viewOf([1, 2, 3], { statusShare: 3 })).map(short)).toEqual([
			"status all",
			"telemetry 1",
			"telemetry 2",
			"telemetry 3",
			"status all",
		]);
	});

	test("packs that must name their alarms go first, after the first cycle", () => {
		const polls = questions(12, (n) => viewOf([1, 2], { packsToAsk: n < 5 ? [1, 2] : n < 7 ? [2] : [] })).map(short);
		expect(polls).toEqual([
			"status all",
			"telemetry 1",
			"status all",
			"telemetry 2",
			"status all",
			"status 2",
			"status all",
			"telemetry 1",
			"status all",
			"telemetry 2",
			"status all",
			"telemetry 1",
		]);
	});

	test.each([2, 4, 15])("%i packs that always want to be asked never hold up the cells for more than one round", (count) => {
		const packs = packsOf(count);
		// As the store orders them: who was not heard for longest comes first.
		const polls = questions(600, (_n, asked) => {
			const lastAsked = (pack: number) => asked.findLastIndex((question) => question.kind === "status" && packAsked(question) === pack);
			return viewOf(packs, { packsToAsk: [...packs].sort((a, b) => lastAsked(a) - lastAsked(b)) });
		});
		const turns = polls.map(({ question }) => question).filter((question) => !("selector" in question) || question.selector !== "all");
		let inRow = 0;
		for (const turn of turns) {
			inRow = turn.kind === "status" ? inRow + 1 : 0;
			expect(inRow).toBeLessThanOrEqual(count);
		}
		for (const pack of packs) {
			expect(turns.filter((turn) => turn.kind === "telemetry" && packAsked(turn) === pack).length).toBeGreaterThan(600 / 4 / count / 2);
			expect(turns.filter((turn) => turn.kind === "status" && packAsked(turn) === pack).length).toBeGreaterThan(0);
		}
	});

	test("packs that are away are asked every ten seconds at most, one in five seconds", () => {
		const away = new Set([2, 3]);
		const asked: { pack: number; at: number }[] = [];
		let state = FIRST_POLL;
		for (let at = 0; at < 60_000; at += 300) {
			const poll = nextPoll(state, viewOf([1, 2, 3, 4], { away, now: at }));
			state = poll.state;
			const pack = packAsked(poll.question);
			if (pack !== null && away.has(pack)) asked.push({ pack, at });
		}
		for (const pack of away) {
			const times = asked.filter((one) => one.pack === pack).map(({ at }) => at);
			expect(times.length).toBeGreaterThanOrEqual(3);
			for (const [n, at] of times.slice(1).entries()) expect(at - (times[n] ?? 0)).toBeGreaterThanOrEqual(6_000);
		}
		for (const [n, { at }] of asked.slice(1).entries()) expect(at - (asked[n]?.at ?? 0)).toBeGreaterThanOrEqual(5_000);
	});

	test.each([[[2]], [[2, 4, 5]], [[2, 3, 4, 5, 6, 7]]])("of packs %j that are away each gets its turn", (gone) => {
		const asked = new Set<number | null>();
		let state = FIRST_POLL;
		for (let at = 0; at < 60_000; at += 307) {
			const poll = nextPoll(state, viewOf([1, 2, 3, 4, 5, 6, 7, 8], { away: new Set(gone), now: at }));
			state = poll.state;
			asked.add(packAsked(poll.question));
		}
		for (const pack of gone) expect(asked).toContain(pack);
	});

	test("when all packs are away they are still asked", () => {
		expect(questions(4, () => viewOf([1, 2], { away: new Set([1, 2]) })).map(short)).toContain("telemetry 1");
	});

	test("after a question without answer the alarms are asked for, once", () => {
		const polls = questions(6, () => viewOf([1, 2, 3], { statusShare: 5, afterMiss: true })).map(short);
		expect(polls).toEqual(["status all", "telemetry 1", "status all", "telemetry 2", "status all", "telemetry 3"]);
	});

	test("without answers to all-packs questions each pack is asked for its alarms in turn", () => {
		const polls = questions(8, () => viewOf([1, 2, 3], { answersAll: false })).map(short);
		expect(polls.filter((text) => text.startsWith("status"))).toEqual(["status 1", "status 2", "status 3", "status 1"]);
	});

	test("without answers by number the cells of all packs are read at once", () => {
		expect(questions(2, () => viewOf([1, 2], { answersEach: false })).map(short)).toEqual(["status all", "telemetry all"]);
	});

	test("questions asked once take turns of the cells, not two in a row", () => {
		const extras: Question[] = [{ kind: "version" }, { kind: "serials" }];
		const polls = questions(8, (_, asked) =>
			viewOf([1], { extras: extras.filter((extra) => !asked.some(({ kind }) => kind === extra.kind)) }),
		);
		expect(polls.map(short)).toEqual(["status 1", "version", "status 1", "telemetry 1", "status 1", "serials", "status 1", "telemetry 1"]);
	});
});
