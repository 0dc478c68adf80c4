import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ActiveCondition, BankEvent, BankSnapshot } from "../../src/bms/battery/snapshot.ts";
import { createDiscovery, type Discovery } from "../../src/discovery/discovery-publisher.ts";
import { MQTT_SETTINGS } from "../../src/discovery/options.ts";
import { createDryContacts, type DryContacts } from "../../src/dry-contact/dry-contact-service.ts";
import { CONTACT_SETTINGS, type ContactSettings } from "../../src/dry-contact/options.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { active, LOW, OVERVOLTAGE } from "../dry-contact/contact-bench.ts";
import { TestBroker } from "../support/broker.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { AT, bankSnapshot, FakeBank, pack } from "../support/snapshots.ts";

const BASE = "rack-battery/bank";

let broker: TestBroker;
let clock: ManualClock;
let bank: FakeBank;
let contacts: DryContacts;
let discovery: Discovery | null;

beforeEach(async () => {
	broker = await TestBroker.start();
	clock = new ManualClock(AT);
	discovery = null;
});
afterEach(async () => {
	await discovery?.stop();
	await contacts.stop();
	await broker.stop();
	expect(clock.pending).toBe(0);
	expect(bank.listeners).toBe(0);
});

function begin(snapshot: BankSnapshot, settings: Partial<ContactSettings> = {}): void {
	bank = new FakeBank(snapshot, clock);
	const openLines = () => {
		throw new Error("no lines here");
	};
	contacts = createDryContacts(bank, { ...defaultsOf(CONTACT_SETTINGS), ...settings }, { clock, logger: silentLogger, openLines });
	const deps = { logger: silentLogger, clock, random: () => 0.5, pageUrl: null, version: "1.2.3", contacts };
	discovery = createDiscovery(bank, { ...defaultsOf(MQTT_SETTINGS), url: broker.url }, deps);
}

async function announced(): Promise<void> {
	await broker.until("the bank is announced", () => broker.on("homeassistant/device/rack_battery_bank/config").length > 0);
	await clock.advance(2600);
	await broker.until("the cells arrive", () => broker.on(`${BASE}/pack/2/cells`).length > 0);
	await flushed();
}

async function flushed(): Promise<void> {
	await broker.tell("homeassistant/status", "ping");
}

const json = (text: string | undefined) => JSON.parse(text ?? "null");
/** Everything said on event topics, in order. */
const said = () => broker.seen.filter(({ topic }) => topic.endsWith("/event"));
const types = () => said().map(({ topic, payload }) => `${topic.slice(BASE.length + 1, -"/event".length)} ${json(payload).event_type}`);
const status = (device: string) => json(broker.last(`${BASE}/${device}/status`));

const event = (type: "condition-raised" | "condition-cleared", scope: "bank" | "pack", condition: ActiveCondition): BankEvent => ({
	type,
	scope,
	condition,
	at: clock.now(),
});
const raised = active(OVERVOLTAGE, 2);
const raise = () =>
	bank.set(
		{ conditions: [raised], packs: [pack(1), pack(2, { conditions: [raised] })] },
		{ events: [event("condition-raised", "bank", active(OVERVOLTAGE, null)), event("condition-raised", "pack", raised)] },
	);
const clear = () =>
	bank.set(
		{ conditions: [], packs: [pack(1), pack(2)] },
		{ events: [event("condition-cleared", "pack", raised), event("condition-cleared", "bank", raised)] },
	);

