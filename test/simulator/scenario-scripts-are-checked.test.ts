import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { ACTIONS } from "../../src/simulator/actions.ts";
import { checkScenario, problemsWithBank } from "../../src/simulator/check-scenario.ts";
import { READY_SCENARIOS } from "../../src/simulator/ready-scenarios.ts";
import { loadAt, timeText, valueAt } from "../../src/simulator/scenario.ts";
import { scenarioSchema } from "../../src/simulator/scenario-schema.ts";

/** The problems of a script, as `path: message`. */
function problemsOf(script: unknown): readonly string[] {
	try {
		checkScenario(script, "mine.json");
		return [];
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return (error.context.problems ?? []).map(({ path, message }) => `${path}: ${message}`);
	}
}

const step = (changes: object) => ({ name: "mine", steps: [{ at: 0, ...changes }] });

describe("a scenario script", () => {
	it("is read with its times in milliseconds, by rising time, steps of one time in their order", () => {
		const scenario = checkScenario(
			{
				$schema: "scenario.schema.json",
				name: "mine",
				description: "Mine.",
				seed: 7,
				start: { clock: "2026-06-01T06:00:00Z", stateOfCharge: 50, loadW: -100 },
				steps: [
					{ at: "01:30", do: "load", watts: 500, over: "00:10" },
					{ at: 90, do: "set", pack: 1, bit: "alarm.low_soc" },
					{ at: "00:01:30", do: "grid", state: "off" },
				],
				repeat: true,
			},
			"mine.json",
		);
		expect(scenario).toEqual({
			name: "mine",
			description: "Mine.",
			seed: 7,
			start: { clock: Date.UTC(2026, 5, 1, 6), stateOfCharge: 50, loadW: -100 },
			profile: null,
			steps: [
				{ atMs: 90_000, action: "set", values: { pack: 1, bit: "alarm.low_soc" }, overMs: 0 },
				{ atMs: 90_000, action: "grid", values: { state: "off" }, overMs: 0 },
				{ atMs: 5_400_000, action: "load", values: { watts: 500 }, overMs: 600_000 },
			],
			lastsMs: 6_000_000,
			repeat: true,
		});
	});

	it("tells all its problems at once, each with its place and what would be right", () => {
		const problems = problemsOf({
			name: "My Scenario",
			seed: 1.5,
			sead: 1,
			start: { stateOfCharge: 120, clock: "tomorrow", load: 1 },
			profile: { consumption: [["06:00", 100], ["05:00", 100], ["x", 1], 5], sun: "bright" },
			steps: [
				{ at: "00:10", do: "jump" },
				{ at: "25h", do: "set", pack: 99, bit: "alarm.nothing", colour: "red" },
				{ do: "cell", pack: 1, cell: 1 },
				{ at: 0, do: "load", watts: 1 },
				{ at: 0, do: "lose", pack: 1, over: 10 },
				{ at: 0, do: "cell", pack: 1, cell: 1, volts: "free", over: 10 },
				"now",
			],
			repeat: "yes",
		});
		for (const wanted of [
			"name: must be 1 to 40 small letters",
			"seed: must be a whole number",
			"sead: is not known here",
			"start.load: is not known here; there are clock, stateOfCharge, loadW",
			"start.stateOfCharge: must be a number from 0 to 100 %",
			"start.clock: must be a date and time like 2026-06-01T06:00:00",
			"profile.consumption, point 2: must be later than the point before it",
			"profile.consumption, point 3: must be hours:minutes like 01:30",
			"profile.consumption, point 4: must be a time and W",
			"profile.sun: must be a list of points",
			'step 1, do: "jump" is no action; there are set, clear',
			"step 2, at: must be hours:minutes",
			"step 2, colour: is not known here; there are pack, bit, at, do, over",
			"step 2, pack: is 99 but must be a whole number from 0 to 15",
			'step 2, bit: is "alarm.nothing" but must be the name of a condition or state',
			"step 3, at: is missing",
			'step 3, volts: is missing: its voltage, a number from 0 to 5 V or "free"',
			"step 4: a profile sets the load already",
			"step 5, over: is only for load, soc, cell and probe",
			"step 6, over: needs a number for volts",
			"step 7: must be an object",
			"repeat: must be true or false",
		]) {
			expect(
				problems.filter((problem) => problem.startsWith(wanted)),
				`${wanted} in ${problems.join("\n")}`,
			).toHaveLength(1);
		}
		expect(problems).toHaveLength(22);
	});

	it.each([
		[null, "mine.json: must be an object"],
		[[], "mine.json: must be an object"],
		[{ steps: [{ at: 0, do: "plug" }] }, "name: must be a text"],
		[{ name: "mine" }, "steps: must have at least one step"],
		[{ name: "mine", steps: {} }, "steps: must be a list"],
		[{ name: "mine", profile: {} }, "profile: must have consumption or sun"],
		[{ ...step({ do: "plug" }), repeat: true }, "lasts: must be at least 10 s when it repeats"],
		[{ ...step({ do: "plug", at: 60 }), lasts: 59 }, "lasts: must not end before the last step"],
		[step({ do: "load", watts: "500" }), 'step 1, watts: is "500" but must be a number from -20000 to 20000 W'],
		[step({ do: "load", watts: 20_001 }), "step 1, watts: is 20001"],
		[step({ do: "cell", pack: 1.5, cell: 1, volts: 3 }), "step 1, pack: is 1.5 but must be a whole number"],
		[step({ do: "signal", name: "a b", value: "x" }), 'step 1, name: is "a b" but must be 1 to 32 letters'],
		[step({ do: "toString" }), 'step 1, do: "toString" is no action'],
		[step({ do: "plug", at: -1 }), "step 1, at: must be"],
		[step({ do: "plug", at: "24:60" }), "step 1, at: must be"],
		[step({ do: "plug", at: 31 * 86_400 + 1 }), "step 1, at: must be"],
	])("%j is refused", (script, problem) => {
		expect(
			problemsOf(script).some((one) => one.startsWith(problem)),
			problemsOf(script).join("\n"),
		).toBe(true);
	});

	it("is refused by a bank that lacks what it speaks of, all at once", () => {
		const scenario = checkScenario(
			{
				name: "mine",
				steps: [
					{ at: 0, do: "lose", pack: 3 },
					{ at: 0, do: "cell", pack: 1, cell: 17, volts: 3 },
					{ at: 0, do: "probe", pack: 2, probe: 7, celsius: 3 },
					{ at: 0, do: "soc", percent: 50 },
				],
			},
			"mine.json",
		);
		expect(problemsWithBank(scenario, { packs: [1, 2], cells: 16, probes: 6 })).toEqual([
			{ path: "step 1 (lose)", message: "there is no pack 3; this bank has 1, 2" },
			{ path: "step 2 (cell)", message: "there is no cell 17; this bank has 16" },
			{ path: "step 3 (probe)", message: "there is no probe 7; this bank has 6" },
		]);
		expect(problemsWithBank(scenario, { packs: [1, 2, 3], cells: 24, probes: 16 })).toEqual([]);
	});
});

