import { createReadStream } from "node:fs";
import { createCaptureDecoder, type DecodedFrame } from "../bms/protocol/decode-text.ts";
import { fileWords } from "../errors.ts";

/** Where a command reads and writes; the process's own streams, or a test's. */
export interface CommandIo {
	readonly stdin: AsyncIterable<Uint8Array | string>;
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
}

const HELP = `rack-battery decode [--json] [FILE|-]

Reads captured messages, one or more a line, as text (~2501..., ~2002...) or as hexadecimal bytes (7E 32 35 ...,
01 03 00 ... of Modbus), and prints one JSON object a line for each: what was asked, what the battery answered, or what is wrong with it.
Without FILE, or with -, it reads the standard input.

A request, or a line that begins with "> ", tells what the answers after it belong to ("< " marks an answer).
Without a request the question is seen from the shape of the answer and marked "inferred": true.

Options:
  --json   One JSON object a line (the only form, and the default).
  --help   Shows this.

Exit codes: 0 everything was decoded, 1 something could not be decoded, 2 wrong use or the file cannot be read.
`;

/** \`rack-battery decode\`. Returns the exit code; never rejects for anything that is fed to it. */
export async function decode(args: readonly string[], io: CommandIo): Promise<number> {
	if (args.includes("--help") || args.includes("-h")) {
		io.stdout.write(HELP);
		return 0;
	}
	const files = args.filter((arg) => arg !== "--json");
	const problem = files.find((arg) => arg.startsWith("-") && arg !== "-") ?? files[1];
	if (problem !== undefined) {
		io.stderr.write(`"${problem}" is not understood here: rack-battery decode [FILE|-]\nSee rack-battery decode --help.\n`);
		return 2;
	}
	const file = files[0] ?? "-";
	const source = file === "-" ? io.stdin : createReadStream(file);
	try {
		return await decodeLines(linesOf(source), io.stdout);
	} catch (error) {
		io.stderr.write(`${file === "-" ? "The input" : file} cannot be read: ${fileWords(error)}\n`);
		return 2;
	}
}

async function decodeLines(lines: AsyncIterable<string>, stdout: CommandIo["stdout"]): Promise<number> {
	const decoder = createCaptureDecoder();
	let exitCode = 0;
	for await (const line of lines) {
		for (const frame of decoder.line(line)) {
			if (isFailure(frame)) exitCode = 1;
			stdout.write(`${JSON.stringify(frame)}\n`);
		}
	}
	return exitCode;
}

function isFailure(frame: DecodedFrame): boolean {
	return frame.error !== undefined;
}

/** Characters after which a line is taken as it is: no capture has such lines, but anything may be fed. */
const LONGEST_LINE = 1_000_000;

/** Lines of a stream, a byte a character: frames are ASCII, and whatever else is fed must not stop them. */
async function* linesOf(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
	let rest = "";
	for await (const chunk of source) {
		const lines = (rest + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1"))).split("\n");
		rest = lines.pop() ?? "";
		yield* lines;
		if (rest.length > LONGEST_LINE) {
			yield rest;
			rest = "";
		}
	}
	if (rest !== "") yield rest;
}
