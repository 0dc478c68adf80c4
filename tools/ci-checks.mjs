// Checks of the repository itself: no path of a developer's machine, no registry host in the lockfile, and
// nothing that a build or a test left behind outside the ignored folders. Node's own modules only.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const skipped = new Set([".git", "node_modules", "dist", "coverage", "test-output", ".rack-battery"]);
const textual = /(\.(ts|mjs|cjs|js|json|html|css|md|txt|svg|hex|yml|yaml)|\/[^./]+|\/\.[a-z]+)$/;

/** Paths that exist on one machine only. Written so that this file does not match itself. */
const machinePaths = [/\/roo[t]\//, /\/wor[k]\//, /\/home\/(?!pi\b|node\b|user\b)[a-z]/, /[A-Z]:\\User[s]\\/, /\/User[s]\/[a-z]/];
const registryHosts = [/registr[y]\.npmjs/, /registr[y]\.yarnpkg/, /npm\.pk[g]\.github/];

function filesBelow(folder) {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		if (skipped.has(entry.name)) return [];
		const path = join(folder, entry.name);
		return entry.isDirectory() ? filesBelow(path) : [path];
	});
}

function linesMatching(path, patterns) {
	return readFileSync(path, "utf8")
		.split("\n")
		.flatMap((line, index) =>
			patterns.some((pattern) => pattern.test(line)) ? [`${relative(root, path)}:${index + 1}: ${line.trim().slice(0, 160)}`] : [],
		);
}

/** Addresses from which the lockfile says a package came: there must be none, so that any registry serves. */
function lockedAddresses() {
	const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
	return Object.entries(lock.packages)
		.filter(([, entry]) => /^(https?|git)/.test(entry.resolved ?? ""))
		.map(([name]) => `package-lock.json: ${name} records where it was downloaded from`);
}

/** What git sees as changed or new after install, build and tests; empty where there is no git. */
function leftOver() {
	const result = spawnSync("git", ["-c", "safe.directory=*", "status", "--porcelain"], { cwd: root, encoding: "utf8" });
	return result.status === 0 ? result.stdout.split("\n").filter((line) => line !== "") : [];
}

const problems = [
	...filesBelow(root)
		.filter((path) => textual.test(path))
		.flatMap((path) => linesMatching(path, path.endsWith("package-lock.json") ? registryHosts : [...machinePaths, ...registryHosts])),
	...lockedAddresses(),
	...(process.env.CI === "true" ? leftOver().map((line) => `changed by install, build or tests: ${line}`) : []),
];
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(problems.length === 0 ? "clean\n" : `${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
