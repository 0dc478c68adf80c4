import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

it("has tables in README and help that agree with the tables in the code", () => {
	const run = spawnSync(process.execPath, [join(import.meta.dirname, "..", "tools", "write-docs.ts"), "--check"], { encoding: "utf8" });
	expect(run.stderr).toBe("");
	expect(run.status).toBe(0);
});
