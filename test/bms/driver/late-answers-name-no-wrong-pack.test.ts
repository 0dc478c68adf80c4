import { expect, test } from "vitest";
import { Bus } from "../../../src/bms/bus/bus.ts";
import type { BusEvent } from "../../../src/bms/bus/bus-events.ts";
import { asciiV25 } from "../../../src/bms/protocol/ascii/ascii-protocol.ts";
import type { Exchange } from "../../../src/bms/protocol/protocol.ts";
import { type MemoryLine, MemoryTransport } from "../../../src/bms/transport/memory-transport.ts";
import { silentLogger } from "../../../src/logger.ts";
import { defaultsOf } from "../../../src/settings.ts";
import { SIMULATOR_SETTINGS } from "../../../src/simulator/options.ts";
import { SimulatedBank } from "../../../src/simulator/simulated-bank.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** The real protocol on a line whose answers the test sends by hand. */
async function handLine() {
	const clock = new ManualClock();
	const battery = new SimulatedBank({ ...defaultsOf(SIMULATOR_SETTINGS), packs: 5 }, { clock });
	let far: MemoryLine | undefined;
	const written: string[] = [];
	const transport = new MemoryTransport((line) => {
		far = line;
		return { onBytes: (bytes) => written.push(String.fromCharCode(...bytes)) };
	});
	const events: BusEvent[] = [];
	const bus = new Bus({
		transport,
		framer: asciiV25.createFramer(),
		clock,
		logger: silentLogger,
		baudRate: 9600,
		firstByteTimeoutMs: 800,
		interCharacterTimeoutMs: 150,
		gapMs: 50,
		attempts: 1,
		onEvent: (event) => events.push(event),
	});
	await transport.open({ onBytes: (chunk) => bus.receive(chunk), onLost: (error) => bus.stop(error) });
	await clock.advance(150);
	const replyTo = (request: Uint8Array) => battery.answer(request) ?? new Uint8Array();
	return {
		clock,
		written,
		events,
		send: (bytes: Uint8Array) => far?.send(bytes),
		cellsOf: (pack: number) => replyTo(asciiV25.telemetry(1, pack).request),
		statusOf: (pack: number | "all") => replyTo(asciiV25.status(1, pack).request),
		countReply: () => replyTo(asciiV25.packCount(1).request),
		ask(kind: "telemetry" | "status", pack: number | "all") {
			const outcome: { value?: unknown; error?: unknown } = {};
			bus.request(asciiV25[kind](1, pack) as Exchange<unknown>).then(
				(value) => Object.assign(outcome, { value }),
				(error: unknown) => Object.assign(outcome, { error }),
			);
			return outcome;
		},
	};
}

test("a late answer about pack 3 is never pack 4's", async () => {
	const line = await handLine();
	const three = line.ask("telemetry", 3);
	await line.clock.advance(1_000);
	expect(three.error).toMatchObject({ code: "no-answer" });
	const four = line.ask("telemetry", 4);
	await line.clock.advance(60);
	line.send(line.cellsOf(3));
	await line.clock.advance(60);
	expect(four.value).toBeUndefined();
	line.send(line.cellsOf(4));
	await line.clock.advance(1);
	expect(four.value).toMatchObject({ kind: "telemetry", asked: 4 });
	expect(line.events.filter(({ type }) => type === "foreign")).toHaveLength(1);
});

test("late cells are no alarms, late alarms are no cells, and one pack's are not all packs'", async () => {
	const line = await handLine();
	for (const [kind, pack, late] of [
		["status", 2, line.cellsOf(2)],
		["telemetry", 2, line.statusOf(2)],
		["status", 2, line.statusOf("all")],
		["status", "all", line.statusOf(2)],
		["telemetry", 2, line.countReply()],
	] as const) {
		const outcome = line.ask(kind, pack);
		await line.clock.advance(200);
		line.send(late);
		await line.clock.advance(2_000);
		expect(outcome.value, `${kind} ${pack}`).toBeUndefined();
		expect(outcome.error).toBeDefined();
	}
});

test("an echo and a late frame glued before the answer, the whole in single bytes with garbage between", async () => {
	const line = await handLine();
	const four = line.ask("telemetry", 4);
	await line.clock.advance(10);
	const echo = new TextEncoder().encode(line.written[0]);
	for (const part of [echo, [0x00, 0xff, 0x7e, 0x32], line.cellsOf(3), [0x0a], line.cellsOf(4)]) {
		for (const byte of part) {
			line.send(Uint8Array.of(byte));
			await line.clock.advance(1);
		}
	}
	expect(four.value).toMatchObject({ asked: 4 });
	expect(line.events.map(({ type }) => type)).toEqual(expect.arrayContaining(["echo", "junk", "foreign", "reply"]));
});

test("a request of a second master is not taken for an answer", async () => {
	const line = await handLine();
	const four = line.ask("telemetry", 4);
	await line.clock.advance(10);
	line.send(asciiV25.telemetry(1, 4).request.map((byte, n) => (n === 4 ? 0x32 : byte)));
	line.send(asciiV25.telemetry(1, 2).request);
	await line.clock.advance(2_000);
	expect(four.value).toBeUndefined();
});
