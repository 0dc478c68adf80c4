import type { NodeMessage } from "node-red";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import contact from "../../nodes/rack-battery-contact/rack-battery-contact.ts";
import {
	BANK_SETTINGS,
	BankRegistry,
	CONTACT_SETTINGS,
	type ContactSettings,
	defaultsOf,
	MQTT_SETTINGS,
	type ServerHandover,
} from "../../src/index.ts";
import { TestBroker } from "../support/broker.ts";
import { type FlowNode, RunningFlow, SIMULATED } from "./running-flow.ts";

/** The contact node in a Node-RED 5, with a simulated battery over the true protocol. */

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

const bank = (config: object = {}): FlowNode => ({ id: "config", ...SIMULATED, ...config });
const node = (config: object = {}): FlowNode => ({
	id: "contact",
	type: "rack-battery-contact",
	bank: "config",
	contact: "fault",
	wires: [["closed"], ["opened"], ["state"]],
	...config,
});
const OUTPUTS: readonly FlowNode[] = ["closed", "opened", "state", "caught"].map((id) => ({ id, type: "helper" }));
const catcher: FlowNode = { id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] };
const deploy = (config: object = {}, settings: object = {}) =>
	flow.deploy([bank(settings), node(config), ...OUTPUTS, catcher], { nodes: [contact] });
const badge = (text: string) => flow.badge("contact", `rack-battery.status.${text}.simulated`);
const any = () => true;
// biome-ignore lint/suspicious/noExplicitAny: messages are loose by nature; each test reads what it asserts
const payloadOf = (message: object) => (message as any).payload;

/** A server with a broker, whose bank is the simulated battery at a port. */
async function startServer(
	port: string,
	contacts: Partial<ContactSettings>,
): Promise<{ readonly broker: TestBroker; readonly server: ServerHandover }> {
	const broker = await TestBroker.start();
	ends.push(() => broker.stop());
	const server: ServerHandover = {
		bank: { ...defaultsOf(BANK_SETTINGS), port },
		origin: "simulated",
		mqtt: { ...defaultsOf(MQTT_SETTINGS), url: broker.url },
		contacts: { ...defaultsOf(CONTACT_SETTINGS), ...contacts },
		pageUrl: null,
		dataFolder: flow.folder,
		registry: new BankRegistry(),
	};
	return { broker, server };
}

describe("contacts of the server's bank", () => {
	it("go to Home Assistant with every edge, and take a wire from its broker, by the server's settings", async () => {
		const battery = await flow.battery();
		const { broker, server } = await startServer(battery.port, {
			lowBatterySource: "wired",
			lowBatteryInput: "mqtt:relay/low",
			inputDebounceMs: 0,
		});
		const served: readonly FlowNode[] = [
			{ id: "config", type: "rack-battery", source: "server" },
			{ id: "discovery", type: "rack-battery-discovery", bank: "config", broker: "server" },
			node({ contact: "both" }),
			...OUTPUTS,
		];
		await flow.deploy(served, { nodes: [contact], server });
		const root = "rack-battery/bank_simulated/bank";
		const statusSays = (key: string, value: unknown) => JSON.parse(broker.last(`${root}/status`) ?? "{}")[key] === value;
		const event = (type: string) => broker.on(`${root}/event`).find(({ payload }) => JSON.parse(payload).event_type === type);
		await broker.until("the contacts are published", () => statusSays("fault_contact", false));
		battery.control.setCondition(1, "protection.charge_overcurrent", true);
		await broker.until("the fault contact's event", () => event("fault_closed") !== undefined);
		expect(event("fault_closed")).toMatchObject({ retain: false, qos: 1 });
		await broker.until("the sensor", () => statusSays("fault_contact", true));
		await broker.say("relay/low", "OFF");
		await broker.until("the wire is heard", () => statusSays("low_battery_contact", false));
		await broker.say("relay/low", "ON");
		await broker.until("the wired contact's event", () => event("low_battery_closed") !== undefined);
		const closed = await flow.messages("closed").first("the wired contact", (message) => payloadOf(message).contact === "low-battery");
		expect(payloadOf(closed)).toMatchObject({ modelled: false, wired: true, byWire: "closed" });
		expect(broker.on(`${root}/event`).filter(({ payload }) => payload.includes("_closed"))).toHaveLength(2);
	});
});

