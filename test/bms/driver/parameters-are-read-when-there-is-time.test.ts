import { beforeEach, describe, expect, it } from "vitest";
import type { ParameterGroupKey } from "../../../src/bms/battery/parameters.ts";
import { ParameterRound } from "../../../src/bms/driver/parameter-round.ts";
import { DecodeError, RejectedError, TimeoutError } from "../../../src/errors.ts";

const GROUPS = ["packOvervoltage", "cellOvervoltage", "sleep"] as const satisfies readonly ParameterGroupKey[];
const HOUR_MS = 3_600_000;
/** A poll looks whether there is something to read about as often. */
const LOOK_MS = 500;

let round: ParameterRound;
let now: number;
beforeEach(() => {
	round = new ParameterRound({ parameterGroups: GROUPS });
	now = 1_000_000;
});

interface Looking {
	readonly packs?: readonly number[];
	readonly isLooking?: boolean;
	/** Between two looks. */
	readonly everyMs?: number;
}

/** Looks at the pace of polling until a group is due, with a cycle ended before each look; asks for it. Null when none is within `limitMs`. */
function nextDue({ packs = [1], isLooking = false, everyMs = LOOK_MS }: Looking = {}, limitMs = 60_000) {
	const begin = now;
	while (now - begin <= limitMs) {
		round.cycleEnded();
		const due = round.due(packs, now, isLooking);
		if (due !== null) {
			round.asked(now);
			return { ...due, afterMs: now - begin };
		}
		now += everyMs;
	}
	return null;
}
/** Reads what is due until nothing is, and tells it in order. */
function readAll(looking: Looking = {}): readonly string[] {
	const read: string[] = [];
	for (let due = nextDue(looking); due !== null; due = nextDue(looking)) {
		read.push(`${due.pack} ${due.groups.join("+")}`);
		round.read(due.pack, due.groups, now);
	}
	return read;
}
const refusal = () => new RejectedError("unknown-command", "not known");
const silence = () => new TimeoutError("no-answer", "no answer");

