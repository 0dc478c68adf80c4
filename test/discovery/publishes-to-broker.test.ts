import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDiscovery, type Discovery, type DiscoveryDeps } from "../../src/discovery/discovery-publisher.ts";
import { MQTT_SETTINGS, type MqttSettings } from "../../src/discovery/options.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { TestBroker } from "../support/broker.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankSnapshot, FakeBank, pack, part, stale, HEALTHY_STATUS, TOTALS, packValues } from "../support/snapshots.ts";

const BASE = "rack-battery/bank";
const config = (uid: string) => `homeassistant/device/${uid}/config`;
const BANK_CONFIG = config("rack_battery_bank");
const PACK_CONFIG = (address: number) => config(`rack_battery_bank_a${address}`);

let broker: TestBroker;
let clock: ManualClock;
let discoveries: Discovery[];

beforeEach(async () => {
	broker = await TestBroker.start();
	clock = new ManualClock();
	discoveries = [];
});
afterEach(async () => {
	await Promise.all(discoveries.map((discovery) => discovery.stop()));
	await broker.stop();
	expect(clock.pending).toBe(0);
});

function start(bank: FakeBank, settings: Partial<MqttSettings> = {}, deps: Partial<DiscoveryDeps> = {}): Discovery {
	const discovery = createDiscovery(
		bank,
		{ ...defaultsOf(MQTT_SETTINGS), url: broker.url, ...settings },
		{ logger: silentLogger, clock, random: () => 0.5, pageUrl: null, version: "1.2.3", ...deps },
	);
	discoveries.push(discovery);
	return discovery;
}

/** Everything said so far has reached the broker: QoS 0 and 1 keep their order on one connection. */
async function flushed(): Promise<void> {
	for (let turn = 0; turn < 20; turn++) await new Promise<void>((next) => setImmediate(next));
}

/** Started, announced, and every state sent. */
async function online(bank: FakeBank, settings: Partial<MqttSettings> = {}, deps: Partial<DiscoveryDeps> = {}): Promise<Discovery> {
	const discovery = start(bank, settings, deps);
	await broker.until("the bank is announced", () => broker.on(BANK_CONFIG).length > 0 || settings.discovery === "off");
	await clock.advance(150 * bank.snapshot.packs.length + 2000);
	await broker.until("the cells arrive", () => broker.on(`${BASE}/pack/${bank.snapshot.packs.at(-1)?.address}/cells`).length > 0);
	await flushed();
	return discovery;
}

const topics = (from: number) => broker.seen.slice(from).map(({ topic }) => topic);
const json = (text: string | undefined) => JSON.parse(text ?? "null");

describe("at a connect", () => {
	it("announces the bank, then the packs, then sends status, availability and live values", async () => {
		await online(new FakeBank());
		expect(topics(0)).toEqual([
			BANK_CONFIG,
			PACK_CONFIG(1),
			PACK_CONFIG(2),
			...["info", "status", "energy"].map((group) => `${BASE}/bank/${group}`),
			...["info", "status", "energy"].map((group) => `${BASE}/pack/1/${group}`),
			...["info", "status", "energy"].map((group) => `${BASE}/pack/2/${group}`),
			...["bank", "pack/1", "pack/2"].map((device) => `${BASE}/${device}/availability`),
			`${BASE}/bridge/state`,
			`${BASE}/bank/live`,
			`${BASE}/pack/1/live`,
			`${BASE}/pack/1/cells`,
			`${BASE}/pack/2/live`,
			`${BASE}/pack/2/cells`,
		]);
		expect(broker.last(`${BASE}/bridge/state`)).toBe("online");
		expect(json(broker.last(`${BASE}/pack/2/live`))).toMatchObject({ soc: 55, current: 10, charging: true, discharging: false });
		expect(json(broker.last(`${BASE}/bank/live`))).toMatchObject({ soc: 55, current: 20, power: 1058 });
	});
});
