// Builds dist/: the server from src/ (dist/src, with the status page's files beside its scripts), then the
// palette from nodes/ (dist/palette). Half a second each.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const page = { from: join(root, "src", "server", "page"), to: join(root, "dist", "src", "server", "page") };

function run(args) {
	const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
	if (error) throw error;
	if (status !== 0) process.exit(status ?? 1);
}

// What no longer has a source must not stay behind.
rmSync(join(root, "dist", "src"), { recursive: true, force: true });
run([join(root, "node_modules", "typescript", "bin", "tsc"), "--project", "tsconfig.build.json"]);

mkdirSync(page.to, { recursive: true });
for (const name of readdirSync(page.from)) {
	if (!name.endsWith(".ts")) copyFileSync(join(page.from, name), join(page.to, name));
}

const palette = join(root, "tools", "build-palette.mjs");
if (existsSync(palette)) run([palette]);
