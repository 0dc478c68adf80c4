import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** Bar of the product: our server may need so much more than a stock Node-RED, MiB. */
const BAR_MIB = 30;
const RUNS = 3;
const AFTER_MS = 60_000;
const ROOT = join(import.meta.dirname, "..", "..");
const SERVER = join(ROOT, "dist", "src", "cli", "rack-battery.js");
const STOCK = join(ROOT, "node_modules", "node-red", "red.js");

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	server.close();
	return typeof address === "object" && address !== null ? address.port : 0;
}

/** Resident memory of a process, MiB. */
async function residentMib(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, "utf8");
	return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** Resident memory of a program after a minute, in a new folder of its own. */
async function residentOf(label: string, start: (folder: string) => readonly string[]): Promise<number> {
	const folder = await mkdtemp(join(tmpdir(), "rack-battery-bench-"));
	let output = "";
	const child: ChildProcess = spawn(process.execPath, start(folder), { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
	for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
	const ended = once(child, "exit");
	try {
		const over = await Promise.race([wait(AFTER_MS, false), ended.then(() => true)]);
		if (over || child.pid === undefined) throw new Error(`${label} ended early:\n${output.slice(-1000)}`);
		return await residentMib(child.pid);
	} finally {
		child.kill();
		await ended;
		await rm(folder, { recursive: true, force: true });
	}
}

async function stock(): Promise<number> {
	const port = await freePort();
	return residentOf("the stock Node-RED", (folder) => [STOCK, "--userDir", folder, "--port", String(port), "--define", "uiHost=127.0.0.1"]);
}

async function ours(): Promise<number> {
	const settings = join(await mkdtemp(join(tmpdir(), "rack-battery-bench-")), "settings.json");
	await writeFile(settings, "{}");
	return residentOf("our server", () => [SERVER, "start", "--settings", settings, "--http-port", "0", "--mqtt-port", "0"]).finally(() =>
		rm(join(settings, ".."), { recursive: true, force: true }),
	);
}

const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const shown = (values: readonly number[]) => values.map((value) => value.toFixed(0)).join(", ");

/**
 * Our server as `npm start` runs it (simulated bank, broker, Node-RED with the example flows) against the Node-RED of
 * node_modules with an empty folder and default settings, the same Node, all at once.
 */
export async function benchMemory(): Promise<void> {
	console.log(`\nResident memory after ${AFTER_MS / 1000} s, median of ${RUNS}`);
	if (!existsSync("/proc/self/status")) return console.log("only measured on Linux");
	const all = <T>(run: () => Promise<T>) => Promise.all(Array.from({ length: RUNS }, run));
	const [floors, owns] = await Promise.all([all(stock), all(ours)]);
	const more = middle(owns) - middle(floors);
	console.log(
		`stock Node-RED ${middle(floors).toFixed(0)} MiB (${shown(floors)}), our server ${middle(owns).toFixed(0)} MiB (${shown(owns)})`,
	);
	console.log(`${more.toFixed(0)} MiB more (bar: ${BAR_MIB} MiB)${more > BAR_MIB ? "  over the bar" : ""}`);
}
