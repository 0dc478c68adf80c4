#!/usr/bin/env node
import { VERSION } from "../index.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { keepHeapSmall } from "./keep-heap-small.ts";

type Run = (args: string[], io: CliIo) => Promise<number>;

interface Subcommand {
	readonly summary: string;
	/** Loaded only when asked for: `decode` need not wait for Node-RED. */
	readonly load: () => Promise<Run>;
	/** Whether it holds the process open by parts that are not its own (Node-RED), so that its end ends the process. */
	readonly exits?: true;
}

/** TABLE of the subcommands. */
const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
	start: {
		summary: "Runs the server: battery, MQTT and Home Assistant, Node-RED, status page.",
		load: async () => {
			keepHeapSmall();
			return (await import("./start.ts")).start;
		},
		exits: true,
	},
	probe: {
		summary: "Finds the battery: lists the ports, tries one, says what is there or what is wrong.",
		load: async () => (await import("./probe.ts")).probe,
	},
	support: {
		summary: "Collects what helps with a bug report, without secrets.",
		load: async () => (await import("./support.ts")).support,
	},
	simulate: {
		summary: "Runs a simulated battery on a TCP port, or replays captured answers.",
		load: async () => (await import("./simulate.ts")).simulate,
	},
	decode: {
		summary: "Reads captured frames and prints what they say, one JSON object a line.",
		load: async () => (await import("./decode.ts")).decode,
	},
};

const HELP = [
	`rack-battery ${VERSION}: 48 V rack batteries with the PACE BMS, in Node-RED and Home Assistant.`,
	"",
	"rack-battery COMMAND [options]",
	"",
	...Object.entries(SUBCOMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`),
	"",
	"rack-battery COMMAND --help   explains a command and its options.",
	"rack-battery --version        prints the version.",
];

async function main(args: readonly string[], io: CliIo): Promise<number> {
	const [name, ...rest] = args;
	if (name === undefined || name === "--help" || name === "-h" || name === "help") {
		(name === undefined ? io.stderr : io.stdout).write(`${HELP.join("\n")}\n`);
		return name === undefined ? EXIT.usage : EXIT.ok;
	}
	if (name === "--version" || name === "-v") {
		io.stdout.write(`${VERSION}\n`);
		return EXIT.ok;
	}
	const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
	if (!subcommand) {
		io.stderr.write(
			`rack-battery: there is no command "${name}". Commands: ${Object.keys(SUBCOMMANDS).join(", ")}. See rack-battery --help.\n`,
		);
		return EXIT.usage;
	}
	const run = await subcommand.load();
	const code = await run(rest, io);
	if (subcommand.exits) process.exit(code);
	return code;
}

// A reader that goes away (`| head`) is no error of ours.
for (const stream of [process.stdout, process.stderr]) {
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code === "EPIPE") process.exit();
		throw error;
	});
}

process.exitCode = await main(process.argv.slice(2), { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr });
