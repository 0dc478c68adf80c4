import { describe, expect, it } from "vitest";
import { fuzz } from "../../../tools/fuzz.ts";

/** Much to compute, and nothing to wait for: a busy machine takes its time. */
describe("random and mutated bytes", () => {
	it("crash nothing, and nothing is read from a frame whose checks fail", () => {
		const result = fuzz(50_000, 20_261_123);
		expect(result.inputs).toBe(50_000);
		// The inputs reach the decoder: some are sound, most are not.
		expect(result.readings).toBeGreaterThan(1000);
		for (const readings of result.readingsByProtocol) expect(readings).toBeGreaterThan(100);
		expect(result.frames).toBeGreaterThan(result.readings);
		expect(result.decoded).toBeGreaterThan(25_000);
	}, 180_000);
});
