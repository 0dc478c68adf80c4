import { closeSync, openSync, writeSync } from "node:fs";
import type { Framer } from "../bms/protocol/protocol.ts";
import { PROTOCOLS } from "../bms/protocol/protocols.ts";
import { openTransport } from "../bms/transport/open-transport.ts";
import type { Transport } from "../bms/transport/transport.ts";
import { loadConfig } from "../config/load-config.ts";
import { fileWords, type TransportError } from "../errors.ts";
import { type BankSettings, openBank, silentLogger } from "../index.ts";
import { type BatteryCommand, type Job, note, print, runBatteryCommand } from "./battery-command.ts";
import { checkOutputName, UsageError, wholeNumber } from "./battery-options.ts";
import { startBatterySource } from "./battery-source.ts";
import { CaptureWriter, captured } from "./capture-file.ts";
import { type CliIo, EXIT } from "./cli-io.ts";

const CAPTURE: BatteryCommand = {
	usage: ["rack-battery capture FILE|- [--listen] [--seconds N]"],
	about: [
		"Writes everything that goes over the battery's line to FILE (- is the standard output) until Ctrl-C: it asks as the server",
		"does, or with --listen only listens to what others ask. The file is what a bug report needs, and what rack-battery decode",
		"and rack-battery replay read:",
		"  # 2026-11-29T14:30:00.123Z      the time of the frame after it; other remarks hold bytes of no frame",
		"  > ~250146900000FDA5             sent; frames that are no text are hexadecimal bytes",
		"  < ~25014600E00202FD35           came",
		"Serial numbers of your battery are in it. It opens the line itself, so a server that has it must be ended first.",
	],
	options: {
		listen: { argument: null, description: "Sends nothing: for a line on which something else asks." },
		seconds: { argument: "N", description: "Ends by itself after so long." },
	},
	words: { least: 1, most: 1 },
	run: runCapture,
};

export const capture = (args: readonly string[], io: CliIo): Promise<number> => runBatteryCommand(CAPTURE, args, io);

/** Opens a new file; no old capture is written over. */
function outputOf(job: Job, file: string): { readonly write: (text: string) => void; close(): void } {
	if (file === "-") return { write: (text) => job.io.stdout.write(text), close: () => {} };
	checkOutputName(file);
	try {
		const descriptor = openSync(file, "wx");
		return { write: (text) => void writeSync(descriptor, text), close: () => closeSync(descriptor) };
	} catch (error) {
		const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
		throw new UsageError(isThere ? `${file} is there already: choose another name.` : `${file} cannot be written: ${fileWords(error)}`);
	}
}

/** Cuts the bytes into frames, one a line. */
function framerOf(protocol: BankSettings["protocol"]): Framer {
	if (protocol === "auto")
		throw new UsageError("capture must know what the battery speaks: give --protocol; rack-battery probe finds it out.");
	return PROTOCOLS[protocol].protocol.createFramer();
}

async function runCapture(job: Job): Promise<number> {
	if (job.line.values.has("server")) throw new UsageError("capture needs the line itself: end the server, and leave --server out.");
	const [file = ""] = job.line.words;
	const seconds = wholeNumber(job.line, "seconds", 1, 86_400);
	const loaded = loadConfig(job.line.settingArgs);
	const isListening = job.line.flags.has("listen");
	const { bank } = loaded.config;
	const output = outputOf(job, file);
	const source = await startBatterySource(loaded, silentLogger);
	const { clock } = source;
	const writer = new CaptureWriter({ write: output.write, now: () => clock.now(), framer: framerOf(bank.protocol) });
	const ended = ending(job, seconds);
	try {
		output.write(
			`# rack-battery capture of ${loaded.origin === "real" ? bank.port : loaded.origin}, ${bank.protocol}, ${bank.baudRate} baud\n`,
		);
		const transport = openTransport({ port: source.port, baudRate: bank.baudRate, clock });
		if (isListening) await listen(transport, writer, ended.done);
		else {
			const settings = { ...bank, port: source.port, gapMs: source.gapMs };
			const open = openBank(settings, { origin: loaded.origin, logger: silentLogger, clock, transport: captured(transport, writer) });
			await ended.done;
			await open.close();
		}
		writer.flush();
	} finally {
		ended.cancel();
		await source.stop();
		output.close();
	}
	const { requests, replies, junkBytes } = writer.counts;
	if (job.isJson && file !== "-") print(job, JSON.stringify({ file, ...writer.counts }));
	else note(job, `${requests} requests, ${replies} answers, ${junkBytes} bytes of no frame${file === "-" ? "" : ` in ${file}`}.`);
	return replies === 0 ? EXIT.failed : EXIT.ok;
}

/** Resolves at Ctrl-C, or when the time is over. */
function ending(job: Job, seconds: number | undefined): { readonly done: Promise<void>; cancel(): void } {
	let timer: NodeJS.Timeout | undefined;
	const done = new Promise<void>((resolve) => {
		if (job.signal.aborted) resolve();
		job.signal.addEventListener("abort", () => resolve(), { once: true });
		if (seconds !== undefined) timer = setTimeout(resolve, seconds * 1000);
	});
	return { done, cancel: () => clearTimeout(timer) };
}

/** Writes down what comes, and sends nothing. Rejects when the line goes away. */
async function listen(transport: Transport, writer: CaptureWriter, done: Promise<void>): Promise<void> {
	let lose: (error: TransportError) => void = () => {};
	const lost = new Promise<never>((_resolve, reject) => {
		lose = reject;
	});
	await transport.open({ onBytes: (chunk) => writer.received(chunk, true), onLost: (error) => lose(error) });
	try {
		await Promise.race([done, lost]);
	} finally {
		await transport.close();
	}
}
