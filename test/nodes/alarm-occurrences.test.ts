import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readInputs } from "../../nodes/lib/inputs.ts";
import { languageOf } from "../../nodes/lib/language.ts";
import { effectiveScope, FILTER_INPUTS, passes } from "../../nodes/rack-battery-alarm/alarm-inputs.ts";
import { alarmPayload, type Occurrence } from "../../nodes/rack-battery-alarm/alarm-payload.ts";
import {
	type AlarmScope,
	activeOccurrences,
	type OpenOccurrences,
	occurrencesOf,
	openOf,
} from "../../nodes/rack-battery-alarm/occurrences.ts";
import { type ActiveCondition, type BankEvent, LANGUAGES } from "../../src/index.ts";
import { AT, bankSnapshot } from "../support/snapshots.ts";

const KEY = "protection.cell_overvoltage";
const condition = (pack: number | null, changes: Partial<ActiveCondition> = {}): ActiveCondition => ({
	key: KEY,
	since: AT,
	pack,
	cell: null,
	probe: null,
	value: null,
	unit: null,
	limit: null,
	...changes,
});
const raised = (scope: "bank" | "pack", pack: number | null, key: ActiveCondition["key"] = KEY): BankEvent => ({
	type: "condition-raised",
	scope,
	condition: condition(pack, { key }),
	at: AT,
});
const cleared = (scope: "bank" | "pack", pack: number | null): BankEvent =>
	({ ...raised(scope, pack), type: "condition-cleared" }) as BankEvent;

/** "event pack" of everything sent while the batches of events arrive. */
function told(scope: AlarmScope, batches: readonly (readonly BankEvent[])[]): readonly string[] {
	let open: OpenOccurrences = new Map();
	return batches.flatMap((events) => {
		const step = occurrencesOf(scope, open, events);
		open = step.open;
		return step.occurrences.map(({ event, pack }) => `${event} ${pack ?? "-"}`);
	});
}

describe("each occurrence once", () => {
	it("is raised at once without a number, named, and cleared with the number", () => {
		const batches = [[raised("bank", null)], [raised("pack", 2)], [cleared("pack", 2), cleared("bank", null)]];
		expect(told("once", batches)).toEqual(["raised -", "named 2", "cleared 2"]);
	});

	it("is raised with its number when the pack says it itself, not again for the bank", () => {
		expect(
			told("once", [
				[raised("bank", 1), raised("pack", 1)],
				[cleared("bank", 1), cleared("pack", 1)],
			]),
		).toEqual(["raised 1", "cleared 1"]);
		expect(
			told("once", [
				[raised("pack", 1), raised("bank", 1)],
				[cleared("pack", 1), cleared("bank", 1)],
			]),
		).toEqual(["raised 1", "cleared 1"]);
	});

	it("is raised for a second pack too", () => {
		const batches = [
			[raised("bank", null)],
			[raised("pack", 2)],
			[raised("pack", 3)],
			[cleared("pack", 2)],
			[cleared("pack", 3)],
			[cleared("bank", null)],
		];
		expect(told("once", batches)).toEqual(["raised -", "named 2", "raised 3", "cleared 2", "cleared 3"]);
	});

	it("is cleared without a number when no pack was ever named", () => {
		expect(told("once", [[raised("bank", null)], [cleared("bank", null)]])).toEqual(["raised -", "cleared -"]);
	});

	it("is cleared with the bank when its naming was lost", () => {
		expect(told("once", [[raised("bank", null)], [raised("pack", 2)], [cleared("bank", null)]])).toEqual([
			"raised -",
			"named 2",
			"cleared 2",
		]);
	});

	it("is never cleared before it was raised, nor raised twice, whatever happens", () => {
		const event = fc.record({
			isRaise: fc.boolean(),
			scope: fc.constantFrom("bank" as const, "pack" as const),
			pack: fc.constantFrom(1, 2, 3),
			isNamed: fc.boolean(),
		});
		fc.assert(
			fc.property(fc.array(event, { maxLength: 40 }), (events) => {
				const open = new Set<string>();
				const words = told(
					"once",
					events.map(({ isRaise, scope, pack, isNamed }) => {
						const number = scope === "pack" || isNamed ? pack : null;
						return [isRaise ? raised(scope, number) : cleared(scope, number)];
					}),
				);
				for (const word of words) {
					const [what, pack = ""] = word.split(" ");
					if (what === "cleared") expect(open.delete(pack)).toBe(true);
					else {
						if (what === "named") expect(open.delete("-")).toBe(true);
						expect(open.has(pack)).toBe(false);
						open.add(pack);
					}
				}
			}),
		);
	});
});

