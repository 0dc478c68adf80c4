import { defineConfig } from "vitest/config";

/** The checks against a real Home Assistant: one at a time, each file with a house of its own. */
export default defineConfig({
	test: {
		include: ["test/home-assistant-real/**/*.check.ts"],
		fileParallelism: false,
		testTimeout: 120_000,
		hookTimeout: 180_000,
		bail: 0,
	},
});
