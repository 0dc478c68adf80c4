import { beforeEach, describe, expect, it } from "vitest";
import type { Group } from "../../src/discovery/groups.ts";
import { MQTT_SETTINGS } from "../../src/discovery/options.ts";
import { StateOutbox } from "../../src/discovery/state-outbox.ts";
import { bankStates, packStates, type StateMessage, type Values } from "../../src/discovery/state-payload.ts";
import { type DeviceKey, namesOf } from "../../src/discovery/topics.ts";
import type { MqttMessage } from "../../src/mqtt-link/mqtt-link.ts";
import { defaultsOf } from "../../src/settings.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankSnapshot, pack } from "../support/snapshots.ts";

const SETTINGS = defaultsOf(MQTT_SETTINGS);
const NAMES = namesOf({ id: "bank", name: "Battery bank", origin: "real" }, SETTINGS);
const NEVER = { force: false, cycle: false };

let clock: ManualClock;
let sent: MqttMessage[];

beforeEach(() => {
	clock = new ManualClock();
	sent = [];
});

function outbox(port: { hasMessageExpiry?: boolean; isConnected?: () => boolean } = {}): StateOutbox {
	const { hasMessageExpiry = false, isConnected = () => true } = port;
	const publish = (message: MqttMessage) => {
		if (isConnected()) sent.push(message);
		return isConnected();
	};
	return new StateOutbox({ publish, hasMessageExpiry }, NAMES, SETTINGS, clock);
}

const message = (device: DeviceKey, group: Group, values: Values, readingAt: number | null = null): StateMessage => ({
	device,
	group,
	values,
	readingAt,
});

