import { describe, expect, it } from "vitest";
import { homeAssistantMessages } from "../../nodes/rack-battery-notify/home-assistant-message.ts";
import { buttonFor, pressedButton, readMessage } from "../../nodes/rack-battery-notify/notify-inputs.ts";
import { listMessage, noticeMessages, type Shape } from "../../nodes/rack-battery-notify/notify-messages.ts";
import { notifyBadge } from "../../nodes/rack-battery-notify/rack-battery-notify.ts";
import { CONTACT_KEYS, FAMILY_KEYS } from "../../src/index.ts";
import { tagOf } from "../../src/notification/issue.ts";
import { condition, HOUR, MINUTE, utc, Watch } from "../notification/watch.ts";

const TAG = "rb-bank-high_voltage-2";
const shape: Shape = {
	format: "object",
	language: "en-US",
	steps: [["notify.a"], ["notify.a", "notify.b"], [], ["siren.turn_on"]],
	snoozeMinutes: 60,
	shedButton: false,
};
function messages(watch: Watch, changes: Partial<Shape> = {}) {
	const wording = { language: "en-US" as const, snapshot: watch.snapshot, toLocalTime: utc, shed: null, timeLeft: null };
	return watch.sent.map((notice) => noticeMessages(notice, wording, { ...shape, ...changes }));
}
function payloadIn<T>(message: { readonly payload?: unknown } | undefined): T {
	if (message === undefined) throw new Error("there is no message");
	return message.payload as T;
}
const critical = () => new Watch().set(condition("protection.cell_overvoltage")).read(2);

describe("what a message asks for", () => {
	it.each([
		[{ command: "acknowledge" }, { type: "acknowledge", tag: "all" }],
		[
			{ command: "acknowledge", tag: TAG },
			{ type: "acknowledge", tag: TAG },
		],
		[
			{ command: "snooze", minutes: "15" },
			{ type: "snooze", tag: "all", minutes: 15 },
		],
		[{ command: "snooze" }, { type: "snooze", tag: "all", minutes: null }],
		[{ command: "digest", payload: "whatever" }, { type: "digest" }],
		[{ command: "test" }, { type: "test" }],
	])("%j", (message, command) => {
		expect(readMessage(message).command).toEqual(command);
	});

	it.each([
		["our own event", { payload: { action: `ack:${TAG}` } }],
		["event of the API", { payload: { event_type: "mobile_app_notification_action", data: { action: `ack:${TAG}` } } }],
		["events node of the other palette", { payload: { event_type: "x", event: { action: `ack:${TAG}`, tag: "t" } } }],
		["event as it stands in msg.event", { event: { event_type: "x", data: { action: `ack:${TAG}` } } }],
		["Telegram's callback", { payload: { chatId: 1, content: `ack:${TAG}`, type: "callback_query" } }],
		["plain text", { payload: `ack:${TAG}` }],
	])("a button: %s", (_name, message) => {
		expect(readMessage(message).command).toEqual({ type: "acknowledge", tag: TAG });
	});

	it("the flow's own alarm", () => {
		expect(readMessage({ alarm: { id: "grid", severity: "critical", title: "Grid", text: "away", state: "on" } }).command).toEqual({
			type: "custom",
			alarm: { id: "grid", severity: "critical", title: "Grid", text: "away", state: "on" },
		});
		expect(readMessage({ alarm: { id: "grid", state: "off" } }).command).toMatchObject({ alarm: { state: "off", severity: "info" } });
		expect(readMessage({ alarm: { id: "day", title: "Day" } }).command).toMatchObject({ alarm: { state: "once", text: "" } });
	});

	it("what other nodes know", () => {
		expect(readMessage({ topic: "rack-battery/b/load-shed", payload: { shed: [] } }).facts).toEqual({ shed: null });
		expect(readMessage({ topic: "rack-battery/b/autonomy", payload: { lasts: "unknown", text: "Nobody knows." } }).facts).toEqual({
			timeLeft: null,
		});
		expect(readMessage({ facts: { shed: "geyser" } }).facts).toEqual({ shed: "geyser" });
	});

	it("a contact, and nothing while it is unknown", () => {
		const payload = { contact: "fault", scope: "pack", pack: 2, active: true, text: "closed" };
		expect(readMessage({ payload }).contact).toEqual({ key: "fault", owner: "pack2", isActive: true, text: "closed" });
		expect(() => readMessage({ payload: { ...payload, active: null } })).toThrow(/nothing that is understood/);
	});

	it.each([
		[{}, /nothing that is understood/],
		[{ command: "shout" }, /msg\.command must be one of acknowledge, snooze, digest, test, list, not "shout"/],
		[{ command: "snooze", minutes: "long" }, /msg\.minutes must be a number/],
		[{ alarm: "grid" }, /msg\.alarm\.id must be a short name/],
		[{ alarm: { id: "grid", title: "Grid", severity: "huge" } }, /msg\.alarm\.severity must be one of info, caution/],
		[{ alarm: { id: "grid" } }, /msg\.alarm\.title must be text/],
		[{ alarm: { id: "grid", title: "Grid", state: "maybe" } }, /msg\.alarm\.state must be/],
	])("nonsense is refused in words: %j", (message, words) => {
		expect(() => readMessage(message)).toThrow(words);
	});
});

