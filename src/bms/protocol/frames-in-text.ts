import { hasSoundCrc, MIN_ADU_BYTES, possibleLengths } from "./modbus/modbus-frame.ts";
import { createModbusFramer } from "./modbus/modbus-framer.ts";

/**
 * Finds ASCII frames in what people paste: log lines with prefixes, blanks inside frames, end marks written out,
 * several frames in a line, or the bytes as hexadecimal digits. Judges nothing: damaged frames are found as well.
 */
export interface FoundFrame {
	/** From `~`, without blanks and end mark. */
	readonly text: string;
	/** Direction as the line marks it (`> ` sent, `< ` received); null without a mark. */
	readonly mark: "request" | "reply" | null;
}

/** The frames of one line, in order; none when nothing in it begins like one. */
export function framesInLine(line: string): readonly FoundFrame[] {
	const text = line.includes("~") ? line : fromHexDump(line);
	const starts = [...text.matchAll(/~/g)].map((match) => match.index);
	return starts.map((start, index) => {
		const before = text.slice(index === 0 ? 0 : starts[index - 1], start);
		return { text: frameText(text.slice(start + 1, starts[index + 1] ?? text.length)), mark: markIn(before) };
	});
}

/** `>` or `<` right before the frame; an arrow between two frames (`->`) is none. */
function markIn(before: string): FoundFrame["mark"] {
	const mark = /(?:^|[^-=])([<>])["'\s]*$/.exec(before)?.[1];
	if (mark === undefined) return null;
	return mark === ">" ? "request" : "reply";
}

/** What ends a frame: an end mark, real or written out, or punctuation of the text around it. */
const END = /\\r|\\n|[\r\n"',;()[\]{}<>|]/;

/** The frame after its `~`: the first word, and further words as long as they are digits and the frame wants more. */
function frameText(rest: string): string {
	const [body = ""] = rest.split(END, 1);
	let text = "~";
	for (const word of body.split(/\s+/).filter((part) => part !== "")) {
		const isFirst = text === "~";
		if (!isFirst && (!/^[0-9a-f]+$/i.test(word) || text.length >= expectedLength(text))) break;
		text += word;
	}
	const expected = expectedLength(text);
	// A printed stand-in for the end mark ("."), not more of the frame.
	return text.length > expected && !/[0-9a-f]/i.test(text.charAt(expected)) ? text.slice(0, expected) : text;
}

/** Characters the length field asks for; without one, more than there can be. */
function expectedLength(text: string): number {
	const lenid = /^~[0-9a-f]{9}([0-9a-f]{3})/i.exec(text)?.[1];
	return lenid === undefined ? Number.POSITIVE_INFINITY : 17 + Number.parseInt(lenid, 16);
}

/** A run of byte pairs, with or without blanks. */
const HEX_RUN = /[0-9a-f]{2}(?:[ \t]*[0-9a-f]{2}){3,}/gi;
/** A start mark that is no chance: at the very beginning, or before digits. */
const START = /^~|~[0-9a-f]{4}/i;

/** The line with its dumps as pairs and blanks only. */
function plainDump(line: string): string {
	return line.replace(/0x/gi, "").replace(/(?<=[0-9a-f]{2})[,:.-](?=\s*[0-9a-f]{2})/gi, " ");
}

/** The characters of a line that is a hexadecimal dump of frames, with the text before the dump; else "". */
function fromHexDump(line: string): string {
	const plain = plainDump(line);
	for (const run of plain.matchAll(HEX_RUN)) {
		const characters = charactersOf(run[0]);
		if (START.test(characters)) return plain.slice(0, run.index) + characters;
	}
	return "";
}

function charactersOf(dump: string): string {
	const pairs = dump.replace(/\s/g, "").match(/../g) ?? [];
	return pairs.map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join("");
}

/** A Modbus message, sound or not. */
export interface FoundModbus {
	readonly bytes: Uint8Array;
	/** As of FoundFrame. */
	readonly mark: FoundFrame["mark"];
}

/**
 * The Modbus messages in a line of hexadecimal bytes. Whatever is sound is found, also after a date; without any, a
 * dump that begins like a message is one that is damaged.
 */
export function modbusInLine(line: string): readonly FoundModbus[] {
	const plain = plainDump(line);
	const runs = [...plain.matchAll(HEX_RUN)].map((run) => ({ bytes: bytesOfDump(run[0]), mark: markIn(plain.slice(0, run.index)) }));
	const sound = runs.flatMap(({ bytes, mark }) =>
		soundMessages(bytes).map((message, index) => ({ bytes: message, mark: index === 0 ? mark : null })),
	);
	if (sound.length > 0) return sound;
	const damaged = runs.find(({ bytes }) => bytes.length >= MIN_ADU_BYTES && bytes.length <= MOST_DAMAGED && beginsLikeModbus(bytes));
	return damaged === undefined ? [] : [damaged];
}

/** Longer dumps are something else. */
const MOST_DAMAGED = 300;
/** Unit ids that packs have; a dump of anything may begin with a function code (modbus-rtu §2). */
const HIGHEST_UNIT = 16;

function beginsLikeModbus(bytes: Uint8Array): boolean {
	return (bytes[0] ?? 0) <= HIGHEST_UNIT && (possibleLengths(bytes)?.length ?? 0) > 0;
}

function soundMessages(bytes: Uint8Array): readonly Uint8Array[] {
	const framer = createModbusFramer();
	const found = [...framer.push(bytes)].flatMap((event) => (event.type === "frame" ? [event.bytes] : []));
	const rest = framer.flush().flatMap((event) => (event.type === "frame" && hasSoundCrc(event.bytes) ? [event.bytes] : []));
	return [...found, ...rest];
}

function bytesOfDump(dump: string): Uint8Array {
	return Uint8Array.from(charactersOf(dump), (character) => character.charCodeAt(0));
}
