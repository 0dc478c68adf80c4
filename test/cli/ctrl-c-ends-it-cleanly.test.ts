import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defaultsOf, SIMULATOR_SETTINGS, type SimulatedLineServer, startSimulatedLine } from "../../src/index.ts";

/** The command line as a process of its own, ended by a signal in the middle of a long reading. */

const COMMAND_LINE = fileURLToPath(new URL("../../src/cli/rack-battery.ts", import.meta.url));
/** Conditions that come and go: each is a record. */
const CHANGES = 10;
const folder = mkdtempSync(join(tmpdir(), "rack-battery-ctrl-c-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let line: SimulatedLineServer;
const running = new Set<ReturnType<typeof spawn>>();
beforeEach(async () => {
	line = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), packs: 1, loadW: 0, baudRate: 19_200 });
	for (let n = 0; n < CHANGES; n += 1) line.control.setCondition(1, "alarm.cell_overvoltage", n % 2 === 0);
});
afterEach(async () => {
	for (const child of running) child.kill("SIGKILL");
	await line.stop();
});

function rackBattery(...args: readonly string[]) {
	const child = spawn(process.execPath, [COMMAND_LINE, ...args, "--port", line.port, "--data", folder], {
		stdio: ["ignore", "pipe", "pipe"],
	});
	running.add(child);
	let [out, errors] = ["", ""];
	child.stdout.on("data", (chunk: Buffer) => {
		out += chunk.toString();
	});
	child.stderr.on("data", (chunk: Buffer) => {
		errors += chunk.toString();
	});
	const ended = once(child, "close").then(([code]: unknown[]) => {
		running.delete(child);
		return code;
	});
	return {
		ended,
		out: () => out,
		errors: () => errors,
		stop: (signal: NodeJS.Signals) => child.kill(signal),
		/** Until so many lines were printed. */
		async printed(lines: number): Promise<void> {
			while (out.split("\n").length <= lines) await once(child.stdout, "data");
		},
	};
}
const stored = () => line.control.state().packs[0]?.records ?? 0;
const rows = (text: string) => text.split("\n").slice(0, -1);

describe("Ctrl-C in the middle of the records", { timeout: 60_000 }, () => {
	it.each(["SIGINT", "SIGTERM"] as const)("(%s) ends the reading, with what was read until then whole and in order", async (signal) => {
		const command = rackBattery("records", "--json");
		await command.printed(3);
		command.stop(signal);
		expect(await command.ended).toBe(130);
		expect(command.out().endsWith("\n")).toBe(true);
		const read = rows(command.out()).map((row) => JSON.parse(row).index);
		expect(read).toEqual(read.map((_: number, index: number) => index));
		expect(read.length).toBeGreaterThanOrEqual(3);
		expect(read.length).toBeLessThan(stored());
		expect(command.errors()).toContain(`${read.length} records read, ended by Ctrl-C.`);
		expect(command.errors()).not.toMatch(/\n\s+at /);
	});

	it.each(["kept.jsonl", "kept.csv"])("leaves %s whole, and it is gone on with to the last", async (name) => {
		const file = join(folder, name);
		const command = rackBattery("records", "--resume", file);
		const lines = () => {
			try {
				return rows(readFileSync(file, "utf8"));
			} catch {
				return [];
			}
		};
		await vi.waitFor(() => expect(lines().length).toBeGreaterThanOrEqual(4), { timeout: 10_000, interval: 10 });
		command.stop("SIGINT");
		expect(await command.ended).toBe(130);
		const first = readFileSync(file, "utf8");
		expect(first.endsWith("\n")).toBe(true);
		const count = rows(first).length;
		const rest = rackBattery("records", "--resume", file);
		expect(await rest.ended).toBe(0);
		const whole = readFileSync(file, "utf8");
		expect(whole.startsWith(first)).toBe(true);
		const isCsv = name.endsWith(".csv");
		const indices = rows(whole)
			.slice(isCsv ? 1 : 0)
			.map((row) => (isCsv ? Number(row.split(",")[0]) : JSON.parse(row).index));
		expect(indices).toEqual(Array.from({ length: stored() }, (_, index) => index));
		expect(rows(whole).length).toBeGreaterThan(count);
	});

	it("while the line is being opened, or nobody answers, ends it just the same", async () => {
		const asked = line.bank?.model.askedAt ?? 0;
		line.control.faults.set("silence");
		const command = rackBattery("records", "--json");
		await vi.waitFor(() => expect(line.bank?.model.askedAt).toBeGreaterThan(asked), { timeout: 10_000, interval: 10 });
		command.stop("SIGINT");
		expect(await command.ended).toBe(130);
		expect(JSON.parse(command.out())).toMatchObject({ error: { code: "cancelled" } });
	});
});
