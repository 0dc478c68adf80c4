import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { FlowBench } from "../support/flow-bench.ts";

/** Flow 4: a fault at night. */

let bench: FlowBench;
afterEach(() => bench.end());

const FILE = "4-fault-contact.json";
const HOUR = 3600;
const phone = () => bench.payloads("to the phone");
const evidence = () => readdirSync(join(bench.folder, "evidence")).sort();

it("sheds at once, tells the cause, and keeps the last ten minutes of readings, at ten past two in the morning", async () => {
	bench = await FlowBench.start(FILE, {
		simulator: { cells: 4, probes: 1, capacityAh: 400 },
		bank: { gapMs: 3000 },
		start: new Date(2026, 5, 1, 22, 0),
	});
	bench.play("fault-at-night");
	await bench.until("the fault", () => bench.at("heavy loads").length > 0, 5 * HOUR);
	const time = new Date(bench.clock.now());
	expect(`${time.getHours()}:${time.getMinutes()}`).toBe("2:10");
	expect(bench.payloads("heavy loads")).toEqual([false]);
	expect(bench.at("heavy loads")[0]?.msg.action).toBe("homeassistant.turn_off");
	expect(phone()[0].title).toBe("Battery fault contact closed");
	expect(phone()[0].message).toMatch(/Fault contact 1\/2 closed \(.*cell.*\)/i);
	expect(bench.at("to the phone")[0]?.msg.data.data.push["interruption-level"]).toBe("critical");
	await bench.until("the battery's own records", () => bench.at("add them to the file").length > 0, 600);
	await bench.pass(20);
	expect(evidence()).toHaveLength(1);
	const { contact, readings, ...stored } = JSON.parse(readFileSync(join(bench.folder, "evidence", evidence()[0] ?? ""), "utf8"));
	// The battery's own records, or why they could not be read; never nothing.
	if (stored.records === null) expect(stored.recordsProblem).toMatch(/\w/);
	else expect(stored.records.length).toBeLessThanOrEqual(20);
	expect(contact.codes).toEqual(["cell"]);
	const times = readings.map(({ at }: { at: string }) => Date.parse(at));
	expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(9.5 * 60_000);
	expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(10 * 60_000);
	expect(new Set(readings.map(({ scope }: { scope: string }) => scope))).toEqual(new Set(["bank", "pack"]));
	await bench.until("the end", () => phone().length > 1, HOUR);
	expect(phone()[1].title).toBe("Battery fault contact open again");
	expect(phone()[1].message).toContain("It was closed for 50 min");
	await bench.pass(HOUR);
	expect(bench.payloads("heavy loads"), "nothing comes back by itself").toEqual([false]);
	expect(evidence()).toHaveLength(2);
	await bench.press("Loads on again");
	expect(bench.payloads("heavy loads")).toEqual([false, true]);
	expect(bench.complaints).toEqual([]);
}, 60_000);

it("tells of a fault once, and again after a restart that finds it", async () => {
	bench = await FlowBench.start(FILE, { simulator: { packs: 1, cells: 4, probes: 1 }, bank: { gapMs: 1000 } });
	await bench.pass(60);
	bench.control.setCondition(1, "protection.cell_overvoltage", true);
	await bench.until("the fault", () => phone().length > 0, 30);
	await bench.pass(600);
	expect(phone()).toHaveLength(1);
	await bench.restart(60);
	await bench.until("the fault, found", () => phone().length > 1, 120);
	await bench.pass(600);
	expect(bench.payloads("heavy loads")).toEqual([false, false]);
});

it("says nothing and switches nothing while the cable is pulled", async () => {
	bench = await FlowBench.start(FILE, { simulator: { packs: 1, cells: 4, probes: 1 }, bank: { gapMs: 1000 } });
	await bench.pass(60);
	await bench.control.pullCable("silent");
	await bench.pass(HOUR);
	expect(phone()).toEqual([]);
	expect(bench.payloads("heavy loads")).toEqual([]);
});
