import { afterEach, expect, it } from "vitest";
import { TestBroker } from "../support/broker.ts";
import { FlowBench, type FlowNode } from "../support/flow-bench.ts";
import { HomeAssistantStandIn } from "../support/home-assistant-stand-in.ts";

/** What leaves the flows: actions to Home Assistant where the user has enabled them, values and events to the broker. */

let bench: FlowBench;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	await bench.end();
	for (const end of ends.splice(0)) await end();
});

const LIGHT = { packs: 2, cells: 4, probes: 1, capacityAh: 100 };
/** Id that all flows give their Home Assistant. */
const HOME_ASSISTANT = "5b1f0a3c9d2e4a02";

/** Enables the Home Assistant nodes and fills in the address, as the comment in each flow says. */
const switchedOver = (homeAssistant: HomeAssistantStandIn) => ({
	change: ({ d: _off, ...node }: FlowNode): FlowNode => (node.type === "rack-battery-ha" ? { ...node, url: homeAssistant.url } : node),
	credentials: { [HOME_ASSISTANT]: { token: homeAssistant.token } },
});

it("switches the loads of the stages in Home Assistant, each by its own entity", async () => {
	const homeAssistant = await HomeAssistantStandIn.start();
	ends.push(() => homeAssistant.stop());
	bench = await FlowBench.start("2-three-stage-load-shedding.json", {
		simulator: { ...LIGHT, stateOfCharge: 51, loadW: 300 },
		bank: { gapMs: 1000 },
		...switchedOver(homeAssistant),
	});
	await homeAssistant.until("it is connected", () => homeAssistant.guests === 1);
	await bench.until("stage 1 off", () => bench.at("stage 1 comfort").length === 1, 3600);
	await homeAssistant.until("the call", () => homeAssistant.calls.length === 1);
	expect(homeAssistant.calls[0]).toMatchObject({ domain: "homeassistant", service: "turn_off", target: { entity_id: ["switch.geyser"] } });
	bench.control.setStateOfCharge(90);
	bench.control.setLoad(0);
	await bench.until("stage 1 on", () => bench.at("stage 1 comfort").length === 2, 3600);
	await homeAssistant.until("the call", () => homeAssistant.calls.length === 2);
	expect(homeAssistant.calls[1]).toMatchObject({ service: "turn_on", target: { entity_id: ["switch.geyser"] } });
	expect(bench.complaints).toEqual([]);
});

it("tells the phone the cause of a fault, and switches the loads off, in Home Assistant", async () => {
	const homeAssistant = await HomeAssistantStandIn.start();
	ends.push(() => homeAssistant.stop());
	bench = await FlowBench.start("4-fault-contact.json", {
		simulator: LIGHT,
		bank: { gapMs: 1000 },
		...switchedOver(homeAssistant),
	});
	await homeAssistant.until("it is connected", () => homeAssistant.guests === 1);
	await bench.pass(60);
	bench.control.setCondition(2, "protection.cell_overvoltage", true);
	await bench.until("the fault", () => bench.at("to the phone").length === 1, 30);
	await homeAssistant.until("both calls", () => homeAssistant.calls.length === 2);
	const calls = new Map(homeAssistant.calls.map((call) => [`${call.domain}.${call.service}`, call]));
	expect(calls.get("homeassistant.turn_off")?.target).toEqual({ entity_id: ["switch.heavy_loads"] });
	expect(calls.get("notify.notify")?.service_data).toMatchObject({
		title: "Battery fault contact closed",
		message: expect.stringContaining("over-voltage"),
		data: { tag: "rack-battery-fault" },
	});
});

it("publishes the battery and the edge of its fault contact to the broker (flow 1)", async () => {
	const broker = await TestBroker.start();
	ends.push(() => broker.stop());
	bench = await FlowBench.start("1-battery-to-home-assistant.json", { simulator: LIGHT, bank: { gapMs: 500 }, brokerUrl: broker.url });
	const announced = () => broker.seen.filter(({ topic }) => topic.startsWith("homeassistant/device/")).length;
	await broker.until("the publisher is there", () => broker.clients === 1);
	await bench.until("bank and packs are announced", () => announced() >= 3, 3600);
	bench.control.setCondition(1, "fault.sampling", true);
	const edges = () => broker.seen.filter(({ payload }) => payload.includes('"fault_closed"') && !payload.includes("event_types"));
	await bench.until("the event", () => edges().some(({ topic }) => topic.includes("/bank/")), 3600);
	expect(edges().every(({ retain, qos }) => !retain && qos === 1)).toBe(true);
	await bench.pass(300);
	expect(edges().filter(({ topic }) => topic.includes("/bank/"))).toHaveLength(1);
});
