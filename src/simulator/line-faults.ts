import { buildFrame, checkFrame } from "../bms/protocol/ascii/ascii-frame.ts";
import { V20_FAMILY } from "../bms/protocol/ascii20/dialects.ts";
import { buildAdu, checkAdu, EXCEPTION_BIT } from "../bms/protocol/modbus/modbus-frame.ts";
import { createRandom, type Random } from "./seeded-random.ts";

/** What is sent, how long after it was due, and how slowly. */
export interface Outgoing {
	readonly bytes: Uint8Array;
	/** After this time the line is free again meanwhile, ms. */
	readonly lateMs: number;
	/** Slower than the wire: time of a byte and of a fragment, ms. */
	readonly slow: { readonly byteMs: number; readonly fragmentMs: number } | null;
}

interface LineFault {
	/** For the owner: what happens. */
	readonly description: string;
	/** What share is hit when none is given, %: of the bytes, of the answers or of the time. */
	readonly share: number;
	readonly of: "bytes" | "answers" | "time";
	/** What becomes of the bytes of an answer that is hit; `share` is 0 to 1. */
	readonly alter?: (bytes: Uint8Array, random: Random, share: number) => Uint8Array;
	/** What is heard beside all answers, and how often. */
	readonly unasked?: { readonly everyMs: number; readonly bytes: (random: Random, turn: number) => Uint8Array };
}

/** A gateway that speaks Telnet offers to echo and to suppress go-ahead (RFC 854, 857, 858), and sends CR as CR NUL. */
const TELNET_GREETING = [0xff, 0xfb, 0x01, 0xff, 0xfb, 0x03];
const CR = 0x0d;
/** A question of an inverter to a battery with Modbus (modbus-rtu V1). */
const INVERTER_QUESTION = buildAdu(1, 3, Uint8Array.of(0, 0, 0, 0x25));

/** TABLE of what can be wrong with a line. */
export const LINE_FAULTS = {
	drop: {
		description: "bytes are lost",
		share: 3,
		of: "bytes",
		alter: (bytes, random, share) => bytes.filter(() => random() >= share),
	},
	flip: {
		description: "a bit of a byte turns over",
		share: 3,
		of: "bytes",
		alter: (bytes, random, share) => bytes.map((byte) => (random() < share ? byte ^ (1 << Math.floor(random() * 8)) : byte)),
	},
	cut: {
		description: "an answer stops half-way",
		share: 50,
		of: "answers",
		alter: (bytes, random) => bytes.subarray(0, Math.floor(1 + random() * (bytes.length - 1))),
	},
	duplicate: { description: "an answer comes twice", share: 50, of: "answers", alter: (bytes) => Uint8Array.from([...bytes, ...bytes]) },
	glue: { description: "an answer is held back and comes together with the next one", share: 50, of: "answers" },
	echo: { description: "the adapter sends back what is asked", share: 100, of: "answers" },
	late: { description: "an answer comes after one to three seconds", share: 50, of: "answers" },
	"wrong-address": {
		description: "the answer bears another pack's address, with a right checksum",
		share: 50,
		of: "answers",
		alter: (bytes) => withOtherAddress(bytes),
	},
	"foreign-master": {
		description: "another master asks for the packs 2 to 15 in turn, as pack 1 does on the link ports",
		share: 100,
		of: "time",
		unasked: { everyMs: 300, bytes: (_, turn) => buildFrame({ address: 2 + (turn % 14), code: 0x90 }) },
	},
	"foreign-modbus": {
		description: "an inverter asks with Modbus on the same line",
		share: 100,
		of: "time",
		unasked: { everyMs: 500, bytes: () => INVERTER_QUESTION },
	},
	noise: {
		description: "the line is flooded with noise",
		share: 100,
		of: "time",
		unasked: { everyMs: 25, bytes: (random) => noise(24, random) },
	},
	silence: { description: "no answer comes", share: 100, of: "answers" },
	garbage: {
		description: "what comes is garbage, as at a wrong speed",
		share: 100,
		of: "answers",
		alter: (bytes, random) => noise(Math.ceil(bytes.length / 2), random),
	},
	slow: { description: "an answer comes byte by byte, in fragments", share: 100, of: "answers" },
	"no-end-mark": {
		description: "the gateway is in the wrong mode and takes the end marks (CR) away",
		share: 100,
		of: "answers",
		alter: (bytes) => bytes.filter((byte) => byte !== CR),
	},
	telnet: {
		description: "the gateway speaks Telnet and puts its own bytes between",
		share: 100,
		of: "answers",
		alter: (bytes) => Uint8Array.from([...TELNET_GREETING, ...[...bytes].flatMap((byte) => (byte === CR ? [CR, 0] : [byte]))]),
	},
} as const satisfies Record<string, LineFault>;

