import { describe, expect, it } from "vitest";
import { active, ContactBench, LOW, OVERVOLTAGE } from "./contact-bench.ts";

const SILENT = { packs: { 1: null, 2: null }, bank: null } as const;

describe("a modelled contact", () => {
	it("closes and opens with its causes, in the pack that has them and in the bank", () => {
		const bench = new ContactBench();
		expect(bench.say({})).toEqual([]);
		expect(bench.last.states.map(({ contact, pack, state }) => `${contact} ${pack} ${state}`)).toEqual([
			"fault null open",
			"low-battery null open",
			"fault 1 open",
			"low-battery 1 open",
			"fault 2 open",
			"low-battery 2 open",
		]);
		expect(bench.say({ packs: { 1: [], 2: [OVERVOLTAGE] } })).toEqual(["fault bank closed", "fault 2 closed"]);
		expect(bench.state()).toMatchObject({ state: "closed", active: true, modelled: "closed", wired: null, stale: false, closings: 1 });
		expect(bench.state().causes).toEqual([active(OVERVOLTAGE, 2)]);
		expect(bench.state("fault", 1)).toMatchObject({ state: "open", closings: 0, causes: [] });
		const closedAt = bench.now;
		bench.say({ packs: { 1: [], 2: [OVERVOLTAGE] } });
		expect(bench.state().since).toBe(closedAt);
		expect(bench.say({}, 6)).toEqual(["fault bank opened", "fault 2 opened"]);
		expect(bench.last.events[0]).toMatchObject({ durationMs: 7000, at: bench.now });
		expect(bench.state()).toMatchObject({ state: "open", since: bench.now, causes: [active(OVERVOLTAGE, 2)] });
	});

	it("leaves Fully, alarms and undocumented bits out, and knows low battery from fault", () => {
		const bench = new ContactBench();
		bench.say({});
		expect(bench.say({ packs: { 1: ["protection.fully", "alarm.cell_undervoltage", "fault.communication"], 2: [] } })).toEqual([]);
		expect(bench.say({ packs: { 1: [LOW], 2: [] } })).toEqual(["low-battery bank closed", "low-battery 1 closed"]);
	});

	it("closes the bank's contact at once while nobody is named, and not again when the pack is", () => {
		const bench = new ContactBench();
		bench.say({});
		expect(bench.say({ bank: [active(OVERVOLTAGE, null)] })).toEqual(["fault bank closed"]);
		expect(bench.state().causes).toEqual([active(OVERVOLTAGE, null)]);
		expect(bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] } })).toEqual(["fault 1 closed"]);
		expect(bench.say({ packs: { 1: [OVERVOLTAGE], 2: [OVERVOLTAGE] } })).toEqual(["fault 2 closed"]);
		expect(bench.say({ packs: { 1: [], 2: [OVERVOLTAGE] } })).toEqual(["fault 1 opened"]);
		expect(bench.state().causes).toEqual([active(OVERVOLTAGE, 2)]);
	});

	it("makes no edge of what it is found at first, and of none that unknown hides", () => {
		const bench = new ContactBench();
		expect(bench.say({ packs: { 1: [OVERVOLTAGE], 2: null } })).toEqual([]);
		expect(bench.state("fault", 1).state).toBe("closed");
		expect(bench.state("fault", 2).state).toBe("unknown");
		expect(bench.say(SILENT)).toEqual([]);
		expect(bench.state()).toMatchObject({ state: "unknown", active: null, stale: true, since: bench.now });
		expect(bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] } })).toEqual([]);
		expect(bench.say(SILENT)).toEqual([]);
		expect(bench.say({})).toEqual(["fault bank opened", "fault 1 opened"]);
		expect(bench.last.events[0]).toMatchObject({ durationMs: 4000 });
	});

	it("counts the time since it was first known, not since nobody knew", () => {
		const bench = new ContactBench();
		bench.say(SILENT);
		bench.say({}, 100);
		bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] } }, 5);
		expect(bench.last.events[0]).toMatchObject({ type: "closed", durationMs: 5000 });
	});

	it("is unknown in the bank only when nothing closes it", () => {
		const bench = new ContactBench();
		bench.say({ packs: { 1: [], 2: null } });
		expect(bench.state().state).toBe("open");
		bench.say({ packs: { 1: [OVERVOLTAGE], 2: null }, bank: null });
		expect(bench.state().state).toBe("closed");
		bench.say({ packs: { 1: [], 2: null }, bank: null });
		expect(bench.state().state).toBe("unknown");
	});
});

