import { defineConfig } from "vitest/config";

/** The checks against real components: they share ports, a broker and two cores, so one file at a time. */
export default defineConfig({
	test: {
		include: ["test/real/**/*.test.ts"],
		fileParallelism: false,
		testTimeout: 120_000,
		hookTimeout: 300_000,
	},
});
