import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PublisherState } from "../../src/bank-registry.ts";
import type { Logger } from "../../src/logger.ts";
import { explainFailure, reconnectDelayMs } from "../../src/mqtt-link/connect-failure.ts";
import { MqttLink, type MqttLinkOptions } from "../../src/mqtt-link/mqtt-link.ts";
import { TestBroker } from "../support/broker.ts";
import { ManualClock } from "../support/manual-clock.ts";

const STATE_TOPIC = "rack-battery/bank/bridge/state";

let clock: ManualClock;
let lines: string[];
let ends: (() => Promise<void>)[];

beforeEach(() => {
	clock = new ManualClock();
	lines = [];
	ends = [];
});
afterEach(async () => {
	for (const end of ends.reverse()) await end();
	expect(clock.pending).toBe(0);
});

const logger: Logger = {
	trace: (text) => void lines.push(text()),
	info: (text) => void lines.push(text),
	warn: (text) => void lines.push(text),
	error: (text) => void lines.push(text),
	child: () => logger,
};

async function brokerOf(options: Parameters<typeof TestBroker.start>[0] = {}): Promise<TestBroker> {
	const broker = await TestBroker.start(options);
	ends.push(() => broker.stop());
	return broker;
}

function linkTo(url: string, options: Partial<MqttLinkOptions> = {}): MqttLink {
	const link = new MqttLink({ url, username: "", password: "", stateTopic: STATE_TOPIC, logger, clock, ...options });
	ends.push(() => link.stop());
	return link;
}

function reached(link: MqttLink, state: PublisherState["state"]): Promise<void> {
	if (link.state.state === state) return Promise.resolve();
	return new Promise((done) => link.onState((now) => now.state === state && done()));
}

/** A listener that does with each connection what the test says; not a broker. */
async function listener(
	onSocket: (socket: Socket, count: number) => void,
): Promise<{ url: string; count: () => number; until: (count: number) => Promise<void> }> {
	const sockets = new Set<Socket>();
	let count = 0;
	let waiting: { at: number; done: () => void }[] = [];
	const server: Server = createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => {});
		count += 1;
		onSocket(socket, count);
		for (const { done } of waiting.filter(({ at }) => at <= count)) done();
		waiting = waiting.filter(({ at }) => at > count);
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	ends.push(
		() =>
			new Promise((closed) => {
				for (const socket of sockets) socket.destroy();
				server.close(() => closed());
			}),
	);
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("No port.");
	return {
		url: `mqtt://127.0.0.1:${address.port}`,
		count: () => count,
		until: (at) => (count >= at ? Promise.resolve() : new Promise((done) => waiting.push({ at, done }))),
	};
}

/** Protocol level of an MQTT CONNECT packet: 4 is 3.1.1, 5 is 5. */
const versionIn = (connect: Buffer) => connect[8];

