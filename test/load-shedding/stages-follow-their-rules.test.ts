import { describe, expect, it } from "vitest";
import { decide } from "../../src/load-shedding/decide.ts";
import { explainOverall, explainStages } from "../../src/load-shedding/explain.ts";
import { SHED_SETTINGS, type ShedRules } from "../../src/load-shedding/options.ts";
import type { Order } from "../../src/load-shedding/orders.ts";
import { newState, readState, restarted, type ShedState } from "../../src/load-shedding/shed-state.ts";
import { DEFAULT_STAGES, type Stage, stageWith } from "../../src/load-shedding/stages.ts";
import type { Readings } from "../../src/load-shedding/triggers.ts";
import { defaultsOf } from "../../src/settings.ts";

/** The rules one by one, on the default stages unless a test says otherwise. */

const START = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60;
const FULL: Readings = {
	stateOfCharge: 90,
	lowestCellVoltage: 3.3,
	lowBattery: false,
	fault: false,
	runtimeMinutes: 600,
	dischargeW: 500,
	importW: null,
	untold: [],
};

class House {
	state: ShedState;
	now = START;
	readings: Readings | null = FULL;
	/** "120 comfort off": seconds since the start, stage, position. */
	readonly log: string[] = [];
	readonly stages: readonly Stage[];
	rules: ShedRules;

	constructor({ stages = DEFAULT_STAGES, rules = {} }: { readonly stages?: readonly Stage[]; readonly rules?: Partial<ShedRules> } = {}) {
		this.stages = stages;
		this.rules = { ...defaultsOf(SHED_SETTINGS), ...rules };
		this.state = newState(START, this.rules.dryRun);
		this.live(120);
	}

	/** Seconds since the start, without the first two minutes that every house has. */
	get seconds(): number {
		return (this.now - START) / 1000 - 120;
	}

	step(...orders: readonly Order[]): void {
		const step = decide(this.state, { readings: this.readings, orders }, { stages: this.stages, rules: this.rules }, this.now);
		this.state = step.state;
		this.log.push(...step.actions.map(({ stage, to }) => `${this.seconds} ${stage} ${to}`));
	}

	/** Seconds pass, decided every second from the next one on. */
	live(seconds: number, readings: Partial<Readings> | null | undefined = undefined): void {
		if (readings !== undefined) this.readings = readings === null ? null : { ...FULL, ...readings };
		for (let second = 0; second < seconds; second += 1) {
			this.now += 1000;
			this.step();
		}
	}

	/** What the shedding remembers of a stage that it has switched off. */
	shed(stage: string) {
		return this.state.stages[stage]?.shed ?? null;
	}

	code(stage: string): string | undefined {
		return explainStages(this.state, this.readings, { stages: this.stages, rules: this.rules }, this.now).find(
			({ stage: { key } }) => key === stage,
		)?.code;
	}

	get overall() {
		return explainOverall(this.state, { stages: this.stages, rules: this.rules }, this.now);
	}
}

const only = (more: Partial<Stage>): readonly Stage[] => [
	stageWith({ key: "one", name: "One", lowBattery: false, minimumOnMinutes: 0, minimumOffMinutes: 0, ...more }),
];

