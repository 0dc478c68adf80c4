import { describe, expect, it } from "vitest";
import { estimateAutonomy } from "../../src/autonomy/autonomy.ts";
import { autonomyWords, durationWords } from "../../src/autonomy/autonomy-words.ts";
import { AUTONOMY_SETTINGS } from "../../src/autonomy/options.ts";
import { addPower, type SmoothedPower, spreadOf } from "../../src/autonomy/smoothed-power.ts";
import { targetTime } from "../../src/autonomy/target-time.ts";
import { usableEnergy } from "../../src/autonomy/usable-energy.ts";
import { LANGUAGES } from "../../src/languages.ts";
import { defaultsOf } from "../../src/settings.ts";
import { AT, bankSnapshot, pack, part, stale, TOTALS } from "../support/snapshots.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SETTINGS = defaultsOf(AUTONOMY_SETTINGS);
/** Two packs of 100 Ah at 55 %, 52.8 V: 90 Ah above 10 %, at no more than 51.2 V. */
const BANK = bankSnapshot();
/** The same, without a word about its current. */
const MUTE = bankSnapshot({ totals: part({ ...TOTALS, current: null, power: null, activity: null }) });

/** The same power for an hour. */
function steady(power: number, until = AT): SmoothedPower {
	let smoothed: SmoothedPower | null = null;
	for (let at = until - HOUR; at <= until; at += 10_000) smoothed = addPower(smoothed, power, at, 10 * MINUTE);
	if (smoothed === null) throw new Error("no sample");
	return smoothed;
}

describe("smoothed power", () => {
	it("is the plain mean of all samples until it has settled", () => {
		let smoothed = addPower(null, -1000, AT, 10 * MINUTE);
		smoothed = addPower(smoothed, -2000, AT + 10_000, 10 * MINUTE);
		smoothed = addPower(smoothed, -3000, AT + 20_000, 10 * MINUTE);
		expect(smoothed.mean).toBeCloseTo(-2000, 6);
		expect(spreadOf(smoothed, 10 * MINUTE)).toBeGreaterThan(1900);
	});

	it("forgets with its time constant, however often it is sampled", () => {
		const step = (everyMs: number) => {
			let smoothed: SmoothedPower = steady(-1000);
			for (let at = AT + everyMs; at <= AT + 10 * MINUTE; at += everyMs) smoothed = addPower(smoothed, -2000, at, 10 * MINUTE);
			return smoothed.mean;
		};
		expect(step(5000)).toBeCloseTo(-1000 - 1000 * (1 - Math.exp(-1)), 0);
		expect(step(60_000)).toBeCloseTo(step(5000), 0);
	});

	it("knows its spread: none for a steady load, that of the samples for a changing one", () => {
		expect(spreadOf(steady(-1000), 10 * MINUTE)).toBeLessThan(5);
		let smoothed: SmoothedPower | null = null;
		for (let index = 0; index < 720; index += 1) smoothed = addPower(smoothed, index % 2 ? -1500 : -500, AT + index * 10_000, 10 * MINUTE);
		expect(smoothed?.mean).toBeCloseTo(-1000, -1);
		expect(smoothed && spreadOf(smoothed, 10 * MINUTE)).toBeCloseTo(500, -1);
	});

	it("begins anew after a gap, and takes no sample twice", () => {
		const before = steady(-1000);
		expect(addPower(before, -3000, AT + 6 * MINUTE, 10 * MINUTE)).toMatchObject({ mean: -3000, since: AT + 6 * MINUTE });
		expect(addPower(before, -3000, AT, 10 * MINUTE)).toBe(before);
		expect(addPower(before, -3000, AT - 2 * HOUR, 10 * MINUTE)).toMatchObject({ mean: -3000 });
	});
});

describe("usable energy", () => {
	it("is what the live packs hold above low alarm and reserve, at no more than the nominal voltage", () => {
		const usable = usableEnergy(BANK, SETTINGS);
		expect(usable?.charge).toEqual({ best: 90, low: 84, high: 96 });
		expect(usable?.energy.best).toBeCloseTo(90 * 0.0512, 6);
		expect(usable?.packs).toEqual([1, 2]);
	});

	it("counts a pack that is below the floor as nothing, not as a debt", () => {
		const bank = bankSnapshot({ packs: [pack(1), pack(2, { values: { remainingCapacity: 4 } })] });
		expect(usableEnergy(bank, SETTINGS)?.charge.best).toBe(45);
	});

	it("leaves out packs that are not live, and is null when nothing fresh is known", () => {
		const totals = part({ ...TOTALS, packs: [1] });
		expect(usableEnergy(bankSnapshot({ totals }), SETTINGS)?.charge.best).toBe(45);
		expect(usableEnergy(bankSnapshot({ totals: null }), SETTINGS)).toBeNull();
		expect(usableEnergy(bankSnapshot({ totals: stale(totals) }), SETTINGS)).toBeNull();
	});
});

describe("the time to last until", () => {
	const now = new Date(2026, 10, 23, 20, 15).getTime();
	it.each([
		["22:30", new Date(2026, 10, 23, 22, 30).getTime()],
		["06:00", new Date(2026, 10, 24, 6, 0).getTime()],
		["20:15", new Date(2026, 10, 24, 20, 15).getTime()],
		["3 h", now + 3 * HOUR],
		["2h30", now + 2.5 * HOUR],
		["2h 30min", now + 2.5 * HOUR],
		["1,5 h", now + 1.5 * HOUR],
		["90 min", now + 1.5 * HOUR],
		["PT2H30M", now + 2.5 * HOUR],
		["3 小时", now + 3 * HOUR],
		["2026-11-24T01:00:00Z", Date.UTC(2026, 10, 24, 1)],
	])("may be said as %s", (text, at) => expect(targetTime(text, now)).toBe(at));

	it("may be a Date", () => expect(targetTime(new Date(now + HOUR), now)).toBe(now + HOUR));

	it.each(["", "soon", "25:00", "12:60", "90", "-3 h", 90, null, undefined, {}, "2026-13-01T00:00"])("%s is refused in words", (value) =>
		expect(() => targetTime(value, now)).toThrow(/must be like "22:30"/),
	);

	it("must be ahead, and within a week", () => {
		expect(() => targetTime(new Date(now - HOUR), now)).toThrow(/is past/);
		expect(() => targetTime("0 h", now)).toThrow(/is past/);
		expect(() => targetTime("200 h", now)).toThrow(/more than a week/);
	});
});

