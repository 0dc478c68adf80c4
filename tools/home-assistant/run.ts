// `npm run test:home-assistant`: finds or installs a Home Assistant, runs the checks against it and prints how many
// there were of each kind. Without a Home Assistant it says so loudly and ends well, or with 1 when HASS_REQUIRED=1.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findHomeAssistant } from "./find-home-assistant.ts";

const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const say = (line: string) => process.stdout.write(`Home Assistant: ${line}\n`);
const [flags, filters] = [
	process.argv.slice(2).filter((arg) => arg === "--update"),
	process.argv.slice(2).filter((arg) => arg !== "--update"),
];

function loudly(reason: string): void {
	const rule = "=".repeat(100);
	process.stdout.write(
		`\n${rule}\nSKIPPED: nothing was checked against a real Home Assistant, because there is none.\n${reason}\n` +
			"Run it as root on Debian or Ubuntu, or set HASS_COMMAND (a hass program of a Python environment),\n" +
			`or HASS_URL and HASS_TOKEN (a running one, for tests only).\n${rule}\n\n`,
	);
}

/** Runs vitest to its end; Ctrl-C reaches it by itself, and it ends what it started. */
function vitest(env: NodeJS.ProcessEnv): Promise<number> {
	const program = join(repository, "node_modules", "vitest", "vitest.mjs");
	const args = [program, "run", "--config", join(repository, "vitest.home-assistant.config.ts"), ...filters];
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, args, { cwd: repository, env, stdio: "inherit" });
		for (const signal of ["SIGTERM", "SIGHUP"] as const) process.once(signal, () => child.kill(signal));
		child.once("error", reject);
		child.once("close", (code) => resolve(code ?? 1));
	});
}

/** The counts of all test files: lines of `{kind: [passed, failed]}`. */
async function printTally(file: string): Promise<void> {
	const total = new Map<string, { passed: number; failed: number }>();
	const lines = await readFile(file, "utf8").catch(() => "");
	for (const line of lines.split("\n").filter((text) => text !== "")) {
		const { kind, passed, failed } = JSON.parse(line) as { kind: string; passed: number; failed: number };
		const before = total.get(kind) ?? { passed: 0, failed: 0 };
		total.set(kind, { passed: before.passed + passed, failed: before.failed + failed });
	}
	process.stdout.write("\nChecks against Home Assistant, by kind:\n");
	for (const [kind, { passed, failed }] of total)
		process.stdout.write(`  ${String(passed).padStart(6)}  ${kind}${failed === 0 ? "" : `  (${failed} failed)`}\n`);
	process.stdout.write(`  ${String([...total.values()].reduce((sum, { passed }) => sum + passed, 0)).padStart(6)}  in all\n`);
}

const startedAt = performance.now();
const seconds = () => Math.round((performance.now() - startedAt) / 1000);
const found = await findHomeAssistant(flags.length > 0, say);
if ("reason" in found) {
	loudly(found.reason);
	process.exitCode = process.env.HASS_REQUIRED === "1" ? 1 : 0;
} else {
	say(`${found.about}; ready after ${seconds()} s`);
	const folder = await mkdtemp(join(tmpdir(), "rack-battery-home-assistant-"));
	const tally = join(folder, "tally");
	try {
		process.exitCode = await vitest({ ...process.env, ...found.env, HASS_TALLY: tally });
		await printTally(tally);
		say(`${process.exitCode === 0 ? "all well" : "FAILED"} after ${seconds()} s`);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
