import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ContactEvent, LineStates } from "../../src/bms/battery/contact.ts";
import { createDryContacts, type DryContacts } from "../../src/dry-contact/dry-contact-service.ts";
import type { LineReader } from "../../src/dry-contact/line-watch.ts";
import { CONTACT_SETTINGS, type ContactSettings } from "../../src/dry-contact/options.ts";
import type { Logger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankSnapshot, FakeBank, pack } from "../support/snapshots.ts";
import { active, OVERVOLTAGE } from "./contact-bench.ts";

/** A serial adapter whose lines the test sets; null: it is not there. */
class FakeLines implements LineReader {
	states: LineStates | null = { CTS: false };
	isOpen = true;
	reads = 0;

	async read(): Promise<LineStates> {
		this.reads += 1;
		if (this.states === null) throw new Error("/dev/ttyUSB0 is gone");
		return this.states;
	}

	async close(): Promise<void> {
		this.isOpen = false;
	}
}

let clock: ManualClock;
let bank: FakeBank;
let lines: FakeLines;
let ports: (string | null)[];
let log: string[];
let events: string[];
let contacts: DryContacts;

const logger: Logger = {
	trace() {},
	info: (text) => log.push(text),
	warn: (text) => log.push(text),
	error: (text) => log.push(text),
	child: () => logger,
};
const shortOf = ({ type, contact: { contact, pack: address } }: ContactEvent) => `${contact} ${address ?? "bank"} ${type}`;
const news = () => events.splice(0);
const faultState = () => contacts.states[0]?.state;

function start(settings: Partial<ContactSettings> = {}): void {
	const openLines = (port: string | null) => {
		ports.push(port);
		return lines;
	};
	contacts = createDryContacts(bank, { ...defaultsOf(CONTACT_SETTINGS), ...settings }, { clock, logger, openLines });
	contacts.subscribe((_states, happened) => events.push(...happened.map(shortOf)));
}

const raise = () => bank.set({ conditions: [active(OVERVOLTAGE, 1)], packs: [pack(1, { conditions: [active(OVERVOLTAGE, 1)] }), pack(2)] });
const clear = () => bank.set({ conditions: [], packs: [pack(1), pack(2)] });

beforeEach(() => {
	clock = new ManualClock();
	bank = new FakeBank(bankSnapshot(), clock);
	lines = new FakeLines();
	ports = [];
	log = [];
	events = [];
});
afterEach(async () => {
	await contacts.stop();
	expect(clock.pending).toBe(0);
	expect(bank.listeners).toBe(0);
});

describe("the contacts of an open bank", () => {
	it("tell their edges with every snapshot, and nothing when nothing changed", () => {
		start();
		let calls = 0;
		contacts.subscribe(() => {
			calls += 1;
		});
		raise();
		raise();
		expect(calls).toBe(1);
		clear();
		expect(news()).toEqual(["fault bank closed", "fault 1 closed", "fault bank opened", "fault 1 opened"]);
		expect(calls).toBe(2);
		expect(ports).toEqual([]);
	});

	it("change by themselves when a delay has passed", async () => {
		start({ faultOnDelaySeconds: 60, faultHoldSeconds: 5 });
		raise();
		await clock.advance(59_999);
		expect(news()).toEqual([]);
		await clock.advance(1);
		expect(news()).toEqual(["fault bank closed", "fault 1 closed"]);
		clear();
		expect(news()).toEqual([]);
		await clock.advance(5000);
		expect(news()).toEqual(["fault bank opened", "fault 1 opened"]);
	});

	it("tell one consumer although another one fails, and in order although one causes the next change", () => {
		start({ faultSource: "both", inputDebounceMs: 0 });
		contacts.subscribe(() => {
			throw new Error("broken consumer");
		});
		contacts.subscribe((_states, happened) => {
			if (happened.length > 0 && faultState() === "closed") contacts.tell("fault", "open");
		});
		const seen: string[] = [];
		contacts.subscribe((states) => seen.push(`${states[0]?.state} ${states[0]?.wired}`));
		raise();
		expect(seen).toEqual(["closed unknown", "closed open"]);
		expect(log.join()).toContain("broken consumer");
	});
});