describe("a connection to the broker", () => {
	it("is there once the broker has taken the subscriptions: what it kept comes before what is said anew", async () => {
		const asked: { readonly socket: Socket; readonly packet: Buffer }[] = [];
		const host = await listener((socket) => {
			socket.on("data", (packet) => {
				// CONNECT is accepted (MQTT 5 §3.2); SUBSCRIBE waits for its answer (§3.9).
				if (packet[0] === 0x10) socket.write(Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00]));
				if (packet[0] === 0x82) asked.push({ socket, packet });
			});
		});
		const link = linkTo(host.url);
		link.subscribe("homeassistant/status", () => {});
		const told: boolean[] = [];
		link.onConnection((connected) => told.push(connected));
		while (asked.length === 0) await new Promise<void>((next) => setImmediate(next));
		const message = { topic: STATE_TOPIC, payload: "online", qos: 0, retain: false } as const;
		expect([link.connected, link.publish(message), link.state.state, told]).toEqual([false, false, "connecting", []]);
		const [{ socket, packet } = expect.fail("nothing was asked for")] = asked;
		socket.write(Buffer.from([0x90, 0x04, packet[2] ?? 0, packet[3] ?? 0, 0x00, 0x01]));
		await reached(link, "online");
		expect([link.connected, link.publish(message)]).toEqual([true, true]);
		socket.destroy();
		await reached(link, "offline");
		expect(told).toEqual([true, false]);
	});

	it("falls back to MQTT 3.1.1 at once where 5 is refused, and remembers it", async () => {
		const broker = await brokerOf();
		const link = linkTo(broker.url);
		await reached(link, "online");
		expect(link.hasMessageExpiry).toBe(false);
		expect(lines.filter((line) => line.includes("does not speak MQTT 5"))).toHaveLength(1);
		broker.cut();
		await reached(link, "offline");
		await clock.advance(1000);
		await reached(link, "online");
		expect(lines.filter((line) => line.includes("does not speak MQTT 5"))).toHaveLength(1);
	});

	it("tries 3.1.1 in turn where a broker just hangs up", async () => {
		const versions: (number | undefined)[] = [];
		const host = await listener((socket) => {
			socket.once("data", (bytes) => {
				versions.push(versionIn(bytes));
				socket.end();
			});
		});
		const link = linkTo(host.url);
		await reached(link, "offline");
		expect(link.state.problem).toContain("closed the connection");
		for (const [attempt, delay] of [
			[2, 1000],
			[3, 2000],
		] as const) {
			while (clock.pending === 0) await new Promise<void>((next) => setImmediate(next));
			await clock.advance(delay);
			await host.until(attempt);
		}
		while (versions.length < 3) await new Promise<void>((next) => setImmediate(next));
		expect(versions).toEqual([5, 4, 5]);
	});

	it("says that user or password is refused, keeps trying slowly, and never tells the password", async () => {
		const accepted = new Set<string>();
		let asked = 0;
		const broker = await brokerOf({
			accepts: (username, password) => {
				asked += 1;
				return accepted.has(`${username}:${password}`);
			},
		});
		const link = linkTo(broker.url.replace("mqtt://", "mqtt://anna:secret-word@"));
		await reached(link, "refused");
		expect(link.state.problem).toMatch(/user name (and|or) password/);
		expect(link.state.broker).toBe(broker.url);
		const before = asked;
		await clock.advance(59_999);
		expect(asked).toBe(before);
		accepted.add("anna:secret-word");
		await clock.advance(1);
		await reached(link, "online");
		expect(link.state.problem).toBeNull();
		expect(JSON.stringify([link.state, lines])).not.toContain("secret-word");
	});

	it("backs off while nothing answers", async () => {
		const host = await listener(() => {});
		const { url } = host;
		await ends.pop()?.();
		const link = linkTo(url);
		await reached(link, "offline");
		expect(link.state.problem).toContain("Nothing answers");
		await clock.advance(999);
		expect(clock.pending).toBe(1);
		const broker = await brokerOf({ port: Number(new URL(url).port) });
		await clock.advance(1);
		await reached(link, "online");
		expect(broker.clients).toBe(1);
	});

	it("leaves a last will that the broker keeps", async () => {
		const broker = await brokerOf();
		const link = linkTo(broker.url);
		await reached(link, "online");
		link.publish({ topic: STATE_TOPIC, payload: "online", qos: 1, retain: true });
		await broker.until("online is said", () => broker.last(STATE_TOPIC) === "online");
		broker.cut();
		await broker.until("the will is said", () => broker.last(STATE_TOPIC) === "offline");
		expect((await broker.retained()).get(STATE_TOPIC)).toBe("offline");
	});

	it("takes a client id of its own each time", async () => {
		const broker = await brokerOf();
		const links = [linkTo(broker.url), linkTo(broker.url)];
		for (const link of links) {
			await reached(link, "online");
			link.publish({ topic: "t", payload: "x", qos: 0, retain: false });
		}
		await broker.until("both have spoken", () => broker.on("t").length === 2);
		const ids = broker.on("t").map(({ from }) => from);
		expect(new Set(ids).size).toBe(2);
		for (const id of ids) expect(id).toMatch(/^rack-battery-[0-9a-f]{10}$/);
	});

	it("subscribes again at every connect and tells what the broker kept from what is new", async () => {
		const broker = await brokerOf();
		await broker.say("kept", "old", true);
		const link = linkTo(broker.url);
		const heard: [string, boolean][] = [];
		const hear = (count: number) =>
			new Promise<void>((done) => {
				link.subscribe("kept", (payload, retained) => {
					heard.push([payload, retained]);
					if (heard.length === count) done();
				});
			});
		await hear(1);
		await broker.tell("kept", "new", true);
		broker.cut();
		await reached(link, "offline");
		const again = hear(3);
		await clock.advance(1000);
		await again;
		expect(heard).toEqual([
			["old", true],
			["new", false],
			["new", true],
		]);
	});

	it("drops what is published while the broker is away", async () => {
		const broker = await brokerOf();
		const link = linkTo(broker.url);
		expect(link.publish({ topic: "t", payload: "early", qos: 1, retain: false })).toBe(false);
		await reached(link, "online");
		expect(link.publish({ topic: "t", payload: "now", qos: 1, retain: false })).toBe(true);
		await broker.until("it arrives", () => broker.on("t").length > 0);
		expect(broker.on("t").map(({ payload }) => payload)).toEqual(["now"]);
	});

	it("refuses an address it cannot read and lets itself be stopped", async () => {
		const link = linkTo("not an address");
		expect(link.state).toMatchObject({ state: "refused", broker: "none" });
		expect(clock.pending).toBe(0);
		await link.stop();
	});
});

