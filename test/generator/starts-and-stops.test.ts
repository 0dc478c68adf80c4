import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	commanded,
	decide,
	type GeneratorInputs,
	type GeneratorState,
	initialState,
	ordersOf,
	type Phase,
	readGeneratorState,
	resumed,
} from "../../src/generator/generator.ts";
import { generatorWords } from "../../src/generator/generator-words.ts";
import { GENERATOR_SETTINGS, type GeneratorSettings } from "../../src/generator/options.ts";
import { LANGUAGES } from "../../src/languages.ts";
import { defaultsOf } from "../../src/settings.ts";

const DEFAULTS: GeneratorSettings = defaultsOf(GENERATOR_SETTINGS);
const NOON = new Date(2026, 5, 1, 12, 0).getTime();
const KNOWN: GeneratorInputs = { soc: 60, lowestCell: 3.3, lowBattery: false, grid: null, running: null };

/** A generator in time that the test moves, s. */
function generator(settings: Partial<GeneratorSettings> = {}, start = NOON) {
	const all = { ...DEFAULTS, ...settings };
	let now = start;
	let state: GeneratorState = initialState(now);
	const phases: Phase[] = [];
	let inputs = KNOWN;
	const look = () => {
		const decision = decide(state, inputs, all, now);
		if (decision.state.phase !== state.phase) phases.push(decision.state.phase);
		state = decision.state;
		return decision;
	};
	return {
		phases,
		get state() {
			return state;
		},
		knows(change: Partial<GeneratorInputs>) {
			inputs = { ...inputs, ...change };
			return look();
		},
		/** Goes from one wake-up to the next, as the node does. */
		pass(seconds: number) {
			const end = now + seconds * 1000;
			for (let wake = look().wakeAt; wake !== null && wake <= end; wake = look().wakeAt) now = Math.max(now, wake);
			now = end;
			return look();
		},
		told(command: Parameters<typeof commanded>[1]) {
			const next = commanded(state, command, now);
			if (next === null) return null;
			state = next;
			return look();
		},
	};
}