describe("going off", () => {
	it("takes a minute at the level, and begins anew when the level was left", () => {
		const house = new House();
		house.live(50, { stateOfCharge: 50 });
		expect(house.code("comfort")).toBe("asking");
		house.live(1, { stateOfCharge: 50.1 });
		house.live(60, { stateOfCharge: 50 });
		expect(house.log).toEqual([]);
		house.live(1);
		expect(house.log).toEqual(["112 comfort off"]);
	});

	it.each([
		["low-battery contact after 10 s", { lowBattery: true }, { lowBattery: true }, 11],
		["fault contact at once", { fault: true }, { fault: true }, 1],
		["lowest cell after 60 s", { cellOff: 3, cellOn: 3.2 }, { lowestCellVoltage: 3 }, 61],
		["time left after 60 s", { runtimeOff: 60, runtimeOn: 120 }, { runtimeMinutes: 60 }, 61],
		["power from the battery after 30 s", { dischargeOff: 3000, dischargeOn: 1000 }, { dischargeW: 3000 }, 31],
		["power from the grid after 30 s", { importOff: 3000, importOn: 1000 }, { importW: 3000 }, 31],
	])("%s", (_what, stage, readings, second) => {
		const house = new House({ stages: only(stage) });
		house.live(120, readings);
		expect(house.log).toEqual([`${second} one off`]);
	});

	it.each([
		["fault contact", { fault: true }, { fault: null }],
		["state of charge", { socOff: 50, socOn: 60 }, { stateOfCharge: null }],
		["power from the grid", { importOff: 3000, importOn: 1000 }, { importW: null }],
	])("never on an unknown %s", (_what, stage, readings) => {
		const house = new House({ stages: only(stage) });
		house.live(600, readings);
		expect(house.log).toEqual([]);
	});

	it("by a later stage takes the earlier ones with it, in order", () => {
		const [comfort, climate] = DEFAULT_STAGES;
		if (!comfort || !climate) throw new Error("no stages");
		const house = new House({ stages: [{ ...comfort, socOff: null, socOn: null, outage: false }, climate] });
		house.live(70, { stateOfCharge: 34 });
		expect(house.log).toEqual(["61 comfort off", "61 climate off"]);
		expect(house.shed("comfort")?.cause).toMatchObject({ kind: "stateOfCharge", forStage: "climate", value: 34, level: 35 });
	});

	it("waits for the minimum on time, and holds back the stages after it", () => {
		const house = new House({ rules: { restoreDelayMinutes: 0, lockMinutes: 0 } });
		house.live(70, { stateOfCharge: 45 });
		house.live(5 * MINUTE, { stateOfCharge: 66 });
		expect(house.log).toEqual(["61 comfort off", "361 comfort on"]);
		house.live(62, { stateOfCharge: 20 });
		expect(house.code("comfort")).toBe("minimum-on");
		expect(house.code("climate")).toBe("earlier-stage-first");
		house.live(5 * MINUTE);
		expect(house.log.slice(2)).toEqual(["661 comfort off", "661 climate off", "661 sockets off"]);
	});
});

describe("coming back", () => {
	it("is one by one from the last, ten minutes above the on level, two minutes apart", () => {
		const house = new House();
		house.live(62, { stateOfCharge: 20 });
		expect(house.log).toEqual(["61 comfort off", "61 climate off", "61 sockets off"]);
		house.live(30 * MINUTE, { stateOfCharge: 90 });
		expect(house.log.slice(3)).toEqual(["663 sockets on", "783 climate on", "903 comfort on"]);
	});

	it("needs every trigger known and calm", () => {
		const house = new House();
		house.live(62, { stateOfCharge: 45 });
		house.live(30 * MINUTE, { stateOfCharge: 64.9 });
		expect(house.code("comfort")).toBe("off-not-calm");
		house.live(30 * MINUTE, { stateOfCharge: 90, fault: null });
		expect(house.code("comfort")).toBe("off-unknown");
		house.live(30 * MINUTE, { stateOfCharge: 90, fault: true });
		expect(house.code("comfort")).toBe("off-asks-for-off");
		house.live(5 * MINUTE, { stateOfCharge: 90 });
		expect(house.code("comfort")).toBe("off-calm-too-short");
		expect(house.log).toHaveLength(1);
		house.live(6 * MINUTE);
		expect(house.log).toHaveLength(2);
	});

	it("is locked for half an hour after falling back, unless acknowledged", () => {
		const fall = () => {
			const house = new House({ stages: only({ socOff: 50, socOn: 60 }) });
			house.live(62, { stateOfCharge: 45 });
			house.live(11 * MINUTE, { stateOfCharge: 90 });
			house.live(62, { stateOfCharge: 45 });
			house.live(12 * MINUTE, { stateOfCharge: 90 });
			expect(house.log.map((line) => line.split(" ")[2])).toEqual(["off", "on", "off"]);
			expect(house.code("one")).toBe("off-locked");
			expect(house.overall.code).toBe("locked");
			return house;
		};
		const patient = fall();
		patient.live(20 * MINUTE);
		expect(patient.log).toHaveLength(4);
		const [third = "", fourth = ""] = patient.log.slice(2).map((line) => line.split(" ")[0]);
		expect(Number(fourth) - Number(third)).toBe(30 * MINUTE);
		const impatient = fall();
		impatient.step({ type: "acknowledge" });
		expect(impatient.log).toHaveLength(4);
	});

	it("is of what was shed only: what a hand switched off stays off", () => {
		const house = new House();
		house.step({ type: "hand", stage: "comfort", position: "off", isReport: true });
		house.live(62, { stateOfCharge: 30 });
		house.live(60 * MINUTE, { stateOfCharge: 95 });
		expect(house.log).toEqual(["61 climate off", "663 climate on"]);
		expect(house.code("comfort")).toBe("hand-off");
	});
});

