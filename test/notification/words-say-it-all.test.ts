import { describe, expect, it } from "vitest";
import { LANGUAGES, type Language } from "../../src/languages.ts";
import { FAMILY_KEYS } from "../../src/notification/families.ts";
import { isWithinHours } from "../../src/notification/local-time.ts";
import * as texts from "../../src/notification/notice-texts.ts";
import { buttonWords, noticeWords, type Wording } from "../../src/notification/notice-words.ts";
import { lengthWords, timeWords } from "../../src/notification/time-words.ts";
import { bankSnapshot, part, TOTALS } from "../support/snapshots.ts";
import { condition, HOUR, MINUTE, utc, Watch } from "./watch.ts";

const discharging = bankSnapshot({
	name: "Garage",
	totals: part({ ...TOTALS, stateOfCharge: 12.4, power: -2310.6, activity: "discharging" }),
});
const wording = (language: Language, changes: Partial<Wording> = {}): Wording => ({
	language,
	snapshot: discharging,
	toLocalTime: utc,
	shed: null,
	timeLeft: null,
	...changes,
});

function overVoltage(): Watch {
	const watch = new Watch("14:05");
	return watch.set(condition("protection.cell_overvoltage", 2, { cell: 7, value: 3.651, unit: "V" })).read(2);
}

/** The words of the last message. */
function last(watch: Watch, language: Language, changes: Partial<Wording> = {}) {
	const notice = watch.sent.at(-1);
	if (!notice) throw new Error("nothing was sent");
	return noticeWords(notice, wording(language, changes));
}

describe("an alarm in words", () => {
	it.each([
		[
			"en-US",
			"Critical: Voltage too high",
			"Garage, pack 2: Protection Cell over-voltage (cell 7: 3.651 V), since 14:05.",
			"State of charge 12 %, discharging with 2311 W.",
		],
		[
			"de",
			"Kritisch: Spannung zu hoch",
			"Garage, Pack 2: Schutz: Zellüberspannung (Zelle 7: 3,651 V), seit 14:05.",
			"Ladezustand 12 %, wird mit 2311 W entladen.",
		],
		["zh-CN", "严重：电压过高", "Garage，电池包 2：保护 单体过压（单体 7：3.651 V），自 14:05 起。", "荷电状态 12 %，正在以 2311 W 放电。"],
	] as const)("%s", (language, title, sentence, fact) => {
		expect(last(overVoltage(), language)).toEqual({ title, sentence, facts: [fact] });
	});

	it("says what was shed and how long the battery lasts, where somebody told", () => {
		const { facts } = last(overVoltage(), "en-US", { shed: "geyser, pool pump", timeLeft: "The battery lasts for 2 h 10 min at 2310 W." });
		expect(facts.slice(1)).toEqual(["Switched off: geyser, pool pump", "The battery lasts for 2 h 10 min at 2310 W."]);
	});

	it("leaves out what is not known", () => {
		const watch = new Watch("14:05").set(condition("alarm.low_soc", null)).read(2);
		const words = last(watch, "en-US", { snapshot: bankSnapshot({ name: "Garage", totals: null }) });
		expect(words).toEqual({ title: "Warning: Battery is low", sentence: "Garage: Alarm Low state of charge, since 14:05.", facts: [] });
	});

	it("says that it is simulated, in title and sentence", () => {
		const { title, sentence } = last(overVoltage(), "de", { snapshot: { ...discharging, origin: "simulated" } });
		expect(title).toBe("Kritisch: Spannung zu hoch [simuliert]");
		expect(sentence).toMatch(/ \[simuliert\]$/);
	});

	it("says how long it has lasted when it comes again, and that nobody answered", () => {
		const watch = overVoltage().pass(5 * MINUTE);
		expect(last(watch, "en-US").facts[0]).toBe("Nobody has acknowledged it for 5 min.");
		watch.pass(40 * MINUTE);
		expect(last(watch, "de").facts[0]).toMatch(/^Unverändert nach 4\d min\.$/);
	});

	it("says how long it took when it is over", () => {
		const watch = overVoltage()
			.do({ type: "acknowledge", tag: "all" })
			.pass(14 * MINUTE - 4000);
		watch.set().read(2);
		expect(last(watch, "en-US")).toEqual({
			title: "Over: Voltage too high",
			sentence: "Garage, pack 2: Protection Cell over-voltage (cell 7: 3.651 V) has ended after 14 min (14:05 to 14:19).",
			facts: [],
		});
	});
});

