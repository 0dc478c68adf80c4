import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDiscovery, type Discovery, type DiscoveryDeps } from "../../src/discovery/discovery-publisher.ts";
import { MQTT_SETTINGS, type MqttSettings } from "../../src/discovery/options.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { TestBroker } from "../support/broker.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankSnapshot, FakeBank, HEALTHY_STATUS, pack, packValues, part, stale, TOTALS } from "../support/snapshots.ts";

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

/** Everything said so far has reached the broker, and all it told has been heard. */
async function flushed(): Promise<void> {
	await broker.tell("homeassistant/status", "ping");
	broker.seen.splice(
		broker.seen.findLastIndex(({ payload }) => payload === "ping"),
		1,
	);
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
			`${BASE}/bridge/discovery`,
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

	it("keeps discovery, status and availability at the broker, and no value that could be revived when old", async () => {
		await online(new FakeBank());
		const kept = await broker.retained();
		expect([...kept.keys()].filter((topic) => /\/(live|cells)$/.test(topic))).toEqual([]);
		expect(json(kept.get(PACK_CONFIG(1))).cmps.soc.unique_id).toBe("rack_battery_bank_a1_soc");
		expect(json(kept.get(`${BASE}/pack/1/status`))).toMatchObject({ alarm_active: false, states: { charge_mosfet: true } });
		expect(json(kept.get(`${BASE}/pack/1/energy`))).toEqual({ energy_charged: 12.5, energy_discharged: 11.25 });
		expect(kept.get(`${BASE}/pack/2/availability`)).toBe("online");
	});

	it("waits for a broker that is not there yet", async () => {
		const port = Number(new URL(broker.url).port);
		await broker.stop();
		const discovery = start(new FakeBank(), { url: `mqtt://127.0.0.1:${port}` });
		await new Promise<void>((failed) => discovery.onState(({ state }) => state === "offline" && failed()));
		expect(discovery.state().problem).toContain("Nothing answers");
		broker = await TestBroker.start({ port });
		await clock.advance(1000);
		await broker.until("the bank is announced", () => broker.on(BANK_CONFIG).length > 0);
		expect(discovery.state()).toEqual({ state: "online", broker: `mqtt://127.0.0.1:${port}`, problem: null });
	});

	it("sends values only when discovery is off", async () => {
		await online(new FakeBank(), { discovery: "off" });
		expect(topics(0).filter((topic) => topic.startsWith("homeassistant"))).toEqual([]);
		expect(topics(0).indexOf(`${BASE}/bridge/state`)).toBeGreaterThan(topics(0).indexOf(`${BASE}/pack/2/status`));
		expect(json(broker.last(`${BASE}/pack/1/cells`)).cells).toHaveLength(16);
	});

	it("takes back what a killed run left behind for a pack that is not heard", async () => {
		await broker.say(`${BASE}/pack/2/availability`, "online", true);
		await broker.say(`${BASE}/pack/1/availability`, "online", true);
		start(new FakeBank(bankSnapshot({ packs: [pack(1)] })));
		await broker.until("the bank is announced", () => broker.on(BANK_CONFIG).length > 0);
		await flushed();
		await clock.advance(2150);
		await broker.until("pack 2 is offline", () => broker.last(`${BASE}/pack/2/availability`) === "offline");
		const order = () => broker.seen.map(({ topic, payload }) => `${topic} ${payload}`);
		await broker.until("the bridge is online", () => broker.last(`${BASE}/bridge/state`) === "online");
		expect(order().indexOf(`${BASE}/pack/2/availability offline`)).toBeLessThan(order().indexOf(`${BASE}/bridge/state online`));
		expect(broker.last(`${BASE}/pack/1/availability`)).toBe("online");
	});
});