describe("a hand", () => {
	const shed = () => {
		const house = new House();
		house.live(62, { stateOfCharge: 45 });
		return house;
	};

	it("is obeyed: a load switched on is left alone while nothing new asks", () => {
		const house = shed();
		house.live(20);
		house.step({ type: "hand", stage: "comfort", position: "on", isReport: true });
		house.live(60 * MINUTE);
		expect(house.log).toEqual(["61 comfort off"]);
		expect(house.code("comfort")).toBe("hand-on");
	});

	it.each([
		["another trigger asks", { stateOfCharge: 45, fault: true }, 1],
		["a later stage is due", { stateOfCharge: 35 }, 61],
	])("ends when %s", (_what, readings, after) => {
		const house = shed();
		house.live(6 * MINUTE);
		house.step({ type: "hand", stage: "comfort", position: "on", isReport: false });
		house.live(6 * MINUTE);
		const from = house.seconds;
		house.live(120, readings);
		expect(house.log[1]).toBe(`${from + after} comfort off`);
	});

	it("ends when all is calm: the next crossing sheds again", () => {
		const house = shed();
		house.step({ type: "hand", stage: "comfort", position: "on", isReport: false });
		house.live(10, { stateOfCharge: 65 });
		expect(house.code("comfort")).toBe("calm");
		house.live(6 * MINUTE, { stateOfCharge: 50 });
		expect(house.log).toHaveLength(2);
	});

	it("ends after its time", () => {
		const house = shed();
		house.rules = { ...house.rules, overrideHours: 1 };
		house.step({ type: "hand", stage: "comfort", position: "on", isReport: false });
		house.live(60 * MINUTE - 1);
		expect(house.log).toHaveLength(1);
		house.live(2);
		expect(house.log).toHaveLength(2);
	});

	it("is not suspected in a report that was on its way while the load was switched", () => {
		const house = shed();
		house.live(5);
		house.step({ type: "hand", stage: "comfort", position: "on", isReport: true });
		expect(house.shed("comfort")).not.toBeNull();
		house.step({ type: "hand", stage: "comfort", position: "on", isReport: false });
		expect(house.shed("comfort")).toBeNull();
	});

	it("is forgotten by auto", () => {
		const house = shed();
		house.step({ type: "hand", stage: "comfort", position: "on", isReport: false });
		house.live(6 * MINUTE);
		house.step({ type: "auto", stage: "comfort" });
		expect(house.log).toHaveLength(2);
	});
});

describe("an order", () => {
	it("to shed takes the next stage, or the named one with those before it", () => {
		const house = new House();
		house.step({ type: "ask", stage: null, position: "off" });
		expect(house.log).toEqual(["0 comfort off"]);
		house.live(5);
		house.step({ type: "ask", stage: "sockets", position: "off" });
		expect(house.log.slice(1)).toEqual(["5 climate off", "5 sockets off"]);
	});

	it("to restore passes levels and lock-out, but neither minimum times nor the gap; then the load is left alone", () => {
		const house = new House();
		house.live(62, { stateOfCharge: 30 });
		house.step({ type: "ask", stage: "comfort", position: "on" });
		expect(house.code("climate")).toBe("off-minimum-off");
		house.live(20 * MINUTE);
		expect(house.log.slice(2)).toEqual(["661 climate on", "781 comfort on"]);
		house.live(60 * MINUTE);
		expect(house.log).toHaveLength(4);
	});

	it("to shed is restored by the rules, not before ten minutes", () => {
		const house = new House();
		house.step({ type: "ask", stage: null, position: "off" });
		house.live(11 * MINUTE);
		expect(house.log).toEqual(["0 comfort off", "600 comfort on"]);
	});
});

