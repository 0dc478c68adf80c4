import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { PARAMETER_KEYS } from "../../src/bms/battery/parameters.ts";
import { clock } from "../../src/cli/clock.ts";
import { identify } from "../../src/cli/identify.ts";
import { inverter } from "../../src/cli/inverter.ts";
import { clearRecords, restoreDefaults, shutdown } from "../../src/cli/maintenance.ts";
import { parameters } from "../../src/cli/parameters.ts";
import { password } from "../../src/cli/password.ts";
import { records } from "../../src/cli/records.ts";
import { switchCommand } from "../../src/cli/switch.ts";
import { defaultsOf, SIMULATOR_SETTINGS, type SimulatedLineServer, startSimulatedLine } from "../../src/index.ts";
import { type CliCommand, runCli } from "./run-cli.ts";

/** Subcommands that ask a battery, against the simulator over a TCP line of this machine. */

const root = mkdtempSync(join(tmpdir(), "rack-battery-cli-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let line: SimulatedLineServer;
let folder = "";

beforeEach(async () => {
	folder = mkdtempSync(join(root, "run-"));
	line = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), baudRate: 0, answerDelayMs: 0 });
});
afterEach(() => line.stop());

const SECRET = "correct horse";
const at = (name: string) => join(folder, name);

async function run(command: CliCommand, args: readonly string[], input: readonly string[] = [], classes = "") {
	const settings = ["--port", line.port, "--data", folder, ...(classes === "" ? [] : ["--set", `bank.writeClasses=${classes}`])];
	const cli = runCli(command, [...args, ...settings], input);
	const code = await cli.exit;
	return { code, out: cli.out(), errors: cli.errors() };
}
const json = async (command: CliCommand, args: readonly string[], input: readonly string[] = [], classes = "") => {
	const { code, out, errors } = await run(command, [...args, "--json"], input, classes);
	expect({ code, errors }).toMatchObject({ code: 0 });
	return JSON.parse(out);
};
const setPassword = () => run(password, ["set"], [SECRET]);

describe("reading", () => {
	it("identify tells who the pack is, for people and for programs", async () => {
		const { code, out } = await run(identify, []);
		expect(code).toBe(0);
		expect(out).toMatch(/^Pack {12}1\nVersion {9}\S/);
		expect(await json(identify, [])).toMatchObject({ command: "identify", class: "read", pack: 1 });
	});

	it("parameters list and inverter list need no battery", async () => {
		const rows = JSON.parse(runCliOut(await runWithoutLine(parameters, ["list", "--json"])));
		expect(rows.map(({ name }: { name: string }) => name)).toEqual(PARAMETER_KEYS);
		expect(runCliOut(await runWithoutLine(inverter, ["list"]))).toMatch(/ 3 {2}Victron/);
	});

	it("says that nobody answers, and where the line may be", async () => {
		await line.control.pullCable("silent");
		const { code, errors, out } = await run(identify, []);
		expect(code).toBe(1);
		expect(errors).toMatch(/add --server http:\/\/127\.0\.0\.1:1881/);
		expect(out).toBe("");
	});

	it("tells an error as JSON where JSON is wanted", async () => {
		const { code, out } = await run(identify, ["--pack", "9", "--json"]);
		expect(code).toBe(1);
		expect(JSON.parse(out)).toEqual({ error: { code: "wrong-pack", message: expect.stringContaining("9") } });
	});
});

describe("writing", () => {
	it("is refused with the setting to change while the battery is read-only", async () => {
		for (const [command, args, wanted] of [
			[clock, ["set"], "comfort"],
			[switchCommand, ["buzzer", "off"], "comfort"],
			[switchCommand, ["chargeMosfet", "off", "--yes"], "control"],
			[shutdown, ["--yes"], "control"],
			[clearRecords, ["--yes"], "parameter"],
			[restoreDefaults, ["--yes"], "parameter"],
		] as const) {
			const { code, errors } = await run(command, args, [SECRET]);
			expect(code, args.join(" ")).toBe(3);
			expect(errors).toContain(`--set bank.writeClasses=${wanted}`);
		}
	});

	it("keeps no password that can be read, and asks for the old one before a new one", async () => {
		await setPassword();
		expect((await run(password, ["set"], ["wrong", "another one"])).code).toBe(3);
		expect((await run(password, ["set"], [SECRET, "another one"])).code).toBe(0);
		expect((await run(password, ["set"], [])).code).toBe(2);
	});

	it.each([
		[["set", "cellOvervoltageAlarms=3.5"], /did you mean cellOvervoltageAlarm/],
		[["set", "cellOvervoltageAlarm"], /NAME=VALUE/],
		[["set", "cellOvervoltageAlarm=much"], /must be a number/],
		[["set"], /NAME=VALUE/],
		[["apply", "/nowhere/file.json"], /cannot be read/],
		[["frobnicate"], /Choose show, list, save/],
		[["show", "more"], /Nothing may follow show/],
	])("refuses parameters %j with exit code 2", async (args, words) => {
		await setPassword();
		const { code, errors } = await run(parameters, args, [SECRET], "parameter");
		expect(code).toBe(2);
		expect(errors).toMatch(words);
	});

	it.each([
		[switchCommand, ["chargemosfets", "on"], /did you mean chargeMosfet/],
		[switchCommand, ["buzzer", "maybe"], /Say rack-battery switch buzzer on, or off/],
		[clock, ["set", "tomorrow"], /2026-11-29T14:30:00/],
		[clock, ["wind"], /clock show/],
		[inverter, ["set", "manual"], /--can, --rs485/],
		[inverter, ["set", "manual", "--can", "99"], /from 0 to 24/],
		[password, ["show"], /password set/],
		[identify, ["--pack", "16"], /from 0 to 15/],
		[records, ["--csv", "--json"], /Choose one/],
		[records, ["--count", "0"], /from 1 to 2000/],
		[identify, ["--server", "ftp://x"], /--server/],
	] as const)("refuses %# in words with exit code 2", async (command, args, words) => {
		const { code, errors, out } = await run(command as CliCommand, args, [], "comfort,control,parameter");
		expect(code).toBe(2);
		// Where JSON is wanted, the error is JSON too.
		expect(errors + out).toMatch(words);
	});

	it("makes no files where nothing is kept", async () => {
		await run(identify, []);
		expect(existsSync(at("rack-battery-data"))).toBe(false);
	});
});

async function runWithoutLine(command: CliCommand, args: readonly string[]) {
	const cli = runCli(command, args);
	expect(await cli.exit).toBe(0);
	return cli;
}
const runCliOut = (cli: ReturnType<typeof runCli>) => cli.out();
