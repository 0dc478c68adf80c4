import { describe, expect, it } from "vitest";
import { AS_KNOWN, isBelievable, nextReplyAddress } from "../../../src/bms/driver/reply-address.ts";
import { at, heardForeign, NO_STRANGERS, owed } from "../../../src/bms/driver/second-master.ts";
import { afterOutcome, FULL_SPEED, slowedBy } from "../../../src/bms/driver/slow-down.ts";
import { wrongMode } from "../../../src/bms/driver/wrong-mode.ts";

describe("a second master", () => {
	const heard = (...times: number[]) => times.reduce(heardForeign, NO_STRANGERS);

	it("is there when several frames of others come within a while, and not before", () => {
		expect(heard(0, 1_000).isMaster).toBe(false);
		expect(heard(0, 1_000, 2_000).isMaster).toBe(true);
		expect(heard(0, 9_000, 18_000, 27_000).isMaster).toBe(false);
	});

	it("is gone when it was not heard for a while", () => {
		const master = heard(0, 1_000, 2_000);
		expect(at(master, 11_000).isMaster).toBe(true);
		expect(at(master, 12_100).isMaster).toBe(false);
		// One more frame does not make a new one.
		expect(heardForeign(master, 12_100).isMaster).toBe(false);
	});

	it("is not made of late answers to our own questions", () => {
		let line = NO_STRANGERS;
		for (let time = 0; time < 60_000; time += 1_000) line = heardForeign(owed(line, time), time + 500);
		expect(line.isMaster).toBe(false);
	});

	it("shows beside late answers of ours", () => {
		const line = [0, 1_000, 2_000].reduce((before, time) => heardForeign(heardForeign(owed(before, time), time), time), NO_STRANGERS);
		expect(line.isMaster).toBe(true);
	});
});

describe("a line in trouble", () => {
	const outcomes = (...answered: boolean[]) => answered.reduce(afterOutcome, FULL_SPEED);
	const many = (count: number, answered: boolean) => Array.from({ length: count }, () => answered);

	it("is used at full speed after a single miss", () => {
		expect(slowedBy(outcomes(true, false, true))).toEqual({ extraGapMs: 0, extraTimeoutMs: 0 });
	});

	it("is used more slowly the more answers are missing, and never more slowly than bearable", () => {
		const gaps = [0, 2, 4, 6, 8, 100].map((misses) => slowedBy(outcomes(...many(misses, false))).extraGapMs);
		expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
		expect(gaps[1]).toBeGreaterThan(0);
		expect(gaps[5]).toBe(1_000);
	});

	it("is used faster again step by step when it answers", () => {
		let line = outcomes(...many(100, false));
		const levels = [line.level];
		for (let n = 0; n < 60; n += 1) {
			line = afterOutcome(line, true);
			levels.push(line.level);
		}
		expect(levels.at(-1)).toBe(0);
		expect(levels.every((level, index) => index === 0 || (levels[index - 1] ?? 0) - level <= 1)).toBe(true);
	});
});

describe("the address of answers", () => {
	const answers = (cabled: number | null, ...addresses: number[]) =>
		addresses.reduce((before, address) => nextReplyAddress(before, address, { cabled, isAlone: false }), AS_KNOWN);

	it("is believed at first, and when it is the cabled pack's", () => {
		expect(isBelievable(answers(null, 3))).toBe(true);
		expect(isBelievable(answers(1, 1, 1))).toBe(true);
	});

	it("is not believed when another one turns up between", () => {
		expect(isBelievable(answers(1, 2))).toBe(false);
		expect(isBelievable(answers(1, 2, 2, 2, 1, 2, 2, 2, 1, 2, 2, 2, 2))).toBe(false);
		expect(isBelievable(answers(1, ...Array.from({ length: 20 }, (_, index) => 2 + (index % 2))))).toBe(false);
	});

	it("may be 0 and 1 in turn of a pack that stands alone", () => {
		expect(isBelievable(nextReplyAddress(AS_KNOWN, 0, { cabled: 1, isAlone: true }))).toBe(true);
		expect(isBelievable(nextReplyAddress(AS_KNOWN, 2, { cabled: 1, isAlone: true }))).toBe(false);
	});

	it("is believed when the cable was moved: all answers bear it", () => {
		expect(isBelievable(answers(1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2))).toBe(true);
	});
});

describe("a gateway in the wrong mode", () => {
	const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

	it.each([
		["Telnet", "\xff\xfb\x2c\xff\xfd\x00", /raw TCP/],
		["its web page", "HTTP/1.1 400 Bad Request\r\n", /settings page/],
		["SSH", "SSH-2.0-dropbear\r\n", /SSH/],
		["a login", "\r\nrouter login: ", /login/],
	])("is recognised by %s", (_name, text, words) => {
		expect(wrongMode(bytes(text))).toMatch(words);
	});

	it("is not seen in damaged answers of a battery", () => {
		expect(wrongMode(bytes("~25014600E00201100D450D440D450D44"))).toBeNull();
		expect(wrongMode(Uint8Array.from({ length: 200 }, (_, index) => (index * 37) & 0x7f))).toBeNull();
	});
});
