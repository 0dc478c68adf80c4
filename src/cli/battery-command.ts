import type { CommandResult } from "../bms/command/command.ts";
import { loadConfig } from "../config/load-config.ts";
import { BmsError, ConfigError, messageOf } from "../errors.ts";
import { StartError } from "../server/start-error.ts";
import type { Battery } from "./battery.ts";
import { type BatteryLine, batteryOptionsHelp, type OwnOptions, readBatteryLine, UsageError, wholeNumber } from "./battery-options.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { openLocalBattery } from "./local-battery.ts";
import { Questions } from "./questions.ts";
import { openServerBattery } from "./server-battery.ts";
import { takeStopSignals } from "./stop-signals.ts";

/** A subcommand that asks a battery: what it says about itself, and what it does. */
export interface BatteryCommand {
	/** The line(s) that say how it is called. */
	readonly usage: readonly string[];
	readonly about: readonly string[];
	readonly options?: OwnOptions;
	/** How many words stand beside the options. */
	readonly words: { readonly least: number; readonly most: number };
	/** Further exit codes than those of all. */
	readonly exits?: string;
	run(job: Job): Promise<number>;
}

/** One call of such a subcommand. */
export interface Job {
	readonly line: BatteryLine;
	readonly io: CliIo;
	readonly isJson: boolean;
	/** Aborted by Ctrl-C. */
	readonly signal: AbortSignal;
	readonly questions: Questions;
	/** `pack`, where the command line names one. */
	readonly packArgument: { readonly pack?: number };
	/** Opened when it is first asked for. */
	battery(): Promise<Battery>;
}

/** To the standard output. */
export function print(job: Job, text: string): void {
	job.io.stdout.write(`${text}\n`);
}

/** Beside the output: what is going on. */
export function note(job: Job, text: string): void {
	job.io.stderr.write(`${text}\n`);
}

/** Prints a result: as JSON, or in the words given (its own where none are). */
export function printResult(job: Job, result: CommandResult, words: readonly string[] = [result.text]): void {
	print(job, job.isJson ? JSON.stringify(result) : words.join("\n"));
}

function helpOf({ usage, about, options = {}, exits }: BatteryCommand): string {
	return [
		...usage,
		"",
		...about,
		"",
		"Options:",
		...batteryOptionsHelp(options),
		"",
		`Exit codes: 0 done, 1 the battery could not be asked or said no, 2 wrong use, 3 not allowed,${exits === undefined ? "" : ` ${exits},`} 130 ended by Ctrl-C.`,
		"",
	].join("\n");
}

/** The exit code of what went wrong. */
function exitOf(error: unknown): number {
	if (error instanceof UsageError || error instanceof ConfigError) return EXIT.usage;
	if (!(error instanceof BmsError)) return EXIT.failed;
	switch (error.code) {
		case "unknown":
		case "bad-argument":
		case "out-of-range":
			return EXIT.usage;
		case "not-enabled":
		case "not-armed":
		case "wrong-password":
			return EXIT.refused;
		case "cancelled":
			return EXIT.interrupted;
		default:
			return EXIT.failed;
	}
}

/** Says what went wrong, and where programs read, as JSON; the exit code. Throws what nobody expected. */
function explain(error: unknown, io: CliIo, isJson: boolean): number {
	const isExpected = error instanceof BmsError || error instanceof StartError || error instanceof UsageError;
	if (!isExpected) throw error;
	const code = error instanceof BmsError ? error.code : error instanceof UsageError ? "usage" : "failed";
	if (isJson) io.stdout.write(`${JSON.stringify({ error: { code, message: error.message } })}\n`);
	else io.stderr.write(`${messageOf(error)}\n`);
	return exitOf(error);
}

function usageProblem(command: BatteryCommand, { problems, words }: BatteryLine): string | null {
	const { usage } = command;
	const seeHelp = `See ${/^rack-battery [\w-]+/.exec(usage[0] ?? "")?.[0] ?? "rack-battery"} --help.`;
	const ways = usage.map((way) => `  ${way}\n`).join("");
	if (problems.length > 0) return [...problems.map(({ path, message }) => `${path} ${message}`), seeHelp].join("\n");
	if (words.length < command.words.least) return `Something is missing. It is called so:\n${ways}${seeHelp}`;
	const extra = words[command.words.most];
	return extra === undefined ? null : `"${extra}" is not understood here. It is called so:\n${ways}${seeHelp}`;
}

/** Runs a subcommand. Resolves with the exit code. */
export async function runBatteryCommand(command: BatteryCommand, args: readonly string[], io: CliIo): Promise<number> {
	const line = readBatteryLine(args, command.options ?? {});
	if (line.flags.has("help")) {
		io.stdout.write(helpOf(command));
		return EXIT.ok;
	}
	const problem = usageProblem(command, line);
	if (problem !== null) {
		io.stderr.write(`${problem}\n`);
		return EXIT.usage;
	}
	const stop = new AbortController();
	const signals = takeStopSignals(() => process.exit(EXIT.interrupted));
	void signals.first.then(() => stop.abort());
	const questions = new Questions(io);
	const isJson = line.flags.has("json");
	let opening: Promise<Battery> | null = null;
	try {
		const pack = wholeNumber(line, "pack", 0, 15);
		const battery = () => (opening ??= openBattery(line, io, stop.signal, pack));
		const packArgument = pack === undefined ? {} : { pack };
		return await command.run({ line, io, isJson, signal: stop.signal, questions, packArgument, battery });
	} catch (error) {
		return explain(error, io, isJson);
	} finally {
		questions.close();
		await (opening as Promise<Battery> | null)?.then(
			(battery) => battery.close(),
			() => {},
		);
		signals.release();
	}
}

/** Over a line of its own, or through the server that has it. Says at once when the numbers are no real ones. */
async function openBattery(line: BatteryLine, io: CliIo, signal: AbortSignal, pack: number | undefined): Promise<Battery> {
	const loaded = loadConfig(line.settingArgs);
	const server = line.values.get("server");
	const ofLine = line.settingArgs.find((arg) => /^--(port|baud-rate|protocol)=/.test(arg))?.replace(/=.*/s, "");
	if (server !== undefined && ofLine !== undefined)
		throw new UsageError(
			`With --server the server has the line: leave ${ofLine} out, or leave --server out and let this command open the line.`,
		);
	const battery =
		server === undefined ? await openLocalBattery(loaded, signal, pack) : await openServerBattery(server, loaded.config, signal);
	if (battery.origin !== "real") {
		const hint = server === undefined ? " Your own: --port /dev/ttyUSB0 (or tcp://192.168.1.20:8899)." : "";
		io.stderr.write(`The battery is ${battery.origin.toUpperCase()}: nothing of this comes from a real one.${hint}\n`);
	}
	return battery;
}