describe("a grid outage", () => {
	it("raises the levels of charge and keeps the first stage off until the grid is stable", () => {
		const house = new House();
		house.live(10, { stateOfCharge: 49 + 15 });
		house.step({ type: "grid", present: false });
		house.live(70);
		expect(house.log).toEqual(["20 comfort off"]);
		house.live(15 * MINUTE, { stateOfCharge: 81 });
		expect(house.code("comfort")).toBe("off-asks-for-off");
		house.step({ type: "grid", present: true });
		house.live(299);
		expect(house.log).toHaveLength(1);
		house.live(2);
		expect(house.log).toHaveLength(2);
	});

	it("is none for a blink of the grid", () => {
		const house = new House();
		house.step({ type: "grid", present: false });
		house.live(9);
		house.step({ type: "grid", present: true });
		house.live(10 * MINUTE, { stateOfCharge: 60 });
		expect(house.log).toEqual([]);
		expect(house.state.isOutage).toBe(false);
	});

	it("begins again when the grid goes while its return is awaited", () => {
		const house = new House();
		house.step({ type: "grid", present: false });
		house.live(60);
		house.step({ type: "grid", present: true });
		house.live(240);
		house.step({ type: "grid", present: false });
		house.live(5);
		house.step({ type: "grid", present: true });
		house.live(290);
		expect(house.state.isOutage).toBe(true);
		house.live(10);
		expect(house.state.isOutage).toBe(false);
	});
});

describe("values that are not known", () => {
	it("hold everything, with an alarm after two minutes that can be acknowledged", () => {
		const house = new House();
		house.live(62, { stateOfCharge: 45 });
		house.live(119, null);
		expect(house.overall).toMatchObject({ code: "hold", isAlarm: false });
		house.live(2);
		expect(house.overall).toMatchObject({ code: "hold", isAlarm: true });
		house.step({ type: "acknowledge" });
		expect(house.overall.isAlarm).toBe(false);
		house.live(60 * MINUTE);
		expect(house.log).toHaveLength(1);
		expect(house.code("comfort")).toBe("off-no-values");
		expect(house.code("sockets")).toBe("hold");
	});

	it("let the first stage go off in an outage only when that is wanted, after 15 minutes", () => {
		for (const shedWhenBlind of [false, true]) {
			const [comfort, ...rest] = DEFAULT_STAGES;
			if (!comfort) throw new Error("no stage");
			const house = new House({ stages: [{ ...comfort, outage: false }, ...rest], rules: { shedWhenBlind } });
			house.step({ type: "grid", present: false });
			house.live(60 * MINUTE, null);
			expect(house.log).toEqual(shedWhenBlind ? [`${15 * MINUTE + 1} comfort off`] : []);
		}
	});

	it("do not let a delay run on for long", () => {
		const house = new House();
		house.live(50, { stateOfCharge: 45 });
		house.live(130, null);
		house.live(59, { stateOfCharge: 45 });
		expect(house.log).toEqual([]);
		house.live(3);
		expect(house.log).toHaveLength(1);
	});
});