describe("the other scopes", () => {
	const batches = [
		[raised("bank", null)],
		[raised("pack", 2)],
		[raised("pack", 3)],
		[cleared("pack", 2)],
		[cleared("pack", 3), cleared("bank", null)],
	];

	it("bank: the bank alone, once", () => {
		expect(told("bank", batches)).toEqual(["raised -", "cleared -"]);
	});
	it("pack: packs that named themselves", () => {
		expect(told("pack", batches)).toEqual(["raised 2", "raised 3", "cleared 2", "cleared 3"]);
	});
	it("both: bank and packs", () => {
		expect(told("both", batches)).toEqual(["raised -", "raised 2", "raised 3", "cleared 2", "cleared 3", "cleared -"]);
	});
});

describe("what is set already", () => {
	const snapshot = bankSnapshot({ conditions: [condition(2), condition(3), condition(null, { key: "fault.sampling" })] });

	it.each([
		["once", [2, 3, null]],
		["bank", [null, null]],
		["pack", [2, 3]],
		["both", [null, null, 2, 3]],
	] as const)("is listed for %s", (scope, packs) => {
		expect(activeOccurrences(scope, snapshot, "raised")?.map(({ pack }) => pack)).toEqual(packs);
	});

	it("is cleared later and not raised again", () => {
		const open = openOf(activeOccurrences("once", snapshot, "raised") ?? []);
		const step = occurrencesOf("once", open, [raised("pack", 2), cleared("pack", 2)]);
		expect(step.occurrences.map(({ event, pack }) => [event, pack])).toEqual([["cleared", 2]]);
	});

	it("is not known while the alarm state is unknown, which is not an empty list", () => {
		expect(activeOccurrences("once", bankSnapshot({ conditions: null }), "active")).toBeNull();
		expect(activeOccurrences("once", bankSnapshot({ conditions: [] }), "active")).toEqual([]);
	});
});

describe("the alarm filter", () => {
	const occurrence = (key: ActiveCondition["key"], pack: number | null): Occurrence => ({
		event: "raised",
		scope: "pack",
		condition: condition(pack, { key }),
		pack,
		at: AT,
		initial: false,
	});
	const filter = (config: object) => readInputs(FILTER_INPUTS, {}, config);

	it("keeps Fully out unless states are wanted", () => {
		expect(passes(filter({}), occurrence("protection.fully", 1))).toBe(false);
		expect(passes(filter({ classes: "state" }), occurrence("protection.fully", 1))).toBe(true);
		expect(passes(filter({ classes: "protection" }), occurrence(KEY, 1))).toBe(true);
		expect(passes(filter({ classes: "fault,alarm" }), occurrence(KEY, 1))).toBe(false);
	});

	it("counts for one pack only what that pack says", () => {
		expect(passes(filter({ pack: "2" }), occurrence(KEY, 2))).toBe(true);
		expect(passes(filter({ pack: "2" }), occurrence(KEY, null))).toBe(false);
		expect(effectiveScope("once", filter({ pack: "2" }))).toBe("pack");
		expect(effectiveScope("once", filter({}))).toBe("once");
	});

	it("says what is wrong with it", () => {
		expect(() => readInputs(FILTER_INPUTS, { classes: ["alarm", "warning"] }, {})).toThrow(
			/msg\.classes must be one of alarm, protection, fault, state, not "warning"/,
		);
		expect(() => readInputs(FILTER_INPUTS, { classes: 5 }, {})).toThrow(/msg\.classes must be a list/);
	});
});

