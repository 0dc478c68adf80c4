import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ask } from "../support/http-ask.ts";

/** The command as a user runs it, in a process of its own: Node-RED lives once per process. */
const COMMAND = join(import.meta.dirname, "../../src/cli/rack-battery.ts");

let folder = "";
let children: ChildProcess[] = [];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "rack-battery-start-"));
	children = [];
});
afterEach(async () => {
	await Promise.all(
		children
			.filter((child) => child.exitCode === null && child.signalCode === null)
			.map((child) => {
				const gone = new Promise((ok) => child.once("exit", ok));
				child.kill("SIGKILL");
				return gone;
			}),
	);
	rmSync(folder, { recursive: true, force: true });
});

/** A running command with what it has printed. */
class Command {
	readonly child: ChildProcess;
	readonly exit: Promise<number | null>;
	output = "";
	errors = "";
	#wake: (() => void)[] = [];

	constructor(args: readonly string[], environment: Record<string, string> = {}) {
		const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^RACK_BATTERY_|^npm_|^VITEST/.test(name)));
		this.child = spawn(process.execPath, [COMMAND, ...args], {
			cwd: folder,
			env: { ...clean, ...environment },
			stdio: ["ignore", "pipe", "pipe"],
		});
		children.push(this.child);
		this.child.stdout?.on("data", (bytes: Buffer) => this.#add("output", bytes));
		this.child.stderr?.on("data", (bytes: Buffer) => this.#add("errors", bytes));
		this.exit = new Promise((ok) => this.child.once("close", ok));
		this.child.once("close", () => this.#add("output", Buffer.alloc(0)));
	}

	/** The port of the pages, once they are there. */
	async port(): Promise<number> {
		for (;;) {
			const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(this.output)?.[1];
			if (port !== undefined) return Number(port);
			if (this.child.exitCode !== null) throw new Error(`It ended (${this.child.exitCode}): ${this.output}${this.errors}`);
			await new Promise<void>((ok) => this.#wake.push(ok));
		}
	}

	#add(stream: "output" | "errors", bytes: Buffer): void {
		this[stream] += bytes.toString();
		for (const wake of this.#wake.splice(0)) wake();
	}
}

const start = (args: readonly string[] = [], environment: Record<string, string> = {}) =>
	new Command(["start", "--http-port", "0", "--mqtt-port", "0", "--set", "simulator.baudRate=0", ...args], environment);

const POST_JSON = { method: "POST", headers: { "content-type": "application/json" } };

/** Follows the server's own events until the status satisfies. */
async function statusOnce(port: number, accepts: (status: { banks: { snapshot: { totals: unknown } }[] }) => boolean): Promise<void> {
	const response = await fetch(`http://127.0.0.1:${port}/api/events`);
	let text = "";
	for await (const chunk of response.body ?? []) {
		text += Buffer.from(chunk).toString();
		const blocks = text.split("\n\n");
		text = blocks.pop() ?? "";
		if (blocks.some((block) => accepts(JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '{"banks":[]}')))) return;
	}
	throw new Error("The events ended first.");
}

describe("rack-battery start", () => {
	it("runs the simulated battery through Node-RED, says so, and ends cleanly on Ctrl-C within 3 s", async () => {
		const command = start();
		const port = await command.port();
		await statusOnce(port, ({ banks }) => banks[0]?.snapshot.totals != null);
		expect((await ask(port, "/api/bank")).json()).toMatchObject({ origin: "simulated", packs: [{ presence: "live" }, {}] });
		expect(await ask(port, "/red/")).toMatchObject({ status: 200 });
		expect((await ask(port, "/api/simulator/command", { ...POST_JSON, body: '{"command":"help"}' })).status).toBe(200);
		expect(command.output).toMatch(/The battery is SIMULATED \(2 packs\)/);
		expect(command.output).toContain("Attach a real one: npm start -- --port /dev/ttyUSB0");
		const askedAt = performance.now();
		command.child.kill("SIGINT");
		expect(await command.exit).toBe(0);
		expect(performance.now() - askedAt).toBeLessThan(3000);
		expect(command.errors).not.toMatch(/error|warn|at .*\.(ts|js):\d/i);
	});

	it("keeps the editor and its socket closed to foreign pages, and leaves out nodes that run programs", async () => {
		const command = start();
		const port = await command.port();
		const host = `127.0.0.1:${port}`;
		const foreign = { host, origin: "http://evil.example" };
		expect(
			(await ask(port, "/red/flows", { method: "POST", headers: { ...foreign, "content-type": "application/json" }, body: "[]" })).status,
		).toBe(403);
		expect((await ask(port, "/red/flows", { headers: { host: "evil.example" } })).status).toBe(403);
		const shake = {
			connection: "Upgrade",
			upgrade: "websocket",
			"sec-websocket-version": "13",
			"sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
		};
		expect((await ask(port, "/red/comms", { headers: { ...shake, ...foreign } })).status).toBe(403);
		const nodes = (await ask(port, "/red/nodes", { headers: { accept: "application/json" } })).text;
		expect(nodes).toContain('"rack-battery-telemetry"');
		expect(nodes).toContain('"mqtt in"');
		expect(nodes).not.toContain('"exec"');
		const settings = (await ask(port, "/red/settings")).text;
		expect(settings).not.toContain("credentialSecret");
	});

	it("asks for the password everywhere, also in the editor, and shows it nowhere", async () => {
		const command = start([], { RACK_BATTERY_SERVER_PASSWORD: "open-sesame-42" });
		const port = await command.port();
		expect((await ask(port, "/api/bank")).status).toBe(401);
		expect((await ask(port, "/red/flows")).status).toBe(401);
		expect((await ask(port, "/flows/anything")).status).toBe(401);
		const login = (password: string) =>
			ask(port, "/red/auth/token", {
				...POST_JSON,
				body: JSON.stringify({ client_id: "node-red-editor", grant_type: "password", scope: "*", username: "admin", password }),
			});
		expect((await login("open-sesame-43")).status).toBe(403);
		const { access_token: token } = (await login("open-sesame-42")).json() as { access_token: string };
		const flows = await ask(port, "/red/flows", { headers: { authorization: `Bearer ${token}` } });
		expect(flows.status).toBe(200);
		expect(flows.text).toContain("rack-battery");
		command.child.kill("SIGTERM");
		expect(await command.exit).toBe(0);
		const kept = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
		for (const entry of kept) expect(readFileSync(join(entry.parentPath, entry.name), "utf8"), entry.name).not.toContain("open-sesame-42");
		expect(command.output + command.errors).not.toContain("open-sesame-42");
	});

	it("runs the user's own flows, HTTP nodes and redeploys included, and never overwrites them", async () => {
		const nodeRed = join(folder, ".rack-battery", "node-red");
		mkdirSync(nodeRed, { recursive: true });
		const flows = (word: string) => [
			{ id: "t", type: "tab", label: "mine" },
			{ id: "in", z: "t", type: "http in", url: "/hello", method: "get", wires: [["word"]] },
			{
				id: "word",
				z: "t",
				type: "function",
				func: `msg.payload = "${word} " + msg.req.query.name; return msg;`,
				outputs: 1,
				wires: [["out"]],
			},
			{ id: "out", z: "t", type: "http response", wires: [] },
		];
		writeFileSync(join(nodeRed, "flows.json"), JSON.stringify(flows("hello")));
		const command = start();
		const port = await command.port();
		expect((await ask(port, "/flows/hello?name=pack")).text).toBe("hello pack");
		const deploy = await ask(port, "/red/flows", { ...POST_JSON, body: JSON.stringify(flows("goodbye")) });
		expect(deploy.status).toBe(204);
		// Node-RED answers a deploy before the flows run again.
		let answer = await ask(port, "/flows/hello?name=pack");
		while (answer.status === 404) answer = await ask(port, "/flows/hello?name=pack");
		expect(answer.text).toBe("goodbye pack");
		expect((await ask(port, "/api/bank")).json()).toMatchObject({ error: { code: "no-bank" } });
		command.child.kill("SIGINT");
		expect(await command.exit).toBe(0);
		expect(readFileSync(join(nodeRed, "flows.json"), "utf8")).toContain("goodbye");
	});

	it("runs a simulated battery at many times the speed, and keeps its energy on the disk in the world's time", async () => {
		const command = start(["--set", "simulator.timeFactor=200", "--scenario", "normal-day"]);
		const port = await command.port();
		await statusOnce(port, (status) => status.banks[0]?.snapshot.totals !== null && status.banks.length > 0);
		const bank = (await ask(port, "/api/bank")).json() as { energy: unknown; link: { problem: unknown } };
		expect(bank.energy).not.toBeNull();
		expect(bank.link.problem).toBeNull();
		command.child.kill("SIGINT");
		expect(await command.exit).toBe(0);
		expect(command.errors).not.toContain("energy");
	});

	it("says so when the user's flows wait for a node that is not installed", async () => {
		const nodeRed = join(folder, ".rack-battery", "node-red");
		mkdirSync(nodeRed, { recursive: true });
		const flows = [
			{ id: "t", type: "tab", label: "mine" },
			{ id: "n", z: "t", type: "not-installed-here", wires: [] },
		];
		writeFileSync(join(nodeRed, "flows.json"), JSON.stringify(flows));
		const command = start();
		const port = await command.port();
		expect(command.errors).toContain("The flows do not run");
		expect((await ask(port, "/healthz")).status).toBe(503);
	});

	it("takes the next port when one is taken, and says so", async () => {
		const first = start();
		const port = await first.port();
		const second = start(["--http-port", String(port), "--data", "other"]);
		expect(await second.port()).toBeGreaterThan(port);
		expect(second.output).toContain(`Port ${port} is taken`);
	});
});

describe("rack-battery start refuses", () => {
	it("settings that cannot be used: all problems, in words, exit code 2", async () => {
		writeFileSync(join(folder, "rack-battery.json"), '{"bank": {"packs": 99}}');
		const command = start(["--port", "ttyUSB0", "--host", "0.0.0.0"]);
		expect(await command.exit).toBe(2);
		expect(command.output).toBe("");
		expect(command.errors).toMatch(/bank\.packs .*\n.*bank\.port .*\n.*server\.password /);
		expect(command.errors).not.toMatch(/^\s+at /m);
	});

	it("a data folder it cannot use, and a replay it cannot read: words, no stack, nothing left running", async () => {
		writeFileSync(join(folder, "file"), "");
		const folderless = start(["--data", "file"]);
		const fileless = start(["--replay", "gone.json"]);
		expect(await folderless.exit).toBe(1);
		expect(folderless.errors).toMatch(/^The data folder .*file cannot be used/);
		expect(await fileless.exit).toBe(2);
		expect(fileless.errors).toContain("gone.json");
		for (const { errors } of [folderless, fileless]) expect(errors).not.toMatch(/^\s+at /m);
	});
});

describe("rack-battery", () => {
	it("explains itself and its commands", async () => {
		const [help, version, startHelp, simulateHelp, decodeHelp] = [
			"--help",
			"--version",
			"start --help",
			"simulate --help",
			"decode --help",
		].map((line) => new Command(line.split(" ")));
		for (const command of [help, version, startHelp, simulateHelp, decodeHelp]) expect(await command?.exit).toBe(0);
		expect(help?.output).toMatch(/start .*\n[\s\S]*simulate .*\n[\s\S]*decode /);
		expect(version?.output).toMatch(/^\d+\.\d+\.\d+\n$/);
		expect(startHelp?.output).toContain("--port PORT");
		expect(startHelp?.output).toContain("server.allowedHosts");
	});

	it("says what it does not know, exit code 2", async () => {
		const unknown = new Command(["strat"]);
		const none = new Command([]);
		expect(await unknown.exit).toBe(2);
		expect(unknown.errors).toContain('There is no command "strat"; did you mean start?');
		expect(await none.exit).toBe(2);
		expect(none.errors).toContain("rack-battery COMMAND");
	});
});
