import { afterEach, expect, test } from "vitest";
import type { Transport } from "../../../src/bms/transport/transport.ts";
import { TransportError } from "../../../src/errors.ts";
import { asked, isLive, openSimulatedBank, presences, type SimulatedSetup } from "./simulated-bank.ts";

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

/** Changes what arrives from the battery. */
const changing =
	(change: (chunk: Uint8Array) => readonly Uint8Array[]) =>
	(transport: Transport): Transport => ({
		port: transport.port,
		baudRate: transport.baudRate,
		open: (handlers) => transport.open({ ...handlers, onBytes: (chunk) => change(chunk).forEach((part) => void handlers.onBytes(part)) }),
		write: (bytes) => transport.write(bytes),
		close: () => transport.close(),
	});

test("nobody answers: silent within seconds, with what to look at, and it heals by itself", async () => {
	const line = open();
	await line.until(isLive);
	await line.cable.pullCable("silent");
	const took = await line.until((bank) => bank.snapshot.link.state === "silent");
	expect(took).toBeLessThan(6_000);
	expect(line.bank.snapshot.link.problem).toMatchObject({ kind: "timeout", code: "no-answer" });
	expect(line.bank.snapshot.link.problem?.message).toMatch(/switched on.*RS232 socket/);
	expect(line.bank.snapshot.link.onlineSince).toBeNull();
	await line.cable.plugCable();
	expect(await line.until((bank) => bank.snapshot.link.state === "online")).toBeLessThan(5_000);
	await line.until(isLive);
	expect(line.bank.snapshot.link.problem).toBeNull();
});

test("nobody answers from the start: silent, not connecting for ever", async () => {
	const line = open();
	await line.cable.pullCable("silent");
	expect(await line.until((bank) => bank.snapshot.link.state === "silent")).toBeLessThan(5_000);
	expect(line.bank.snapshot.packs).toEqual([]);
});

test("a line that stays silent is opened anew without news, as a vanished gateway needs it", async () => {
	const line = open();
	await line.until(isLive);
	await line.cable.pullCable("silent");
	await line.until((bank) => bank.snapshot.link.state === "silent");
	line.events.length = 0;
	await line.clock.advance(100_000);
	expect(line.bank.snapshot.link.reconnects).toBeGreaterThanOrEqual(2);
	expect(line.events.filter(({ type }) => type === "link")).toEqual([]);
	expect(line.log.filter((text) => text.startsWith("warn"))).toHaveLength(1);
	// The trouble keeps the time when it began.
	expect(line.clock.now() - (line.bank.snapshot.link.problem?.at ?? 0)).toBeGreaterThan(99_000);
});

test("after a silence the battery is asked anew who it is", async () => {
	const line = open();
	const identities = () => line.requests.filter(({ text }) => ["C1", "C2"].includes(asked(text))).length;
	await line.until(() => identities() === 2);
	await line.cable.pullCable("silent");
	await line.until((bank) => bank.snapshot.link.state === "silent");
	await line.cable.plugCable();
	await line.until(() => identities() === 4, 20_000);
});

test("a line that is lost in the moment it opens is tried again", async () => {
	let openings = 0;
	const line = open({
		wrap: (transport) => ({
			port: transport.port,
			baudRate: transport.baudRate,
			open: async (handlers) => {
				openings += 1;
				await transport.open(handlers);
				if (openings === 1) {
					await transport.close();
					handlers.onLost(new TransportError("closed", "The gateway ended the connection."));
				}
			},
			write: (bytes) => transport.write(bytes),
			close: () => transport.close(),
		}),
	});
	await line.clock.advance(50);
	expect(line.bank.snapshot.link).toMatchObject({ state: "lost", problem: { code: "closed" } });
	await line.until(isLive, 10_000);
	expect(openings).toBe(2);
});

test("an unplugged line is lost at once; it is tried again with growing pauses and comes back by itself", async () => {
	const line = open();
	await line.until(isLive);
	await line.cable.pullCable("dropped");
	await line.clock.advance(0);
	expect(line.bank.snapshot.link).toMatchObject({ state: "lost", problem: { kind: "transport" } });
	const questions = line.requests.length;
	await line.clock.advance(120_000);
	expect(line.requests).toHaveLength(questions);
	expect(line.bank.snapshot.packs.every(({ presence }) => presence === "unknown")).toBe(true);
	await line.cable.plugCable();
	expect(await line.until((bank) => bank.snapshot.link.state === "online")).toBeLessThan(31_000);
	await line.until(isLive);
	expect(line.bank.snapshot.link.reconnects).toBe(1);
	const states = line.events.flatMap((event) => (event.type === "link" ? [event.state] : []));
	expect(states).toEqual(["online", "lost", "connecting", "online"]);
});

