import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import ha from "../../nodes/rack-battery-ha/rack-battery-ha.ts";
import action from "../../nodes/rack-battery-ha-action/rack-battery-ha-action.ts";
import notify from "../../nodes/rack-battery-notify/rack-battery-notify.ts";
import { HomeAssistantStandIn } from "../support/home-assistant-stand-in.ts";
import { type FlowNode, RunningFlow, SIMULATED } from "./running-flow.ts";

/** The alarm manager in a Node-RED 5, with a simulated battery and a Home Assistant at the edge. */

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

const bank: FlowNode = { id: "config", ...SIMULATED };
const helpers: readonly FlowNode[] = ["told", "phone", "list", "shed", "caught"].map((id) => ({ id, type: "helper" }));
const catcher: FlowNode = { id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] };
/** No quiet hours, whenever the test runs. */
const manager = (changes: object = {}): FlowNode => ({
	id: "manager",
	type: "rack-battery-notify",
	bank: "config",
	language: "en-US",
	quietFrom: "00:00",
	quietTo: "00:00",
	wires: [["told"], ["phone"], ["list"], ["shed"]],
	...changes,
});
const deploy = (node: FlowNode, ...more: readonly FlowNode[]) =>
	flow.deploy([bank, node, ...helpers, catcher, ...more], { nodes: [notify, ha, action] });

// biome-ignore lint/suspicious/noExplicitAny: messages are loose by nature; each test reads what it asserts
const payloadOf = (message: { payload?: unknown }) => message.payload as any;
const ofKind = (kind: string) => (message: { payload?: unknown }) => payloadOf(message).kind === kind;

async function overVoltage(): Promise<void> {
	await flow.badge("manager", "rack-battery.status.notifyNone.simulated");
	flow.simulators[0]?.setCondition(2, "protection.cell_overvoltage", true);
}

