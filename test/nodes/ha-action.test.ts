import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import ha from "../../nodes/rack-battery-ha/rack-battery-ha.ts";
import { actionCall } from "../../nodes/rack-battery-ha-action/action-inputs.ts";
import action from "../../nodes/rack-battery-ha-action/rack-battery-ha-action.ts";
import { HomeAssistantStandIn } from "../support/home-assistant-stand-in.ts";
import { type FlowNode, RunningFlow } from "./running-flow.ts";

/** The action node in a Node-RED 5, with a Home Assistant at the other end of a real WebSocket. */

let flow: RunningFlow;
let house: HomeAssistantStandIn;

beforeAll(() => RunningFlow.init());
beforeEach(async () => {
	flow = new RunningFlow();
	house = await HomeAssistantStandIn.start();
});
afterEach(async () => {
	await flow.end();
	await house.stop();
});

const out: FlowNode = { id: "out", type: "helper" };
const caught: FlowNode = { id: "caught", type: "helper" };
const catcher: FlowNode = { id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] };
const config = (url: string): FlowNode => ({ id: "house", type: "rack-battery-ha", url, checkCertificate: true });
const call = (settings: object = {}): FlowNode => ({
	id: "call",
	type: "rack-battery-ha-action",
	ha: "house",
	action: "switch.turn_off",
	entity: "switch.geyser",
	wires: [["out"]],
	...settings,
});

async function deploy(token: string, ...nodes: readonly FlowNode[]): Promise<void> {
	await flow.deploy([config(house.url), out, caught, catcher, ...nodes], { credentials: { house: { token } }, nodes: [ha, action] });
}

async function error(): Promise<string> {
	const message = (await flow.messages("caught").first("the error", () => true)) as { error: { message: string } };
	return message.error.message;
}

describe("the action node", () => {
	it("calls what it is set to, shows that it is connected, and sends the answer", async () => {
		house.answer = () => ({ result: { context: { id: "7" } } });
		await deploy("good-token", call());
		await flow.badge("call", "rack-battery.status.haOnline");
		flow.node("call").receive({ payload: "whatever", question: 42 });
		const answer = await flow.messages("out").first("the answer", () => true);
		expect(answer).toMatchObject({ payload: { context: { id: "7" } }, action: "switch.turn_off", question: 42 });
		expect(house.calls).toEqual([{ domain: "switch", service: "turn_off", service_data: {}, target: { entity_id: ["switch.geyser"] } }]);
	});

	it("ends a call that Home Assistant refuses as an error, and is mended by the next that succeeds", async () => {
		house.answer = () => ({ error: { code: "not_found", message: "Action not found." } });
		await deploy("good-token", call());
		flow.node("call").receive({});
		expect(await error()).toContain("switch.turn_off: Home Assistant says no: Action not found. (not_found)");
		await flow.badge("call", "rack-battery.status.callFailed");
		const mended = flow.badges.next("the mended badge", ({ text }) => text === "rack-battery.status.haOnline");
		house.answer = () => ({ result: null });
		flow.node("call").receive({});
		await mended;
	});

	it("ends a call whose connection is lost as an error, and connects again by itself", async () => {
		house.answer = () => "silence";
		await deploy("good-token", call());
		await flow.badge("call", "rack-battery.status.haOnline");
		flow.node("call").receive({});
		await house.until("the call has arrived", () => house.calls.length === 1);
		const back = flow.badges.next("the connection", ({ text }) => text === "rack-battery.status.callFailed");
		house.cut();
		expect(await error()).toMatch(/whether it carried the action out is not known/);
		await back;
		await house.until("it is back", () => house.logins === 2);
	});

	it("says in words what is wrong with a message", async () => {
		await deploy("good-token", call());
		await flow.badge("call", "rack-battery.status.haOnline");
		flow.node("call").receive({ action: "turn it off" });
		expect(await error()).toMatch(/msg\.action must name an action of Home Assistant/);
		await flow.badge("call", "rack-battery.status.input");
		expect(house.calls).toEqual([]);
	});

	it("shows a refused token, and that none is chosen", async () => {
		await deploy("bad-token", call(), call({ id: "alone", ha: "" }));
		await flow.badge("call", "rack-battery.status.haRefused");
		await flow.badge("alone", "rack-battery.status.noHomeAssistant");
		expect(await error()).toMatch(/No Home Assistant is chosen/);
	});

	it("shares one connection, and leaves none when the flow stops", async () => {
		await deploy("good-token", call(), call({ id: "other" }));
		await flow.badge("call", "rack-battery.status.haOnline");
		await flow.badge("other", "rack-battery.status.haOnline");
		expect(house.logins).toBe(1);
		const again = flow.badges.next("the badge of the new node", ({ node, text }) => node === "call" && text.endsWith("haOnline"));
		await flow.redeploy({ call: { entity: "switch.pool" } });
		await again;
		expect(house.logins).toBe(1);
		await flow.stop();
		await house.until("nobody is connected", () => house.guests === 0);
	});
});

describe("what is called", () => {
	const NODE = { action: "light.turn_on", entity: "light.a, light.b", data: '{"brightness": 120, "transition": 2}', timeoutSeconds: "5" };

	it("comes from the node", () => {
		expect(actionCall({ payload: { anything: 1 } }, NODE)).toEqual({
			action: {
				domain: "light",
				service: "turn_on",
				data: { brightness: 120, transition: 2 },
				returnResponse: false,
				target: { entity_id: ["light.a", "light.b"] },
			},
			name: "light.turn_on",
			timeoutMs: 5000,
		});
	});

	it("may be said by the message, data key by key", () => {
		const said = actionCall({ action: "light.toggle", entity: ["light.c"], data: { brightness: 1 }, timeout: 60, response: true }, NODE);
		expect(said).toMatchObject({ name: "light.toggle", timeoutMs: 60_000 });
		expect(said.action).toEqual({
			domain: "light",
			service: "toggle",
			data: { brightness: 1, transition: 2 },
			returnResponse: true,
			target: { entity_id: ["light.c"] },
		});
	});

	it("may be said by the payload, as the notify node does", () => {
		const payload = { action: "notify.mobile_app_phone", data: { title: "t", message: "m", data: { tag: "x" } } };
		expect(actionCall({ payload }, {}).action).toEqual({
			domain: "notify",
			service: "mobile_app_phone",
			data: { title: "t", message: "m", data: { tag: "x" } },
			returnResponse: false,
		});
	});

	it("may aim at areas and devices", () => {
		expect(actionCall({ target: { area_id: "kitchen" } }, { action: "light.turn_off" }).action.target).toEqual({ area_id: "kitchen" });
	});

	it.each([
		[{}, {}, /No action is named/],
		[{ entity: "Geyser" }, NODE, /msg\.entity must be entity ids, such as "switch\.geyser", not "Geyser"/],
		[{ data: "no json" }, NODE, /msg\.data must be a JSON object/],
		[{ data: [1] }, NODE, /msg\.data must be an object/],
		[{ timeout: 0.5 }, NODE, /msg\.timeout must be a number from 1 to 300/],
		[{}, { ...NODE, data: "{" }, /^data must be a JSON object/],
	])("is refused in words when it makes no sense: %j", (message, node, words) => {
		expect(() => actionCall(message, node)).toThrow(words);
	});
});