describe("delays", () => {
	it("let a cause last before it closes, and be gone before it opens", () => {
		const bench = new ContactBench({ faultOnDelaySeconds: 5, faultOffDelaySeconds: 3 });
		const bad = { packs: { 1: [OVERVOLTAGE], 2: [] } };
		bench.say({});
		expect(bench.say(bad)).toEqual([]);
		expect(bench.dueIn).toBe(5);
		expect(bench.say({}, 4)).toEqual([]);
		expect(bench.dueIn).toBeNull();
		expect(bench.say(bad)).toEqual([]);
		expect(bench.say(bad, 4.9)).toEqual([]);
		expect(bench.state()).toMatchObject({ state: "open", modelled: "closed" });
		expect(bench.say(bad, 0.1)).toEqual(["fault bank closed", "fault 1 closed"]);
		expect(bench.say({})).toEqual([]);
		expect(bench.dueIn).toBe(3);
		expect(bench.say(bad, 2)).toEqual([]);
		expect(bench.say({}, 2)).toEqual([]);
		expect(bench.say({}, 3)).toEqual(["fault bank opened", "fault 1 opened"]);
	});

	it("keep it closed for the hold, also when the battery falls silent", () => {
		const bench = new ContactBench({ faultHoldSeconds: 60 });
		bench.say({});
		bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] } });
		expect(bench.say({}, 10)).toEqual([]);
		expect(bench.dueIn).toBe(50);
		expect(bench.say(SILENT, 49)).toEqual([]);
		expect(bench.state()).toMatchObject({ state: "closed", stale: true });
		bench.say(SILENT, 1);
		expect(bench.state().state).toBe("unknown");
		expect(bench.say({})).toEqual(["fault bank opened", "fault 1 opened"]);
	});

	it("let the delay of opening run within the hold", () => {
		const bench = new ContactBench({ faultHoldSeconds: 60, faultOffDelaySeconds: 30 });
		bench.say({});
		bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] } });
		bench.say({}, 10);
		expect(bench.say({}, 50)).toEqual(["fault bank opened", "fault 1 opened"]);
	});

	it("begin anew when the readings grew too old meanwhile", () => {
		const bench = new ContactBench({ faultOnDelaySeconds: 5 });
		const bad = { packs: { 1: [OVERVOLTAGE], 2: [] } };
		bench.say({});
		bench.say(bad);
		bench.say(SILENT, 3);
		bench.say(bad);
		expect(bench.dueIn).toBe(5);
		expect(bench.say(bad, 4)).toEqual([]);
		expect(bench.say(bad)).toEqual(["fault bank closed", "fault 1 closed"]);
	});

	it("hold a contact that is found closed, from then", () => {
		const bench = new ContactBench({ faultHoldSeconds: 60 });
		bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] } });
		expect(bench.say({}, 59)).toEqual([]);
		expect(bench.say({})).toEqual(["fault bank opened", "fault 1 opened"]);
	});

	it("do not wait longer because the clock was put back", () => {
		const bench = new ContactBench({ faultOnDelaySeconds: 5 });
		bench.say({});
		bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] } });
		expect(bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] } }, -3600)).toEqual(["fault bank closed", "fault 1 closed"]);
	});
});

describe("readings that are too old", () => {
	it.each([
		["keep", "closed"],
		["open", "open"],
		["closed", "closed"],
		["unknown", "unknown"],
	] as const)("with %s make a closed contact %s", (onStale, state) => {
		const bench = new ContactBench({ onStale });
		bench.say({});
		bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] } });
		const ofBank = bench.say(SILENT).filter((event) => event.startsWith("fault bank"));
		expect(bench.state()).toMatchObject({ state, stale: true, modelled: state });
		expect(ofBank).toEqual(onStale === "open" ? ["fault bank opened"] : []);
		bench.say(SILENT);
		expect(bench.state().state).toBe(state);
	});

	it("mean the position, also of an inverted contact", () => {
		const bench = new ContactBench({ onStale: "open", faultInverted: true });
		bench.say({});
		expect(bench.say(SILENT)).toEqual(expect.arrayContaining(["fault bank opened"]));
		expect(bench.state()).toMatchObject({ state: "open", active: true });
	});

	it("choose closed only after the battery was heard, or a minute after the start", () => {
		const bench = new ContactBench({ onStale: "closed" });
		bench.say({ packs: {}, bank: null });
		expect(bench.state().state).toBe("unknown");
		expect(bench.dueIn).toBe(59);
		expect(bench.say({ packs: {}, bank: null }, 59)).toEqual([]);
		expect(bench.state()).toMatchObject({ state: "closed", stale: true });
		expect(bench.say({})).toEqual(["fault bank opened", "low-battery bank opened"]);
		expect(bench.say(SILENT)).toEqual(expect.arrayContaining(["fault bank closed", "low-battery bank closed"]));
	});
});