describe("the notify node", () => {
	it("tells what is the matter, to everybody, to Home Assistant and in the list, and tells its end on the same thread", async () => {
		await deploy(manager({ targets: "notify.mobile_app_anna, persistent_notification.create" }));
		await overVoltage();
		const told = await flow.messages("told").first("the alarm", ofKind("raised"));
		expect(told).toMatchObject({
			topic: "rack-battery/bank/notification/critical",
			title: "Critical: Voltage too high [simulated]",
			severity: "critical",
			simulated: true,
			payload: { family: "high_voltage", conditions: ["cell_overvoltage"], limit: null, silent: false, step: 0 },
		});
		const { tag, message } = payloadOf(told);
		expect(message).toMatch(
			/^Battery bank.*: Protection Cell over-voltage.*, since \d\d:\d\d\. \[simulated\]\nState of charge \d+ %, discharging with \d+ W\.$/,
		);
		expect(payloadOf(told).actions).toEqual([
			{ action: `ack:${tag}`, title: "Acknowledge" },
			{ action: `snooze:${tag}`, title: "Snooze 1 h" },
		]);

		const phone = await flow
			.messages("phone")
			.first("the phone", ({ payload }) => (payload as { action: string }).action === "notify.mobile_app_anna");
		expect(payloadOf(phone).data).toMatchObject({
			title: "Critical: Voltage too high [simulated]",
			message,
			data: { tag, channel: "alarm_stream", ttl: 0, push: { "interruption-level": "critical" }, actions: payloadOf(told).actions },
		});
		const screen = await flow
			.messages("phone")
			.first("the screen", ({ payload }) => (payload as { action: string }).action.startsWith("persistent"));
		expect(payloadOf(screen).data).toEqual({ title: told.title, message, notification_id: tag });
		expect(await flow.messages("list").first("the list", ({ active }) => active === 1)).toMatchObject({
			topic: "rack-battery/bank/notifications",
			payload: [{ tag, severity: "critical", state: "active" }],
		});
		await flow.badge("manager", "rack-battery.status.notifyCritical.simulated");

		flow.simulators[0]?.setCondition(2, "protection.cell_overvoltage", false);
		const over = await flow.messages("told").first("the end", ofKind("cleared"));
		expect(over).toMatchObject({ tag, severity: "info", payload: { silent: true, actions: [] } });
		expect(flow.messages("told").entries.filter(ofKind("raised"))).toHaveLength(1);
	});

	it("is acknowledged by command, and lists what is the matter when asked", async () => {
		await deploy(manager());
		await overVoltage();
		await flow.messages("told").first("the alarm", ofKind("raised"));
		const acknowledged = flow.messages("list").next("the list", (message) => message.acknowledged === 1);
		flow.node("manager").receive({ command: "acknowledge" });
		expect(await acknowledged).toMatchObject({ payload: [{ state: "acknowledged" }], active: 0 });
		await flow.badge("manager", "rack-battery.status.notifyAcknowledged.simulated");
		const asked = flow.messages("list").next("the answer", (message) => message.question === 42);
		flow.node("manager").receive({ command: "list", question: 42 });
		expect(await asked).toMatchObject({ payload: [{ family: "high_voltage" }] });
	});

	it("hands a pressed shed button on to the load shedding node", async () => {
		await deploy(manager({ shedButton: true }));
		await flow.badge("manager", "rack-battery.status.notifyNone.simulated");
		flow.node("manager").receive({ payload: { action: "shed:rb-bank-low_soc-1" } });
		const message = await flow.messages("shed").first("the order", () => true);
		expect(message).toMatchObject({ topic: "rack-battery/bank/shed", command: "shed", tag: "rb-bank-low_soc-1", simulated: true });
	});

	it("does not tell again after a redeploy, and forgets no acknowledgement", async () => {
		await deploy(manager());
		await overVoltage();
		await flow.messages("told").first("the alarm", ofKind("raised"));
		flow.node("manager").receive({ command: "acknowledge" });
		await flow.badge("manager", "rack-battery.status.notifyAcknowledged.simulated");
		const before = flow.messages("told").entries.length;
		const again = flow.badges.next("the badge", ({ text }) => text === "rack-battery.status.notifyAcknowledged.simulated");
		await flow.redeploy({ manager: { snoozeMinutes: 30 } });
		await again;
		flow.node("manager").receive({ command: "test" });
		await flow.messages("told").first("the test", ofKind("test"));
		expect(flow.messages("told").entries).toHaveLength(before + 1);
	});

	it("writes words for the e-mail node", async () => {
		await deploy(manager({ format: "text", language: "de" }));
		await overVoltage();
		const mail = await flow.messages("told").first("the mail", ({ notification }) => (notification as { kind: string }).kind === "raised");
		expect(mail.topic).toBe("Kritisch: Spannung zu hoch [simuliert]");
		expect(mail.payload).toMatch(/Schutz: Zellüberspannung.*\nLadezustand/);
	});

	it("adds what other nodes know: what was shed, and how long the battery lasts", async () => {
		await deploy(manager());
		await flow.badge("manager", "rack-battery.status.notifyNone.simulated");
		flow.node("manager").receive({ topic: "rack-battery/bank/load-shed", payload: { shed: ["geyser", "pool"] } });
		flow
			.node("manager")
			.receive({ topic: "rack-battery/bank/autonomy", payload: { lasts: "yes", text: "The battery lasts until 22:30." } });
		await overVoltage();
		const told = await flow.messages("told").first("the alarm", ofKind("raised"));
		expect(payloadOf(told).facts.slice(1)).toEqual(["Switched off: geyser, pool", "The battery lasts until 22:30."]);
	});

	it("tells what a contact node says, and the flow's own, and nothing else when that is wanted", async () => {
		await deploy(manager({ watch: "messages" }));
		await overVoltage();
		const contact = { contact: "low-battery", scope: "bank", pack: null, text: "Bank: the low-battery contact (3/4) is closed." };
		flow.node("manager").receive({ payload: { ...contact, event: "closed", active: true } });
		flow.node("manager").receive({ payload: { ...contact, event: "opened", active: false } });
		flow.node("manager").receive({ alarm: { id: "grid", severity: "warning", title: "Grid is away", state: "on" } });
		await flow.messages("told").first("the grid", ({ tag }) => String(tag).endsWith("grid"));
		expect(flow.messages("told").entries.map((message) => [payloadOf(message).kind, message.title])).toEqual([
			["raised", "Warning: Low-battery contact has switched [simulated]"],
			["cleared", "Over: Low-battery contact has switched [simulated]"],
			["raised", "Warning: Grid is away [simulated]"],
		]);
	});

	it("says in words what it does not understand, and passes over other people's buttons", async () => {
		await deploy(manager());
		await flow.badge("manager", "rack-battery.status.notifyNone.simulated");
		flow.node("manager").receive({ payload: { event_type: "mobile_app_notification_action", event: { action: "OPEN_GARAGE" } } });
		flow.node("manager").receive({ payload: "hello" });
		const { error } = (await flow.messages("caught").first("the error", () => true)) as { error: { message: string } };
		expect(error.message).toMatch(/says nothing that is understood here: msg\.command \(acknowledge, snooze, digest, test, list\)/);
		await flow.badge("manager", "rack-battery.status.input");
		expect(flow.messages("caught").entries).toHaveLength(1);
	});

	it("shows settings that are wrong", async () => {
		await deploy(manager({ quietFrom: "25:00" }));
		await flow.badge("manager", "rack-battery.status.settings");
	});
});

describe("with a Home Assistant", () => {
	it("buttons of the phones come by themselves, and the second output reaches the phone", async () => {
		const house = await HomeAssistantStandIn.start();
		ends.push(() => house.stop());
		const node = manager({ targets: "notify.mobile_app_anna", ha: "house", wires: [["told"], ["call"], ["list"]] });
		const config: FlowNode = { id: "house", type: "rack-battery-ha", url: house.url, checkCertificate: true };
		const call: FlowNode = { id: "call", type: "rack-battery-ha-action", ha: "house", wires: [[]] };
		await flow.deploy([bank, config, node, call, ...helpers, catcher], {
			nodes: [notify, ha, action],
			credentials: { house: { token: house.token } },
		});
		await house.until("buttons are listened to", () => house.commands.includes("subscribe_events mobile_app_notification_action"));
		await overVoltage();
		await house.until("the phone rings", () => house.calls.length === 1);
		const [{ domain, service, service_data } = { domain: "", service: "", service_data: {} }] = house.calls;
		expect([domain, service]).toEqual(["notify", "mobile_app_anna"]);
		const { actions } = service_data.data as { actions: readonly { action: string }[] };
		house.fire("mobile_app_notification_action", { action: "OPEN_GARAGE" });
		house.fire("mobile_app_notification_action", { action: actions[0]?.action });
		await flow.badge("manager", "rack-battery.status.notifyAcknowledged.simulated");
		await flow.stop();
		await house.until("nobody is connected", () => house.guests === 0);
		expect(flow.messages("caught").entries).toEqual([]);
	});
});
