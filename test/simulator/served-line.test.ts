import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type SimulatedLineServer, startSimulatedLine } from "../../src/simulator/tcp-line.ts";
import { quiet } from "./simulated.ts";

const started: SimulatedLineServer[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
	for (const socket of sockets.splice(0)) socket.destroy();
	await Promise.all(started.splice(0).map((line) => line.stop()));
});

async function start(...args: Parameters<typeof startSimulatedLine>): Promise<SimulatedLineServer> {
	const line = await startSimulatedLine(...args);
	started.push(line);
	return line;
}

const portNumber = (line: SimulatedLineServer) => Number(new URL(line.port).port);

async function client(line: SimulatedLineServer): Promise<Socket> {
	const socket = connect(portNumber(line), "127.0.0.1");
	socket.on("error", () => {});
	sockets.push(socket);
	await once(socket, "connect");
	return socket;
}

/** Everything that arrives up to and with the end mark. */
async function frame(socket: Socket): Promise<string> {
	let received = "";
	while (!received.endsWith("\r")) {
		const [chunk] = (await once(socket, "data")) as [Buffer];
		received += chunk.toString("latin1");
	}
	return received;
}

const REQUEST = "~25014644E00201FD2E\r";
const fast = quiet({ packs: 1, baudRate: 0, answerDelayMs: 0 });

describe("a simulated bank on a TCP line", () => {
	it("answers 42h and 44h at 9600 baud in the time the wire takes", async () => {
		const line = await start(quiet({ packs: 1 }));
		expect(line.port).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
		expect(line.origin).toBe("simulated");
		const socket = await client(line);
		const begin = performance.now();
		socket.write(REQUEST);
		const answer = await frame(socket);
		const took = performance.now() - begin;
		expect(answer.slice(0, 9)).toBe("~25014600");
		// 20 bytes asked, 30 ms, 96 bytes answered: 151 ms; a busy machine may add to it but nothing may come early.
		expect(took).toBeGreaterThan(148);
	});

	it("sends to all who are connected what the battery says, as a gateway does", async () => {
		const line = await start(fast);
		const [first, second] = [await client(line), await client(line)];
		const heard = Promise.all([frame(first), frame(second)]);
		first.write(REQUEST);
		const [one, other] = await heard;
		expect(one).toBe(other);
	});

	it("pulled at the battery: connected but silent; plugged in again: answers", async () => {
		const line = await start(fast);
		const socket = await client(line);
		await line.control.pullCable();
		expect(line.control.state().cable).toBe("silent");
		let heard = 0;
		socket.on("data", () => heard++);
		socket.write(REQUEST);
		// A second connection is still taken, so the first one's bytes have been there before it.
		await client(line);
		expect([heard, socket.destroyed]).toEqual([0, false]);
		await line.control.plugCable();
		const answer = frame(socket);
		socket.write(REQUEST);
		expect((await answer).slice(0, 9)).toBe("~25014600");
	});

	it("pulled at the computer: connections break and new ones are refused; then the same port answers again", async () => {
		const line = await start(fast);
		const socket = await client(line);
		const closed = once(socket, "close");
		await line.control.pullCable("dropped");
		await closed;
		await expect(client(line)).rejects.toThrow("ECONNREFUSED");
		const { port } = line;
		await line.control.plugCable();
		expect(line.port).toBe(port);
		const again = await client(line);
		const answer = frame(again);
		again.write(REQUEST);
		expect((await answer).slice(0, 9)).toBe("~25014600");
	});

	it("can be pulled in both ways after one another", async () => {
		const line = await start(fast);
		await line.control.pullCable("dropped");
		await line.control.pullCable("silent");
		await client(line);
		await line.control.pullCable("dropped");
		await line.control.pullCable("dropped");
		await expect(client(line)).rejects.toThrow("ECONNREFUSED");
		await line.control.plugCable();
		await line.control.plugCable();
		await client(line);
	});

	it("says in words that a port is taken", async () => {
		const other = createServer().listen(0, "127.0.0.1");
		await once(other, "listening");
		const address = other.address();
		const taken = typeof address === "object" && address !== null ? address.port : 0;
		await expect(startSimulatedLine(fast, { listenPort: taken })).rejects.toMatchObject({
			code: "busy",
			message: expect.stringContaining(`Port ${taken} is taken`),
		});
		other.close();
		await once(other, "close");
	});

	it("stops with clients connected and an answer under way", async () => {
		const line = await start(quiet({ packs: 15 }));
		const socket = await client(line);
		socket.write("~25014644E002FFFD03\r");
		await once(socket, "data");
		const closed = once(socket, "close");
		await line.stop();
		await closed;
		await line.stop();
		await expect(client(line)).rejects.toThrow("ECONNREFUSED");
	});
});
