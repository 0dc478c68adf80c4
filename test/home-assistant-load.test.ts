import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GROUPS } from "../src/discovery/groups.ts";
import { MQTT_SETTINGS } from "../src/discovery/options.ts";
import { namesOf } from "../src/discovery/topics.ts";
import { defaultsOf } from "../src/settings.ts";
import { countMessages, kindOf, totalOf } from "../tools/home-assistant/load/message-counts.ts";
import { parseStat, ticksOfTree } from "../tools/home-assistant/load/process-time.ts";
import { growthOf, recorderSize } from "../tools/home-assistant/load/recorder-size.ts";
import { leftOut, report } from "../tools/home-assistant/load/report.ts";
import { DEAD_BANDS_OFF, serverOptions, VARIANTS } from "../tools/home-assistant/load/variants.ts";
import { windowStart } from "../tools/home-assistant/load/window.ts";

const NAMES = namesOf({ id: "bank", name: "Battery bank", origin: "simulated" }, defaultsOf(MQTT_SETTINGS));

describe("messages are told apart", () => {
	it.each(Object.keys(GROUPS) as (keyof typeof GROUPS)[])("values: %s", (group) => {
		expect(kindOf(NAMES.state("bank", group))).toBe(group);
		expect(kindOf(NAMES.state(7, group))).toBe(group);
	});

	it.each([
		[NAMES.bridgeState, "availability"],
		[NAMES.availability(3), "availability"],
		[NAMES.event("bank"), "event"],
		[NAMES.config(3), "announcement"],
		["homeassistant/status", "other"],
		["somebody/else", "other"],
	])("%s is %s", (topic, kind) => {
		expect(kindOf(topic)).toBe(kind);
	});

	it("and counted with the bytes of their payloads", () => {
		const live = NAMES.state(1, "live");
		const counts = countMessages([
			{ topic: live, payload: "12345" },
			{ topic: live, payload: "°" },
			{ topic: NAMES.event(1), payload: "{}" },
		]);
		expect(counts.get("live")).toEqual({ messages: 2, bytes: 7 });
		expect(totalOf(counts)).toEqual({ messages: 3, bytes: 9 });
		expect(totalOf(countMessages([]))).toEqual({ messages: 0, bytes: 0 });
	});
});

describe("processor time", () => {
	it("is read behind a name with blanks and brackets", () => {
		const line = "4711 (hass (main) x) S 12 4711 12 0 -1 4194304 1 2 3 4 100 20 3 4 20 0 31 0 5 6 7";
		expect(parseStat(line)).toEqual({ pid: 4711, parent: 12, ticks: 127 });
	});

	it.each(["", "4711", "4711 (hass) S 12"])("is not made up from %j", (line) => {
		expect(parseStat(line)).toBeNull();
	});

	it("is that of a process and all below it, and of nobody else", () => {
		const processes = [
			{ pid: 30, parent: 20, ticks: 4 },
			{ pid: 10, parent: 1, ticks: 1 },
			{ pid: 20, parent: 10, ticks: 2 },
			{ pid: 11, parent: 1, ticks: 1000 },
		];
		expect(ticksOfTree(10, processes)).toBe(7);
		expect(ticksOfTree(99, processes)).toBe(0);
	});
});

describe("the time to measure", () => {
	const at = (clock: string) => Date.parse(`2026-11-29T${clock}Z`);
	const startOf = (clock: string, minutes = 10) => new Date(windowStart(at(clock), minutes)).toISOString().slice(11, 19);

	it.each([
		["10:02:00", "10:02:00"],
		["10:05:10", "10:06:00"],
		["10:04:45", "10:06:00"],
		["10:48:00", "10:48:00"],
		["10:52:00", "11:01:00"],
		["10:59:50", "11:01:00"],
		["11:00:00", "11:01:00"],
	])("from %s on begins at %s", (now, start) => {
		expect(startOf(now)).toBe(start);
	});

	it("never has a full hour in it, nor its ends at the five minutes' statistics", () => {
		for (let second = 0; second < 3600; second += 7) {
			for (const minutes of [1, 5, 10, 50]) {
				const now = at("10:00:00") + second * 1000;
				const start = windowStart(now, minutes);
				expect(start).toBeGreaterThanOrEqual(now);
				expect(Math.floor(start / 3_600_000)).toBe(Math.floor((start + minutes * 60_000) / 3_600_000));
				expect(start % 300_000).toBeGreaterThanOrEqual(60_000);
			}
		}
	});
});

