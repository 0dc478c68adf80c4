import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { messageOf } from "../errors.ts";
import { StartError, systemCode } from "./start-error.ts";

/** A secret that is made once and then kept in a file which only its owner may read (mode 0600). */
export function keptSecret(path: string): string {
	try {
		// Made with "wx": an existing secret is never replaced, or what it protects could not be read again.
		writeFileSync(path, `${randomBytes(32).toString("hex")}\n`, { flag: "wx", mode: 0o600 });
	} catch (error) {
		if (systemCode(error) !== "EEXIST") throw new StartError(`The file ${path} cannot be written: ${messageOf(error)}`, error);
	}
	const secret = readFileSync(path, "utf8").trim();
	if (secret === "") throw new StartError(`The file ${path} is empty. Delete it, and enter the passwords kept in the flows again.`);
	return secret;
}
