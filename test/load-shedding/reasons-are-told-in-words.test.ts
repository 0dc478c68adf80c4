import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../src/languages.ts";
import type { Overall, ReasonCode, StageStatus } from "../../src/load-shedding/explain.ts";
import { ruleSentences, TRIGGER_HEADS, triggerRows } from "../../src/load-shedding/rule-table.ts";
import type { Cause } from "../../src/load-shedding/shed-state.ts";
import { actionWords, causeWords, overallWords, reasonWords } from "../../src/load-shedding/shed-words.ts";
import { DEFAULT_STAGES, readStages, stageWith } from "../../src/load-shedding/stages.ts";
import { TRIGGER_KINDS } from "../../src/load-shedding/triggers.ts";

const AT = new Date(2026, 5, 1, 14, 5).getTime();
const KINDS: readonly Cause["kind"][] = [...TRIGGER_KINDS, "asked", "blind"];
const CODES: readonly ReasonCode[] = [
	...(["not-in-use", "hand-on", "hand-off", "calm", "asking", "minimum-on", "earlier-stage-first", "hold", "off-comes-back"] as const),
	...(["off-minimum-off", "off-asks-for-off", "off-not-calm", "off-unknown", "off-calm-too-short", "off-locked"] as const),
	...(["off-gap", "off-later-stage-first", "off-start", "off-no-values"] as const),
];
const cause = (kind: Cause["kind"], more: Partial<Cause> = {}): Cause => ({ kind, value: 48.123_456, level: 50, forStage: null, ...more });
const [comfort = stageWith({ key: "comfort", name: "Comfort" })] = DEFAULT_STAGES;
const status = (code: ReasonCode): StageStatus => ({
	stage: comfort,
	number: 1,
	position: "off",
	by: "shed",
	since: AT,
	code,
	cause: cause("stateOfCharge"),
	until: AT,
	unknown: code === "off-unknown" ? "lowBattery" : null,
	untold: [],
});

describe.each(LANGUAGES)("in %s", (language) => {
	it("every cause, reason and state of affairs has its own sentence without holes", () => {
		const causes = KINDS.map((kind) => causeWords(cause(kind), DEFAULT_STAGES, language));
		const reasons = CODES.map((code) => reasonWords(status(code), DEFAULT_STAGES, language));
		const wholes = (["start", "hold", "locked", "shed", "normal"] as const).map((code: Overall["code"]) =>
			overallWords({ code, since: AT, until: AT, isAlarm: false }, language),
		);
		for (const words of [causes, reasons, wholes]) {
			expect(new Set(words).size).toBe(words.length);
			for (const sentence of words) expect(sentence).toMatch(/^[^{}?]+$/);
		}
	});

	it("what is not known, and what the battery has no word for, is named", () => {
		const names = TRIGGER_KINDS.map((kind) => reasonWords({ ...status("off-unknown"), unknown: kind }, DEFAULT_STAGES, language));
		expect(new Set(names).size).toBe(TRIGGER_KINDS.length);
		const [plain, less] = [[], ["fault", "lowBattery"] as const].map((untold) =>
			reasonWords({ ...status("calm"), untold }, DEFAULT_STAGES, language),
		);
		expect(less).toContain(plain);
		expect(less).toMatch(/1\/2.*3\/4/);
		for (const sentence of [...names, less]) expect(sentence).toMatch(/^[^{}?]+$/);
	});

	it("the rules of the help are complete and have their numbers", () => {
		expect(triggerRows(language)).toHaveLength(TRIGGER_KINDS.length);
		expect(TRIGGER_HEADS.map((head) => head[language])).toHaveLength(3);
		for (const text of [...triggerRows(language).flat(), ...ruleSentences(language)]) expect(text).toMatch(/^[^{}]+$/);
	});
});

it("values, limits, times and the stage it is for are told", () => {
	expect(causeWords(cause("stateOfCharge"), DEFAULT_STAGES, "en-US")).toBe("state of charge 48.123 %, limit 50 %");
	expect(causeWords(cause("discharge"), DEFAULT_STAGES, "de")).toBe("48 W Entladeleistung, Grenze 50 W");
	expect(causeWords(cause("fault", { forStage: "climate" }), DEFAULT_STAGES, "en-US")).toBe(
		"fault contact (1/2) closed (for Heating and cooling, which goes off after it)",
	);
	expect(reasonWords(status("off-locked"), DEFAULT_STAGES, "en-US")).toMatch(/locked until 14:05/);
	const action = { stage: "comfort", to: "on", cause: cause("lowBattery"), isDryRun: true } as const;
	expect(actionWords(action, DEFAULT_STAGES, "zh-CN")).toBe("试运行，不实际切换：“Comfort”恢复（断开原因：低电量干接点（3/4）闭合）。");
});

describe("stages", () => {
	it("read what the editor keeps, text or numbers, and fill in what is missing", () => {
		const [stage] = readStages([{ name: " Pool ", socOff: "50", socOn: "65,5", fault: "true", cellOff: "" }]);
		expect(stage).toEqual(stageWith({ key: "Pool", name: "Pool", socOff: 50, socOn: 65.5, fault: true }));
	});

	it("tell every problem at once, in words", () => {
		const wrong = [
			{ name: "A", socOff: 50, socOn: 40 },
			{ name: "A", cellOff: 9, cellOn: 3.2, minimumOnMinutes: "long" },
			{ name: "C", dischargeOff: 3000, dischargeOn: 3500, runtimeOff: 5 },
		];
		expect(() => readStages(wrong)).toThrow(
			/"A" stands for two stages.*stage 1 \(A\)\.socOn: must be above the level to go off, 50; .*cellOff: must be a number from 2\.5 to 3\.5 V, or empty; .*minimumOnMinutes: must be a number from 0 to 240 min; .*runtimeOn: needs both levels.*dischargeOn: must be below/,
		);
		expect(() => readStages([])).toThrow(/at least one stage/);
		expect(() => readStages("x")).toThrow(/at least one stage/);
	});
});
