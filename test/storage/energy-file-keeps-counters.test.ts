import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BankOrigin } from "../../src/bms/battery/snapshot.ts";
import { type Logger, silentLogger } from "../../src/logger.ts";
import { createEnergyFile } from "../../src/storage/energy-file.ts";
import { ManualClock } from "../support/manual-clock.ts";

let folder: string;
let errors: string[];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "energy-"));
	errors = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function energyFile(origin: BankOrigin = "real", inFolder = folder) {
	const logger: Logger = { ...silentLogger, error: (text) => errors.push(text) };
	return createEnergyFile({ folder: inFolder, origin, logger, clock: new ManualClock() });
}

const ONE = { 1: { charged: 1.25, discharged: 2 } };
const MORE = { 1: { charged: 1.5, discharged: 2 }, 2: { charged: 0.125, discharged: 0 } };

describe("energy counters in a file", () => {
	it("are there again after a restart", async () => {
		await energyFile().save("bank", MORE);
		expect(await energyFile().load("bank")).toEqual(MORE);
		expect(errors).toEqual([]);
	});

	it("are null before the first saving, also without a folder", async () => {
		expect(await energyFile().load("bank")).toBeNull();
		expect(await energyFile("real", join(folder, "none")).load("bank")).toBeNull();
	});

	it("are kept apart for every bank and for real, simulated and replayed ones", async () => {
		await energyFile("real").save("bank", ONE);
		await energyFile("simulated").save("bank", MORE);
		expect(await energyFile("real").load("bank")).toEqual(ONE);
		expect(await energyFile("simulated").load("bank")).toEqual(MORE);
		expect(await energyFile("replayed").load("bank")).toBeNull();
		expect(await energyFile("real").load("other")).toBeNull();
	});

	it("never become lower on disk, nor lose a pack", async () => {
		await energyFile().save("bank", MORE);
		await energyFile().save("bank", { 1: { charged: 0.5, discharged: 9 } });
		expect(await energyFile().load("bank")).toEqual({ ...MORE, 1: { charged: 1.5, discharged: 9 } });
	});

	it("leave the version before as a backup, and nothing else behind", async () => {
		const file = energyFile();
		await file.save("bank", ONE);
		await file.save("bank", MORE);
		expect((await readdir(folder)).sort()).toEqual(["energy-bank-real.backup.json", "energy-bank-real.json"]);
		expect(JSON.parse(await readFile(join(folder, "energy-bank-real.backup.json"), "utf8"))).toMatchObject({ packs: ONE });
	});

	it("are taken from the backup when the file is missing, as after a stop between the two steps", async () => {
		const file = energyFile();
		await file.save("bank", ONE);
		await file.save("bank", MORE);
		await rm(join(folder, "energy-bank-real.json"));
		expect(await file.load("bank")).toEqual(ONE);
		await file.save("bank", MORE);
		expect(await file.load("bank")).toEqual(MORE);
	});

	it.each([
		["half a file", '{"version":1,"bank":"bank","pa'],
		["an empty file", ""],
		["other JSON", "[1,2]"],
		["null", "null"],
		["a negative counter", JSON.stringify({ version: 1, bank: "bank", origin: "real", packs: { 1: { charged: -1, discharged: 0 } } })],
		["a strange address", JSON.stringify({ version: 1, bank: "bank", origin: "real", packs: { x: { charged: 1, discharged: 0 } } })],
		["another bank's file", JSON.stringify({ version: 1, bank: "garage", origin: "real", packs: {} })],
		["a later version", JSON.stringify({ version: 2, bank: "bank", origin: "real", packs: {} })],
	])("%s is put aside with a clear error and the backup used", async (_, text) => {
		const file = energyFile();
		await file.save("bank", ONE);
		await file.save("bank", MORE);
		await writeFile(join(folder, "energy-bank-real.json"), text);
		expect(await file.load("bank")).toEqual(ONE);
		expect(errors).toHaveLength(1);
		expect(errors[0]).toMatch(/energy-bank-real\.json cannot be used .* was kept as .*damaged/);
		const aside = (await readdir(folder)).find((name) => name.includes("damaged")) ?? "";
		expect(await readFile(join(folder, aside), "utf8")).toBe(text);
		await file.save("bank", MORE);
		expect(await energyFile().load("bank")).toEqual(MORE);
	});

	it("reject when they cannot be read, and are then not overwritten", async () => {
		await mkdir(join(folder, "energy-bank-real.json"));
		await expect(energyFile().load("bank")).rejects.toThrow(/cannot be read/);
		await expect(energyFile().save("bank", ONE)).rejects.toThrow(/cannot be read/);
		expect(await readdir(folder)).toEqual(["energy-bank-real.json"]);
	});

	it("refuse counters that are no numbers", async () => {
		const file = energyFile();
		await file.save("bank", ONE);
		await expect(file.save("bank", { 1: { charged: Number.NaN, discharged: 0 } })).rejects.toThrow(/pack 1/);
		expect(await file.load("bank")).toEqual(ONE);
	});

	it("survive many savings at once", async () => {
		const file = energyFile();
		const savings = Array.from({ length: 20 }, (_, index) => file.save("bank", { 1: { charged: index, discharged: 0 } }));
		await Promise.all(savings);
		expect(await file.load("bank")).toEqual({ 1: { charged: 19, discharged: 0 } });
		expect((await readdir(folder)).some((name) => name.endsWith(".tmp"))).toBe(false);
	});
});