describe("curves and times", () => {
	it("run straight between their points and level outside", () => {
		const curve = [
			[10, 100],
			[20, 200],
			[40, 0],
		] as const;
		expect([0, 10, 15, 20, 30, 40, 99].map((at) => valueAt(curve, at))).toEqual([100, 100, 150, 200, 100, 0, 0]);
		expect(valueAt([], 5)).toBe(0);
		expect(loadAt({ consumption: curve, sun: [[0, 30]] }, 15)).toBe(120);
	});

	it("are written as they are read", () => {
		expect([0, 90_000, 5_400_000, 360_000_000].map(timeText)).toEqual(["00:00", "00:01:30", "01:30", "100:00"]);
	});
});

describe("the schema for editors", () => {
	const validate = new Ajv2020({ allErrors: true, strict: true }).compile(scenarioSchema());

	it("takes every ready scenario", async () => {
		for (const { name } of READY_SCENARIOS) {
			const { default: script } = await import(`../../src/simulator/scenarios/${name}.json`, { with: { type: "json" } });
			expect(validate(script), `${name}: ${JSON.stringify(validate.errors)}`).toBe(true);
			expect(checkScenario(script, name)).toEqual(READY_SCENARIOS.find((ready) => ready.name === name));
		}
	});

	it("and the check agree on every action: complete it passes, without a needed argument it does not", () => {
		const sampleOf = (argument: { readonly type: string; readonly choices?: readonly string[]; readonly minimum?: number }) =>
			argument.choices?.[0] ?? { bit: "alarm.low_soc", name: "siren" }[argument.type] ?? argument.minimum;
		for (const [name, action] of Object.entries(ACTIONS)) {
			const all = Object.fromEntries(Object.entries(action.arguments).map(([key, argument]) => [key, sampleOf(argument)]));
			const complete = step({ do: name, ...all });
			expect([validate(complete), problemsOf(complete)], name).toEqual([true, []]);
			for (const [key, argument] of Object.entries(action.arguments)) {
				const { [key]: _left, ...rest } = all;
				const lacking = step({ do: name, ...rest });
				expect([validate(lacking), problemsOf(lacking).length === 0], `${name} without ${key}`).toEqual([
					argument.optional === true,
					argument.optional === true,
				]);
				const wrong = step({ do: name, ...all, [key]: [] });
				expect([validate(wrong), problemsOf(wrong).length > 0], `${name} with a wrong ${key}`).toEqual([false, true]);
			}
			const sloping = step({ do: name, ...all, over: 5 });
			expect([validate(sloping), problemsOf(sloping).length === 0], `${name} over a time`).toEqual([
				action.ramp !== null,
				action.ramp !== null,
			]);
			expect(validate(step({ do: name, ...all, colour: 1 })), name).toBe(false);
		}
	});
});