describe("an inverted contact", () => {
	it("is closed while all is well and opens at a cause", () => {
		const bench = new ContactBench({ faultInverted: true });
		bench.say({});
		expect(bench.state()).toMatchObject({ state: "closed", active: false });
		expect(bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] } })).toEqual(["fault bank opened", "fault 1 opened"]);
		expect(bench.state()).toMatchObject({ state: "open", active: true, closings: 0 });
		expect(bench.say({})).toEqual(["fault bank closed", "fault 1 closed"]);
		expect(bench.state().closings).toBe(1);
	});
});

describe("a wired contact", () => {
	it("follows the wire alone, after its debounce, and is unknown until the wire says something", () => {
		const bench = new ContactBench({ faultSource: "wired" });
		bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] } });
		expect(bench.state()).toMatchObject({ state: "unknown", modelled: null, wired: "unknown", stale: false });
		expect(bench.say({ fault: false })).toEqual(["fault 1 opened"]);
		expect(bench.say({ fault: true })).toEqual([]);
		expect(bench.dueIn).toBe(0.2);
		expect(bench.say({ fault: false }, 0.1)).toEqual([]);
		expect(bench.say({ fault: true })).toEqual([]);
		expect(bench.say({}, 0.2)).toEqual(["fault bank closed"]);
		expect(bench.state()).toMatchObject({ state: "closed", wired: "closed", causes: [] });
		bench.say({ fault: null });
		expect(bench.state().state).toBe("unknown");
	});

	it("is not stale when the battery falls silent, and reports while open where it is inverted", () => {
		const bench = new ContactBench({ faultSource: "wired", faultInverted: true, inputDebounceMs: 0 });
		bench.say({ ...SILENT, fault: true });
		expect(bench.state()).toMatchObject({ state: "closed", active: false, wired: "closed", stale: false });
		expect(bench.say({ ...SILENT, fault: false })).toEqual(["fault bank opened"]);
		expect(bench.state()).toMatchObject({ state: "open", active: true });
	});

	it("of one pack closes that pack's contact and the bank's, whether the pack is known or not", () => {
		const bench = new ContactBench({ faultSource: "wired", faultWiredTo: "5" });
		bench.say({ fault: false });
		expect(bench.state("fault", 5)).toMatchObject({ state: "open", wired: "open" });
		expect(bench.state("fault", 1)).toMatchObject({ state: "open", modelled: "open", wired: null });
		bench.say({ fault: true });
		expect(bench.say({}, 0.2)).toEqual(["fault bank closed", "fault 5 closed"]);
		bench.say({ fault: null });
		expect(bench.state().state).toBe("unknown");
	});
});

describe("model and wire together", () => {
	const BOTH = { faultSource: "both", mismatchSeconds: 30, inputDebounceMs: 0 } as const;

	it("close when either says so; what is known stands for what is not", () => {
		const bench = new ContactBench(BOTH);
		bench.say({});
		expect(bench.state()).toMatchObject({ state: "open", modelled: "open", wired: "unknown" });
		expect(bench.say({ fault: true })).toEqual(["fault bank closed"]);
		expect(bench.say({ fault: false, packs: { 1: [OVERVOLTAGE], 2: [] } })).toEqual(["fault 1 closed"]);
		expect(bench.say({ fault: false, ...SILENT })).toEqual(["fault bank opened"]);
		expect(bench.state()).toMatchObject({ state: "open", modelled: "unknown", wired: "open", stale: true });
	});

	it("say after the time that the wire may be broken, until they agree", () => {
		const bench = new ContactBench(BOTH);
		bench.say({ fault: false });
		const bad = { packs: { 1: [OVERVOLTAGE], 2: [] } };
		bench.say(bad);
		const began = bench.now;
		expect(bench.dueIn).toBe(30);
		expect(bench.say(bad, 29)).toEqual([]);
		expect(bench.say(bad)).toEqual(["fault bank mismatch"]);
		expect(bench.state().mismatch).toMatchObject({ since: began, text: expect.stringMatching(/wire says open.*broken/) });
		expect(bench.say(bad)).toEqual([]);
		expect(bench.say({ ...bad, fault: true })).toEqual(["fault bank agreement"]);
		expect(bench.last.events[0]).toMatchObject({ durationMs: 32_000 });
		expect(bench.state().mismatch).toBeNull();
	});

	it("say that the list may lack a condition when the wire closes alone; a silent battery is no mismatch", () => {
		const bench = new ContactBench(BOTH);
		bench.say({});
		bench.say({ fault: true });
		bench.say({}, 30);
		expect(bench.state().mismatch?.text).toMatch(/wire says closed.*not in the list/);
		expect(bench.say(SILENT)).toEqual(["fault bank agreement"]);
		expect(bench.say(SILENT, 60)).toEqual([]);
	});
});
