import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import type { PortAccess } from "../../../src/bms/transport/port-access.ts";
import { SerialTransport } from "../../../src/bms/transport/serial-transport.ts";
import { TcpTransport } from "../../../src/bms/transport/tcp-transport.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const handlers = { onBytes() {}, onLost() {} };

const MINICOM: PortAccess = { kind: "busy", program: "minicom", pid: 4711 };
const OURSELVES: PortAccess = { kind: "busy", program: "node rack-battery.js", pid: process.pid };
const FREE: PortAccess = { kind: "free" };
const OUTSIDER: PortAccess = { kind: "no-permission", group: "uucp", joined: false };
const NOT_YET: PortAccess = { kind: "no-permission", group: "uucp", joined: true };
const NO_GROUP: PortAccess = { kind: "no-permission", group: null, joined: false };

/** The words serialport 13 was seen to use, per trouble; what a look at the machine tells; what the owner reads. */
const SERIAL_WORDS = [
	["Error: No such file or directory, cannot open /dev/ttyUSB0", { kind: "missing" }, "not-found", /plugged in/],
	["Opening COM7: File not found", FREE, "not-found", /plugged in/],
	["Error Resource temporarily unavailable Cannot lock port", MINICOM, "busy", /in use by minicom \(process 4711\): end that program/],
	["Error: Device or resource busy, cannot open /dev/ttyUSB0", OURSELVES, "busy", /in this program itself: another bank/],
	["Error Resource temporarily unavailable Cannot lock port", FREE, "busy", /another program.*sudo fuser -v \/dev\/ttyUSB0/],
	["Opening COM3: Access denied", FREE, "busy", /another program/],
	["Error: Permission denied, cannot open /dev/ttyUSB0", OUTSIDER, "no-permission", /sudo usermod -aG uucp \S+, then log in again/],
	["Error: Permission denied, cannot open /dev/ttyUSB0", NOT_YET, "no-permission", /group uucp.*joined after this program was started/],
	["Error: Permission denied, cannot open /dev/ttyUSB0", NO_GROUP, "no-permission", /ls -l \/dev\/ttyUSB0.*dialout/],
	["Error: Operation not permitted, cannot open /dev/ttyUSB0", FREE, "no-permission", /container/],
	["Error: Input/output error", FREE, "failed", /Input\/output error/],
] as const satisfies readonly (readonly [string, PortAccess, string, RegExp])[];

test.each(SERIAL_WORDS)("serial: %s, and the port %j", async (words, access, code, advice) => {
	const load = async () => () => {
		const serial = { isOpen: false, open: (callback: (error: Error) => void) => callback(new Error(words)) };
		return serial as never;
	};
	const transport = new SerialTransport("/dev/ttyUSB0", 9600, { load, lookAt: async () => access });
	const opening = transport.open(handlers);
	await expect(opening).rejects.toMatchObject({ kind: "transport", code, context: { port: "/dev/ttyUSB0" } });
	await expect(opening).rejects.toThrow(advice);
	await expect(opening).rejects.toThrow("/dev/ttyUSB0");
});

test("serial: a device that is not there, with the real module", async () => {
	const transport = new SerialTransport("/dev/rack-battery-no-such-port", 9600);
	await expect(transport.open(handlers)).rejects.toMatchObject({ kind: "transport", code: "not-found" });
	await expect(transport.open(handlers)).rejects.toMatchObject({ code: "not-found" });
});

test("serial: without the native module it names the network gateway as the way out", async () => {
	const transport = new SerialTransport("/dev/ttyUSB0", 9600, { load: () => Promise.reject(new Error("Cannot find module 'serialport'")) });
	const opening = transport.open(handlers);
	await expect(opening).rejects.toMatchObject({ code: "serial-unavailable" });
	await expect(opening).rejects.toThrow(/tcp:\/\/address:port/);
});

test("serial: closed while it opens, it does not stay open", async () => {
	let opened: () => void = () => {};
	let closed = 0;
	const serial = {
		isOpen: false,
		open(callback: (error: Error | null) => void) {
			opened = () => {
				serial.isOpen = true;
				callback(null);
			};
		},
		close(callback: () => void) {
			serial.isOpen = false;
			closed += 1;
			callback();
		},
	};
	const transport = new SerialTransport("/dev/ttyUSB0", 9600, { load: async () => () => serial as never });
	const opening = expect(transport.open(handlers)).rejects.toMatchObject({ code: "closed" });
	await Promise.resolve();
	await transport.close();
	opened();
	await opening;
	expect(closed).toBe(1);
});

test("serial: a port that is closing by itself takes no bytes, though nobody was told yet", async () => {
	const sent: unknown[] = [];
	const serial = {
		isOpen: false,
		open(callback: (error: Error | null) => void) {
			serial.isOpen = true;
			callback(null);
		},
		on() {},
		write: (bytes: unknown, callback: () => void) => {
			sent.push(bytes);
			callback();
		},
		close: (callback: () => void) => callback(),
	};
	const transport = new SerialTransport("/dev/ttyUSB0", 9600, { load: async () => () => serial as never });
	await transport.open(handlers);
	await transport.write(Uint8Array.of(1));
	serial.isOpen = false;
	await expect(transport.write(Uint8Array.of(2))).rejects.toMatchObject({ kind: "transport", code: "unplugged" });
	expect(sent).toHaveLength(1);
});

test("TCP: a port nobody listens on is refused, in words about the gateway", async () => {
	const server = createServer();
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	const port = typeof address === "object" && address ? address.port : 0;
	server.close();
	await once(server, "close");
	const transport = new TcpTransport(`tcp://127.0.0.1:${port}`, "127.0.0.1", port);
	const opening = transport.open(handlers);
	await expect(opening).rejects.toMatchObject({ kind: "transport", code: "refused" });
	await expect(opening).rejects.toThrow(/gateway/);
});

test("TCP: a gateway that does not take the connection is given up in time", async () => {
	const clock = new ManualClock();
	// 192.0.2.0/24 is reserved for documents: no machine is there. Some networks refuse it at once.
	const transport = new TcpTransport("tcp://192.0.2.1:8899", "192.0.2.1", 8899, { clock, connectTimeoutMs: 3000 });
	const opening = expect(transport.open(handlers)).rejects.toMatchObject({ kind: "transport", code: "unreachable" });
	await clock.advance(3000);
	await opening;
	expect(clock.pending).toBe(0);
});

test("TCP: closed while it opens, the opening fails and no timer stays", async () => {
	const clock = new ManualClock();
	const transport = new TcpTransport("tcp://192.0.2.1:8899", "192.0.2.1", 8899, { clock });
	const opening = expect(transport.open(handlers)).rejects.toMatchObject({ kind: "transport" });
	await transport.close();
	await opening;
	expect(clock.pending).toBe(0);
});

test("tcp: a gateway that ends the connection at once is taken by another program", async () => {
	const server = createServer((socket) => socket.end());
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as { port: number };
	const transport = new TcpTransport(`tcp://127.0.0.1:${port}`, "127.0.0.1", port);
	const lost = await new Promise<Error>((resolve, reject) => {
		transport.open({ onBytes() {}, onLost: resolve }).catch(reject);
	});
	expect(lost.message).toMatch(/one connection only/);
	await transport.close();
	server.close();
	await once(server, "close");
});
