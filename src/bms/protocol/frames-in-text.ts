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

/** The characters of a line that is a hexadecimal dump of frames, with the text before the dump; else "". */
function fromHexDump(line: string): string {
	const plain = line.replace(/0x/gi, "").replace(/(?<=[0-9a-f]{2})[,:-](?=\s*[0-9a-f]{2})/gi, " ");
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
