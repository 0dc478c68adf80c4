// Runs before `npm start` and `npm test`, on whatever Node the machine has (20 or newer): installs and builds
// what is missing, and nothing when all is there. Plain JavaScript with Node's own modules only.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const buildStamp = join(root, "dist", ".rack-battery-build");

function stop(message) {
	process.stderr.write(`\n${message}\n`);
	process.exit(1);
}

// What a command prints may be read by another program: all that is said here goes to the error output.
function run(what, command, args) {
	// On Windows npm is a batch file, which only a shell runs.
	const shell = process.platform === "win32" && command === "npm";
	const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", process.stderr, "inherit"], shell });
	if (result.error) stop(`Could not ${what}: ${result.error.message}`);
	if (result.status !== 0) stop(`Could not ${what}: see the lines above. When that is mended, run the same command again.`);
}

/** Every file below `folder`, sorted, so that the same tree always gives the same fingerprint. */
function filesBelow(folder) {
	return readdirSync(folder, { withFileTypes: true })
		.sort((a, b) => (a.name < b.name ? -1 : 1))
		.flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]));
}

function fingerprint(files) {
	const hash = createHash("sha256");
	for (const file of files) {
		hash.update(file);
		hash.update(readFileSync(file));
	}
	return hash.digest("hex");
}

function isStamped(stamp, value) {
	return existsSync(stamp) && readFileSync(stamp, "utf8") === value;
}

function packagesIn(lockfile) {
	return existsSync(lockfile) ? JSON.parse(readFileSync(lockfile, "utf8")).packages : {};
}

/**
 * Whether node_modules holds what the lockfile names, whoever installed it. npm writes its own record as the last
 * thing of an install, so that an interrupted one does not count. Optional packages may be those of another system.
 */
function isInstalled() {
	const wanted = Object.entries(packagesIn(join(root, "package-lock.json"))).filter(([path, { optional }]) => path !== "" && !optional);
	const installed = packagesIn(join(modules, ".package-lock.json"));
	return wanted.every(([path, { version }]) => path in installed && installed[path].version === version);
}

const [major] = process.versions.node.split(".").map(Number);
if (major < 20)
	stop(`Rack Battery needs Node 20 or newer; this is Node ${process.versions.node}. Install a newer Node and run the command again.`);

if (!isInstalled()) {
	process.stderr.write("Installing what Rack Battery needs (once, about half a minute) ...\n");
	run("install the packages", "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}

const runtime = spawnSync("node", ["--version"], {
	cwd: root,
	encoding: "utf8",
	env: { ...process.env, PATH: `${join(modules, ".bin")}:${process.env.PATH}` },
});
const [runtimeMajor, runtimeMinor] = (runtime.stdout ?? "").replace("v", "").split(".").map(Number);
if (runtimeMajor < 22 || (runtimeMajor === 22 && runtimeMinor < 9)) {
	stop(
		`Node-RED 5 needs Node 22.9 or newer; this machine has ${(runtime.stdout ?? "").trim()} and no newer one could be brought along for ${process.platform} ${process.arch}. Install Node 24 and run the command again.`,
	);
}

const sources = ["src", "nodes", "flows", "tools"]
	.map((folder) => join(root, folder))
	.filter((folder) => existsSync(folder) && statSync(folder).isDirectory());
const single = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json", "LICENSE"].map((name) => join(root, name));
const built = fingerprint([...sources.flatMap(filesBelow), ...single.filter(existsSync)]);
if (!isStamped(buildStamp, built) || !existsSync(join(root, "dist", "src", "cli", "rack-battery.js"))) {
	process.stderr.write("Building ...\n");
	// The Node that was brought along, where there is one.
	const ownNode = join(modules, ".bin", "node");
	run("build", existsSync(ownNode) && process.platform !== "win32" ? ownNode : process.execPath, [join(root, "tools", "build.mjs")]);
	writeFileSync(buildStamp, built);
}
