import { describe, expect, it } from "vitest";
import { readInputs } from "../../nodes/lib/inputs.ts";
import { BEHAVIOUR_INPUTS, CHOICE_INPUTS, type Choice } from "../../nodes/rack-battery-telemetry/telemetry-inputs.ts";
import { answerOf, messagesAfter, messagesOf, type Sent, WATCHABLE } from "../../nodes/rack-battery-telemetry/telemetry-messages.ts";
import { bankPayload, packPayload } from "../../nodes/rack-battery-telemetry/telemetry-payload.ts";
import type { ActiveCondition, BankSnapshot } from "../../src/index.ts";
import { AT, bankSnapshot, pack, packValues, part, stale, TOTALS } from "../support/snapshots.ts";

const ALL: Choice = { scope: "all", pack: "all" };
const overvoltage: ActiveCondition = {
	key: "protection.cell_overvoltage",
	since: AT,
	pack: 2,
	cell: 7,
	probe: null,
	value: 3.65,
	unit: "V",
	limit: null,
};

/** Topics a node sends while the snapshots arrive. */
function topicsAfter(
	mode: "cycle" | "change" | "request",
	steps: readonly (readonly [BankSnapshot, boolean])[],
	options: { readonly choice?: Choice; readonly watch?: readonly string[] } = {},
): readonly (readonly string[])[] {
	const { choice = ALL, watch = [] } = options;
	let sent: Sent = new Map();
	return steps.map(([snapshot, cycle]) => {
		const due = messagesAfter(snapshot, cycle, { mode, watch, choice }, sent, snapshot.at);
		sent = due.sent;
		return due.messages.map(({ topic }) => topic);
	});
}

describe("telemetry payloads", () => {
	it("carry the live values of the bank with their age", () => {
		const payload = bankPayload(bankSnapshot(), AT + 2340);
		expect(payload).toMatchObject({ scope: "bank", bank: "bank", stale: false, age: 2.3, stateOfCharge: 55, power: 1058, packs: [1, 2] });
		expect(payload).toMatchObject({ packsOnline: 2, packsExpected: 2, simulated: false, link: "online", at: new Date(AT).toISOString() });
		expect(payload).toMatchObject({ alarms: [], protections: [], faults: [], fullyCharged: false, energyCharged: 25 });
	});

	it("carry null for values that are too old, and keep their time", () => {
		const payload = bankPayload(bankSnapshot({ totals: stale(part(TOTALS)) }), AT + 90_000);
		expect(payload).toMatchObject({ stale: true, age: 90, stateOfCharge: null, voltage: null, activity: null, packs: [] });
	});

	it("carry null for what was never read", () => {
		const payload = bankPayload(bankSnapshot({ totals: null, conditions: null, energy: null, packs: [] }), AT);
		expect(payload).toMatchObject({ stale: true, age: null, at: null, stateOfCharge: null, alarms: null, fullyCharged: null });
		expect(Object.values(payload)).not.toContain(undefined);
	});

	it("carry a pack's cells and probes, a missing probe as null", () => {
		const known = pack(2, { values: { temperatures: [20, null] } });
		const payload = packPayload(bankSnapshot(), known, AT);
		expect(payload).toMatchObject({ scope: "pack", pack: 2, presence: "live", stale: false, cycleCount: 42, temperatures: [20, null] });
		expect(payload.cellVoltages).toEqual(packValues().cellVoltages);
		expect(payload.states).toMatchObject({ chargeMosfet: true, heater: false });
	});

	it("carry no value of a pack that is away, even when its last reading is young", () => {
		const payload = packPayload(bankSnapshot(), pack(2, { presence: "absent", conditions: null, status: null }), AT);
		expect(payload).toMatchObject({ presence: "absent", stale: true, stateOfCharge: null, cellVoltages: null, states: null, alarms: null });
	});

	it("keep Fully out of the protections", () => {
		const fully: ActiveCondition = { ...overvoltage, key: "protection.fully", cell: null, value: null, unit: null, limit: null };
		const payload = bankPayload(bankSnapshot({ conditions: [overvoltage, fully] }), AT);
		expect(payload.fullyCharged).toBe(true);
		expect(payload.protections).toEqual([
			{
				code: "OVP",
				slug: "cell_overvoltage",
				label: expect.any(String),
				pack: 2,
				cell: 7,
				probe: null,
				value: 3.65,
				unit: "V",
				limit: null,
				since: expect.any(String),
			},
		]);
	});

	it("say that they are simulated, beside the payload too", () => {
		const [message] = messagesOf(bankSnapshot({ origin: "simulated" }), { scope: "bank", pack: "all" }, AT);
		expect(message).toMatchObject({ simulated: true, topic: "rack-battery/bank/bank", payload: { simulated: true, origin: "simulated" } });
	});

	it("have all the properties that can be watched", () => {
		const snapshot = bankSnapshot();
		const names = messagesOf(snapshot, ALL, AT).flatMap(({ payload }) => Object.keys(payload));
		expect(WATCHABLE.filter((name) => !names.includes(name))).toEqual([]);
	});
});

