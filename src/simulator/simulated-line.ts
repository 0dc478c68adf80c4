import type { Framer } from "../bms/protocol/protocol.ts";
import type { Clock } from "../clock.ts";
import { LineFaults, type Outgoing } from "./line-faults.ts";
import type { Responder } from "./simulated-bank.ts";

export interface SimulatedLineOptions {
	/** Speed the line keeps, baud (10 bits a byte: start, 8 data, stop); 0 = no time at all. */
	readonly baudRate: number;
	/** Between the last bit of a request and the first of its answer, ms. */
	readonly answerDelayMs: number;
}

export interface SimulatedLineDeps {
	readonly responder: Responder;
	readonly framer: Framer;
	readonly clock: Clock;
	/** Takes the bytes the battery sends. */
	readonly send: (bytes: Uint8Array) => void;
	/** What is wrong with this line; nothing when left out. */
	readonly faults?: LineFaults;
}

interface PacedAnswer {
	readonly request: Uint8Array;
	readonly bytes: Uint8Array;
	/** Time of a byte, and how often what has passed is handed on, ms. */
	readonly byteMs: number;
	readonly gridMs: number;
	/** When the first bit left. */
	readonly startedAt: number;
	/** Bytes that have left. */
	readonly sent: number;
}

const BITS_PER_BYTE = 10;
/** Bytes leave in pieces on this grid, ms: each byte at its exact time or at most this much later. */
const GRID_MS = 8;
/** A request that stops half-way is forgotten after this, ms. */
const FORGET_MS = 500;

/**
 * The serial line of a battery: bytes in, bytes out, at the pace of the wire. One exchange at a time: what
 * arrives while an answer is due or under way is lost, as the BMS reads no second request while it sends.
 */
export class SimulatedLine {
	readonly #options: SimulatedLineOptions;
	readonly #deps: SimulatedLineDeps;
	/** When the bytes that were handed in have all passed the wire. */
	#receivedAt = 0;
	/** The request whose answer is due or under way. */
	#busyWith: Uint8Array | null = null;
	#cable: "in" | "out" = "in";
	#cancelAnswer: () => void = () => {};
	#cancelForget: () => void = () => {};
	/** Late answers that are on their way, and what is heard unasked. */
	readonly #lateAnswers = new Set<() => void>();
	#cancelUnasked: readonly (() => void)[] = [];
	readonly #faults: LineFaults;

	constructor(options: SimulatedLineOptions, deps: SimulatedLineDeps) {
		this.#options = options;
		this.#deps = deps;
		this.#faults = deps.faults ?? new LineFaults();
		this.#faults.onChange(() => this.#hearUnasked());
		this.#hearUnasked();
	}

	/** Puts the cable in. */
	plug(): void {
		this.#cable = "in";
		this.#hearUnasked();
	}

	/** Pulls the cable; what is under way is lost, in both directions. Leaves no timer. */
	pull(): void {
		this.#cable = "out";
		this.#cancelAnswer();
		this.#cancelForget();
		for (const cancel of this.#lateAnswers) cancel();
		this.#lateAnswers.clear();
		this.#hearUnasked();
		this.#finish();
	}

	/** Bytes from the other end of the cable. */
	receive(bytes: Uint8Array): void {
		if (this.#cable === "out") return;
		const { clock, framer } = this.#deps;
		this.#receivedAt = Math.max(clock.now(), this.#receivedAt) + this.#wireMs(bytes.length);
		this.#cancelForget();
		if (this.#faults.echoes()) this.#deps.send(bytes);
		if (this.#busyWith !== null) return;
		for (const event of framer.push(bytes)) {
			if (event.type === "frame" && this.#busyWith === null) this.#take(event.bytes);
		}
		if (framer.pending > 0) {
			this.#cancelForget = clock.after(this.#receivedAt - clock.now() + FORGET_MS, () => {
				framer.flush();
			});
		}
	}

	#take(request: Uint8Array): void {
		this.#busyWith = request;
		const startsAt = this.#receivedAt + this.#options.answerDelayMs;
		this.#at(startsAt, () => {
			// Asked when the answer begins: it says what is true then.
			const answer = this.#deps.responder.answer(request);
			const outgoing = answer === null ? null : this.#faults.outgoing(answer);
			if (outgoing === null) this.#finish();
			else if (outgoing.lateMs > 0) this.#sendLate(outgoing);
			else this.#begin(request, outgoing, Math.max(startsAt, this.#deps.clock.now() - GRID_MS));
		});
	}

	#begin(request: Uint8Array, { bytes, slow }: Outgoing, startedAt: number): void {
		const pace = { byteMs: Math.max(slow?.byteMs ?? 0, this.#wireMs(1)), gridMs: slow?.fragmentMs ?? GRID_MS };
		this.#sendPaced({ request, bytes, startedAt, sent: 0, ...pace });
	}

	/** The line is free meanwhile; the answer falls into whatever is asked then. */
	#sendLate({ bytes, lateMs }: Outgoing): void {
		this.#finish();
		const cancel = this.#deps.clock.after(lateMs, () => {
			this.#lateAnswers.delete(cancel);
			this.#deps.send(bytes);
		});
		this.#lateAnswers.add(cancel);
	}

	/** Sends what has passed the wire by now, and comes back for the rest; never drifts, for each piece is counted from the start. */
	#sendPaced(answer: PacedAnswer): void {
		const { clock, send } = this.#deps;
		const { bytes, startedAt, sent, byteMs, gridMs } = answer;
		const passed = byteMs === 0 ? bytes.length : Math.floor((clock.now() - startedAt) / byteMs + 1e-6);
		const due = Math.max(sent, Math.min(bytes.length, passed));
		if (due > sent) send(bytes.subarray(sent, due));
		// Who got the bytes may have pulled the cable or closed the line.
		if (this.#busyWith !== answer.request) return;
		if (due === bytes.length) {
			this.#finish();
			return;
		}
		const endsAt = startedAt + bytes.length * byteMs;
		this.#at(Math.min(clock.now() + gridMs, endsAt), () => this.#sendPaced({ ...answer, sent: due }));
	}

	/** Starts anew what is heard without a question; nothing while the cable is out. */
	#hearUnasked(): void {
		for (const cancel of this.#cancelUnasked) cancel();
		const { clock, send } = this.#deps;
		this.#cancelUnasked = (this.#cable === "out" ? [] : this.#faults.unasked).map(({ everyMs, bytes }) => {
			let cancel = () => {};
			const again = () => {
				cancel = clock.after(everyMs, () => {
					again();
					const heard = bytes();
					if (heard !== null) send(heard);
				});
			};
			again();
			return () => cancel();
		});
	}

	#finish(): void {
		this.#busyWith = null;
		this.#deps.framer.flush();
	}

	#at(time: number, callback: () => void): void {
		const wait = Math.max(0, Math.ceil(time - this.#deps.clock.now()));
		this.#cancelAnswer = this.#deps.clock.after(wait, callback);
	}

	#wireMs(bytes: number): number {
		return this.#options.baudRate === 0 ? 0 : (bytes * BITS_PER_BYTE * 1000) / this.#options.baudRate;
	}
}
