import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { afterAll, describe, expect, it } from "vitest";
import { bankProperty, simulatorProperty } from "../../nodes/lib/bank-properties.ts";
import { argumentProperty } from "../../nodes/rack-battery-command/command-inputs.ts";
import { PARAMETER_KEYS } from "../../src/bms/battery/parameters.ts";
import { SWITCH_KEYS, switchOf } from "../../src/bms/battery/switches.ts";
import {
	ARMED_CLASSES,
	AUTONOMY_SETTINGS,
	BANK_SETTINGS,
	COMMAND_NAMES,
	COMMANDS,
	CONTACT_SETTINGS,
	DEFAULT_STAGES,
	GENERATOR_SETTINGS,
	HOME_ASSISTANT_SETTINGS,
	LEVEL_PAIRS,
	MOST_STAGES,
	MQTT_SETTINGS,
	NOTIFICATION_SETTINGS,
	readStages,
	type Setting,
	type SettingsTable,
	SHED_SETTINGS,
	SIMULATOR_SETTINGS,
	STAGE_FIELDS,
} from "../../src/index.ts";

/** What the editor shows, held to the tables of settings: names, defaults, ranges, units, choices. */

interface EditorProperty {
	readonly value: unknown;
	readonly validate?: (value: unknown, options: object) => unknown;
}
interface EditorNode {
	readonly defaults: Readonly<Record<string, EditorProperty>>;
	readonly credentials?: Readonly<Record<string, { readonly type: string }>>;
}

// As the browser gets it: the build writes into each editor part what it shares with others.
const ROOT = join(import.meta.dirname, "..", "..");
const palette = mkdtempSync(join(tmpdir(), "rack-battery-editor-"));
const { status, stderr } = spawnSync(process.execPath, [join(ROOT, "tools", "build-palette.mjs"), palette], {
	cwd: ROOT,
	encoding: "utf8",
});
if (status !== 0) throw new Error(`The palette cannot be built: ${stderr}`);
afterAll(() => rmSync(palette, { recursive: true, force: true }));

const htmlOf = (type: string) => readFileSync(join(palette, "nodes", type, `${type}.html`), "utf8");

/** What the node's editor part registers. */
function registeredBy(type: string): EditorNode {
	const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(htmlOf(type))?.[1] ?? "";
	let registered: EditorNode | null = null;
	const registerType = (name: string, definition: EditorNode) => {
		if (name === type) registered = definition;
	};
	runInNewContext(script, { RED: { nodes: { registerType } } });
	if (registered === null) throw new Error(`${type} registers nothing in the editor`);
	return registered;
}

