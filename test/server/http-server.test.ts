import { connect, createServer, type Server } from "node:net";
import { resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { Router } from "express";
import { afterEach, describe, expect, it } from "vitest";
import { BankRegistry, type PublisherState } from "../../src/bank-registry.ts";
import { ConfigError } from "../../src/errors.ts";
import { silentLogger } from "../../src/logger.ts";
import { BANK_SCHEMA } from "../../src/server/bank-schema.ts";
import { type HttpServer, type HttpServerOptions, startHttpServer } from "../../src/server/http-server.ts";
import { PORT_ATTEMPTS } from "../../src/server/listen.ts";
import { StartError } from "../../src/server/start-error.ts";
import { ask } from "../support/http-ask.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankSnapshot, FakeBank, pack, stale, TOTALS } from "../support/snapshots.ts";

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
	for (const end of endings.splice(0).reverse()) await end();
});

async function start(changes: Partial<HttpServerOptions> = {}): Promise<{ http: HttpServer; registry: BankRegistry; port: number }> {
	const registry = new BankRegistry();
	const http = await startHttpServer({
		host: "127.0.0.1",
		port: 0,
		password: "",
		hostNames: [],
		registry,
		facts: {
			version: "1.2.3",
			bankId: "bank",
			origin: "simulated",
			replay: null,
			hasOwnBroker: true,
			brokerUrl: "mqtt://127.0.0.1:1884",
			editorPath: "/red/",
		},
		pageFolder: resolve(import.meta.dirname, "../../src/server/page"),
		simulatorApi: null,
		clock: new ManualClock(),
		logger: silentLogger,
		...changes,
	});
	endings.push(() => http.stop());
	return { http, registry, port: http.port };
}

async function occupy(port: number): Promise<Server> {
	const server = createServer();
	await new Promise<void>((ok, bad) => server.once("error", bad).listen(port, "127.0.0.1", ok));
	endings.push(() => new Promise<void>((ok) => server.close(() => ok())));
	return server;
}

