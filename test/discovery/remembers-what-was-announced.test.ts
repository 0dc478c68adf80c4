import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ContactSource } from "../../src/bms/battery/contact.ts";
import type { PackSnapshot } from "../../src/bms/battery/snapshot.ts";
import { createDiscovery, type Discovery } from "../../src/discovery/discovery-publisher.ts";
import { MQTT_SETTINGS, type MqttSettings } from "../../src/discovery/options.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { TestBroker } from "../support/broker.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankSnapshot, FakeBank, pack } from "../support/snapshots.ts";

/** What one run of the server finds of the runs before it at the broker. */

const BASE = "rack-battery/bank";
const config = (uid: string, prefix = "homeassistant") => `${prefix}/device/${uid}/config`;
const PACK_CONFIG = (address: number) => config(`rack_battery_bank_a${address}`);

const NO_EDGES: ContactSource = { states: [], inputTopics: [], heard: () => {}, tell: () => {}, subscribe: () => () => {} };

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

const json = (text: string | undefined) => JSON.parse(text ?? "null");

/** Everything said so far has reached the broker, and all it told has been heard. */
const flushed = () => broker.tell("homeassistant/status", "ping");

/** A run that has announced all it can, after the broker has told it what it kept. */
async function run(bank: FakeBank, settings: Partial<MqttSettings> = {}): Promise<Discovery> {
	const from = broker.seen.length;
	const discovery = createDiscovery(
		bank,
		{ ...defaultsOf(MQTT_SETTINGS), url: broker.url, ...settings },
		{ logger: silentLogger, clock, random: () => 0.5, pageUrl: null, version: "1.2.3", contacts: NO_EDGES },
	);
	discoveries.push(discovery);
	const bankConfig = config("rack_battery_bank", settings.discoveryPrefix?.replace(/\/$/, ""));
	await broker.until("the bank is announced", () => broker.seen.slice(from).some(({ topic }) => topic === bankConfig));
	// This broker tells what it has kept piece by piece, between other things.
	for (let n = 0; n < 20; n += 1) await flushed();
	await clock.advance(5000);
	await flushed();
	return discovery;
}

describe("another discovery prefix", () => {
	it("takes back what was announced under the one before, and is remembered", async () => {
		const first = await run(new FakeBank());
		await first.stop();
		await run(new FakeBank(), { discoveryPrefix: "house" });
		const kept = await broker.retained();
		expect([...kept.keys()].filter((topic) => topic.endsWith("/config")).toSorted((a, b) => a.localeCompare(b))).toEqual([
			"house/device/rack_battery_bank_a1/config",
			"house/device/rack_battery_bank_a2/config",
			"house/device/rack_battery_bank/config",
		]);
		expect(kept.get(`${BASE}/bridge/discovery`)).toBe("house");
	});

	it.each(["", "#", "with blanks", "homeassistant"])("a word that is no other prefix does nothing: %j", async (word) => {
		if (word !== "") await broker.say(`${BASE}/bridge/discovery`, word, true);
		await run(new FakeBank());
		expect(broker.seen.filter(({ payload, from }) => payload === "" && from !== "test")).toEqual([]);
	});
});

