import { describe, expect, it } from "vitest";
import { checkScenario } from "../../src/simulator/check-scenario.ts";
import { runCommand } from "../../src/simulator/commands.ts";
import { READY_SCENARIOS } from "../../src/simulator/ready-scenarios.ts";
import type { Signal } from "../../src/simulator/signals.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankWith } from "./simulated.ts";

const script = (changes: object) => checkScenario({ name: "mine", steps: [], ...changes }, "mine.json");

function playing(changes: object, settings: Parameters<typeof bankWith>[0] = {}) {
	const simulated = bankWith({ packs: 2, ...settings });
	const { control, clock } = simulated;
	control.startScenario(script(changes));
	const load = () => control.state().loadW ?? Number.NaN;
	const cell = (pack: number, number: number) => control.state().packs[pack - 1]?.measurements.cellVoltages[number - 1];
	return { ...simulated, load, cell, pass: (seconds: number) => clock.advance(seconds * 1000) };
}

describe("a playing scenario", () => {
	it("begins as it says, and does each step at its time", async () => {
		const { control, load, pass } = playing({
			start: { stateOfCharge: 40, loadW: 100 },
			steps: [
				{ at: 60, do: "load", watts: 700 },
				{ at: 90, do: "soc", percent: 12, pack: 2 },
			],
		});
		expect(control.state().packs.map(({ measurements }) => Math.round(measurements.stateOfCharge))).toEqual([40, 40]);
		expect(load()).toBe(100);
		await pass(59);
		expect(load()).toBe(100);
		expect(control.state().scenario).toEqual({
			name: "mine",
			state: "running",
			elapsedSeconds: 59,
			round: 1,
			next: { at: "00:01", do: "load" },
			problem: null,
		});
		await pass(1);
		expect(load()).toBe(700);
		await pass(29);
		expect(control.state().packs[1]?.measurements.stateOfCharge).toBeGreaterThan(39);
		await pass(1);
		expect(control.state().packs.map(({ measurements }) => Math.round(measurements.stateOfCharge))).toEqual([40, 12]);
		expect(control.state().scenario).toMatchObject({ state: "ended", elapsedSeconds: 90, next: null });
	});

	it("goes up a slope evenly, from where the value is to where it shall be", async () => {
		const { load, cell, pass, clock } = playing({
			start: { loadW: -200 },
			steps: [
				{ at: 10, do: "load", watts: 800, over: 100 },
				{ at: 10, do: "cell", pack: 2, cell: 3, volts: 3.6, over: "00:01" },
			],
		});
		await pass(10);
		const from = cell(2, 3) ?? 0;
		await pass(30);
		// Held at the middle of a second.
		expect(load()).toBeCloseTo(-200 + 10 * 30.5, 6);
		expect(cell(2, 3)).toBeCloseTo((from + 3.6) / 2, 2);
		await pass(30);
		expect(cell(2, 3)).toBe(3.6);
		await pass(40);
		expect(load()).toBe(800);
		await pass(3600);
		expect(load()).toBe(800);
		expect(clock.pending).toBe(0);
	});

	it("lets a later word about the same thing end a slope, and of no other", async () => {
		const { control, cell, pass } = playing({
			steps: [
				{ at: 0, do: "cell", pack: 1, cell: 1, volts: 4, over: 100 },
				{ at: 0, do: "cell", pack: 1, cell: 2, volts: 4, over: 100 },
				{ at: 50, do: "cell", pack: 1, cell: 1, volts: "free" },
			],
		});
		const free = cell(1, 1) ?? 0;
		await pass(50);
		expect(cell(1, 1)).toBeLessThan(free + 0.1);
		await pass(50);
		expect(cell(1, 1)).toBeLessThan(free + 0.1);
		expect(cell(1, 2)).toBe(4);
		expect(control.state().scenario?.state).toBe("ended");
	});

	it("follows the day's curves: what the house draws less what the sun gives", async () => {
		const { load, pass } = playing({
			profile: {
				consumption: [[0, 400]],
				sun: [
					["01:00", 0],
					["03:00", 2400],
				],
			},
			lasts: "04:00",
		});
		const at: number[] = [];
		for (let hour = 0; hour < 4; hour += 1) {
			at.push(load());
			await pass(3600);
		}
		// Held at the middle of 20 s, on a slope of 1/3 W a second.
		const expected = [400, 400 - 10 / 3, 400 - 1200 - 10 / 3, 400 - 2400];
		at.forEach((watts, index) => {
			expect(watts).toBeCloseTo(expected[index] ?? 0, 3);
		});
		expect(load()).toBe(-2000);
	});

	it("begins again at its end when it repeats", async () => {
		const { control, load, pass, clock } = playing({
			steps: [
				{ at: 0, do: "load", watts: 1 },
				{ at: 30, do: "load", watts: 2 },
			],
			lasts: 60,
			repeat: true,
		});
		const seen: number[] = [];
		for (let n = 0; n < 4; n += 1) {
			seen.push(load());
			await pass(30);
		}
		expect(seen).toEqual([1, 2, 1, 2]);
		expect(control.state().scenario).toMatchObject({ state: "running", round: 3, elapsedSeconds: 0 });
		control.stopScenario();
		expect(clock.pending).toBe(0);
	});

	it("leaves out whole rounds that the machine has slept through", async () => {
		class SleepyClock extends ManualClock {
			slept = 0;
			override now(): number {
				return super.now() + this.slept;
			}
		}
		const clock = new SleepyClock();
		const { control } = bankWith({ packs: 1 }, { clock });
		control.startScenario(script({ steps: [{ at: 30, do: "load", watts: 2 }], lasts: 60, repeat: true }));
		clock.slept = 1_000_000;
		await clock.advance(30_000);
		// 1030 s are 17 rounds and 10 s.
		expect(control.state().scenario).toMatchObject({ state: "running", elapsedSeconds: 10, round: 2 });
		await clock.advance(20_000);
		expect(control.state().scenario).toMatchObject({ elapsedSeconds: 30, next: null });
	});

	it("stops where it is, and another one takes its place", async () => {
		const { control, load, pass, clock } = playing({ steps: [{ at: 0, do: "load", watts: 1000, over: 100 }] });
		await pass(50);
		const half = load();
		control.stopScenario();
		await pass(100);
		expect(load()).toBe(half);
		expect(control.state().scenario).toMatchObject({ name: "mine", state: "stopped", elapsedSeconds: 50 });
		expect(clock.pending).toBe(0);
		control.startScenario(script({ name: "first", steps: [{ at: 10, do: "load", watts: 5 }] }));
		control.startScenario(script({ name: "other", steps: [{ at: 10, do: "load", watts: 7 }] }));
		await pass(10);
		expect(load()).toBe(7);
		expect(control.state().scenario).toMatchObject({ name: "other", round: 1 });
	});

	it("tells signals from outside the battery once a change, with the bank's time", async () => {
		const { control, clock, pass } = playing({
			steps: [
				{ at: 10, do: "grid", state: "off" },
				{ at: 20, do: "grid", state: "off" },
				{ at: 30, do: "signal", name: "generator", value: "running" },
				{ at: 40, do: "grid", state: "on" },
			],
		});
		const start = clock.now();
		const heard: Signal[] = [];
		const stop = control.onSignal((signal) => heard.push(signal));
		await pass(35);
		expect(control.state().signals).toEqual({ grid: "off", generator: "running" });
		expect(heard).toEqual([
			{ name: "grid", value: "off", at: start + 10_000 },
			{ name: "generator", value: "running", at: start + 30_000 },
		]);
		stop();
		await pass(10);
		expect(control.state().signals.grid).toBe("on");
		expect(heard).toHaveLength(2);
	});

	it("refuses what this bank has not, before anything is done", () => {
		const { control } = bankWith({ packs: 1 });
		const before = control.state();
		const scenario = script({ start: { loadW: 500 }, steps: [{ at: 0, do: "lose", pack: 2 }] });
		expect(() => control.startScenario(scenario)).toThrow("step 1 (lose): there is no pack 2; this bank has 1");
		expect(control.state()).toEqual(before);
	});

	it("that cannot do a step ends there and says why", async () => {
		const { control, pass, clock } = playing({
			steps: [
				{ at: 5, do: "set", pack: 1, bit: "alarm.low_soc" },
				{ at: 10, do: "pull" },
				{ at: 15, do: "load", watts: 5 },
			],
		});
		control.pullCable = () => Promise.reject(new Error("the cable is stuck"));
		await pass(20);
		expect(control.state().scenario).toMatchObject({ state: "failed", problem: "mine at 00:00:10: the cable is stuck" });
		expect(control.state()).toMatchObject({ loadW: 0 });
		expect(clock.pending).toBe(0);
	});

	it("lets a whole day pass in no time", async () => {
		const { control, clock } = bankWith({ packs: 2 });
		const day = READY_SCENARIOS.find(({ name }) => name === "normal-day");
		if (day === undefined) throw new Error("no normal-day");
		control.startScenario({ ...day, repeat: false });
		const charges: number[] = [];
		for (let hour = 0; hour < 24; hour += 1) {
			charges.push(Math.round(control.state().packs[0]?.measurements.stateOfCharge ?? 0));
			await clock.advance(3_600_000);
		}
		expect(charges[0]).toBe(55);
		expect(Math.min(...charges)).toBeLessThan(40);
		expect(Math.max(...charges)).toBe(100);
		expect(control.state().scenario).toMatchObject({ state: "ended", elapsedSeconds: 86_400, problem: null });
	});
});

