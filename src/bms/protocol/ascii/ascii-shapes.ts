import { decodeAll, type Layout, sizeOfLayout, type ValueOf } from "../../codec/layout.ts";
import { type BlocksCommand, blocksInAll, countOrEchoOf, readBlocks } from "./ascii-blocks-reply.ts";
import { isClock } from "./ascii-clock.ts";
import { ASCII_COMMAND_NAMES, ASCII_COMMANDS, type AsciiCommandName } from "./ascii-commands.ts";

/**
 * A reply does not name its command (rs232-v25 §3): what it may be is seen from its shape. This keeps a late
 * answer from being taken for the awaited one, and lets a lone reply be understood.
 */

type CapacityValue = ValueOf<(typeof ASCII_COMMANDS)["capacity"]["replies"][0]>;

/** The form of a fixed reply with this many bytes; null when the command has none. */
export function formOf(command: Exclude<AsciiCommandName, BlocksCommand>, bytes: number): Layout | null {
	const forms: readonly Layout[] = ASCII_COMMANDS[command].replies;
	return forms.find((form) => sizeOfLayout(form) === bytes) ?? null;
}

/** Commands whose replies look like this INFO: shape and content, not shape alone. */
export function looksLike(info: Uint8Array): readonly AsciiCommandName[] {
	return ASCII_COMMAND_NAMES.filter((command) => LOOKS[command](info));
}

const LOOKS: { readonly [C in AsciiCommandName]: (info: Uint8Array) => boolean } = {
	telemetry: (info) => hasSoundBlocks("telemetry", info),
	status: (info) => hasSoundBlocks("status", info),
	packCount: (info) => info.length === 1 && info[0] !== 0,
	version: (info) => isText(info) && hasBoardName(info),
	serials: (info) => isText(info) && info.length === 40 && !hasBoardName(info),
	capacity: (info) =>
		formOf("capacity", info.length) !== null && isCapacity(decodeAll(ASCII_COMMANDS.capacity.replies[0], info), isClockInfo(info)),
	clock: isClockInfo,
};

/**
 * The command a lone reply answers; null when it could be several. One byte answers many commands, and forty
 * characters beginning with a board name are C1h or C6h.
 */
export function inferCommand(info: Uint8Array): AsciiCommandName | null {
	const [only, ...others] = looksLike(info);
	if (only === undefined) return hasMeasuredCells(info) ? "telemetry" : null;
	const isAmbiguous = others.length > 0 || only === "packCount" || (only === "version" && info.length !== 20);
	return isAmbiguous ? null : only;
}

/** Whether a reply with this second byte holds as many blocks as it counts, or one block of the pack it names. */
export function blockCounts(countOrEcho: number): readonly number[] {
	const counted = blocksInAll(countOrEcho);
	return counted === 1 ? [1] : [counted, 1];
}

function hasSoundBlocks(command: BlocksCommand, info: Uint8Array): boolean {
	const countOrEcho = countOrEchoOf(info);
	// Nothing but zeros looks like everything, and so like nothing.
	if (countOrEcho === null || info.subarray(2).every((byte) => byte === 0)) return false;
	return blockCounts(countOrEcho).some((count) => readBlocks(command, info, count)?.every(({ doubts }) => doubts.length === 0) ?? false);
}

/** Blocks of cells with voltages a cell can have, though the pack's voltage does not agree. */
function hasMeasuredCells(info: Uint8Array): boolean {
	const countOrEcho = countOrEchoOf(info);
	if (countOrEcho === null || info.subarray(2).every((byte) => byte === 0)) return false;
	return blockCounts(countOrEcho).some((count) => {
		const blocks = readBlocks("telemetry", info, count);
		return blocks?.every(({ block }) => block.absent || block.value.cellVoltages.every((volts) => volts <= 5)) ?? false;
	});
}

function isText(info: Uint8Array): boolean {
	return (info.length === 20 || info.length === 40) && info.every((byte) => byte === 0 || (byte >= 0x20 && byte <= 0x7e));
}

/** Board names begin like P16S100A-: cells in series, amperes (rs232-v25 §8). */
function hasBoardName(info: Uint8Array): boolean {
	return /^P\d{1,2}S\d{2,3}A-/.test(String.fromCharCode(...info));
}

function isClockInfo(info: Uint8Array): boolean {
	return formOf("clock", info.length) !== null && isClock(decodeAll(ASCII_COMMANDS.clock.replies[0], info));
}

/**
 * Whether the three capacities fit each other; more remaining than full is believed only of what is no clock.
 * Below 5.12 Ah the first byte is 00 or 01, as in the replies that begin with an on/off byte (rs232-v25 §12).
 */
function isCapacity({ remainingCapacity, fullCapacity, designCapacity }: CapacityValue, isAlsoClock: boolean): boolean {
	if (remainingCapacity < 5.12) return false;
	const most = isAlsoClock ? 1.1 : 1.6;
	return (
		fullCapacity >= 0.3 * designCapacity &&
		fullCapacity <= 1.6 * designCapacity &&
		remainingCapacity <= most * fullCapacity &&
		designCapacity >= 1
	);
}
