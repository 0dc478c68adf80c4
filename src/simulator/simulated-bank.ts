import type { PackSelector, PackStatus } from "../bms/battery/readings.ts";
import { encode } from "../bms/codec/layout.ts";
import { type AsciiRequest, fixedAnswer, RETURN_CODES, readRequest, rejection } from "../bms/protocol/ascii/ascii-answers.ts";
import { ASCII_COMMANDS } from "../bms/protocol/ascii/ascii-commands.ts";
import { buildFrame, checkFrame } from "../bms/protocol/ascii/ascii-frame.ts";
import type { Framer } from "../bms/protocol/protocol.ts";
import type { Clock } from "../clock.ts";
import { BankModel, type BankPack } from "./bank-model.ts";
import type { SimulatorSettings } from "./options.ts";
import type { PackMeasurements } from "./pack-model.ts";
import { blocksAnswer, statusBlock, telemetryBlock } from "./simulated-answers.ts";

/** What a battery does with a request: an answer, or nothing. */
export interface Responder {
	/** The answer to one request frame; null = silence. */
	answer(request: Uint8Array): Uint8Array | null;
	/** Finds the requests in the bytes; those of ASCII when left out. */
	createFramer?(): Framer;
}

/** Texts of C1h and C2h; at most 20 printable characters each. */
export interface SimulatedIdentity {
	readonly version: string;
	readonly bmsSerial: string;
	readonly packSerial: string;
}

/** The version has the form of a board name, as real ones have: drivers know the answer by it. */
const IDENTITY: SimulatedIdentity = { version: "P16S100A-SIM-1.00", bmsSerial: "SIMULATED-BMS-1", packSerial: "SIMULATED-PACK-1" };

export interface SimulatedBankDeps {
	readonly clock: Clock;
	/** DIP address of the pack with the cable, 0-15; 1 (default) reaches all packs, any other only itself (rs232-v25 §4). */
	readonly cabledAddress?: number;
	readonly identity?: Partial<SimulatedIdentity>;
}

/** Until a pack that was woken by a request answers, ms: our choice. */
const WAKE_UP_MS = 3000;

/** A bank that answers RS232 requests from the protocol's own tables, at the moment of the clock. */
export class SimulatedBank implements Responder {
	readonly model: BankModel;
	readonly cabledAddress: number;
	readonly #settings: SimulatorSettings;
	readonly #identity: SimulatedIdentity;
	readonly #clock: Clock;
	#at: number;
	#wakesAt: number | null = null;

	constructor(settings: SimulatorSettings, deps: SimulatedBankDeps) {
		this.#settings = settings;
		this.#clock = deps.clock;
		this.#at = deps.clock.now();
		this.cabledAddress = deps.cabledAddress ?? 1;
		this.#identity = { ...IDENTITY, ...deps.identity };
		this.model = new BankModel(settings, this.cabledAddress);
	}