describe("scenarios by command", () => {
	it("are named, played and stopped", async () => {
		const { control, clock } = bankWith({ packs: 2 });
		const { text, data } = await runCommand(control, "scenario");
		for (const { name } of READY_SCENARIOS) expect(text).toContain(name);
		expect(data).toHaveLength(READY_SCENARIOS.length);
		expect((await runCommand(control, "scenario grid-outage")).text).toContain("The mains grid is away");
		await clock.advance(6 * 60_000);
		expect((await runCommand(control, "state")).text.split("\n").slice(0, 2)).toEqual([
			"load 1800 W, cable in, grid off",
			"scenario grid-outage: running at 00:06; at 02:00: grid",
		]);
		await runCommand(control, "scenario stop");
		expect((await runCommand(control, "state")).text).toContain("scenario grid-outage: stopped at 00:06");
		await expect(runCommand(control, "scenario nothing")).rejects.toThrow(
			'There is no scenario "nothing"; ready to play are normal-day, discharge-to-low-soc',
		);
		await expect(runCommand(control, "scenario ../../secret.json")).rejects.toThrow("There is no scenario");
	});

	it("signals too", async () => {
		const { control } = bankWith();
		expect((await runCommand(control, "grid off")).text).toBe("The grid is off.");
		expect((await runCommand(control, "signal door open")).text).toBe("The signal door is open.");
		expect(control.state().signals).toEqual({ grid: "off", door: "open" });
		await expect(runCommand(control, "grid away")).rejects.toThrow('"away" should be on or off');
		await expect(runCommand(control, "signal door")).rejects.toThrow("Usage: signal <name> <value>");
		await expect(runCommand(control, "signal d/r x")).rejects.toThrow("1 to 32 letters");
	});
});
