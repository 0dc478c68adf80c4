import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BANK_SETTINGS, BankRegistry, defaultsOf, MQTT_SETTINGS, type ServerHandover } from "../../src/index.ts";
import { TestBroker } from "../support/broker.ts";
import { type FlowNode, RunningFlow, SIMULATED } from "./running-flow.ts";

/** Our nodes in a Node-RED 5, with batteries that answer over the true protocol on TCP lines of this machine. */

let flow: RunningFlow;
const ends: (() => Promise<void>)[] = [];

beforeAll(() => RunningFlow.init());
beforeEach(() => {
	flow = new RunningFlow();
});
afterEach(async () => {
	await flow.end();
	for (const end of ends.splice(0).reverse()) await end();
});

// Ids unlike every value: Node-RED takes a value that is a node's id for a reference to that node.
const bank: FlowNode = { id: "config", ...SIMULATED };
const out: FlowNode = { id: "out", type: "helper" };
const caught: FlowNode = { id: "caught", type: "helper" };
const catcher: FlowNode = { id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] };
const telemetry = (config: object = {}): FlowNode => ({
	id: "telemetry",
	type: "rack-battery-telemetry",
	bank: "config",
	wires: [["out"]],
	...config,
});
const alarm = (config: object = {}): FlowNode => ({ id: "alarm", type: "rack-battery-alarm", bank: "config", wires: [["out"]], ...config });

// biome-ignore lint/suspicious/noExplicitAny: messages are loose by nature; each test reads what it asserts
const payloadOf = (message: { payload?: unknown }) => message.payload as any;

describe("telemetry", () => {
	it("sends the simulated battery's SOC every cycle, and says that it is simulated", async () => {
		await flow.deploy([bank, telemetry(), out]);
		const message = await flow.messages("out").first("a snapshot of both packs", (each) => payloadOf(each).packsOnline === 2);
		expect(message).toMatchObject({ topic: "rack-battery/bank/bank", scope: "bank", pack: null, stale: false, simulated: true });
		expect(payloadOf(message).stateOfCharge).toBeCloseTo(72, 0);
		expect(payloadOf(message).current).toBeLessThan(0);
		await flow.badge("telemetry", "rack-battery.status.live.simulated");
		await flow.messages("out").next("the next cycle");
	});

	it("answers a request, for one pack when the message names it, and keeps the message's other properties", async () => {
		await flow.deploy([bank, telemetry({ mode: "request", scope: "all" }), out]);
		await flow.badge("telemetry", "rack-battery.status.live.simulated");
		const next = flow.messages("out").next("the answer");
		flow.node("telemetry").receive({ pack: 1, question: 42 });
		expect(await next).toMatchObject({ question: 42, topic: "rack-battery/bank/pack/1", pack: 1, payload: { presence: "live" } });
		expect(payloadOf(await next).cellVoltages).toHaveLength(16);
		expect(flow.messages("out").entries).toHaveLength(1);
	});

	it("hands nonsense to the Catch nodes in words, shows it, and is mended by the next good request", async () => {
		await flow.deploy([bank, telemetry({ mode: "request" }), out, catcher, caught]);
		await flow.badge("telemetry", "rack-battery.status.live.simulated");
		flow.node("telemetry").receive({ pack: "seven" });
		const { error } = (await flow.messages("caught").first("the error", () => true)) as { error: { message: string } };
		expect(error.message).toContain('msg.pack must be the number of a pack, 0 to 15, or "all", not "seven"');
		await flow.badge("telemetry", "rack-battery.status.input");
		const mended = flow.badges.next("the mended badge", ({ text }) => text === "rack-battery.status.live.simulated");
		flow.node("telemetry").receive({});
		await mended;
	});

	it("sends on change of the watched value, and when a pack goes away", async () => {
		await flow.deploy([bank, telemetry({ mode: "change", scope: "packs", watch: "presence" }), out]);
		await flow.messages("out").first("pack 2", ({ pack }) => pack === 2);
		flow.simulators[0]?.losePack(2, "placeholder");
		const away = await flow.messages("out").next("pack 2 going away", ({ pack }) => pack === 2);
		expect(away).toMatchObject({ stale: true, payload: { presence: "absent", stateOfCharge: null } });
		flow.simulators[0]?.returnPack(2);
		const back = await flow.messages("out").next("pack 2 coming back", ({ pack }) => pack === 2);
		expect(back).toMatchObject({ stale: false, payload: { presence: "live" } });
	});

	it("shows that the battery is silent when the cable is pulled", async () => {
		await flow.deploy([bank, telemetry(), out]);
		await flow.badge("telemetry", "rack-battery.status.live.simulated");
		const gone = flow.badges.next("the line gone", ({ text }) => /\.(lost|silent|connecting)\.simulated$/.test(text));
		await flow.simulators[0]?.pullCable("dropped");
		await gone;
		const back = flow.badges.next("the line back", ({ text }) => text === "rack-battery.status.live.simulated");
		await flow.simulators[0]?.plugCable();
		await back;
	});
});

