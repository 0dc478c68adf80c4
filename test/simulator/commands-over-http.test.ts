import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { RequestHandler } from "express";
import { afterEach, describe, expect, it } from "vitest";
import { createSimulatorApi, createSimulatorApp } from "../../src/server/simulator-api.ts";
import { bankWith } from "./simulated.ts";

const servers: Server[] = [];
afterEach(async () => {
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		server.close();
		await once(server, "close");
	}
});

async function served(handler: ReturnType<typeof createSimulatorApp>): Promise<string> {
	const server = createServer(handler).listen(0, "127.0.0.1");
	servers.push(server);
	await once(server, "listening");
	const address = server.address();
	return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

const post = (url: string, body: unknown) =>
	fetch(`${url}/command`, {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: typeof body === "string" ? body : JSON.stringify(body),
	});

describe("the simulator over HTTP", () => {
	it("takes commands and shows the state", async () => {
		const { control } = bankWith({ packs: 2 });
		const url = await served(createSimulatorApp(control));
		const answer = await post(url, { command: "set 2 protection.short_circuit" });
		expect([answer.status, await answer.json()]).toEqual([200, { text: "Pack 2: protection.short_circuit is set." }]);
		const state = (await (await fetch(`${url}/state`)).json()) as { packs: { address: number; conditions: string[] }[] };
		expect(state.packs.map(({ address, conditions }) => [address, conditions])).toEqual([
			[1, []],
			[2, ["protection.short_circuit"]],
		]);
	});

	it.each([
		["a command that is refused", { command: "lose 9" }, 400, "invalid", "There is no pack 9"],
		["no command", {}, 400, "invalid", "Send {"],
		["a list", [], 400, "invalid", "Send {"],
		["broken JSON", "{", 400, "bad-request", "must be JSON"],
	])("%s is answered with its error as JSON", async (_name, body, status, code, words) => {
		const url = await served(createSimulatorApp(bankWith().control));
		const answer = await post(url, body);
		expect(answer.status).toBe(status);
		expect(await answer.json()).toMatchObject({ error: { code, message: expect.stringContaining(words) } });
	});

	it("has nothing else", async () => {
		const url = await served(createSimulatorApp(bankWith().control));
		const answer = await fetch(`${url}/nothing`);
		expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: "not-found" } }]);
	});

	it("asks its guard before anything else", async () => {
		const { control } = bankWith();
		const guard: RequestHandler = (_request, response) => {
			response.status(403).json({ error: { code: "foreign-origin", message: "no" } });
		};
		const express = (await import("express")).default;
		const url = await served(express().use(createSimulatorApi(control, guard)));
		expect((await post(url, { command: "lose 2" })).status).toBe(403);
		expect((await fetch(`${url}/state`)).status).toBe(403);
		expect(control.state().packs.every(({ presence }) => presence === "present")).toBe(true);
	});
});
