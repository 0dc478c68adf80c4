import { describe, expect, it } from "vitest";
import {
	CONDITION_KEYS,
	conditionKind,
	conditionName,
	conditionOf,
	conditionsOfClass,
	LANGUAGES,
	originWord,
	partWords,
	placeWords,
	quantityWords,
} from "../../src/index.ts";

/** One vocabulary of conditions and places for every message, in every language. */

describe.each(LANGUAGES)("names of conditions in %s", (language) => {
	it.each(["alarm", "protection", "fault"] as const)("tell the conditions of class %s apart", (name) => {
		const names = conditionsOfClass(name).map((key) => conditionName(key, language));
		expect(names.filter((each) => each.trim() === "")).toEqual([]);
		expect(new Set(names).size).toBe(names.length);
	});

	it("keep the codes of the manual where the name of a bit is its code", () => {
		const bits = CONDITION_KEYS.filter((key) => conditionOf(key).undocumented === true);
		expect(bits.length).toBeGreaterThan(3);
		for (const key of bits) expect(conditionName(key, language)).toContain(conditionOf(key).code);
	});

	it("call Fully a state and no protection", () => {
		expect(conditionKind("protection.fully", language)).not.toBe(conditionKind("protection.cell_overvoltage", language));
	});
});

it("English names are the labels of the conditions", () => {
	for (const key of CONDITION_KEYS) expect(conditionName(key, "en-US")).toBe(conditionOf(key).label);
});

it("Chinese names hold no Latin words but abbreviations and codes", () => {
	const words = CONDITION_KEYS.flatMap((key) => conditionName(key, "zh-CN").match(/[A-Za-z][\w.]*/g) ?? []);
	expect(new Set(words)).toEqual(new Set(["SOC", "MOS", "PCB", "NTC", "F.7", "F.6", "F.3", "P1.7"]));
});

describe("places and values", () => {
	it.each([
		["en-US", "Shed, pack 2", "cell 7", "temperature probe 1", "simulated", "3.651 V"],
		["de", "Shed, Pack 2", "Zelle 7", "Temperaturfühler 1", "simuliert", "3,651 V"],
		["zh-CN", "Shed，电池包 2", "单体 7", "温度探头 1", "模拟", "3.651 V"],
	] as const)("are said in %s", (language, place, cell, probe, origin, value) => {
		expect(placeWords("Shed", 2, language)).toBe(place);
		expect(placeWords("Shed", null, language)).toBe("Shed");
		expect(partWords("cell", 7, language)).toBe(cell);
		expect(partWords("probe", 1, language)).toBe(probe);
		expect(originWord("simulated", language)).toBe(origin);
		expect(originWord("real", language)).toBe("");
		expect(quantityWords(3.651, "V", language)).toBe(value);
		expect(quantityWords(0, null, language)).toBe("0");
	});
});
