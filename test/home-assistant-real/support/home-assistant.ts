import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type RealProcess, startProcess, userEnvironment } from "../../real/support/real-process.ts";
import { eventually, freePort, type Scene } from "../../real/support/scene.ts";
import { HomeAssistantApi } from "./home-assistant-api.ts";
import { FIRST_STEPS, onboard } from "./onboarding.ts";

/** A Home Assistant for this test. */
export interface RunningHomeAssistant {
	readonly url: string;
	/** The connection; after a restart a new one. */
	api(): HomeAssistantApi;
	/** Ends it and starts it again with the same folder. */
	restart(): Promise<void>;
	/** What it printed since its last start; empty for one that was running before. */
	output(): string;
	/** Its process and its folder; null for one that was running before. */
	readonly own: { process(): RealProcess; readonly folder: string } | null;
}

/** Quiet and offline. */
const configuration = (port: number, recorder: string) => `homeassistant:
  name: Test house
  unit_system: metric
  time_zone: UTC
  country: DE
  currency: EUR
  latitude: 52
  longitude: 13
  elevation: 30
http:
  server_host: 127.0.0.1
  server_port: ${port}
api:
websocket_api:
config:
recorder:
${recorder}history:
energy:
automation: !include automations.yaml
logger:
  default: warning
`;

/** What a test adds to Home Assistant's folder before its first start: lines of configuration, and files by their path. */
export interface FolderExtras {
	readonly configuration?: string;
	/** Lines of the recorder's configuration; at first it writes every second, so that a test sees soon what it wrote. */
	readonly recorder?: string;
	readonly files?: Readonly<Record<string, string>>;
}

/** The one named by HASS_URL and HASS_TOKEN, or one started by HASS_COMMAND in a folder of its own and onboarded. */
export async function startHomeAssistant(scene: Scene, extras: FolderExtras = {}): Promise<RunningHomeAssistant> {
	const { HASS_URL, HASS_TOKEN, HASS_COMMAND, HASS_ROOT = "" } = process.env;
	if (HASS_URL) return foreign(scene, HASS_URL.replace(/\/$/, ""), HASS_TOKEN ?? "");
	if (!HASS_COMMAND) throw new Error("Start these checks with: npm run test:home-assistant");

	const folder = await mkdtemp(join(HASS_ROOT === "" ? tmpdir() : await madeFolder(join(HASS_ROOT, "srv")), "rack-battery-house-"));
	scene.onEnd(() => rm(folder, { recursive: true, force: true }));
	const port = await freePort();
	const { configuration: more = "", recorder = "  commit_interval: 1\n", files = {} } = extras;
	for (const [path, content] of Object.entries({
		...files,
		[FIRST_STEPS.path]: FIRST_STEPS.content,
		"configuration.yaml": `${configuration(port, recorder)}${more}`,
		"automations.yaml": "[]\n",
	})) {
		await mkdir(dirname(join(folder, path)), { recursive: true });
		await writeFile(join(folder, path), content);
	}
	const [command = "", ...args] = HASS_COMMAND.split(/\s+/);
	const url = `http://127.0.0.1:${port}`;
	// Inside a root of its own the machine's paths mean nothing.
	const inside = HASS_ROOT === "" ? {} : { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/tmp" };

	const start = async () => {
		const running = await startProcess(command, [...args, "-c", folder.slice(HASS_ROOT.length)], {
			cwd: folder,
			env: userEnvironment({ ...inside, PYTHONDONTWRITEBYTECODE: "" }),
		});
		await answering(url, running);
		return running;
	};
	let running = await start();
	let api: HomeAssistantApi | null = null;
	scene.onEnd(async () => {
		api?.close();
		await running.end("SIGTERM", 30_000);
	});
	const token = await onboard(url);
	api = await HomeAssistantApi.connect(url, token);
	return {
		url,
		api: () => api ?? fail("Home Assistant is restarting"),
		output: () => running.output(),
		own: { process: () => running, folder },
		async restart() {
			api?.close();
			api = null;
			await running.end("SIGTERM", 30_000);
			running = await start();
			api = await HomeAssistantApi.connect(url, token);
		},
	};
}

async function foreign(scene: Scene, url: string, token: string): Promise<RunningHomeAssistant> {
	let api = await HomeAssistantApi.connect(url, token);
	scene.onEnd(() => api.close());
	return {
		url,
		api: () => api,
		output: () => "",
		own: null,
		async restart() {
			await api.command("call_service", { domain: "homeassistant", service: "restart" });
			api.close();
			await eventually(
				"Home Assistant goes down",
				() =>
					fetch(url).then(
						() => false,
						() => true,
					),
				60_000,
			);
			api = await eventually("Home Assistant comes back", () => HomeAssistantApi.connect(url, token), 120_000);
			await eventually("Home Assistant runs", () => isRunning(api), 120_000);
		},
	};
}

async function answering(url: string, running: RealProcess): Promise<void> {
	let ended = false;
	void running.ended.then(() => {
		ended = true;
	});
	await eventually(
		"Home Assistant answers",
		() => {
			if (ended) throw new Error(`it ended:\n${running.output()}`);
			return fetch(`${url}/api/onboarding`).then(({ ok, status }) => ok || status === 404);
		},
		120_000,
	);
}

async function isRunning(api: HomeAssistantApi): Promise<boolean> {
	const { state } = await api.command<{ state: string }>("get_config");
	return state === "RUNNING";
}

async function madeFolder(path: string): Promise<string> {
	await mkdir(path, { recursive: true });
	return path;
}

function fail(why: string): never {
	throw new Error(why);
}
