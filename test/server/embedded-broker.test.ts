import mqtt from "mqtt";
import { afterEach, expect, it } from "vitest";
import { silentLogger } from "../../src/logger.ts";
import { type EmbeddedBroker, startEmbeddedBroker } from "../../src/server/embedded-broker.ts";

const running: EmbeddedBroker[] = [];
afterEach(async () => {
	for (const broker of running.splice(0)) await broker.stop();
});
async function start(port = 0): Promise<EmbeddedBroker> {
	const broker = await startEmbeddedBroker(port, silentLogger);
	running.push(broker);
	return broker;
}

it("keeps retained messages and hands them to who comes later", async () => {
	const broker = await start();
	const first = await mqtt.connectAsync(broker.url, { reconnectPeriod: 0 });
	await first.publishAsync("rack-battery/bank/bridge/state", "online", { retain: true, qos: 1 });
	await first.endAsync();
	const second = await mqtt.connectAsync(broker.url, { reconnectPeriod: 0 });
	const message = new Promise<string>((ok) => second.once("message", (_topic, payload) => ok(payload.toString())));
	await second.subscribeAsync("rack-battery/#");
	expect(await message).toBe("online");
	await second.endAsync();
});

it("listens on this machine only, and on the next port when one is taken", async () => {
	const first = await start();
	const second = await start(first.port);
	expect(second.port).toBeGreaterThan(first.port);
	expect(second.url).toBe(`mqtt://127.0.0.1:${second.port}`);
});

it("ends connected clients when it stops", async () => {
	const broker = await startEmbeddedBroker(0, silentLogger);
	const client = await mqtt.connectAsync(broker.url, { reconnectPeriod: 0 });
	client.on("error", () => {});
	const closed = new Promise<void>((ok) => client.once("close", ok));
	await broker.stop();
	await closed;
	await client.endAsync(true);
});