describe("packs that were taken out of the bank", () => {
	const twoThenOne = async (packsTold: number) => {
		const first = await run(new FakeBank());
		await first.stop();
		const bank = Object.assign(new FakeBank(bankSnapshot({ packs: [pack(1)] })), { packsTold });
		await run(bank);
		bank.set({}, { cycle: true });
		await flushed();
		return bank;
	};

	it("leave Home Assistant, and nothing of them stays at the broker, when the settings say who belongs to it", async () => {
		await twoThenOne(1);
		expect([...(await broker.retained()).keys()].filter((topic) => /pack\/2|_a2/.test(topic))).toEqual([]);
		expect(json(broker.last(PACK_CONFIG(1))).cmps.soc.unique_id).toBe("rack_battery_bank_a1_soc");
	});

	it("stay, told as offline, when the battery is asked who there is: they may only be off", async () => {
		await twoThenOne(0);
		expect(json(broker.last(PACK_CONFIG(2))).cmps.soc.unique_id).toBe("rack_battery_bank_a2_soc");
		expect(broker.last(`${BASE}/pack/2/availability`)).toBe("offline");
	});

	it("stay while fewer are found than the settings say: they may be found yet", async () => {
		await twoThenOne(2);
		expect(json(broker.last(PACK_CONFIG(2))).cmps.soc.unique_id).toBe("rack_battery_bank_a2_soc");
	});

	it("stay while a pack of the settings is missing: it may be the same one at another address", async () => {
		const bank = await twoThenOne(0);
		Object.assign(bank, { packsTold: 2 });
		bank.set({ packs: [pack(1), pack(3, { presence: "absent", telemetry: null })] }, { cycle: true });
		await flushed();
		expect(broker.last(PACK_CONFIG(2))).not.toBe("");
	});
});

describe("a pack whose DIP switches were changed", () => {
	const named = (address: number, packSerial: string | null) => pack(address, { identity: { version: "V1", bmsSerial: null, packSerial } });
	const after = async (packs: readonly PackSnapshot[], cabledPack: number | null) => {
		const first = await run(new FakeBank(bankSnapshot({ packs: [named(1, "P-1"), named(2, "P-2")] })));
		await first.stop();
		await run(new FakeBank(bankSnapshot({ packs, cabledPack })));
	};

	it("keeps its ids, and with them its history; name and topics are those of its new address", async () => {
		await after([named(1, "P-1"), named(3, "P-2")], null);
		const { dev, cmps } = json(broker.last(PACK_CONFIG(2)));
		expect(dev).toMatchObject({ ids: ["rack_battery_bank_a2"], name: "Battery bank pack 3", sn: "P-2" });
		expect(cmps.soc).toMatchObject({ unique_id: "rack_battery_bank_a2_soc", state_topic: `${BASE}/pack/3/live` });
		expect(broker.on(PACK_CONFIG(3))).toEqual([]);
	});

	it("is waited for: it is not announced before its serial number is read", async () => {
		const first = await run(new FakeBank(bankSnapshot({ packs: [named(1, "P-1")] })));
		await first.stop();
		const bank = new FakeBank(bankSnapshot({ packs: [named(0, null)], cabledPack: 0 }));
		await run(bank);
		expect(broker.on(PACK_CONFIG(0))).toEqual([]);
		bank.set({ packs: [named(0, "P-1")] });
		await broker.until("it is announced", () => json(broker.last(PACK_CONFIG(1))).dev.name === "Battery bank pack 0");
		expect(broker.on(PACK_CONFIG(0))).toEqual([]);
	});

	it("is not taken for gone before its serial number is read, though as many packs are there as the settings say", async () => {
		const first = await run(new FakeBank(bankSnapshot({ packs: [named(1, "P-1"), named(2, "P-2")] })));
		await first.stop();
		const bank = new FakeBank(bankSnapshot({ packs: [named(1, "P-1"), named(3, null)], cabledPack: null }));
		await run(Object.assign(bank, { packsTold: 2 }));
		bank.set({}, { cycle: true });
		await flushed();
		bank.set({ packs: [named(1, "P-1"), named(3, "P-2")] }, { cycle: true });
		await clock.advance(5000);
		await flushed();
		expect(broker.on(PACK_CONFIG(2)).filter(({ payload }) => payload === "")).toEqual([]);
		expect(json(broker.last(PACK_CONFIG(2))).dev.name).toBe("Battery bank pack 3");
	});

	it("leaves the ids it had for want of a serial number when that is read at last", async () => {
		const first = await run(new FakeBank(bankSnapshot({ packs: [named(1, "P-1")] })));
		await first.stop();
		const bank = new FakeBank(bankSnapshot({ packs: [named(0, null)], cabledPack: 0 }));
		await run(bank);
		await clock.advance(5000);
		await broker.until("pack 0 is announced", () => broker.on(PACK_CONFIG(0)).length > 0);
		bank.set({ packs: [named(0, "P-1")] });
		await clock.advance(5000);
		await broker.until("it is the one it was", () => json(broker.last(PACK_CONFIG(1))).dev.name === "Battery bank pack 0");
		expect(broker.last(PACK_CONFIG(0))).toBe("");
	});
});