describe("alarms", () => {
	it("are told once when raised and once when cleared, with the pack", async () => {
		await flow.deploy([bank, alarm(), out]);
		await flow.badge("alarm", "rack-battery.status.clear.simulated");
		flow.simulators[0]?.setCondition(2, "protection.cell_overvoltage", true);
		const raised = await flow.messages("out").first("the raise", ({ event }) => event === "raised");
		expect(raised).toMatchObject({
			simulated: true,
			payload: { class: "protection", slug: "cell_overvoltage", limit: null, initial: false },
		});
		const named = await flow.messages("out").first("the pack", ({ pack }) => pack === 2);
		expect(payloadOf(named).text).toMatch(/^Battery bank, pack 2: Protection Cell over-voltage .*\[simulated\]$/);
		await flow.badge("alarm", "rack-battery.status.protection.simulated");
		flow.simulators[0]?.setCondition(2, "protection.cell_overvoltage", false);
		const cleared = await flow.messages("out").first("the end", ({ event }) => event === "cleared");
		expect(cleared).toMatchObject({ pack: 2, payload: { slug: "cell_overvoltage" } });
		const ours = flow.messages("out").entries.filter((message) => payloadOf(message).slug === "cell_overvoltage");
		expect(ours.filter(({ event }) => event === "raised")).toHaveLength(1);
		expect(ours.filter(({ event }) => event === "cleared")).toHaveLength(1);
	});

	it("that are set already are sent to a node that comes later, and only when it wants them", async () => {
		await flow.deploy([bank, telemetry({ mode: "request" }), alarm(), out]);
		await flow.badge("alarm", "rack-battery.status.clear.simulated");
		flow.simulators[0]?.setCondition(1, "fault.sampling", true);
		await flow.messages("out").first("the fault of pack 1", ({ pack }) => pack === 1);
		const initial = flow.messages("out").next("the fault, again", ({ event }) => event === "raised");
		await flow.redeploy({ alarm: { classes: "fault" } });
		expect(await initial).toMatchObject({ pack: 1, payload: { slug: "sampling", initial: true } });
		const cleared = flow.messages("out").next("the end", ({ event }) => event === "cleared");
		await flow.redeploy({ alarm: { sendActive: false } });
		flow.simulators[0]?.setCondition(1, "fault.sampling", false);
		expect(await cleared).toMatchObject({ pack: 1, payload: { slug: "sampling" } });
		expect(flow.messages("out").entries.filter((message) => payloadOf(message).initial === true)).toHaveLength(1);
		// The bank stayed open for the telemetry node.
		expect(flow.simulators).toHaveLength(1);
	});

	it("are listed on request", async () => {
		await flow.deploy([bank, alarm(), out]);
		await flow.badge("alarm", "rack-battery.status.clear.simulated");
		flow.simulators[0]?.setCondition(1, "fault.sampling", true);
		await flow.messages("out").first("the fault of pack 1", ({ pack }) => pack === 1);
		const answer = flow.messages("out").next("the list", ({ known }) => known !== undefined);
		flow.node("alarm").receive({ classes: "fault" });
		expect(await answer).toMatchObject({ known: true, payload: [{ event: "active", class: "fault", slug: "sampling", pack: 1 }] });
	});
});