describe("the messages", () => {
	it("call each step beside those before it, and the end tells all who were called", () => {
		const watch = critical()
			.pass(16 * MINUTE)
			.set()
			.read(2);
		expect(messages(watch).map(({ plain }) => (plain.payload as { targets: unknown }).targets)).toEqual([
			["notify.a"],
			["notify.a", "notify.b"],
			["notify.a", "notify.b"],
			["notify.a", "notify.b", "siren.turn_on"],
			["notify.a", "notify.b", "siren.turn_on"],
		]);
	});

	it("for Home Assistant say how loud, for both systems of phones", () => {
		const loudness = (watch: Watch) => {
			const [first] = messages(watch).at(-1)?.homeAssistant ?? [];
			const { channel, importance, push } = payloadIn<{ data: { data: { channel: string; importance: string; push: object } } }>(first).data
				.data;
			return [channel, importance, (push as Record<string, unknown>)["interruption-level"]];
		};
		expect(loudness(critical())).toEqual(["alarm_stream", "high", "critical"]);
		expect(loudness(new Watch().set(condition("alarm.low_soc")).read(2))).toEqual(["Battery, warnings", "high", "time-sensitive"]);
		expect(loudness(new Watch("23:00").set(condition("alarm.low_soc")).read(2))).toEqual(["Battery, silent", "low", "passive"]);
		expect(loudness(new Watch().set(condition("alarm.cell_overvoltage")).read(2))).toEqual(["Battery", "default", "active"]);
		expect(loudness(critical().set().read(2))).toEqual(["Battery, silent", "low", "passive"]);
	});

	it("without a target leave the action to the node behind", () => {
		const [first] = messages(critical(), { steps: [[], [], [], []] });
		const payload = payloadIn<Parameters<typeof homeAssistantMessages>[0]>(first?.plain);
		const [message] = homeAssistantMessages(payload, "t");
		expect(message).toMatchObject({ data: { title: payload.title, message: payload.message, data: { tag: TAG } } });
		expect(payloadIn<{ action?: string }>(message).action).toBeUndefined();
	});

	it("have no buttons when there is nothing to acknowledge", () => {
		const watch = critical().set().read(2).do({ type: "test" }).do({ type: "digest" });
		const buttons = messages(watch).map(({ plain }) => (plain.payload as { actions: readonly unknown[] }).actions.length);
		expect(buttons).toEqual([2, 0, 0, 0]);
	});

	it("have a button to shed where less load would help, when it is wanted", () => {
		const types = (watch: Watch) =>
			payloadIn<{ actions: readonly { action: string }[] }>(messages(watch, { shedButton: true })[0]?.plain).actions.map(
				({ action }) => action.split(":")[0],
			);
		expect(types(new Watch().set(condition("alarm.low_soc")).read(2))).toEqual(["ack", "snooze", "shed"]);
		expect(types(critical())).toEqual(["ack", "snooze"]);
	});

	it("have buttons that fit into what Telegram takes, whatever the bank is called", () => {
		const bank = "b".repeat(32);
		for (const family of FAMILY_KEYS)
			for (const owner of ["bank", "15", ...CONTACT_KEYS.map((key) => `${key}-pack15`), "x".repeat(24)])
				expect(Buffer.byteLength(buttonFor("snooze", tagOf(bank, family, owner)))).toBeLessThanOrEqual(64);
		expect(pressedButton(buttonFor("snooze", TAG))?.command).toEqual({ type: "snooze", tag: TAG, minutes: null });
	});
});

describe("the list and the badge", () => {
	it("tell active, acknowledged and snoozed apart", () => {
		const watch = new Watch()
			.set(condition("protection.cell_overvoltage", 1), condition("alarm.low_soc", 1), condition("fault.cell", 2))
			.read(2);
		watch.do({ type: "acknowledge", tag: "rb-bank-low_soc-1" }).do({ type: "snooze", tag: "rb-bank-hardware-2", minutes: 30 });
		const list = listMessage(watch.state, watch.snapshot, watch.now);
		expect(list).toMatchObject({ active: 1, acknowledged: 1, snoozed: 1, simulated: false });
		expect(Object.fromEntries(list.payload.map(({ tag, state }) => [tag, state]))).toEqual({
			"rb-bank-high_voltage-1": "active",
			"rb-bank-low_soc-1": "acknowledged",
			"rb-bank-hardware-2": "snoozed",
		});
		expect(notifyBadge(watch.state, "live")).toBe("notifyCritical");
		watch.do({ type: "acknowledge", tag: "rb-bank-high_voltage-1" });
		expect(notifyBadge(watch.state, "live")).toBe("notifyAcknowledged");
		watch.set().read(2).pass(HOUR);
		expect(notifyBadge(watch.state, "live")).toBe("notifyNone");
		expect(notifyBadge(watch.state, "silent")).toBe("silent");
	});
});