describe("the outbox", () => {
	it("sends a pack's reading once, however often it is offered", () => {
		const box = outbox();
		for (let turn = 0; turn < 10; turn++) box.offer(message(1, "live", { current: 5 }, 1), NEVER);
		expect(sent).toHaveLength(1);
	});

	it("sends a pack's live values once a second at most, its cells every five", async () => {
		const box = outbox();
		for (let tenths = 0; tenths <= 100; tenths++) {
			box.offer(message(1, "live", { current: tenths }, tenths), NEVER);
			box.offer(message(1, "cells", { cells: [3 + tenths / 10] }, tenths), NEVER);
			await clock.advance(100);
		}
		const count = (group: string) => sent.filter(({ topic }) => topic.endsWith(group)).length;
		expect(count("/live")).toBe(11);
		expect(count("/cells")).toBe(3);
	});

	it("does not send twice from one reading, even if its values move", async () => {
		const box = outbox();
		box.offer(message(1, "live", { current: 5 }, 1), NEVER);
		await clock.advance(5000);
		box.offer(message(1, "live", { current: 9 }, 1), NEVER);
		expect(sent).toHaveLength(1);
		box.offer(message(1, "live", { current: 9 }, 2), NEVER);
		expect(sent).toHaveLength(2);
	});

	it("sends the bank's values at the end of a cycle only", async () => {
		const box = outbox();
		box.offer(message("bank", "live", { current: 5 }), NEVER);
		await clock.advance(5000);
		box.offer(message("bank", "live", { current: 9 }), NEVER);
		expect(sent).toHaveLength(1);
		box.offer(message("bank", "live", { current: 9 }), { force: false, cycle: true });
		expect(sent).toHaveLength(2);
	});

	it("does not let what becomes unknown wait", () => {
		const box = outbox();
		box.offer(message("bank", "live", { soc: 5 }), NEVER);
		box.offer(message("bank", "live", { soc: null }), NEVER);
		expect(sent.map(({ payload }) => payload)).toEqual(['{"soc":5}', '{"soc":null}']);
	});

	it("sends status at once, at any difference", () => {
		const box = outbox();
		box.offer(message("bank", "status", { alarms: { low_soc: false } }), NEVER);
		box.offer(message("bank", "status", { alarms: { low_soc: true } }), NEVER);
		box.offer(message("bank", "status", { alarms: { low_soc: true } }), NEVER);
		expect(sent).toHaveLength(2);
	});

	it("sends energy every ten seconds at most", async () => {
		const box = outbox();
		for (let second = 0; second <= 20; second++) {
			box.offer(message(1, "energy", { energy_charged: second / 10, energy_discharged: 0 }), NEVER);
			await clock.advance(1000);
		}
		expect(sent).toHaveLength(3);
	});

	it("sends drift as soon as it has crossed the band, though no step did", async () => {
		const box = outbox();
		for (let step = 0; step <= 20; step++) {
			box.offer(message(1, "live", { current: step * 0.03 }, step), NEVER);
			await clock.advance(2000);
		}
		expect(sent.map(({ payload }) => JSON.parse(payload).current)).toEqual([0, 0.12, 0.24, 0.36, 0.48, 0.6]);
	});

	it.each(["live", "cells"] as const)("says %s again when its heartbeat is due: it expires", async (group) => {
		const box = outbox();
		const idle = message(1, group, { value: 1 }, 1);
		expect(box.nextHeartbeatAt).toBeNull();
		box.offer(idle, NEVER);
		expect(box.nextHeartbeatAt).toBe(clock.now() + 120_000);
		await clock.advance(119_999);
		box.offer(idle, NEVER);
		expect(sent).toHaveLength(1);
		await clock.advance(1);
		box.offer(idle, NEVER);
		expect(sent).toHaveLength(2);
	});

	it.each(["status", "settings", "energy", "info"] as const)("says %s once while it is the same: the broker keeps it", async (group) => {
		const box = outbox();
		const idle = message(1, group, { value: 1 });
		box.offer(idle, NEVER);
		expect(box.nextHeartbeatAt).toBeNull();
		await clock.advance(3_600_000);
		box.offer(idle, { force: false, cycle: true });
		expect(sent).toHaveLength(1);
		box.offer(idle, { force: true, cycle: false });
		expect(sent).toHaveLength(2);
	});

	it("sends 20 messages a minute at most for an idle bank of 15 packs", async () => {
		const box = outbox();
		const packs = Array.from({ length: 15 }, (_, index) => pack(index + 1));
		const offerAll = () => {
			const messages = [...bankStates(bankSnapshot({ packs }), "test"), ...packs.flatMap((one) => packStates(one))];
			for (const idle of messages) box.offer(idle, { force: false, cycle: true });
		};
		offerAll();
		const atFirst = sent.length;
		for (let second = 0; second < 600; second++) {
			await clock.advance(1000);
			offerAll();
		}
		// Every value that expires, every 120 s.
		expect(sent.length - atFirst).toBe((1 + 2 * 15) * 5);
		expect((sent.length - atFirst) / 10).toBeLessThanOrEqual(20);
	});

	it("counts as sent only what was", () => {
		let isConnected = false;
		const box = outbox({ isConnected: () => isConnected });
		box.offer(message(1, "info", { cycles: 1 }), NEVER);
		isConnected = true;
		box.offer(message(1, "info", { cycles: 1 }), NEVER);
		expect(sent).toHaveLength(1);
	});

	it.each([
		["status", 1, true, true],
		["energy", 1, true, true],
		["info", 1, true, true],
		["live", 0, false, true],
		["cells", 0, false, true],
	] as const)("%s: QoS %i, retained with MQTT 3.1.1 %s and with MQTT 5 %s", (group, qos, retain3, retain5) => {
		outbox({ hasMessageExpiry: false }).offer(message(1, group, { value: 1 }), NEVER);
		outbox({ hasMessageExpiry: true }).offer(message(1, group, { value: 1 }), NEVER);
		expect(sent.map((one) => [one.qos, one.retain])).toEqual([
			[qos, retain3],
			[qos, retain5],
		]);
		const expires = group === "live" || group === "cells";
		expect(sent.map(({ expirySeconds }) => expirySeconds)).toEqual(expires ? [360, 360] : [undefined, undefined]);
	});
});
