import type { Clock } from "../../clock.ts";
import type { Limit } from "./bus-errors.ts";

/** Other people's frames and echoes that are waited out within one exchange. */
const MOST_OTHER_FRAMES = 4;

export interface FlightOptions {
	readonly clock: Clock;
	/** Time the request itself takes on the wire, ms. */
	readonly requestWireMs: number;
	/** No answer can take longer on the wire, ms. */
	readonly longestAnswerMs: number;
	readonly firstByteTimeoutMs: number;
	readonly interCharacterTimeoutMs: number;
	readonly onLimit: (limit: Limit) => void;
}

/** The time limits of one request on the wire. */
export class Flight {
	readonly #options: FlightOptions;
	#cancelTimer: (() => void) | null;
	#ended: boolean = false;
	/** When the request's last bit is on the wire; null while the write is not done. */
	#sentAt: number | null = null;
	#firstByteAt: number | null = null;
	#firstByteLimitAt = Number.POSITIVE_INFINITY;
	#otherFrames = 0;
	#pending = 0;
	junkBytes = 0;
	sawEcho = false;
	sawForeign = false;

	constructor(options: FlightOptions) {
		this.#options = options;
		const { clock, requestWireMs, firstByteTimeoutMs } = options;
		this.#cancelTimer = clock.after(requestWireMs + firstByteTimeoutMs, () => options.onLimit("write"));
	}

	/** From the request's last bit to the first byte back, ms; 0 when the answer came earlier than the bits can have gone out. */
	get answerTimeMs(): number {
		const { clock } = this.#options;
		return Math.max(0, (this.#firstByteAt ?? clock.now()) - (this.#sentAt ?? clock.now()));
	}

	/** The time for the first byte is not over yet. */
	get mayWaitOn(): boolean {
		return this.#options.clock.now() < this.#firstByteLimitAt;
	}

	/** The line took the bytes: from now on the answer is due. */
	onWritten(): void {
		if (this.#ended) return;
		const { clock, requestWireMs, firstByteTimeoutMs } = this.#options;
		this.#sentAt = clock.now() + requestWireMs;
		this.#firstByteLimitAt = this.#sentAt + firstByteTimeoutMs;
		this.#arm();
	}

	/** Bytes are here. */
	onBytes(): void {
		this.#firstByteAt ??= this.#options.clock.now();
	}

	/** The bytes were looked at; `pending` of them begin a frame. */
	afterBytes(pending: number): void {
		if (this.#ended) return;
		this.#pending = pending;
		if (
			this.#sentAt !== null &&
			this.#options.clock.now() - this.#sentAt > this.#options.firstByteTimeoutMs + this.#options.longestAnswerMs
		)
			this.#options.onLimit("length");
		else if (this.#sentAt !== null) this.#arm();
	}

	/** A sound frame came that is not the answer; the answer may follow it. */
	onOtherFrame(kind: "echo" | "foreign"): void {
		if (kind === "echo") this.sawEcho = true;
		else this.sawForeign = true;
		this.#firstByteAt = null;
		this.#otherFrames += 1;
		if (this.#otherFrames > MOST_OTHER_FRAMES) this.#options.onLimit("frames");
		else this.#firstByteLimitAt = Math.max(this.#firstByteLimitAt, this.#options.clock.now() + this.#options.firstByteTimeoutMs);
	}

	/** No limit is watched any more. */
	end(): void {
		this.#ended = true;
		this.#cancelTimer?.();
		this.#cancelTimer = null;
	}

	#arm(): void {
		this.#cancelTimer?.();
		const { clock, interCharacterTimeoutMs, onLimit } = this.#options;
		if (this.#pending > 0) {
			this.#cancelTimer = clock.after(interCharacterTimeoutMs, () => onLimit("pause"));
		} else {
			this.#cancelTimer = clock.after(Math.max(0, this.#firstByteLimitAt - clock.now()), () => onLimit("first-byte"));
		}
	}
}