describe("the generator", () => {
	it("starts after the low level has lasted, warms up, carries the load, cools down and rests", () => {
		const one = generator();
		one.knows({ soc: 24 });
		expect(one.state.phase).toBe("armed");
		one.pass(119);
		expect(one.state.phase).toBe("armed");
		expect(one.pass(1).orders).toEqual({ generator: true, load: false });
		expect(one.state).toMatchObject({ phase: "starting", attempt: 1, cause: "soc" });
		one.knows({ running: true });
		expect(one.state.phase).toBe("warming");
		expect(one.pass(120).orders).toEqual({ generator: true, load: true });
		one.knows({ soc: 81 });
		one.pass(30 * 60 - 1);
		expect(one.state.phase).toBe("running");
		expect(one.pass(1).orders).toEqual({ generator: true, load: false });
		expect(one.state).toMatchObject({ phase: "cooling", reason: "full" });
		expect(one.pass(180).orders).toEqual({ generator: false, load: false });
		one.knows({ soc: 20, running: false });
		one.pass(15 * 60 - 1);
		expect(one.state.phase).toBe("lockout");
		one.pass(1);
		expect(one.state, "it was wanted all the time").toMatchObject({ phase: "starting", attempt: 1 });
	});

	it("gives up after three tries, and waits for a reset", () => {
		const one = generator();
		one.knows({ soc: 20, running: false });
		one.pass(120 + 30 + 30 + 30 + 30 + 30);
		expect(one.phases).toEqual(["armed", "starting", "retrying", "starting", "retrying", "starting", "fault"]);
		expect(one.state).toMatchObject({ attempt: 3, reason: "noStart" });
		one.pass(24 * 3600);
		expect(one.state.phase).toBe("fault");
		expect(one.told("start")).toBeNull();
		one.told("reset");
		expect(one.state.phase).toBe("armed");
	});

	it("does not start while nothing is known, and gives up a further try when the values are gone", () => {
		const one = generator();
		one.knows({ soc: null, lowestCell: null, lowBattery: null });
		one.pass(3600);
		expect(one.state.phase).toBe("idle");
		one.knows({ soc: 20 });
		one.pass(60);
		one.knows({ soc: null });
		expect(one.state).toMatchObject({ phase: "idle", reason: "unknown" });
		one.knows({ soc: 20 });
		one.pass(119);
		expect(one.state.phase).toBe("armed");
		one.pass(32);
		expect(one.state.phase).toBe("retrying");
		one.knows({ soc: null });
		one.pass(60);
		expect(one.state.phase).toBe("idle");
	});

	it("starts for the contact and for a low cell after their own delays", () => {
		const one = generator();
		one.knows({ lowBattery: true });
		one.pass(10);
		expect(one.state).toMatchObject({ phase: "starting", cause: "contact" });
		const other = generator();
		other.knows({ lowestCell: 2.9 });
		other.pass(59);
		expect(other.state.phase).toBe("armed");
		other.pass(1);
		expect(other.state).toMatchObject({ phase: "starting", cause: "cell" });
		const deaf = generator({ onLowBattery: false, startCellVoltage: 0 });
		deaf.knows({ lowBattery: true, lowestCell: 2.5 });
		deaf.pass(3600);
		expect(deaf.state.phase).toBe("idle");
	});

	it("waits for a lower level in the quiet hours, which is no ban", () => {
		const one = generator({}, new Date(2026, 5, 1, 23, 0).getTime());
		one.knows({ soc: 20 });
		one.pass(3600);
		expect(one.state.phase).toBe("idle");
		one.knows({ soc: 15 });
		one.pass(120);
		expect(one.state.phase).toBe("starting");
		const early = generator({}, new Date(2026, 5, 1, 6, 0).getTime());
		early.knows({ soc: 20 });
		early.pass(3599);
		expect(early.state.phase).toBe("idle");
		early.pass(1);
		expect(early.state.phase).toBe("armed");
	});

	it("leaves the charging to the grid, and stops when the grid is back for good", () => {
		const one = generator({ feedback: "none" });
		one.knows({ soc: 20, grid: true });
		one.pass(3600);
		expect(one.state.phase).toBe("idle");
		one.knows({ grid: false });
		one.pass(120 + 30 + 120);
		expect(one.state.phase).toBe("running");
		one.knows({ grid: true });
		one.pass(299);
		one.knows({ grid: false });
		one.knows({ grid: true });
		one.pass(299);
		expect(one.state.phase).toBe("running");
		one.pass(1);
		expect(one.state).toMatchObject({ phase: "cooling", reason: "grid" });
		one.pass(180 + 900);
		expect(one.state.phase).toBe("idle");
	});

	it("keeps running on unknown values, but not for ever", () => {
		const one = generator({ feedback: "none" });
		one.knows({ soc: 20 });
		one.pass(270);
		one.knows({ soc: null });
		one.pass(359 * 60);
		expect(one.state.phase).toBe("running");
		one.pass(60);
		expect(one.state).toMatchObject({ phase: "cooling", reason: "longest" });
	});

	it("that stops by itself is a fault, and its switches go off", () => {
		const one = generator();
		one.knows({ soc: 20 });
		one.pass(120);
		one.knows({ running: true });
		one.pass(200);
		expect(one.knows({ running: false }).orders).toEqual({ generator: false, load: false });
		expect(one.state).toMatchObject({ phase: "fault", reason: "stalled" });
	});

	it("obeys the hand: start, stop, off", () => {
		const one = generator({ feedback: "none" });
		one.told("start");
		one.pass(150);
		expect(one.state).toMatchObject({ phase: "running", cause: "hand" });
		expect(one.told("start")).toBeNull();
		one.told("stop");
		expect(one.state).toMatchObject({ phase: "cooling", reason: "stopped" });
		one.pass(180);
		expect(one.state.phase).toBe("lockout");
		expect(one.told("start")).toBeNull();
		one.pass(900);
		one.told("off");
		one.knows({ soc: 5 });
		one.pass(3600);
		expect(one.state.phase).toBe("idle");
		one.told("auto");
		expect(one.state.phase).toBe("armed");
		expect(one.told("reset")).toBeNull();
	});

	it("goes on over a restart where it ran, and begins anew where it was starting", () => {
		const one = generator({ feedback: "none" });
		one.knows({ soc: 20 });
		one.pass(130);
		expect(resumed(one.state, NOON + 200_000)).toMatchObject({ phase: "idle", attempt: 0 });
		one.pass(200);
		const kept = readGeneratorState(JSON.parse(JSON.stringify(one.state)));
		expect(resumed(kept, NOON + 900_000)).toMatchObject({ phase: "running", since: one.state.since, attempt: 1, cause: "soc" });
		for (const wrong of [null, 5, {}, { ...one.state, phase: "flying" }, { ...one.state, since: null }, { ...one.state, mode: 1 }])
			expect(() => readGeneratorState(wrong)).toThrow();
	});

	it("says where it stands in three languages", () => {
		const one = generator();
		one.knows({ soc: 20 });
		one.pass(120);
		expect(LANGUAGES.map((language) => generatorWords(one.state, language))).toEqual([
			"Generator starting: the state of charge is low.",
			"Generator startet: der Ladezustand ist niedrig.",
			"发电机启动中：荷电状态低。",
		]);
	});

	it("keeps its rules whatever happens", () => {
		const events = fc.array(
			fc.record({
				seconds: fc.integer({ min: 0, max: 2000 }),
				inputs: fc.record({
					soc: fc.option(fc.integer({ min: 0, max: 100 })),
					lowestCell: fc.option(fc.double({ min: 2.5, max: 3.6, noNaN: true })),
					lowBattery: fc.option(fc.boolean()),
					grid: fc.option(fc.boolean()),
					running: fc.option(fc.boolean()),
				}),
				command: fc.option(fc.constantFrom("start", "stop", "reset", "auto", "off" as const), { freq: 8 }),
			}),
			{ maxLength: 60 },
		);
		fc.assert(
			fc.property(events, (list) => {
				let now = NOON;
				let state = initialState(now);
				let enteredAt = now;
				for (const { seconds, inputs, command } of list) {
					now += seconds * 1000;
					if (command) state = commanded(state, command as "start", now) ?? state;
					for (let n = 0; n < 12; n += 1) {
						const before = state;
						const { state: after, orders } = decide(before, inputs, DEFAULTS, now);
						state = after;
						expect(orders).toEqual(ordersOf(after.phase));
						expect(orders.load && !orders.generator).toBe(false);
						expect(after.attempt).toBeLessThanOrEqual(DEFAULTS.tries);
						if (after.phase === "starting" && before.phase !== "starting") {
							const isKnown = inputs.soc !== null || inputs.lowestCell !== null || inputs.lowBattery !== null;
							expect(isKnown || after.cause === "hand").toBe(true);
							expect(["idle", "armed", "retrying", "lockout"]).toContain(before.phase);
						}
						if (before.phase === "running" && after.phase === "cooling" && after.reason === "full")
							expect(now - enteredAt).toBeGreaterThanOrEqual(DEFAULTS.minimumRunMinutes * 60_000);
						if (before.phase === "fault") expect(after.phase).toBe("fault");
						if (after.phase !== before.phase) enteredAt = after.since;
						if (after.phase === before.phase) break;
					}
				}
			}),
			{ numRuns: 1000 },
		);
	});
});
