import { TransportError } from "../../errors.ts";
import type { Transport, TransportHandlers } from "./transport.ts";

/** What the far end can do to the line that was just opened. */
export interface MemoryLine {
	/** Sends bytes to the near end; nothing happens when the line is no longer open. */
	send(bytes: Uint8Array): void;
	/** Takes the line away, as an unplugged cable does. */
	drop(reason?: string): void;
}

/** The far end of an open line: a simulated battery, or a test. */
export interface MemoryFarEnd {
	/** Bytes the near end wrote. Called before the near end's `write` resolves, so an answer may come that early. */
	onBytes(bytes: Uint8Array): void;
	/** The near end closed the line, or it was dropped. */
	onClosed?(): void;
}

/** A line inside this process. `connect` is called at every opening; a TransportError thrown by it refuses the line. */
export class MemoryTransport implements Transport {
	readonly port: string;
	readonly baudRate: number | null;
	readonly #connect: (line: MemoryLine) => MemoryFarEnd;
	#open: { readonly farEnd: MemoryFarEnd; readonly handlers: TransportHandlers } | null = null;

	constructor(connect: (line: MemoryLine) => MemoryFarEnd, options: { port?: string; baudRate?: number | null } = {}) {
		this.#connect = connect;
		this.port = options.port ?? "memory";
		this.baudRate = options.baudRate ?? null;
	}

	async open(handlers: TransportHandlers): Promise<void> {
		if (this.#open) throw new TransportError("busy", `${this.port} is already open.`, { port: this.port });
		const isCurrent = () => this.#open?.handlers === handlers;
		const farEnd = this.#connect({
			send: (bytes) => {
				if (isCurrent()) handlers.onBytes(bytes);
			},
			drop: (reason = "the far end is gone") => {
				if (!isCurrent()) return;
				this.#finish();
				handlers.onLost(new TransportError("unplugged", `${this.port} was lost: ${reason}.`, { port: this.port }));
			},
		});
		this.#open = { farEnd, handlers };
	}

	async write(bytes: Uint8Array): Promise<void> {
		if (!this.#open) throw new TransportError("closed", `${this.port} is not open.`, { port: this.port });
		this.#open.farEnd.onBytes(bytes);
	}

	async close(): Promise<void> {
		this.#finish();
	}

	#finish(): void {
		const farEnd = this.#open?.farEnd;
		this.#open = null;
		farEnd?.onClosed?.();
	}
}