export type LineFaultKind = keyof typeof LINE_FAULTS;
export const LINE_FAULT_KINDS = Object.keys(LINE_FAULTS) as readonly LineFaultKind[];

const rowOf = (kind: LineFaultKind): LineFault => LINE_FAULTS[kind];

/** How late a late answer is at least, and the most that comes on top, ms. */
const LATE_MS = { least: 1000, spread: 2000 } as const;
/** A slow gateway: time of a byte and of a fragment, ms. */
const SLOW = { byteMs: 8, fragmentMs: 40 } as const;

/** What is wrong with one line, from a seed of its own: the same seed and the same questions give the same faults. */
export class LineFaults {
	readonly #random: Random;
	readonly #shares = new Map<LineFaultKind, number>();
	readonly #listeners = new Set<() => void>();
	#heldBack: Uint8Array | null = null;
	#turn = 0;

	constructor(seed = 1) {
		this.#random = createRandom(seed);
	}

	/** The faults there are, with their shares, %. */
	get active(): Readonly<Partial<Record<LineFaultKind, number>>> {
		return Object.fromEntries(this.#shares);
	}

	/** Begins a fault, with the share of its row when none is given, %; 0 ends it. */
	set(kind: LineFaultKind, share: number = LINE_FAULTS[kind].share): void {
		if (share <= 0) this.#shares.delete(kind);
		else this.#shares.set(kind, Math.min(100, share));
		this.#changed();
	}

	/** Ends all faults. */
	clear(): void {
		this.#shares.clear();
		this.#heldBack = null;
		this.#changed();
	}

	/** Called when faults begin or end. Returns the way to stop listening. */
	onChange(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Whether the adapter sends back what was just asked. */
	echoes(): boolean {
		return this.#hits("echo");
	}

	/** What becomes of an answer; null: nothing is sent. */
	outgoing(answer: Uint8Array): Outgoing | null {
		if (this.#hits("silence")) return null;
		const altered = LINE_FAULT_KINDS.reduce((bytes, kind) => this.#altered(kind, bytes), answer);
		const held = this.#heldBack;
		this.#heldBack = null;
		if (held === null && this.#hits("glue")) {
			this.#heldBack = altered;
			return null;
		}
		return {
			bytes: held === null ? altered : Uint8Array.from([...held, ...altered]),
			lateMs: this.#hits("late") ? LATE_MS.least + this.#random() * LATE_MS.spread : 0,
			slow: this.#hits("slow") ? SLOW : null,
		};
	}

	/** The faults that are heard without a question, and how often. */
	get unasked(): readonly { readonly everyMs: number; readonly bytes: () => Uint8Array | null }[] {
		return LINE_FAULT_KINDS.flatMap((kind) => {
			const { unasked } = rowOf(kind);
			if (unasked === undefined || !this.#shares.has(kind)) return [];
			const bytes = () => (this.#hits(kind) ? unasked.bytes(this.#random, this.#turn++) : null);
			return [{ everyMs: unasked.everyMs, bytes }];
		});
	}

	#altered(kind: LineFaultKind, bytes: Uint8Array): Uint8Array {
		const { alter, of } = rowOf(kind);
		const share = this.#shares.get(kind);
		if (alter === undefined || share === undefined) return bytes;
		return of === "bytes" || this.#hits(kind) ? alter(bytes, this.#random, share / 100) : bytes;
	}

	#hits(kind: LineFaultKind): boolean {
		const share = this.#shares.get(kind);
		return share !== undefined && this.#random() * 100 < share;
	}

	#changed(): void {
		for (const listener of [...this.#listeners]) listener();
	}
}

function noise(length: number, random: Random): Uint8Array {
	return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

/** The same message from the next address; bytes that are no message of a known protocol stay. */
function withOtherAddress(bytes: Uint8Array): Uint8Array {
	for (const family of [undefined, V20_FAMILY]) {
		const check = checkFrame(bytes, family);
		if (check.ok) return buildFrame({ ...check.frame, address: (check.frame.address + 1) % 16 });
	}
	const check = checkAdu(bytes);
	if (!check.ok) return bytes;
	const { unit, functionCode, exception, data } = check.adu;
	return buildAdu((unit % 15) + 1, exception === null ? functionCode : functionCode | EXCEPTION_BIT, data);
}