	/** Brings the battery to the clock's time. */
	advance(): void {
		const now = this.#clock.now();
		// A clock that was set back lets no time pass.
		if (now > this.#at) this.model.advance(now - this.#at);
		this.#at = now;
		const cabled = this.#cabled();
		if (this.#wakesAt !== null && now >= this.#wakesAt) {
			this.#wakesAt = null;
			if (cabled.presence.state === "asleep") cabled.presence = { state: "present" };
		}
	}

	answer(request: Uint8Array): Uint8Array | null {
		this.advance();
		if (!this.#isListening()) return null;
		const check = checkFrame(request);
		const address = this.cabledAddress;
		if (!check.ok) {
			if (check.error.code === "checksum") return rejection(address, RETURN_CODES.checksumError);
			if (check.error.code === "length-checksum") return rejection(address, RETURN_CODES.lengthChecksumError);
			// What is no frame of this protocol is not for this battery.
			return null;
		}
		return this.#answerTo(readRequest(check.frame));
	}

	#answerTo(request: AsciiRequest): Uint8Array {
		const address = this.cabledAddress;
		switch (request.command) {
			case "telemetry":
				return this.#blocks(request.selector, (pack) => telemetryBlock(measuredBy(pack), this.#settings.firmware));
			case "status":
				return this.#blocks(request.selector, (pack) => statusBlock(statusOf(pack), this.#settings.firmware));
			case "packCount":
				return fixedAnswer(address, "packCount", { count: this.#answering().length });
			case "version": {
				// The short form, without a Bluetooth name (rs232-v25 §8).
				const info = encode(ASCII_COMMANDS.version.replies[1], { version: this.#identity.version });
				return buildFrame({ address, code: RETURN_CODES.normal, info });
			}
			case "serials":
				return fixedAnswer(address, "serials", this.#identity);
			case "capacity":
				return fixedAnswer(address, "capacity", this.#cabled().model.measurements);
			case "clock":
				return fixedAnswer(address, "clock", clockFields(new Date(this.#clock.now())));
			case null:
				return rejection(address, RETURN_CODES.unknownCommand);
		}
	}

	#blocks(selector: PackSelector | null, blockOf: (pack: BankPack) => Uint8Array): Uint8Array {
		if (selector === null) return rejection(this.cabledAddress, RETURN_CODES.refused);
		if (selector === "all") {
			const packs = this.#answering();
			return blocksAnswer(this.cabledAddress, packs.length, packs.map(blockOf));
		}
		return blocksAnswer(this.cabledAddress, selector, [blockOf(this.#asked(selector))]);
	}

	/**
	 * The pack a number means. Only pack 1 knows the others; any other pack is 1 to itself (rs232-v25 §4), and
	 * 00 was seen answered as "this pack". A number nobody has gives zeros, as seen [rs232-v25 §4, table].
	 */
	#asked(number: number): BankPack {
		const cabled = this.#cabled();
		if (number === 0 || (this.cabledAddress !== 1 && number === 1)) return cabled;
		const pack = this.cabledAddress === 1 ? this.model.packs.find(({ address }) => address === number) : undefined;
		if (pack !== undefined && (pack.presence.state === "present" || isPlaceholder(pack))) return pack;
		return { address: number, model: cabled.model, presence: NOBODY };
	}

	/** Packs with a block in an all-packs answer, by address. */
	#answering(): readonly BankPack[] {
		if (this.cabledAddress !== 1) return [this.#cabled()];
		return this.model.packs.filter((pack) => pack.presence.state === "present" || isPlaceholder(pack));
	}

	#isListening(): boolean {
		const { presence } = this.#cabled();
		if (presence.state === "asleep" && presence.wakesOnRequest) this.#wakesAt ??= this.#clock.now() + WAKE_UP_MS;
		return presence.state === "present";
	}

	#cabled(): BankPack {
		const pack = this.model.packs[0];
		if (pack === undefined) throw new RangeError("A bank has at least one pack.");
		return pack;
	}
}

const NOBODY = { state: "lost", form: "shrinks" } as const;
const isPlaceholder = ({ presence }: BankPack) => presence.state === "lost" && presence.form === "placeholder";

/** What a 42h answer says of a pack; of one that is away, what was captured for such a place (rs232-v25 §4). */
function measuredBy({ model, presence }: BankPack): PackMeasurements {
	if (presence.state === "present") return model.measurements;
	const isPlace = presence.state === "lost" && presence.form === "placeholder";
	return {
		cellVoltages: new Array<number>(model.cellCount).fill(0),
		// A place that is kept reads 0.0 °C; a number nobody has reads zero throughout, which is -273 °C.
		temperatures: new Array<number>(model.probeCount).fill(isPlace ? 0 : -273),
		current: 0,
		voltage: 0,
		remainingCapacity: 0,
		fullCapacity: 0,
		designCapacity: 0,
		cycleCount: 0,
		stateOfCharge: isPlace ? 98 : 0,
		stateOfHealth: isPlace ? 100 : 0,
		outputVoltage: 0,
		outputCurrent: 0,
	};
}

function statusOf({ model, presence }: BankPack): PackStatus {
	const status = model.status;
	if (presence.state === "present") return status;
	return {
		conditions: [],
		states: Object.fromEntries(Object.keys(status.states).map((key) => [key, false])) as PackStatus["states"],
		cellCodes: status.cellCodes.map(() => 0),
		probeCodes: status.probeCodes.map(() => 0),
		chargeCurrentCode: 0,
		packVoltageCode: 0,
		dischargeCurrentCode: 0,
		balancingCells: [],
		unknownBits: [],
		indicationZero: true,
	};
}

function clockFields(date: Date) {
	return {
		year: date.getFullYear(),
		month: date.getMonth() + 1,
		day: date.getDate(),
		hour: date.getHours(),
		minute: date.getMinutes(),
		second: date.getSeconds(),
	};
}
