import type { Framer, FramerEvent } from "../protocol.ts";
import { ENVELOPE_CHARACTERS, HEADER_CHARACTERS, lengthChecksum, MAX_INFO_CHARACTERS } from "./ascii-frame.ts";

const SOI = 0x7e;
const CR = 0x0d;
const LF = 0x0a;

/** Characters of the longest frame, its end mark included (rs232-v25 §1). */
export const MAX_FRAME_CHARACTERS = ENVELOPE_CHARACTERS + MAX_INFO_CHARACTERS + 1;

/**
 * Bytes -> frames by their marks and lengths. A frame begins at `~` and ends where its length field says, as soon
 * as that field's own check digit is right; else at the end mark. It waits for no silence, no line feed and not
 * even the end mark, which is therefore not in the frame. Every `~` is a new start: what was begun before it is
 * junk. A damaged frame that is long enough to be one is emitted, so that the frame check can name the damage.
 */
export function createAsciiFramer(): Framer {
	let held: number[] = [];
	let expected: number | null = null;
	let junk: number[] = [];

	const take = (byte: number, events: FramerEvent[]) => {
		if (byte === SOI) {
			giveUp();
			held = [SOI];
		} else if (held.length === 0) {
			// End marks between frames belong to the frame before them.
			if (byte !== CR && byte !== LF) junk.push(byte);
		} else if (byte === CR) end(events);
		else {
			held.push(byte);
			if (held.length === HEADER_CHARACTERS) expected = expectedLength(held);
			if (held.length === expected) end(events);
			else if (held.length >= MAX_FRAME_CHARACTERS) giveUp();
		}
	};

	const end = (events: FramerEvent[]) => {
		if (held.length < ENVELOPE_CHARACTERS) return giveUp();
		emitJunk(events);
		events.push({ type: "frame", bytes: Uint8Array.from(held) });
		drop();
	};

	const giveUp = () => {
		for (const byte of held) junk.push(byte);
		drop();
	};

	const drop = () => {
		held = [];
		expected = null;
	};

	const emitJunk = (events: FramerEvent[]) => {
		if (junk.length > 0) events.push({ type: "junk", bytes: Uint8Array.from(junk) });
		junk = [];
	};

	return {
		push(chunk) {
			const events: FramerEvent[] = [];
			for (const byte of chunk) take(byte, events);
			emitJunk(events);
			return events;
		},
		flush() {
			const events: FramerEvent[] = [];
			giveUp();
			emitJunk(events);
			return events;
		},
		get pending() {
			return held.length;
		},
	};
}

/** Characters of the frame without its end mark, by the length field of its header; null when that is damaged. */
function expectedLength(header: readonly number[]): number | null {
	const digits = String.fromCharCode(...header.slice(9));
	if (!/^[0-9a-f]{4}$/i.test(digits)) return null;
	const length = Number.parseInt(digits, 16);
	const lenid = length & MAX_INFO_CHARACTERS;
	return length >> 12 === lengthChecksum(lenid) ? ENVELOPE_CHARACTERS + lenid : null;
}