describe("an announced bank", () => {
	it("says nothing while nothing changes, but a heartbeat", async () => {
		const bank = new FakeBank();
		await online(bank);
		const before = broker.seen.length;
		for (let second = 1; second < 120; second++) {
			const at = bank.snapshot.at + 1000;
			bank.set({ packs: bank.snapshot.packs.map((one) => ({ ...one, telemetry: one.telemetry && part(one.telemetry.value, at) })) });
			await clock.advance(1000);
		}
		await flushed();
		expect(topics(before)).toEqual([]);
		await clock.advance(1000);
		await broker.until("the heartbeat", () => broker.on(`${BASE}/pack/2/cells`).length === 2);
		const beat = topics(before);
		expect(new Set(beat).size).toBe(beat.length);
		// The bank's live values, and each pack's with its cells; alarms, counters and the rest are kept by the broker.
		expect(beat.length).toBe(1 + 2 * 2);
		expect(beat.filter((topic) => !/\/(live|cells)$/.test(topic))).toEqual([]);
	});

	it("sends one message a pack and group for a changed reading, and the bank's at the end of the cycle", async () => {
		const bank = new FakeBank();
		await online(bank);
		const before = broker.seen.length;
		await clock.advance(10_000);
		const moved = (address: number) =>
			pack(address, {
				telemetry: part(
					{ ...packValues(), current: 20, cellVoltages: packValues().cellVoltages.map((cell) => cell + 0.01) },
					bank.snapshot.at + 1,
				),
			});
		const totals = part({ ...TOTALS, current: 40 });
		bank.set({ packs: [moved(1), pack(2)], totals }, { cycle: false });
		bank.set({ packs: [moved(1), moved(2)], totals }, { cycle: false });
		bank.set({}, { cycle: true });
		await broker.until("the bank's values arrive", () => broker.on(`${BASE}/bank/live`).length === 2);
		await flushed();
		expect(topics(before)).toEqual(
			[1, 2].flatMap((n) => [`${BASE}/pack/${n}/live`, `${BASE}/pack/${n}/cells`]).concat(`${BASE}/bank/live`),
		);
		expect(json(broker.last(`${BASE}/bank/live`)).current).toBe(40);
	});

	it("sends an alarm at once, from the bank before any pack is named", async () => {
		const bank = new FakeBank();
		await online(bank);
		const condition = {
			key: "protection.cell_overvoltage",
			since: 0,
			pack: null,
			cell: null,
			probe: null,
			value: null,
			unit: null,
			limit: null,
		} as const;
		bank.set({ conditions: [condition] }, { cycle: false });
		await broker.until("the bank's status arrives", () => broker.on(`${BASE}/bank/status`).length === 2);
		expect(json(broker.last(`${BASE}/bank/status`))).toMatchObject({
			protection_active: true,
			protection_codes: ["OVP"],
			protections: { cell_overvoltage: true, short_circuit: false },
			alarm_active: false,
		});
		expect(broker.on(`${BASE}/pack/1/status`).length).toBe(1);
	});

	it("makes a pack that went stale unavailable and its values unknown, never zero or off", async () => {
		const bank = new FakeBank();
		await online(bank);
		const before = broker.seen.length;
		const [first, second] = bank.snapshot.packs;
		if (first?.telemetry == null || second === undefined) throw new Error("The fake bank has two live packs.");
		const gone = {
			...first,
			presence: "unknown",
			telemetry: stale(first.telemetry),
			status: part(HEALTHY_STATUS),
			conditions: null,
		} as const;
		bank.set({ packs: [gone, second] }, { cycle: false });
		await broker.until("unknown cells arrive", () => broker.on(`${BASE}/pack/1/cells`).length === 2);
		expect(topics(before)[0]).toBe(`${BASE}/pack/1/availability`);
		expect(broker.last(`${BASE}/pack/1/availability`)).toBe("offline");
		expect(broker.last(`${BASE}/pack/2/availability`)).toBe("online");
		expect(json(broker.last(`${BASE}/pack/1/cells`)).cells).toEqual(Array.from({ length: 16 }, () => null));
		expect(json(broker.last(`${BASE}/pack/1/live`))).toMatchObject({ soc: null, charging: null });
		expect(json(broker.last(`${BASE}/pack/1/status`))).toMatchObject({ alarm_active: null, alarms: { low_soc: null } });
		bank.set({ packs: [pack(1), second] });
		await broker.until("the pack is back", () => broker.last(`${BASE}/pack/1/availability`) === "online");
		expect(json(broker.last(`${BASE}/pack/1/status`)).alarm_active).toBe(false);
	});

	it("makes the bank unavailable when nothing is known of it", async () => {
		const bank = new FakeBank();
		await online(bank);
		bank.set({ totals: part(TOTALS), conditions: null });
		bank.set({ totals: stale(part(TOTALS)), conditions: null, link: { ...bank.snapshot.link, state: "lost" } });
		await broker.until("the bank is offline", () => broker.last(`${BASE}/bank/availability`) === "offline");
		await broker.until("unknown values", () => json(broker.last(`${BASE}/bank/live`)).soc === null);
		expect(json(broker.last(`${BASE}/bank/status`))).toMatchObject({ link: false, fault_active: null });
	});

	it("announces a pack that appears, and once more when its serial is read", async () => {
		const bank = new FakeBank(bankSnapshot({ packs: [pack(1)] }));
		await online(bank);
		bank.set({ packs: [pack(1), pack(2)] });
		await broker.until("pack 2 is announced", () => broker.on(PACK_CONFIG(2)).length === 1);
		await clock.advance(2150);
		await broker.until("pack 2 is sent", () => broker.on(`${BASE}/pack/2/cells`).length === 1);
		expect(broker.on(PACK_CONFIG(1)).length).toBe(1);
		const identity = { version: "P16S100A", bmsSerial: null, packSerial: "P-1" };
		bank.set({ packs: [pack(1, { identity }), pack(2)] });
		bank.set({});
		await clock.advance(10_000);
		await broker.until("pack 1 is announced again", () => broker.on(PACK_CONFIG(1)).length === 2);
		expect(json(broker.last(PACK_CONFIG(1))).dev).toMatchObject({ sn: "P-1", sw: "P16S100A" });
		expect(broker.on(PACK_CONFIG(2)).length).toBe(1);
		expect(broker.on(BANK_CONFIG).length).toBe(1);
	});

	it("announces a pack that does not answer after ten seconds, as missing", async () => {
		const missing = pack(2, { presence: "unknown", telemetry: null, status: null, conditions: null });
		start(new FakeBank(bankSnapshot({ packs: [pack(1), missing] })));
		await broker.until("the bank is announced", () => broker.on(BANK_CONFIG).length > 0);
		await clock.advance(9_999);
		await flushed();
		expect(broker.on(PACK_CONFIG(2)).length).toBe(0);
		await clock.advance(1);
		await broker.until("pack 2 is announced", () => broker.on(PACK_CONFIG(2)).length === 1);
		await clock.advance(2150);
		await broker.until("pack 2 is offline", () => broker.last(`${BASE}/pack/2/availability`) === "offline");
	});

	it("takes away entities that exist no more, then sends the clean message", async () => {
		const bank = new FakeBank(bankSnapshot({ packs: [pack(1)] }));
		await online(bank);
		bank.set({ packs: [pack(1, { telemetry: part(packValues({ cells: 15 })) })] });
		await broker.until("the removal", () => broker.on(PACK_CONFIG(1)).length === 2);
		expect(json(broker.last(PACK_CONFIG(1))).cmps.cell_16).toEqual({ p: "sensor" });
		await clock.advance(1999);
		await flushed();
		expect(broker.on(PACK_CONFIG(1)).length).toBe(2);
		await clock.advance(1);
		await broker.until("the clean message", () => broker.on(PACK_CONFIG(1)).length === 3);
		expect(json(broker.last(PACK_CONFIG(1))).cmps.cell_16).toBeUndefined();
		expect(json(broker.last(PACK_CONFIG(1))).cmps.cell_15.name).toBe("Cell 15 voltage");
	});
});

