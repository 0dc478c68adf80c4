import { afterEach, describe, expect, it } from "vitest";
import { CONDITION_KEYS, conditionOf } from "../../src/bms/battery/conditions.ts";
import { STATE_KEYS } from "../../src/bms/battery/states.ts";
import { commandHelp, runCommand } from "../../src/simulator/commands.ts";
import { type SimulatedLineServer, startSimulatedLine } from "../../src/simulator/tcp-line.ts";
import { bankWith, present, quiet, statusOf, telemetryOf } from "./simulated.ts";

const status = (bank: Parameters<typeof statusOf>[0], pack = 1) => present(statusOf(bank, pack)[0]);
const telemetry = (bank: Parameters<typeof telemetryOf>[0], pack = 1) => present(telemetryOf(bank, pack)[0]);

describe("commands", () => {
	it.each(CONDITION_KEYS.filter((key) => !conditionOf(key).unsupported))("set and clear %s on the wire", async (key) => {
		const { bank, control } = bankWith({ packs: 2 });
		await runCommand(control, `set 2 ${key}`);
		expect(status(bank, 2).conditions).toEqual([key]);
		expect(status(bank, 1).conditions).toEqual([]);
		await runCommand(control, `clear 2 ${key}`);
		expect(status(bank, 2).conditions).toEqual([]);
		expect(control.state().packs[1]?.forced).toEqual({});
	});

	it.each(STATE_KEYS)("set and clear the state %s", async (key) => {
		const { bank, control } = bankWith({ packs: 1 });
		const before = status(bank).states[key];
		await runCommand(control, `set 1 ${key}`);
		expect(status(bank).states[key]).toBe(true);
		await runCommand(control, `clear 1 ${key}`);
		expect(status(bank).states[key]).toBe(false);
		await runCommand(control, `release 1 ${key}`);
		expect(status(bank).states[key]).toBe(before);
	});

	it("a set protection switches its MOSFET off, and nothing flows that way", async () => {
		const { bank, control } = bankWith({ packs: 1, loadW: -1000 });
		expect(telemetry(bank).current).toBeGreaterThan(10);
		await runCommand(control, "set 1 protection.cell_overvoltage");
		expect(status(bank).states).toMatchObject({ chargeMosfet: false, dischargeMosfet: true });
		expect(telemetry(bank).current).toBe(0);
	});

	it("holds off what the battery's own rules set, until it is released", async () => {
		const { bank, control } = bankWith({ packs: 1, stateOfCharge: 3 });
		expect(status(bank).conditions).toEqual(["alarm.low_soc"]);
		await runCommand(control, "clear 1 alarm.low_soc");
		expect(status(bank).conditions).toEqual([]);
		await runCommand(control, "release 1 alarm.low_soc");
		expect(status(bank).conditions).toEqual(["alarm.low_soc"]);
	});

	it("hold a cell and a probe, and let them go", async () => {
		const { bank, control } = bankWith({ packs: 2 });
		const before = telemetry(bank, 2);
		await runCommand(control, "cell 2 3 0.5");
		await runCommand(control, "probe 2 1 -7.5");
		await runCommand(control, "probe 2 2 missing");
		const held = telemetry(bank, 2);
		expect(held.cellVoltages[2]).toBe(0.5);
		expect(held.voltage).toBeCloseTo(
			held.cellVoltages.reduce((sum, volts) => sum + volts, 0),
			2,
		);
		expect(held.temperatures.slice(0, 2)).toEqual([-7.5, null]);
		await runCommand(control, "cell 2 3 free");
		await runCommand(control, "probe 2 1 free");
		await runCommand(control, "probe 2 2 free");
		expect(telemetry(bank, 2).cellVoltages).toEqual(before.cellVoltages);
		expect(telemetry(bank, 2).temperatures).toEqual(before.temperatures);
	});

	it("release ends everything done to a pack", async () => {
		const { bank, control } = bankWith({ packs: 1 });
		const before = [telemetry(bank), status(bank)];
		for (const line of ["set 1 fault.cell", "cell 1 1 3.65", "probe 1 6 missing"]) await runCommand(control, line);
		control.setReading(1, { cycleCount: 7 });
		expect([telemetry(bank), status(bank)]).not.toEqual(before);
		await runCommand(control, "release 1");
		expect([telemetry(bank), status(bank)]).toEqual(before);
	});

	it("set the load and the state of charge", async () => {
		const { bank, control } = bankWith({ packs: 2 });
		await runCommand(control, "load -2000");
		expect(telemetry(bank, 1).current).toBeGreaterThan(5);
		await runCommand(control, "load 2000");
		expect(telemetry(bank, 1).current).toBeLessThan(-5);
		await runCommand(control, "load 0");
		await runCommand(control, "soc 15");
		expect([1, 2].map((pack) => telemetry(bank, pack).stateOfCharge)).toEqual([15, 15]);
		await runCommand(control, "soc 60.5 2");
		expect([1, 2].map((pack) => telemetry(bank, pack).stateOfCharge)).toEqual([15, 61]);
	});

	it("lose, sleep and return packs", async () => {
		const { bank, control } = bankWith({ packs: 3 });
		await runCommand(control, "lose 2");
		expect(telemetryOf(bank, "all")).toHaveLength(2);
		await runCommand(control, "lose 2 placeholder");
		expect(telemetryOf(bank, "all")[1]).toEqual({ absent: true });
		await runCommand(control, "return 2");
		await runCommand(control, "sleep 3 stays");
		expect(control.state().packs.map(({ presence }) => presence)).toEqual(["present", "present", "asleep"]);
		expect(telemetryOf(bank, "all")).toHaveLength(2);
		await runCommand(control, "return 3");
		expect(telemetryOf(bank, "all")).toHaveLength(3);
	});

	it("show the state in words and as data", async () => {
		const { control } = bankWith({ packs: 2 });
		await runCommand(control, "set 2 alarm.low_soc");
		await runCommand(control, "sleep 1");
		const { text, data } = await runCommand(control, "state");
		expect(text).toContain("pack 1: asleep");
		expect(text).toContain("alarm.low_soc");
		expect(data).toEqual(control.state());
		expect((await runCommand(control, "bits")).text).toContain("fault.heater_film");
	});

	it("help names every command", async () => {
		const { control } = bankWith();
		const { text } = await runCommand(control, "help");
		expect(text).toBe(commandHelp());
		for (const name of ["set", "clear", "release", "lose", "return", "sleep", "pull", "plug", "load", "soc", "cell", "probe", "state"]) {
			expect(text).toMatch(new RegExp(`^ {2}${name} `, "m"));
		}
	});

	it.each([
		["", "No command was given"],
		["jump", 'There is no command "jump"'],
		["set", "Usage: set <pack> <bit>"],
		["set 1 alarm.low_soc now", "Usage: set"],
		["set 3 alarm.low_soc", "There is no pack 3; this bank has packs 1 to 2"],
		["set one alarm.low_soc", '"one" is no number'],
		["set 1 protection.pcb", "no source says where it is on the wire"],
		["set 1 overvoltage", "Did you mean alarm.pack_overvoltage"],
		["set 1 xyzzy", 'no condition or state called "xyzzy"'],
		["lose 1 half", "should be shrinks or placeholder"],
		["lose 0", "There is no pack 0"],
		["load 999999", "from -20000 to 20000 W"],
		["soc 101", "from 0 to 100 %"],
		["cell 1 17 3.3", "this pack has cells 1 to 16"],
		["cell 1 1.5 3.3", "There is no cell 1.5"],
		["cell 1 1 9", "from 0 to 5 V"],
		["probe 1 7 20", "this pack has probes 1 to 6"],
		["probe 1 1 warm", '"warm" is no number'],
		["pull hard", "should be silent or dropped"],
		["sleep 1 deep", "should be wakes or stays"],
		["toString 1", 'There is no command "toString"'],
	])('"%s" is refused in words', async (line, words) => {
		const { control } = bankWith({ packs: 2 });
		const before = control.state();
		const refused = runCommand(control, line);
		await expect(refused).rejects.toMatchObject({ kind: "config", message: expect.stringContaining(words) });
		expect(control.state()).toEqual(before);
	});
});

describe("commands to a replay", () => {
	const started: SimulatedLineServer[] = [];
	afterEach(async () => {
		await Promise.all(started.splice(0).map((line) => line.stop()));
	});

	it("pull and plug the cable, show what is answered, and refuse to change the battery", async () => {
		const replay = new URL("../fixtures/replay/alarm-set-two-full-packs.txt", import.meta.url).pathname;
		const line = await startSimulatedLine(quiet({ replay }));
		started.push(line);
		expect([line.origin, line.bank]).toEqual(["replayed", null]);
		await runCommand(line.control, "pull");
		expect((await runCommand(line.control, "state")).text).toContain("pulled at the battery");
		await runCommand(line.control, "plug");
		const { text } = await runCommand(line.control, "state");
		expect(text).toContain("measurements of all packs, alarms of all packs");
		for (const command of ["set 1 alarm.low_soc", "lose 1", "load 5", "cell 1 1 3.3"]) {
			await expect(runCommand(line.control, command)).rejects.toMatchObject({ code: "conflict" });
		}
	});
});
