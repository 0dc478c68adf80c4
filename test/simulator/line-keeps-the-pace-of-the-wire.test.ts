import { describe, expect, it } from "vitest";
import { createAsciiFramer } from "../../src/bms/protocol/ascii/ascii-framer.ts";
import { createMemoryLine } from "../../src/simulator/memory-line.ts";
import { SimulatedLine } from "../../src/simulator/simulated-line.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankWith, bytes, text } from "./simulated.ts";

interface Arrival {
	readonly at: number;
	readonly bytes: Uint8Array;
}

function lineWith(options: { baudRate?: number; answerDelayMs?: number; packs?: number } = {}) {
	const { baudRate = 9600, answerDelayMs = 30, packs = 15 } = options;
	const clock = new ManualClock();
	const { bank, control } = bankWith({ packs }, { clock });
	const arrivals: Arrival[] = [];
	const line = new SimulatedLine(
		{ baudRate, answerDelayMs },
		{ responder: bank, framer: createAsciiFramer(), clock, send: (chunk) => arrivals.push({ at: clock.now(), bytes: chunk.slice() }) },
	);
	const received = () => text(Uint8Array.from(arrivals.flatMap((arrival) => [...arrival.bytes])));
	return { line, clock, arrivals, received, bank, control };
}

const ALL = bytes("~25014644E002FFFD03\r");
const ONE = bytes("~25014644E00201FD2E\r");
const BYTE_MS = 10_000 / 9600;

describe("a simulated line", () => {
	it.each([
		{ request: "status of 15 packs", frame: ALL },
		{ request: "status of one pack", frame: ONE },
	])("$request takes its time at 9600 baud: request, 30 ms, answer, 10 bits a byte, within 10 ms", async ({ frame }) => {
		const { line, clock, arrivals, received, bank } = lineWith();
		const start = clock.now();
		line.receive(frame);
		await clock.advance(3000);
		const answer = bank.answer(frame);
		expect(received()).toBe(text(answer));
		const begins = start + 20 * BYTE_MS + 30;
		const due = begins + (answer?.length ?? 0) * BYTE_MS;
		expect(Math.abs((arrivals.at(-1)?.at ?? 0) - due)).toBeLessThan(3);
		// Every piece arrives no earlier than its last byte can, and at most a grid step after its first could.
		let sent = 0;
		for (const arrival of arrivals) {
			const firstDue = begins + (sent + 1) * BYTE_MS;
			sent += arrival.bytes.length;
			expect(arrival.at).toBeGreaterThanOrEqual(begins + sent * BYTE_MS - 0.001);
			expect(arrival.at - firstDue).toBeLessThan(10);
		}
		expect(clock.pending).toBe(0);
	});

	it("answers at once when told so", async () => {
		const { line, clock, arrivals } = lineWith({ baudRate: 0, answerDelayMs: 0 });
		const start = clock.now();
		line.receive(ONE);
		await clock.advance(1);
		expect(arrivals.map(({ at }) => at - start)).toEqual([0]);
	});

	it("takes a request byte by byte, and after junk", async () => {
		const { line, clock, received } = lineWith({ packs: 1 });
		line.receive(bytes("\u0000noise"));
		for (const byte of ONE) {
			await clock.advance(2);
			line.receive(Uint8Array.of(byte));
		}
		await clock.advance(500);
		expect(received()?.slice(0, 9)).toBe("~25014600");
		expect(received()?.match(/~/g)).toHaveLength(1);
	});

	it("forgets a request that stops half-way", async () => {
		const { line, clock, received } = lineWith({ packs: 1 });
		line.receive(ONE.slice(0, 10));
		await clock.advance(1000);
		expect(clock.pending).toBe(0);
		line.receive(ONE.slice(10));
		await clock.advance(1000);
		expect(received()).toBe("");
		line.receive(ONE);
		await clock.advance(1000);
		expect(received()?.slice(0, 9)).toBe("~25014600");
	});

	it("hears no request while an answer is due or under way", async () => {
		const { line, clock, received } = lineWith({ packs: 1 });
		line.receive(ONE);
		line.receive(ALL);
		await clock.advance(100);
		line.receive(ALL);
		await clock.advance(2000);
		expect(received()?.match(/~/g)).toHaveLength(1);
		line.receive(ONE);
		await clock.advance(2000);
		expect(received()?.match(/~/g)).toHaveLength(2);
	});

	it("says what is true when the answer begins", async () => {
		const { line, clock, received, control } = lineWith({ packs: 1 });
		line.receive(ONE);
		await clock.advance(40);
		control.setCondition(1, "alarm.low_soc", true);
		await clock.advance(1000);
		// Warn 2 is the last byte before the one-byte tail.
		expect(received()?.slice(-8, -6)).toBe("80");
	});

	it("a pulled cable loses the rest of the answer and everything after, and leaves no timer", async () => {
		const { line, clock, received } = lineWith();
		line.receive(ALL);
		await clock.advance(300);
		const half = received();
		expect(half?.length).toBeGreaterThan(100);
		line.pull();
		expect(clock.pending).toBe(0);
		line.receive(ONE);
		await clock.advance(3000);
		expect(received()).toBe(half);
		line.plug();
		line.receive(ONE);
		await clock.advance(3000);
		expect(received()?.slice(half?.length).slice(0, 9)).toBe("~25014600");
	});

	it("keeps silent about what is no request, and listens on", async () => {
		const { line, clock, received } = lineWith({ packs: 1 });
		line.receive(bytes("~20014642E00201FD35\r"));
		await clock.advance(1000);
		expect(received()).toBe("");
		line.receive(ONE);
		await clock.advance(1000);
		expect(received()).not.toBe("");
	});
});

describe("a simulated line inside this process", () => {
	it("carries requests and answers, and can be lost and found", async () => {
		const { bank, clock } = bankWith({ packs: 1 });
		const { transport, cable } = createMemoryLine(bank, { baudRate: 0, answerDelayMs: 10 }, clock);
		const chunks: Uint8Array[] = [];
		const lost: string[] = [];
		const handlers = { onBytes: (chunk: Uint8Array) => chunks.push(chunk), onLost: (error: Error) => lost.push(error.message) };
		await transport.open(handlers);
		await transport.write(ONE);
		await clock.advance(10);
		expect(chunks).toHaveLength(1);
		await cable.pullCable("silent");
		await transport.write(ONE);
		await clock.advance(1000);
		expect(chunks).toHaveLength(1);
		await cable.pullCable("dropped");
		expect(lost).toHaveLength(1);
		await expect(transport.open(handlers)).rejects.toMatchObject({ kind: "transport", code: "not-found" });
		await cable.plugCable();
		await transport.open(handlers);
		await transport.write(ONE);
		await clock.advance(10);
		expect(chunks).toHaveLength(2);
		await transport.close();
		expect(clock.pending).toBe(0);
	});
});
