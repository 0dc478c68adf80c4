import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express, { type RequestHandler } from "express";
import { afterEach, describe, expect, it } from "vitest";
import { type ProbeTools, serveProbe } from "../../nodes/rack-battery/probe-endpoint.ts";
import { defaultsOf, type ProbePortOptions, type ProbeReport, SIMULATOR_SETTINGS, startSimulatedLine } from "../../src/index.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

/** The admin side of a Node-RED: whoever has no token is sent away, as the editor's login does. */
async function admin(tools: Partial<ProbeTools> = {}) {
	const app = express();
	app.use(express.json());
	const asked: string[] = [];
	const needsPermission = (permission: string): RequestHandler => {
		asked.push(permission);
		return (request, response, next) => (request.headers.authorization === "Bearer right" ? next() : response.sendStatus(401));
	};
	serveProbe({ httpAdmin: app, auth: { needsPermission } } as unknown as Parameters<typeof serveProbe>[0], {
		userOf: () => null,
		...tools,
	});
	const server = createServer(app).listen(0, "127.0.0.1");
	await once(server, "listening");
	ends.push(() => new Promise((resolve) => server.close(resolve)));
	const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rack-battery`;
	const ask = async (method: string, path: string, body?: unknown, token = "right") => {
		const answer = await fetch(base + path, {
			method,
			headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}`, Connection: "close" },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await answer.text();
		// biome-ignore lint/suspicious/noExplicitAny: each test reads what it asserts
		return { status: answer.status, body: (text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text) as any };
	};
	return { ask, asked };
}

/** A probe that goes on until the test ends it. */
function held() {
	const begun: ProbePortOptions[] = [];
	let end: (report: ProbeReport) => void = () => {};
	const probePort = (options: ProbePortOptions) => {
		begun.push(options);
		return new Promise<ProbeReport>((resolve) => {
			end = resolve;
		});
	};
	return { probePort, begun, end: (report: Partial<ProbeReport>) => end(report as ProbeReport) };
}

describe("the editor's probe button", () => {
	it("asks for the permission to write flows, for every path", async () => {
		const { ask, asked } = await admin();
		expect(new Set(asked)).toEqual(new Set(["rack-battery.write"]));
		for (const [method, path] of [
			["GET", "/ports"],
			["POST", "/probe"],
			["GET", "/probe/1"],
			["DELETE", "/probe/1"],
		] as const) {
			expect((await ask(method, path, method === "POST" ? { port: "COM1" } : undefined, "wrong")).status).toBe(401);
		}
	});

	it("offers the ports of the machine", async () => {
		const port = {
			port: "/dev/ttyUSB0",
			device: "/dev/ttyUSB0",
			description: "FTDI",
			vendorId: null,
			productId: null,
			access: { kind: "free" },
		} as const;
		const { ask } = await admin({ listPorts: async () => [port] });
		expect((await ask("GET", "/ports")).body).toEqual([port]);
	});

	it("finds a battery, in the editor's language, with what to take over", async () => {
		const line = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), packs: 1, baudRate: 0, answerDelayMs: 0 });
		ends.push(() => line.stop());
		const { ask } = await admin();
		const { status, body } = await ask("POST", "/probe", { port: line.port, language: "de" });
		expect(status).toBe(202);
		let state = (await ask("GET", `/probe/${body.id}`)).body;
		const steps = new Set<string>();
		while (state.report === null) {
			if (state.step) steps.add(state.step.kind);
			state = (await ask("GET", `/probe/${body.id}`)).body;
		}
		expect(steps).toContain("listen");
		expect(state.report).toMatchObject({ found: true, protocol: "ascii-0x25", packs: [{ address: 1, switches: "■□□□" }] });
		expect(state.report.summary).toMatch(/Hauptpack an RS232 gefunden/);
	});

	it("leaves the port of a deployed bank alone, whatever name it is given by", async () => {
		const folder = await mkdtemp(join(tmpdir(), "probe-"));
		ends.push(() => rm(folder, { recursive: true }));
		const device = join(folder, "ttyUSB0");
		await writeFile(device, "");
		await symlink(device, join(folder, "by-id"));
		const { probePort, begun } = held();
		const { ask } = await admin({ probePort, userOf: (isLine) => (isLine(device) || isLine("tcp://gateway:8899") ? "Shed" : null) });
		for (const port of [device, join(folder, "by-id"), "TCP://Gateway:8899"]) {
			const { status, body } = await ask("POST", "/probe", { port });
			expect(status).toBe(409);
			expect(body).toMatchObject({ bank: "Shed", error: { code: "in-use", message: expect.stringContaining("Shed") as string } });
		}
		expect(begun).toEqual([]);
		expect((await ask("POST", "/probe", { port: join(folder, "ttyUSB1") })).status).toBe(202);
	});

	it("probes one port at a time, and stops when told so", async () => {
		const { probePort, begun, end } = held();
		const { ask } = await admin({ probePort });
		const { body } = await ask("POST", "/probe", { port: "/dev/ttyUSB0" });
		expect((await ask("POST", "/probe", { port: "/dev/ttyUSB1" })).body.error).toMatchObject({ code: "busy" });
		expect((await ask("DELETE", `/probe/${body.id}`)).status).toBe(204);
		expect(begun[0]?.signal?.aborted).toBe(true);
		end({ found: false });
		expect((await ask("GET", `/probe/${body.id}`)).body).toMatchObject({ report: { found: false }, error: null });
		expect((await ask("POST", "/probe", { port: "/dev/ttyUSB1" })).status).toBe(202);
	});

	it("has an answer in words for everything that is no port", async () => {
		const { ask } = await admin();
		expect((await ask("POST", "/probe", {})).body.error.code).toBe("no-port");
		expect((await ask("POST", "/probe", { port: 7 })).body.error.code).toBe("no-port");
		const { status, body } = await ask("POST", "/probe", { port: "192.168.1.20:8899" });
		expect(status).toBe(400);
		expect(body.error.message).toMatch(/write tcp:\/\//);
		expect((await ask("GET", "/probe/77")).status).toBe(404);
		expect((await ask("GET", "/probe/..%2f")).status).toBe(404);
	});

	it("tells what nobody expected instead of falling silent", async () => {
		const { ask } = await admin({ probePort: () => Promise.reject(new Error("out of luck")) });
		const { body } = await ask("POST", "/probe", { port: "/dev/ttyUSB0" });
		expect((await ask("GET", `/probe/${body.id}`)).body).toMatchObject({ report: null, error: "out of luck" });
	});
});