describe("the bank's configuration", () => {
	it("says what to do when a stock Node-RED is asked for the bank of this server", async () => {
		await flow.deploy([{ id: "config", type: "rack-battery", source: "server" }, telemetry(), out, catcher, caught]);
		const { error } = (await flow.messages("caught").first("the error", () => true)) as { error: { message: string } };
		expect(error.message).toMatch(/does not run inside the Rack Battery server/);
		await flow.badge("telemetry", "rack-battery.status.noServer");
	});

	it("says so when no bank is chosen", async () => {
		await flow.deploy([telemetry({ bank: "" }), out]);
		await flow.badge("telemetry", "rack-battery.status.noBank");
	});

	it("is refused when its port serves another bank with other settings", async () => {
		const { port } = await flow.battery();
		const own = (id: string, bankId: string): FlowNode => ({ id, type: "rack-battery", source: "own", port, bankId });
		const second = telemetry({ id: "second", bank: "config2" });
		await flow.deploy([own("config", "garage"), own("config2", "cellar"), telemetry(), second, out, catcher, caught]);
		const { error } = (await flow.messages("caught").first("the refusal", () => true)) as { error: { message: string } };
		expect(error.message).toMatch(/already used by the bank .* other settings \(id\)/);
		await flow.badge("second", "rack-battery.status.conflict");
		const message = await flow.messages("out").first("the first bank's SOC", () => true);
		expect(message).toMatchObject({ topic: "rack-battery/garage/bank", simulated: false });
		await flow.badge("telemetry", "rack-battery.status.live.real");
	});

	it("keeps energy counters in Node-RED's user folder", async () => {
		await flow.deploy([bank, telemetry(), out]);
		await flow.messages("out").first("a snapshot", (each) => payloadOf(each).packsOnline === 2);
		await flow.stop();
		const kept = JSON.parse(readFileSync(join(flow.folder, "rack-battery", "energy-bank-simulated.json"), "utf8"));
		expect(kept).toMatchObject({ bank: "bank", origin: "simulated", packs: { 1: { charged: expect.any(Number) } } });
	});

	it("lists every problem of its settings", async () => {
		await flow.deploy([{ ...bank, simPacks: "99", simCells: "x" }, telemetry(), out, catcher, caught]);
		const { error } = (await flow.messages("caught").first("the error", () => true)) as { error: { message: string } };
		expect(error.message).toMatch(/simPacks: must be a whole number from 1 to 15; simCells: must be a whole number from 1 to 24/);
		await flow.badge("telemetry", "rack-battery.status.settings");
	});
});

