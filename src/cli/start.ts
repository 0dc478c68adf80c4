import { optionsHelp, settingsHelp } from "../config/command-line.ts";
import { type LoadedConfig, loadConfig } from "../config/load-config.ts";
import { ConfigError, createConsoleLogger, type Logger, messageOf, TransportError } from "../index.ts";
import { createLogRing } from "../server/log-ring.ts";
import { StartError } from "../server/start-error.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { composeServer } from "./compose-server.ts";
import { greeting } from "./greeting.ts";
import { takeStopSignals } from "./stop-signals.ts";

const HELP = [
	"rack-battery start [options]",
	"",
	"Runs the server: Node-RED with our nodes and flows, the status page, and (unless --mqtt names another) an MQTT",
	"broker. Without --port it runs with a simulated battery.",
	"",
	"Options:",
	...optionsHelp(),
	"",
	'Every setting may stand in the settings file (rack-battery.json in the working folder: { "bank": { "port": … } }),',
	"in the environment (bank.baudRate is RACK_BATTERY_BANK_BAUD_RATE), or be given by --set; the later of these wins:",
	...settingsHelp(),
	"",
	"Exit codes: 0 ended by Ctrl-C, 1 could not run, 2 the settings cannot be used.",
];

/** What was expected to be able to go wrong: said in words, without a stack. */
function isExpected(error: unknown): error is Error {
	return error instanceof ConfigError || error instanceof StartError || error instanceof TransportError;
}

/** Says why the start failed; the exit code. */
function explain(error: unknown, io: CliIo): number {
	const text = isExpected(error) ? error.message : `Rack Battery could not start: ${messageOf(error)}`;
	io.stderr.write(`${text}\n`);
	return error instanceof ConfigError ? EXIT.usage : EXIT.failed;
}

/** Something failed that nobody awaited (a flow's function, say): the server ends in order rather than in an unknown state. */
function takeUnexpectedErrors(logger: Logger): { readonly first: Promise<void>; release(): void } {
	let resolveFirst: () => void = () => {};
	const first = new Promise<void>((resolve) => {
		resolveFirst = resolve;
	});
	const handle = (error: unknown) => {
		logger.error(
			`Something failed that nothing here expected, so the server ends: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
		);
		resolveFirst();
	};
	process.on("uncaughtException", handle);
	process.on("unhandledRejection", handle);
	return {
		first,
		release() {
			process.off("uncaughtException", handle);
			process.off("unhandledRejection", handle);
		},
	};
}

async function run(loaded: LoadedConfig, io: CliIo): Promise<number> {
	const log = createLogRing();
	const logger = createConsoleLogger({
		write(line) {
			io.stderr.write(`${line}\n`);
			log.add(line);
		},
	});
	const signals = takeStopSignals(() => process.exit(EXIT.interrupted));
	const unexpected = takeUnexpectedErrors(logger);
	try {
		const server = await composeServer(loaded, process.cwd(), logger, log);
		io.stdout.write(`${greeting(server.facts).join("\n")}\n`);
		const code = await Promise.race([signals.first.then(() => EXIT.ok), unexpected.first.then(() => EXIT.failed)]);
		io.stdout.write("Ending …\n");
		await server.stop();
		return code;
	} finally {
		unexpected.release();
		signals.release();
	}
}

/** `rack-battery start`: runs until Ctrl-C. Resolves with the exit code; never rejects. */
export async function start(args: readonly string[], io: CliIo): Promise<number> {
	if (args.includes("--help") || args.includes("-h")) {
		io.stdout.write(`${HELP.join("\n")}\n`);
		return EXIT.ok;
	}
	try {
		return await run(loadConfig(args), io);
	} catch (error) {
		return explain(error, io);
	}
}