describe("the other messages in words", () => {
	it("a silent battery, and its return", () => {
		const watch = new Watch("14:00").silent().pass(2 * MINUTE);
		expect(last(watch, "en-US").sentence).toBe("Garage: nothing heard from the battery, since 14:00.");
		watch
			.pass(12 * MINUTE)
			.silent(false)
			.read(7);
		expect(last(watch, "en-US")).toMatchObject({
			title: "Over: Battery does not answer",
			sentence: "Garage: the battery answers again after 14 min (14:00 to 14:14).",
		});
	});

	it("a digest, a line for each", () => {
		const watch = new Watch("23:00");
		for (let index = 0; index < 3; index++) watch.set(condition("alarm.cell_overvoltage")).read(2).set().read(2);
		watch
			.set(condition("alarm.ambient_low_temperature", 1))
			.read(2)
			.pass(8 * HOUR + MINUTE);
		expect(last(watch, "en-US")).toEqual({
			title: "Battery: what was held back",
			sentence: "Garage",
			facts: [
				"2026-11-23 23:00 to 2026-11-23 23:00: Garage, pack 2: Alarm Cell over-voltage (3 times)",
				"since 2026-11-23 23:00: Garage, pack 1: Alarm Ambient low temperature",
			],
		});
		watch.do({ type: "digest" });
		expect(last(watch, "de").sentence).toBe("Nichts wurde zurückgehalten.");
	});

	it("a flow's own, as it was given", () => {
		const watch = new Watch("14:00");
		const alarm = { id: "grid", severity: "warning", title: "Grid is away", text: "Two hours left." } as const;
		watch.do({ type: "custom", alarm: { ...alarm, state: "on" } });
		expect(last(watch, "en-US")).toMatchObject({ title: "Warning: Grid is away", sentence: "Two hours left." });
		watch.pass(30 * MINUTE).do({ type: "custom", alarm: { ...alarm, state: "off" } });
		expect(last(watch, "en-US").sentence).toBe("Garage: Grid is away has ended after 30 min (14:00 to 14:30).");
	});

	it("every family in every language has a title and a sentence without holes", () => {
		for (const language of LANGUAGES)
			for (const family of FAMILY_KEYS)
				for (const kind of ["raised", "repeat", "escalated", "cleared", "acknowledged"] as const) {
					const watch = overVoltage();
					const [notice] = watch.sent;
					if (!notice?.sighting) throw new Error("nothing was sent");
					const sighting = { ...notice.sighting, family, details: [] };
					const { title, sentence } = noticeWords({ ...notice, kind, sighting }, wording(language));
					expect(`${title} ${sentence}`, `${family} ${kind} ${language}`).not.toMatch(/[{}]|undefined|null/);
					expect(title.length).toBeGreaterThan(3);
					expect(sentence.length).toBeGreaterThan(3);
				}
	});

	it("a test, and the buttons", () => {
		const watch = new Watch().do({ type: "test" });
		expect(last(watch, "zh-CN").sentence).toBe("Garage：这是一条测试消息。通知可以送达。");
		expect(LANGUAGES.map((language) => buttonWords(60, language))).toEqual([
			{ acknowledge: "Acknowledge", snooze: "Snooze 1 h", shed: "Shed now" },
			{ acknowledge: "Quittieren", snooze: "Später (1 h)", shed: "Jetzt abwerfen" },
			{ acknowledge: "确认", snooze: "1 小时后提醒", shed: "立即切除负载" },
		]);
	});

	it("every text says the same values in every language", () => {
		const holes = (text: string) => new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
		for (const [name, text] of Object.entries(texts.SENTENCES))
			for (const language of LANGUAGES) expect(holes(text[language]), `${name} ${language}`).toEqual(holes(text["en-US"]));
	});
});

describe("times in words", () => {
	const noon = Date.UTC(2026, 10, 23, 12);

	it("have a date when they are not of today", () => {
		expect(LANGUAGES.map((language) => timeWords(noon - 13 * HOUR, noon, utc, language))).toEqual([
			"2026-11-22 23:00",
			"22.11. 23:00",
			"11月22日 23:00",
		]);
		expect(timeWords(noon - HOUR, noon, utc, "de")).toBe("11:00");
	});

	it("are as long as people say", () => {
		expect([5000, 65_000, 59 * MINUTE, HOUR, 90 * MINUTE, 47 * HOUR, 50 * HOUR].map((ms) => lengthWords(ms, "en-US"))).toEqual([
			"5 s",
			"1 min",
			"59 min",
			"1 h",
			"1 h 30 min",
			"47 h",
			"2 d 2 h",
		]);
	});

	it("quiet hours go over midnight, or not", () => {
		const at = (hour: number, minute = 0) => ({ year: 2026, month: 11, day: 23, hour, minute });
		expect([at(21, 59), at(22), at(0), at(6, 59), at(7)].map((time) => isWithinHours(time, "22:00", "07:00"))).toEqual([
			false,
			true,
			true,
			true,
			false,
		]);
		expect([at(12, 59), at(13), at(14, 59), at(15)].map((time) => isWithinHours(time, "13:00", "15:00"))).toEqual([
			false,
			true,
			true,
			false,
		]);
		expect(isWithinHours(at(7), "07:00", "07:00")).toBe(false);
	});
});
