import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { BANK_SETTINGS, type Bank, defaultsOf, gapAtFactor, openBank, silentLogger } from "../../src/index.ts";
import type { SimulatorSettings } from "../../src/simulator/options.ts";
import { readyScenario } from "../../src/simulator/ready-scenarios.ts";
import { ScaledClock } from "../../src/simulator/scaled-clock.ts";
import { type SimulatedLineDeps, type SimulatedLineServer, startSimulatedLine } from "../../src/simulator/tcp-line.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { quiet } from "./simulated.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});

async function start(settings: Partial<SimulatorSettings>, deps: SimulatedLineDeps = {}): Promise<SimulatedLineServer> {
	const line = await startSimulatedLine(quiet({ answerDelayMs: 0, baudRate: 0, ...settings }), deps);
	open.push({ close: () => line.stop() });
	return line;
}

function read(line: SimulatedLineServer, timeFactor: number): Bank {
	const settings = defaultsOf(BANK_SETTINGS);
	const bank = openBank(
		{ ...settings, port: line.port, gapMs: gapAtFactor(settings.gapMs, timeFactor) },
		{ origin: "simulated", logger: silentLogger, clock: line.clock, storageClock: systemClock },
	);
	open.push(bank);
	return bank;
}

/** Resolves with the first snapshot that fits. */
function until(bank: Bank, fits: (snapshot: Bank["snapshot"]) => boolean): Promise<Bank["snapshot"]> {
	return new Promise((resolve) => {
		const stop = bank.subscribe((snapshot) => {
			if (!fits(snapshot)) return;
			stop();
			resolve(snapshot);
		});
	});
}

describe("a served line", () => {
	it("lives in the world's time unless it is told otherwise", async () => {
		const line = await start({});
		expect(line.clock).toBe(systemClock);
	});

	it("begins its scenario with the first question, on a clock of the scenario's own", async () => {
		const line = await start({ scenario: "fault-at-night" });
		expect(new Date(line.clock.now()).getHours()).toBe(22);
		expect(line.control.state().scenario).toBeNull();
		const bank = read(line, 1);
		const snapshot = await until(bank, ({ totals }) => totals !== null);
		expect(line.control.state().scenario).toMatchObject({ name: "fault-at-night", state: "running" });
		expect(snapshot.totals?.value.stateOfCharge).toBe(65);
		expect(Math.abs(snapshot.at - new Date("2026-06-01T22:00:00").getTime())).toBeLessThan(60_000);
	});

	it("counts energy and ages in its own, faster seconds, without a single failure on the line", async () => {
		const timeFactor = 300;
		const line = await start({ loadW: 1000, timeFactor, baudRate: 9600, answerDelayMs: 30 }, { readerKeepsTime: true });
		expect(line.clock).toBeInstanceOf(ScaledClock);
		const bank = read(line, timeFactor);
		const began = await until(bank, ({ totals }) => totals !== null);
		const realBegan = performance.now();
		const ended = await until(bank, ({ at }) => at - began.at >= 20 * 60_000);
		const hours = (ended.at - began.at) / 3_600_000;
		const discharged = (ended.energy?.discharged ?? 0) - (began.energy?.discharged ?? 0);
		expect(discharged / hours).toBeGreaterThan(0.97);
		expect(discharged / hours).toBeLessThan(1.03);
		// 20 minutes cannot have been less than 4 s of the world.
		expect(performance.now() - realBegan).toBeGreaterThan(3_900);
		expect(ended.link.failures).toEqual({ timeout: 0, frame: 0, rejected: 0, decode: 0, implausible: 0 });
		expect(ended.link.reconnects).toBe(0);
		// A question every 0.6 s and an answer at once; at the pace of the wire it would be 1450.
		expect(ended.link.replies - began.link.replies).toBeGreaterThan(1700);
		expect(ended.packs.every(({ presence, telemetry }) => presence === "live" && telemetry?.stale === false)).toBe(true);
	});

	it("keeps the wire's pace for readers who live in the world's time, while the battery goes faster", async () => {
		const line = await start({ loadW: 600, timeFactor: 600, baudRate: 9600 });
		const bank = read({ ...line, clock: systemClock }, 1);
		const first = await until(bank, ({ totals }) => totals !== null);
		const charge = first.totals?.value.stateOfCharge ?? 0;
		expect(charge).toBeGreaterThan(40);
		const later = await until(bank, ({ totals }) => totals !== null && (totals.value.stateOfCharge ?? 100) <= charge - 2);
		// Two percent of 10 kWh at 600 W are 20 minutes: in the world's time it was less.
		expect(later.at - first.at).toBeLessThan(15_000);
		// 42h of one pack and 44h of both, with their gaps, are at most four and a half exchanges a second at 9600 baud.
		expect(later.link.replies - first.link.replies).toBeLessThan(5 * ((later.at - first.at) / 1000 + 1));
		expect(later.link.failures.timeout).toBe(0);
	});

	it.each([1, 10])("leaves no timer when it stops, at %d x", async (timeFactor) => {
		const world = new ManualClock();
		const line = await start({ timeFactor }, { clock: world, readerKeepsTime: true });
		line.control.startScenario(readyScenario("normal-day"));
		if (timeFactor > 1) line.clock.after(5_000, () => {});
		expect(world.pending).toBeGreaterThan(0);
		await line.stop();
		expect(world.pending).toBe(0);
	});

	it("plays a scenario from a file, and says everything that is wrong with it", async () => {
		const folder = mkdtempSync(join(tmpdir(), "rack-battery-scenario-"));
		open.push({ close: () => rm(folder, { recursive: true, force: true }) });
		const file = (name: string, text: string) => {
			writeFileSync(join(folder, name), text);
			return join(folder, name);
		};
		const good = file("good.json", '\uFEFF{"name": "good", "seed": 5, "steps": [{"at": 0, "do": "load", "watts": 321}]}');
		const line = await start({ scenario: good });
		await until(read(line, 1), ({ totals }) => totals !== null);
		expect(line.control.state()).toMatchObject({ loadW: 321, scenario: { name: "good", state: "ended" } });
		const refused = (scenario: string, settings: Partial<SimulatorSettings> = {}) =>
			expect(startSimulatedLine(quiet({ scenario, ...settings }))).rejects;
		const bad = file("bad.json", '{"name": "bad", "steps": [{"at": "x", "do": "plug"}, {"at": 1, "do": "jump"}]}');
		await refused(bad).toMatchObject({ kind: "config", context: { problems: [{ path: "step 1, at" }, { path: "step 2, do" }] } });
		await refused(file("no.json", "{")).toThrow("is not JSON");
		await refused(join(folder, "missing.json")).toThrow("cannot be read");
		await refused("no-such").toThrow('There is no scenario "no-such"; ready to play are normal-day');
		await refused("pack-lost-and-back", { packs: 1 }).toThrow("there is no pack 2; this bank has 1");
		await refused("normal-day", { replay: "captured.json" }).toThrow("has no scenario");
		await refused("", { replay: "captured.json", timeFactor: 2 }).toThrow("no other time");
	});
});

describe("the pause between two requests", () => {
	it("is the bank's own at 1 x, and longer the faster time runs", () => {
		expect([1, 10, 60, 200, 600].map((factor) => gapAtFactor(50, factor))).toEqual([50, 50, 120, 400, 800]);
		expect(gapAtFactor(5000, 600)).toBe(5000);
	});
});
