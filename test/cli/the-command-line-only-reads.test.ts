import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, expect, it } from "vitest";
import { checkFrame } from "../../src/bms/protocol/ascii/ascii-frame.ts";
import { readV20Request } from "../../src/bms/protocol/ascii20/ascii20-answers.ts";
import { V20_FAMILY } from "../../src/bms/protocol/ascii20/dialects.ts";
import { readModbusRequest } from "../../src/bms/protocol/modbus/modbus-answers.ts";
import { checkAdu } from "../../src/bms/protocol/modbus/modbus-frame.ts";
import { clock } from "../../src/cli/clock.ts";
import { inverter } from "../../src/cli/inverter.ts";
import { clearRecords, restoreDefaults, shutdown } from "../../src/cli/maintenance.ts";
import { parameters } from "../../src/cli/parameters.ts";
import { password } from "../../src/cli/password.ts";
import { probe } from "../../src/cli/probe.ts";
import { support } from "../../src/cli/support.ts";
import { switchCommand } from "../../src/cli/switch.ts";
import { systemClock } from "../../src/clock.ts";
import { defaultsOf } from "../../src/settings.ts";
import { SIMULATOR_SETTINGS, type SimulatorSettings } from "../../src/simulator/options.ts";
import { SimulatedBank } from "../../src/simulator/simulated-bank.ts";
import { mayWrite } from "../command/commanded-bank.ts";
import { runCli } from "./run-cli.ts";

/** The commands that open a line of their own; `start` opens the bank, whose ways in are tested apart. */

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0)) await end();
});

/** A battery at a gateway that answers at once, or is silent; what it is asked is written down. */
async function recordedBattery(protocol: SimulatorSettings["protocol"] | null) {
	const battery =
		protocol === null ? null : new SimulatedBank({ ...defaultsOf(SIMULATOR_SETTINGS), packs: 1, protocol }, { clock: systemClock });
	const asked: Uint8Array[] = [];
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => {});
		socket.on("data", (bytes) => {
			asked.push(Uint8Array.from(bytes));
			const answer = battery?.answer(Uint8Array.from(bytes));
			if (answer) socket.write(answer);
		});
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	ends.push(() => {
		for (const socket of sockets) socket.destroy();
		return new Promise((closed) => server.close(() => closed()));
	});
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("the battery has no port");
	return { asked, port: `tcp://127.0.0.1:${address.port}` };
}

function io() {
	const swallow = () => new PassThrough().resume();
	return { stdin: new PassThrough(), stdout: swallow(), stderr: swallow() };
}

/** Surely a question that only reads, in whatever protocol. */
function onlyReads(bytes: Uint8Array): boolean {
	if (!mayWrite(bytes)) return true;
	const v20 = checkFrame(bytes, V20_FAMILY);
	if (v20.ok) return !["setClock", "unknown", "malformed"].includes(readV20Request(v20.frame).kind);
	return checkAdu(bytes).ok && readModbusRequest(bytes)?.kind === "read";
}

it("probing and capturing put nothing on the wire but questions that read, whoever answers or nobody", async () => {
	const runs = [
		["ascii-0x25", "ascii-0x25"],
		["ascii-0x25-rs485", "ascii-0x25"],
		["ascii-0x20-pylontech", "ascii-0x20"],
		["ascii-0x20-pace", "ascii-0x20"],
		["ascii-0x20-seplos", "ascii-0x20"],
		["ascii-0x20-eg4", "ascii-0x20-eg4"],
		["modbus-rtu", "modbus-rtu"],
		[null, "ascii-0x25"],
		[null, "modbus-rtu"],
	] as const;
	const seen = await Promise.all(
		runs.map(async ([spoken, tried]) => {
			const { asked, port } = await recordedBattery(spoken);
			const code = await probe(["--port", port, "--protocol", tried, "--timeout", "5", "--quiet"], io());
			return { name: `${spoken} ${tried}`, code, asked };
		}),
	);
	const captured = await recordedBattery("ascii-0x25");
	expect(await support(["--capture", "5", "--port", captured.port], io(), { environment: {}, folder: import.meta.dirname })).toBe(0);
	for (const { name, code, asked } of seen) {
		expect(code, name).toBe(name.startsWith("null") ? 1 : 0);
		expect(asked.length, name).toBeGreaterThan(0);
	}
	const all = [...seen.flatMap(({ asked }) => asked), ...captured.asked];
	expect(captured.asked.length).toBeGreaterThan(0);
	expect(all.filter((bytes) => !onlyReads(bytes)).map((bytes) => String.fromCharCode(...bytes))).toEqual([]);
}, 30_000);

it.each([["switch", "buzzer", "on"], ["--switch", "buzzer"], ["--write-parameters", "{}"], ["shut-down"]])(
	"%s is nothing it knows, and nothing is sent",
	async (...words) => {
		const { asked, port } = await recordedBattery("ascii-0x25");
		expect(await probe([...words, "--port", port], io())).toBe(2);
		expect(await support([...words, "--port", port], io(), { environment: {}, folder: import.meta.dirname })).toBe(2);
		expect(asked).toEqual([]);
	},
);

/** TABLE of everything on the command line that would change a battery. */
const WRITES = [
	[clock, ["set"]],
	[switchCommand, ["buzzer", "on"]],
	[switchCommand, ["chargeMosfet", "off", "--yes"]],
	[inverter, ["set", "automatic", "--yes"]],
	[parameters, ["set", "cellOvervoltageAlarm=3.55", "--yes"]],
	[parameters, ["restore", "--yes"]],
	[shutdown, ["--yes"]],
	[clearRecords, ["--yes"]],
	[restoreDefaults, ["--yes"]],
] as const;

it("what would change the battery puts no write on the wire while its settings only read, with the right password too", async () => {
	const folder = mkdtempSync(join(tmpdir(), "rack-battery-reads-"));
	ends.push(async () => rmSync(folder, { recursive: true, force: true }));
	const { asked, port } = await recordedBattery("ascii-0x25");
	const line = ["--port", port, "--data", folder];
	expect(await runCli(password, ["set", ...line], ["correct horse"]).exit).toBe(0);
	for (const [command, args] of WRITES) {
		const { exit, errors } = runCli(command, [...args, ...line], ["correct horse", "yes"]);
		expect(await exit, args.join(" ")).not.toBe(0);
		expect(errors(), args.join(" ")).not.toBe("");
	}
	expect(asked.filter((bytes) => !onlyReads(bytes))).toEqual([]);
	// The recorder would have seen one.
	expect(await runCli(switchCommand, ["buzzer", "on", ...line, "--set", "bank.writeClasses=comfort"]).exit).toBe(0);
	expect(asked.filter((bytes) => !onlyReads(bytes)).length).toBe(1);
}, 60_000);