describe("the recorder's database", () => {
	let folder: string;
	let file: string;
	let database: DatabaseSync;
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), "rack-battery-load-"));
		file = join(folder, "recorder.db");
		database = new DatabaseSync(file);
		database.exec(
			"PRAGMA journal_mode=WAL; CREATE TABLE states (id INTEGER PRIMARY KEY, state TEXT); CREATE INDEX by_state ON states (state)",
		);
	});
	afterEach(async () => {
		database.close();
		await rm(folder, { recursive: true, force: true });
	});

	it("is measured with what is still in its log, indexes with their table", () => {
		const before = recorderSize(file);
		const add = database.prepare("INSERT INTO states (state) VALUES (?)");
		for (let row = 0; row < 1000; row++) add.run(String(row).padStart(100, "0"));
		const after = recorderSize(file);
		const growth = growthOf("states", before, after);
		expect(growth.rows).toBe(1000);
		// A hundred bytes in the table and once more in the index.
		expect(growth.bytes).toBeGreaterThan(200_000);
		expect(after.bytes - before.bytes).toBe(growth.bytes);
		expect(growthOf("not there", before, after)).toEqual({ rows: 0, bytes: 0 });
	});
});

describe("the houses", () => {
	it("have the dead bands off by every setting there is", () => {
		expect(DEAD_BANDS_OFF).toEqual({
			"mqtt.cellDeadBandMv": 0,
			"mqtt.currentDeadBand": 0,
			"mqtt.temperatureDeadBand": 0,
			"mqtt.voltageDeadBand": 0,
		});
		expect(serverOptions({ load: "rest", deadBands: true, allEntities: true })).toEqual([
			"--set",
			"simulator.packs=15",
			"--set",
			"simulator.loadW=0",
			"--set",
			"simulator.flickerDigits=1",
		]);
		expect(serverOptions({ load: "switched", deadBands: false, allEntities: true })).toContain("mqtt.cellDeadBandMv=0");
	});

	it("are left out, and named, when the battery was away meanwhile", () => {
		const empty = { bytes: 0, tables: new Map() };
		const [first, second] = [VARIANTS[1] ?? expect.fail("no variant"), VARIANTS[2] ?? expect.fail("no variant")];
		const measured = (variant: typeof first, topic: string) => ({
			variant,
			...{ minutes: 10, entities: 1, cpuSeconds: 1, before: empty, after: empty },
			messages: [{ topic, payload: "x" }],
		});
		const clean = measured(first, NAMES.state(1, "live"));
		expect(leftOut([clean, measured(second, NAMES.event(1))])).toEqual([]);
		for (const topic of [NAMES.availability(4), NAMES.bridgeState, NAMES.state(2, "status")]) {
			const interrupted = measured(second, topic);
			expect(leftOut([clean, interrupted])).toEqual([second.name]);
			const text = report([clean, interrupted], []);
			expect(text).toContain(`the battery was away for a while: ${second.name}.`);
			expect(text).toContain(`| ${first.name} |`);
			expect(text).not.toContain(`| ${second.name} |`);
		}
	});

	it("are reported with everything by the hour extrapolated, and said so", () => {
		const size = (rows: number) => ({
			bytes: rows * 200,
			tables: new Map([
				["states", { rows, bytes: rows * 100 }],
				["statistics_short_term", { rows: rows / 2, bytes: rows * 50 }],
			]),
		});
		const variant = VARIANTS[1] ?? expect.fail("no variant");
		const messages = Array.from({ length: 25 }, () => ({ topic: NAMES.state(1, "live"), payload: "x".repeat(1000) }));
		const measured = { variant, minutes: 10, entities: 1234, messages, cpuSeconds: 12, before: size(1000), after: size(3000) };
		const lines = report([measured], ["Measured."]).split("\n");
		expect(lines.join("\n")).toContain("extrapolated from 10 minutes");
		expect(lines).toContain("| at rest | 1,234 | 2.5 | 2.5 | 1.20 | 12,000 | 6,000 | 2.4 | 1.2 | 0.60 |");
		expect(lines).toContain("| at rest | 2.5 |");
		// 2.4 MB an hour for 240 hours; 6,000 rows in 12 runs an hour are 500 statistics of 100 bytes, 8,760 times a year.
		expect(lines).toContain("| at rest | 576 | 500 | 438 |");
	});
});
