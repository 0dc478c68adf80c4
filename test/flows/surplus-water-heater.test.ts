import { afterEach, expect, it } from "vitest";
import { FlowBench } from "../support/flow-bench.ts";

/** Flow 8: the heater follows the charge, and is off when nobody knows. */

let bench: FlowBench;
afterEach(() => bench.end());

const heater = () => bench.payloads("water heater");
const start = (stateOfCharge: number, loadW: number) =>
	FlowBench.start("8-surplus-water-heater.json", {
		simulator: { packs: 1, cells: 4, probes: 1, capacityAh: 100, stateOfCharge, loadW },
		bank: { gapMs: 3000 },
	});

it("switches on above 90 %, off when it would draw from the battery, and off below 85 %", async () => {
	bench = await start(80, -200);
	await bench.until("off at the start", () => heater().length === 1, 300);
	expect(heater()).toEqual([false]);
	await bench.until("90 %", () => (bench.snapshot?.totals?.value.stateOfCharge ?? 0) >= 90, 3 * 3600);
	const full = bench.clock.now();
	await bench.until("on", () => heater().length === 2, 3600);
	expect(heater()).toEqual([false, true]);
	expect(bench.since(full)).toBeGreaterThanOrEqual(295);
	expect(bench.at("water heater").at(-1)?.msg).toMatchObject({ action: "homeassistant.turn_on", entity: "switch.water_heater" });
	const on = bench.clock.now();
	bench.control.setLoad(700);
	await bench.until("off", () => heater().length === 3, 3600);
	// Not sooner than the shortest time on.
	expect(bench.since(on)).toBeGreaterThanOrEqual(599);
	expect(bench.complaints).toEqual([]);
}, 60_000);

it("goes off some minutes after the cable was pulled, and stays off until the levels allow it", async () => {
	bench = await start(95, 0);
	await bench.pass(900);
	expect(heater(), "between start and now nothing had to change").toEqual([]);
	await bench.control.pullCable("silent");
	const pulled = bench.clock.now();
	await bench.until("off", () => heater().length === 1, 1200);
	expect(heater()).toEqual([false]);
	expect(bench.since(pulled)).toBeGreaterThanOrEqual(300);
	expect(bench.since(pulled)).toBeLessThanOrEqual(480);
	await bench.pass(3600);
	expect(heater()).toHaveLength(1);
	await bench.control.plugCable();
	await bench.until("on again", () => heater().length === 2, 3600);
	expect(heater()).toEqual([false, true]);
}, 60_000);
