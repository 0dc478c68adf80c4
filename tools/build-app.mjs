// Makes dist/home-assistant-app: a repository folder for Home Assistant's app store with one app, which is the packed
// server and the files of packaging/home-assistant-app. Copied into the folder /addons of a Home Assistant, it is there.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const repository = join(root, "dist", "home-assistant-app");
const app = join(repository, "rack_battery");

rmSync(repository, { recursive: true, force: true });
mkdirSync(app, { recursive: true });
cpSync(join(root, "packaging", "home-assistant-app"), app, { recursive: true });
cpSync(join(root, "CHANGELOG.md"), join(app, "CHANGELOG.md"));
writeFileSync(join(repository, "repository.yaml"), "name: Rack Battery\n");

const packed = spawnSync("npm", ["pack", "--silent", "--pack-destination", app], {
	cwd: root,
	stdio: ["ignore", "ignore", "inherit"],
	shell: process.platform === "win32",
});
if (packed.status !== 0) process.exit(packed.status ?? 1);
const tarball = readdirSync(app).find((name) => name.endsWith(".tgz"));
if (tarball === undefined) throw new Error("npm pack made no package.");
renameSync(join(app, tarball), join(app, "rack-battery.tgz"));
console.log(`${repository}: copy its folder rack_battery into /addons of Home Assistant`);
