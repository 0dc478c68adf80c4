import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { SUBCOMMANDS } from "../../src/cli/subcommands.ts";

const COMMAND = join(import.meta.dirname, "../../src/cli/rack-battery.ts");

async function helpOf(name: string): Promise<string> {
	const run = await SUBCOMMANDS[name]?.load();
	const stdout = new PassThrough();
	expect(await run?.(["--help"], { stdin: new PassThrough(), stdout, stderr: new PassThrough() })).toBe(0);
	return String(stdout.read());
}

it("every command calls the speed of the line --baud-rate, and none --baud", async () => {
	const texts = await Promise.all(Object.keys(SUBCOMMANDS).map(helpOf));
	expect(texts.filter((text) => /--baud-rate N/.test(text)).length).toBeGreaterThan(10);
	expect(texts.filter((text) => /--baud\b(?!-rate)/.test(text))).toEqual([]);
});

it("the short name is understood too", () => {
	// The command as a user runs it.
	const { status, stderr } = spawnSync(process.execPath, [COMMAND, "probe", "--baud", "fast"], { encoding: "utf8", cwd: "/" });
	expect(status).toBe(2);
	expect(stderr).toMatch(/--baud-rate "fast" must be a whole number/);
});
