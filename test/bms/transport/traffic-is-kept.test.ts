import { expect, it } from "vitest";
import { createTrafficRing, recorded } from "../../../src/bms/transport/traffic-ring.ts";
import type { TransportHandlers } from "../../../src/bms/transport/transport.ts";

it("the last pieces are kept, and what came in pieces is put together", () => {
	const ring = createTrafficRing(4);
	for (let at = 0; at < 10; at++) {
		ring.add({ at, direction: "sent", bytes: Uint8Array.of(at) });
		ring.add({ at, direction: "received", bytes: Uint8Array.of(0x7e) });
		ring.add({ at, direction: "received", bytes: Uint8Array.of(0x0d) });
	}
	expect(ring.pieces).toEqual([
		{ at: 8, direction: "sent", hex: "08" },
		{ at: 8, direction: "received", hex: "7E 0D" },
		{ at: 9, direction: "sent", hex: "09" },
		{ at: 9, direction: "received", hex: "7E 0D" },
	]);
	expect(ring.dropped).toBe(16);
});

it("their bytes are bounded, however they come", () => {
	const ring = createTrafficRing(1_000_000, 10_000);
	const bytes = new Uint8Array(100_000).fill(0x41);
	for (let at = 0; at < 50; at++) {
		for (let n = 0; n < 100; n++) ring.add({ at, direction: "received", bytes: bytes.subarray(0, 77) });
		ring.add({ at, direction: "sent", bytes });
	}
	const kept = ring.pieces.reduce((sum, { hex }) => sum + (hex.length + 1) / 3, 0);
	expect(kept).toBeLessThanOrEqual(10_000);
	expect(kept).toBeGreaterThan(5_000);
});

it("a buffer that is used again changes nothing that is kept", () => {
	const ring = createTrafficRing();
	const buffer = Uint8Array.of(1, 2);
	ring.add({ at: 0, direction: "received", bytes: buffer });
	buffer.fill(9);
	expect(ring.pieces[0]?.hex).toBe("01 02");
});

it("a recorded line does what the line does", async () => {
	const done: unknown[] = [];
	let handlers: TransportHandlers | null = null;
	const line = {
		port: "/dev/ttyUSB0",
		baudRate: 9600,
		open: async (given: TransportHandlers) => {
			handlers = given;
		},
		write: async (bytes: Uint8Array) => void done.push(["written", ...bytes]),
		close: async () => void done.push("closed"),
		modemLines: async () => ({ CTS: true }),
	};
	const ring = createTrafficRing();
	const watched = recorded(line, ring.add, () => 5);
	await watched.open({ onBytes: (bytes) => done.push(["heard", ...bytes]), onLost: ({ code }) => done.push(code) });
	await watched.write(Uint8Array.of(1));
	(handlers as TransportHandlers | null)?.onBytes(Uint8Array.of(2));
	await watched.close();
	expect(done).toEqual([["written", 1], ["heard", 2], "closed"]);
	expect(await watched.modemLines?.()).toEqual({ CTS: true });
	expect(watched).toMatchObject({ port: "/dev/ttyUSB0", baudRate: 9600 });
	expect(ring.pieces).toEqual([
		{ at: 5, direction: "sent", hex: "01" },
		{ at: 5, direction: "received", hex: "02" },
	]);
	const { modemLines: _, ...gateway } = line;
	expect("modemLines" in recorded(gateway, ring.add, () => 5)).toBe(false);
});
