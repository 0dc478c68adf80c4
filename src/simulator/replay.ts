import { type AsciiRequest, readRequest } from "../bms/protocol/ascii/ascii-answers.ts";
import { findBlocks } from "../bms/protocol/ascii/ascii-block-walk.ts";
import { blocksInAll, countOrEchoOf, readBlocks } from "../bms/protocol/ascii/ascii-blocks-reply.ts";
import { ALL_PACKS, ASCII_COMMANDS, BLOCKS_HEADER, KNOWN_TELEMETRY_TAILS } from "../bms/protocol/ascii/ascii-commands.ts";
import { type AsciiFrame, buildFrame, checkFrame, hexOf, hexText } from "../bms/protocol/ascii/ascii-frame.ts";
import { inferCommand } from "../bms/protocol/ascii/ascii-shapes.ts";
import { type ReplayRecord, refusal } from "./replay-file.ts";
import type { Responder } from "./simulated-bank.ts";

/**
 * Replay: requests are answered with what a real battery answered, byte for byte; a request nobody captured
 * gets no answer. ADR plays no part in the matching, as on RS232 it plays none (rs232-v25 §4).
 *
 * Two cases send a capture for another request than its own:
 * - Of a battery that is alone (its 90h says 1, or its own address is not 1), "pack 1", "this pack" (00) and
 *   "all packs" are the same question with the same answer, byte for byte.
 * - `splitBlocks`: when only an answer of all packs was captured, pack k is answered with its k-th block. The
 *   block is the captured one; header, length and checksum around it are ours, and so is the assumption that
 *   the blocks are in the order of the pack numbers, which the battery does not promise.
 */
export interface ReplayOptions {
	/** Default true. */
	readonly splitBlocks?: boolean;
}

type Selector = number | "all";
type BlocksName = "telemetry" | "status";

/** What a request asks, in a form that can be compared. */
type Question =
	| { readonly kind: "blocks"; readonly command: BlocksName; readonly selector: Selector }
	| { readonly kind: "other"; readonly key: string };

interface Capture {
	readonly question: Question;
	readonly reply: Uint8Array;
	/** The reply read as a frame; null when it is damaged (it is played all the same). */
	readonly frame: AsciiFrame | null;
}

export class Replay implements Responder {
	/** Replies whose request nobody wrote down and nothing shows: by place in the file, never played. */
	readonly unused: readonly string[];
	readonly #captures: readonly Capture[];
	readonly #splitBlocks: boolean;
	readonly #isAlone: boolean;
	/** How often each question was answered: several captures of one question are played in turn. */
	readonly #turns = new Map<string, number>();

	/** Throws a ConfigError when no record can be played. */
	constructor(records: readonly ReplayRecord[], file: string, options: ReplayOptions = {}) {
		const read = records.map((record) => ({ record, capture: captureOf(record) }));
		this.#captures = read.flatMap(({ capture }) => capture ?? []);
		this.unused = read.flatMap(({ record, capture }) => (capture === null ? [record.place] : []));
		this.#splitBlocks = options.splitBlocks ?? true;
		this.#isAlone = isAlone(this.#captures);
		if (this.#captures.length === 0) {
			const message = "Nothing shows what was asked; write the request above it (> …).";
			throw refusal(
				`No reply of ${file} can be used`,
				this.unused.map((path) => ({ path, message })),
			);
		}
	}

	/** What is answered, in words for people, without doubles: "measurements of pack 1", "C1h". */
	get questions(): readonly string[] {
		return [...new Set(this.#captures.map(({ question }) => inWords(question)))];
	}

	answer(request: Uint8Array): Uint8Array | null {
		const check = checkFrame(request);
		const question = check.ok ? questionOf(readRequest(check.frame)) : null;
		if (question === null) return null;
		return this.#captured(question) ?? this.#sameQuestion(question) ?? this.#split(question);
	}

	#captured(question: Question): Uint8Array | null {
		return this.#next(
			inWords(question),
			this.#captures.filter((capture) => inWords(capture.question) === inWords(question)),
		);
	}