describe("the language of sentences", () => {
	const runningIn = (text: string) => ({ _: (key: string) => (key === "rack-battery.language" ? text : key) });

	it("is Node-RED's own unless one is chosen", () => {
		expect(languageOf("auto", runningIn("de"))).toBe("de");
		expect(languageOf("zh-CN", runningIn("de"))).toBe("zh-CN");
	});

	it("is English where Node-RED runs in another one, or has no texts", () => {
		expect(languageOf("auto", runningIn("ja"))).toBe("en-US");
		expect(languageOf("auto", { _: (key) => key })).toBe("en-US");
	});

	it("is named by each catalogue of a node with sentences", () => {
		for (const language of LANGUAGES) {
			const path = join(import.meta.dirname, "../../nodes/rack-battery-alarm/locales", language, "rack-battery-alarm.json");
			expect(JSON.parse(readFileSync(path, "utf8"))["rack-battery"].language).toBe(language);
		}
	});

	it("may be said by a message for its own answer, and nonsense is refused in words", () => {
		expect(readInputs(FILTER_INPUTS, { language: "de" }, { language: "zh-CN" }).language).toBe("de");
		expect(readInputs(FILTER_INPUTS, {}, {}).language).toBe("auto");
		expect(() => readInputs(FILTER_INPUTS, { language: "klingon" }, {})).toThrow(/msg\.language must be one of auto, en-US, de, zh-CN/);
	});
});

describe("the alarm payload", () => {
	const occurrence: Occurrence = {
		event: "raised",
		scope: "pack",
		condition: condition(2, { cell: 7, value: 3.651, unit: "V", limit: null }),
		pack: 2,
		at: AT + 5000,
		initial: false,
	};

	it("says what, where and how much, in a sentence as well", () => {
		expect(alarmPayload(bankSnapshot(), occurrence, "en-US")).toEqual({
			event: "raised",
			scope: "pack",
			class: "protection",
			code: "OVP",
			slug: "cell_overvoltage",
			label: "Cell over-voltage",
			isState: false,
			undocumented: false,
			pack: 2,
			cell: 7,
			probe: null,
			value: 3.651,
			unit: "V",
			limit: null,
			since: new Date(AT).toISOString(),
			at: new Date(AT + 5000).toISOString(),
			text: "Battery bank, pack 2: Protection Cell over-voltage (cell 7: 3.651 V).",
			language: "en-US",
			bank: "bank",
			name: "Battery bank",
			origin: "real",
			simulated: false,
			initial: false,
		});
	});

	it("says when it has ended, and that it was simulated", () => {
		const payload = alarmPayload(bankSnapshot({ origin: "simulated" }), { ...occurrence, event: "cleared", pack: null }, "en-US");
		expect(payload.text).toBe("Battery bank: Protection Cell over-voltage has ended. [simulated]");
		expect(payload.simulated).toBe(true);
	});

	it.each([
		["de", "raised", "Battery bank, Pack 2: Schutz „Zellüberspannung“ (Zelle 7: 3,651 V)."],
		["de", "named", "Battery bank, Pack 2: Schutz „Zellüberspannung“ (Zelle 7: 3,651 V) (jetzt diesem Pack zugeordnet)."],
		["de", "cleared", "Battery bank, Pack 2: Schutz „Zellüberspannung“ beendet."],
		["zh-CN", "raised", "Battery bank，电池包 2：保护“单体过压”（单体 7：3.651 V）。"],
		["zh-CN", "active", "Battery bank，电池包 2：保护“单体过压”（单体 7：3.651 V）。"],
		["zh-CN", "cleared", "Battery bank，电池包 2：保护“单体过压”已解除。"],
	] as const)("says it in %s (%s); code and slug stay the same", (language, event, text) => {
		const payload = alarmPayload(bankSnapshot(), { ...occurrence, event }, language);
		expect(payload).toMatchObject({ text, language, code: "OVP", slug: "cell_overvoltage", class: "protection" });
		expect(payload.label).toBe({ de: "Zellüberspannung", "zh-CN": "单体过压" }[language]);
	});

	it("says in every language what is simulated or replayed, and leaves out what is not known", () => {
		const unknown = { ...occurrence, condition: condition(null), pack: null };
		const texts = (["de", "zh-CN"] as const).flatMap((language) =>
			(["simulated", "replayed"] as const).map((origin) => alarmPayload(bankSnapshot({ origin }), unknown, language).text),
		);
		expect(texts).toEqual([
			"Battery bank: Schutz „Zellüberspannung“. [simuliert]",
			"Battery bank: Schutz „Zellüberspannung“. [Aufzeichnung]",
			"Battery bank：保护“单体过压”。【模拟】",
			"Battery bank：保护“单体过压”。【回放】",
		]);
	});
});
