import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** Lets the pack store records: it writes one whenever something is raised or cleared. */
function storeRecords(): void {
	for (const isRaised of [true, false, true, false, true, false, true]) line.control.setCondition(1, "alarm.cell_overvoltage", isRaised);
}

describe("reading", () => {
	it("identify tells who the pack is, for people and for programs", async () => {
		const { code, out } = await run(identify, []);
		expect(code).toBe(0);
		expect(out).toMatch(/^Pack {12}1\nVersion {9}\S/);
		expect(await json(identify, [])).toMatchObject({ command: "identify", class: "read", pack: 1 });
	});

	it("records prints what is stored, newest first, as text, JSON lines and CSV", async () => {
		storeRecords();
		const text = await run(records, ["--count", "3"]);
		expect(text.code).toBe(0);
		expect(text.out.split("\n")[0]).toMatch(/^ {4}0 {2}\d{4}-\d\d-\d\dT.* V .* A .*cells/);
		expect(text.errors).toContain("3 records read.");
		const lines = (await run(records, ["--count", "3", "--json"])).out.trim().split("\n");
		expect(lines.map((record) => JSON.parse(record).index)).toEqual([0, 1, 2]);
		const csv = (await run(records, ["--from", "1", "--count", "2", "--csv"])).out.trim().split("\n");
		expect(csv[0]).toMatch(/^index,localTime,voltage,current,.*,cell1,cell2/);
		expect(csv.slice(1).map((row) => row.split(",")[0])).toEqual(["1", "2"]);
		expect(new Set(csv.map((row) => row.split(",").length)).size).toBe(1);
	});

	it.each(["all.csv", "all.jsonl"])("records --resume writes %s, and goes on with it", async (name) => {
		storeRecords();
		const file = at(name);
		expect((await run(records, ["--resume", file, "--count", "3"])).code).toBe(0);
		const before = readFileSync(file, "utf8");
		expect((await run(records, ["--resume", file, "--count", "4"])).code).toBe(0);
		const after = readFileSync(file, "utf8");
		expect(after.startsWith(before)).toBe(true);
		const rows = after
			.trim()
			.split("\n")
			.slice(name.endsWith(".csv") ? 1 : 0);
		const numbers = rows.map((row) => (name.endsWith(".csv") ? Number(row.split(",")[0]) : JSON.parse(row).index));
		expect(numbers).toEqual([0, 1, 2, 3, 4, 5]);
	});

	it("records --resume refuses a file that is none, and adds nothing to one of another battery", async () => {
		writeFileSync(at("notes.txt"), "milk, bread\n");
		expect(await run(records, ["--resume", at("notes.txt")])).toMatchObject({
			code: 2,
			errors: expect.stringContaining("notes.txt cannot be gone on with"),
		});
		await run(records, ["--resume", at("r.jsonl"), "--count", "2"]);
		const other = readFileSync(at("r.jsonl"), "utf8").replace(/"voltage":[\d.]+/g, '"voltage":1');
		writeFileSync(at("r.jsonl"), other);
		expect(await run(records, ["--resume", at("r.jsonl"), "--count", "5"])).toMatchObject({
			code: 1,
			errors: expect.stringContaining("nothing was added"),
		});
		expect(readFileSync(at("r.jsonl"), "utf8")).toBe(other);
	});

	it("parameters show and clock, switch and inverter show read the rest", async () => {
		const { out } = await run(parameters, ["show"]);
		expect(out).toMatch(/Cell over-voltage\n {2}cellOvervoltageEnabled +on/);
		expect(Object.keys((await json(parameters, ["show"])).value).length).toBeGreaterThan(50);
		expect((await run(clock, ["show"])).out).toMatch(/clock of pack 1 shows/);
		expect((await run(switchCommand, ["show"])).out).toMatch(/Charge MOSFET on/);
		expect((await run(inverter, ["show"])).out).toMatch(/CAN .*RS485/);
	});

	it("over RS485 the pack that is meant, though another one answers first", async () => {
		const shared = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), protocol: "modbus-rtu", baudRate: 0, answerDelayMs: 0 });
		try {
			const cli = runCli(identify, ["--pack", "2", "--json", "--port", shared.port, "--protocol", "modbus-rtu", "--data", folder], []);
			expect({ code: await cli.exit, errors: cli.errors() }).toMatchObject({ code: 0 });
			expect(JSON.parse(cli.out())).toMatchObject({ pack: 2, value: { bmsSerial: "SIMULATED-BMS-2" } });
		} finally {
			await shared.stop();
		}
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
			[parameters, ["set", "cellOvervoltageAlarm=3.55", "--yes"], "parameter"],
			[shutdown, ["--yes"], "control"],
			[clearRecords, ["--yes"], "parameter"],
			[restoreDefaults, ["--yes"], "parameter"],
			[inverter, ["set", "automatic", "--yes"], "parameter"],
		] as const) {
			const { code, errors } = await run(command, args, [SECRET]);
			expect(code, args.join(" ")).toBe(3);
			expect(errors).toContain(`--set bank.writeClasses=${wanted}`);
		}
	});

	it("switches what is of the class comfort when that is enabled, and reads it back", async () => {
		expect(await json(switchCommand, ["buzzer", "on"], [], "comfort")).toMatchObject({ value: true, before: false, confirmed: true });
		expect((await json(switchCommand, ["show"])).value.buzzer).toBe(true);
		expect(await json(clock, ["set", "2026-11-29T14:30:00"], [], "comfort")).toMatchObject({ confirmed: true });
	});

	it("says of an unverified switch that nobody knows what it did", async () => {
		const { code, errors, out } = await run(switchCommand, ["ledAlarm", "off"], [], "comfort");
		expect(code).toBe(0);
		expect(out + errors).toMatch(/look at/i);
	});

	it("needs a password that was set, the right one, and a yes", async () => {
		const change = ["set", "cellOvervoltageAlarm=3.55"];
		expect(await run(parameters, change, ["yes", SECRET], "parameter")).toMatchObject({
			code: 3,
			errors: expect.stringContaining("rack-battery password set"),
		});
		expect((await setPassword()).code).toBe(0);
		expect(await run(parameters, change, ["no", SECRET], "parameter")).toMatchObject({
			code: 3,
			errors: expect.stringContaining("Nothing was written"),
		});
		expect(await run(parameters, change, ["yes", "wrong"], "parameter")).toMatchObject({ code: 3 });
		expect((await json(parameters, ["show"])).value.cellOvervoltageAlarm).toBe(3.6);
		const done = await run(parameters, change, ["yes", SECRET], "parameter");
		expect(done).toMatchObject({ code: 0, errors: expect.stringMatching(/cellOvervoltageAlarm +3\.6 V -> 3\.55 V/) });
		expect(done.out + done.errors).not.toContain(SECRET);
		expect((await json(parameters, ["show"])).value.cellOvervoltageAlarm).toBe(3.55);
	});

	it("keeps no password that can be read, and asks for the old one before a new one", async () => {
		await setPassword();
		expect((await run(password, ["set"], ["wrong", "another one"])).code).toBe(3);
		expect((await run(password, ["set"], [SECRET, "another one"])).code).toBe(0);
		expect((await run(password, ["set"], [])).code).toBe(2);
	});

	it("saves, compares, applies and gives back parameters", async () => {
		await setPassword();
		const file = at("parameters.json");
		expect((await run(parameters, ["save", file])).code).toBe(0);
		expect((await run(parameters, ["save", file])).code).toBe(2);
		expect((await run(parameters, ["diff", file])).code).toBe(0);
		await json(parameters, ["set", "cellOvervoltageAlarm=3.55", "sleepVoltage=3.2", "--yes"], [SECRET], "parameter");
		const differing = await run(parameters, ["diff", file]);
		expect(differing.code).toBe(4);
		expect(differing.out).toMatch(/cellOvervoltageAlarm +3\.55 V -> 3\.6 V\n.*sleepVoltage/s);
		expect((await run(parameters, ["apply", file, "--yes"], [SECRET], "parameter")).code).toBe(0);
		expect((await run(parameters, ["diff", file])).code).toBe(0);
		// The last change was the way back: what it saved is what was before it.
		expect((await run(parameters, ["restore", "--yes"], [SECRET], "parameter")).code).toBe(0);
		expect((await run(parameters, ["diff", file])).code).toBe(4);
		expect((await run(parameters, ["saves"])).out.trim().split("\n").length).toBeGreaterThan(1);
	});

	it.each([
		[["set", "cellOvervoltageAlarm=9", "--yes"], /4\.5 V/],
		[["set", "cellOvervoltageRelease=4", "--yes"], /./],
		[["set", "cellOvervoltageAlarms=3.5"], /did you mean cellOvervoltageAlarm/],
		[["set", "cellOvervoltageAlarm"], /NAME=VALUE/],
		[["set", "cellOvervoltageAlarm=much"], /must be a number/],
		[["set"], /NAME=VALUE/],
		[["apply", "/nowhere/file.json"], /cannot be read/],
		[["frobnicate"], /Choose show, list, save/],
		[["set", "foo=1"], /^These cannot be set:\n {2}foo is no parameter$/m],
		[["save", join("any", "rack-battery.json")], /is the name of the settings file/],
		[["diff", "/nowhere/file.json"], /cannot be read: there is no such file or folder/],
		[[], /called so:\n {2}rack-battery parameters show [\s\S]* {2}rack-battery parameters saves /],
		[["show", "more"], /Nothing may follow show/],
	])("refuses parameters %j with exit code 2", async (args, words) => {
		await setPassword();
		const { code, errors } = await run(parameters, args, [SECRET], "parameter");
		expect(code).toBe(2);
		expect(errors).toMatch(words);
	});

	it("an unverified switch is confirmed by another call, once, after it was switched", async () => {
		const confirm = ["ledAlarm", "confirm", "as-asked"];
		expect((await run(switchCommand, confirm, [], "comfort")).errors).toMatch(/Switch the LED alarm of pack 1 first/);
		expect((await run(switchCommand, ["ledAlarm", "on"], [], "comfort")).out).toMatch(/confirm what it did/);
		expect(await run(switchCommand, confirm, [], "comfort")).toMatchObject({
			code: 0,
			out: expect.stringMatching(/no longer unverified/) as string,
		});
		expect((await run(switchCommand, ["show"])).out).toMatch(/LED alarm on/);
	});

	it("records that cannot be kept are not read", async () => {
		storeRecords();
		const { code, errors, out } = await run(records, ["--resume", at("no-folder/records.csv")]);
		expect({ code, out }).toEqual({ code: 2, out: "" });
		expect(errors).toMatch(/no-folder\/records\.csv cannot be gone on with: there is no such file or folder/);
		// Seen only when the first one is written.
		writeFileSync(at("file"), "");
		const late = await run(records, ["--resume", at("file/records.csv")]);
		expect(late.code).toBe(1);
		expect(late.errors).toMatch(/could not be written, so no more were read: a part of its path is no folder/);
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
		[identify, ["--server", "http://127.0.0.1:1"], /With --server the server has the line: leave --port out/],
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
