#!/usr/bin/env node
import { VERSION } from "../index.ts";
import { didYouMean } from "../nearest.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { SUBCOMMAND_GROUPS, SUBCOMMANDS } from "./subcommands.ts";

const HELP = [
	`rack-battery ${VERSION}: 48 V rack batteries with the PACE BMS, in Node-RED and Home Assistant.`,
	"",
	"rack-battery COMMAND [options]",
	"",
	...Object.entries(SUBCOMMAND_GROUPS).flatMap(([group, commands]) => [
		`${group}:`,
		...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(17)} ${summary}`),
	]),
	"",
	"rack-battery COMMAND --help   explains a command and its options.",
	"rack-battery --version        prints the version.",
];

/** The speed is called as its setting is; its short name is understood in every command. */
const atFullLength = (arg: string) => arg.replace(/^--baud(?==|$)/, "--baud-rate");

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
			`There is no command "${name}"${didYouMean(name, Object.keys(SUBCOMMANDS))}\nCommands: ${Object.keys(SUBCOMMANDS).join(", ")}. See rack-battery --help.\n`,
		);
		return EXIT.usage;
	}
	const run = await subcommand.load();
	const code = await run(rest.map(atFullLength), io);
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