describe("the contact node", () => {
	it("sends closed and opened with cause, pack, since when and how long, and says that it is modelled and simulated", async () => {
		await deploy({ language: "en-US" });
		await badge("contactOpen");
		flow.simulators[0]?.setCondition(2, "protection.charge_overcurrent", true);
		const closed = await flow.messages("closed").first("the closing", any);
		expect(closed).toMatchObject({ topic: "rack-battery/bank/bank/contact/fault", event: "closed", simulated: true });
		expect(payloadOf(closed)).toMatchObject({
			contact: "fault",
			terminals: "1/2",
			scope: "bank",
			state: "closed",
			active: true,
			codes: ["charge_overcurrent"],
			closings: 1,
			modelled: true,
			wired: false,
			initial: false,
			simulated: true,
		});
		expect(payloadOf(closed).text).toMatch(/Fault contact 1\/2 closed \(Protection Charge over-current.*\)\. \[simulated\]/);
		expect(payloadOf(closed).causes[0]).toMatchObject({ class: "protection", code: "COCP", label: "Charge over-current" });
		await badge("contactClosed");
		flow.simulators[0]?.setCondition(2, "protection.charge_overcurrent", false);
		flow.simulators[0]?.release(2);
		const opened = await flow.messages("opened").first("the opening", any);
		expect(payloadOf(opened)).toMatchObject({ event: "opened", state: "open", active: false, codes: ["charge_overcurrent"] });
		expect(payloadOf(opened).durationMs).toBeGreaterThan(0);
		expect(flow.messages("closed").entries).toHaveLength(1);
		expect(flow.messages("state").entries).toHaveLength(0);
	});

	it("follows one pack or each of them, both contacts, in another language", async () => {
		await deploy({ contact: "both", scope: "pack", language: "de" });
		await badge("contactOpen");
		flow.simulators[0]?.setCondition(2, "protection.charge_overcurrent", true);
		const closed = await flow.messages("closed").first("the closing", any);
		expect(closed).toMatchObject({ topic: "rack-battery/bank/pack/2/contact/fault", pack: 2 });
		expect(payloadOf(closed).text).toContain("Pack 2: Fehlerkontakt 1/2 hat geschlossen (Schutz „Lade-Überstrom“).");
		flow.simulators[0]?.setCondition(1, "alarm.low_soc", true);
		const low = await flow.messages("closed").next("the other contact");
		expect(low).toMatchObject({ topic: "rack-battery/bank/pack/1/contact/low-battery", payload: { terminals: "3/4" } });
	});

	it("answers a request at the third output, one message for each contact asked for", async () => {
		await deploy({ contact: "both" });
		await badge("contactOpen");
		flow.node("contact").receive({ question: 42 });
		await flow.messages("state").first("the second answer", (message) => payloadOf(message).contact === "low-battery");
		expect(flow.messages("state").entries).toHaveLength(2);
		expect(flow.messages("state").entries[0]).toMatchObject({
			question: 42,
			event: "state",
			payload: { state: "open", causes: [], durationMs: null },
		});
		flow.node("contact").receive({ which: "fault", scope: "pack", pack: 2 });
		const answer = await flow.messages("state").first("pack 2", ({ topic }) => topic === "rack-battery/bank/pack/2/contact/fault");
		expect(answer).toMatchObject({ pack: 2, scope: "pack" });
	});

	it("tells at a deploy what is closed already, marked, and only where that is wanted", async () => {
		await deploy({}, { simStateOfCharge: 1, lowBatteryConditions: "alarm.low_soc" });
		await badge("contactOpen");
		await flow.redeploy({ contact: { contact: "low-battery", sendActive: true } });
		const closed = await flow.messages("closed").first("the contact that is closed", any);
		expect(payloadOf(closed)).toMatchObject({ contact: "low-battery", initial: true, durationMs: null, codes: ["low_soc"] });
		const closedAgain = flow.badges.next(
			"the badge after the deploy",
			({ text }) => text === "rack-battery.status.contactClosed.simulated",
		);
		await flow.redeploy({ contact: { contact: "low-battery", sendActive: false } });
		await closedAgain;
		flow.node("contact").receive({});
		await flow.messages("state").first("an answer", any);
		expect(flow.messages("closed").entries).toHaveLength(1);
	});

	it("takes a wired contact by message, and says when it contradicts the alarms", async () => {
		await deploy({}, { faultSource: "both", faultInput: "message", inputDebounceMs: 0, mismatchSeconds: 1 });
		await badge("contactOpen");
		flow.node("contact").receive({ contact: "closed" });
		const closed = await flow.messages("closed").first("the closing", any);
		expect(payloadOf(closed)).toMatchObject({ modelled: true, wired: true, byAlarms: "open", byWire: "closed", codes: [] });
		const mismatch = await flow.messages("state").first("the mismatch", any);
		expect(payloadOf(mismatch)).toMatchObject({ event: "mismatch", mismatch: true });
		expect(payloadOf(mismatch).text).toContain("the wire says closed, but by the battery's alarms it should be open");
		await badge("contactMismatch");
		flow.node("contact").receive({ contact: false });
		await flow.messages("opened").first("the opening", any);
		const agreement = await flow.messages("state").first("the agreement", (message) => payloadOf(message).event === "agreement");
		expect(payloadOf(agreement)).toMatchObject({ mismatch: false });
	});

	it("hands nonsense to the Catch nodes in words", async () => {
		await deploy({ contact: "both" });
		await badge("contactOpen");
		const errorAfter = async (message: object) => {
			const caught = flow.messages("caught").next("the error");
			flow.node("contact").receive(message as NodeMessage);
			return ((await caught) as { error: { message: string } }).error.message;
		};
		expect(await errorAfter({ contact: "ajar" })).toMatch(/msg\.contact must be "open", "closed".*not "ajar"/);
		expect(await errorAfter({ contact: "closed" })).toContain("msg.which must say whose");
		expect(await errorAfter({ contact: "closed", which: "fault" })).toContain("Fault contact has no wired input by message");
		expect(await errorAfter({ which: "third" })).toContain("msg.which must be one of fault, low-battery, both");
		expect(await errorAfter({ scope: "pack", pack: 9 })).toContain("There is no pack 9");
		await flow.badge("contact", "rack-battery.status.input");
	});

	it("says in words when it is to follow a wire that the bank does not have", async () => {
		await deploy({ view: "wired" });
		await badge("contactOpen");
		flow.simulators[0]?.setCondition(2, "protection.charge_overcurrent", true);
		await badge("contactClosed");
		expect(flow.messages("closed").entries).toHaveLength(0);
	});
});
