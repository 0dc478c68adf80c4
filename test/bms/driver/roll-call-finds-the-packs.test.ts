import { expect, test } from "vitest";
import type { PackBlock, PackStatus, PackTelemetry, Reading } from "../../../src/bms/battery/readings.ts";
import {
	answersAll,
	answersEach,
	askable,
	expected,
	hear,
	miss,
	type RollCall,
	standsAlone,
	startRollCall,
	tryAgain,
} from "../../../src/bms/driver/roll-call.ts";

// The roll call looks at absence and Indication only, never at values.
const here = { absent: false, value: {} as PackTelemetry } as const satisfies PackBlock<PackTelemetry>;
const away = { absent: true } as const;
const status = (indicationZero = false) => ({ absent: false, value: { indicationZero } as PackStatus }) as const;

const cells = (pack: number, block: PackBlock<PackTelemetry> = here, repliedBy = 1): Reading => ({
	kind: "telemetry",
	repliedBy,
	asked: pack,
	blocks: [block],
});
const all = (count: number, doubtful = 0, repliedBy = 1): Reading => ({
	kind: "status",
	repliedBy,
	asked: "all",
	blocks: Array.from({ length: count }, (_, n) => status(n < doubtful)),
});
const count = (claimed: number | null, repliedBy = 1): Reading => ({ kind: "packCount", repliedBy, count: claimed });
const after = (roll: RollCall, ...readings: readonly Reading[]) => readings.reduce(hear, roll);

test("nobody is known before the first reply, but the settings may say how many are wanted", () => {
	expect(askable(startRollCall(0))).toEqual([]);
	expect(expected(startRollCall(0))).toEqual([]);
	expect(expected(startRollCall(3))).toEqual([1, 2, 3]);
});

test("the count of an all-packs reply is preferred to that of 90h; a bare acknowledgement counts nothing", () => {
	expect(expected(after(startRollCall(0), count(2)))).toEqual([1, 2]);
	expect(expected(after(startRollCall(0), count(2), all(4)))).toEqual([1, 2, 3, 4]);
	expect(expected(after(startRollCall(0), count(null)))).toEqual([1]);
	expect(expected(after(startRollCall(0), count(null), all(3)))).toEqual([1, 2, 3]);
});

test("with another address than 1 the cabled pack is the only one, whatever is counted", () => {
	for (const address of [0, 2, 15]) {
		const roll = after(startRollCall(0), count(1, address), all(1, 0, address));
		expect(standsAlone(roll)).toBe(true);
		expect(askable(roll)).toEqual([address]);
		expect(expected(roll)).toEqual([address]);
	}
});

test("the settings' packs stay expected when the cable is in a pack that knows only itself", () => {
	const roll = after(startRollCall(3), count(1, 2));
	expect(askable(roll)).toEqual([2]);
	expect(expected(roll)).toEqual([1, 2, 3]);
});

test("a cable moved to another pack starts everything anew", () => {
	const roll = after(startRollCall(0), all(4), cells(1), cells(2), cells(1, here, 3));
	expect(roll.cabled).toBe(3);
	expect(expected(roll)).toEqual([3]);
});

test("an empty block says that a pack is away; a block with values that it is back", () => {
	const roll = after(startRollCall(0), all(2), cells(1), cells(2));
	const lost = after(roll, cells(2, away));
	expect([...lost.away]).toEqual([2]);
	expect(expected(lost)).toEqual([1, 2]);
	expect([...after(lost, cells(2)).away]).toEqual([]);
});

test("two questions in a row without answer make a pack away, one does not", () => {
	const roll = after(startRollCall(0), all(2), cells(1), cells(2));
	const once = miss(roll, { kind: "telemetry", selector: 2 });
	expect([...once.away]).toEqual([]);
	expect([...miss(once, { kind: "telemetry", selector: 2 }).away]).toEqual([2]);
	expect([...miss(after(once, cells(2)), { kind: "telemetry", selector: 2 }).away]).toEqual([]);
});

test("a count that shrinks keeps the packs that were there", () => {
	const roll = after(startRollCall(0), all(3), cells(1), cells(2), cells(3), all(2), cells(3, away));
	expect(expected(roll)).toEqual([1, 2, 3]);
	expect(askable(roll)).toEqual([1, 2, 3]);
});

test("a count that grows again: the pack that was away is asked before any search", () => {
	const shrunk = after(startRollCall(0), all(3), cells(1), cells(2), cells(3), all(2), cells(3, away));
	const grown = after(shrunk, all(3));
	expect([...grown.away]).toEqual([]);
	expect(grown.searched).toBe(0);
	expect(askable(grown)).toEqual([1, 2, 3]);
	// One question may be missed by a pack that has just woken.
	expect([...miss(grown, { kind: "telemetry", selector: 3 }).away]).toEqual([]);
});

test("addresses with gaps are searched for until everyone who is counted is found", () => {
	let roll = after(startRollCall(0), all(3), cells(1), cells(2), cells(3, away));
	expect(askable(roll)).toEqual([1, 2, 3, 4]);
	expect(expected(roll)).toEqual([1, 2, 3]);
	roll = after(roll, cells(4, away), cells(5));
	expect(expected(roll)).toEqual([1, 2, 5]);
	expect(askable(roll)).not.toContain(6);
});

test("the search ends at the highest address, and packs that may be away are not searched for", () => {
	let roll = after(startRollCall(0), all(3), cells(1), cells(2));
	for (let pack = 3; pack <= 15; pack += 1) {
		expect(askable(roll)).toContain(pack);
		roll = after(roll, cells(pack, away));
	}
	expect(askable(roll)).toEqual([1, 2, 3]);
	// Another count: it is worth looking again.
	expect(askable(after(roll, all(4), cells(3, away), cells(4, away)))).toContain(5);
	const doubtful = after(startRollCall(0), all(3, 1), cells(1), cells(2), cells(3, away));
	expect(askable(doubtful)).toEqual([1, 2, 3]);
});

test("all-packs questions are left out after two without answer, until they are tried again", () => {
	const question = { kind: "status", selector: "all" } as const;
	const once = miss(after(startRollCall(0), count(2)), question);
	expect(answersAll(once)).toBe(true);
	const twice = miss(once, question);
	expect(answersAll(twice)).toBe(false);
	expect(answersAll(tryAgain(twice))).toBe(true);
	expect(answersAll(after(twice, all(2)))).toBe(true);
});

test("when no pack answers by its number it is the question that fails: nobody is away", () => {
	const roll = [1, 2, 1, 2].reduce((before, selector) => miss(before, { kind: "telemetry", selector }), after(startRollCall(0), all(2)));
	expect([...roll.away]).toEqual([]);
	expect(answersEach(roll)).toBe(false);
	expect(answersEach(tryAgain(roll))).toBe(true);
	expect(answersEach(after(roll, cells(1)))).toBe(true);
});

test("a pack that stands alone and does not answer by 01 is asked by FF, then by its address", () => {
	const selectors: unknown[] = [];
	let roll = after(startRollCall(0), count(1, 2));
	for (let n = 0; n < 3; n += 1) {
		selectors.push(roll.ownSelector);
		roll = miss(miss(roll, { kind: "telemetry", selector: roll.ownSelector }), { kind: "telemetry", selector: roll.ownSelector });
	}
	expect(selectors).toEqual([1, "all", 2]);
	const known = after(roll, cells(1, here, 2));
	expect(miss(miss(known, { kind: "telemetry", selector: 1 }), { kind: "telemetry", selector: 1 }).ownSelector).toBe(known.ownSelector);
});
