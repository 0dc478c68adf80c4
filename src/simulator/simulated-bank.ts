import type { Framer } from "../bms/protocol/protocol.ts";
import type { Clock } from "../clock.ts";
import { BankModel, type BankPack } from "./bank-model.ts";
import type { SimulatorSettings } from "./options.ts";
import { SIMULATED_PROTOCOLS, type SimulatedProtocol } from "./simulated-protocols.ts";

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

/** A bank that answers requests from the protocol's own tables, at the moment of the clock. */
export class SimulatedBank implements Responder {
	readonly model: BankModel;
	readonly #identity: SimulatedIdentity;
	readonly protocol: SimulatedProtocol;
	readonly #clock: Clock;
	#at: number;
	#wakesAt: number | null = null;

	constructor(settings: SimulatorSettings, deps: SimulatedBankDeps) {
		this.#clock = deps.clock;
		this.#at = deps.clock.now();
		this.#identity = { ...IDENTITY, ...deps.identity };
		this.protocol = SIMULATED_PROTOCOLS[settings.protocol];
		this.model = new BankModel(settings, deps.cabledAddress ?? 1, this.#at);
		const { inverterCode } = this.protocol;
		for (const { model } of this.model.packs) model.memory.setInverter({ ...model.memory.inverter, rs485: inverterCode });
	}

	createFramer(): Framer {
		return this.protocol.createFramer();
	}

	/** The moment the battery is at, ms since the epoch. */
	get now(): number {
		return this.#at;
	}

	/** Brings the battery to the clock's time. */
	advance(): void {
		const now = this.#clock.now();
		// A clock that was set back lets no time pass.
		if (now > this.#at) this.model.advance(now - this.#at, now);
		this.#at = now;
		if (this.#wakesAt !== null && now >= this.#wakesAt) {
			this.#wakesAt = null;
			if (this.cabled.presence.state === "asleep") this.model.wake(this.cabled);
		}
	}

	answer(request: Uint8Array): Uint8Array | null {
		this.advance();
		const answer = this.protocol.answer(this, request);
		// What is asked of a pack that sleeps wakes it (RS232 only), and keeps those awake that do not.
		this.model.askedAt = this.#at;
		return answer;
	}

	/** Whether the pack with the cable hears a request; one that sleeps is woken by it. */
	hearsOverCable(): boolean {
		const { presence } = this.cabled;
		if (presence.state === "asleep" && presence.wakesOnRequest) this.#wakesAt ??= this.#clock.now() + WAKE_UP_MS;
		return presence.state === "present";
	}

	/** What a pack tells of itself: the first one as given, the others with serial numbers of their own. */
	identityOf({ place }: BankPack): SimulatedIdentity {
		const { version, bmsSerial, packSerial } = this.#identity;
		const numbered = (serial: string) => (place === 1 ? serial : serial.replace(/\d*$/, String(place)));
		return { version, bmsSerial: numbered(bmsSerial), packSerial: numbered(packSerial) };
	}

	/** Address of the pack with the cable; where every pack answers for itself, of the first one. */
	get cabledAddress(): number {
		return this.cabled.address;
	}

	get cabled(): BankPack {
		const pack = this.model.packs[0];
		if (pack === undefined) throw new RangeError("A bank has at least one pack.");
		return pack;
	}

	/** The pack with that address, when it is there and awake. */
	packAt(address: number): BankPack | null {
		const pack = this.model.packs.find((one) => one.address === address);
		return pack?.presence.state === "present" ? pack : null;
	}
}
