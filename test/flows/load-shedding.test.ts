import { afterEach, describe, expect, it } from "vitest";
import { FlowBench } from "../support/flow-bench.ts";

/** Flow 2 against a simulated battery: a day that sheds and restores, a cable pulled during a shed, a restart in the middle. */

let bench: FlowBench;
afterEach(() => bench.end());

const FILE = "2-three-stage-load-shedding.json";
const LIGHT = { packs: 1, cells: 4, probes: 1, capacityAh: 100 };
const HOUR = 3600;
const STAGES = ["stage 1 comfort", "stage 2 climate", "stage 3 sockets"] as const;

/** What was switched, in order: "1 off", "2 off", ... */
const switched = () =>
	bench.arrivals
		.filter(({ node }) => (STAGES as readonly string[]).includes(node))
		.map(({ node, msg }) => `${STAGES.indexOf(node as (typeof STAGES)[number]) + 1} ${msg.payload ? "on" : "off"}`);
const lastAt = (name: string) => bench.at(name).at(-1)?.at ?? Number.NaN;
const soc = () => bench.snapshot?.totals?.value.stateOfCharge ?? Number.NaN;
const start = (stateOfCharge: number, loadW: number, gapMs = 3000) =>
	FlowBench.start(FILE, { simulator: { ...LIGHT, stateOfCharge, loadW }, bank: { gapMs } });

describe("three-stage load shedding", () => {
	it("sheds stage by stage through a night and restores one by one in the morning", async () => {
		bench = await start(60, 130);
		await bench.until("stage 1 off", () => switched().length === 1, 3 * HOUR);
		expect(switched()).toEqual(["1 off"]);
		expect(soc()).toBeLessThanOrEqual(50);
		expect(soc()).toBeGreaterThan(48);
		const [first] = bench.at("stage 1 comfort");
		expect(first?.msg).toMatchObject({ payload: false, action: "homeassistant.turn_off", entity: "switch.geyser", simulated: true });
		expect(first?.msg.text).toMatch(/Comfort/);
		await bench.until("stages 2 and 3 off", () => switched().length === 3, 5 * HOUR);
		expect(switched()).toEqual(["1 off", "2 off", "3 off"]);
		expect(soc()).toBeLessThanOrEqual(25);
		bench.control.setLoad(-400);
		await bench.until("all back", () => switched().length === 6, 4 * HOUR);
		expect(switched().slice(3)).toEqual(["3 on", "2 on", "1 on"]);
		expect(soc()).toBeGreaterThanOrEqual(65);
		expect(lastAt("stage 1 comfort") - lastAt("stage 2 climate")).toBeGreaterThanOrEqual(120_000);
		expect(lastAt("stage 2 climate") - lastAt("stage 3 sockets")).toBeGreaterThanOrEqual(120_000);
		expect(bench.complaints).toEqual([]);
	}, 60_000);

	it("gets through the scenario of a normal day: sheds before sunrise, has everything back by noon", async () => {
		bench = await FlowBench.start(FILE, {
			simulator: { packs: 1, cells: 16, probes: 1, capacityAh: 200 },
			bank: { gapMs: 5000 },
			start: new Date(2026, 5, 1, 0, 0),
		});
		bench.play("normal-day");
		await bench.until("all back", () => switched().at(-1) === "1 on", 14 * HOUR);
		const half = switched().length / 2;
		expect(half).toBeGreaterThanOrEqual(2);
		expect(switched()).toEqual([...["1 off", "2 off", "3 off"].slice(0, half), ...["3 on", "2 on", "1 on"].slice(-half)]);
		const hours = bench.arrivals.filter(({ node }) => node.startsWith("stage ")).map(({ at }) => new Date(at).getHours());
		expect(Math.max(...hours.slice(0, half))).toBeLessThan(8);
		expect(Math.min(...hours.slice(half))).toBeGreaterThanOrEqual(8);
		expect(bench.complaints).toEqual([]);
	}, 90_000);

	it("holds everything while the cable is pulled in the middle of a shed, says so, and goes on afterwards", async () => {
		bench = await start(52, 130);
		await bench.until("stage 1 off", () => switched().length === 1, HOUR);
		await bench.control.pullCable("silent");
		bench.control.setStateOfCharge(20);
		await bench.pass(HOUR);
		expect(switched()).toEqual(["1 off"]);
		expect(bench.payloads("report").at(-1)).toMatchObject({ code: "hold", alarm: true });
		bench.control.setStateOfCharge(95);
		bench.control.setLoad(0);
		await bench.pass(HOUR);
		expect(switched(), "nothing comes back on guesses either").toEqual(["1 off"]);
		await bench.control.plugCable();
		await bench.until("stage 1 on", () => switched().length === 2, HOUR);
		expect(switched()).toEqual(["1 off", "1 on"]);
	}, 60_000);

	it("remembers over a restart in the middle what it shed, and restores only that", async () => {
		bench = await start(52, 130);
		await bench.until("stage 1 off", () => switched().length === 1, HOUR);
		await bench.restart(60);
		await bench.pass(600);
		expect(switched(), "no second order").toEqual(["1 off"]);
		bench.control.setStateOfCharge(80);
		bench.control.setLoad(0);
		await bench.until("stage 1 on", () => switched().length === 2, HOUR);
		expect(switched()).toEqual(["1 off", "1 on"]);
		await bench.pass(HOUR);
		expect(switched()).toHaveLength(2);
	}, 60_000);

	it("raises the levels without the grid, and switches nothing in a dry run", async () => {
		bench = await start(62, 20);
		await bench.pass(300);
		expect(switched()).toEqual([]);
		await bench.press("Dry run on");
		await bench.press("Grid is away");
		await bench.until("the report of the dry run", () => bench.payloads("report").at(-1)?.shed?.length === 1, 300);
		expect(switched()).toEqual([]);
		await bench.press("Dry run off");
		await bench.until("stage 1 off", () => switched().length === 1, 300);
		expect(switched()).toEqual(["1 off"]);
		await bench.press("Grid is back");
		// Enough with the grid, not without: the levels fall when the outage is over, five minutes after the grid's return.
		bench.control.setStateOfCharge(75);
		const back = bench.clock.now();
		await bench.until("stage 1 on", () => switched().length === 2, 2 * HOUR);
		expect(bench.since(back)).toBeGreaterThanOrEqual(15 * 60 - 5);
	}, 60_000);

	it("leaves a load alone that was switched on by hand", async () => {
		bench = await start(52, 130);
		await bench.until("stage 1 off", () => switched().length === 1, HOUR);
		await bench.pass(60);
		await bench.press("Stage 1 switched on by hand");
		await bench.pass(HOUR);
		expect(switched()).toEqual(["1 off"]);
	}, 60_000);
});
