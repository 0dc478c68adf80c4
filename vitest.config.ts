import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		exclude: ["test/real/**"],
		// Line faults are waited for in real time, each on a line of its own.
		maxConcurrency: 8,
		testTimeout: 20_000,
		hookTimeout: 30_000,
	},
});
