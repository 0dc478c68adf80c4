import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../src/bms/protocol/protocols.ts";
import type { SerialPortInfo } from "../../src/bms/transport/list-ports.ts";
import { type ProbeTools, probe } from "../../src/cli/probe.ts";
import { readProbeOptions } from "../../src/cli/probe-options.ts";
import { defaultsOf } from "../../src/settings.ts";
import { SIMULATOR_SETTINGS, type SimulatorSettings } from "../../src/simulator/options.ts";
import { startSimulatedLine } from "../../src/simulator/tcp-line.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0)) await end();
});

async function run(args: readonly string[], tools: Partial<ProbeTools> = {}) {
	const stream = () => {
		const through = new PassThrough();
		let text = "";
		through.on("data", (chunk: Buffer) => {
			text += chunk.toString();
		});
		return { through, text: () => text };
	};
	const [out, errors] = [stream(), stream()];
	const io = { stdin: new PassThrough(), stdout: out.through, stderr: errors.through };
	const code = await probe(args, io, { listPorts: async () => [], portAccess: async () => ({ kind: "free" }), ...tools });
	return { code, out: out.text(), errors: errors.text() };
}

async function battery(settings: Partial<SimulatorSettings> = {}) {
	const line = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), baudRate: 0, answerDelayMs: 0, ...settings });
	ends.push(() => line.stop());
	return line.port;
}

const PORTS: readonly SerialPortInfo[] = [
	{
		port: "/dev/ttyUSB0",
		device: "/dev/ttyUSB0",
		description: "WCH CH340",
		vendorId: "1a86",
		productId: "7523",
		access: { kind: "busy", program: "node", pid: 7 },
	},
	{
		...{ port: "/dev/serial/by-id/usb-FTDI", device: "/dev/ttyUSB1", description: "FTDI", vendorId: null, productId: null },
		access: { kind: "no-permission", group: "uucp", joined: false },
	},
	{ port: "/dev/ttyUSB2", device: "/dev/ttyUSB2", description: "serial port", vendorId: null, productId: null, access: { kind: "free" } },
];

describe("rack-battery probe", () => {
	it("without a port lists the ports, what stands in the way, and what to type", async () => {
		const { code, out } = await run([], { listPorts: async () => PORTS });
		expect(code).toBe(0);
		expect(out).toMatch(/in use by node \(process 7\)/);
		expect(out).toMatch(/sudo usermod -aG uucp \$USER/);
		expect(out).toMatch(/rack-battery probe --port \/dev\/ttyUSB2/);
		expect(out).toMatch(/wakes a sleeping pack/);
		const { out: json } = await run(["--json"], { listPorts: async () => PORTS });
		expect(JSON.parse(json)).toMatchObject({ ports: PORTS });
		expect((await run([])).out).toMatch(/no serial port.*\n.*tcp:/);
	});

	it("finds the simulated battery over TCP, shows values as a proof and the setting to copy", async () => {
		const port = await battery({ packs: 2, stateOfCharge: 63 });
		const { code, out, errors } = await run(["--port", port]);
		expect(code).toBe(0);
		expect(out).toMatch(/Found the main pack on RS232: PACE ASCII 0x25, 2 pack/);
		expect(out).toMatch(/pack {2}2 {2}DIP □■□□ {2}5\d\.\d\d V, SOC 63 %/);
		expect(out).toContain(`npm start -- --port ${port} --set bank.protocol=ascii-0x25`);
		expect(errors).toMatch(/wake a sleeping pack/);
		expect(errors).toMatch(/listening for 2 s, nothing is sent … silence/);
	});

	it("prints one documented object with --json", async () => {
		const port = await battery({ packs: 1 });
		const { code, out, errors } = await run(["--json", "--quiet", "--port", port]);
		expect(code).toBe(0);
		expect(errors).toBe("");
		expect(JSON.parse(out)).toMatchObject({
			...{
				port,
				found: true,
				verdict: "found-main-pack",
				protocol: "ascii-0x25",
				baudRate: null,
				socket: "rs232",
				count: 1,
				ended: null,
			},
			packs: [{ address: 1, switches: "■□□□", cells: 16, version: "P16S100A-SIM-1.00" }],
			settings: { "bank.port": port, "bank.protocol": "ascii-0x25" },
		});
	});

	it("only listens when told so", async () => {
		const port = await battery();
		const { code, out, errors } = await run(["--listen-only", "--port", port]);
		expect(code).toBe(1);
		expect(errors).toMatch(/nothing is sent/);
		expect(out).toMatch(/Nothing was heard.*Nothing was sent/);
	});

	it("says why a port cannot be opened", async () => {
		const { code, out } = await run(["--port", "tcp://127.0.0.1:1"]);
		expect(code).toBe(3);
		expect(out).toMatch(/refuses the connection/);
	});

	it.each([
		[["--prot", "x"], /--prot is no option; did you mean --port\?/],
		[["--port"], /--port needs a value/],
		[["/dev/ttyUSB0"], /given by --port \/dev\/ttyUSB0/],
		[["--port", "192.168.1.20:8899"], /write tcp:\/\/192\.168\.1\.20:8899/],
		[["--port", "/dev/ttyUSB0", "--timeout", "1"], /from 5 to 600/],
		[["--port", "/dev/ttyUSB0", "--baud-rate", "fast"], /from 1200 to 115200/],
		[["--port", "/dev/ttyUSB0", "--protocol", "modbus"], /did you mean modbus-rtu\?/],
	])("refuses %j in words", async (args, words) => {
		const { code, errors, out } = await run(args);
		expect(code).toBe(2);
		expect(errors).toMatch(words);
		expect(out).toBe("");
	});

	it("takes the names that a bank's protocol has, and auto for all", () => {
		const named = (name: string) => readProbeOptions(["--protocol", name]);
		for (const name of Object.keys(PROTOCOLS)) expect(named(name).problems, name).toEqual([]);
		expect(named("auto")).toMatchObject({ protocol: null, problems: [] });
		expect(named("ascii-0x20-pace").protocol).toBe("ascii-0x20");
		expect(named("ascii-0x25-rs485").protocol).toBe("ascii-0x25");
	});

	it("explains itself", async () => {
		const { code, out } = await run(["--help"]);
		expect(code).toBe(0);
		expect(out).toMatch(/Exit codes: 0 found/);
	});
});
