// After an install: npm 10 drops .bin/node when two packages bring it, so it is linked here when missing.
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");
const platform = process.platform === "win32" ? "win" : process.platform;
const runtime = join(root, "node_modules", `node-${platform}-${process.arch}`, "bin", "node");
const link = join(root, "node_modules", ".bin", "node");

if (process.platform !== "win32" && existsSync(runtime) && !existsSync(link)) {
	mkdirSync(join(root, "node_modules", ".bin"), { recursive: true });
	symlinkSync(runtime, link);
}