describe("a contact that comes in by message", () => {
	it("follows it after the debounce, and refuses it in words where there is none", async () => {
		start({ faultSource: "wired", inputDebounceMs: 200 });
		contacts.tell("fault", "open");
		expect(faultState()).toBe("open");
		contacts.tell("fault", "closed");
		await clock.advance(150);
		contacts.tell("fault", "open");
		contacts.tell("fault", "closed");
		await clock.advance(199);
		expect(news()).toEqual([]);
		await clock.advance(1);
		expect(news()).toEqual(["fault bank closed"]);
		contacts.tell("fault", "unknown");
		expect(faultState()).toBe("unknown");
		expect(() => contacts.tell("low-battery", "closed")).toThrow(/Low battery contact has no wired input by message/);
	});

	it("is not followed any more at the end", async () => {
		start({ faultSource: "wired", inputDebounceMs: 200 });
		contacts.tell("fault", "open");
		await contacts.stop();
		contacts.tell("fault", "closed");
		expect(clock.pending).toBe(0);
		expect(news()).toEqual([]);
	});

	it("can say the opposite", () => {
		start({ faultSource: "wired", faultInputInverted: true });
		contacts.tell("fault", "open");
		expect(contacts.states[0]).toMatchObject({ state: "closed", wired: "closed" });
	});
});

describe("a contact that comes in by MQTT", () => {
	it("takes words, numbers and JSON, is unknown without a broker, and says once what it did not understand", () => {
		start({
			faultSource: "wired",
			faultInput: "mqtt:shed/contact",
			lowBatterySource: "wired",
			lowBatteryInput: "mqtt:shed/contact",
			inputDebounceMs: 0,
		});
		expect(contacts.inputTopics).toEqual(["shed/contact"]);
		const stateAfter = (payload: string | null) => {
			contacts.heard("shed/contact", payload);
			return faultState();
		};
		expect(["ON", "closed", "1", " true ", '{"state":"ON"}', '{"contact":true,"battery":90}'].map(stateAfter)).toEqual(
			Array(6).fill("closed"),
		);
		expect(["OFF", "open", "0", "false", '{"state":"off"}', '{"contact":false}'].map(stateAfter)).toEqual(Array(6).fill("open"));
		expect(["unavailable", null, "what?", "what?", "{broken", '{"temperature":20}'].map(stateAfter)).toEqual(Array(6).fill("unknown"));
		expect(log.filter((text) => text.includes('"what?" on shed/contact'))).toHaveLength(1);
		contacts.heard("other", "ON");
		expect(contacts.states.slice(0, 2).map(({ state }) => state)).toEqual(["unknown", "unknown"]);
	});
});

describe("a contact on a line of a serial adapter", () => {
	const ON_CTS = { faultSource: "wired", faultInput: "CTS" } as const;

	it("is looked at ten times a second and debounced", async () => {
		start(ON_CTS);
		await clock.advance(0);
		expect(ports).toEqual([null]);
		expect(faultState()).toBe("open");
		lines.states = { CTS: true };
		await clock.advance(150);
		lines.states = { CTS: false };
		await clock.advance(100);
		lines.states = { CTS: true };
		await clock.advance(500);
		expect(news()).toEqual(["fault bank closed"]);
		expect(lines.reads).toBeGreaterThan(7);
	});

	it("is unknown while the adapter is gone, which is said once, and comes back by itself", async () => {
		start(ON_CTS);
		await clock.advance(0);
		lines.states = null;
		await clock.advance(10_000);
		expect(faultState()).toBe("unknown");
		lines.states = { CTS: true };
		await clock.advance(3000);
		expect(news()).toEqual(["fault bank closed"]);
		expect(log).toEqual(["The wired contact cannot be read: /dev/ttyUSB0 is gone", "The wired contact's serial adapter is there again."]);
	});

	it("may be on another adapter, and on a line that the driver does not report", async () => {
		start({ faultSource: "wired", faultInput: "RI@/dev/ttyUSB7", lowBatterySource: "both", lowBatteryInput: "CTS@/dev/ttyUSB7" });
		await clock.advance(0);
		expect(ports).toEqual(["/dev/ttyUSB7"]);
		expect(contacts.states.slice(0, 2)).toMatchObject([{ state: "unknown" }, { state: "open", wired: "open" }]);
		expect(log.join()).toContain("does not report its line RI");
	});

	it("is let go at the end", async () => {
		start(ON_CTS);
		await clock.advance(0);
		await contacts.stop();
		expect(lines.isOpen).toBe(false);
		const { reads } = lines;
		await clock.advance(1000);
		expect(lines.reads).toBe(reads);
	});
});
