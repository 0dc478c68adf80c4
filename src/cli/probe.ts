import type { ProbeParts } from "../bms/probe/probe.ts";
import { probePort } from "../bms/probe/probe-port.ts";
import type { ProbeReport } from "../bms/probe/probe-report.ts";
import { outcomeWords, stepWords } from "../bms/probe/step-words.ts";
import { isGateway } from "../bms/probe/verdict.ts";
import { listPorts, type SerialPortInfo } from "../bms/transport/list-ports.ts";
import { parsePort } from "../bms/transport/open-transport.ts";
import { type PortAccess, portAccess } from "../bms/transport/port-access.ts";
import { ConfigError } from "../errors.ts";
import { VERSION } from "../index.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { type ProbeOptions, probeOptionsHelp, readProbeOptions } from "./probe-options.ts";
import { takeStopSignals } from "./stop-signals.ts";

/** Exit code when the port cannot be opened at all. */
const EXIT_NO_LINE = 3;

const HELP = [
	"rack-battery probe [--port PORT] [options]",
	"",
	"Finds out where the battery is and what it speaks. Without --port it lists the serial ports and opens none.",
	"With --port it listens first, then asks in every protocol, at every speed and address, with questions that only",
	"read. On RS232 a byte wakes a sleeping pack; with --listen-only nothing is sent.",
	"",
	"Options:",
	...probeOptionsHelp(),
	"",
	"Exit codes: 0 found (or the list was printed), 1 nothing found, 2 wrong use, 3 the port cannot be opened, 130 Ctrl-C.",
];

/** What a test brings along instead of the machine's own. */
export interface ProbeTools {
	readonly listPorts: () => Promise<readonly SerialPortInfo[]>;
	readonly portAccess: (port: string) => Promise<PortAccess>;
}

const TOOLS: ProbeTools = { listPorts, portAccess };

/** `rack-battery probe`. Resolves with the exit code. */
export async function probe(args: readonly string[], io: CliIo, tools: ProbeTools = TOOLS): Promise<number> {
	const options = readProbeOptions(args);
	if (options.help) {
		io.stdout.write(`${HELP.join("\n")}\n`);
		return EXIT.ok;
	}
	if (options.problems.length > 0) return usage(options.problems, io);
	if (options.port === null) return list(options, io, tools);
	try {
		parsePort(options.port);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return usage([error.message], io);
	}
	return tryPort(options.port, options, io, tools);
}

function usage(problems: readonly string[], io: CliIo): number {
	const lines = problems.map((problem) => `  ${problem}`);
	io.stderr.write(`rack-battery probe cannot do that:\n${lines.join("\n")}\nSee rack-battery probe --help.\n`);
	return EXIT.usage;
}

async function list({ json }: ProbeOptions, io: CliIo, tools: ProbeTools): Promise<number> {
	const ports = await tools.listPorts();
	io.stdout.write(json ? `${JSON.stringify({ version: VERSION, ports })}\n` : `${listLines(ports).join("\n")}\n`);
	return EXIT.ok;
}

function listLines(ports: readonly SerialPortInfo[]): readonly string[] {
	if (ports.length === 0) {
		return [
			"This machine has no serial port. Plug in the USB adapter, or try a serial gateway of your network:",
			"  rack-battery probe --port tcp://192.168.1.20:8899",
		];
	}
	const free = ports.find(({ access }) => access.kind === "free") ?? ports[0];
	return [
		"Serial ports (none was opened):",
		...ports.flatMap(({ port, device, description, access }) => [
			`  ${port}`,
			`      ${[port === device ? "" : device, description, accessWords(access)].filter((words) => words !== "").join("; ")}`,
		]),
		"",
		"Try one; on RS232 a byte wakes a sleeping pack (--listen-only sends nothing):",
		`  rack-battery probe --port ${free?.port ?? "PORT"}`,
	];
}

function accessWords(access: PortAccess): string {
	switch (access.kind) {
		case "free":
			return "can be opened";
		case "missing":
			return "is gone";
		case "busy":
			return `in use by ${access.program} (process ${access.pid})`;
		case "no-permission":
			if (access.joined) return `no permission yet: the group ${access.group} was joined, log in again`;
			return `no permission: sudo usermod -aG ${access.group ?? "dialout"} $USER, then log in again`;
	}
}

async function tryPort(port: string, options: ProbeOptions, io: CliIo, tools: ProbeTools): Promise<number> {
	const cancel = new AbortController();
	const signals = takeStopSignals(() => process.exit(EXIT.interrupted));
	void signals.first.then(() => cancel.abort());
	try {
		const say = (text: string) => {
			if (!options.quiet) io.stderr.write(text);
		};
		say(`${opening(port, options)}\n`);
		const report = await probePort({
			...options,
			port,
			limitMs: options.timeoutMs,
			portAccess: tools.portAccess,
			...progressTo(say, isGateway(port)),
			signal: cancel.signal,
		});
		io.stdout.write(options.json ? `${JSON.stringify({ version: VERSION, ...report })}\n` : `${reportLines(report).join("\n")}\n`);
		if (report.found) return EXIT.ok;
		if (report.ended === "cancelled") return EXIT.interrupted;
		return report.ended === "line-lost" ? EXIT_NO_LINE : EXIT.failed;
	} finally {
		signals.release();
	}
}

function opening(port: string, { listenOnly, timeoutMs }: ProbeOptions): string {
	if (listenOnly) return `Listening on ${port}; nothing is sent.`;
	const wakes = isGateway(port) ? "Behind a gateway to RS232" : "On RS232";
	return `Trying ${port} for at most ${timeoutMs / 1000} s, with questions that only read. ${wakes} they wake a sleeping pack.`;
}

function progressTo(say: (text: string) => void, gateway: boolean): Pick<ProbeParts, "onStep" | "onProgress"> {
	return {
		onStep: (step, { done, ahead }) => say(`  [${String(done + 1).padStart(3)}/${done + ahead.length}] ${stepWords(step, gateway)} … `),
		onProgress: ({ outcome }) => say(`${outcomeWords(outcome)}\n`),
	};
}

function reportLines(report: ProbeReport): readonly string[] {
	const { summary, advice, packs, command } = report;
	return [
		summary,
		...packs.map(({ address, switches, voltage, stateOfCharge, cells, version, serial }) => {
			const values = [
				`${voltage.toFixed(2)} V`,
				stateOfCharge === null ? null : `SOC ${Math.round(stateOfCharge)} %`,
				`${cells} cells`,
				version,
				serial,
			];
			return `  pack ${String(address).padStart(2)}  DIP ${switches}  ${values.filter((value) => value !== null).join(", ")}`;
		}),
		...advice.map((text) => `  - ${text}`),
		...(command === null ? [] : ["", "Start the server with it:", `  ${command}`]),
	];
}
