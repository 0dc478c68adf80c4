import { afterEach, describe, expect, it } from "vitest";
import { FlowBench } from "../support/flow-bench.ts";
import { HomeAssistantStandIn } from "../support/home-assistant-stand-in.ts";

/** Flows 3 and 5: who is told what, and when. */

let bench: FlowBench;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	await bench.end();
	for (const end of ends.splice(0)) await end();
});

const MINUTE = 60;
const HOUR = 3600;
const LIGHT = { packs: 1, cells: 4, probes: 1, capacityAh: 100 };
const told = () => bench.payloads("to everybody");

describe("low battery to the phone", () => {
	const FILE = "3-low-battery-to-phone.json";
	const start = (hour: number, change = {}) =>
		FlowBench.start(FILE, {
			simulator: { ...LIGHT, stateOfCharge: 20, loadW: 100 },
			bank: { gapMs: 2000 },
			start: new Date(2026, 5, 1, hour, 0),
			...change,
		});

	it("tells with the time left, goes on to the next one while nobody acknowledges, and says when it is over", async () => {
		bench = await start(12);
		await bench.pass(10 * MINUTE);
		expect(told()).toEqual([]);
		bench.control.setCondition(1, "alarm.low_soc", true);
		const raised = bench.clock.now();
		await bench.until("the message", () => told().length > 0, 60);
		// The contact's own delay, then the message at once.
		expect(bench.since(raised)).toBeLessThanOrEqual(20);
		expect(told()[0]).toMatchObject({ severity: "warning", step: 0, silent: false, targets: ["notify.mobile_app_phone"], simulated: true });
		expect(told()[0].message).toMatch(/low.battery/i);
		expect(told()[0].message).toMatch(/\d+ h|\d+ min/);
		const first = bench.at("to everybody")[0]?.at ?? 0;
		await bench.until(
			"the second phone",
			() => told().some(({ targets }) => targets.includes("notify.mobile_app_second_phone")),
			15 * MINUTE,
		);
		expect(bench.since(first)).toBeGreaterThanOrEqual(10 * MINUTE - 1);
		expect(bench.since(first)).toBeLessThanOrEqual(10 * MINUTE + 20);
		await bench.press("Acknowledge");
		const said = told().length;
		await bench.pass(HOUR / 2);
		expect(told(), "acknowledged: no further step").toHaveLength(said);
		bench.control.setCondition(1, "alarm.low_soc", false);
		await bench.until("the all-clear", () => told().length > said, 5 * MINUTE);
		expect(told().at(-1)).toMatchObject({ tag: told()[0].tag, kind: "cleared" });
		await bench.pass(HOUR / 2);
		expect(told()).toHaveLength(said + 1);
		expect(bench.complaints).toEqual([]);
	}, 60_000);

	it("comes without sound at night, and does not begin anew after a restart", async () => {
		bench = await start(23);
		await bench.pass(5 * MINUTE);
		bench.control.setCondition(1, "alarm.low_soc", true);
		await bench.until("the message", () => told().length > 0, 60);
		expect(told()[0].silent).toBe(true);
		await bench.press("Acknowledge");
		const said = told().length;
		await bench.restart(60);
		await bench.pass(10 * MINUTE);
		expect(told(), "acknowledged before the restart").toHaveLength(said);
	}, 60_000);

	it("reaches the phone through Home Assistant, whose button acknowledges", async () => {
		const homeAssistant = await HomeAssistantStandIn.start();
		ends.push(() => homeAssistant.stop());
		const HOME_ASSISTANT = "5b1f0a3c9d2e4a02";
		bench = await start(12, {
			// As the comment in the flow says: enabled, address, and the same Home Assistant in the notify node.
			change: ({ d: _off, ...node }: { readonly d?: boolean; readonly type: string; readonly id: string }) => {
				if (node.type === "rack-battery-ha") return { ...node, url: homeAssistant.url };
				return node.type === "rack-battery-notify" ? { ...node, ha: HOME_ASSISTANT } : node;
			},
			credentials: { [HOME_ASSISTANT]: { token: homeAssistant.token } },
		});
		await homeAssistant.until("it is connected and listens", () =>
			homeAssistant.commands.some((text) => text.includes("subscribe_events")),
		);
		await bench.pass(MINUTE);
		bench.control.setCondition(1, "alarm.low_soc", true);
		await bench.until("the message", () => told().length > 0, 60);
		await homeAssistant.until("the call", () => homeAssistant.calls.length === 1);
		const [call] = homeAssistant.calls;
		expect(call).toMatchObject({ domain: "notify", service: "mobile_app_phone", service_data: { data: { tag: told()[0].tag } } });
		const data = call?.service_data.data as { readonly actions: readonly { readonly action: string }[] } | undefined;
		homeAssistant.fire("mobile_app_notification_action", { action: data?.actions[0]?.action });
		await bench.until("it is acknowledged", () => bench.payloads("list").at(-1)?.[0]?.state === "acknowledged", 20);
		await bench.pass(HOUR / 2);
		expect(homeAssistant.calls).toHaveLength(1);
	}, 60_000);
});

describe("link lost and recovered", () => {
	const FILE = "5-link-lost-and-recovered.json";

	it("tells the scenario of a cable pulled twice, and when it is back", async () => {
		bench = await FlowBench.start(FILE, { simulator: { ...LIGHT, packs: 2 }, bank: { gapMs: 1000 }, start: new Date(2026, 5, 1, 12, 0) });
		const began = bench.clock.now();
		bench.play("cable-pulled");
		await bench.pass(21 * MINUTE);
		const link = bench.at("to everybody").filter(({ msg }) => msg.payload.family === "link");
		expect(link.map(({ msg }) => msg.payload.kind)).toEqual(["raised", "cleared", "raised", "cleared"]);
		const minutes = link.map(({ at }) => (at - began) / 60_000);
		// Pulled at 2 and 11, told two minutes after the last word; plugged at 7 and 16, back within half a minute of backing off.
		expect(minutes[0]).toBeGreaterThanOrEqual(3.9);
		expect(minutes[0]).toBeLessThanOrEqual(4.5);
		expect(minutes[1]).toBeGreaterThanOrEqual(7);
		expect(minutes[1]).toBeLessThanOrEqual(8);
		expect(link[0]?.msg.payload).toMatchObject({ severity: "warning", title: expect.stringContaining("does not answer") });
		expect(new Set(link.map(({ msg }) => msg.tag)).size, "one thread").toBe(1);
	}, 60_000);

	it("lets other alarms of the battery pass by, and tells nothing of a hiccup", async () => {
		bench = await FlowBench.start(FILE, { simulator: LIGHT, bank: { gapMs: 1000 }, start: new Date(2026, 5, 1, 12, 0) });
		await bench.pass(MINUTE);
		bench.control.setCondition(1, "protection.cell_overvoltage", true);
		await bench.control.pullCable("silent");
		await bench.pass(MINUTE);
		await bench.control.plugCable();
		await bench.pass(10 * MINUTE);
		expect(told()).toEqual([]);
		expect(bench.payloads("list").at(-1)?.[0]).toMatchObject({ severity: "critical" });
		await bench.press("Test message");
		expect(told()).toHaveLength(1);
	});
});