describe("the API", () => {
	it("answers the snapshot of the bank of this server, as its schema says", async () => {
		const { port, registry } = await start();
		const other = new FakeBank(bankSnapshot({ id: "shed" }));
		const own = new FakeBank();
		registry.add(other);
		registry.add(own);
		const answer = await ask(port, "/api/bank");
		expect(answer.status).toBe(200);
		expect(answer.headers["cache-control"]).toBe("no-store");
		expect(answer.json()).toEqual(own.snapshot);
		expect((await ask(port, "/api/bank?id=shed")).json()).toMatchObject({ id: "shed" });
		expect((await ask(port, "/api/bank?id=none")).json()).toMatchObject({ error: { code: "no-such-bank" } });
	});

	it("documents every kind of snapshot in its schema", async () => {
		const { port } = await start();
		const schema = (await ask(port, "/api/schema/bank")).json();
		expect(schema).toEqual(BANK_SCHEMA);
		const validate = new Ajv2020({ allErrors: true, strict: true, strictTypes: false }).compile(BANK_SCHEMA);
		const condition = {
			key: "protection.fully",
			since: 1,
			pack: null,
			cell: null,
			probe: null,
			value: null,
			unit: null,
			limit: null,
		} as const;
		const snapshots = [
			bankSnapshot(),
			bankSnapshot({ totals: null, conditions: null, statusAt: null, energy: null, cabledPack: null, packs: [] }),
			bankSnapshot({ conditions: [condition, { ...condition, pack: 3, cell: 2, value: 3.6, unit: "V", limit: null }] }),
			bankSnapshot({
				packs: [
					pack(1, { presence: "absent", telemetry: null, status: null, conditions: null, energy: null }),
					pack(2, {
						identity: { version: "x", bmsSerial: null, packSerial: null },
						values: { stateOfCharge: null, stateOfHealth: null, temperatures: [null] },
					}),
				],
				link: {
					...bankSnapshot().link,
					state: "lost",
					problem: { kind: "timeout", code: "no-answer", message: "m", at: 1 },
					onlineSince: null,
					answerTimeMs: null,
				},
			}),
		];
		for (const snapshot of snapshots) {
			validate(JSON.parse(JSON.stringify(snapshot)));
			expect(validate.errors ?? []).toEqual([]);
		}
		expect(validate({ ...bankSnapshot(), extra: 1 })).toBe(false);
		expect(validate({ ...bankSnapshot(), origin: "dreamt" })).toBe(false);
	});

	it("lists the banks with their publishers, and has words for every key", async () => {
		const { port, registry } = await start();
		const bank = new FakeBank();
		const state: PublisherState = { state: "refused", broker: "mqtt://host:1883", problem: "The broker refuses the password." };
		registry.add(bank);
		registry.addPublisher(bank, () => state);
		expect((await ask(port, "/api/banks")).json()).toEqual([
			expect.objectContaining({ id: "bank", origin: "real", publishers: [state], url: "/api/bank?id=bank" }),
		]);
		expect((await ask(port, "/api/status")).json()).toMatchObject({ server: { version: "1.2.3" }, banks: [{ publishers: [state] }] });
		expect((await ask(port, "/api/vocabulary")).json()).toMatchObject({
			conditions: { "protection.fully": { label: "Fully charged", isState: true } },
		});
	});

	it("answers in words and JSON whatever is wrong", async () => {
		const router = Router();
		router.post("/echo", (request, response) => void response.json(request.body));
		router.get("/broken", () => {
			throw new Error("a secret detail");
		});
		const { port } = await start({ simulatorApi: router });
		expect((await ask(port, "/api/bank")).json()).toMatchObject({ error: { code: "no-bank" } });
		const post = (body: string) =>
			ask(port, "/api/simulator/echo", { method: "POST", headers: { "content-type": "application/json" }, body });
		expect((await post('{"a":1}')).json()).toEqual({ a: 1 });
		expect(await post("{")).toMatchObject({ status: 400 });
		expect((await post(`"${"x".repeat(100_000)}"`)).json()).toMatchObject({ error: { code: "bad-request" } });
		const nowhere = await ask(port, "/api/nowhere");
		expect([nowhere.status, nowhere.json()]).toMatchObject([404, { error: { code: "not-found" } }]);
		const broken = await ask(port, "/api/simulator/broken");
		expect(broken.status).toBe(500);
		expect(broken.text).not.toContain("secret");
	});

	it("has no control of a simulator at a real battery", async () => {
		const { port } = await start({ simulatorApi: null });
		expect((await ask(port, "/api/simulator/state")).status).toBe(404);
	});
});

describe("the health check", () => {
	it("is well only while the battery is read", async () => {
		const { port, registry } = await start();
		const health = async () => {
			const { status, ...answer } = await ask(port, "/healthz");
			return [status, answer.json()];
		};
		expect(await health()).toMatchObject([503, { status: "unhealthy", reason: expect.stringContaining("No flow") }]);
		const bank = new FakeBank();
		registry.add(bank);
		expect(await health()).toEqual([200, { status: "ok", reason: null, origin: "real" }]);
		const healthy = bankSnapshot();
		const { link } = healthy;
		const sick: [Partial<typeof healthy>, RegExp][] = [
			[{ link: { ...link, state: "silent" } }, /does not answer/],
			[
				{
					link: {
						...link,
						state: "lost",
						problem: { kind: "transport", code: "unplugged", message: "The adapter was pulled out.", at: 1 },
					},
				},
				/pulled out/,
			],
			[{ link: { ...link, state: "connecting" } }, /being opened/],
			[{ totals: null }, /No pack/],
			[{ totals: stale({ value: TOTALS, at: 1, stale: false }) }, /too old/],
			[{ conditions: null }, /alarm state/],
		];
		for (const [changes, words] of sick) {
			bank.set({ ...healthy, ...changes });
			expect(await health()).toMatchObject([503, { status: "unhealthy", reason: expect.stringMatching(words) }]);
		}
	});
});