describe("a clean stop", () => {
	it("says the farewells and offline in order, and no will after it", async () => {
		const broker = await brokerOf();
		const link = linkTo(broker.url);
		await reached(link, "online");
		await link.stop([{ topic: "pack/1/availability", payload: "offline", qos: 1, retain: true }]);
		await broker.until("the client is gone", () => broker.clients === 0);
		expect(broker.seen.map(({ topic, payload }) => [topic, payload])).toEqual([
			["pack/1/availability", "offline"],
			[STATE_TOPIC, "offline"],
		]);
		expect(link.publish({ topic: "t", payload: "late", qos: 0, retain: false })).toBe(false);
	});

	it("does not wait longer than two seconds for a broker that hangs", async () => {
		const host = await listener((socket, count) => {
			// CONNACK: refuse version 5, accept 3.1.1, then never say a word again.
			socket.once("data", () => socket.write(Buffer.from(count === 1 ? [0x20, 2, 0, 1] : [0x20, 2, 0, 0])));
		});
		const link = linkTo(host.url);
		await reached(link, "online");
		let stopped = false;
		const stop = link.stop().then(() => {
			stopped = true;
		});
		await clock.advance(999);
		expect(stopped).toBe(false);
		await clock.advance(1001);
		await stop;
		expect(stopped).toBe(true);
	});

	it("works while connecting, waiting to retry, and twice", async () => {
		const silent = await listener(() => {});
		await linkTo(silent.url).stop();
		const host = await listener((socket) => socket.destroy());
		const link = linkTo(host.url);
		await reached(link, "offline");
		await Promise.all([link.stop(), link.stop()]);
		expect(clock.pending).toBe(0);
		expect(link.state).toMatchObject({ state: "offline", problem: null });
	});
});

describe("what a failure means", () => {
	it.each([
		[4, "refused", "user name or password"],
		[5, "refused", "user name and password"],
		[134, "refused", "user name or password"],
		[135, "refused", "user name and password"],
		[3, "offline", "not ready"],
		[142, "offline", "reason 142"],
		["ECONNREFUSED", "offline", "is the broker running"],
		["ENOTFOUND", "offline", "not known"],
		["DEPTH_ZERO_SELF_SIGNED_CERT", "refused", "certificate"],
		["ERR_TLS_CERT_ALTNAME_INVALID", "refused", "certificate"],
		["EWHATEVER", "offline", "EWHATEVER"],
		[undefined, "offline", "closed the connection"],
	] as const)("%s", (code, state, words) => {
		const failure = explainFailure({ code, accepted: false }, "mqtt://host:1883");
		expect(failure.state).toBe(state);
		expect(failure.problem).toContain(words);
		expect(failure.problem).toContain("host");
	});

	it("takes a silent end for a refused version only before the connection was accepted", () => {
		expect(explainFailure({ code: undefined, accepted: false }, "b").versionRefused).toBe("maybe");
		expect(explainFailure({ code: undefined, accepted: true }, "b").versionRefused).toBe("no");
		expect(explainFailure({ code: 132, accepted: false }, "b").versionRefused).toBe("yes");
	});

	it("waits 1, 2, 4 ... 30 s, and a minute after a refusal", () => {
		expect([1, 2, 3, 4, 5, 6, 100].map((attempt) => reconnectDelayMs(attempt, "offline"))).toEqual([
			1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
		]);
		expect(reconnectDelayMs(1, "refused")).toBe(60_000);
	});
});