describe("the parameters of the packs", () => {
	it("wait until every pack's cells were asked for once", () => {
		for (let n = 0; n < 20; n += 1) {
			expect(round.due([1], now, false)).toBeNull();
			now += LOOK_MS;
		}
		round.cycleEnded();
		expect(round.due([1], now, false)).toEqual({ pack: 1, groups: ["packOvervoltage"] });
	});

	it("are read one group between two cycles; what was not asked after all stays due", () => {
		round.due([1], now, false);
		round.cycleEnded();
		now += LOOK_MS;
		expect(round.due([1], now, false)).toEqual(round.due([1], now, false));
		round.asked(now);
		now += 10 * LOOK_MS;
		round.due([1], now, false);
		expect(round.due([1], now, false)).toBeNull();
		round.cycleEnded();
		expect(round.due([1], now, false)).not.toBeNull();
	});

	it("leave polling three seconds between two groups, and fifteen while a pack is looked for", () => {
		nextDue();
		expect(nextDue()?.afterMs).toBe(3_000);
		expect(nextDue({ isLooking: true })?.afterMs).toBe(15_000);
	});

	it("wait while polling is slow: a battery that is left in peace, or does not answer, is asked for nothing else", () => {
		expect(nextDue({ everyMs: 2_600 }, 100_000)).toBeNull();
		expect(nextDue()).not.toBeNull();
	});

	it("are read pack by pack, every group once, and again after an hour", () => {
		const everything = [2, 5].flatMap((pack) => GROUPS.map((group) => `${pack} ${group}`));
		expect(readAll({ packs: [2, 5] })).toEqual(everything);
		now += HOUR_MS - 180_000;
		expect(readAll({ packs: [2, 5] })).toEqual([]);
		now += 180_000;
		expect(readAll({ packs: [2, 5] })).toEqual(everything);
	});

	it("of a pack that went away are not asked for, and go on where they stood when it is back", () => {
		const first = nextDue({ packs: [1, 2] });
		round.read(1, first?.groups ?? [], now);
		expect(nextDue({ packs: [2] })).toMatchObject({ pack: 2 });
		round.read(2, ["packOvervoltage"], now);
		expect(nextDue({ packs: [1, 2] })).toMatchObject({ pack: 1, groups: ["cellOvervoltage"] });
	});

	it("that a pack refuses are not asked of it again on this connection, but of the others", () => {
		const first = nextDue({ packs: [1, 2] });
		round.failed(1, first?.groups ?? [], refusal(), now);
		const rest = ["1 cellOvervoltage", "1 sleep"];
		expect(readAll({ packs: [1, 2] })).toEqual([...rest, ...GROUPS.map((group) => `2 ${group}`)]);
		now += HOUR_MS;
		expect(readAll()).toEqual(rest);
		round.restart();
		expect(readAll()).toEqual(["1 packOvervoltage", ...rest]);
	});

	it("that are not answered are asked for twice, then left until the next hour; the others do not wait for them", () => {
		for (let n = 0; n < 2; n += 1) {
			expect(nextDue()?.groups).toEqual(["packOvervoltage"]);
			round.failed(1, ["packOvervoltage"], silence(), now);
		}
		expect(readAll()).toEqual(["1 cellOvervoltage", "1 sleep"]);
		now += HOUR_MS;
		expect(readAll()).toEqual(GROUPS.map((group) => `1 ${group}`));
	});

	it("that are not answered once, and then are, count no more than any others", () => {
		nextDue();
		round.failed(1, ["packOvervoltage"], silence(), now);
		nextDue();
		round.read(1, ["packOvervoltage"], now);
		for (let n = 0; n < 2; n += 1) {
			expect(nextDue()?.groups).toEqual(["cellOvervoltage"]);
			round.failed(1, ["cellOvervoltage"], silence(), now);
		}
		expect(nextDue()?.groups).toEqual(["sleep"]);
	});

	it("of a pack that was taken for another battery are read anew, whatever it refused", () => {
		nextDue({ packs: [1, 2] });
		round.failed(1, ["packOvervoltage"], refusal(), now);
		readAll({ packs: [1, 2] });
		round.forget(1);
		expect(readAll({ packs: [1, 2] })).toEqual(GROUPS.map((group) => `1 ${group}`));
	});

	it("are read anew on a new connection, not before its first cycle", () => {
		readAll();
		round.cycleEnded();
		round.restart();
		now += 10_000;
		round.due([1], now, false);
		expect(round.due([1], now, false)).toBeNull();
		expect(readAll()).toEqual(GROUPS.map((group) => `1 ${group}`));
	});

	it("are none where the protocol cannot read any", () => {
		round = new ParameterRound({ parameterGroups: [] });
		expect(readAll()).toEqual([]);
	});

	describe("of a protocol that reads neighbours together", () => {
		const SET = ["packOvervoltage", "cellOvervoltage"] as const;
		beforeEach(() => {
			round = new ParameterRound({ parameterGroups: GROUPS, parameterSets: [{ groups: SET, read: neverAsked }] });
		});

		it("are read in sets, and what is in none by itself", () => {
			expect(readAll({ packs: [1, 2] })).toEqual([
				"1 packOvervoltage+cellOvervoltage",
				"1 sleep",
				"2 packOvervoltage+cellOvervoltage",
				"2 sleep",
			]);
		});

		it.each([
			["refused", refusal],
			["cannot be read", () => new DecodeError("foreign-map", "no such map")],
		])("are read one by one where the set is %s, on this connection", (_, failure) => {
			nextDue();
			round.failed(1, SET, failure(), now);
			const apart = GROUPS.map((group) => `1 ${group}`);
			expect(readAll()).toEqual(apart);
			now += HOUR_MS;
			expect(readAll()).toEqual(apart);
			round.restart();
			expect(readAll()).toEqual(["1 packOvervoltage+cellOvervoltage", "1 sleep"]);
		});

		it("are tried one by one where the set is not answered twice", () => {
			for (let n = 0; n < 2; n += 1) {
				expect(nextDue()?.groups).toEqual(SET);
				round.failed(1, SET, silence(), now);
			}
			expect(readAll()).toEqual(GROUPS.map((group) => `1 ${group}`));
		});

		it("that one pack refuses are read together of the others", () => {
			nextDue({ packs: [1, 2] });
			round.failed(1, SET, refusal(), now);
			expect(readAll({ packs: [1, 2] })).toEqual([...GROUPS.map((group) => `1 ${group}`), "2 packOvervoltage+cellOvervoltage", "2 sleep"]);
		});
	});
});

function neverAsked(): never {
	throw new Error("only the driver asks");
}
