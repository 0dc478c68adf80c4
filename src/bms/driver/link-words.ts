import { BmsError, type ErrorCode, type LineError } from "../../errors.ts";
import type { LineProtocol } from "../protocol/protocols.ts";
import { wrongMode } from "./wrong-mode.ts";

/**
 * TABLE of what a failure on the line most likely means, for the owner of the battery: what to look at, in the
 * order in which it is most often the cause. A code that is not here speaks for itself.
 */
const LIKELY = {
	"no-answer":
		"Nobody answers. Is the pack switched on and not asleep, the cable in its RS232 socket (not RS485 or CAN), " +
		"and this the right port? A network gateway must be set to 9600 baud, 8N1, raw TCP.",
	"echo-only":
		"Only our own question comes back: the adapter echoes, or its RX and TX wires touch, or the cable ends before the battery. " +
		"Check the cable's pins 3 and 4 and the adapter's echo switch.",
	"foreign-answer":
		"Answers come that belong to other questions: another program, a second monitor or the inverter talks on the same line.",
	"incomplete-answer": "Answers break off: a loose plug, a long cable, or a network gateway that pauses (then raise the limit for pauses).",
	"no-start": "Bytes come, but no readable answer: wrong speed (most boards use 9600 baud), or the wiring (ground, RS232 levels).",
	"not-hex": "Answers arrive damaged: check the ground wire, the speed and the cable.",
	"length-checksum": "Answers arrive damaged: check the ground wire, the speed and the cable.",
	length: "Answers arrive damaged: check the ground wire, the speed and the cable.",
	checksum: "Answers arrive damaged: check the ground wire, the speed and the cable.",
	version: "The battery answers in another protocol version: this may be its RS485 socket.",
	chemistry: "Something answers that does not call itself a lithium battery of this kind.",
	"not-a-reply": "The line is never quiet: wrong speed, or another program or the inverter talks on it.",
} as const satisfies Partial<Record<ErrorCode, string>>;

/** TABLE of what it most likely means where every pack answers for itself: other sockets, other wires (manual §4.2.1). */
const LIKELY_ON_RS485 = {
	"no-answer":
		"Nobody answers. Is the pack switched on and not asleep (RS485 does not wake it), the cable in its RS485 socket (not CAN), A and B " +
		"the right way round, and the inverter protocol of the pack the one that is read here? A network gateway must be set to 9600 baud, 8N1, raw data.",
	"echo-only":
		"Only our own question comes back: the RS485 adapter echoes, and the battery is not heard. Check A, B and ground, and that the pack is awake.",
	"no-start": "Bytes come, but no readable answer: A and B swapped, wrong speed (most boards use 9600 baud), or no ground wire.",
} as const satisfies Partial<Record<ErrorCode, string>>;

/** What is likely wrong, in the owner's words, with the port it is about; `junk` came and belongs to no frame. */
export function likelyCause(error: LineError, port: string, reach: LineProtocol["reach"], junk: Uint8Array = new Uint8Array()): string {
	const table: Partial<Record<ErrorCode, string>> = reach === "addressed" ? { ...LIKELY, ...LIKELY_ON_RS485 } : LIKELY;
	const words: string | undefined = wrongMode(junk) ?? table[error.code];
	return words === undefined ? error.message : `${port}: ${words}`;
}

/** One pack does not answer, and the others do. */
export function packMissing(pack: number): string {
	return `Pack ${pack} does not answer, the others do. Is it switched on, its link cable in place and its address set to ${pack}?`;
}

/** Whether it is trouble on the line, and not a mistake of ours. */
export function isLineError(error: unknown): error is LineError {
	return error instanceof BmsError && error.kind !== "config";
}