describe("every edge", () => {
	it("is one event, with codes, pack and time, not retained, QoS 1; the sensors tell the state", async () => {
		begin(bankSnapshot());
		await announced();
		expect(said()).toEqual([]);
		expect(status("bank")).toMatchObject({
			fault_contact: false,
			fault_contact_modelled: true,
			fault_contact_wired: false,
			low_battery_contact: false,
		});
		raise();
		await flushed();
		expect(types()).toEqual(["bank fault_closed", "pack/2 fault_closed", "bank protection_raised", "pack/2 protection_raised"]);
		expect(said()[0]).toMatchObject({ retain: false, qos: 1 });
		expect(json(said()[0]?.payload)).toEqual({
			event_type: "fault_closed",
			pack: 2,
			codes: ["cell_overvoltage"],
			at: new Date(clock.now()).toISOString(),
			duration: 3,
			modelled: true,
			wired: false,
		});
		expect(json(said()[3]?.payload)).toEqual({
			event_type: "protection_raised",
			pack: 2,
			codes: ["cell_overvoltage"],
			at: new Date(clock.now()).toISOString(),
		});
		expect(status("bank")).toMatchObject({ fault_contact: true, fault_contact_codes: ["cell_overvoltage"], low_battery_contact: false });
		expect(status("pack/1")).toMatchObject({ fault_contact: false, fault_contact_codes: [] });
		clear();
		await flushed();
		expect(types().slice(-4)).toEqual(["bank fault_opened", "pack/2 fault_opened", "pack/2 protection_cleared", "bank protection_cleared"]);
		expect(status("pack/2").fault_contact).toBe(false);
		expect([...(await broker.retained()).keys()].filter((topic) => topic.endsWith("/event"))).toEqual([]);
	});

	it("of a state that is found at the start is none, its end is one", async () => {
		begin(bankSnapshot({ conditions: null, packs: [pack(1, { conditions: null }), pack(2, { conditions: null })] }));
		await announced();
		expect(status("bank").fault_contact).toBeNull();
		raise();
		await flushed();
		expect(types()).toEqual([]);
		expect(status("bank").fault_contact).toBe(true);
		clear();
		await flushed();
		expect(types()).toEqual(["bank fault_opened", "pack/2 fault_opened", "pack/2 protection_cleared", "bank protection_cleared"]);
	});

	it("leaves Fully, alarms and faults out of the protections", async () => {
		begin(bankSnapshot());
		await announced();
		const others = (["protection.fully", LOW, "fault.cell"] as const).map((key) => active(key, 1));
		const events = others.map((condition) => event("condition-raised", "pack", condition));
		bank.set({ conditions: others, packs: [pack(1, { conditions: others }), pack(2)] }, { events });
		await flushed();
		expect(types()).toEqual(["bank fault_closed", "bank low_battery_closed", "pack/1 fault_closed", "pack/1 low_battery_closed"]);
	});

	it("is not told again when the broker was away", async () => {
		begin(bankSnapshot());
		await announced();
		raise();
		await flushed();
		const before = types().length;
		broker.cut();
		if (discovery?.state().state === "online") await new Promise<void>((lost) => discovery?.onState(() => lost()));
		clear();
		raise();
		await clock.advance(1000);
		await broker.until("it is back", () => broker.on("homeassistant/device/rack_battery_bank/config").length > 1);
		await clock.advance(2600);
		await broker.until("the status is there again", () => broker.on(`${BASE}/pack/2/status`).length > 1);
		await flushed();
		expect(types()).toHaveLength(before);
		expect(status("bank").fault_contact).toBe(true);
	});

	it("comes by itself when a delay has passed", async () => {
		begin(bankSnapshot(), { faultOnDelaySeconds: 10 });
		await announced();
		raise();
		await flushed();
		expect(types()).toEqual(["bank protection_raised", "pack/2 protection_raised"]);
		await clock.advance(10_000);
		await flushed();
		expect(types().slice(2)).toEqual(["bank fault_closed", "pack/2 fault_closed"]);
		expect(status("bank").fault_contact).toBe(true);
	});
});

describe("a wired contact", () => {
	it("is heard on its topic, also what the broker kept, and unknown without the broker", async () => {
		await broker.say("relay/fault", "OFF", true);
		begin(bankSnapshot(), { faultSource: "wired", faultInput: "mqtt:relay/fault", inputDebounceMs: 0 });
		await announced();
		await broker.until("the wire is heard", () => status("bank").fault_contact === false);
		expect(status("bank")).toMatchObject({ fault_contact_modelled: false, fault_contact_wired: true, fault_contact_mismatch: false });
		await broker.tell("relay/fault", "ON");
		await flushed();
		expect(types()).toEqual(["bank fault_closed"]);
		expect(json(said()[0]?.payload)).toMatchObject({ pack: null, codes: [], modelled: false, wired: true });
		const becomes = (wanted: string) =>
			new Promise<void>((done) => {
				const stop = contacts.subscribe(([state]) => {
					if (state?.state !== wanted) return;
					stop();
					done();
				});
			});
		const lost = becomes("unknown");
		broker.cut();
		await lost;
		const heardAgain = becomes("open");
		await clock.advance(1000);
		await heardAgain;
		await discovery?.stop();
		expect(contacts.states[0]?.state).toBe("unknown");
	});
});
