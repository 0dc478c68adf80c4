/**
 * Random and mutated bytes through framer, exchanges and decoder: nothing may throw, and nothing may be read from
 * a frame whose checks fail. `node tools/fuzz.ts [count] [seed]`; every failure can be repeated with its seed.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkFrame } from "../src/bms/protocol/ascii/ascii-frame.ts";
import { readPackRequest } from "../src/bms/protocol/ascii/ascii-pack-answers.ts";
import { asciiV25 } from "../src/bms/protocol/ascii/ascii-protocol.ts";
import { readV20Request } from "../src/bms/protocol/ascii20/ascii20-answers.ts";
import { asciiV20 } from "../src/bms/protocol/ascii20/ascii20-protocol.ts";
import { V20_FAMILY } from "../src/bms/protocol/ascii20/dialects.ts";
import { createCaptureDecoder } from "../src/bms/protocol/decode-text.ts";
import { readModbusRequest } from "../src/bms/protocol/modbus/modbus-answers.ts";
import { modbusRtu } from "../src/bms/protocol/modbus/modbus-protocol.ts";
import type { Exchange, Framer, PackAccess } from "../src/bms/protocol/protocol.ts";

interface Capture {
	readonly request?: string;
	readonly reply?: string;
}

/** Requests and replies of a folder of captures. */
function capturesOf(protocol: string): readonly string[] {
	const file = fileURLToPath(new URL(`../test/fixtures/${protocol}/frames.json`, import.meta.url));
	const captures = JSON.parse(readFileSync(file, "utf8")) as readonly Capture[];
	return captures.flatMap(({ request, reply }) => [request, reply]).filter((text) => text !== undefined);
}
/** Parameters, switches, records and the like stand in a file of their own, half of them in the first one too. */
const PACK_COMMANDS = JSON.parse(
	readFileSync(fileURLToPath(new URL("../test/fixtures/ascii-0x25/pack-commands.json", import.meta.url)), "utf8"),
) as { readonly frames: readonly { readonly request: string | null; readonly reply: string }[] };
const V25_SEEDS = [
	...capturesOf("ascii-0x25").filter((text) => text.startsWith("~25")),
	...PACK_COMMANDS.frames.flatMap(({ request, reply }) => (request === null ? [reply] : [request, reply])),
];
const V20_SEEDS = capturesOf("ascii-0x20");
/** Not captured (none is public): the whole live block of the reference (modbus-rtu §10 V1). */
const MODBUS_LIVE =
	"01034AF6D214F0004C00631D6426AC271000840000000000000E00000000000000" +
	"0D180D160D170D150D180D170D160D190D140D170D180D160D150D170D0D0D1800FD00FB00F9FFDD0138010CE120";
/** Nor are writes and parameters: those of the reference (modbus-rtu §10 V7), and one group of its V6. */
const MODBUS_PARAMETERS = ["01100070000102000A2D67", "0110007000010012", "0103080E100E740D34000A77DA"];
const MODBUS_SEEDS = [...capturesOf("modbus-rtu"), MODBUS_LIVE, MODBUS_LIVE, MODBUS_LIVE, ...MODBUS_PARAMETERS];

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

/** The ways a text comes about from captured ones; a resealed one passes the frame check and tries the decoder. */
type Mutation = (text: string, random: Random, seeds: readonly string[]) => string;
const MUTATIONS: readonly Mutation[] = [
	(text) => text,
	(text, random) => replaceAt(text, random(text.length), pick(random, DIGITS)),
	(text, random) => replaceAt(text, random(text.length), String.fromCharCode(random(256))),
	(text, random) => text.slice(0, random(text.length)),
	(text, random) => text.slice(random(text.length)),
	(text, random, seeds) => text.slice(0, random(text.length)) + pick(random, seeds),
	(text, random) => removeAt(text, random(text.length)),
	(_, random) => String.fromCharCode(...Array.from({ length: random(200) }, () => random(256))),
];
const ASCII_MUTATIONS: readonly Mutation[] = [
	...MUTATIONS,
	(_, random) => `~${Array.from({ length: random(200) }, () => pick<string>(random, DIGITS)).join("")}\r`,
	(text, random) => resealed(replaceAt(infoOf(text), random(infoOf(text).length + 1), pick(random, DIGITS)), text),
	(text, random) => resealed(infoOf(text).slice(0, random(infoOf(text).length + 1) & ~1), text),
	(text, random, seeds) => resealed(infoOf(text) + infoOf(pick(random, seeds)), text),
	(text, random) => resealed(Array.from({ length: random(60) * 2 }, () => pick<string>(random, DIGITS)).join(""), headOf(text)),
	(text, random) => resealed("0".repeat(random(300) & ~1), headOf(text)),
];
const MODBUS_MUTATIONS: readonly Mutation[] = [
	...MUTATIONS,
	(text, random) => withCrc(replaceAt(text, random(text.length), pick(random, DIGITS)).slice(0, -4)),
	(text, random) => withCrc(text.slice(0, random(text.length) & ~1)),
	(_, random) => withCrc(`01034A${Array.from({ length: 148 }, () => pick<string>(random, DIGITS)).join("")}`),
	(_, random) => withCrc(`0103${hex(2 * random(126), 2)}${"00".repeat(random(250))}`),
];