test("a line that cannot be opened says why, once, and is tried for ever", async () => {
	let openings = 0;
	const line = open({
		wrap: (transport) => ({
			port: "/dev/ttyUSB7",
			baudRate: 9600,
			open: async () => {
				openings += 1;
				throw new TransportError("not-found", "The serial port /dev/ttyUSB7 does not exist: is the adapter plugged in?");
			},
			write: (bytes) => transport.write(bytes),
			close: () => transport.close(),
		}),
	});
	await line.clock.advance(200_000);
	expect(openings).toBeGreaterThanOrEqual(9);
	expect(line.bank.snapshot.link).toMatchObject({ state: "lost", problem: { code: "not-found" } });
	expect(line.log.filter((text) => text.startsWith("warn"))).toHaveLength(1);
});

test("a lost line that stays lost for another reason tells that reason too, once", async () => {
	const taken = new TransportError("busy", "The serial port /dev/ttyUSB7 is in use by ModemManager (process 12).");
	let openings = 0;
	const line = open({
		wrap: (transport) => ({
			port: "/dev/ttyUSB7",
			baudRate: 9600,
			open: async () => {
				openings += 1;
				throw openings === 1 ? new TransportError("not-found", "The serial port /dev/ttyUSB7 does not exist.") : taken;
			},
			write: (bytes) => transport.write(bytes),
			close: () => transport.close(),
		}),
	});
	await line.clock.advance(100_000);
	expect(openings).toBeGreaterThan(4);
	const warnings = line.log.filter((text) => text.startsWith("warn"));
	expect(warnings).toEqual([expect.stringContaining("does not exist"), expect.stringContaining("ModemManager (process 12)")]);
	expect(line.bank.snapshot.link.problem?.message).toBe(taken.message);
});

test("one damaged frame costs one repeat, not the link", async () => {
	let damage = 0;
	const line = open({
		wrap: changing((chunk) => {
			if (damage <= 0 || chunk.length < 3) return [chunk];
			damage -= 1;
			const bent = Uint8Array.from(chunk);
			bent[1] = (bent[1] ?? 0) ^ 1;
			return [bent];
		}),
	});
	await line.until(isLive);
	for (let n = 0; n < 20; n += 1) {
		damage = 1;
		await line.clock.advance(3_000);
		expect(line.bank.snapshot.link.state).toBe("online");
		expect(isLive(line.bank)).toBe(true);
	}
	const { failures } = line.bank.snapshot.link;
	expect(failures.frame + failures.timeout).toBeGreaterThanOrEqual(18);
	expect(failures.implausible).toBe(0);
});

test("a question that failed is shown as trouble until ten answers in a row were good", async () => {
	let damage = (chunk: Uint8Array) => chunk;
	const line = open({ settings: { attempts: 1 }, wrap: changing((chunk) => [damage(chunk)]) });
	await line.until(isLive);
	damage = (chunk) => chunk.map(() => 0x7f);
	await line.until((bank) => bank.snapshot.link.problem !== null, 3_000);
	damage = (chunk) => chunk;
	const replies = line.bank.snapshot.link.replies;
	expect(line.bank.snapshot.link.state).toBe("online");
	await line.until((bank) => bank.snapshot.link.problem === null, 6_000);
	await line.clock.advance(2_000);
	expect(line.bank.snapshot.link.replies).toBeGreaterThanOrEqual(replies + 10);
});

test("everything damaged: said so in words about speed and wiring", async () => {
	const line = open({ wrap: changing((chunk) => [chunk.map((byte) => byte ^ 0x81)]) });
	await line.until((bank) => bank.snapshot.link.state === "silent");
	expect(line.bank.snapshot.link.problem?.message).toMatch(/speed/);
	expect(line.bank.snapshot.link.junkBytes).toBeGreaterThan(20);
	expect(line.bank.snapshot.packs).toEqual([]);
});