describe("Home Assistant's birth message", () => {
	it("makes it send everything again after a random wait", async () => {
		await online(new FakeBank(), {}, { random: () => 0.25 });
		const before = broker.seen.length;
		await broker.tell("homeassistant/status", "online");
		await clock.advance(1999);
		await flushed();
		expect(topics(before + 1)).toEqual([]);
		await clock.advance(1);
		await broker.until("the bank is announced again", () => broker.on(BANK_CONFIG).length === 2);
		await clock.advance(2300);
		await broker.until("everything is sent again", () => broker.on(`${BASE}/pack/2/cells`).length === 2);
		const again = topics(before + 1);
		expect(again.slice(0, 3)).toEqual([BANK_CONFIG, PACK_CONFIG(1), PACK_CONFIG(2)]);
		expect(again.length).toBe(21);
		expect(new Set(again).size).toBe(21);
	});

	it("is ignored when it is old or says offline", async () => {
		await broker.say("homeassistant/status", "online", true);
		await online(new FakeBank());
		await broker.tell("homeassistant/status", "offline");
		await clock.advance(20_000);
		await flushed();
		expect(broker.on(BANK_CONFIG).length).toBe(1);
	});

	it("brings back a device that the user deleted; nothing else does", async () => {
		const bank = new FakeBank(bankSnapshot({ packs: [pack(1)] }));
		await online(bank);
		await broker.say(PACK_CONFIG(1), "", true);
		await flushed();
		bank.set({ packs: [pack(1, { identity: { version: "V2", bmsSerial: null, packSerial: "P-1" } })] });
		await clock.advance(20_000);
		await flushed();
		expect(broker.last(PACK_CONFIG(1))).toBe("");
		await broker.tell("homeassistant/status", "online");
		await clock.advance(5000);
		await broker.until("pack 1 is back", () => broker.last(PACK_CONFIG(1)) !== "");
		expect(json(broker.last(PACK_CONFIG(1))).dev.sn).toBe("P-1");
	});
});

