import { homedir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../src/errors.ts";
import { complete, HASS, installFromDistribution, makeRoot, tidy, versionInside, whyNoRoot } from "./debian-root.ts";

/** How the tests get at a Home Assistant: environment for them, and one line about it. */
export interface FoundHomeAssistant {
	readonly about: string;
	readonly env: Readonly<Record<string, string>>;
}

/** There is none, and why. */
export interface NoHomeAssistant {
	readonly reason: string;
}

const cacheFolder = () => join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "rack-battery", "home-assistant");

/**
 * The Home Assistant named by HASS_URL and HASS_TOKEN (running, for tests only: it gets and loses an MQTT entry) or by
 * HASS_COMMAND (a program that takes `-c FOLDER`), else the one kept from an earlier run, else a new one.
 */
export async function findHomeAssistant(update: boolean, say: (line: string) => void): Promise<FoundHomeAssistant | NoHomeAssistant> {
	const { HASS_URL, HASS_TOKEN, HASS_COMMAND } = process.env;
	try {
		await installFromDistribution("mosquitto", ["mosquitto"], say);
		await findChromium(say);
		if (HASS_URL) {
			if (!HASS_TOKEN) return { reason: "HASS_URL is set, but HASS_TOKEN (a long-lived access token of it) is not." };
			return { about: `the one at ${HASS_URL}`, env: {} };
		}
		if (HASS_COMMAND) return { about: `the command ${HASS_COMMAND}`, env: {} };
		return await keptOrNew(update, say);
	} catch (error) {
		return { reason: messageOf(error) };
	}
}

/** The checks of the dashboard look at it in Chromium; where none can be had they fail, and the others do not. */
async function findChromium(say: (line: string) => void): Promise<void> {
	if (process.env.CHROMIUM) return;
	try {
		await installFromDistribution("chromium", ["chromium", "fonts-dejavu-core"], say);
	} catch (error) {
		say(`the dashboard cannot be looked at: ${messageOf(error)}`);
	}
}

async function keptOrNew(update: boolean, say: (line: string) => void): Promise<FoundHomeAssistant | NoHomeAssistant> {
	const reason = await whyNoRoot();
	if (reason !== null) return { reason };
	const root = join(cacheFolder(), "root");
	let version = await versionInside(root);
	const kept = version !== null && !update;
	await tidy(root);
	if (kept) await complete(root, say);
	else {
		await makeRoot(root, say);
		version = await versionInside(root);
	}
	if (version === null) return { reason: "Home Assistant was installed, but does not run." };
	return {
		about: `${version}, ${kept ? "kept from an earlier run (--update gets the newest)" : "installed now"}, in ${root}`,
		// Started without asking a registry: all it needs was installed with it.
		env: { HASS_COMMAND: `chroot ${root} ${HASS} --skip-pip`, HASS_ROOT: root },
	};
}
