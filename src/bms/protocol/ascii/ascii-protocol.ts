import { DecodeError } from "../../../errors.ts";
import { MAIN_PACK } from "../../battery/addresses.ts";
import type { PackSelector, ReadingOf } from "../../battery/readings.ts";
import { encode } from "../../codec/layout.ts";
import type { Acceptance, Exchange, Protocol } from "../protocol.ts";
import { asciiAccess } from "./ascii-access.ts";
import { type BlocksCommand, blocksInAll, countOrEchoOf, readBlocks } from "./ascii-blocks-reply.ts";
import { ALL_PACKS, ASCII_COMMANDS, type AsciiCommandName, SELECTOR_REQUEST } from "./ascii-commands.ts";
import { type AsciiExchangeRules, asciiExchange } from "./ascii-exchange.ts";
import { type FixedCommand, readFixed } from "./ascii-fixed-replies.ts";
import { type AsciiFrame, buildFrame, hexText, V25_FAMILY } from "./ascii-frame.ts";
import { createAsciiFramer } from "./ascii-framer.ts";
import { isRequest, rejectionOf } from "./ascii-rejections.ts";
import { looksLike } from "./ascii-shapes.ts";

const V25_EXCHANGES: AsciiExchangeRules = { family: V25_FAMILY, isRequest, rejectionOf };

/** The ASCII protocol with version byte 25h, as spoken on RS232 (rs232-v25). */
export const asciiV25: Protocol = {
	name: "ascii-0x25",
	createFramer: createAsciiFramer,
	telemetry: (address, selector) => blocksExchange("telemetry", address, selector),
	status: (address, selector) => blocksExchange("status", address, selector),
	packCount: (address) => fixedExchange("packCount", address),
	version: (address) => fixedExchange("version", address),
	serials: (address) => fixedExchange("serials", address),
	capacity: (address) => fixedExchange("capacity", address),
	clock: (address) => fixedExchange("clock", address),
	access: asciiAccess(V25_EXCHANGES),
};

function blocksExchange<C extends BlocksCommand>(command: C, address: number, selector: PackSelector): Exchange<ReadingOf<C>> {
	const { code, label } = ASCII_COMMANDS[command];
	const info = encode(SELECTOR_REQUEST, { selector: selector === "all" ? ALL_PACKS : selector });
	const request = buildFrame({ address, code, info });
	return asciiExchange(V25_EXCHANGES, `${label} of ${selector === "all" ? "all packs" : `pack ${selector}`}`, request, (frame) =>
		acceptBlocks(command, selector, frame),
	);
}

function fixedExchange<C extends FixedCommand>(command: C, address: number): Exchange<ReadingOf<C>> {
	const { code, label } = ASCII_COMMANDS[command];
	return asciiExchange(V25_EXCHANGES, label, buildFrame({ address, code }), (frame) => acceptFixed(command, frame));
}

function acceptBlocks<C extends BlocksCommand>(command: C, selector: PackSelector, frame: AsciiFrame): Acceptance<ReadingOf<C>> {
	const countOrEcho = countOrEchoOf(frame.info);
	if (countOrEcho === null) return otherQuestion();
	if (selector !== "all" && !isEchoOf(selector, countOrEcho, frame.address)) {
		return { kind: "foreign", reason: `an answer about pack ${countOrEcho}, or about ${countOrEcho} packs` };
	}
	const blocks = readBlocks(command, frame.info, selector === "all" ? blocksInAll(countOrEcho) : 1);
	const isSound = blocks?.every(({ doubts }) => doubts.length === 0) ?? false;
	// Doubtful as the awaited answer and sound as another one: a late answer.
	if (!isSound && looksLike(frame.info).some((other) => blocks === null || other !== command)) return otherQuestion();
	if (blocks === null) return { kind: "bad", error: noLayoutFits(command, frame) };
	// The compiler cannot follow that `kind` and `blocks` go together: both come from `command`.
	const reading = { kind: command, repliedBy: frame.address, asked: selector, blocks: blocks.map(({ block }) => block) };
	return { kind: "reply", value: reading as unknown as ReadingOf<C> };
}

/** Whether the second byte of a reply names the pack that was asked for; any other than the main pack says "this pack" in several ways. */
function isEchoOf(selector: number, echo: number, repliedBy: number): boolean {
	return echo === selector || (repliedBy !== MAIN_PACK && [0, 1, ALL_PACKS, repliedBy].includes(echo));
}

function acceptFixed<C extends FixedCommand>(command: C, frame: AsciiFrame): Acceptance<ReadingOf<C>> {
	const looks = looksLike(frame.info);
	if (looks.length > 0 && !looks.some((name) => name === command)) return otherQuestion();
	try {
		const told = readFixed(command, frame.info);
		if (told === null) return { kind: "bad", error: noLayoutFits(command, frame) };
		return { kind: "reply", value: { kind: command, repliedBy: frame.address, ...told } as unknown as ReadingOf<C> };
	} catch (error) {
		if (error instanceof DecodeError) return { kind: "bad", error };
		throw error;
	}
}

function otherQuestion<T>(): Acceptance<T> {
	return { kind: "foreign", reason: "the answer to another question" };
}

function noLayoutFits(command: AsciiCommandName, { info }: AsciiFrame): DecodeError {
	const message = `The answer (${ASCII_COMMANDS[command].label}) has a shape that is not known: ${info.length} bytes.`;
	return new DecodeError("no-layout-fits", message, { frame: hexText(info) });
}