describe("the pages", () => {
	it("come with a policy that lets nothing foreign in, and do not name the server's software", async () => {
		const { port } = await start();
		const page = await ask(port, "/");
		expect(page.status).toBe(200);
		expect(page.text).toContain("Rack Battery");
		expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
		expect(page.headers["content-security-policy"]).not.toContain("unsafe");
		expect(page.headers["x-powered-by"]).toBeUndefined();
		expect(page.headers["access-control-allow-origin"]).toBeUndefined();
		expect(page.text).not.toMatch(/https?:\/\//);
		expect((await ask(port, "/page/page.css")).headers["content-type"]).toContain("text/css");
		expect((await ask(port, "/page/../../../package.json")).status).toBe(404);
		expect((await ask(port, "/page/%2e%2e/%2e%2e/options.ts")).status).toBeGreaterThanOrEqual(400);
	});

	it("are refused to foreign names and foreign pages", async () => {
		const { port } = await start();
		const host = `127.0.0.1:${port}`;
		const foreign = await ask(port, "/api/bank", { headers: { host: "evil.example" } });
		expect([foreign.status, foreign.json()]).toMatchObject([403, { error: { code: "foreign-host" } }]);
		expect((await ask(port, "/", { headers: { host: "evil.example" } })).text).toMatch(/allowedHosts/);
		expect((await ask(port, "/api/events", { headers: { host, origin: "http://evil.example" } })).status).toBe(403);
		expect((await ask(port, "/api/bank", { method: "OPTIONS", headers: { host, origin: "http://evil.example" } })).status).toBe(403);
	});

	it("ask for the password where one is set", async () => {
		const { port } = await start({ password: "open sesame" });
		const without = await ask(port, "/api/bank");
		expect(without.status).toBe(401);
		expect(without.headers["www-authenticate"]).toMatch(/^Basic /);
		const authorization = `Basic ${Buffer.from("admin:open sesame").toString("base64")}`;
		expect((await ask(port, "/", { headers: { authorization } })).status).toBe(200);
		expect((await ask(port, "/healthz")).status).toBe(503);
	});
});

/** The first line a server answers to a websocket's handshake. */
function upgrade(port: number, headers: Record<string, string>): Promise<string> {
	return new Promise((ok, bad) => {
		const socket = connect(port, "127.0.0.1", () => {
			const lines = Object.entries({
				Connection: "Upgrade",
				Upgrade: "websocket",
				"Sec-WebSocket-Version": "13",
				"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
				...headers,
			});
			socket.write(`GET /red/comms HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
		});
		socket.once("data", (bytes) => {
			ok(bytes.toString().split("\r\n")[0] ?? "");
			socket.destroy();
		});
		socket.once("error", bad);
	});
}

describe("websockets", () => {
	it("reach whoever listens for them only from the server's own pages", async () => {
		const { http, port } = await start();
		const heard: (string | undefined)[] = [];
		http.server.on("upgrade", (request, socket) => {
			heard.push(request.headers.origin);
			socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n");
		});
		const host = `127.0.0.1:${port}`;
		expect(await upgrade(port, { Host: host, Origin: "http://evil.example" })).toContain("403");
		expect(await upgrade(port, { Host: "evil.example", Origin: "http://evil.example" })).toContain("403");
		expect(heard).toEqual([]);
		expect(await upgrade(port, { Host: host, Origin: `http://${host}` })).toContain("101");
		expect(heard).toEqual([`http://${host}`]);
	});
});

describe("the port", () => {
	it("is the next free one when the wanted one is taken", async () => {
		const { port: first } = await start();
		const { port: second } = await start({ port: first });
		expect(second).toBeGreaterThan(first);
		expect(second).toBeLessThanOrEqual(first + PORT_ATTEMPTS);
	});

	it("is refused in words when none is free, or the address is not this machine's", async () => {
		await occupy(65535).catch(() => {});
		await expect(start({ port: 65535 })).rejects.toThrow(/no free port: 65535 to 65535/);
		await expect(start({ host: "192.0.2.1", password: "x" })).rejects.toThrow(/192\.0\.2\.1: that is no address of this machine/);
		await expect(start({ host: "192.0.2.1", password: "x" })).rejects.toBeInstanceOf(StartError);
	});

	it("is never opened to other machines without a password", async () => {
		await expect(start({ host: "0.0.0.0" })).rejects.toBeInstanceOf(ConfigError);
		await expect(start({ host: "" })).rejects.toBeInstanceOf(ConfigError);
	});
});
