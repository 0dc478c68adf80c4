import { afterEach, describe, expect, it } from "vitest";
import { FlowBench } from "../support/flow-bench.ts";

/** Flows 9 and 10: what they say about the battery, and when. */

let bench: FlowBench;
afterEach(() => bench.end());

const LIGHT = { packs: 1, cells: 4, probes: 1, capacityAh: 100 };
const HOUR = 3600;
const phone = () => bench.payloads("to the phone");

describe("daily energy report", () => {
	it("comes after 21:00 with what was charged and discharged since the last, and again the next evening", async () => {
		bench = await FlowBench.start("10-daily-energy-report.json", {
			simulator: { ...LIGHT, stateOfCharge: 90, loadW: 20 },
			bank: { gapMs: 5000 },
			start: new Date(2026, 5, 1, 17, 0),
		});
		await bench.until("the first report", () => phone().length > 0, 5 * HOUR);
		expect(new Date(bench.clock.now()).getHours()).toBe(21);
		expect(new Date(bench.clock.now()).getMinutes()).toBe(0);
		// 20 W for four hours, from the first reading on.
		expect(phone()[0].discharged).toBeCloseTo(0.08, 2);
		expect(phone()[0].charged).toBe(0);
		expect(phone()[0].message).toMatch(/^Since Mon Jun 01 2026 17:00: 0\.0 kWh charged, 0\.1 kWh discharged\. Now \d\d %\. \[simulated\]$/);
		expect(bench.complaints).toEqual([]);
		bench.control.setLoad(-50);
		await bench.pass(4 * HOUR);
		bench.control.setLoad(0);
		// A night and a day in which nothing is heard change nothing.
		await bench.control.pullCable("dropped");
		await bench.pass(19 * HOUR);
		await bench.control.plugCable();
		await bench.until("the second report", () => phone().length > 1, 2 * HOUR);
		expect(new Date(bench.clock.now()).getHours()).toBe(21);
		expect(phone()[1].charged).toBeCloseTo(0.2, 1);
	}, 60_000);

	it("says nothing while nothing is known, and then since when it counts", async () => {
		bench = await FlowBench.start("10-daily-energy-report.json", {
			simulator: { ...LIGHT, stateOfCharge: 90, loadW: 20 },
			bank: { gapMs: 5000 },
			start: new Date(2026, 5, 1, 20, 30),
		});
		await bench.pass(600);
		await bench.control.pullCable("silent");
		await bench.pass(HOUR);
		expect(phone()).toEqual([]);
		await bench.control.plugCable();
		await bench.until("the report", () => phone().length > 0, 600);
		expect(phone()[0].message).toContain("Since Mon Jun 01 2026 20:30");
	});
});

describe("cell spread and full charge", () => {
	it("says how far apart the cells are when a pack becomes full, with the cells that are", async () => {
		bench = await FlowBench.start("9-cell-spread-and-full-charge.json", {
			simulator: { ...LIGHT, stateOfCharge: 97, loadW: -500 },
			bank: { gapMs: 2000 },
		});
		await bench.until("full", () => phone().length > 0, 4 * HOUR);
		expect(phone()[0].message).toMatch(/^Cells are \d+ mV apart: cell \d \d\.\d{3} V, cell \d \d\.\d{3} V\. \[simulated\]$/);
		expect(phone()[0]).toMatchObject({ pack: 1 });
		const said = phone().length;
		await bench.pass(HOUR);
		expect(phone().length, "once a charge").toBe(said);
	});

	it("warns when they are far apart", async () => {
		bench = await FlowBench.start("9-cell-spread-and-full-charge.json", {
			simulator: { ...LIGHT, stateOfCharge: 80, loadW: 20 },
			bank: { gapMs: 2000 },
		});
		await bench.pass(60);
		bench.control.setCell(1, 2, 3.1);
		bench.control.setCondition(1, "protection.fully", true);
		await bench.until("the warning", () => phone().length > 0, 120);
		expect(phone()[0].title).toBe("Warning: cells of pack 1 are far apart");
		expect(phone()[0].message).toContain("cell 2 3.100 V");
	});

	it("reminds after two weeks without a full charge, once a day, also when nothing was heard meanwhile", async () => {
		bench = await FlowBench.start("9-cell-spread-and-full-charge.json", {
			simulator: { ...LIGHT, stateOfCharge: 60, loadW: 0 },
			bank: { gapMs: 5000 },
		});
		await bench.pass(600);
		await bench.control.pullCable("dropped");
		await bench.pass(13 * 24 * HOUR);
		await bench.control.plugCable();
		await bench.pass(600);
		expect(phone()).toEqual([]);
		await bench.control.pullCable("dropped");
		await bench.pass(24 * HOUR);
		await bench.control.plugCable();
		await bench.until("the reminder", () => phone().length > 0, 600);
		expect(phone()[0]).toMatchObject({ title: "Battery not full for 14 days", days: 14 });
		await bench.pass(2 * HOUR);
		expect(phone()).toHaveLength(1);
	}, 60_000);
});
