import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../src/bms/command/command-store.ts";
import { silentLogger } from "../../src/logger.ts";
import { createAdminPassword } from "../../src/storage/admin-password.ts";
import { createAuditLog } from "../../src/storage/audit-log.ts";
import { createCommandFiles } from "../../src/storage/command-files.ts";
import { ManualClock } from "../support/manual-clock.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "rack-battery-commands-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const entry = (text: string): AuditEntry => ({
	at: "2026-11-29T12:00:00.000Z",
	bank: "bank",
	origin: "simulated",
	caller: { kind: "cli", id: "me" },
	phase: "ended",
	command: "switch",
	class: "comfort",
	pack: 1,
	arguments: {},
	code: "ok",
	text,
});
const files = (changes: { readonly bank?: string; readonly origin?: "real" | "simulated" } = {}) =>
	createCommandFiles({ folder, bank: "bank", origin: "simulated", logger: silentLogger, clock: new ManualClock(), ...changes });

describe("the administrator's password", () => {
	it("is kept as a salted hash that only its owner may read", async () => {
		const password = createAdminPassword(join(folder, "new"));
		expect([await password.isSet(), await password.isRight("")]).toEqual([false, false]);
		await password.set("correct horse");
		const file = join(folder, "new", "admin-password.json");
		const first = readFileSync(file, "utf8");
		expect(first).not.toContain("horse");
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(await Promise.all(["correct horse", "correct horsf", "", "correct horse "].map((word) => password.isRight(word)))).toEqual([
			true,
			false,
			false,
			false,
		]);
		await password.set("correct horse");
		expect(readFileSync(file, "utf8")).not.toBe(first);
		expect(readdirSync(join(folder, "new"))).toEqual(["admin-password.json"]);
	});

	it("in a damaged file is not gone: nobody may set a new one over it", async () => {
		writeFileSync(join(folder, "admin-password.json"), "{}");
		const password = createAdminPassword(folder);
		await expect(password.isSet()).rejects.toThrow(/damaged/);
		await expect(password.isRight("x")).rejects.toThrow(/damaged/);
	});
});

describe("the audit log", () => {
	it("only grows, tells the newest first, and keeps the file before the last", async () => {
		const log = createAuditLog({ folder, bank: "bank", origin: "simulated", largestBytes: 600 });
		await Promise.all(["a", "b", "c", "d", "e", "f", "g"].map((text) => log.append(entry(text))));
		expect((await log.last(2)).map(({ text }) => text)).toEqual(["g", "f"]);
		expect(readdirSync(folder).sort()).toEqual(["audit-bank-simulated.1.jsonl", "audit-bank-simulated.jsonl"]);
		const all = (await log.last(100)).map(({ text }) => text);
		expect(all).toEqual(["g", "f", "e", "d", "c", "b", "a"].slice(0, all.length));
		expect(all.length).toBeGreaterThan(3);
	});

	it("passes over a line that was broken off", async () => {
		const log = createAuditLog({ folder, bank: "bank", origin: "simulated" });
		await log.append(entry("a"));
		writeFileSync(join(folder, "audit-bank-simulated.jsonl"), `${JSON.stringify(entry("a"))}\n{"at":"20`);
		expect((await log.last(5)).map(({ text }) => text)).toEqual(["a"]);
	});
});

describe("saves of parameters", () => {
	const save = (pack: number, sleepDelay: number) => ({
		bank: "bank",
		origin: "simulated" as const,
		pack,
		at: "2026-11-29T12:00:00.000Z",
		reason: "write-parameters",
		firmware: "P16S",
		bmsSerial: null,
		packSerial: null,
		values: { sleepDelay },
	});

	it("are files of their own, newest first, by pack, bank and origin", async () => {
		const { saves } = files();
		const ids = [await saves.add(save(1, 5)), await saves.add(save(1, 6)), await saves.add(save(2, 7))];
		expect(ids).toEqual(["pack1-20261129T120000Z", "pack1-20261129T120000Z-2", "pack2-20261129T120000Z"]);
		expect((await files().saves.list(1)).map(({ id, values }) => [id, values.sleepDelay])).toEqual([
			[ids[1], 6],
			[ids[0], 5],
		]);
		expect(await files({ origin: "real" }).saves.list(1)).toEqual([]);
		expect(await files({ bank: "shed" }).saves.list(1)).toEqual([]);
	});

	it("that are damaged, strange or another's are left out and left alone", async () => {
		const { saves } = files();
		await saves.add(save(1, 5));
		const place = join(folder, "parameters-bank-simulated");
		const sound = readFileSync(join(place, "pack1-20261129T120000Z.json"), "utf8");
		const broken = [
			"{",
			"null",
			sound.replace('"version": 1', '"version": 2'),
			sound.replace("sleepDelay", "__proto__x"),
			sound.replace('"bank": "bank"', '"bank": "b"'),
			sound.replace(": 5", ': "5"'),
		];
		for (const [n, text] of broken.entries()) writeFileSync(join(place, `pack1-20261130T12000${n}Z.json`), text);
		expect(await saves.list(1)).toHaveLength(1);
		expect(readdirSync(place)).toHaveLength(1 + broken.length);
	});
});

it("what was seen of a switch is kept", async () => {
	await files().confirmed.save({ "1.ledAlarm": { polarity: "reversed", serial: "B1" } });
	expect(await files().confirmed.load()).toEqual({ "1.ledAlarm": { polarity: "reversed", serial: "B1" } });
});
