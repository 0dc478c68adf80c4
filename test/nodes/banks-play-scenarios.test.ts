import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { READY_SCENARIOS } from "../../src/simulator/ready-scenarios.ts";
import { type FlowNode, RunningFlow, SIMULATED } from "./running-flow.ts";

/** The simulated battery of a configuration: what happens to it over time, and how fast its time runs. */

let flow: RunningFlow;
beforeAll(() => RunningFlow.init());
beforeEach(() => {
	flow = new RunningFlow();
});
afterEach(() => flow.end());

const bank = (changes: object): FlowNode => ({ id: "config", ...SIMULATED, ...changes });
const out: FlowNode = { id: "out", type: "helper" };
const caught: FlowNode = { id: "caught", type: "helper" };
const catcher: FlowNode = { id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] };
const telemetry: FlowNode = { id: "telemetry", type: "rack-battery-telemetry", bank: "config", wires: [["out"]] };
const alarm: FlowNode = { id: "alarm", type: "rack-battery-alarm", bank: "config", wires: [["alarms"]] };
const alarms: FlowNode = { id: "alarms", type: "helper" };

// biome-ignore lint/suspicious/noExplicitAny: messages are loose by nature; each test reads what it asserts
const payloadOf = (message: { payload?: unknown }) => message.payload as any;

describe("a simulated battery in a flow", () => {
	it("plays a scenario in a faster time: minutes in a blink, nothing stale, nothing unanswered", async () => {
		await flow.deploy([bank({ simScenario: "cell-overvoltage", simTimeFactor: "600" }), telemetry, alarm, out, alarms]);
		const isProtection = (message: object) => payloadOf(message).class === "protection" && payloadOf(message).pack === 1;
		const raised = await flow.messages("alarms").first("the protection of cell 5", isProtection);
		expect(raised.payload).toMatchObject({ slug: "cell_overvoltage", simulated: true, cell: 5 });
		expect(new Date(payloadOf(raised).since).getMonth()).toBe(5);
		const entries = flow.messages("out").entries as readonly { readonly stale?: boolean; readonly at?: number }[];
		expect(entries.slice(1).filter(({ stale }) => stale !== false)).toEqual([]);
		const scenario = flow.simulators[0]?.state().scenario;
		expect(scenario?.name).toBe("cell-overvoltage");
		expect(scenario?.elapsedSeconds).toBeGreaterThan(9 * 60);
	});

	it("that cannot be played is told in words, on the badge and to the Catch nodes", async () => {
		await flow.deploy([bank({ simScenario: "no-such" }), telemetry, out, catcher, caught]);
		const { error } = (await flow.messages("caught").first("the error", () => true)) as { error: { message: string } };
		expect(error.message).toContain('There is no scenario "no-such"; ready to play are normal-day');
		await flow.badge("telemetry", "rack-battery.status.settings");
	});
});

it("the editor proposes every ready scenario", () => {
	const html = readFileSync(join(import.meta.dirname, "..", "..", "nodes", "rack-battery", "rack-battery.html"), "utf8");
	const list = /<datalist id="rack-battery-scenarios">([\s\S]*?)<\/datalist>/.exec(html)?.[1] ?? "";
	expect([...list.matchAll(/value="([^"]+)"/g)].map(([, name]) => name)).toEqual(READY_SCENARIOS.map(({ name }) => name));
});
