import { accessSync, appendFileSync, constants, existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { StoredRecord } from "../bms/battery/stored-record.ts";
import { CommandError, fileWords } from "../errors.ts";
import { type BatteryCommand, type Job, note, print, runBatteryCommand } from "./battery-command.ts";
import { checkOutputName, UsageError, wholeNumber } from "./battery-options.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { csvHead, csvLine, lastRecordOf, recordText, sameRecord } from "./record-lines.ts";

const RECORDS: BatteryCommand = {
	usage: ["rack-battery records [--from N] [--count N] [--json | --csv] [--resume FILE]"],
	about: [
		"Reads the records that a pack has stored by itself, newest first. Progress goes to the standard error output; Ctrl-C ends",
		"it cleanly, with what was read until then.",
		"With --resume the records go to FILE (a name that ends in .csv makes it CSV, any other one JSON object a line). Where FILE",
		"has some already it is gone on with after the last of them, also when the battery has stored new ones in between.",
	],
	options: {
		from: { argument: "N", description: "First record, 0 = newest." },
		count: { argument: "N", description: "How many at most; all without it." },
		csv: { argument: null, description: "Prints CSV, one record a line." },
		resume: { argument: "FILE", description: "Writes to FILE, or goes on with it." },
	},
	words: { least: 0, most: 0 },
	run: readRecords,
};

export const records = (args: readonly string[], io: CliIo): Promise<number> => runBatteryCommand(RECORDS, args, io);

/** Where records go, one after the other. */
interface Sink {
	write(record: StoredRecord): void;
	/** First record to ask for. */
	readonly from: number;
	/** The record after which it goes on; those until then are known. */
	readonly after: StoredRecord | null;
}

function sinkOf(job: Job): Sink {
	const from = wholeNumber(job.line, "from", 0, 65_535);
	const file = job.line.values.get("resume");
	if (file !== undefined) {
		if (from !== undefined) throw new UsageError("--resume goes on after the last record of its file: leave --from out.");
		checkOutputName(file);
		return fileSink(file);
	}
	const isCsv = job.line.flags.has("csv");
	if (isCsv && job.isJson) throw new UsageError("Choose one of --json and --csv.");
	let isFirst = true;
	const write = (record: StoredRecord) => {
		if (isCsv && isFirst) print(job, csvHead(record));
		isFirst = false;
		print(job, isCsv ? csvLine(record) : job.isJson ? JSON.stringify(record) : recordText(record));
	};
	return { write, from: from ?? 0, after: null };
}

function fileSink(file: string): Sink {
	const isCsv = /\.csv$/i.test(file);
	try {
		// What cannot be kept is not read from the battery.
		accessSync(existsSync(file) ? file : dirname(resolve(file)), constants.W_OK);
		const text = existsSync(file) ? readFileSync(file, "utf8") : "";
		const last = text.trim() === "" ? null : lastRecordOf(text, isCsv);
		if (text.trim() !== "" && last === null) throw new Error("its last line is no record");
		let isNew = last === null;
		const write = (record: StoredRecord) => {
			const head = isCsv && isNew ? `${csvHead(record)}\n` : "";
			isNew = false;
			appendFileSync(file, `${head}${isCsv ? csvLine(record) : JSON.stringify(record)}\n`);
		};
		return { write, from: last?.index ?? 0, after: last };
	} catch (error) {
		throw new UsageError(`${file} cannot be gone on with: ${fileWords(error)}.`);
	}
}

async function readRecords(job: Job): Promise<number> {
	const sink = sinkOf(job);
	const count = wholeNumber(job.line, "count", 1, 2000);
	const battery = await job.battery();
	const taken = takeRecords(sink);
	const given = { ...job.packArgument, from: sink.from, ...(count === undefined ? {} : { count }) };
	let isWhole = true;
	/** Aborted by what keeps a record from being written, such as a full disk: reading on would lose it. */
	const unkept = new AbortController();
	const keep = (record: StoredRecord) => {
		try {
			if (!unkept.signal.aborted) taken.add(record);
		} catch (error) {
			unkept.abort(error);
		}
	};
	try {
		const result = await battery.run("read-records", given, {
			signal: AbortSignal.any([job.signal, unkept.signal]),
			onProgress: ({ done, of, part }) => {
				if (isRecord(part)) keep(part);
				tellProgress(job, done, of);
			},
		});
		if (Array.isArray(result.value)) for (const record of result.value.filter(isRecord)) keep(record);
	} catch (error) {
		if (!(error instanceof CommandError) || error.code !== "cancelled") throw error;
		isWhole = false;
	}
	if (hasProgressLine(job)) job.io.stderr.write(CLEAN_LINE);
	if (unkept.signal.aborted)
		throw new CommandError("not-saved", `A record could not be written, so no more were read: ${fileWords(unkept.signal.reason)}.`);
	if (sink.after !== null && !taken.isJoined && isWhole)
		throw new CommandError(
			"not-saved",
			"The battery no longer has the last record of the file (its records were deleted, or it is another pack): nothing was added.",
		);
	note(job, `${taken.count} ${taken.count === 1 ? "record" : "records"} read${isWhole ? "" : ", ended by Ctrl-C"}.`);
	return isWhole ? EXIT.ok : EXIT.interrupted;
}

/** Hands every record on once, in order; after the last known one, where there is one. */
function takeRecords(sink: Sink) {
	let next = sink.from;
	let count = 0;
	let isJoined = sink.after === null;
	return {
		add(record: StoredRecord): void {
			if (record.index < next) return;
			next = record.index + 1;
			if (!isJoined) {
				isJoined = sink.after !== null && sameRecord(record, sink.after);
				return;
			}
			count += 1;
			sink.write(record);
		},
		get count() {
			return count;
		},
		get isJoined() {
			return isJoined;
		},
	};
}

const isTerminal = (stream: object) => (stream as { readonly isTTY?: boolean }).isTTY === true;
/** Back to the begin of the line of a terminal, and nothing in it. */
const CLEAN_LINE = "\r\x1b[K";

/** A line that changes, on a terminal that does not show the records themselves: they would be mixed up. */
function hasProgressLine({ io, line }: Job): boolean {
	return isTerminal(io.stderr) && (line.values.has("resume") || !isTerminal(io.stdout));
}

/** How far it is: elsewhere than in a line that changes every hundredth, and not beside the records. */
function tellProgress(job: Job, done: number, of: number | null): void {
	const text = of === null ? `${done} records …` : `${done} of ${of} records …`;
	if (hasProgressLine(job)) job.io.stderr.write(`${CLEAN_LINE}${text}`);
	else if (!isTerminal(job.io.stderr) && done % 100 === 0 && done > 0) note(job, text);
}

function isRecord(value: unknown): value is StoredRecord {
	return typeof value === "object" && value !== null && typeof (value as { index?: unknown }).index === "number" && "cellVoltages" in value;
}