describe("a pack that was deleted in Home Assistant while it was away", () => {
	it("stays deleted at Home Assistant's start, and comes back when it answers", async () => {
		const away = pack(2, { presence: "absent", telemetry: null, status: null, conditions: null });
		const bank = new FakeBank(bankSnapshot({ packs: [pack(1), pack(2)] }));
		await run(bank);
		bank.set({ packs: [pack(1), away] });
		await broker.say(PACK_CONFIG(2), "", true);
		await flushed();
		await broker.tell("homeassistant/status", "online");
		await clock.advance(10_000);
		await flushed();
		expect(broker.last(PACK_CONFIG(2))).toBe("");
		bank.set({ packs: [pack(1), pack(2)] }, { events: [{ type: "pack-live", pack: 2, at: 0 }] });
		await clock.advance(5000);
		await flushed();
		expect(json(broker.last(PACK_CONFIG(2))).cmps.soc.unique_id).toBe("rack_battery_bank_a2_soc");
	});
});

describe("a pack that the run before left as online", () => {
	it("is told as offline, also by a broker that tells what it kept before it takes the subscription", async () => {
		broker.givenFirst.set(`${BASE}/pack/5/availability`, "online");
		await run(new FakeBank());
		expect(broker.last(`${BASE}/pack/5/availability`)).toBe("offline");
	});
});

describe("a pack that the run before knew and this one has not heard", () => {
	it.each(["online", "offline"])(
		"left as %s: what is shown of it while it is away, its contacts, is unknown, not as it was",
		async (word) => {
			await broker.say(`${BASE}/pack/2/availability`, word, true);
			await broker.say(`${BASE}/pack/2/status`, JSON.stringify({ fault_contact: true }), true);
			const bank = new FakeBank(bankSnapshot({ packs: [pack(1)] }));
			await run(bank);
			expect(json(broker.last(`${BASE}/pack/2/status`))).toMatchObject({ fault_contact: null, low_battery_contact: null });
			expect(broker.last(`${BASE}/pack/2/availability`)).toBe("offline");
			bank.set({ packs: [pack(1), pack(2)] });
			await clock.advance(5000);
			await flushed();
			expect(json(broker.last(`${BASE}/pack/2/status`))).toMatchObject({ alarm_active: false });
		},
	);

	it("that never was is not made up", async () => {
		await run(new FakeBank(bankSnapshot({ packs: [pack(1)] })));
		expect(broker.seen.filter(({ topic }) => topic.includes("/pack/2/"))).toEqual([]);
	});
});

describe("the last will of a connection that the broker held for alive", () => {
	it("is taken back: this server is there", async () => {
		await run(new FakeBank());
		await broker.say(`${BASE}/bridge/state`, "offline", true);
		await broker.until("it is online", () => broker.last(`${BASE}/bridge/state`) === "online");
		await flushed();
		expect((await broker.retained()).get(`${BASE}/bridge/state`)).toBe("online");
	});

	it("is not taken back at the end", async () => {
		const discovery = await run(new FakeBank());
		await discovery.stop();
		expect((await broker.retained()).get(`${BASE}/bridge/state`)).toBe("offline");
	});
});

