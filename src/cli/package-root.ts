import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Folder of this package: the nearest one above this file that has a package.json. The same from src/ and dist/src/. */
export function packageRoot(): string {
	let folder = import.meta.dirname;
	while (!existsSync(join(folder, "package.json"))) {
		const parent = dirname(folder);
		if (parent === folder) throw new Error("The package has lost its package.json: install it anew.");
		folder = parent;
	}
	return folder;
}
