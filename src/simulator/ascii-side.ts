import type { PackSelector } from "../bms/battery/readings.ts";
import { encode } from "../bms/codec/layout.ts";
import { type AsciiRequest, fixedAnswer, RETURN_CODES, readRequest, rejection } from "../bms/protocol/ascii/ascii-answers.ts";
import { ASCII_COMMANDS } from "../bms/protocol/ascii/ascii-commands.ts";
import { buildFrame, checkFrame } from "../bms/protocol/ascii/ascii-frame.ts";
import { readPackRequest } from "../bms/protocol/ascii/ascii-pack-answers.ts";
import { isPlaceholder, measuredBy, NOBODY, statusOf } from "./absent-pack.ts";
import type { BankPack } from "./bank-model.ts";
import { clockTimeAt } from "./pack-clock.ts";
import { answerPackRequest } from "./pack-requests.ts";
import { blocksAnswer, statusBlock, telemetryBlock } from "./simulated-answers.ts";
import type { SimulatedBank } from "./simulated-bank.ts";

/** What a bank answers on RS232: only the pack with the cable hears, whatever address it is asked by (rs232-v25 §4). */
export function answerOverCable(bank: SimulatedBank, request: Uint8Array): Uint8Array | null {
	if (!bank.hearsOverCable()) return null;
	const understood = understand(request, bank.cabledAddress);
	if (understood === null || understood instanceof Uint8Array) return understood;
	const known = bank.cabledAddress === 1 ? bank.model.packs : [bank.cabled];
	const answering = known.filter((pack) => pack.presence.state === "present" || isPlaceholder(pack));
	return answerTo(bank, bank.cabled, { answering, meant: (number) => meantOverCable(bank, answering, number) }, understood);
}

/** On the link sockets every pack answers for itself, at its own address (rs232-v25 §15). */
export function answerAtAddress(bank: SimulatedBank, request: Uint8Array): Uint8Array | null {
	const check = checkFrame(request);
	const pack = bank.packAt((check.ok ? check.frame : check.envelope).address ?? -1);
	if (pack === null) return null;
	const understood = understand(request, pack.address);
	if (understood === null || understood instanceof Uint8Array) return understood;
	const { selector } = understood;
	// The second byte of 42h and 44h is the pack's address as well.
	if (selector !== null && selector !== pack.address) return null;
	return answerTo(bank, pack, { answering: [pack], meant: () => pack }, understood);
}

/** The request, or what a pack answers to one that is damaged; null for what is no frame of this protocol. */
function understand(request: Uint8Array, address: number): AsciiRequest | Uint8Array | null {
	const check = checkFrame(request);
	if (check.ok) return readRequest(check.frame);
	if (check.error.code === "checksum") return rejection(address, RETURN_CODES.checksumError);
	if (check.error.code === "length-checksum") return rejection(address, RETURN_CODES.lengthChecksumError);
	return null;
}

/** Whom a pack can speak for. */
interface Spoken {
	readonly answering: readonly BankPack[];
	/** The pack a number means. */
	readonly meant: (number: number) => BankPack;
}

function answerTo(bank: SimulatedBank, pack: BankPack, spoken: Spoken, request: AsciiRequest): Uint8Array {
	const { address, firmware } = pack;
	const blocks = (blockOf: (pack: BankPack) => Uint8Array) => blocksOf(address, spoken, request.selector, blockOf);
	switch (request.command) {
		case "telemetry":
			return blocks((one) => telemetryBlock(measuredBy(one), firmware, one.firmware));
		case "status":
			return blocks((one) => statusBlock(statusOf(one), firmware));
		case "packCount":
			return fixedAnswer(address, "packCount", { count: spoken.answering.length });
		case "version": {
			// The short form, without a Bluetooth name (rs232-v25 §8).
			const info = encode(ASCII_COMMANDS.version.replies[1], { version: bank.identityOf(pack).version });
			return buildFrame({ address, code: RETURN_CODES.normal, info });
		}
		case "serials":
			return fixedAnswer(address, "serials", bank.identityOf(pack));
		case "capacity":
			return fixedAnswer(address, "capacity", pack.model.measurements);
		case "clock":
			return fixedAnswer(address, "clock", clockTimeAt(bank.now + pack.model.memory.clockOffsetMs));
		case null: {
			const wanted = readPackRequest(request);
			return wanted === null ? rejection(address, RETURN_CODES.unknownCommand) : answerPackRequest(bank, pack, wanted);
		}
	}
}

function blocksOf(
	address: number,
	{ answering, meant }: Spoken,
	selector: PackSelector | null,
	blockOf: (pack: BankPack) => Uint8Array,
): Uint8Array {
	if (selector === null) return rejection(address, RETURN_CODES.refused);
	if (selector === "all") return blocksAnswer(address, answering.length, answering.map(blockOf));
	return blocksAnswer(address, selector, [blockOf(meant(selector))]);
}

/**
 * The pack a number means. Only pack 1 knows the others; any other pack is 1 to itself (rs232-v25 §4), and 00 was
 * seen answered as "this pack". A number nobody has gives zeros, as seen [rs232-v25 §4, table].
 */
function meantOverCable({ cabledAddress, cabled }: SimulatedBank, answering: readonly BankPack[], number: number): BankPack {
	if (number === 0 || (cabledAddress !== 1 && number === 1)) return cabled;
	const found = cabledAddress === 1 ? answering.find(({ address }) => address === number) : undefined;
	return found ?? { ...cabled, address: number, presence: NOBODY };
}