describe("the address that a pack has left", () => {
	it("is told as offline: what was said there is nobody's any more", async () => {
		const named = (address: number, presence: PackSnapshot["presence"]) =>
			pack(address, { presence, identity: { version: null, bmsSerial: null, packSerial: "P-1" } });
		const bank = new FakeBank(bankSnapshot({ packs: [named(1, "live")], cabledPack: null }));
		await run(bank);
		expect(broker.last(`${BASE}/pack/1/availability`)).toBe("online");
		bank.set({ packs: [named(1, "absent"), named(3, "live")] });
		await clock.advance(5000);
		await flushed();
		expect(broker.last(`${BASE}/pack/1/availability`)).toBe("offline");
		expect(json(broker.last(PACK_CONFIG(1))).dev.name).toBe("Battery bank pack 3");
	});

	it("is that of the pack again when it goes back there", async () => {
		const named = (address: number, presence: PackSnapshot["presence"]) =>
			pack(address, { presence, identity: { version: null, bmsSerial: null, packSerial: "P-1" } });
		const bank = new FakeBank(bankSnapshot({ packs: [named(1, "live")], cabledPack: null }));
		await run(bank);
		bank.set({ packs: [named(1, "absent"), named(3, "live")] });
		await clock.advance(5000);
		bank.set({ packs: [named(1, "live"), named(3, "absent")] });
		await clock.advance(5000);
		await flushed();
		expect(json(broker.last(PACK_CONFIG(1))).cmps.soc.state_topic).toBe(`${BASE}/pack/1/live`);
		expect(broker.last(`${BASE}/pack/1/availability`)).toBe("online");
		expect(broker.last(`${BASE}/pack/3/availability`)).toBe("offline");
		expect(broker.on(PACK_CONFIG(3))).toEqual([]);
	});
});

describe("another way to write the same discovery prefix", () => {
	it("takes nothing back, however often the connection is lost", async () => {
		const first = await run(new FakeBank());
		await first.stop();
		await run(new FakeBank(), { discoveryPrefix: "homeassistant/" });
		for (let turn = 0; turn < 2; turn += 1) {
			const from = broker.seen.length;
			broker.cut();
			await broker.until("it is gone", () => broker.clients === 0);
			await clock.advance(10_000);
			await broker.until("the bank is announced", () =>
				broker.seen.slice(from).some(({ topic, payload }) => topic === config("rack_battery_bank") && payload !== ""),
			);
			for (let n = 0; n < 20; n += 1) await flushed();
			await clock.advance(5000);
			await flushed();
		}
		expect(broker.seen.filter(({ topic, payload }) => topic.endsWith("/config") && !payload.includes("cmps"))).toEqual([]);
	});
});

describe("packs that change places while they are announced", () => {
	it("give no device two messages within two seconds: Home Assistant drops parts of the second one", async () => {
		const named = (address: number, packSerial: string | null) =>
			pack(address, { identity: { version: null, bmsSerial: null, packSerial } });
		const bank = new FakeBank(bankSnapshot({ packs: [named(1, "P-1"), named(2, "P-2")], cabledPack: null }));
		await run(bank);
		const said: [string, number][] = [];
		const note = () => {
			for (const { topic } of broker.seen.slice(from)) if (/_a\d\/config$/.test(topic)) said.push([topic, clock.now()]);
			from = broker.seen.length;
		};
		let from = broker.seen.length;
		const step = async (ms: number) => {
			for (let at = 0; at < ms; at += 50) {
				await clock.advance(50);
				await flushed();
				note();
			}
		};
		await broker.tell("homeassistant/status", "online");
		while (said.length === 0) await step(50);
		bank.set({ packs: [named(1, "P-2"), named(2, "P-1")] });
		await step(8000);
		for (const topic of [PACK_CONFIG(1), PACK_CONFIG(2)]) {
			const times = said.filter(([one]) => one === topic).map(([, at]) => at);
			expect(times.length).toBeGreaterThan(0);
			expect(times.slice(1).every((at, index) => at - (times[index] ?? 0) >= 1900)).toBe(true);
		}
		expect(json(broker.last(PACK_CONFIG(1))).dev.name).toBe("Battery bank pack 2");
		expect(json(broker.last(PACK_CONFIG(2))).dev.name).toBe("Battery bank pack 1");
	});
});