describe("what nobody tells", () => {
	/** A battery without a word for the low-battery contact, which every default stage looks at. */
	const UNTOLD = { lowBattery: null, untold: ["lowBattery"] } as const;

	it("is not waited for: the other triggers decide", () => {
		const house = new House({ stages: only({ lowBattery: true, socOff: 50, socOn: 65 }) });
		house.live(120, { ...UNTOLD, stateOfCharge: 40 });
		expect(house.shed("one")).not.toBeNull();
		house.live(15 * MINUTE, { ...UNTOLD, stateOfCharge: 80 });
		expect(house.log.map((line) => line.replace(/^\d+ /, ""))).toEqual(["one off", "one on"]);
	});

	it("is waited for when somebody can tell it, and does not now", () => {
		const house = new House({ stages: only({ lowBattery: true, socOff: 50, socOn: 65 }) });
		house.live(120, { stateOfCharge: 40 });
		house.live(30 * MINUTE, { stateOfCharge: 80, lowBattery: null });
		expect(house.shed("one")).not.toBeNull();
		expect(house.code("one")).toBe("off-unknown");
	});

	it("has no say from before either", () => {
		const house = new House({ stages: only({ lowBattery: true, socOff: 50, socOn: 65 }) });
		house.live(120, { lowBattery: true });
		expect(house.shed("one")).not.toBeNull();
		house.live(30 * MINUTE, UNTOLD);
		expect(house.shed("one")).toBeNull();
	});

	it("allows nothing where it is all that a stage looks at", () => {
		const house = new House({ stages: only({ lowBattery: true }) });
		house.live(120, { lowBattery: true });
		house.live(30 * MINUTE, UNTOLD);
		expect(house.shed("one")).not.toBeNull();
		expect(house.code("one")).toBe("off-unknown");
	});

	it("does not keep off what went off for a later stage only", () => {
		const times = { minimumOnMinutes: 0, minimumOffMinutes: 0 };
		const later = stageWith({ key: "two", name: "Two", lowBattery: false, socOff: 50, socOn: 65, ...times });
		const house = new House({ stages: [...only({ lowBattery: true }), later] });
		house.live(120, { ...UNTOLD, stateOfCharge: 40 });
		house.live(40 * MINUTE, { ...UNTOLD, stateOfCharge: 80 });
		expect(house.log.map((line) => line.replace(/^\d+ /, ""))).toEqual(["one off", "two off", "two on", "one on"]);
	});

	it("leaves a stage that looks at nothing else alone", () => {
		const house = new House({ stages: only({ lowBattery: true }) });
		house.live(60 * MINUTE, { ...UNTOLD, stateOfCharge: 5 });
		expect(house.log).toEqual([]);
		expect(house.code("one")).toBe("calm");
	});
});

describe("a start", () => {
	it("switches nothing for a minute, nor before the first values", () => {
		const house = new House();
		house.live(62, { stateOfCharge: 45 });
		house.state = restarted(readState(JSON.parse(JSON.stringify(house.state))), house.now);
		const from = house.seconds;
		house.live(59, { stateOfCharge: 20 });
		expect(house.overall.code).toBe("start");
		expect(house.log).toHaveLength(1);
		house.live(5);
		expect(house.log.slice(1)).toEqual([`${from + 61} climate off`, `${from + 61} sockets off`]);
	});

	it("after a clock was set back waits for no time that is ahead", () => {
		const house = new House();
		house.live(62, { stateOfCharge: 45 });
		house.now -= 24 * 60 * MINUTE * 1000;
		house.live(12 * MINUTE, { stateOfCharge: 90 });
		expect(house.log).toHaveLength(2);
	});

	it.each([
		["nothing", null],
		["a list", []],
		["another version", { version: 2 }],
		["a stage without its fields", { ...newState(START, false), stages: { a: {} } }],
		["a time that is none", { ...newState(START, false), lastRestoreAt: "noon" }],
		["an unknown trigger", { ...newState(START, false), timers: { a: { moon: { zone: "off", since: 1, seen: 1 } } } }],
	])("refuses a kept state that is %s", (_what, document) => expect(() => readState(document)).toThrow());
});

describe("a dry run", () => {
	it("decides, marks it, and leaves what is really shed for afterwards", () => {
		const house = new House();
		house.live(62, { stateOfCharge: 45 });
		house.step({ type: "dry-run", isOn: true });
		house.live(30 * MINUTE, { stateOfCharge: 95 });
		house.step({ type: "ask", stage: "sockets", position: "off" });
		expect(house.log.slice(1)).toHaveLength(4);
		house.step({ type: "dry-run", isOn: false });
		expect(house.shed("sockets")).toBeNull();
		expect(house.log.slice(5).map((line) => line.split(" ").slice(1).join(" "))).toEqual(["comfort on"]);
	});
});

describe("a stage taken out of use", () => {
	it("is left as it is and switched no more; no other waits for it", () => {
		const house = new House();
		house.live(62, { stateOfCharge: 45 });
		const changed = Object.assign(house, { stages: house.stages.map((stage) => ({ ...stage, enabled: stage.key !== "comfort" })) });
		changed.live(62, { stateOfCharge: 30 });
		expect(changed.log).toHaveLength(2);
		expect(changed.code("comfort")).toBe("not-in-use");
		changed.live(30 * MINUTE, { stateOfCharge: 95 });
		expect(changed.log.slice(2).map((line) => line.split(" ")[1])).toEqual(["climate"]);
	});
});