test("only our own question comes back: said so in words about adapter and wires", async () => {
	const line = open({
		wrap: (transport) => {
			let echo: (bytes: Uint8Array) => void = () => {};
			return {
				port: "/dev/ttyUSB0",
				baudRate: 9600,
				open: async (handlers) => {
					echo = handlers.onBytes;
					await transport.open({ ...handlers, onBytes: () => {} });
				},
				write: async (bytes) => echo(bytes),
				close: () => transport.close(),
			};
		},
	});
	await line.until((bank) => bank.snapshot.link.state === "silent");
	expect(line.bank.snapshot.link.problem).toMatchObject({ code: "echo-only" });
	expect(line.bank.snapshot.link.problem?.message).toMatch(/echo.*RX and TX/);
});

test("an echoing adapter is no trouble", async () => {
	const line = open({
		wrap: (transport) => {
			let echo: (bytes: Uint8Array) => void = () => {};
			return {
				port: "/dev/ttyUSB0",
				baudRate: 9600,
				open: async (handlers) => {
					echo = handlers.onBytes;
					await transport.open(handlers);
				},
				write: async (bytes) => {
					echo(bytes);
					await transport.write(bytes);
				},
				close: () => transport.close(),
			};
		},
	});
	await line.until(isLive, 5_000);
	await line.clock.advance(10_000);
	expect(line.bank.snapshot.link).toMatchObject({ state: "online", problem: null, failures: { timeout: 0, frame: 0 } });
});

test("answers in single bytes with noise between the frames are read all the same", async () => {
	let n = 0;
	const line = open({
		wrap: changing((chunk) =>
			[...chunk].flatMap((byte) => {
				n += 1;
				const single = Uint8Array.of(byte);
				return byte === 0x0d ? [single, Uint8Array.of(0x0a, n & 0x3f)] : [single];
			}),
		),
	});
	await line.until(isLive, 6_000);
	await line.clock.advance(10_000);
	expect(line.bank.snapshot.link).toMatchObject({ state: "online", failures: { timeout: 0, frame: 0, decode: 0, implausible: 0 } });
	expect(line.bank.snapshot.link.junkBytes).toBeGreaterThan(20);
});

test("one pack that leaves its questions unanswered is absent; the link and the others are fine", async () => {
	let deafTo = "";
	const line = open({
		simulator: { packs: 3 },
		wrap: (transport) => ({
			port: transport.port,
			baudRate: transport.baudRate,
			open: (handlers) => transport.open(handlers),
			write: async (bytes) => {
				const text = String.fromCharCode(...bytes);
				if (deafTo === "" || text.slice(13, 15) !== deafTo) await transport.write(bytes);
			},
			close: () => transport.close(),
		}),
	});
	await line.until(isLive);
	deafTo = "02";
	await line.until((bank) => presences(bank)[2] === "absent", 20_000);
	await line.clock.advance(70_000);
	expect(presences(line.bank)).toEqual({ 1: "live", 2: "absent", 3: "live" });
	expect(line.bank.snapshot.link.state).toBe("online");
	expect(line.events.filter(({ type }) => type === "link").length).toBeLessThanOrEqual(2);
	deafTo = "";
	await line.until(isLive, 20_000);
});

test("closing in the middle of anything is quick and leaves nothing behind", async () => {
	for (const wait of [0, 5, 105, 130, 200, 500, 3_000]) {
		const line = openSimulatedBank();
		await line.clock.advance(wait);
		const closed = line.bank.close();
		await line.clock.advance(100);
		await closed;
		expect(line.clock.pending).toBe(0);
		expect(line.bank.snapshot.link.state).toBe("closed");
		const questions = line.requests.length;
		await line.clock.advance(60_000);
		expect(line.requests).toHaveLength(questions);
	}
});

test("closing while the line is lost or silent is quick too, and closing twice is fine", async () => {
	for (const how of ["silent", "dropped"] as const) {
		const line = openSimulatedBank();
		await line.until(isLive);
		await line.cable.pullCable(how);
		await line.clock.advance(8_000);
		const closed = Promise.all([line.bank.close(), line.bank.close()]);
		await line.clock.advance(100);
		await closed;
		expect(line.clock.pending).toBe(0);
	}
});

test("a consumer that throws harms neither the reading nor the others, and is told once", async () => {
	const line = open();
	let heard = 0;
	line.bank.subscribe(() => {
		throw new Error("a consumer's mistake");
	});
	line.bank.subscribe(() => {
		heard += 1;
	});
	await line.until(isLive, 5_000);
	await line.clock.advance(10_000);
	expect(line.bank.snapshot.link).toMatchObject({ state: "online", reconnects: 0 });
	expect(heard).toBeGreaterThan(50);
	expect(line.log.filter((text) => text.startsWith("error"))).toHaveLength(1);
});
