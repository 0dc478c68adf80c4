import { describe, expect, it } from "vitest";
import { isEmpty, isNumberOf } from "../../nodes/lib/editor/editor.ts";

/** The check of numbers that every form shares. */

describe("a number in a form", () => {
	it.each(["", undefined, null])("%j stands for the default", (nothing) => {
		expect(isEmpty(nothing)).toBe(true);
		expect(isNumberOf(nothing, 1, 5, true)).toBe(true);
	});

	it.each([1, 5, "1", "5", " 3 ", 2.5, "2.5"])("%j is from 1 to 5", (entered) => {
		expect(isEmpty(entered)).toBe(false);
		expect(isNumberOf(entered, 1, 5, false)).toBe(true);
	});

	it.each([0.9, 5.1, "0", "6", -3, "many", "3 V", "2,5", Number.NaN, Number.POSITIVE_INFINITY])("%j is not", (entered) => {
		expect(isNumberOf(entered, 1, 5, false)).toBe(false);
	});

	it("must be whole where only whole ones are taken, and zero is a number", () => {
		expect(isNumberOf("2.5", 1, 5, true)).toBe(false);
		expect(isNumberOf("2.0", 1, 5, true)).toBe(true);
		expect(isEmpty(0)).toBe(false);
		expect(isNumberOf(0, 1, 5, true)).toBe(false);
	});
});
