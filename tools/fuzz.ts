/**
 * Random and mutated bytes through framer, exchanges and decoder: nothing may throw, and nothing may be read from
 * a frame whose checks fail. `node tools/fuzz.ts [count] [seed]`; every failure can be repeated with its seed.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { asciiV25 } from "../src/bms/protocol/ascii/ascii-protocol.ts";
import { createCaptureDecoder } from "../src/bms/protocol/decode-text.ts";

interface Capture {
	readonly request?: string;
	readonly reply?: string;
}
const CAPTURES = JSON.parse(
	readFileSync(fileURLToPath(new URL("../test/fixtures/ascii-0x25/frames.json", import.meta.url)), "utf8"),
) as readonly Capture[];
const SEEDS = CAPTURES.flatMap(({ request, reply }) => [request, reply]).filter((text) => text?.startsWith("~25")) as string[];

type Random = (below: number) => number;

/** Small repeatable random numbers (mulberry32). */
function randomFrom(seed: number): Random {
	let state = seed >>> 0;
	return (below) => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
	};
}

const DIGITS = "0123456789ABCDEF";
const pick = <T>(random: Random, list: readonly T[] | string): T => list[random(list.length)] as T;

/** The ways an input comes about; a resealed one passes the frame check and tries the decoder. */
const MUTATIONS: readonly ((text: string, random: Random) => string)[] = [
	(text) => text,
	(text, random) => replaceAt(text, random(text.length), pick(random, DIGITS)),
	(text, random) => replaceAt(text, random(text.length), String.fromCharCode(random(256))),
	(text, random) => text.slice(0, random(text.length)),
	(text, random) => text.slice(random(text.length)),
	(text, random) => text.slice(0, random(text.length)) + pick(random, SEEDS),
	(text, random) => removeAt(text, random(text.length)),
	(_, random) => String.fromCharCode(...Array.from({ length: random(200) }, () => random(256))),
	(_, random) => `~${Array.from({ length: random(200) }, () => pick<string>(random, DIGITS)).join("")}\r`,
	(text, random) => resealed(replaceAt(infoOf(text), random(infoOf(text).length + 1), pick(random, DIGITS)), text),
	(text, random) => resealed(infoOf(text).slice(0, random(infoOf(text).length + 1) & ~1), text),
	(text, random) => resealed(infoOf(text) + infoOf(pick(random, SEEDS)), text),
	(_, random) => resealed(Array.from({ length: random(60) * 2 }, () => pick<string>(random, DIGITS)).join(""), "~25014600"),
	(_, random) => resealed("0".repeat(random(300) & ~1), "~25014600"),
];

const replaceAt = (text: string, at: number, with_: string) => text.slice(0, at) + with_ + text.slice(at + 1);
const removeAt = (text: string, at: number) => text.slice(0, at) + text.slice(at + 1);
const infoOf = (text: string) => text.trim().slice(13, -4);

/** A frame around other INFO, with length field and checksum that agree. */
function resealed(info: string, head: string): string {
	const even = info.slice(0, Math.min(info.length & ~1, 4094));
	const lenid = even.length;
	const digit = (16 - (((lenid >> 8) + ((lenid >> 4) & 15) + (lenid & 15)) & 15)) & 15;
	const body = `${head.slice(1, 9)}${hex(digit, 1)}${hex(lenid, 3)}${even}`;
	return `~${body}${hex(sumOf(body), 4)}\r`;
}

const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, "0");
const sumOf = (body: string) => (0x10000 - ([...body].reduce((sum, character) => sum + character.charCodeAt(0), 0) & 0xffff)) & 0xffff;

/** Whether a frame is sound, decided without the code under test. */
function isSound(frame: string): boolean {
	const text = frame.replace(/\r$/, "").toUpperCase();
	const parts = /^~(25[0-9A-F]{2}46[0-9A-F]{2}([0-9A-F])([0-9A-F]{3})([0-9A-F]*))([0-9A-F]{4})$/.exec(text);
	if (!parts) return false;
	const [, body = "", digit = "", lenid = "", info = "", sum = ""] = parts;
	const digits = [...lenid].reduce((total, one) => total + Number.parseInt(one, 16), Number.parseInt(digit, 16));
	const sums = [sumOf(body), sumOf(frame.replace(/\r$/, "").slice(1, -4))];
	return (
		digits % 16 === 0 && info.length === Number.parseInt(lenid, 16) && info.length % 2 === 0 && sums.includes(Number.parseInt(sum, 16))
	);
}

const EXCHANGES = [
	asciiV25.telemetry(1, 1),
	asciiV25.telemetry(1, "all"),
	asciiV25.status(1, 2),
	asciiV25.status(1, "all"),
	asciiV25.packCount(1),
	asciiV25.version(1),
	asciiV25.serials(1),
	asciiV25.capacity(1),
	asciiV25.clock(1),
] as const;

export interface FuzzResult {
	readonly inputs: number;
	/** Frames the framer gave out. */
	readonly frames: number;
	/** Frames that an exchange took for its answer. */
	readonly readings: number;
	/** Lines the decoder made an object of. */
	readonly decoded: number;
}

/** Runs `count` inputs. Throws with seed and input at the first thing that must not be. */
export function fuzz(count: number, seed: number): FuzzResult {
	const random = randomFrom(seed);
	const framer = asciiV25.createFramer();
	const decoder = createCaptureDecoder();
	const total = { inputs: count, frames: 0, readings: 0, decoded: 0 };
	for (let number = 0; number < count; number++) {
		const input = pick(random, MUTATIONS)(pick(random, SEEDS), random);
		try {
			total.frames += throughLine(input, framer, pick(random, EXCHANGES), total);
			total.decoded += throughDecoder(input, decoder);
		} catch (error) {
			throw new Error(`Seed ${seed}, input ${number}: ${JSON.stringify(input)}`, { cause: error });
		}
	}
	return total;
}

function throughLine(
	input: string,
	framer: ReturnType<typeof asciiV25.createFramer>,
	exchange: (typeof EXCHANGES)[number],
	total: { readings: number },
): number {
	let frames = 0;
	for (const event of framer.push(Uint8Array.from(input, (character) => character.charCodeAt(0)))) {
		if (event.type !== "frame") continue;
		frames++;
		const frame = String.fromCharCode(...event.bytes);
		const acceptance = exchange.accept(event.bytes);
		if (acceptance.kind === "reply") total.readings++;
		if (acceptance.kind !== "bad" && !isSound(frame)) throw new Error(`${acceptance.kind} from a frame that is not sound: ${frame}`);
	}
	return frames;
}

function throughDecoder(input: string, decoder: ReturnType<typeof createCaptureDecoder>): number {
	const records = input.split("\n").flatMap((line) => [...decoder.line(line)]);
	for (const record of records) {
		JSON.stringify(record);
		const isRead = record.checksum === "ok" && record.error === undefined;
		const hasReading = "packs" in record || "packCount" in record || "version" in record || "localTime" in record;
		if (hasReading && !isRead && !record.error) throw new Error(`a reading beside a bad checksum: ${JSON.stringify(record)}`);
	}
	return records.length;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const count = Number(process.argv[2] ?? 1_000_000);
	const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
	const started = performance.now();
	const result = fuzz(count, seed);
	console.log(JSON.stringify({ ...result, seed, seconds: Math.round((performance.now() - started) / 100) / 10 }));
}
