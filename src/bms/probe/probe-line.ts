import type { Clock } from "../../clock.ts";
import { messageOf, TransportError } from "../../errors.ts";
import { type Logger, silentLogger } from "../../logger.ts";
import { Bus } from "../bus/bus.ts";
import { pause } from "../driver/pause.ts";
import type { Exchange } from "../protocol/protocol.ts";
import type { Traffic } from "../transport/traffic-ring.ts";
import type { Transport } from "../transport/transport.ts";
import { type CandidateName, candidate } from "./candidates.ts";
import { createEar, type Ear } from "./hearing.ts";

/** How long a started answer may pause, ms. */
const INTER_CHARACTER_TIMEOUT_MS = 200;

export interface ProbeLineParts {
	/** Makes the transport for a speed; not open yet. */
	readonly openAt: (baudRate: number) => Transport;
	readonly clock: Clock;
	readonly logger?: Logger;
	readonly signal: AbortSignal;
	readonly onTraffic?: (traffic: Traffic) => void;
}

interface Open {
	readonly transport: Transport;
	readonly baudRate: number;
	bus: Bus | null;
	protocol: CandidateName | null;
	lost: TransportError | null;
}

/** One line at one speed at a time, on which several protocols are asked one after the other. */
export class ProbeLine {
	readonly #parts: ProbeLineParts;
	#open: Open | null = null;
	#ear: Ear = createEar();
	#lastFrame: Uint8Array | null = null;

	constructor(parts: ProbeLineParts) {
		this.#parts = parts;
	}

	/** What was on the line since the last call of `listen` or `ask` began. */
	get ear(): Ear {
		return this.#ear;
	}

	/** The frame that answered the last question; null while none did. */
	get lastFrame(): Uint8Array | null {
		return this.#lastFrame;
	}

	/** Hears for some time; sends nothing. Rejects with a TransportError. */
	async listen(baudRate: number, forMs: number): Promise<void> {
		const open = await this.#at(baudRate);
		this.#ear = createEar();
		await pause(this.#parts.clock, forMs, this.#parts.signal);
		if (open.lost) throw open.lost;
	}

	/** Asks once. Rejects with a LineError. */
	async ask<T>(protocol: CandidateName, baudRate: number, exchange: Exchange<T>): Promise<T> {
		const open = await this.#at(baudRate);
		if (open.lost) throw open.lost;
		this.#ear = createEar();
		this.#lastFrame = null;
		const watched: Exchange<T> = {
			...exchange,
			accept: (frame) => {
				const acceptance = exchange.accept(frame);
				if (acceptance.kind === "reply") this.#lastFrame = frame;
				return acceptance;
			},
		};
		return this.#busFor(open, protocol).request(watched, { attempts: 1, signal: this.#parts.signal });
	}

	/** Never rejects. */
	async close(): Promise<void> {
		const open = this.#open;
		this.#open = null;
		if (!open) return;
		open.bus?.stop(closedError(open.transport.port));
		await open.transport.close();
	}

	async #at(baudRate: number): Promise<Open> {
		if (this.#open?.baudRate === baudRate) return this.#open;
		await this.close();
		const open: Open = { transport: this.#parts.openAt(baudRate), baudRate, bus: null, protocol: null, lost: null };
		this.#open = open;
		try {
			await open.transport.open({ onBytes: (chunk) => this.#receive(open, chunk), onLost: (error) => lose(open, error) });
		} catch (error) {
			this.#open = null;
			if (error instanceof TransportError) throw error;
			throw new TransportError("failed", `${open.transport.port} could not be opened: ${messageOf(error)}.`, {}, error);
		}
		return open;
	}

	/** Another protocol gets a bus of its own: what is left over of the one before must not meet its rules. */
	#busFor(open: Open, protocol: CandidateName): Bus {
		if (open.bus && open.protocol === protocol) return open.bus;
		open.bus?.stop(closedError(open.transport.port));
		const { clock, logger = silentLogger } = this.#parts;
		open.protocol = protocol;
		const { createFramer, limits } = candidate(protocol);
		open.bus = new Bus({
			transport: { port: open.transport.port, write: (bytes) => this.#write(open, bytes) },
			framer: createFramer(),
			...limits,
			clock,
			logger,
			baudRate: open.baudRate,
			interCharacterTimeoutMs: INTER_CHARACTER_TIMEOUT_MS,
			attempts: 1,
		});
		return open.bus;
	}

	#write(open: Open, bytes: Uint8Array): Promise<void> {
		this.#parts.onTraffic?.({ at: this.#parts.clock.now(), direction: "sent", bytes });
		return open.transport.write(bytes);
	}

	#receive(open: Open, chunk: Uint8Array): void {
		if (this.#open !== open) return;
		this.#parts.onTraffic?.({ at: this.#parts.clock.now(), direction: "received", bytes: chunk });
		this.#ear.push(chunk);
		open.bus?.receive(chunk);
	}
}

function lose(open: Open, error: TransportError): void {
	open.lost = error;
	open.bus?.stop(error);
}

function closedError(port: string): TransportError {
	return new TransportError("closed", `${port} was closed.`, { port });
}
