import { type CliIo, EXIT } from "./cli-io.ts";
import { simulate } from "./simulate.ts";

const HELP = `rack-battery replay FILE [options]

Answers on a TCP port of this machine with the captured replies of FILE, as a battery would: the short form of
rack-battery simulate --replay FILE, with all its options (rack-battery simulate --help).
FILE is what rack-battery capture wrote, or JSON with "request" and "reply" of each exchange.
`;

/** \`rack-battery replay\`. Resolves with the exit code. */
export function replay(args: readonly string[], io: CliIo): Promise<number> {
	if (args.includes("--help") || args.includes("-h")) {
		io.stdout.write(HELP);
		return Promise.resolve(EXIT.ok);
	}
	const [file, ...rest] = args;
	if (file === undefined || file.startsWith("-")) {
		io.stderr.write(`Which file to replay comes first: rack-battery replay FILE. See rack-battery replay --help.\n`);
		return Promise.resolve(EXIT.usage);
	}
	return simulate([`--replay=${file}`, ...rest], io);
}
