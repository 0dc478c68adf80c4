import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { CliIo } from "../../src/cli/cli-io.ts";

export type CliCommand = (args: readonly string[], io: CliIo) => Promise<number>;

/** Runs a subcommand with streams of a test; its input is what the test says, line by line. `open`: more is said later. */
export function runCli(command: CliCommand, args: readonly string[], input: readonly string[] | "open" = []) {
	const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
	let out = "";
	let errors = "";
	stdout.on("data", (chunk: Buffer) => {
		out += chunk.toString();
	});
	stderr.on("data", (chunk: Buffer) => {
		errors += chunk.toString();
	});
	const say = (line: string) => stdin.write(`${line}\n`);
	if (input !== "open") {
		for (const line of input) say(line);
		stdin.end();
	}
	return {
		exit: command(args, { stdin, stdout, stderr }),
		say,
		out: () => out,
		errors: () => errors,
		/** Waits until the output matches. */
		async until(pattern: RegExp): Promise<RegExpExecArray> {
			for (;;) {
				const match = pattern.exec(out);
				if (match) return match;
				await once(stdout, "data");
			}
		},
	};
}
