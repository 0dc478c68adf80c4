import { SerialPortMock } from "serialport";
import { afterEach, describe, expect, it } from "vitest";
import { openBank } from "../../../src/bms/open-bank.ts";
import { BANK_SETTINGS } from "../../../src/bms/options.ts";
import { openModemLines } from "../../../src/bms/transport/modem-lines.ts";
import { type SerialPortFactory, SerialTransport } from "../../../src/bms/transport/serial-transport.ts";
import type { Transport } from "../../../src/bms/transport/transport.ts";
import { silentLogger } from "../../../src/logger.ts";
import { defaultsOf } from "../../../src/settings.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const PATH = "/dev/mock-lines";
const ports: SerialPortMock[] = [];
const factory: SerialPortFactory = (options) => {
	const port = new SerialPortMock(options);
	ports.push(port);
	return port as unknown as ReturnType<SerialPortFactory>;
};
const transport = () => new SerialTransport(PATH, 9600, { load: async () => factory });
/** The device goes away, as serialport tells it: "close" with an error. */
const unplug = () => ports.at(-1)?.close(undefined, Object.assign(new Error("read failed"), { disconnected: true }));

afterEach(() => {
	SerialPortMock.binding.reset();
	ports.length = 0;
});

/** What the mock adapter of the serialport package reports. */
const LINES = { CTS: true, DSR: false, DCD: false };

describe("the modem lines of a serial adapter", () => {
	it("are read while the port is open", async () => {
		SerialPortMock.binding.createPort(PATH);
		const line = transport();
		await expect(line.modemLines()).rejects.toMatchObject({ kind: "transport", code: "closed" });
		await line.open({ onBytes() {}, onLost() {} });
		expect(await line.modemLines()).toEqual(LINES);
		await line.close();
		await expect(line.modemLines()).rejects.toMatchObject({ code: "closed" });
	});

	it("have RI with them where the system tells it, and lose no other line where it does not", async () => {
		SerialPortMock.binding.createPort(PATH);
		let ring: boolean | undefined;
		const asked: unknown[] = [];
		const line = new SerialTransport(PATH, 9600, {
			load: async () => factory,
			async ringIndicator(fileDescriptor) {
				asked.push(fileDescriptor);
				return ring;
			},
		});
		await line.open({ onBytes() {}, onLost() {} });
		Object.assign(ports[0]?.port ?? {}, { fd: 7 });
		expect(await line.modemLines()).toEqual(LINES);
		ring = true;
		expect(await line.modemLines()).toEqual({ ...LINES, RI: true });
		ring = false;
		expect(await line.modemLines()).toEqual({ ...LINES, RI: false });
		expect(asked).toEqual([7, 7, 7]);
		await line.close();
	});

	it("of another adapter open it when asked, also again after it was unplugged, and never after the end", async () => {
		SerialPortMock.binding.createPort(PATH);
		const reader = openModemLines(PATH, { clock: new ManualClock(), transport: transport() });
		expect(await reader.read()).toEqual(LINES);
		expect(await reader.read()).toEqual(LINES);
		expect(ports).toHaveLength(1);
		const gone = new Promise<void>((closed) => ports[0]?.once("close", () => closed()));
		unplug();
		await gone;
		expect(await reader.read()).toEqual(LINES);
		expect(ports).toHaveLength(2);
		await reader.close();
		expect(ports[1]?.isOpen).toBe(false);
		await expect(reader.read()).rejects.toThrow(/closed/);
		expect(ports).toHaveLength(2);
	});

	it("say in words why they cannot be read", async () => {
		const missing = openModemLines(PATH, { clock: new ManualClock(), transport: transport() });
		await expect(missing.read()).rejects.toThrow(/mock-lines/);
		const gateway = openModemLines("tcp://127.0.0.1:4001", { clock: new ManualClock() });
		await expect(gateway.read()).rejects.toThrow("tcp://127.0.0.1:4001 is no serial port of this machine");
		expect(() => openModemLines("serial one", { clock: new ManualClock() })).toThrow(/cannot be used/);
	});

	it("of the battery's own adapter come through the open bank", async () => {
		SerialPortMock.binding.createPort(PATH);
		const line = transport();
		let opened: () => void = () => {};
		const isOpen = new Promise<void>((done) => {
			opened = done;
		});
		const watched: Transport = {
			port: line.port,
			baudRate: line.baudRate,
			open: (handlers) => line.open(handlers).then(opened),
			write: (bytes) => line.write(bytes),
			close: () => line.close(),
			modemLines: () => line.modemLines(),
		};
		const deps = { origin: "real", logger: silentLogger, transport: watched } as const;
		const bank = openBank({ ...defaultsOf(BANK_SETTINGS), port: PATH }, deps);
		await isOpen;
		expect(await bank.modemLines?.()).toEqual(LINES);
		await bank.close();
		const onGateway = openBank({ ...defaultsOf(BANK_SETTINGS), port: "tcp://127.0.0.1:1" }, { origin: "real", logger: silentLogger });
		await expect(onGateway.modemLines?.()).rejects.toThrow("no serial port of this machine");
		await onGateway.close();
	});
});
