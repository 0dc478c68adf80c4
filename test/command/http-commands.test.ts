import { resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { BankRegistry } from "../../src/bank-registry.ts";
import type { BankCommands } from "../../src/bms/command/command.ts";
import { COMMAND_NAMES } from "../../src/bms/command/command.ts";
import { silentLogger } from "../../src/logger.ts";
import { startHttpServer } from "../../src/server/http-server.ts";
import { ask } from "../support/http-ask.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { FakeBank } from "../support/snapshots.ts";
import { type FakeSetup, openCommands, PASSWORD } from "./fake-battery.ts";

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const end of endings.splice(0)) await end();
});

class CommandedBank extends FakeBank {
	readonly commands: BankCommands;

	constructor(commands: BankCommands) {
		super();
		this.commands = commands;
	}
}

async function start(setup: FakeSetup = {}) {
	const registry = new BankRegistry();
	const fake = openCommands(setup);
	registry.add(new CommandedBank(fake.commands));
	const http = await startHttpServer({
		host: "127.0.0.1",
		port: 0,
		password: "",
		hostNames: [],
		registry,
		facts: { version: "1", bankId: "bank", origin: "simulated", replay: null, hasOwnBroker: true, brokerUrl: "", editorPath: "/red/" },
		pageFolder: resolve(import.meta.dirname, "../../src/server/page"),
		simulatorApi: null,
		clock: new ManualClock(),
		logger: silentLogger,
	});
	endings.push(() => http.stop());
	const send = (path: string, body: unknown, headers: Record<string, string> = {}) =>
		ask(http.port, `/api/banks/bank/${path}`, {
			method: "POST",
			headers: { "Content-Type": "application/json", ...headers },
			body: typeof body === "string" ? body : JSON.stringify(body),
		});
	return { ...fake, port: http.port, send, get: (path: string) => ask(http.port, `/api/banks/bank/${path}`) };
}

const code = (answer: { json(): unknown }) => (answer.json() as { error?: { code: string } }).error?.code;

describe("commands over HTTP", () => {
	it("are listed with what this line offers and what is armed", async () => {
		const { get } = await start({ enabled: ["comfort"] });
		const { commands, access } = (await get("commands")).json() as { commands: Record<string, { offered: boolean }>; access: object };
		expect(Object.keys(commands)).toEqual(COMMAND_NAMES);
		expect(commands.switch).toMatchObject({ class: "comfort", offered: true });
		expect(access).toEqual({ enabled: ["comfort"], hasPassword: false, armed: null });
	});

	it("are carried out, and answer what the battery says", async () => {
		const { send, battery } = await start();
		const answer = await send("commands", { command: "switch", arguments: { switch: "buzzer", on: true } });
		expect(answer.status).toBe(200);
		expect(answer.headers["cache-control"]).toBe("no-store");
		expect(answer.json()).toMatchObject({ command: "switch", pack: 1, before: false, value: true, confirmed: true });
		expect(battery.writes).toEqual(["setSwitch buzzer true"]);
	});

	it("tell how far they are when lines are asked for", async () => {
		const { send } = await start();
		const { text } = await send("commands", { command: "read-records" }, { Accept: "application/x-ndjson" });
		const lines = text
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(lines.slice(0, -1)).toMatchObject([1, 2, 3].map((done) => ({ progress: { done, part: { index: done - 1 } } })));
		expect(lines.at(-1)).toMatchObject({ result: { command: "read-records" } });
	});

	it("are refused with a status, a code and words", async () => {
		const { send, battery, port } = await start({ enabled: ["comfort", "control"] });
		for (const [path, body, status, wanted] of [
			["commands", { command: "swich" }, 404, "unknown"],
			["commands", {}, 400, "bad-request"],
			["commands", { command: "switch", arguments: [] }, 400, "bad-request"],
			["commands", { command: "switch", on: true }, 400, "bad-request"],
			["commands", "{", 400, "bad-request"],
			["commands", { command: "switch", arguments: { switch: "buzzer", on: 1 } }, 400, "bad-argument"],
			["commands", { command: "switch", arguments: { switch: "buzzer", on: true, pack: 2 } }, 409, "wrong-pack"],
			["commands", { command: "clear-records" }, 403, "not-enabled"],
			["commands", { command: "shut-down" }, 403, "not-armed"],
			["arm", { class: "control", password: PASSWORD }, 403, "not-armed"],
			["arm", { class: "control" }, 400, "bad-request"],
			["password", { password: "short" }, 400, "bad-argument"],
			["password", { password: 7 }, 400, "bad-request"],
			["disarm", { what: 1 }, 400, "bad-request"],
		] as const) {
			const answer = await send(path, body);
			expect([path, body, answer.status, code(answer)]).toEqual([path, body, status, wanted]);
		}
		expect(code(await send("commands", "command=shut-down", { "Content-Type": "application/x-www-form-urlencoded" }))).toBe("bad-request");
		const nowhere = await ask(port, "/api/banks/shed/commands");
		expect([nowhere.status, code(nowhere)]).toEqual([404, "no-such-bank"]);
		expect(battery.writes).toEqual([]);
	});

	it("are armed for the program that gave the password, and nobody learns it from the answers", async () => {
		const { send, battery, get } = await start();
		expect((await send("password", { password: PASSWORD })).status).toBe(200);
		const mine = { "X-Rack-Battery-Session": "mine" };
		const armed = await send("arm", { class: "control", password: PASSWORD }, mine);
		expect(armed.json()).toMatchObject({ access: { armed: { class: "control", isYours: true } } });
		const request = { command: "shut-down" };
		expect(code(await send("commands", request))).toBe("not-armed");
		expect(code(await send("commands", request, { "X-Rack-Battery-Session": "theirs" }))).toBe("not-armed");
		expect((await send("commands", request, mine)).status).toBe(200);
		await send("disarm", {}, mine);
		expect(code(await send("commands", request, mine))).toBe("not-armed");
		expect(battery.writes).toEqual(["shutDown"]);
		const { text } = await get("audit?last=50");
		expect(text).not.toContain(PASSWORD);
		expect(text).not.toContain("mine");
		expect((JSON.parse(text) as { command: string }[]).map(({ command }) => command)).toContain("shut-down");
	});

	it("refused by a bank that a node has opened, with its own copy of our classes, are told like any other", async () => {
		const { send, commands } = await start();
		const refusal = Object.assign(new Error("Not now."), { kind: "command", code: "busy" });
		Object.assign(commands, { run: () => Promise.reject(refusal) });
		const answer = await send("commands", { command: "identify" });
		expect([answer.status, answer.json()]).toEqual([429, { error: { code: "busy", message: "Not now." } }]);
	});

	it("come from no other web page", async () => {
		const { send, battery } = await start();
		const answer = await send(
			"commands",
			{ command: "switch", arguments: { switch: "buzzer", on: true } },
			{ Origin: "http://evil.example" },
		);
		expect([answer.status, code(answer)]).toEqual([403, "foreign-origin"]);
		expect(battery.asked).toEqual([]);
	});
});
