import { join } from "node:path";
import { type RealProcess, startProcess, userEnvironment } from "./real-process.ts";
import { eventually, freePort, repository, type Scene } from "./scene.ts";

/** The command line as it is built, run by the Node that runs the tests. */
export const commandLine = join(repository, "dist", "src", "cli", "rack-battery.js");

/** A running `rack-battery start`. */
export interface RunningServer {
	readonly process: RealProcess;
	/** http://127.0.0.1:PORT */
	readonly page: string;
	/** `performance.now()` when it was started. */
	readonly startedAt: number;
	readonly dataFolder: string;
	/** Answer of a path of its HTTP API as JSON; rejects when it is not 2xx. */
	// biome-ignore lint/suspicious/noExplicitAny: JSON of a foreign process; each test reads what it asserts
	json(path: string): Promise<any>;
	/** POSTs JSON as its own page would. */
	post(path: string, body: unknown): Promise<Response>;
	/** Its resident memory in MB (Linux). */
	residentMb(): Promise<number>;
}

export interface ServerOptions {
	readonly args?: readonly string[];
	readonly env?: NodeJS.ProcessEnv;
	readonly dataFolder?: string;
}

/** Starts the server on free ports with a data folder of its own and waits until it has printed its address. */
export async function startServer(scene: Scene, options: ServerOptions = {}): Promise<RunningServer> {
	const cwd = await scene.folder();
	const dataFolder = options.dataFolder ?? join(cwd, "data");
	const startedAt = performance.now();
	const running = await startProcess(
		process.execPath,
		[commandLine, "start", "--http-port", "0", "--data", dataFolder, ...(options.args ?? [])],
		{
			cwd,
			env: userEnvironment({ RACK_BATTERY_SERVER_MQTT_PORT: "0", ...options.env }),
		},
	);
	scene.onEnd(() => running.end("SIGTERM", 10_000));
	const [page] = await running.line(/http:\/\/127\.0\.0\.1:\d+/, 30_000);
	const json = async (path: string) => {
		const response = await fetch(`${page}${path}`);
		if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
		return response.json();
	};
	return {
		process: running,
		page,
		startedAt,
		dataFolder,
		json,
		post: (path, body) =>
			fetch(`${page}${path}`, {
				method: "POST",
				headers: { "content-type": "application/json", origin: page },
				body: JSON.stringify(body),
			}),
		residentMb: () => residentMb(running.pid),
	};
}

/** The snapshot of the server's bank once it says what the test waits for. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function bankOnce(server: RunningServer, what: string, accepts: (snapshot: any) => boolean, timeoutMs?: number): Promise<any> {
	return eventually(
		what,
		async () => {
			const snapshot = await server.json("/api/bank");
			if (accepts(snapshot)) return snapshot;
			throw new Error(`the bank says ${JSON.stringify(snapshot).slice(0, 600)}`);
		},
		timeoutMs,
	);
}

async function residentMb(pid: number): Promise<number> {
	const { readFile } = await import("node:fs/promises");
	const status = await readFile(`/proc/${pid}/status`, "utf8");
	const kilobytes = /VmRSS:\s+(\d+) kB/.exec(status)?.[1];
	return Math.round(Number(kilobytes) / 102.4) / 10;
}

/** A running `rack-battery simulate`: a battery of another process, reached over TCP. */
export interface RunningSimulator {
	readonly process: RealProcess;
	/** TCP port of its serial line. */
	readonly port: number;
}

/** Starts a simulated battery on a free port. */
export async function startSimulator(scene: Scene, args: readonly string[]): Promise<RunningSimulator> {
	const port = await freePort();
	const running = await startProcess(process.execPath, [commandLine, "simulate", "--listen", String(port), ...args], {
		cwd: await scene.folder(),
	});
	scene.onEnd(() => running.end("SIGINT", 5000));
	await running.line(new RegExp(`127\\.0\\.0\\.1:${port}`));
	return { process: running, port };
}
