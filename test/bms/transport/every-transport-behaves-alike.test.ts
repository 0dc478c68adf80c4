import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type MemoryLine, MemoryTransport } from "../../../src/bms/transport/memory-transport.ts";
import { TcpTransport } from "../../../src/bms/transport/tcp-transport.ts";
import type { Transport } from "../../../src/bms/transport/transport.ts";
import { TransportError } from "../../../src/errors.ts";
import { mockSerialFarEnd } from "./mock-serial.ts";

/** The far end of a line, and how a test takes the line away. */
interface FarEnd {
	readonly transport: Transport;
	/** Resolves with what was received once it holds `length` bytes. */
	received(length: number): Promise<Uint8Array>;
	send(bytes: Uint8Array): void;
	drop(): void;
	stop(): Promise<void>;
}

/** Collects bytes and tells when there are enough. */
function collector() {
	let bytes: number[] = [];
	let waiting: { length: number; resolve: (bytes: Uint8Array) => void } | null = null;
	const check = () => {
		if (waiting && bytes.length >= waiting.length) waiting.resolve(Uint8Array.from(bytes));
	};
	return {
		take(chunk: Uint8Array) {
			bytes = [...bytes, ...chunk];
			check();
		},
		get length() {
			return bytes.length;
		},
		received: (length: number) =>
			new Promise<Uint8Array>((resolve) => {
				waiting = { length, resolve };
				check();
			}),
	};
}

async function memoryFarEnd(): Promise<FarEnd> {
	const inbox = collector();
	let far: MemoryLine | undefined;
	const transport = new MemoryTransport((line) => {
		far = line;
		return { onBytes: inbox.take };
	});
	return { transport, received: inbox.received, send: (bytes) => far?.send(bytes), drop: () => far?.drop(), stop: async () => {} };
}

async function tcpFarEnd(): Promise<FarEnd> {
	const inbox = collector();
	const sockets = new Set<Socket>();
	const server: Server = createServer((socket) => {
		sockets.add(socket);
		socket.on("data", inbox.take);
		socket.on("error", () => {});
		socket.on("close", () => sockets.delete(socket));
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	const port = typeof address === "object" && address ? address.port : 0;
	return {
		transport: new TcpTransport(`tcp://127.0.0.1:${port}`, "127.0.0.1", port),
		received: inbox.received,
		send: (bytes) => {
			for (const socket of sockets) socket.write(bytes);
		},
		drop: () => {
			for (const socket of sockets) socket.destroy();
		},
		stop: async () => {
			for (const socket of sockets) socket.destroy();
			server.close();
			await once(server, "close");
		},
	};
}

const FAR_ENDS = { memory: memoryFarEnd, "TCP loopback": tcpFarEnd, "serial (mock port)": () => mockSerialFarEnd(collector()) };

describe.each(Object.entries(FAR_ENDS))("%s", (_name, makeFarEnd) => {
	let far: FarEnd;
	let inbox: ReturnType<typeof collector>;
	let lost: TransportError[];
	let onLost: () => void;
	let whenLost: Promise<void>;
	const handlers = () => ({
		onBytes: (chunk: Uint8Array) => inbox.take(chunk),
		onLost: (error: TransportError) => {
			lost.push(error);
			onLost();
		},
	});

	beforeEach(async () => {
		inbox = collector();
		lost = [];
		whenLost = new Promise((resolve) => {
			onLost = resolve;
		});
		far = await makeFarEnd();
	});
	afterEach(async () => {
		await far.transport.close();
		await far.stop();
	});

	test("carries every byte value both ways", async () => {
		await far.transport.open(handlers());
		const all = Uint8Array.from({ length: 256 }, (_, n) => n);
		await far.transport.write(all);
		expect(await far.received(256)).toEqual(all);
		far.send(all);
		expect(await inbox.received(256)).toEqual(all);
	});

	test("refuses to write before it is open", async () => {
		await expect(far.transport.write(Uint8Array.of(1))).rejects.toMatchObject({ kind: "transport", code: "closed" });
	});

	test("a write after closing is refused and never sent, not even after the next opening", async () => {
		await far.transport.open(handlers());
		await far.transport.close();
		await expect(far.transport.write(Uint8Array.of(1))).rejects.toMatchObject({ kind: "transport", code: "closed" });
		await far.transport.open(handlers());
		await far.transport.write(Uint8Array.of(2));
		expect(await far.received(1)).toEqual(Uint8Array.of(2));
	});

	test("a second opening while it is open is refused", async () => {
		await far.transport.open(handlers());
		await expect(far.transport.open(handlers())).rejects.toMatchObject({ kind: "transport", code: "busy" });
	});

	test("a line taken away is told once, and later writes are refused", async () => {
		await far.transport.open(handlers());
		await far.transport.write(Uint8Array.of(1));
		await far.received(1);
		far.drop();
		await whenLost;
		await expect(far.transport.write(Uint8Array.of(2))).rejects.toBeInstanceOf(TransportError);
		await far.transport.close();
		expect(lost).toHaveLength(1);
		expect(lost[0]?.context.port).toBe(far.transport.port);
		expect(["unplugged", "closed"]).toContain(lost[0]?.code);
	});

	test("our own closing is not told as a loss, and closing twice is fine", async () => {
		await far.transport.open(handlers());
		await far.transport.close();
		await far.transport.close();
		expect(lost).toEqual([]);
	});

	test("opens again after a loss", async () => {
		await far.transport.open(handlers());
		await far.transport.write(Uint8Array.of(1));
		await far.received(1);
		far.drop();
		await whenLost;
		await far.transport.open(handlers());
		await far.transport.write(Uint8Array.of(9));
		expect((await far.received(2)).at(-1)).toBe(9);
	});
});
