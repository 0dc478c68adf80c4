/** Widest line of a help, characters; narrow enough for most terminals and for a bug report. */
const WIDTH = 110;
/** What is longer than this column stands on a line of its own. */
const LONGEST_NAME = 28;
/** A row keeps so much room for its words however deep its column is. */
const LEAST_ROOM = 40;

/** Names and what they mean, side by side; long meanings go on below their beginning. */
export function helpTable(rows: readonly (readonly [name: string, meaning: string])[]): readonly string[] {
	const column = Math.max(0, ...rows.map(([name]) => name.length).filter((length) => length <= LONGEST_NAME));
	const indent = " ".repeat(column + 4);
	return rows.flatMap(([name, meaning]) => {
		const [first = "", ...rest] = wrapped(meaning, Math.max(LEAST_ROOM, WIDTH - indent.length));
		const more = rest.map((line) => indent + line);
		// A long name may be of several words, such as the choices of an option.
		if (name.length > column) return [...wrapped(name, WIDTH - 2).map((line) => `  ${line}`), indent + first, ...more];
		return [`  ${name.padEnd(column)}  ${first}`, ...more];
	});
}

/** A text in lines of at most so many characters, broken behind a space or a |; a longer word has a line of its own. */
function wrapped(text: string, width: number): readonly string[] {
	const lines: string[] = [];
	for (const word of text.split(/(?<=[ |])/)) {
		const last = lines.at(-1);
		if (last !== undefined && (last + word).trimEnd().length <= width) lines[lines.length - 1] = last + word;
		else lines.push(word);
	}
	return lines.map((line) => line.trimEnd());
}
