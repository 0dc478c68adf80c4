import { readFileSync } from "node:fs";

/** Captured frames as collected, with what their sources say of them. */
export interface Capture {
	readonly id: string;
	readonly protocol: string;
	readonly command?: string;
	readonly request?: string;
	readonly reply?: string;
	readonly category: string;
	readonly provenance: string;
	readonly device: string;
	readonly source: string;
	/** What the reading program must have sent; not printed in the source. */
	readonly inferredRequest?: string;
	/** Header computed around a captured INFO whose printed checksum then agrees. */
	readonly completedFrame?: string;
	/** What the source itself says the frame means, with its errors. */
	readonly stated?: Readonly<Record<string, unknown>>;
}

/** What a capture says, read by another program than the decoder under test. */
export type Expected = Readonly<Record<string, unknown>> & { readonly packs?: readonly Readonly<Record<string, unknown>>[] };

export interface ReferenceFrame {
	readonly id: string;
	readonly command: string;
	readonly provenance: "capture" | "built";
	readonly device: string;
	readonly source: string;
	readonly request: string | null;
	readonly reply: string;
	readonly expected: Expected;
}

function load<T>(name: string): T {
	return JSON.parse(readFileSync(new URL(`../../fixtures/ascii-0x25/${name}`, import.meta.url), "utf8")) as T;
}

export const CAPTURES = load<Capture[]>("frames.json");
export const EXPECTED = load<{ expected: Readonly<Record<string, Expected>> }>("expected.json").expected;
export const REFERENCE_FRAMES = load<{ frames: ReferenceFrame[] }>("reference-frames.json").frames;

/** The reply of a capture, completed where the source leaves the header out. */
export function replyOf(capture: Capture): string | undefined {
	return capture.completedFrame ?? capture.reply;
}

/** What was asked, printed or inferred. */
export function requestOf(capture: Capture): string | undefined {
	return capture.request ?? capture.inferredRequest;
}

/** Bytes of a frame given as text. */
export function bytes(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
