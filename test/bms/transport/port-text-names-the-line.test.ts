import { expect, test } from "vitest";
import { openTransport, parsePort } from "../../../src/bms/transport/open-transport.ts";
import { ConfigError } from "../../../src/errors.ts";

test.each([
	["tcp://192.168.1.20:8899", { kind: "tcp", host: "192.168.1.20", port: 8899 }],
	[" tcp://gateway.local:23 ", { kind: "tcp", host: "gateway.local", port: 23 }],
	["tcp://[fe80::1]:8899/", { kind: "tcp", host: "fe80::1", port: 8899 }],
	["/dev/ttyUSB0", { kind: "serial", path: "/dev/ttyUSB0" }],
	["/dev/serial/by-id/usb-FTDI_x-if00-port0", { kind: "serial", path: "/dev/serial/by-id/usb-FTDI_x-if00-port0" }],
	["com3", { kind: "serial", path: "COM3" }],
] as const)("%s", (text, address) => {
	expect(parsePort(text)).toEqual(address);
});

test.each([
	["", /nothing is given/],
	["simulator", /has to be started/],
	["ttyUSB0", /write \/dev\/ttyUSB0/],
	["192.168.1.20:8899", /write tcp:\/\/192\.168\.1\.20:8899/],
	["tcp://192.168.1.20", /port number/],
	["tcp://:8899", /gateway/],
	["tcp://192.168.1.20:0", /port number/],
	["tcp://192.168.1.20:99999", /gateway/],
	["tcp://192.168.1.20:8899/path", /nothing may follow/],
	["http://192.168.1.20:80", /not http/],
	["/dev/", /neither/],
	["battery", /neither/],
])("%j is refused in words", (text, words) => {
	expect(() => parsePort(text)).toThrow(ConfigError);
	expect(() => parsePort(text)).toThrow(words);
});

test("a password in a gateway's address is not repeated", () => {
	try {
		parsePort("tcp://user:secret@192.168.1.20:8899");
		expect.unreachable();
	} catch (error) {
		expect(error).toBeInstanceOf(ConfigError);
		expect(JSON.stringify(error) + String(error)).not.toContain("secret");
	}
});

test("the transport keeps the port as it was written; only a serial port has a speed of its own", () => {
	expect(openTransport({ port: "/dev/ttyUSB0", baudRate: 19_200 })).toMatchObject({ port: "/dev/ttyUSB0", baudRate: 19_200 });
	expect(openTransport({ port: "tcp://gw:1", baudRate: 19_200 })).toMatchObject({ port: "tcp://gw:1", baudRate: null });
});