describe("the end", () => {
	it("says offline for the packs, then for the bridge, before it closes", async () => {
		const bank = new FakeBank();
		const discovery = await online(bank);
		const before = broker.seen.length;
		await discovery.stop();
		expect(broker.seen.slice(before).map(({ topic, payload, retain }) => [topic, payload, retain])).toEqual(
			["bank/availability", "pack/1/availability", "pack/2/availability", "bridge/state"].map((topic) => [
				`${BASE}/${topic}`,
				"offline",
				true,
			]),
		);
		expect(bank.listeners).toBe(0);
		expect(discovery.state()).toMatchObject({ state: "offline", problem: null });
		await broker.until("the connection is closed", () => broker.clients === 0);
		expect(broker.last(`${BASE}/bridge/state`)).toBe("offline");
	});

	it("is told by the last will when the connection tears, and all is sent again after it", async () => {
		const bank = new FakeBank();
		const discovery = await online(bank);
		broker.cut();
		await broker.until("the last will", () => broker.last(`${BASE}/bridge/state`) === "offline");
		expect((await broker.retained(`${BASE}/bridge/state`)).get(`${BASE}/bridge/state`)).toBe("offline");
		if (discovery.state().state === "online") await new Promise<void>((lost) => discovery.onState(() => lost()));
		expect(discovery.state().state).toBe("offline");
		const before = broker.seen.length;
		await clock.advance(1000);
		await broker.until("the bank is announced again", () => broker.on(BANK_CONFIG).length === 2);
		await clock.advance(4000);
		await broker.until("everything is sent again", () => broker.on(`${BASE}/pack/2/cells`).length === 2);
		expect(topics(before).length).toBe(22);
		expect(broker.last(`${BASE}/bridge/state`)).toBe("online");
	});
});

describe("what an earlier version left at the broker", () => {
	const kept = (cmps: unknown) => JSON.stringify({ dev: { ids: ["rack_battery_bank_a1"] }, cmps });

	it("is taken out of Home Assistant by name, and then forgotten", async () => {
		await broker.say(PACK_CONFIG(1), kept({ soc: { p: "sensor" }, old_thing: { p: "switch", name: "Old thing" } }), true);
		await online(new FakeBank());
		await clock.advance(4000);
		await broker.until("the clean message", () => json(broker.last(PACK_CONFIG(1))).cmps.old_thing === undefined);
		await flushed();
		const sent = broker
			.on(PACK_CONFIG(1))
			.slice(1)
			.map(({ payload }) => json(payload).cmps);
		expect(sent.map(({ old_thing }) => old_thing)).toEqual([{ p: "switch" }, undefined]);
		expect(sent.every(({ soc }) => soc.unique_id === "rack_battery_bank_a1_soc")).toBe(true);
		expect(json((await broker.retained()).get(PACK_CONFIG(1))).cmps.old_thing).toBeUndefined();
	});

	it("stays while the pack has not been measured: its cells are not gone", async () => {
		await broker.say(PACK_CONFIG(2), kept({ cell_1: { p: "sensor" } }), true);
		const silent = pack(2, { presence: "unknown", telemetry: null, status: null, conditions: null });
		start(new FakeBank(bankSnapshot({ packs: [pack(1), silent] })));
		await broker.until("the bank is announced", () => broker.on(BANK_CONFIG).length > 0);
		await clock.advance(20_000);
		await broker.until("pack 2 is announced", () => broker.on(PACK_CONFIG(2)).length > 1);
		await clock.advance(5000);
		await flushed();
		expect(
			broker
				.on(PACK_CONFIG(2))
				.slice(1)
				.map(({ payload }) => json(payload).cmps.cell_1),
		).toEqual([undefined]);
	});

	it.each(["not JSON", "[]", "null", kept({ broken: null, also: 7 })])("that makes no sense changes nothing: %s", async (payload) => {
		await broker.say(PACK_CONFIG(1), payload, true);
		await online(new FakeBank());
		await clock.advance(6000);
		await flushed();
		expect(broker.on(PACK_CONFIG(1)).length).toBe(2);
	});
});
