import type { Clock } from "../../clock.ts";
import { isRetryable, type LineError, type TransportError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { Exchange, Framer } from "../protocol/protocol.ts";
import type { Transport } from "../transport/transport.ts";
import { acceptFrame, asTransportError, type Limit, limitError, restlessError } from "./bus-errors.ts";
import type { BusEvent } from "./bus-events.ts";
import { Flight } from "./flight.ts";
import { createJob, type Job, type RequestOptions } from "./job.ts";
import { AS_SET, type Pace } from "./pace.ts";
import { printable } from "./printable.ts";
import { RequestQueue } from "./request-queue.ts";

/** Silence after which a line that was out of step counts as quiet (rs232-v25 §3), ms. */
const QUIET_MS = 100;
/** A line that is not quiet for this long carries something else than answers, ms; the longest answer takes 4.3 s. */
const LONGEST_UNREST_MS = 6_000;
/** Idle bytes fewer than this are stray line ends or noise, not the rest of an answer. */
const STRAY_BYTES = 4;
/** Junk bytes that are handed on to be looked at. */
const SAMPLE_BYTES = 64;

export interface BusOptions {
	/** Open already; the bus neither opens nor closes it. */
	readonly transport: Pick<Transport, "write" | "port">;
	readonly framer: Framer;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Speed of the line, baud; behind a gateway what the gateway is set to. Only time limits follow from it. */
	readonly baudRate: number;
	/** From the request's last bit to the first byte of the answer, ms. */
	readonly firstByteTimeoutMs: number;
	/** How long a started answer may pause, ms. */
	readonly interCharacterTimeoutMs: number;
	/** Least pause between the end of an answer and the next request, ms. */
	readonly gapMs: number;
	/** How often a question is asked before it counts as unanswered, from 1. */
	readonly attempts: number;
	/** How much slower than set the line is to be used just now; looked at before every question. */
	readonly pace?: () => Pace;
	readonly onEvent?: (event: BusEvent) => void;
}

/**
 * One open line, shared by all who ask: one exchange at a time, least gaps, late and foreign answers told apart,
 * bounded repeats. Lives as long as the line is open; a new opening gets a new bus, so nothing of the old line is
 * left over. Every rejection is a LineError.
 */
export class Bus {
	readonly #options: BusOptions;
	readonly #queue = new RequestQueue<Job>();
	#job: Job | null = null;
	#flight: Flight | null = null;
	#writing: boolean = false;
	#receiving: boolean = false;
	#stopped: TransportError | null = null;
	#cancelPause: (() => void) | null = null;
	/** What came before we opened the line may still be coming in. */
	#outOfStep: boolean = true;
	#unrestSince: number | null = null;
	#lastByteAt: number;
	/** The exchange that ended last, and its answer: what comes late of it is told apart. */
	#last: { readonly exchange: Exchange; readonly answer: Uint8Array | null } | null = null;
	#lastEndAt = Number.NEGATIVE_INFINITY;

	constructor(options: BusOptions) {
		this.#options = options;
		this.#lastByteAt = options.clock.now();
	}

	/** Asks; resolves with what the answer said. Rejects with a LineError and nothing else. */
	request<T>(exchange: Exchange<T>, options: RequestOptions = {}): Promise<T> {
		const { job, answer } = createJob(exchange, { attempts: this.#options.attempts, ...options }, (withdrawn) => {
			this.#queue.remove(withdrawn);
		});
		if (this.#stopped) job.reject(this.#stopped);
		else if (!job.withdrawn) {
			this.#queue.add(job, job.priority);
			this.#pump();
		}
		return answer;
	}

	/** Takes bytes of the line. */
	receive(chunk: Uint8Array): void {
		if (this.#stopped) return;
		this.#options.logger.trace(() => `< ${printable(chunk)}`);
		this.#lastByteAt = this.#options.clock.now();
		this.#flight?.onBytes();
		let junk = 0;
		this.#receiving = true;
		for (const event of this.#options.framer.push(chunk)) {
			if (event.type === "junk") junk += this.#countJunk(event.bytes);
			else this.#onFrame(event.bytes);
		}
		this.#receiving = false;
		if (this.#flight) this.#flight.afterBytes(this.#options.framer.pending);
		else if (junk >= STRAY_BYTES || this.#options.framer.pending > 0) this.#outOfStep = true;
		this.#pump();
	}

	/** The line is gone or is being closed: everything that waits is rejected with `reason`, nothing is written any more. */
	stop(reason: TransportError): void {
		if (this.#stopped) return;
		this.#stopped = reason;
		this.#cancelPause?.();
		this.#cancelPause = null;
		this.#flight?.end();
		this.#flight = null;
		const waiting = this.#job ? [this.#job, ...this.#queue.takeAll()] : this.#queue.takeAll();
		this.#job = null;
		for (const job of waiting) job.reject(reason);
	}

	/** Starts the next exchange as soon as the line has rested. */
	#pump(): void {
		// A frame behind the answer in the same chunk must not meet the next question's rule.
		if (this.#receiving || this.#writing || this.#job || this.#cancelPause || this.#stopped || this.#queue.size === 0) return;
		const now = this.#options.clock.now();
		const rest = this.#restMs(now);
		if (rest > 0 && !this.#isRestless(now)) {
			this.#cancelPause = this.#options.clock.after(rest, () => {
				this.#cancelPause = null;
				this.#pump();
			});
			return;
		}
		const job = this.#queue.take();
		if (!job) return;
		job.attempt += 1;
		this.#job = job;
		if (rest > 0) {
			this.#unrestSince = null;
			this.#fail(restlessError(job.exchange, this.#options.transport.port));
		} else {
			this.#send(job);
		}
	}

	/** How long the line must still rest, ms: the gap, and quiet when it was out of step. */
	#restMs(now: number): number {
		const { extraGapMs, quietMs } = this.#pace();
		const gap = this.#lastEndAt + this.#options.gapMs + extraGapMs - now;
		if (!this.#outOfStep && quietMs === 0) return gap;
		const quiet = this.#lastByteAt + Math.max(QUIET_MS, quietMs) - now;
		if (quiet > 0) this.#unrestSince ??= now;
		return Math.max(gap, quiet);
	}

	#isRestless(now: number): boolean {
		return this.#unrestSince !== null && now - this.#unrestSince >= LONGEST_UNREST_MS;
	}

	#send(job: Job): void {
		const { clock, logger, transport, baudRate, interCharacterTimeoutMs } = this.#options;
		const firstByteTimeoutMs = this.#options.firstByteTimeoutMs + this.#pace().extraTimeoutMs;
		this.#flushFramer();
		this.#outOfStep = false;
		this.#unrestSince = null;
		// Armed before the write: an answer may come before the write reports that it is done.
		const flight = new Flight({
			clock,
			requestWireMs: (job.exchange.request.length * 10_000) / baudRate,
			longestAnswerMs: longestAnswerMs(baudRate),
			firstByteTimeoutMs,
			interCharacterTimeoutMs,
			onLimit: (limit) => this.#onLimit(flight, limit),
		});
		this.#flight = flight;
		this.#writing = true;
		logger.trace(() => `> ${printable(job.exchange.request)}`);
		transport.write(job.exchange.request).then(
			() => {
				this.#writing = false;
				flight.onWritten();
				this.#pump();
			},
			(error: unknown) => {
				this.#writing = false;
				if (this.#flight === flight) this.#fail(asTransportError(error, transport.port));
				this.#pump();
			},
		);
	}

	#onFrame(bytes: Uint8Array): void {
		const job = this.#job;
		const flight = this.#flight;
		if (!job || !flight) {
			this.#outOfStep = true;
			this.#tell(this.#unasked(bytes));
			return;
		}
		const acceptance = acceptFrame(job.exchange, bytes);
		switch (acceptance.kind) {
			case "reply":
				this.#tell({ type: "reply", exchange: job.exchange, answerTimeMs: flight.answerTimeMs });
				this.#finish(bytes);
				job.resolve(acceptance.value);
				return;
			case "echo":
				this.#tell({ type: "echo" });
				flight.onOtherFrame("echo");
				return;
			case "foreign":
				this.#outOfStep = true;
				this.#options.logger.trace(() => `foreign frame (${acceptance.reason}): ${printable(bytes)}`);
				this.#tell(this.#isRepeated(bytes) ? { type: "repeated" } : { type: "foreign", reason: acceptance.reason });
				flight.onOtherFrame("foreign");
				return;
			case "bad":
			case "rejected":
				this.#fail(acceptance.error);
		}
	}

	/** What a frame is that comes while no answer is due. */
	#unasked(bytes: Uint8Array): BusEvent {
		if (this.#last && acceptFrame(this.#last.exchange, bytes).kind === "echo") return { type: "echo" };
		return this.#isRepeated(bytes) ? { type: "repeated" } : { type: "foreign", reason: "an answer nobody waits for" };
	}

	#isRepeated(bytes: Uint8Array): boolean {
		const answer = this.#last?.answer;
		return answer?.length === bytes.length && answer.every((byte, index) => byte === bytes[index]);
	}

	#onLimit(flight: Flight, limit: Limit): void {
		if (this.#flight !== flight || !this.#job) return;
		const { pending } = this.#options.framer;
		const hasFrames = (limit === "pause" || limit === "first-byte") && this.#takeRest();
		if (this.#flight !== flight) return;
		// A few bytes that look like a beginning are noise, and a frame of others is not the answer: it may still come.
		if (flight.mayWaitOn && (hasFrames || (limit === "pause" && pending < STRAY_BYTES))) {
			flight.afterBytes(0);
			return;
		}
		const seen = { sawEcho: flight.sawEcho, sawForeign: flight.sawForeign, sawJunk: flight.junkBytes >= STRAY_BYTES };
		this.#fail(limitError(limit, seen, this.#job.exchange, this.#options.transport.port));
	}

	/** Ends the attempt in flight with an error: asked again when that can help, else told to the asker. */
	#fail(error: LineError): void {
		const job = this.#job;
		if (!job) return;
		if (error.kind !== "rejected") this.#outOfStep = true;
		this.#tell({ type: "failure", exchange: job.exchange, error });
		const again = isRetryable(error) && job.attempt < job.attempts && !job.withdrawn;
		if (again) this.#queue.putBack(job, job.priority);
		this.#finish();
		if (!again) job.reject(error);
	}

	#finish(answer: Uint8Array | null = null): void {
		if (this.#job) this.#last = { exchange: this.#job.exchange, answer };
		this.#flight?.end();
		this.#flight = null;
		this.#job = null;
		this.#lastEndAt = this.#options.clock.now();
		this.#pump();
	}

	/**
	 * The line is silent: what the framer held back is looked at. A protocol without marks tells a damaged answer only
	 * then (modbus-rtu §5). Returns whether there were frames.
	 */
	#takeRest(): boolean {
		const rest = this.#options.framer.flush();
		this.#receiving = true;
		for (const { type, bytes } of rest) type === "junk" ? this.#countJunk(bytes) : this.#onFrame(bytes);
		this.#receiving = false;
		this.#pump();
		return rest.some(({ type }) => type === "frame");
	}

	#flushFramer(): void {
		for (const event of this.#options.framer.flush()) this.#countJunk(event.bytes);
	}

	/** Returns how many they are. */
	#countJunk(bytes: Uint8Array): number {
		if (bytes.length === 0) return 0;
		if (this.#flight) this.#flight.junkBytes += bytes.length;
		this.#tell({ type: "junk", bytes: bytes.length, sample: bytes.slice(0, SAMPLE_BYTES) });
		return bytes.length;
	}

	#pace(): Pace {
		return this.#options.pace?.() ?? AS_SET;
	}

	#tell(event: BusEvent): void {
		this.#options.onEvent?.(event);
	}
}

/** Twice the wire time of the longest frame the length field allows (4113 characters, rs232-v25 §1), ms. */
function longestAnswerMs(baudRate: number): number {
	return (2 * 4113 * 10_000) / baudRate;
}
