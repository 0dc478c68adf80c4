import { type ClientRequest, get, type IncomingMessage } from "node:http";
import { resolve } from "node:path";
import { afterEach, expect, it } from "vitest";
import { BankRegistry } from "../../src/bank-registry.ts";
import { silentLogger } from "../../src/logger.ts";
import { startHttpServer } from "../../src/server/http-server.ts";
import { EVENT_INTERVAL_MS, KEEP_ALIVE_MS, MAX_FOLLOWERS } from "../../src/server/status-events.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { FakeBank } from "../support/snapshots.ts";

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
	for (const end of endings.splice(0).reverse()) await end();
});

async function start() {
	const clock = new ManualClock();
	const registry = new BankRegistry();
	const facts = {
		version: "1",
		bankId: "bank",
		origin: "real",
		replay: null,
		hasOwnBroker: false,
		brokerUrl: "",
		editorPath: "/red/",
	} as const;
	const pageFolder = resolve(import.meta.dirname, "../../src/server/page");
	const options = { host: "127.0.0.1", port: 0, password: "", hostNames: [], simulatorApi: null, logger: silentLogger };
	const http = await startHttpServer({ ...options, registry, facts, pageFolder, clock });
	endings.push(() => http.stop());
	return { clock, registry, port: http.port, stop: () => http.stop() };
}

/** A browser that follows the events; `next` waits for one message more. */
class Follower {
	readonly revisions: (number | null)[] = [];
	readonly status: Promise<number>;
	readonly ended: Promise<void>;
	readonly #request: ClientRequest;
	#text = "";
	#waiting: (() => void)[] = [];

	constructor(port: number) {
		let end: () => void = () => {};
		this.ended = new Promise((ok) => {
			end = ok;
		});
		let answered: (status: number) => void = () => {};
		this.status = new Promise((ok) => {
			answered = ok;
		});
		this.#request = get({ host: "127.0.0.1", port, path: "/api/events", agent: false }, (response) => {
			answered(response.statusCode ?? 0);
			this.#read(response);
			response.on("close", end);
		});
		this.#request.on("error", end);
		endings.push(() => this.leave());
	}

	async count(messages: number): Promise<void> {
		while (this.revisions.length < messages) await new Promise<void>((ok) => this.#waiting.push(ok));
	}

	leave(): void {
		this.#request.destroy();
	}

	#read(response: IncomingMessage): void {
		response.setEncoding("utf8");
		response.on("error", () => {});
		response.on("data", (chunk: string) => {
			this.#text += chunk;
			const blocks = this.#text.split("\n\n");
			this.#text = blocks.pop() ?? "";
			for (const block of blocks) {
				const data = /^data: (.*)$/m.exec(block)?.[1] ?? "{}";
				this.revisions.push(JSON.parse(data).banks[0]?.snapshot.revision ?? null);
			}
			for (const wake of this.#waiting.splice(0)) wake();
		});
	}
}

it("a follower gets the status at once, then every change, but at most two a second", async () => {
	const { clock, registry, port } = await start();
	const bank = new FakeBank();
	registry.add(bank);
	const follower = new Follower(port);
	await follower.count(1);
	expect(follower.revisions).toEqual([1]);
	for (let change = 0; change < 10; change++) bank.set({});
	await follower.count(2);
	expect(follower.revisions).toEqual([1, 2]);
	await clock.advance(EVENT_INTERVAL_MS);
	await follower.count(3);
	// Nine changes became one message, with the last of them.
	expect(follower.revisions).toEqual([1, 2, 11]);
});

it("a bank that comes, goes and comes again is followed without being asked for", async () => {
	const { clock, registry, port } = await start();
	const follower = new Follower(port);
	await follower.count(1);
	expect(follower.revisions).toEqual([null]);
	const bank = new FakeBank();
	const remove = registry.add(bank);
	await follower.count(2);
	await clock.advance(EVENT_INTERVAL_MS);
	bank.set({});
	await follower.count(3);
	expect(follower.revisions).toEqual([null, 1, 2]);
	remove();
	expect(bank.listeners).toBe(0);
	await clock.advance(EVENT_INTERVAL_MS);
	await follower.count(4);
	expect(follower.revisions.at(-1)).toBeNull();
});

it("without a change a message shows every few seconds that the connection lives", async () => {
	const { clock, registry, port } = await start();
	registry.add(new FakeBank());
	const follower = new Follower(port);
	await follower.count(1);
	await clock.advance(KEEP_ALIVE_MS);
	await follower.count(2);
	await clock.advance(KEEP_ALIVE_MS);
	await follower.count(3);
	expect(follower.revisions).toEqual([1, 1, 1]);
});

it("followers are bounded, and the last one to leave takes the subscription along", async () => {
	const { registry, port, stop } = await start();
	const bank = new FakeBank();
	registry.add(bank);
	const followers = Array.from({ length: MAX_FOLLOWERS }, () => new Follower(port));
	await Promise.all(followers.map((follower) => follower.count(1)));
	expect(await new Follower(port).status).toBe(503);
	expect(bank.listeners).toBe(1);
	await stop();
	await Promise.all(followers.map((follower) => follower.ended));
	expect(bank.listeners).toBe(0);
});
