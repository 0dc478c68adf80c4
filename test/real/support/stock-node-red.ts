import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type RealProcess, startProcess, userEnvironment } from "./real-process.ts";
import { eventually, freePort, repository, type Scene } from "./scene.ts";

/** Somebody else's Node-RED: nothing of our server in it. */
export interface StockNodeRed {
	readonly url: string;
	readonly process: RealProcess;
	/** GET of its admin API as JSON. */
	// biome-ignore lint/suspicious/noExplicitAny: JSON of a foreign process; each test reads what it asserts
	json(path: string): Promise<any>;
	/** Names of the packages in its user folder; of a scope, the scope. */
	installedPackages(): Promise<readonly string[]>;
	/** Replaces all flows, as the editor's Deploy does. */
	deploy(flows: readonly unknown[]): Promise<void>;
	/** The first debug message that the test accepts, as the editor's side bar would show it. */
	debug(what: string, accepts: (message: DebugMessage) => boolean, timeoutMs?: number): Promise<DebugMessage>;
}

/** What the debug side bar gets. */
export interface DebugMessage {
	readonly id: string;
	readonly topic?: string;
	readonly format: string;
	/** Text, or JSON for objects. */
	readonly msg: string;
}

function npm(args: readonly string[], cwd: string): string {
	const result = spawnSync("npm", args, { cwd, encoding: "utf8", env: userEnvironment(), shell: process.platform === "win32" });
	if (result.status !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${result.stdout}\n${result.stderr}${result.error ?? ""}`);
	return result.stdout;
}

/** Packs the built palette as it would be published; the result is the tarball and what is in it. */
export function packPalette(into: string): { readonly file: string; readonly entries: readonly string[] } {
	const [packed] = JSON.parse(npm(["pack", "--json", "--pack-destination", into], join(repository, "dist", "palette")));
	return { file: join(into, packed.filename), entries: packed.files.map((entry: { path: string }) => entry.path) };
}

/** Installs this version of node-red into a folder that later runs use again. */
async function installed(version: string): Promise<string> {
	const folder = join(repository, "test-output", "stock", `node-red-${version}`);
	if (!existsSync(join(folder, "installed"))) {
		await mkdir(folder, { recursive: true });
		await writeFile(join(folder, "package.json"), '{"private":true}\n');
		npm(["install", "--no-audit", "--no-fund", "--omit=dev", "--loglevel=error", `node-red@${version}`], folder);
		await writeFile(join(folder, "installed"), version);
	}
	return join(folder, "node_modules", "node-red", "red.js");
}

/** Starts a Node-RED of that version with the packed palette installed in its user folder, as its users do. */
export async function startStockNodeRed(
	scene: Scene,
	version: string,
	palette: string,
	npmArgs: readonly string[] = [],
): Promise<StockNodeRed> {
	const program = await installed(version);
	const userFolder = await scene.folder();
	await writeFile(join(userFolder, "package.json"), '{"private":true}\n');
	npm(["install", "--no-audit", "--no-fund", "--loglevel=error", ...npmArgs, palette], userFolder);
	const port = await freePort();
	const settings = {
		uiHost: "127.0.0.1",
		uiPort: port,
		flowFile: "flows.json",
		debugMaxLength: 100_000,
		telemetry: { enabled: false, updateNotification: false },
		editorTheme: { tours: false },
		logging: { console: { level: "info", metrics: false, audit: false } },
	};
	await writeFile(join(userFolder, "settings.js"), `module.exports = ${JSON.stringify(settings, null, 1)};\n`);
	const running = await startProcess(process.execPath, [program, "--userDir", userFolder, "--settings", join(userFolder, "settings.js")], {
		cwd: userFolder,
	});
	scene.onEnd(() => running.end("SIGTERM", 15_000));
	await running.line(/Started flows|Server now running/, 60_000);
	const url = `http://127.0.0.1:${port}`;

	const json = async (path: string) => {
		const response = await fetch(`${url}${path}`, { headers: { accept: "application/json" } });
		if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
		return response.json();
	};
	await eventually("the editor's API answers", () => json("/settings"), 30_000);
	return {
		url,
		process: running,
		json,
		installedPackages: () => readdir(join(userFolder, "node_modules")),
		async deploy(flows) {
			const response = await fetch(`${url}/flows`, {
				method: "POST",
				headers: { "content-type": "application/json", "node-red-deployment-type": "full" },
				body: JSON.stringify(flows),
			});
			if (!response.ok) throw new Error(`deploy: ${response.status} ${await response.text()}`);
		},
		debug: (what, accepts, timeoutMs = 20_000) => debugMessage(`ws://127.0.0.1:${port}/comms`, what, accepts, timeoutMs, running),
	};
}

function debugMessage(
	url: string,
	what: string,
	accepts: (message: DebugMessage) => boolean,
	timeoutMs: number,
	running: RealProcess,
): Promise<DebugMessage> {
	return new Promise((resolve, reject) => {
		const socket = new WebSocket(url);
		const seen: DebugMessage[] = [];
		const finish = (act: () => void) => {
			clearTimeout(timer);
			socket.close();
			act();
		};
		const fail = (why: string) =>
			finish(() => {
				const last = seen.slice(-3).map((message) => JSON.stringify(message).slice(0, 500));
				reject(new Error(`${what}: ${why}. The last debug messages:\n${last.join("\n")}\nNode-RED printed:\n${running.output()}`));
			});
		const timer = setTimeout(() => fail(`not within ${timeoutMs} ms`), timeoutMs);
		socket.addEventListener("open", () => socket.send(JSON.stringify({ subscribe: "debug" })));
		socket.addEventListener("error", () => fail("the editor's event line broke"));
		socket.addEventListener("message", (event) => {
			const events: readonly { topic: string; data: DebugMessage }[] = [JSON.parse(String(event.data))].flat();
			for (const { topic, data } of events) {
				if (topic !== "debug") continue;
				seen.push(data);
				if (accepts(data)) finish(() => resolve(data));
			}
		});
	});
}
