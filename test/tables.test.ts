import { describe, expect, it } from "vitest";
import { CONDITION_KEYS, conditionOf, conditionsOfClass, isProblem } from "../src/bms/battery/conditions.ts";
import { BANK_DATAPOINTS, type Datapoint, PACK_DATAPOINTS, probeLabel } from "../src/bms/battery/datapoints.ts";
import { BANK_DERIVATIONS, PACK_DERIVATIONS } from "../src/bms/battery/derive.ts";
import { PLAUSIBLE } from "../src/bms/battery/plausibility.ts";
import { QUANTITIES } from "../src/bms/battery/quantities.ts";
import { STATE_KEYS, STATES } from "../src/bms/battery/states.ts";
import { TELEMETRY_BLOCK, TELEMETRY_TAIL } from "../src/bms/protocol/ascii/ascii-commands.ts";
import { CONTROL, FAULT, INDICATION, PROTECT_1, PROTECT_2, WARN_1, WARN_2 } from "../src/bms/protocol/ascii/ascii-status-bits.ts";
import { settingPaths } from "../src/config/config.ts";
import { environmentName } from "../src/config/environment.ts";

/** Items that occur more than once. */
function repeated<T>(items: readonly T[]): readonly T[] {
	return items.filter((item, index) => items.indexOf(item) !== index);
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("conditions", () => {
	it.each(CONDITION_KEYS)("%s is keyed by its class and slug", (key) => {
		const { class: conditionClass, slug, label, code } = conditionOf(key);
		expect(key).toBe(`${conditionClass}.${slug}`);
		expect(slug).toMatch(/^[a-z]+(_[a-z]+)*$/);
		expect(label).toMatch(/^[A-Z]/);
		expect(code).not.toBe("");
	});

	it("are the manual's 14 alarms and 21 items of the protection page, each once", () => {
		const items = (...classes: readonly ("alarm" | "protection" | "fault")[]) =>
			classes.flatMap(conditionsOfClass).flatMap((key) => conditionOf(key).item ?? []);
		expect(items("alarm")).toEqual(range(1, 14));
		expect(items("protection")).toEqual(range(1, 16));
		expect(items("fault")).toEqual(range(17, 21));
	});

	it("have codes and labels of their own within their class", () => {
		for (const conditionClass of ["alarm", "protection", "fault"] as const) {
			const rows = conditionsOfClass(conditionClass).map(conditionOf);
			expect(repeated(rows.map((row) => row.code))).toEqual([]);
			expect(repeated(rows.map((row) => row.label))).toEqual([]);
		}
	});

	it("are problems except Fully; only PCB is unsupported; undocumented bits are not the manual's", () => {
		expect(CONDITION_KEYS.filter((key) => !isProblem(key))).toEqual(["protection.fully"]);
		expect(CONDITION_KEYS.filter((key) => conditionOf(key).unsupported)).toEqual(["protection.pcb"]);
		for (const key of CONDITION_KEYS.filter((candidate) => conditionOf(candidate).undocumented)) {
			expect(conditionOf(key)).toMatchObject({ class: "fault", item: null });
			expect(conditionOf(key).label).toMatch(/^Undocumented/);
		}
	});
});

describe("status bits of the ASCII protocol", () => {
	const places = [PROTECT_1, PROTECT_2, INDICATION, CONTROL, FAULT, WARN_1, WARN_2].flatMap((bits) => Object.values<string>(bits));

	it("place every supported condition and every state exactly once, and nothing else", () => {
		const supported = CONDITION_KEYS.filter((key) => conditionOf(key).unsupported !== true);
		expect(repeated(places)).toEqual([]);
		expect(new Set(places)).toEqual(new Set([...supported, ...STATE_KEYS]));
	});

	it("are bits of one byte", () => {
		for (const bits of [PROTECT_1, PROTECT_2, INDICATION, CONTROL, FAULT, WARN_1, WARN_2]) {
			for (const bit of Object.keys(bits)) expect(range(0, 7).map(String)).toContain(bit);
		}
	});
});

describe("readings", () => {
	const datapoints: readonly (readonly [string, Datapoint])[] = [...Object.entries(PACK_DATAPOINTS), ...Object.entries(BANK_DATAPOINTS)];

	it.each(datapoints)("%s has a quantity and a label", (_, { quantity, label }) => {
		expect(Object.keys(QUANTITIES)).toContain(quantity);
		expect(label).toMatch(/^[A-Z]/);
	});

	it("have labels of their own within pack and bank", () => {
		for (const table of [PACK_DATAPOINTS, BANK_DATAPOINTS]) {
			expect(repeated(Object.values<Datapoint>(table).map((row) => row.label))).toEqual([]);
		}
	});

	it("say what their sign means when they have one", () => {
		for (const [, { quantity, sign }] of datapoints) {
			expect(sign).toBe(quantity === "current" || quantity === "power" ? "+ = charging" : undefined);
		}
	});

	it("that are not derived stand on the wire, and derived ones do not", () => {
		const rows = [...TELEMETRY_BLOCK, ...TELEMETRY_TAIL].map((row): string => row.name);
		for (const [name, row] of Object.entries<Datapoint>(PACK_DATAPOINTS)) {
			expect(rows.includes(name), name).toBe(row.derived !== true);
		}
	});

	it("that are derived have a row that computes them from readings", () => {
		const derived = Object.entries<Datapoint>(PACK_DATAPOINTS).filter(([, row]) => row.derived === true);
		for (const [name] of derived) expect(Object.keys(PACK_DERIVATIONS)).toContain(name);
		for (const { inputs } of Object.values(PACK_DERIVATIONS)) {
			for (const input of inputs) expect(Object.keys(PACK_DATAPOINTS)).toContain(input);
		}
		const counted = ["packsOnline", "packsExpected"];
		for (const name of Object.keys(BANK_DATAPOINTS)) expect([...counted, ...Object.keys(BANK_DERIVATIONS)]).toContain(name);
	});

	it("name the probes of the documented order, and number the others", () => {
		expect(range(0, 5).map((index) => probeLabel(index, 6))).toEqual([
			"Cell temperature 1",
			"Cell temperature 2",
			"Cell temperature 3",
			"Cell temperature 4",
			"MOSFET temperature",
			"Ambient temperature",
		]);
		for (const count of [1, 4, 5, 8, 16]) {
			expect(range(0, count - 1).map((index) => probeLabel(index, count))).toEqual(
				range(1, count).map((number) => `Temperature ${number}`),
			);
		}
	});

	it("have plausible ranges that are ranges", () => {
		for (const { min, max } of Object.values(PLAUSIBLE)) expect(min).toBeLessThan(max);
	});
});

describe("quantities and states", () => {
	it("have whole numbers of decimals", () => {
		for (const { decimals } of Object.values(QUANTITIES)) expect(range(0, 3)).toContain(decimals);
	});

	it("have labels of their own", () => {
		expect(repeated(Object.values(STATES).map((state) => state.label))).toEqual([]);
	});
});

describe("settings", () => {
	const rows = settingPaths().map(({ section, key, row }) => [`${section}.${key}`, key, row] as const);

	it("have names of their own in the environment", () => {
		expect(repeated(settingPaths().map(({ section, key }) => environmentName(section, key)))).toEqual([]);
	});

	it.each(rows)("%s is described in a sentence and has a default that it would accept", (_, name, row) => {
		expect(name).toMatch(/^[a-z][a-zA-Z]*$/);
		expect(row.description).toMatch(/^[A-Z`].*\.$/);
		if (row.type === "boolean") return;
		if (row.type === "string") {
			if (row.choices !== undefined) expect(row.choices).toContain(row.default);
			if (row.pattern !== undefined) expect(row.default).toMatch(new RegExp(row.pattern, "u"));
			return;
		}
		expect(row.minimum).toBeLessThan(row.maximum);
		expect(row.default).toBeGreaterThanOrEqual(row.minimum);
		expect(row.default).toBeLessThanOrEqual(row.maximum);
		if (row.type === "integer") for (const value of [row.default, row.minimum, row.maximum]) expect(Number.isInteger(value)).toBe(true);
	});

	it("in a unit say so in the name, or are of one unit only", () => {
		for (const [path, name, row] of rows) {
			if ("unit" in row && row.unit === "ms") expect(name, path).toMatch(/Ms$/);
			if (name.endsWith("Ms")) expect(row, path).toMatchObject({ unit: "ms" });
		}
	});

	it("are secret when they are passwords, and secrets have no default", () => {
		for (const [path, name, row] of rows) {
			expect(row.secret === true, path).toBe(/password|token|secret/i.test(name));
			if (row.secret) expect(row.default).toBe("");
		}
	});
});