/** The input of a property, with what stands beside it. */
function rowOf(html: string, id: string): string {
	return html.split(/<div class="form-row/).find((row) => row.includes(`id="${id}"`)) ?? "";
}

/** A node as a validator sees it; texts as their keys. */
const nodeWith = (values: object) => ({ ...values, _: (key: string, context: object) => `${key} ${JSON.stringify(context)}` });

const CONFIGURATIONS: readonly {
	readonly type: string;
	readonly table: SettingsTable;
	readonly prefix: string;
	readonly propertyOf: (key: string) => string;
	/** Left to the user, or named by the table when empty. */
	readonly empty: readonly string[];
}[] = [
	{ type: "rack-battery", table: BANK_SETTINGS, prefix: "node-config-input-", propertyOf: bankProperty, empty: ["name", "port"] },
	{ type: "rack-battery", table: SIMULATOR_SETTINGS, prefix: "node-config-input-", propertyOf: simulatorProperty, empty: [] },
	{ type: "rack-battery", table: CONTACT_SETTINGS, prefix: "node-config-input-", propertyOf: (key) => key, empty: [] },
	{ type: "rack-battery-load-shed", table: SHED_SETTINGS, prefix: "node-input-", propertyOf: (key) => key, empty: [] },
	{ type: "rack-battery-load-shed", table: AUTONOMY_SETTINGS, prefix: "node-input-", propertyOf: (key) => key, empty: [] },
	{ type: "rack-battery-autonomy", table: AUTONOMY_SETTINGS, prefix: "node-input-", propertyOf: (key) => key, empty: [] },
	{ type: "rack-battery-generator", table: GENERATOR_SETTINGS, prefix: "node-input-", propertyOf: (key) => key, empty: [] },
	{ type: "rack-battery-discovery", table: MQTT_SETTINGS, prefix: "node-input-", propertyOf: (key) => key, empty: [] },
	{ type: "rack-battery-ha", table: HOME_ASSISTANT_SETTINGS, prefix: "node-config-input-", propertyOf: (key) => key, empty: [] },
	{ type: "rack-battery-notify", table: NOTIFICATION_SETTINGS, prefix: "node-input-", propertyOf: (key) => key, empty: [] },
];

const rows = CONFIGURATIONS.flatMap(({ type, table, prefix, propertyOf, empty }) =>
	Object.entries<Setting>(table).map(([key, row]) => ({ type, key, property: propertyOf(key), prefix, row, isEmpty: empty.includes(key) })),
);
const numbers = rows.filter(({ row }) => row.type === "number" || row.type === "integer");

describe("the editor", () => {
	it.each(rows)("$type: $property has the default of the table", ({ type, property, row, isEmpty }) => {
		const { defaults, credentials } = registeredBy(type);
		if (credentials?.[property]) expect(defaults[property]).toBeUndefined();
		else expect(defaults[property]?.value).toEqual(isEmpty ? "" : row.default);
	});

	it.each(rows)("$type: $property has an input with a label", ({ type, property, prefix, row }) => {
		const input = rowOf(htmlOf(type), prefix + property);
		expect(input).toContain(`<label for="${prefix}${property}" data-i18n="rack-battery.label.${property}"`);
		for (const choice of "choices" in row ? (row.choices ?? []) : []) expect(input).toContain(`<option value="${choice}"`);
		if ("secret" in row && row.secret) expect(input).toContain('type="password"');
	});

	it.each(numbers)("$type: $property shows its range and unit, and refuses what is outside", ({ type, property, prefix, row }) => {
		if (!("minimum" in row)) throw new Error("no number");
		const { minimum, maximum, unit } = row;
		const input = rowOf(htmlOf(type), prefix + property);
		expect(input).toContain(`min="${minimum}" max="${maximum}"`);
		expect(input).toContain(`${minimum} – ${maximum}${unit === undefined ? "" : ` ${unit}`}<`);
		const validate = registeredBy(type).defaults[property]?.validate;
		const verdict = (value: unknown) => validate?.call(nodeWith({}), value, {});
		expect([minimum, String(maximum), ""].map(verdict)).toEqual([true, true, true]);
		expect(verdict(minimum - 1)).toBe(
			`rack-battery.problem.${row.type === "integer" ? "whole" : "number"} {"min":${minimum},"max":${maximum}}`,
		);
		expect(typeof verdict("many")).toBe("string");
		if (row.type === "integer") expect(typeof verdict(minimum + 0.5)).toBe("string");
	});

	it("checks port and short name only where they are used", () => {
		const { port, bankId } = registeredBy("rack-battery").defaults;
		const verdict = (property: EditorProperty | undefined, source: string, value: string) =>
			property?.validate?.call(nodeWith({ source }), value, {});
		for (const good of ["/dev/ttyUSB0", "COM12", "tcp://192.168.1.20:8899"]) expect(verdict(port, "own", good)).toBe(true);
		for (const bad of ["", "ttyUSB0", "192.168.1.20:8899", "tcp://gateway"])
			expect(verdict(port, "own", bad)).toContain("rack-battery.problem.port");
		expect(verdict(port, "server", "")).toBe(true);
		expect(verdict(bankId, "simulator", "My bank")).toContain("rack-battery.problem.bankId");
		expect(verdict(bankId, "server", "My bank")).toBe(true);
	});

	it("checks what closes a contact and where its wire comes in", () => {
		const { faultConditions, lowBatteryInput } = registeredBy("rack-battery").defaults;
		const verdict = (property: EditorProperty | undefined, value: string) => property?.validate?.call(nodeWith({}), value, {});
		for (const good of ["protection, fault", "alarm.low_soc", "protection, -protection.cell_overvoltage", ""])
			expect(verdict(faultConditions, good)).toBe(true);
		for (const bad of ["protection; fault", "low SOC", "fault,"])
			expect(verdict(faultConditions, bad)).toContain("rack-battery.problem.conditions");
		for (const good of ["message", "mqtt:relay/low", "DCD", "CTS@/dev/ttyUSB1"]) expect(verdict(lowBatteryInput, good)).toBe(true);
		for (const bad of ["GPIO4", "mqtt:", "mqtt:relay/#"])
			expect(verdict(lowBatteryInput, bad)).toContain("rack-battery.problem.contactInput");
	});

	it("checks the broker's address only where it is used", () => {
		const properties = Object.entries(registeredBy("rack-battery-discovery").defaults);
		const validate = properties.find(([name]) => name === "url")?.[1].validate;
		const verdict = (broker: string, value: string) => validate?.call(nodeWith({ broker }), value, {});
		expect(verdict("own", "mqtts://broker:8883")).toBe(true);
		expect(verdict("own", "")).toContain("rack-battery.problem.url");
		expect(verdict("server", "")).toBe(true);
	});

	describe("commands", () => {
		const html = () => htmlOf("rack-battery-command");
		const { defaults, credentials } = registeredBy("rack-battery-command");
		const offered = (id: string) => {
			const select = new RegExp(`<select id="${id}">([\\s\\S]*?)</select>`).exec(html())?.[1] ?? "";
			return [...select.matchAll(/<option value="([^"]*)"/g)].map(([, value]) => value);
		};
		const verdict = (property: string, value: unknown) =>
			Object.entries(defaults)
				.find(([name]) => name === property)?.[1]
				.validate?.call(nodeWith({ command: "write-parameters" }), value, {});

		it("are all offered, and each argument has a row that shows for its commands only", () => {
			expect(offered("node-input-command")).toEqual(["message", ...COMMAND_NAMES]);
			for (const name of COMMAND_NAMES)
				for (const argument of Object.keys(COMMANDS[name].arguments)) {
					const property = argumentProperty(argument);
					expect(Object.keys(defaults)).toContain(property);
					const shown = new RegExp(`data-commands="([^"]*)">\\s*<label for="node-input-${property}"`).exec(html())?.[1]?.split(" ") ?? [];
					expect(shown, property).toContain(name);
					for (const other of COMMAND_NAMES)
						expect(shown.includes(other), other).toBe(Object.keys(COMMANDS[other].arguments).includes(argument));
				}
		});

		it("have the tables' choices, and keep the password with the credentials", () => {
			expect(offered("node-input-argSwitch")).toEqual(["", ...SWITCH_KEYS]);
			expect(offered("node-input-armClass")).toEqual(["", ...ARMED_CLASSES]);
			for (const key of PARAMETER_KEYS) expect(html()).toContain(`<td>${key}</td>`);
			expect(credentials).toEqual({ password: { type: "password" } });
			expect(Object.keys(defaults)).not.toContain("password");
		});

		it("say which switches are unverified", () => {
			const named = /data-switches="([^"]*)"/.exec(html())?.[1]?.split(" ");
			expect(named).toEqual(SWITCH_KEYS.filter((key) => switchOf(key).unverified));
		});

		it.each([
			["cellOvervoltageAlarm = 3.55", /^true$/],
			['{"cellOvervoltageAlarm": 3.55}', /^true$/],
			["", /^true$/],
			["cellOvervoltageAlarm = 9", /problem\.range/],
			["cellOvervoltageAlarm", /problem\.values/],
			["cellOvervoltageAlarm =", /problem\.values/],
			["{", /problem\.values/],
			["constructor = 1", /problem\.parameter/],
		])("judge new values: %j", (text, wanted) => {
			expect(String(verdict("argValues", text))).toMatch(wanted);
		});

		it("judge the time", () => {
			expect(verdict("argTime", "2026-11-29T14:30:00")).toBe(true);
			expect(verdict("argTime", "tomorrow")).toContain("rack-battery.problem.time");
		});
	});

	describe("stages of load shedding", () => {
		const properties = Object.entries(registeredBy("rack-battery-load-shed").defaults);
		const [stages, outputs] = ["stages", "outputs"].map((wanted) => properties.find(([name]) => name === wanted)?.[1]);
		const verdict = (value: unknown) => stages?.validate?.call(nodeWith({}), value, {});
		const [first] = DEFAULT_STAGES;
		const accepted = (found: unknown) => {
			try {
				readStages(found);
				return true;
			} catch {
				return false;
			}
		};

		it("begin as the code's own", () => {
			// The editor's objects come from another realm.
			expect(readStages(JSON.parse(JSON.stringify(stages?.value)))).toEqual(DEFAULT_STAGES);
			expect(outputs?.value).toBe(DEFAULT_STAGES.length + 1);
		});

		const edges = Object.entries(STAGE_FIELDS).flatMap(([key, field]) =>
			field.type === "level"
				? [field.minimum, field.maximum, field.minimum - 0.1, field.maximum + 1].map((value) => ({ key, value }))
				: field.type === "minutes"
					? [0, field.maximum, -1, field.maximum + 1].map((value) => ({ key, value }))
					: [],
		);
		it.each(edges)("$key of $value is judged as the code judges it", ({ key, value }) => {
			const pair = LEVEL_PAIRS.find(({ off, on }) => off === key || on === key);
			const other = pair?.off === key ? pair.on : pair?.off;
			const isHigher = (pair?.off === key) === (pair?.side === "below");
			const rest = { ...first, socOff: null, socOn: null };
			const candidates = [value + (isHigher ? 0.05 : -0.05), value + (isHigher ? 1 : -1)];
			for (const candidate of candidates) {
				const stage = { ...rest, [key]: value, ...(other ? { [other]: candidate } : {}) };
				expect(verdict([stage]) === true, JSON.stringify(stage)).toBe(accepted([stage]));
			}
		});

		it("are refused when they are none, too many, or half a pair", () => {
			for (const wrong of [
				[],
				Array.from({ length: MOST_STAGES + 1 }, (_, index) => ({ ...first, key: String(index) })),
				[{ ...first, socOn: null }],
				[{ ...first, socOn: 40 }],
			]) {
				expect(accepted(wrong)).toBe(false);
				expect(verdict(wrong)).toMatch(/^rack-battery\.problem\./);
			}
		});
	});
});