const headOf = (text: string) => `${text.slice(0, 3)}014600`;
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

/** The bytes of digits with their CRC after them, as digits. */
function withCrc(digits: string): string {
	const even = digits.replace(/[^0-9a-f]/gi, "0").slice(0, digits.length & ~1);
	const crc = crcOf(bytesOf(even));
	return `${even}${hex(crc & 0xff, 2)}${hex(crc >> 8, 2)}`;
}

function bytesOf(digits: string): number[] {
	return (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16) & 0xff);
}

/** The CRC bit by bit from its polynomial 8005h, most significant bit first, turned round at the end. */
function crcOf(bytes: readonly number[]): number {
	let crc = 0xffff;
	for (const byte of bytes) {
		for (let bit = 0; bit < 8; bit++) {
			const out = ((crc >> 15) ^ (byte >> bit)) & 1;
			crc = ((crc << 1) & 0xffff) ^ (out ? 0x8005 : 0);
		}
	}
	return Number.parseInt(crc.toString(2).padStart(16, "0").split("").reverse().join(""), 2);
}

/** Whether an ASCII frame is sound, decided without the code under test. */
function isSoundAscii(frame: string): boolean {
	const text = frame.replace(/\r$/, "").toUpperCase();
	const parts = /^~((?:25[0-9A-F]{2}46|20[0-9A-F]{2}4[6AEF])[0-9A-F]{2}([0-9A-F])([0-9A-F]{3})([0-9A-F]*))([0-9A-F]{4})$/.exec(text);
	if (!parts) return false;
	const [, body = "", digit = "", lenid = "", info = "", sum = ""] = parts;
	const digits = [...lenid].reduce((total, one) => total + Number.parseInt(one, 16), Number.parseInt(digit, 16));
	const sums = [sumOf(body), sumOf(frame.replace(/\r$/, "").slice(1, -4))];
	return (
		digits % 16 === 0 && info.length === Number.parseInt(lenid, 16) && info.length % 2 === 0 && sums.includes(Number.parseInt(sum, 16))
	);
}

function isSoundModbus(frame: string): boolean {
	const bytes = Array.from(frame, (character) => character.charCodeAt(0));
	return bytes.length >= 5 && crcOf(bytes.slice(0, -2)) === (bytes.at(-2) ?? 0) + 256 * (bytes.at(-1) ?? 0);
}

/** One protocol under fire. */
interface Target {
	readonly seeds: readonly string[];
	readonly mutations: readonly Mutation[];
	readonly createFramer: () => Framer;
	readonly exchanges: readonly Exchange[];
	/** The bytes a text stands for. */
	readonly toBytes: (text: string) => Uint8Array;
	readonly isSound: (frame: string) => boolean;
	/** The battery's side: what a frame asks; null for what is not sound or no request. */
	readonly readRequest: (bytes: Uint8Array) => unknown;
}

/** Every exchange a protocol has beyond reading, as far as it has it; what is written was read in captures. */
function exchangesOf(access: PackAccess | undefined, address: number): readonly Exchange[] {
	if (access === undefined) return [];
	const { parameterGroups, switches } = access;
	const time = { year: 2024, month: 8, day: 20, hour: 14, minute: 15, second: 37 };
	return [
		...parameterGroups.map((group) => access.parameters(address, group)),
		access.record?.(address, 0),
		...switches.map((key) => access.setSwitch?.(address, key, true)),
		access.setClock?.(address, time),
		access.inverterProtocol?.(address),
		access.clearRecords?.(address),
		...(parameterGroups.includes("sleep") ? [access.setParameters(address, "sleep", { sleepVoltage: 3.1, sleepDelay: 5 })] : []),
		...(access.proofs?.(address) ?? []),
	].filter((exchange) => exchange !== undefined);
}

