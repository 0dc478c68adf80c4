import { accessSync, constants, mkdirSync } from "node:fs";
import { messageOf } from "../errors.ts";
import { StartError, systemCode } from "./start-error.ts";

/** Makes the folder when it is missing. Throws a StartError, with what to do, when nothing can be kept there. */
export function prepareDataFolder(path: string): void {
	try {
		mkdirSync(path, { recursive: true });
		accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
	} catch (error) {
		const code = systemCode(error);
		const reason =
			code === "EACCES" || code === "EPERM" || code === "EROFS"
				? "this user may not write there"
				: code === "EEXIST" || code === "ENOTDIR"
					? "a file of that name is in the way"
					: messageOf(error);
		throw new StartError(`The data folder ${path} cannot be used: ${reason}. Choose another with --data FOLDER.`, error);
	}
}
