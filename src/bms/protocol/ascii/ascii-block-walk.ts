import type { Layout } from "../../codec/layout.ts";
import { sizeOf, sizeOfNumber } from "../../codec/layout.ts";
import { oncePer } from "../../codec/once-per.ts";

/**
 * Finds the pack blocks of a 42h or 44h reply. Blocks carry no length and may be followed by a tail whose length
 * nothing on the wire tells (rs232-v25 §5.1): it is solved per frame, by the walk that ends exactly at the end.
 */

/** Where one block is: `length` without its tail; `zero` when it is nothing but zeros, counts included. */
export interface BlockPlace {
	readonly offset: number;
	readonly length: number;
	readonly tail: number;
	readonly zero: boolean;
}

/** What to look for. */
export interface BlockSearch {
	readonly bytes: Uint8Array;
	/** Offset of the first block. */
	readonly start: number;
	/** Number of blocks. */
	readonly count: number;
	readonly layout: Layout;
	readonly maxTail: number;
	/** Tails whose layout is known: preferred when several lengths fit. */
	readonly knownTails: readonly number[];
	/** Whether what is read there makes sense: decides between walks that fit. */
	readonly isSound: (place: BlockPlace) => boolean;
}

/**
 * The places of exactly `count` blocks, or null when no walk fits. One tail length for all blocks (true of every
 * capture) is tried first, then block by block where only sound blocks count.
 */
export function findBlocks(search: BlockSearch): readonly BlockPlace[] | null {
	return bestUniform(search) ?? walkEach(search);
}

/** What a tail of a known layout counts beside one point per sound block. */
const KNOWN = 0.5;

/** The walk with most sound blocks, of equal ones that with the shorter tail. The known tails go first: when all is sound, no other can be better. */
function bestUniform(search: BlockSearch): readonly BlockPlace[] | null {
	const { count, knownTails, maxTail, isSound } = search;
	let [winner, most]: [readonly BlockPlace[] | null, number] = [null, -1];
	const consider = (tail: number, bonus: number) => {
		const walk = walkUniform(search, tail);
		if (walk === null) return;
		let score = bonus;
		for (const place of walk) if (isSound(place)) score++;
		if (score > most) [winner, most] = [walk, score];
	};
	for (const tail of knownTails) {
		consider(tail, KNOWN);
		if (most === count + KNOWN) return winner;
	}
	for (let tail = 0; tail <= maxTail; tail++) {
		if (knownTails.includes(tail)) continue;
		consider(tail, 0);
		if (knownTails.length === 0 && most === count) break;
	}
	return winner;
}

/** All blocks with a tail of the same length, ending exactly at the end of the bytes. */
function walkUniform(search: BlockSearch, tail: number): readonly BlockPlace[] | null {
	const places: BlockPlace[] = [];
	let offset = search.start;
	for (let block = 0; block < search.count; block++) {
		const zero = search.bytes[offset] === 0;
		const length = zero ? zeroLength(search, places[0], tail) : blockLength(search, offset);
		if (length === null || offset + length + tail > search.bytes.length) return null;
		if (zero && !isZero(search.bytes, offset, length + tail)) return null;
		places.push({ offset, length, tail, zero });
		offset += length + tail;
	}
	return offset === search.bytes.length ? places : null;
}

/** Length of a block that has no counts: that of its neighbour, or an even share of the bytes. */
function zeroLength({ bytes, start, count }: BlockSearch, first: BlockPlace | undefined, tail: number): number | null {
	const length = first?.length ?? (bytes.length - start) / count - tail;
	return Number.isInteger(length) && length > 0 ? length : null;
}

/** Length of the block at `offset` by its counts, without tail; null when the counts are unsound or it runs past the end. */
function blockLength({ bytes, layout }: BlockSearch, offset: number): number | null {
	let end = offset;
	for (const step of stepsOf(layout)) {
		if (step.numberSize > 0) {
			const count = bytes[end];
			if (count === undefined || count < step.min || count > step.max) return null;
			end += 1 + count * step.numberSize;
		} else end += step.size;
	}
	return end <= bytes.length ? end - offset : null;
}

/** What a walk needs to know of a row: its size, or of a counted list the size of one number and its counts. */
interface Step {
	readonly size: number;
	/** 0 when the row is no counted list. */
	readonly numberSize: number;
	readonly min: number;
	readonly max: number;
}

const stepsOf = oncePer((layout: Layout): readonly Step[] =>
	layout.map((field) => {
		const isCounted = field.type !== "bits" && field.type !== "flags" && field.type !== "ascii" && field.counted;
		return isCounted
			? { size: 0, numberSize: sizeOfNumber(field.type), ...field.counted }
			: { size: sizeOf(field), numberSize: 0, min: 0, max: 0 };
	}),
);

/** Block by block, each with a tail of its own: the first way through sound blocks that ends exactly. */
function walkEach(search: BlockSearch): readonly BlockPlace[] | null {
	const deadEnds = new Set<string>();
	const from = (offset: number, left: number): readonly BlockPlace[] | null => {
		if (left === 0) return offset === search.bytes.length ? [] : null;
		if (deadEnds.has(`${offset},${left}`)) return null;
		const length = blockLength(search, offset);
		if (length !== null && search.isSound({ offset, length, tail: 0, zero: false })) {
			for (let tail = 0; tail <= search.maxTail; tail++) {
				const rest = from(offset + length + tail, left - 1);
				if (rest) return [{ offset, length, tail, zero: false }, ...rest];
			}
		}
		deadEnds.add(`${offset},${left}`);
		return null;
	};
	return from(search.start, search.count);
}

function isZero(bytes: Uint8Array, offset: number, length: number): boolean {
	for (let index = offset; index < offset + length; index++) if (bytes[index] !== 0) return false;
	return true;
}