const pylontech = asciiV20("pylontech");
const eg4 = asciiV20("eg4");
const ascii = {
	mutations: ASCII_MUTATIONS,
	toBytes: (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0)),
	isSound: isSoundAscii,
};
const TARGETS: readonly Target[] = [
	{
		...ascii,
		seeds: V25_SEEDS,
		createFramer: asciiV25.createFramer,
		exchanges: [
			asciiV25.telemetry(1, 1),
			asciiV25.telemetry(1, "all"),
			asciiV25.status(1, 2),
			asciiV25.status(1, "all"),
			asciiV25.packCount(1),
			asciiV25.version(1),
			asciiV25.serials(1),
			asciiV25.capacity(1),
			asciiV25.clock(1),
			...exchangesOf(asciiV25.access, 1),
		],
		readRequest: (bytes) => {
			const check = checkFrame(bytes);
			return check.ok ? readPackRequest(check.frame) : null;
		},
	},
	{
		...ascii,
		seeds: V20_SEEDS,
		createFramer: pylontech.createFramer,
		exchanges: [0, 1, 2].flatMap((address) => [
			pylontech.telemetry(address),
			pylontech.status(address),
			...[pylontech.version, pylontech.serials, eg4.clock].flatMap((read) => read?.(address) ?? []),
			...exchangesOf(eg4.access, address),
		]),
		readRequest: (bytes) => {
			const check = checkFrame(bytes, V20_FAMILY);
			return check.ok ? readV20Request(check.frame) : null;
		},
	},
	{
		mutations: MODBUS_MUTATIONS,
		seeds: MODBUS_SEEDS,
		createFramer: modbusRtu.createFramer,
		exchanges: [
			...[modbusRtu.live(1), modbusRtu.telemetry(1), modbusRtu.status(1), modbusRtu.version(1), modbusRtu.serials(1)],
			...exchangesOf(modbusRtu.access, 1),
		],
		readRequest: readModbusRequest,
		toBytes: (text) => Uint8Array.from(bytesOf(text)),
		isSound: isSoundModbus,
	},
];

export interface FuzzResult {
	readonly inputs: number;
	/** Frames the framer gave out. */
	readonly frames: number;
	/** Frames that an exchange took for its answer. */
	readonly readings: number;
	/** The same of ASCII 25h, ASCII 20h and Modbus. */
	readonly readingsByProtocol: readonly number[];
	/** Lines the decoder made an object of. */
	readonly decoded: number;
}

/** Runs `count` inputs over all protocols in turn. Throws with seed and input at the first thing that must not be. */
export function fuzz(count: number, seed: number): FuzzResult {
	const random = randomFrom(seed);
	const framers = TARGETS.map(({ createFramer }) => createFramer());
	const decoder = createCaptureDecoder();
	const total = { inputs: count, frames: 0, readings: 0, decoded: 0, readingsByProtocol: TARGETS.map(() => 0) };
	for (let number = 0; number < count; number++) {
		const which = number % TARGETS.length;
		const target = TARGETS[which];
		const framer = framers[which];
		if (target === undefined || framer === undefined) continue;
		const input = pick(random, target.mutations)(pick(random, target.seeds), random, target.seeds);
		try {
			const { frames, readings } = throughLine(target, framer, input, () => pick(random, target.exchanges));
			total.frames += frames;
			total.readings += readings;
			total.readingsByProtocol[which] = (total.readingsByProtocol[which] ?? 0) + readings;
			total.decoded += throughDecoder(input, decoder);
		} catch (error) {
			throw new Error(`Seed ${seed}, input ${number}: ${JSON.stringify(input)}`, { cause: error });
		}
	}
	return total;
}

/** Exchanges that every frame is shown to. */
const EXCHANGES_PER_FRAME = 2;

/** What exchanges make of every frame in the bytes, with a silence after them. */
function throughLine(
	{ toBytes, isSound, readRequest }: Target,
	framer: Framer,
	input: string,
	anyExchange: () => Exchange,
): { readonly frames: number; readonly readings: number } {
	let frames = 0;
	let readings = 0;
	for (const event of [...framer.push(toBytes(input)), ...framer.flush()]) {
		if (event.type !== "frame") continue;
		frames++;
		const frame = String.fromCharCode(...event.bytes);
		if (readRequest(event.bytes) !== null && !isSound(frame)) throw new Error(`a request from a frame that is not sound: ${frame}`);
		for (let shown = 0; shown < EXCHANGES_PER_FRAME; shown++) {
			const acceptance = anyExchange().accept(event.bytes);
			if (acceptance.kind === "reply") readings++;
			if (acceptance.kind !== "bad" && !isSound(frame)) throw new Error(`${acceptance.kind} from a frame that is not sound: ${frame}`);
		}
	}
	return { frames, readings };
}

/** What the commands for the pack with the cable tell. */
const TOLD = ["parameters", "record", "switch", "states", "inverterProtocol", "acknowledged"] as const;

function throughDecoder(input: string, decoder: ReturnType<typeof createCaptureDecoder>): number {
	const records = input.split("\n").flatMap((line) => [...decoder.line(line)]);
	for (const record of records) {
		JSON.stringify(record);
		const isRead = record.checksum === "ok" && record.error === undefined;
		const hasReading = "packs" in record || "packCount" in record || "version" in record || "localTime" in record;
		if (hasReading && !isRead && !record.error) throw new Error(`a reading beside a bad checksum: ${JSON.stringify(record)}`);
		const isTold = TOLD.some((key) => key in record);
		if (isTold && !isRead) throw new Error(`values beside a bad checksum or an error: ${JSON.stringify(record)}`);
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
