import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/logger.ts";
import { createJsonFile } from "../../src/storage/json-file.ts";
import { ManualClock } from "../support/manual-clock.ts";

let folder: string;
let errors: string[];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "json-file-"));
	errors = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const parse = (document: unknown) => {
	if (typeof document !== "number") throw new Error("no number");
	return document;
};
const file = (name = "deep/er/count") =>
	createJsonFile({
		base: join(folder, name),
		what: "The count",
		parse,
		logger: { ...silentLogger, error: (text) => errors.push(text) },
		clock: new ManualClock(7),
	});

describe("one value in a file", () => {
	it("is null before the first saving and there again afterwards, in folders made for it", async () => {
		expect(await file().load()).toBeNull();
		await file().save(1);
		expect(await file().load()).toBe(1);
	});

	it("is updated without another access in between", async () => {
		const one = file();
		await Promise.all(Array.from({ length: 20 }, () => one.update((kept) => (kept ?? 0) + 1)));
		expect(await one.load()).toBe(20);
	});

	it("is not touched when the change throws, and later accesses go on", async () => {
		const one = file();
		await one.save(3);
		await expect(
			one.update(() => {
				throw new Error("no");
			}),
		).rejects.toThrow("no");
		expect(await one.load()).toBe(3);
	});

	it("is taken from the backup when the file is damaged, which is put aside with a word about it", async () => {
		const one = file("count");
		await one.save(1);
		await one.save(2);
		await writeFile(join(folder, "count.json"), "{");
		expect(await one.load()).toBe(1);
		expect(errors).toHaveLength(1);
		expect(errors[0]).toMatch(/^The count in .*count\.json cannot be used .* kept as .*count\.json\.damaged-7\.$/);
		expect((await readdir(folder)).sort()).toEqual(["count.backup.json", "count.json.damaged-7"]);
		expect(await readFile(join(folder, "count.json.damaged-7"), "utf8")).toBe("{");
	});
});
