import { afterEach, expect, test } from "vitest";
import { startMosquitto } from "./support/mosquitto.ts";
import { type Observer, observe } from "./support/mqtt-observer.ts";
import { bankOnce, type RunningServer, startServer } from "./support/rack-battery.ts";
import { eventually, Scene } from "./support/scene.ts";

/**
 * The server against Mosquitto 2, as Home Assistant sees it: another client on the same broker, MQTT 5.
 * The product promises retained discovery of the bank and every pack and live values within 10 s of its start.
 */

const scene = new Scene();
afterEach(() => scene.end());

const configTopic = /^homeassistant\/device\/[^/]+\/config$/;
const bridgeTopic = /^rack-battery\/[^/]+\/bridge\/state$/;
const liveTopic = (pack: number) => new RegExp(`^rack-battery/[^/]+/pack/${pack}/live$`);

async function secured(): Promise<{ observer: Observer; server: RunningServer; url: string }> {
	const login = { user: "battery", password: "s3cret: p@ss" };
	const broker = await startMosquitto(scene, login);
	const observer = await observe(scene, broker.url, { username: login.user, password: login.password });
	const url = `mqtt://${login.user}:${encodeURIComponent(login.password)}@127.0.0.1:${broker.port}`;
	const server = await startServer(scene, { args: ["--mqtt", url] });
	return { observer, server, url: broker.url };
}

/** Waits for the discovery of bank and both packs and for live values of both; the result is the time of the last of them. */
async function announced(observer: Observer, since: number): Promise<number> {
	const configs = new Map<string, number>();
	const fresh = (message: { at: number; payload: string }) => message.at >= since && message.payload !== "";
	await observer.message("discovery of the bank and two packs", (message) => {
		if (configTopic.test(message.topic) && fresh(message) && !configs.has(message.topic)) configs.set(message.topic, message.at);
		return configs.size === 3;
	});
	const live = await Promise.all(
		[1, 2].map((pack) =>
			observer.message(`live values of pack ${pack}`, (message) => liveTopic(pack).test(message.topic) && fresh(message)),
		),
	);
	return Math.max(...configs.values(), ...live.map((message) => message.at));
}

test("announces the bank and both packs and their live values to Mosquitto within 10 s of the start, behind a password", async () => {
	const { observer, server, url } = await secured();
	const seconds = ((await announced(observer, 0)) - server.startedAt) / 1000;
	console.log(`start to discovery and live values: ${seconds.toFixed(1)} s, resident ${await server.residentMb()} MB`);
	expect(seconds).toBeLessThan(10);

	const late = await observe(scene, url, { username: "battery", password: "s3cret: p@ss" });
	await late.message("kept live values", (message) => liveTopic(2).test(message.topic));
	const configs = await eventually("three kept announcements", () => {
		const kept = late.messages.filter((message) => configTopic.test(message.topic));
		return kept.length === 3 && kept;
	});
	const devices = configs.map((message) => JSON.parse(message.payload).dev);
	for (const device of devices) expect(device.name).toMatch(/simulated/i);
	const bank = devices.filter((device) => device.via_device === undefined);
	expect(bank.length).toBe(1);
	expect(devices.filter((device) => [bank[0].ids].flat().includes(device.via_device)).length).toBe(2);

	const live = late.messages.filter((message) => /\/live$/.test(message.topic));
	for (const message of live)
		expect(message.expirySeconds, `${message.topic} would outlive its server`).toSatisfy(
			(value) => Number(value) > 0 && Number(value) <= 400,
		);
	expect(late.latest(observer.messages.find((message) => bridgeTopic.test(message.topic))?.topic ?? "")?.payload).toBe("online");
});

test("its last will says offline when the server is killed", async () => {
	const { observer, server } = await secured();
	await announced(observer, 0);
	const will = observer.next("the last will", (message) => bridgeTopic.test(message.topic) && message.payload === "offline");
	process.kill(server.process.pid, "SIGKILL");
	expect((await will).retain).toBe(true);
});

test("Ctrl-C publishes offline for bridge and packs before it closes, and ends within 3 s with code 0", async () => {
	const { observer, server } = await secured();
	await announced(observer, 0);
	const seen = observer.messages.length;
	const ending = await server.process.end("SIGINT", 10_000);
	console.log(`Ctrl-C to the end: ${(ending.tookMs / 1000).toFixed(2)} s`);
	expect({ code: ending.code, signal: ending.signal }, server.process.output()).toEqual({ code: 0, signal: null });
	expect(ending.tookMs).toBeLessThan(3000);
	const offline = observer.messages
		.slice(seen)
		.filter((message) => message.payload === "offline")
		.map((message) => message.topic.replace(/^rack-battery\/[^/]+\//, ""));
	expect(offline).toEqual(expect.arrayContaining(["bridge/state", "pack/1/availability", "pack/2/availability"]));
});

test("comes back by itself after the broker was away, and announces everything again", async () => {
	const first = await startMosquitto(scene);
	const server = await startServer(scene, { args: ["--mqtt", first.url] });
	await announced(await observe(scene, first.url), 0);
	await first.process.end();
	const since = performance.now();
	const second = await startMosquitto(scene, { port: first.port });
	await announced(await observe(scene, second.url), since);
	await bankOnce(
		server,
		"the battery was read all the time",
		(snapshot) => snapshot.link.state === "online" && snapshot.link.reconnects === 0,
	);
});

test("a redeploy from the editor says offline before it closes, and online again", async () => {
	const { observer, server } = await secured();
	await announced(observer, 0);
	const flows = await server.json("/red/flows");
	const bridge = (payload: string) => (message: { topic: string; payload: string }) =>
		bridgeTopic.test(message.topic) && message.payload === payload;
	const offline = observer.next("offline at the redeploy", bridge("offline"));
	const deployed = await server.post("/red/flows", flows);
	expect(deployed.ok, await deployed.clone().text()).toBe(true);
	const { at } = await offline;
	await observer.message("online after the redeploy", (message) => message.at > at && bridge("online")(message));
	await announced(observer, at);
});
