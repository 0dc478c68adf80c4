import { afterEach, expect, it } from "vitest";
import { FlowBench } from "../support/flow-bench.ts";

/** Flow 6: what is said while the grid is away. */

let bench: FlowBench;
afterEach(() => bench.end());

const phone = () => bench.payloads("to the phone");
const start = (percent: number, loadW: number, hour: number) =>
	FlowBench.start("6-grid-outage-helper.json", {
		simulator: { packs: 1, cells: 4, probes: 2, capacityAh: 100, stateOfCharge: percent, loadW },
		bank: { gapMs: 2000 },
		start: new Date(2026, 5, 1, hour, 0),
	});

it("says at the outage how long the battery lasts, again when that changes, and when the grid is back", async () => {
	bench = await start(80, 100, 20);
	await bench.pass(1800);
	await bench.press("Grid is back");
	expect(phone(), "the grid was there all the time").toEqual([]);
	await bench.press("Grid is away");
	expect(phone()).toHaveLength(1);
	// 70 Ah above alarm and reserve, about 12.8 V: nine hours at 100 W, and only two are wanted.
	expect(phone()[0]).toMatchObject({ title: "Grid is away", lasts: "yes" });
	expect(phone()[0].message).toMatch(/^The battery lasts until 22:30: \d h \d+ min .* left at \d+ W\. \[simulated\]$/);
	expect(phone()[0].minutesLeft).toBeGreaterThan(7 * 60);
	await bench.press("Grid is away");
	expect(phone(), "no news").toHaveLength(1);
	bench.control.setLoad(900);
	await bench.until("the change", () => phone().length > 1, 3600);
	expect(phone()[1].title).toBe("Grid is still away");
	expect(["unsure", "no"]).toContain(phone()[1].lasts);
	const firstAt = bench.at("to the phone")[0]?.at ?? 0;
	expect(bench.since(firstAt)).toBeGreaterThanOrEqual(600);
	await bench.press("Grid is back");
	expect(phone().at(-1).title).toMatch(/^Grid is back after \d+ min$/);
	const said = phone().length;
	await bench.pass(3600);
	expect(phone()).toHaveLength(said);
	expect(bench.complaints).toEqual([]);
});

it("tells the scenario of an outage of three hours, with the half minute of grid in between", async () => {
	bench = await FlowBench.start("6-grid-outage-helper.json", {
		simulator: { packs: 1, cells: 16, probes: 1, capacityAh: 200 },
		bank: { gapMs: 5000 },
		start: new Date(2026, 5, 1, 17, 30),
	});
	bench.play("grid-outage");
	await bench.pass(4 * 3600);
	const titles = phone().map(({ title }) => title);
	expect(titles[0]).toBe("Grid is away");
	expect(titles.filter((title) => title === "Grid is away")).toHaveLength(2);
	expect(titles.filter((title) => title.startsWith("Grid is back after"))).toEqual([
		"Grid is back after 115 min",
		"Grid is back after 65 min",
	]);
	expect(bench.complaints).toEqual([]);
}, 60_000);

it("says that it does not know when the cable is pulled, and claims no time", async () => {
	bench = await start(80, 100, 20);
	await bench.pass(1800);
	await bench.press("Grid is away");
	await bench.control.pullCable("silent");
	await bench.until("the word", () => phone().length > 1, 3600);
	expect(phone()[1]).toMatchObject({ lasts: "unknown", minutesLeft: null });
	expect(phone()[1].message).toContain("Nobody can say");
});

it("answers a request for another time, and one that cannot be understood, in words", async () => {
	bench = await start(80, 100, 20);
	await bench.pass(1800);
	bench.arrivals.length = 0;
	await bench.tell("lasts until 22:30?", { until: "90 min", question: 7 });
	const [answer] = bench.at("what to say");
	expect(answer?.msg).toMatchObject({
		question: 7,
		topic: "rack-battery/bank/autonomy",
		payload: { lasts: "yes", until: new Date(2026, 5, 1, 22, 0).toISOString() },
	});
	await bench.tell("lasts until 22:30?", { until: "soon" });
	expect(bench.complaints).toEqual([expect.stringContaining('The time to last until must be like "22:30"')]);
	await bench.tell("lasts until 22:30?", { until: "2 h", language: "de" });
	expect(bench.at("what to say").at(-1)?.msg.payload.text).toMatch(/^Die Batterie reicht bis 22:30/);
});