describe("when telemetry is sent", () => {
	const topics = ["rack-battery/bank/bank", "rack-battery/bank/pack/1", "rack-battery/bank/pack/2"];
	const snapshot = bankSnapshot();
	const warmer = bankSnapshot({ packs: [pack(1), pack(2, { values: { temperatures: [31] } })], at: AT + 1000 });

	it("every cycle: after each cycle, and not between", () => {
		expect(
			topicsAfter("cycle", [
				[snapshot, false],
				[snapshot, true],
				[warmer, false],
				[warmer, true],
			]),
		).toEqual([[], topics, [], topics]);
	});

	it("on change: once at first, then only the part that changed", () => {
		expect(
			topicsAfter("change", [
				[snapshot, false],
				[{ ...snapshot, at: AT + 5000 }, true],
				[warmer, false],
				[warmer, true],
			]),
		).toEqual([topics, [], ["rack-battery/bank/pack/2"], []]);
	});

	it("on change of the chosen values only", () => {
		const charged = bankSnapshot({ totals: part({ ...TOTALS, stateOfCharge: 56, packs: [1, 2] }) });
		expect(
			topicsAfter(
				"change",
				[
					[snapshot, false],
					[warmer, false],
					[charged, false],
				],
				{ watch: ["stateOfCharge"] },
			),
		).toEqual([topics, [], ["rack-battery/bank/bank"]]);
	});

	it("on request: never by itself", () => {
		expect(
			topicsAfter("request", [
				[snapshot, true],
				[warmer, true],
			]),
		).toEqual([[], []]);
	});

	it("never a part that was not read yet", () => {
		const young = bankSnapshot({ packs: [pack(1), pack(2, { telemetry: null, presence: "unknown" })] });
		expect(topicsAfter("cycle", [[young, true]])).toEqual([topics.slice(0, 2)]);
	});

	it.each(["cycle", "change"] as const)("at once when a part goes stale, in mode %s", (mode) => {
		const away = bankSnapshot({ packs: [pack(1), pack(2, { presence: "absent" })] });
		expect(
			topicsAfter(
				mode,
				[
					[snapshot, true],
					[away, false],
				],
				{ watch: ["cycleCount"] },
			)[1],
		).toEqual([topics[0], topics[2]]);
	});

	it("of the chosen pack only", () => {
		expect(topicsAfter("cycle", [[snapshot, true]], { choice: { scope: "packs", pack: 2 } })).toEqual([[topics[2]]]);
	});
});

describe("what is asked of telemetry", () => {
	const ask = (message: object, config: object = {}) => answerOf(bankSnapshot(), readInputs(CHOICE_INPUTS, message, config), AT);

	it("is answered from the message, else from the node", () => {
		expect(ask({ scope: "packs", pack: "2" }, { scope: "bank" }).map(({ topic }) => topic)).toEqual(["rack-battery/bank/pack/2"]);
		expect(ask({}, { scope: "packs", pack: "1" }).map(({ pack: number }) => number)).toEqual([1]);
		expect(ask({}).map(({ scope }) => scope)).toEqual(["bank"]);
	});

	it.each([
		[{ scope: "everything" }, /msg\.scope must be one of bank, packs, all, not "everything"/],
		[{ scope: "packs", pack: 16 }, /msg\.pack must be the number of a pack, 0 to 15, or "all", not 16/],
		[{ scope: "packs", pack: { a: 1 } }, /not \{"a":1\}/],
		[{ scope: "packs", pack: 7 }, /Pack 7 is not known\. Known packs: 1, 2\./],
	])("is refused in words when it is nonsense: %j", (message, words) => {
		expect(() => ask(message)).toThrow(words);
	});

	it("names the properties that cannot be watched", () => {
		expect(() => readInputs(BEHAVIOUR_INPUTS, {}, { watch: "stateOfCharge, colour" })).toThrow(/watch has no property colour/);
		expect(readInputs(BEHAVIOUR_INPUTS, {}, { watch: "stateOfCharge, activity" }).watch).toEqual(["stateOfCharge", "activity"]);
	});
});