describe("autonomy", () => {
	/** 4.608 kWh at 1 kW: 4.6 hours, at worse 4.3, at best 4.9. */
	it.each([
		["yes", 4],
		["unsure", 4.5],
		["no", 6],
	])("is %s for %s hours", (lasts, hours) => {
		const autonomy = estimateAutonomy(BANK, steady(-1000), SETTINGS, AT + hours * HOUR, AT);
		expect(autonomy.lasts).toBe(lasts);
		expect(autonomy.minutesLeft?.best).toBeCloseTo(276.48, 1);
		expect(autonomy.minutesLeft?.low).toBeLessThan(260);
		expect(autonomy.minutesLeft?.high).toBeGreaterThan(290);
		expect(autonomy.missingEnergy).toBeCloseTo(hours - 4.608, 3);
		expect(autonomy.emptyAt).toBeCloseTo(AT + 276.48 * MINUTE, -2);
	});

	it("is unsure as long as the power has not settled", () => {
		expect(estimateAutonomy(BANK, addPower(null, -1000, AT, 10 * MINUTE), SETTINGS, AT + HOUR, AT)).toMatchObject({
			lasts: "yes",
			minutesLeft: { high: null },
		});
		expect(estimateAutonomy(BANK, addPower(null, -1000, AT, 10 * MINUTE), SETTINGS, AT + 4 * HOUR, AT).lasts).toBe("unsure");
	});

	it("says charging when nothing is taken out, and tells the time left without a target", () => {
		expect(estimateAutonomy(BANK, steady(800), SETTINGS, AT + HOUR, AT)).toMatchObject({ lasts: "charging", minutesLeft: null });
		expect(estimateAutonomy(BANK, steady(-2), SETTINGS, null, AT)).toMatchObject({ lasts: "charging" });
		expect(estimateAutonomy(BANK, steady(-1000), SETTINGS, null, AT)).toMatchObject({ lasts: null, missingEnergy: null });
	});

	it("is unknown without fresh values, and never a number then", () => {
		const unknown = { lasts: "unknown", minutesLeft: null, power: null, missingEnergy: null };
		expect(estimateAutonomy(bankSnapshot({ totals: null }), steady(-1000), SETTINGS, AT + HOUR, AT)).toMatchObject(unknown);
		expect(estimateAutonomy(BANK, null, SETTINGS, AT + HOUR, AT)).toMatchObject(unknown);
		expect(estimateAutonomy(BANK, steady(-1000), SETTINGS, AT + HOUR, AT + 3 * MINUTE)).toMatchObject(unknown);
	});

	it("is unknown at once while the battery does not tell its current, whatever it told before: what is left in it is told", () => {
		for (const before of [steady(-1000), steady(0), null]) {
			const autonomy = estimateAutonomy(MUTE, before, SETTINGS, AT + HOUR, AT);
			expect(autonomy).toMatchObject({ lasts: "unknown", unknown: "current", minutesLeft: null, power: null, missingEnergy: null });
			expect(autonomy.usable?.charge.best).toBe(90);
		}
		expect(estimateAutonomy(BANK, null, SETTINGS, null, AT).unknown).toBe("values");
		expect(estimateAutonomy(BANK, steady(-1000), SETTINGS, null, AT).unknown).toBeNull();
	});
});

describe("in words", () => {
	it.each([
		["yes", 4, /lasts until \d\d:\d\d: 4 h 36 min \(.* to .*\) left at 1000 W\.$/],
		["no", 6, /does not last until .* 1\.4 kWh are missing\.$/],
		["unsure", 4.5, /not sure that the battery lasts/],
	])("%s", (_lasts, hours, words) => {
		const autonomy = estimateAutonomy(BANK, steady(-1000), SETTINGS, AT + Number(hours) * HOUR, AT);
		expect(autonomyWords(autonomy, AT, "en-US")).toMatch(words);
	});

	it.each(LANGUAGES)("every answer has its sentence in %s, without holes", (language) => {
		const cases = [
			estimateAutonomy(BANK, steady(-1000), SETTINGS, null, AT),
			estimateAutonomy(BANK, addPower(null, -1000, AT, 1), SETTINGS, AT + 30 * HOUR, AT),
			estimateAutonomy(BANK, steady(500), SETTINGS, null, AT),
			estimateAutonomy(BANK, null, SETTINGS, null, AT),
			estimateAutonomy(MUTE, steady(-1000), SETTINGS, null, AT),
		];
		const words = cases.map((autonomy) => autonomyWords(autonomy, AT, language));
		expect(new Set(words).size).toBe(5);
		for (const sentence of words) expect(sentence).toMatch(/^[^{}]{6,}$/);
	});

	it("durations are rounded down", () => {
		expect(durationWords(59.9, "en-US")).toBe("59 min");
		expect(durationWords(119.9, "de")).toBe("1 h 59 min");
		expect(durationWords(1e6, "zh-CN")).toBe("超过 4 天");
	});
});
