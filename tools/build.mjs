// Builds dist/: the server from src/ (dist/src, with the status page's files beside its scripts), then the
// palette from nodes/ (dist/palette). Half a second each.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const pageSource = join(root, "src", "server", "page");
const fresh = join(root, "dist", ".fresh");

function run(args) {
	const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
	if (error) throw error;
	if (status !== 0) process.exit(status ?? 1);
}

// Built beside the old one, which stays when this fails; what no longer has a source goes with it.
rmSync(fresh, { recursive: true, force: true });
run([join(root, "node_modules", "typescript", "bin", "tsc"), "--project", "tsconfig.build.json", "--outDir", fresh]);
const built = { page: join(fresh, "src", "server", "page"), whole: join(fresh, "src") };
mkdirSync(built.page, { recursive: true });
for (const name of readdirSync(pageSource)) {
	if (!name.endsWith(".ts")) copyFileSync(join(pageSource, name), join(built.page, name));
}
rmSync(join(root, "dist", "src"), { recursive: true, force: true });
renameSync(built.whole, join(root, "dist", "src"));
rmSync(fresh, { recursive: true });

const palette = join(root, "tools", "build-palette.mjs");
if (existsSync(palette)) run([palette]);
