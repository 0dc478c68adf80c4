import { readFile } from "node:fs/promises";
import { bytesOf, checkFrame } from "../bms/protocol/ascii/ascii-frame.ts";
import { ConfigError, fileWords, messageOf } from "../errors.ts";

/**
 * Files of captured replies. Two forms:
 * - JSON: an array of records (or an object with them under `records`) with the texts `request` and `reply`;
 *   `inferredRequest` stands in for a request that was not written down, `completedFrame` for a reply whose
 *   header was not (that header is then computed, not captured). Records of other protocols and records
 *   without a reply are passed over.
 * - Text: a line `> request`, then lines `< reply`; a reply before any request is matched by its shape. Empty
 *   lines and lines that begin with # do not count. `\r` written out at the end is fine.
 */
export interface ReplayRecord {
	/** Where it stands, for messages: "line 4", "record 2 (v25-42-052)". */
	readonly place: string;
	/** null when nobody knows what was asked. */
	readonly request: Uint8Array | null;
	readonly reply: Uint8Array;
}

interface Problem {
	readonly path: string;
	readonly message: string;
}

/** At most this many problems are listed. */
const LISTED_PROBLEMS = 10;

/** Reads a file of captured replies. Throws a ConfigError that lists what is wrong, by line. */
export async function readReplayFile(file: string): Promise<readonly ReplayRecord[]> {
	let text: string;
	try {
		text = await readFile(file, "utf8");
	} catch (error) {
		throw new ConfigError("unreadable", `The file of captured replies ${file} cannot be read: ${fileWords(error)}`, {}, error);
	}
	return parseReplay(text, file);
}

/** Reads the text of such a file. Throws a ConfigError that lists what is wrong, by line. */
export function parseReplay(text: string, file: string): readonly ReplayRecord[] {
	const content = text.replace(/^\uFEFF/, "");
	const problems: Problem[] = [];
	const records = /^\s*[[{]/.test(content) ? parseJson(content, file, problems) : parseLines(content, problems);
	if (problems.length > 0) throw refusal(`The file of captured replies ${file} has lines that cannot be used`, problems);
	if (records.length === 0) throw new ConfigError("invalid", `The file of captured replies ${file} has no reply in it.`);
	return records;
}

/** A ConfigError that lists problems in its words and its context. */
export function refusal(what: string, problems: readonly Problem[]): ConfigError {
	const lines = problems.slice(0, LISTED_PROBLEMS).map(({ path, message }) => `${path}: ${message}`);
	const more = problems.length > LISTED_PROBLEMS ? [`and ${problems.length - LISTED_PROBLEMS} more`] : [];
	return new ConfigError("invalid", `${what}:\n  ${[...lines, ...more].join("\n  ")}`, { problems });
}

function parseLines(text: string, problems: Problem[]): ReplayRecord[] {
	const records: ReplayRecord[] = [];
	let request: Uint8Array | null = null;
	for (const [index, line] of text.split(/\r?\n/).entries()) {
		const place = `line ${index + 1}`;
		const [, mark, frame] = /^\s*([<>])\s*(.*?)\s*$/.exec(line) ?? [];
		if (mark === ">") request = checkedRequest(frame ?? "", place, problems);
		else if (mark === "<") {
			const reply = checkedReply(frame ?? "", place, problems);
			if (reply !== null) records.push({ place, request, reply });
		} else if (!/^\s*(#.*)?$/.test(line)) {
			problems.push({ path: place, message: "A line begins with > (request), < (reply) or # (remark)." });
		}
	}
	return records;
}

function parseJson(text: string, file: string, problems: Problem[]): ReplayRecord[] {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw new ConfigError("invalid", `The file of captured replies ${file} is no sound JSON: ${messageOf(error)}`, {}, error);
	}
	const list = isObject(value) && "records" in value ? value.records : value;
	if (!Array.isArray(list)) {
		throw new ConfigError("invalid", `The file of captured replies ${file} must hold a list of records with "request" and "reply".`);
	}
	return list.flatMap((record: unknown, index) => parseRecord(record, index, problems));
}

function parseRecord(record: unknown, index: number, problems: Problem[]): ReplayRecord[] {
	if (!isObject(record)) {
		problems.push({ path: `record ${index + 1}`, message: 'must be an object with "request" and "reply".' });
		return [];
	}
	const textAt = (key: string): string | undefined => {
		const value = record[key];
		return typeof value === "string" && value !== "" ? value : undefined;
	};
	const protocol = textAt("protocol");
	const replyText = textAt("reply") ?? textAt("completedFrame");
	if ((protocol !== undefined && protocol !== "ascii-0x25") || replyText === undefined) return [];
	const id = textAt("id");
	const place = `record ${index + 1}${id === undefined ? "" : ` (${id})`}`;
	const requestText = textAt("request") ?? textAt("inferredRequest");
	const request = requestText === undefined ? null : checkedRequest(requestText, place, problems);
	const reply = checkedReply(replyText, place, problems);
	return reply === null ? [] : [{ place, request, reply }];
}

function checkedRequest(text: string, place: string, problems: Problem[]): Uint8Array | null {
	const bytes = frameBytes(text);
	const check = checkFrame(bytes);
	if (check.ok) return bytes;
	problems.push({ path: place, message: `The request is damaged: ${check.error.message}` });
	return null;
}

/** A reply is played as it was captured, damaged or not; but it must be one. */
function checkedReply(text: string, place: string, problems: Problem[]): Uint8Array | null {
	const bytes = frameBytes(text);
	if (bytes[0] === 0x7e) return bytes;
	problems.push({ path: place, message: "A reply begins with ~." });
	return null;
}

/** The bytes of a frame in a file: printed without its end mark, mostly. */
function frameBytes(text: string): Uint8Array {
	return bytesOf(`${text.replace(/(\\r|\\n|\s)+$/, "")}\r`);
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
