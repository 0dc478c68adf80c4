import { describe, expect, it } from "vitest";
import { KeptAnnouncements } from "../../src/discovery/kept-announcements.ts";
import { namesOf } from "../../src/discovery/topics.ts";
import { silentLogger } from "../../src/logger.ts";
import type { MessageListener, MqttMessage } from "../../src/mqtt-link/mqtt-link.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** What stands on our topics at the broker and is not, or no more, as this run would say it. */

const CONFIG = (id: string, prefix = "homeassistant") => `${prefix}/device/rack_battery_bank${id}/config`;
const ANNOUNCED_UNDER = "rack-battery/bank/bridge/discovery";

function memory(prefix = "homeassistant") {
	const names = namesOf({ id: "bank", name: "Bank", origin: "real" }, { baseTopic: "rack-battery", discoveryPrefix: prefix });
	const listeners = new Map<string, MessageListener>();
	const said: MqttMessage[] = [];
	const clock = new ManualClock(0);
	const outdated: unknown[] = [];
	const kept = new KeptAnnouncements({
		link: {
			publish: (message) => said.push(message) > 0,
			subscribe: (topic, listener) => void listeners.set(topic, listener),
		},
		names,
		prefix,
		clock,
		logger: silentLogger,
		outdated: (id) => outdated.push(id),
		deleted: () => {},
	});
	const hears = (topic: string, payload: string) => listeners.get(topic)?.(payload, true);
	return { kept, said, clock, outdated, hears, topics: () => [...listeners.keys()] };
}

const payloadOf = (sn?: string) => ({
	dev: { ids: ["rack_battery_bank_a1"], ...(sn === undefined ? {} : { sn }) },
	o: { name: "Rack Battery" },
	availability: [],
	availability_mode: "all" as const,
	cmps: { soc: { p: "sensor" } },
});
const AT_1 = { address: 1, isMeasured: true };

describe("what the broker kept of a pack", () => {
	it.each([
		["invalid JSON", "{"],
		["a number", "5"],
		["null", "null"],
		["a list", "[]"],
		["no components", JSON.stringify({ cmps: null, dev: null })],
		["components that are none", JSON.stringify({ cmps: { a: null, b: 1, c: { p: 7 }, d: [] }, availability: [null, 1] })],
		["deeply nested", `${"[".repeat(200_000)}`],
	])("that is %s takes nothing away", (_what, payload) => {
		const { kept, hears } = memory();
		hears(CONFIG("_a1"), payload);
		expect(kept.next(1, payloadOf(), AT_1)).toEqual(payloadOf());
	});

	it("is taken away only as what Home Assistant has by MQTT: with another platform it would refuse the whole message", () => {
		const { kept, hears } = memory();
		hears(CONFIG("_a1"), JSON.stringify({ cmps: { lamp: { p: "light" }, odd: { p: "no_such_thing" }, empty: { p: "" } } }));
		expect(kept.next(1, payloadOf(), AT_1).cmps).toEqual({ soc: { p: "sensor" }, lamp: { p: "light" } });
	});

	it("is not repeated when it is far bigger than any of ours: the broker would hang up", () => {
		const { kept, hears } = memory();
		const cmps = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`junk_${index}`, { p: "sensor" }]));
		hears(CONFIG("_a1"), JSON.stringify({ cmps }));
		expect(kept.next(1, payloadOf(), AT_1)).toEqual(payloadOf());
	});

	it("tells its serial number though this run has announced the pack without it before it heard", () => {
		const { kept, hears, outdated } = memory();
		kept.next(1, payloadOf(), AT_1);
		hears(CONFIG("_a1"), JSON.stringify(payloadOf("P-1")));
		expect(kept.serials.get(1)).toBe("P-1");
		expect(outdated).toEqual([1]);
	});

	it("keeps its serial number while this run has not read it yet", () => {
		const { kept, hears } = memory();
		hears(CONFIG("_a1"), JSON.stringify(payloadOf("P-1")));
		kept.next(1, payloadOf(), AT_1);
		expect(kept.serials.get(1)).toBe("P-1");
		kept.next(1, payloadOf("P-9"), AT_1);
		expect(kept.serials.get(1)).toBe("P-9");
	});
});

describe("the word on the former prefix", () => {
	it.each([
		["with a slash at its end, which makes no difference", "homeassistant/", "homeassistant"],
		["without the slash at its end, which makes no difference", "homeassistant", "homeassistant/"],
		["with control characters, at which a broker hangs up", "a\u0000b", "homeassistant"],
		["longer than a topic can be", "a".repeat(70_000), "homeassistant"],
		["with a slash at its beginning", "/a", "homeassistant"],
		["that shares a subscription", "$share/a", "homeassistant"],
	])("%s is left alone", (_what, word, prefix) => {
		const { kept, hears, said, clock, topics } = memory(prefix);
		const before = topics();
		hears(ANNOUNCED_UNDER, word);
		expect(topics()).toEqual(before);
		hears(CONFIG(""), JSON.stringify(payloadOf()));
		kept.begin();
		void clock.advance(5000);
		expect(said.filter(({ payload }) => payload === "" || payload.includes("migrate"))).toEqual([]);
		kept.rest();
	});

	it("that is another one is followed", () => {
		const { hears, said } = memory("house");
		hears(ANNOUNCED_UNDER, "homeassistant");
		hears(CONFIG("_a1"), JSON.stringify(payloadOf("P-1")));
		expect(said.map(({ topic, payload }) => [topic, payload])).toEqual([[CONFIG("_a1"), '{"migrate_discovery":true}']]);
	});
});
