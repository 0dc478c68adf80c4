import { afterEach, expect, test } from "vitest";
import { isLive, openSimulatedBank, presences, type SimulatedSetup } from "./simulated-bank.ts";

let opened: ReturnType<typeof openSimulatedBank>[] = [];
function open(setup: SimulatedSetup = {}) {
	const bank = openSimulatedBank(setup);
	opened.push(bank);
	return bank;
}
afterEach(async () => {
	for (const { close, clock } of opened) {
		await close();
		expect(clock.pending).toBe(0);
	}
	opened = [];
});

/** A bank at rest whose lowest cell is at `volts`. */
async function resting(volts: number, setup: SimulatedSetup = {}) {
	const line = open({ ...setup, simulator: { packs: 1, stateOfCharge: 20, loadW: 0, ...setup.simulator } });
	line.control.setReading(1, { current: 0 });
	await line.until(isLive);
	for (let cell = 1; cell <= 16; cell += 1) line.control.setCell(1, cell, volts);
	return line;
}
const stateOf = (line: ReturnType<typeof open>) => line.bank.snapshot.link.state;

test("below the sleep voltage and without current it is asked less often, then left alone: asleep (expected)", async () => {
	const line = await resting(3.05);
	await line.clock.advance(5_000);
	const before = line.requests.length;
	await line.clock.advance(30_000);
	expect(line.requests.length - before).toBeLessThanOrEqual(8);
	expect(isLive(line.bank)).toBe(true);
	expect(line.bank.snapshot.conditions).not.toBeNull();
	await line.until(() => stateOf(line) === "asleep", 60_000);
	expect(line.bank.snapshot).toMatchObject({ link: { problem: null }, conditions: null });
	expect(presences(line.bank)).toEqual({ 1: "unknown" });
	expect(line.events.at(-1)).toMatchObject({ type: "link", state: "asleep", message: expect.stringMatching(/asleep \(expected\)/) });
	const asked = line.requests.length;
	await line.clock.advance(59 * 60_000);
	expect(line.requests).toHaveLength(asked);
});

test("it is looked at again after the time that is set, and read when it is awake", async () => {
	const line = await resting(3.05, { settings: { sleepProbeMinutes: 10 } });
	await line.until(() => stateOf(line) === "asleep", 120_000);
	for (let cell = 1; cell <= 16; cell += 1) line.control.setCell(1, cell, 3.3);
	await line.clock.advance(9 * 60_000);
	expect(stateOf(line)).toBe("asleep");
	await line.clock.advance(90_000);
	expect(stateOf(line)).toBe("online");
	expect(isLive(line.bank)).toBe(true);
});

test("a sleeping battery that answers no look stays asleep, and is no lost line", async () => {
	const line = await resting(3.05, { settings: { sleepProbeMinutes: 10 } });
	await line.until(() => stateOf(line) === "asleep", 120_000);
	line.control.sleepPack(1, true);
	line.events.length = 0;
	const asked = line.requests.length;
	await line.clock.advance(65 * 60_000);
	expect(stateOf(line)).toBe("asleep");
	expect(line.events).toEqual([]);
	expect(line.requests.length - asked).toBeLessThanOrEqual(6 * 3);
	expect(line.requests.length - asked).toBeGreaterThanOrEqual(5);
});

test("a battery that falls silent while it is due to sleep is asleep, not silent", async () => {
	const line = await resting(3.05);
	await line.clock.advance(20_000);
	line.control.sleepPack(1, true);
	await line.until(() => stateOf(line) !== "online", 30_000);
	expect(stateOf(line)).toBe("asleep");
});

test("a battery with under-voltage protection goes to sleep, asked or not", async () => {
	const line = await resting(3.3);
	line.control.setCondition(1, "protection.cell_undervoltage", true);
	await line.clock.advance(5_000);
	line.control.sleepPack(1, true);
	await line.until(() => stateOf(line) !== "online", 30_000);
	expect(stateOf(line)).toBe("asleep");
});

test("bytes on the line end the rest", async () => {
	let say: (bytes: Uint8Array) => void = () => {};
	const line = await resting(3.05, {
		wrap: (transport) => ({
			...transport,
			port: transport.port,
			baudRate: transport.baudRate,
			open(handlers) {
				say = handlers.onBytes;
				return transport.open(handlers);
			},
			write: (bytes) => transport.write(bytes),
			close: () => transport.close(),
		}),
	});
	await line.until(() => stateOf(line) === "asleep", 120_000);
	await line.clock.advance(120_000);
	expect(stateOf(line)).toBe("asleep");
	say(Uint8Array.of(0));
	await line.until(() => stateOf(line) === "online", 5_000);
});

test("a battery in use, or with the guard off, is read at full pace whatever its voltage", async () => {
	const used = await resting(3.05);
	used.control.setReading(1, { current: -20 });
	const off = await resting(3.05, { settings: { sleepGuard: false } });
	for (const line of [used, off]) {
		await line.clock.advance(5_000);
		const before = line.requests.length;
		await line.clock.advance(180_000);
		expect(stateOf(line)).toBe("online");
		expect(line.requests.length - before).toBeGreaterThan(400);
	}
});
