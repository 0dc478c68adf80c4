import { join } from "node:path";
import type { ServerHandover } from "../../src/index.ts";

/** Where the nodes keep what must outlive a restart: the server's folder, else one of their own in Node-RED's. */
export function dataFolderOf(settings: object): string {
	const { rackBattery, userDir } = settings as { readonly rackBattery?: ServerHandover; readonly userDir?: string };
	return rackBattery?.dataFolder ?? join(userDir ?? process.cwd(), "rack-battery");
}