describe("inside the server", () => {
	async function handover(): Promise<ServerHandover> {
		const { port } = await flow.battery();
		const broker = await TestBroker.start();
		ends.push(() => broker.stop());
		return {
			bank: { ...defaultsOf(BANK_SETTINGS), port },
			origin: "simulated",
			mqtt: { ...defaultsOf(MQTT_SETTINGS), url: broker.url },
			pageUrl: null,
			dataFolder: flow.folder,
			registry: new BankRegistry(),
		};
	}
	const served: FlowNode = { id: "config", type: "rack-battery", source: "server" };
	const discovery: FlowNode = { id: "discovery", type: "rack-battery-discovery", bank: "config", broker: "server" };

	it("the bank of this server is in the registry while its nodes run", async () => {
		const server = await handover();
		await flow.deploy([served, telemetry(), out, discovery], { server });
		await flow.messages("out").first("a snapshot", () => true);
		await flow.badge("discovery", "rack-battery.status.published.simulated");
		const [registered] = server.registry.list();
		expect(registered?.bank.snapshot.origin).toBe("simulated");
		expect([...(registered?.publishers ?? [])].map((state) => state().state)).toEqual(["online"]);
		await flow.stop();
		expect(server.registry.list()).toEqual([]);
	});

	it("discovery announces bank and packs, and says offline before a redeploy closes it", async () => {
		const server = await handover();
		const broker = await TestBroker.start();
		ends.push(() => broker.stop());
		await flow.deploy([served, discovery], { server: { ...server, mqtt: { ...server.mqtt, url: broker.url } } });
		const configs = () =>
			new Set(broker.seen.filter(({ topic }) => /^homeassistant\/device\/.*\/config$/.test(topic)).map(({ topic }) => topic));
		await broker.until("bank and two packs are announced", () => configs().size === 3);
		const bridge = () => broker.seen.filter(({ topic }) => topic.endsWith("/bridge/state")).map(({ payload }) => payload);
		await broker.until("the bridge is online", () => bridge().includes("online"));
		await flow.stop();
		await broker.until("the bridge says offline", () => bridge().at(-1) === "offline");
		await broker.until("it has left", () => broker.clients === 0);
	});

	it("a second publisher of the same bank to the same broker does nothing", async () => {
		const server = await handover();
		await flow.deploy([served, discovery, { ...discovery, id: "again" }], { server });
		await flow.badge("discovery", "rack-battery.status.published.simulated");
		await flow.badge("again", "rack-battery.status.publishedTwice");
		expect(server.registry.list().map(({ publishers }) => publishers.size)).toEqual([1]);
	});
});

describe("a broker of one's own", () => {
	const own = (url: string): FlowNode => ({ id: "discovery", type: "rack-battery-discovery", bank: "config", broker: "own", url });

	it("is used with the node's credentials", async () => {
		const broker = await TestBroker.start({ accepts: (user, password) => user === "me" && password === "secret" });
		ends.push(() => broker.stop());
		await flow.deploy([bank, own(broker.url)], { credentials: { discovery: { username: "me", password: "secret" } } });
		await flow.badge("discovery", "rack-battery.status.published.simulated");
	});

	it("that refuses shows as refused", async () => {
		const broker = await TestBroker.start({ accepts: () => false });
		ends.push(() => broker.stop());
		await flow.deploy([bank, own(broker.url)]);
		await flow.badge("discovery", "rack-battery.status.brokerRefused.simulated");
	});

	it("that is missing, or the server's where there is none, is said in words", async () => {
		await flow.deploy([bank, own(""), { ...own(""), id: "other", broker: "server" }, catcher, caught]);
		await flow.badge("discovery", "rack-battery.status.brokerMissing");
		await flow.badge("other", "rack-battery.status.brokerMissing");
		const said = (words: RegExp) =>
			flow.messages("caught").first(String(words), ({ error }) => words.test((error as { message: string }).message));
		await said(/broker's address is missing/);
		await said(/no broker of this server/);
	});
});

describe("a redeploy", () => {
	/** What keeps the process busy, apart from Node-RED's own. */
	const busy = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout|Pipe/.test(kind)).length;

	/** Closed handles leave Node's list some turns of the event loop later. */
	const turns = async (count: number) => {
		for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
	};

	it("leaves no socket and no timer, and opens the line again", async () => {
		const broker = await TestBroker.start();
		ends.push(() => broker.stop());
		const before = busy();
		const url = broker.url;
		await flow.deploy([
			bank,
			telemetry(),
			alarm(),
			out,
			{ id: "discovery", type: "rack-battery-discovery", bank: "config", broker: "own", url },
		]);
		const started = busy();
		await flow.badge("discovery", "rack-battery.status.published.simulated");
		await flow.messages("out").first("a snapshot", () => true);
		expect(busy()).toBeGreaterThan(started);
		await flow.redeploy();
		await flow.messages("out").next("a snapshot of the second run");
		expect(flow.simulators).toHaveLength(2);
		await flow.stop();
		await broker.until("the publisher has left", () => broker.clients === 0);
		await turns(50);
		// One more: the test helper's own web server.
		expect(busy()).toBeLessThanOrEqual(before + 1);
	});
});
