import { expect, test } from "vitest";
import { backoffMs } from "../../../src/bms/bus/backoff.ts";

test("the pause doubles from 1 s to 6 s", () => {
	expect([1, 2, 3, 4, 5, 6, 7, 1000].map((attempt) => backoffMs(attempt, 0))).toEqual([1000, 2000, 4000, 6000, 6000, 6000, 6000, 6000]);
});

test("jitter shortens it by a fifth at most", () => {
	expect(backoffMs(1, 1)).toBe(800);
	expect(backoffMs(6, 0.5)).toBe(5_400);
});