	#sameQuestion(question: Question): Uint8Array | null {
		if (question.kind !== "blocks" || !this.#isAlone || !meansThisPack(question.selector)) return null;
		const same = this.#captures.filter(({ question: other }) => {
			return other.kind === "blocks" && other.command === question.command && meansThisPack(other.selector);
		});
		return this.#next(inWords(question), same);
	}

	#split(question: Question): Uint8Array | null {
		if (!this.#splitBlocks || question.kind !== "blocks" || question.selector === "all") return null;
		const { command, selector } = question;
		const all = this.#captures.filter(({ question: other }) => {
			return other.kind === "blocks" && other.command === command && other.selector === "all";
		});
		const turn = this.#turn(inWords(question), all.length);
		const frame = all[turn]?.frame ?? null;
		return frame === null ? null : blockAlone(command, frame, selector);
	}

	#next(name: string, captures: readonly Capture[]): Uint8Array | null {
		return captures[this.#turn(name, captures.length)]?.reply ?? null;
	}

	#turn(name: string, count: number): number {
		const played = this.#turns.get(name) ?? 0;
		if (count > 0) this.#turns.set(name, played + 1);
		return count > 0 ? played % count : 0;
	}
}

function captureOf({ request, reply }: ReplayRecord): Capture | null {
	const check = checkFrame(reply);
	const frame = check.ok ? check.frame : null;
	const asked = request === null ? null : checkFrame(request);
	const question = asked?.ok ? questionOf(readRequest(asked.frame)) : frame === null ? null : questionFromShape(frame);
	return question === null ? null : { question, reply, frame };
}

function questionOf({ command, code, selector, info }: AsciiRequest): Question | null {
	if (command === "telemetry" || command === "status") return selector === null ? null : { kind: "blocks", command, selector };
	// What a reading command other than 42h and 44h carries in INFO plays no part (rs232-v25 §4).
	const detail = command === null && info.length > 0 ? ` ${hexText(info)}` : "";
	return { kind: "other", key: `${hexOf(code, 2)}h${detail}` };
}

/** What a reply whose request is unknown must have answered; null when its shape does not tell. */
function questionFromShape({ info, code }: AsciiFrame): Question | null {
	if (code !== 0) return null;
	const command = inferCommand(info);
	if (command === null) return null;
	if (command !== "telemetry" && command !== "status") return { kind: "other", key: `${hexOf(ASCII_COMMANDS[command].code, 2)}h` };
	const second = countOrEchoOf(info) ?? 0;
	const isAll = second > 1 && readBlocks(command, info, blocksInAll(second)) !== null;
	return { kind: "blocks", command, selector: isAll || second === ALL_PACKS ? "all" : second };
}

const meansThisPack = (selector: Selector) => selector === "all" || selector <= 1;

/** Whether the captures show a battery that speaks for itself only: no other pack was asked, and its count or its address says so. */
function isAlone(captures: readonly Capture[]): boolean {
	const blocks = captures.filter(({ question }) => question.kind === "blocks");
	if (blocks.some(({ question }) => question.kind === "blocks" && !meansThisPack(question.selector))) return false;
	const counted = captures.filter(({ question }) => question.kind === "other" && question.key === "90h");
	const allSayOne = counted.length > 0 && counted.every(({ frame }) => frame?.info[0] === 1);
	const severalBlocks = blocks.some(({ question, frame }) => {
		return question.kind === "blocks" && question.selector === "all" && (frame === null || countOrEchoOf(frame.info) !== 1);
	});
	return !severalBlocks && (allSayOne || blocks.every(({ frame, question }) => frame !== null && (frame.address !== 1 || isAll(question))));
}

const isAll = (question: Question) => question.kind === "blocks" && question.selector === "all";

/** The k-th block of an all-packs reply as a reply of its own; null when there is no such block. */
function blockAlone(command: BlocksName, { address, code, info }: AsciiFrame, pack: number): Uint8Array | null {
	const count = countOrEchoOf(info);
	if (code !== 0 || count === null || count === 0) return null;
	const { block: layout, maxTail } = ASCII_COMMANDS[command];
	const places = findBlocks({
		bytes: info,
		start: BLOCKS_HEADER.length,
		count,
		layout,
		maxTail,
		knownTails: command === "telemetry" ? KNOWN_TELEMETRY_TAILS : [],
		isSound: () => true,
	});
	const place = places?.[pack - 1];
	if (place === undefined) return null;
	const block = info.subarray(place.offset, place.offset + place.length + place.tail);
	return buildFrame({ address, code, info: Uint8Array.from([info[0] ?? 0, pack, ...block]) });
}

function inWords(question: Question): string {
	if (question.kind === "other") return question.key;
	const whose = question.selector === "all" ? "all packs" : question.selector === 0 ? "this pack" : `pack ${question.selector}`;
	return `${ASCII_COMMANDS[question.command].label} of ${whose}`;
}
