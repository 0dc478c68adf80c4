import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HomeAssistant, type HomeAssistantState, openHomeAssistant } from "../../src/home-assistant/home-assistant.ts";
import { readIncoming } from "../../src/home-assistant/incoming.ts";
import { HOME_ASSISTANT_SETTINGS, type HomeAssistantSettings } from "../../src/home-assistant/options.ts";
import { loadSocketKit } from "../../src/home-assistant/socket.ts";
import type { Logger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { HomeAssistantStandIn, type StandInOptions } from "../support/home-assistant-stand-in.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** Our wrapper around `homeassistant-ws` over a real WebSocket; the clock is driven by hand. */

let clock: ManualClock;
let house: HomeAssistantStandIn;
let log: string[];
const ends: (() => Promise<void> | void)[] = [];

const logger: Logger = {
	trace: () => {},
	info: (text) => log.push(text),
	warn: (text) => log.push(text),
	error: (text) => log.push(text),
	child: () => logger,
};

beforeEach(() => {
	clock = new ManualClock();
	log = [];
});
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

async function start(options: StandInOptions & { readonly port?: number } = {}): Promise<void> {
	house = await HomeAssistantStandIn.start(options);
	const { stop } = house;
	ends.push(stop.bind(house));
}

function open(changes: Partial<HomeAssistantSettings> = {}): HomeAssistant {
	const settings = { ...defaultsOf(HOME_ASSISTANT_SETTINGS), url: house.url, token: "good-token", ...changes };
	const link = openHomeAssistant(settings, { clock, logger });
	ends.push(() => link.close());
	return link;
}

/** The next time the connection is in that state; at once when it is. */
function until(link: HomeAssistant, state: HomeAssistantState["state"]): Promise<HomeAssistantState> {
	if (link.state.state === state) return Promise.resolve(link.state);
	return new Promise((found) => {
		const stop = link.onState((now) => {
			if (now.state !== state) return;
			stop();
			found(now);
		});
	});
}

const TURN_OFF = { domain: "switch", service: "turn_off", data: {}, target: { entity_id: ["switch.geyser"] } };

describe("a call", () => {
	beforeEach(() => start());

	it("reaches Home Assistant with data and target beside each other, and brings the answer back", async () => {
		house.answer = () => ({ result: { context: { id: "42" } } });
		const link = open();
		await expect(link.call({ ...TURN_OFF, data: { transition: 2 } })).resolves.toEqual({ context: { id: "42" } });
		expect(house.calls).toEqual([
			{ domain: "switch", service: "turn_off", service_data: { transition: 2 }, target: { entity_id: ["switch.geyser"] } },
		]);
	});

	it("asks for a response only when it is wanted", async () => {
		const link = open();
		await link.call({ domain: "weather", service: "get_forecasts", returnResponse: true });
		await link.call({ domain: "weather", service: "get_forecasts" });
		expect(house.calls.map((call) => call.return_response)).toEqual([true, undefined]);
	});

	it("ends in Home Assistant's own words when it says no", async () => {
		house.answer = () => ({ error: { code: "not_found", message: "Action switch.turn_of not found." } });
		await expect(open().call(TURN_OFF)).rejects.toMatchObject({
			code: "rejected",
			message: "Home Assistant says no: Action switch.turn_of not found. (not_found)",
		});
	});

	it("ends at its time-out when no answer comes, and says that nobody knows", async () => {
		house.answer = () => "silence";
		const link = open();
		const call = link.call(TURN_OFF, { timeoutMs: 3000 });
		const outcome = expect(call).rejects.toMatchObject({ code: "timeout", message: expect.stringContaining("is not known") });
		await house.until("the call has arrived", () => house.calls.length === 1);
		await clock.advance(3000);
		await outcome;
		house.answer = () => ({ result: "second" });
		await expect(link.call(TURN_OFF)).resolves.toBe("second");
	});

	it("is rejected at once when the link drops, and is not sent again", async () => {
		house.answer = () => "silence";
		const link = open();
		const outcome = expect(link.call(TURN_OFF)).rejects.toMatchObject({ code: "connection-lost" });
		await house.until("the call has arrived", () => house.calls.length === 1);
		house.cut();
		await outcome;
		await until(link, "offline");
		await clock.advance(1000);
		await until(link, "online");
		expect(house.calls).toHaveLength(1);
	});

	it("waits for a connection that is coming up, but not longer than its time-out", async () => {
		house.speaks = false;
		const link = open();
		const outcome = expect(link.call(TURN_OFF, { timeoutMs: 5000 })).rejects.toMatchObject({
			code: "not-connected",
			message: expect.stringContaining("Nothing was sent"),
		});
		await clock.advance(5000);
		await outcome;
		house.speaks = true;
		await clock.advance(10_000);
		await until(link, "offline");
		const second = link.call(TURN_OFF);
		await clock.advance(1000);
		await second;
		expect(house.calls).toHaveLength(1);
	});

	it("is refused when too many wait already", async () => {
		house.answer = () => "silence";
		const link = open();
		const calls = Array.from({ length: 51 }, () => link.call(TURN_OFF).catch((error: { code: string }) => error.code));
		expect(await calls[50]).toBe("busy");
		link.close();
		expect(new Set(await Promise.all(calls.slice(0, 50)))).toEqual(new Set(["closed"]));
	});

	it("is rejected when the connection is closed, then and later", async () => {
		house.answer = () => "silence";
		const link = open();
		const inFlight = expect(link.call(TURN_OFF)).rejects.toMatchObject({ code: "closed" });
		await house.until("the call has arrived", () => house.calls.length === 1);
		link.close();
		await inFlight;
		await expect(link.call(TURN_OFF)).rejects.toMatchObject({ code: "closed" });
		await house.until("nobody is connected", () => house.guests === 0);
		expect(clock.pending).toBe(0);
	});

	it("that got no answer is forgotten, so that nothing piles up", async () => {
		house.answer = () => "silence";
		let client: { readonly rawClient: { readonly resultMap: object } } | null = null;
		const settings = { ...defaultsOf(HOME_ASSISTANT_SETTINGS), url: house.url, token: "good-token" };
		const loadKit = async () => {
			const kit = await loadSocketKit();
			const createClient: typeof kit.createClient = async (options) => {
				const made = await kit.createClient(options);
				client = made;
				return made;
			};
			return { ...kit, createClient };
		};
		const link = openHomeAssistant(settings, { clock, logger, loadKit });
		ends.push(() => link.close());
		const outcome = link.call(TURN_OFF).catch((error: { code: string }) => error.code);
		await house.until("the call has arrived", () => house.calls.length === 1);
		await link.states();
		await clock.advance(10_000);
		expect(await outcome).toBe("timeout");
		expect(Object.keys((client as { rawClient: { resultMap: object } } | null)?.rawClient.resultMap ?? { none: 1 })).toEqual([]);
	});

	it("may also be for all states", async () => {
		house.states = [{ entity_id: "switch.geyser", state: "on" }];
		await expect(open().states()).resolves.toEqual(house.states);
	});
});

describe("the connection", () => {
	it("comes back by itself, slower every time it fails, and logs in anew", async () => {
		await start();
		const { port } = house;
		const link = open();
		await until(link, "online");
		await house.stop();
		await until(link, "offline");
		// 1, 2 and 4 s: too early each time.
		for (const ms of [1000, 2000, 4000]) {
			const failed = new Promise<void>((told) => {
				const stop = link.onState(() => {
					stop();
					told();
				});
			});
			await clock.advance(ms);
			if (ms === 1000) await failed;
			else await settled(() => clock.pending === 1);
		}
		await start({ port });
		await clock.advance(7999);
		expect(house.logins).toBe(0);
		await clock.advance(1);
		await until(link, "online");
		expect(house.logins).toBe(1);
	});

	it("says in words why nobody is there, once", async () => {
		await start();
		await house.stop();
		const link = open();
		const { problem } = await until(link, "offline");
		expect(problem).toMatch(/^Home Assistant at 127\.0\.0\.1:\d+ cannot be reached: nothing listens there/);
		await clock.advance(1000);
		await settled(() => clock.pending === 1);
		expect(log.filter((line) => line === problem)).toHaveLength(1);
	});

	it("says that something else answers", async () => {
		await start();
		const link = open({ url: `${house.url}/elsewhere` });
		expect((await until(link, "offline")).problem).toMatch(/is not Home Assistant \(400\)/);
	});

	it("tells a refused token, does not hammer, and never shows it", async () => {
		await start();
		const link = open({ token: "bad-token" });
		expect((await until(link, "refused")).problem).toMatch(/does not accept the access token/);
		await expect(link.call(TURN_OFF)).rejects.toMatchObject({ code: "refused" });
		const states: string[] = [];
		link.onState(({ state }) => states.push(state));
		for (const ms of [2000, 60_000, 58 * 60_000 - 2000]) {
			await clock.advance(ms);
			// Whoever else comes meanwhile shows that there was time enough to try.
			await open().call(TURN_OFF);
		}
		expect([house.refusals, ...states]).toEqual([1]);
		await clock.advance(60_000);
		await house.until("the next try", () => house.refusals === 2);
		expect([...log, JSON.stringify(link.state)].join()).not.toContain("bad-token");
	});

	it("is asked when it is silent, and dropped when it does not answer", async () => {
		await start();
		const link = open();
		await until(link, "online");
		// The pings are answered below our stand-in: as long as that works, nothing is dropped.
		for (let beat = 0; beat < 4; beat++) {
			await clock.advance(30_000);
			await link.states();
		}
		expect(house.logins).toBe(1);
		// Two beats at once leave no time for an answer.
		await clock.advance(60_001);
		expect((await until(link, "offline")).problem).toMatch(/was lost/);
	});

	it("survives whatever is said to it", async () => {
		await start();
		const link = open();
		await until(link, "online");
		for (const text of ["", "no json", "null", "[]", "{}", '{"type":"event"}', '{"type":"event","event":null}', '{"type":"error"}'])
			house.say(text);
		house.say('{"id":9999,"type":"result","success":false}');
		house.say('{"type":"event","event":{"event_type":"auth_invalid","data":{}}}');
		house.answer = () => ({ error: null as never });
		await expect(link.call(TURN_OFF)).rejects.toMatchObject({ code: "rejected", message: "Home Assistant says no: no reason given" });
		expect(link.state.state).toBe("online");
	});

	it("that is closed while it is coming up leaves nothing behind", async () => {
		await start();
		const link = open();
		link.close();
		await house.until("it has come", () => house.logins === 1);
		await house.until("it has gone", () => house.guests === 0);
		expect(link.state.state).toBe("closed");
		await settled(() => clock.pending === 0);
	});

	it("needs settings that can be used", async () => {
		await start();
		expect(open({ url: "" }).state).toMatchObject({
			state: "invalid",
			problem: expect.stringContaining("address of Home Assistant is missing"),
		});
		const link = open({ token: " " });
		expect(link.state).toMatchObject({ state: "invalid", problem: expect.stringContaining("access token") });
		await expect(link.call(TURN_OFF)).rejects.toMatchObject({ code: "address" });
	});

	it("checks the certificate of https, unless told not to", async () => {
		const file = (name: string) => readFileSync(join(import.meta.dirname, "..", "fixtures", "tls", name), "utf8");
		await start({ tls: { key: file("own.key.pem"), cert: file("own.cert.pem") } });
		expect((await until(open(), "offline")).problem).toMatch(/certificate is of its own making/);
		const trusting = open({ checkCertificate: false });
		await trusting.call(TURN_OFF);
		expect(house.calls).toHaveLength(1);
	});
});

describe("events", () => {
	it("are heard when they are wanted, over reconnects; all others end at their source", async () => {
		await start();
		const link = open();
		const heard: unknown[] = [];
		link.subscribe("mobile_app_notification_action", (event) => heard.push(event.data));
		await house.until("the flood has ended and the wanted one is asked for", () =>
			house.commands.includes("subscribe_events mobile_app_notification_action"),
		);
		house.fire("state_changed", { entity_id: "sensor.noise" });
		house.fire("mobile_app_notification_action", { action: "one" });
		await link.states();
		expect(heard).toEqual([{ action: "one" }]);
		house.cut();
		await until(link, "offline");
		await clock.advance(1000);
		await house.until("it is asked for again", () => house.commands.filter((one) => one.startsWith("subscribe_events m")).length === 2);
		house.fire("mobile_app_notification_action", { action: "two" });
		await link.states();
		expect(heard).toEqual([{ action: "one" }, { action: "two" }]);
	});

	it("that come without being wanted are dropped and counted", async () => {
		await start();
		const link = open();
		await link.states();
		for (let index = 0; index < 1000; index++)
			house.say(
				JSON.stringify({ id: 1, type: "event", event: { event_type: "state_changed", data: { text: "mobile_app_notification_action" } } }),
			);
		await link.states();
		expect(link.droppedEvents).toBe(1000);
	});

	it("cannot pass for the messages of a login, whatever they are called", () => {
		for (const name of ["auth_required", "auth_ok", "auth_invalid", "result", "event"]) {
			const text = JSON.stringify({ id: 1, type: "event", event: { event_type: name, data: {} } });
			expect(
				readIncoming(
					text,
					() => true,
					() => {},
				).type,
			).toBe("ignored");
		}
		const wanted = JSON.stringify({ id: 1, type: "event", event: { event_type: "pressed", data: {} } });
		expect(
			readIncoming(
				wanted,
				(type) => type === "pressed",
				() => {},
			).type,
		).toBe("event");
	});

	it("need an administrator; calls do not", async () => {
		await start({ isAdministrator: false });
		const link = open();
		link.subscribe("mobile_app_notification_action", () => {});
		await link.call(TURN_OFF);
		await link.states();
		expect(log.join("\n")).toMatch(/Unauthorized.*Events need the access token of an administrator/);
	});

	it("that a listener cannot deal with harm nobody else", async () => {
		await start();
		const link = open();
		const heard: string[] = [];
		link.subscribe("pressed", () => {
			throw new Error("clumsy");
		});
		link.subscribe("pressed", () => heard.push("pressed"));
		await house.until("it is asked for", () => house.commands.includes("subscribe_events pressed"));
		house.fire("pressed");
		await link.states();
		expect(heard).toEqual(["pressed"]);
		expect(log.join()).toContain("clumsy");
	});
});

/** Lets the sockets work until something holds. */
async function settled(condition: () => boolean): Promise<void> {
	const deadline = Date.now() + 10_000;
	while (!condition()) {
		if (Date.now() > deadline) throw new Error("Waited in vain.");
		await new Promise((turn) => setImmediate(turn));
	}
}
