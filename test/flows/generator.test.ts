import { afterEach, describe, expect, it } from "vitest";
import { FlowBench } from "../support/flow-bench.ts";

/** Flow 7 against a simulated battery that runs empty and is charged again. */

let bench: FlowBench;
afterEach(() => bench.end());

const FILE = "7-generator.json";
const LIGHT = { packs: 1, cells: 4, probes: 2, capacityAh: 100 };
/** 4 cells: about 13 V. */
const start = (percent: number, loadW: number) =>
	FlowBench.start(FILE, {
		simulator: { ...LIGHT, stateOfCharge: percent, loadW },
		bank: { gapMs: 1000 },
		start: new Date(2026, 5, 1, 12, 0),
	});

describe("generator start and stop", () => {
	it("starts at the low level, carries the load after the warm-up, stops when the battery is charged, and says why", async () => {
		bench = await start(26.6, 120);
		await bench.until("the battery is known", () => bench.snapshot?.totals !== null, 60);
		expect(bench.payloads("start contact")).toEqual([false]);
		expect(bench.payloads("load")).toEqual([false]);
		await bench.until("the level", () => (bench.snapshot?.totals?.value.stateOfCharge ?? 100) <= 25, 3600);
		const low = bench.clock.now();
		await bench.until("the start", () => bench.payloads("start contact").includes(true), 200);
		expect(bench.since(low)).toBeGreaterThanOrEqual(118);
		expect(bench.since(low)).toBeLessThanOrEqual(130);
		expect(bench.at("start contact").at(-1)?.msg).toMatchObject({ action: "homeassistant.turn_on", simulated: true });
		await bench.until("the load", () => bench.payloads("load").includes(true), 130);
		expect(bench.since(low)).toBeGreaterThanOrEqual(238);
		bench.control.setLoad(-600);
		bench.control.setStateOfCharge(79);
		await bench.until("the end of the load", () => bench.payloads("load").at(-1) === false, 3600);
		expect(bench.snapshot?.totals?.value.stateOfCharge).toBeGreaterThanOrEqual(80);
		expect(bench.payloads("start contact").at(-1), "it cools down first").toBe(true);
		const unloaded = bench.clock.now();
		await bench.until("the stop", () => bench.payloads("start contact").at(-1) === false, 200);
		expect(bench.since(unloaded)).toBeGreaterThanOrEqual(180);
		expect(bench.payloads("report").map(({ phase }) => phase)).toEqual([
			"idle",
			"armed",
			"starting",
			"warming",
			"running",
			"cooling",
			"lockout",
		]);
		expect(bench.payloads("report").at(5).text).toBe("Generator cooling down: the battery is charged enough.");
		expect(bench.complaints).toEqual([]);
	});

	it("does not start while the cable is pulled, and leaves a run alone", async () => {
		bench = await start(26, 200);
		await bench.until("the battery is known", () => bench.snapshot?.totals !== null, 60);
		await bench.control.pullCable("silent");
		bench.control.setStateOfCharge(10);
		await bench.pass(3600);
		expect(bench.payloads("start contact")).toEqual([false]);
		await bench.control.plugCable();
		await bench.until("the load", () => bench.payloads("load").includes(true), 600);
		await bench.control.pullCable("silent");
		await bench.pass(2 * 3600);
		expect(bench.payloads("load").at(-1)).toBe(true);
	});

	it("goes on over a restart of Node-RED in the middle of a run, and orders nothing before it hears the battery", async () => {
		bench = await start(20, 200);
		await bench.until("the load", () => bench.payloads("load").includes(true), 600);
		bench.arrivals.length = 0;
		await bench.restart(30);
		expect(bench.payloads("start contact")).toEqual([]);
		await bench.until("the order, again", () => bench.payloads("load").length > 0, 60);
		expect(bench.payloads("start contact")).toEqual([true]);
		expect(bench.payloads("load")).toEqual([true]);
		expect(bench.payloads("report").map(({ phase }) => phase)).toEqual(["running"]);
	});

	it("answers nonsense, and what cannot be done now, in words", async () => {
		bench = await start(60, 0);
		await bench.pass(60);
		for (const message of [{ command: "fly" }, { running: "perhaps" }, { topic: "nothing" }, { command: "reset" }])
			await bench.tell("generator", message);
		const words = bench.complaints.map((text) => text.replace(/^generator: (Error|ConfigError): /, "generator: "));
		expect(words).toEqual([
			expect.stringContaining("msg.command must be one of start, stop, reset, auto, off"),
			expect.stringContaining("msg.running must be"),
			expect.stringContaining("says nothing to the generator"),
			expect.stringContaining("There is no fault to reset"),
		]);
		expect(bench.payloads("start contact")).toEqual([false]);
	});

	it("tries three times with an engine that does not start, then waits for the reset; the grid keeps it off", async () => {
		bench = await FlowBench.start(FILE, {
			simulator: { ...LIGHT, stateOfCharge: 20, loadW: 100 },
			bank: { gapMs: 1000 },
			start: new Date(2026, 5, 1, 12, 0),
			change: (node) => (node.name === "engine (stand-in)" ? { ...node, func: "return { running: false };" } : node),
		});
		await bench.until("the fault", () => bench.payloads("report").at(-1)?.phase === "fault", 600);
		expect(bench.payloads("start contact")).toEqual([false, true, false, true, false, true, false]);
		expect(bench.payloads("load")).toEqual([false]);
		await bench.press("Grid is there");
		await bench.press("Reset fault");
		await bench.pass(600);
		expect(bench.payloads("report").at(-1)?.phase).toBe("idle");
		await bench.press("Grid is away");
		await bench.until("another try", () => bench.payloads("start contact").at(-1) === true, 130);
	});
});
