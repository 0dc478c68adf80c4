import { createInterface } from "node:readline";
import { BmsError, ConfigError, messageOf } from "../errors.ts";
import { helpTable } from "../help-table.ts";
import { createGuardedServer } from "../server/guarded-server.ts";
import { listenOnFreePort } from "../server/listen.ts";
import { createSimulatorApp } from "../server/simulator-api.ts";
import { StartError } from "../server/start-error.ts";
import { commandHelp, runCommand } from "../simulator/commands.ts";
import type { SimulatorControl } from "../simulator/simulator-control.ts";
import { type SimulatedLineServer, startSimulatedLine } from "../simulator/tcp-line.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { readSimulateOptions, type SimulateOptions, simulateOptionsHelp } from "./simulate-options.ts";
import { takeStopSignals } from "./stop-signals.ts";

const HELP = [
	"rack-battery simulate [options]",
	"",
	"Runs a simulated bank that speaks the battery's own protocol on a TCP port of this machine, or with --replay",
	"answers with captured replies of a real one. Point a bank's port at the address it prints.",
	"With --scenario things happen to it over time; docs/scenarios.md tells how they are written.",
	"",
	"Options:",
	...simulateOptionsHelp(),
	"",
	'Commands, one a line on its input (and over HTTP as {"command": "…"} posted to /command; GET /state shows all):',
	commandHelp(),
	...helpTable([["quit", "ends it"]]),
	"",
	"Exit codes: 0 ended by quit or Ctrl-C, 1 could not run, 2 the options or the file cannot be used.",
];

/** `rack-battery simulate`: runs until `quit` or Ctrl-C; the end of its input does not end it. Resolves with the exit code. */
export async function simulate(args: readonly string[], io: CliIo): Promise<number> {
	const options = readSimulateOptions(args);
	if (options.help) {
		io.stdout.write(`${HELP.join("\n")}\n`);
		return EXIT.ok;
	}
	if (options.problems.length > 0) {
		const lines = options.problems.map(({ path, message }) => `  ${path} ${message}`);
		io.stderr.write(`rack-battery simulate cannot use these options:\n${lines.join("\n")}\nSee rack-battery simulate --help.\n`);
		return EXIT.usage;
	}
	try {
		return await run(options, io);
	} catch (error) {
		if (!(error instanceof BmsError || error instanceof StartError)) throw error;
		io.stderr.write(`${error.message}\n`);
		return error instanceof ConfigError ? EXIT.usage : EXIT.failed;
	}
}

async function run(options: SimulateOptions, io: CliIo): Promise<number> {
	const line = await startSimulatedLine(options.settings, { listenPort: options.listenPort });
	const signals = takeStopSignals(() => process.exit(EXIT.interrupted));
	let http: OpenHttp | null = null;
	try {
		if (options.httpPort !== null) http = await openHttp(line.control, options.httpPort);
		announce(options, io, line, http);
		const commands = readCommands(line.control, options.json, io);
		await Promise.race([commands.quit, signals.first]);
		commands.stop();
		return EXIT.ok;
	} finally {
		signals.release();
		await Promise.all([line.stop(), http?.stop()]);
	}
}

interface OpenHttp {
	readonly address: string;
	stop(): Promise<void>;
}

async function openHttp(control: SimulatorControl, wanted: number): Promise<OpenHttp> {
	const server = createGuardedServer({ hostNames: [], password: "", ownLogin: [], open: [], ingress: "" });
	server.on("request", createSimulatorApp(control));
	const port = await listenOnFreePort(server, "The simulator's HTTP", "127.0.0.1", wanted);
	const stop = () =>
		new Promise<void>((resolve) => {
			server.close(() => resolve());
			server.closeAllConnections();
		});
	return { address: `http://127.0.0.1:${port}`, stop };
}

function announce({ json, settings }: SimulateOptions, io: CliIo, line: SimulatedLineServer, http: OpenHttp | null): void {
	const { port, origin } = line;
	if (json) {
		io.stdout.write(`${JSON.stringify({ event: "listening", port, origin, http: http?.address ?? null })}\n`);
		return;
	}
	const packs = `${settings.packs} ${settings.packs === 1 ? "pack" : "packs"}`;
	const what = origin === "simulated" ? `A SIMULATED bank of ${packs}` : `A REPLAY of ${settings.replay}`;
	const unused = line.control.state().replay?.unused ?? [];
	io.stdout.write(
		[
			`${what} answers at ${port}`,
			...(settings.scenario === "" ? [] : [`The scenario ${settings.scenario} begins with the first question.`]),
			...(settings.timeFactor === 1
				? []
				: [`The battery lives ${settings.timeFactor} times as fast; its line keeps the pace of the wire.`]),
			...(http === null ? [] : [`Commands over HTTP: ${http.address} (GET /state, POST /command)`]),
			...(unused.length === 0 ? [] : [`Not used, because nothing shows what was asked: ${unused.join(", ")}`]),
			"Type help for the commands; quit or Ctrl-C ends it.",
			"",
		].join("\n"),
	);
}

interface Commands {
	/** Resolves when somebody types quit. */
	readonly quit: Promise<void>;
	stop(): void;
}

function readCommands(control: SimulatorControl, json: boolean, io: CliIo): Commands {
	const input = createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY });
	let resolveQuit: () => void = () => {};
	const quit = new Promise<void>((resolve) => {
		resolveQuit = resolve;
	});
	// One after the other, so that answers come in the order of the commands.
	let last: Promise<void> = Promise.resolve();
	input.on("line", (text) => {
		if (text.trim() === "") return;
		last = last.then(async () => {
			if (/^\s*(quit|exit)\s*$/i.test(text)) resolveQuit();
			else io.stdout.write(`${await answerOf(control, text, json)}\n`);
		});
	});
	return {
		quit,
		stop() {
			input.close();
			io.stdin.pause();
		},
	};
}

async function answerOf(control: SimulatorControl, text: string, json: boolean): Promise<string> {
	try {
		const result = await runCommand(control, text);
		return json ? JSON.stringify({ ok: true, ...result }) : result.text;
	} catch (error) {
		if (!(error instanceof BmsError)) throw error;
		return json ? JSON.stringify({ ok: false, error: { code: error.code, message: error.message } }) : messageOf(error);
	}
}
