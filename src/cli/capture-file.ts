import { decodeText } from "../bms/protocol/decode-text.ts";
import type { Framer, FramerEvent } from "../bms/protocol/protocol.ts";
import type { Transport, TransportHandlers } from "../bms/transport/transport.ts";

/**
 * The form of a capture, which decode and replay read: a remark with the time, then `> ` and a frame that was sent, or `< `
 * and one that came. Frames are text where they are (PACE and the like), else hexadecimal bytes. Bytes of no frame stand
 * in a remark, so that none is lost.
 */
export interface CaptureCounts {
	requests: number;
	replies: number;
	junkBytes: number;
}

const hexOf = (bytes: Uint8Array) =>
	Buffer.from(bytes)
		.toString("hex")
		.toUpperCase()
		.replace(/..(?!$)/g, "$& ");

/** A frame as a line shows it. */
function textOf(bytes: Uint8Array): string {
	const text = Buffer.from(bytes).toString("latin1").replace(/\r$/, "");
	return /^~[\x20-\x7e]*$/.test(text) ? text : hexOf(bytes);
}

/** Writes what goes over a line, frame by frame. */
export class CaptureWriter {
	readonly counts: CaptureCounts = { requests: 0, replies: 0, junkBytes: 0 };
	readonly #write: (text: string) => void;
	readonly #now: () => number;
	readonly #framer: Framer;

	constructor(parts: { readonly write: (text: string) => void; readonly now: () => number; readonly framer: Framer }) {
		this.#write = parts.write;
		this.#now = parts.now;
		this.#framer = parts.framer;
	}

	/** Bytes that we have sent. */
	sent(bytes: Uint8Array): void {
		this.flush();
		this.counts.requests += 1;
		this.#line(">", textOf(bytes));
	}

	/** Bytes that came. On a line that is only listened to, whose they are is seen from the frames. */
	received(chunk: Uint8Array, isOnlyListening: boolean): void {
		for (const event of this.#framer.push(chunk)) this.#event(event, isOnlyListening);
	}

	/** Nothing more comes of what is pending. */
	flush(): void {
		for (const event of this.#framer.flush()) this.#event(event, true);
	}

	#event({ type, bytes }: FramerEvent, isOnlyListening: boolean): void {
		if (type === "junk") {
			this.counts.junkBytes += bytes.length;
			this.#write(`# ${this.#time()} no frame: ${hexOf(bytes)}\n`);
			return;
		}
		const text = textOf(bytes);
		const isRequest = isOnlyListening && decodeText(text)[0]?.kind === "request";
		this.counts[isRequest ? "requests" : "replies"] += 1;
		this.#line(isRequest ? ">" : "<", text);
	}

	#line(mark: ">" | "<", text: string): void {
		this.#write(`# ${this.#time()}\n${mark} ${text}\n`);
	}

	#time(): string {
		return new Date(this.#now()).toISOString();
	}
}

/** A line whose bytes are written down as they go by. */
export function captured(transport: Transport, writer: CaptureWriter): Transport {
	return {
		port: transport.port,
		baudRate: transport.baudRate,
		open: (handlers: TransportHandlers) =>
			transport.open({
				...handlers,
				onBytes(chunk) {
					writer.received(chunk, false);
					handlers.onBytes(chunk);
				},
			}),
		async write(bytes) {
			writer.sent(bytes);
			await transport.write(bytes);
		},
		close: () => transport.close(),
	};
}
