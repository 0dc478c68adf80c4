import type { Request, Response } from "express";
import type { BankRegistry } from "../bank-registry.ts";
import type { Clock } from "../clock.ts";

/** Most browsers that can follow at once. */
export const MAX_FOLLOWERS = 20;
/** Least time between two messages, ms. */
export const EVENT_INTERVAL_MS = 500;
/** Longest time between two messages, ms: shows that the connection lives, and refreshes what sends no events. */
export const KEEP_ALIVE_MS = 5000;
/** A browser that takes no bytes is let go when this much waits for it. */
const MAX_WAITING_BYTES = 1_000_000;

/** Live status for the pages, as server-sent events: on every change, but at most two a second. */
export class StatusEvents {
	readonly #registry: BankRegistry;
	readonly #status: () => unknown;
	readonly #clock: Clock;
	readonly #followers = new Set<Response>();
	#unsubscribe: readonly (() => void)[] = [];
	#cancelTimer: () => void = () => {};
	#sentAt = Number.NEGATIVE_INFINITY;
	/** When the next message is due because something changed; null when nothing did. */
	#dueAt: number | null = null;

	/** `status` is asked whenever a message goes out. */
	constructor(registry: BankRegistry, status: () => unknown, clock: Clock) {
		this.#registry = registry;
		this.#status = status;
		this.#clock = clock;
	}

	/** Handles GET of the event stream. */
	readonly follow = (_request: Request, response: Response): void => {
		if (this.#followers.size >= MAX_FOLLOWERS) {
			const message = `${MAX_FOLLOWERS} pages follow this server already. Close some of them.`;
			response.status(503).json({ error: { code: "too-many-followers", message } });
			return;
		}
		response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no" });
		response.on("close", () => this.#leave(response));
		response.on("error", () => this.#leave(response));
		this.#followers.add(response);
		if (this.#followers.size === 1) this.#listen();
		response.write(`retry: 2000\n${this.#message()}`);
	};

	/** Ends all streams and all timers. */
	close(): void {
		for (const follower of [...this.#followers]) {
			this.#leave(follower);
			follower.end();
		}
	}

	#message(): string {
		return `event: status\ndata: ${JSON.stringify(this.#status())}\n\n`;
	}

	#leave(follower: Response): void {
		if (!this.#followers.delete(follower) || this.#followers.size > 0) return;
		for (const end of this.#unsubscribe) end();
		this.#unsubscribe = [];
		this.#cancelTimer();
		this.#dueAt = null;
	}

	/** Listens to the registry and to every bank in it; anew whenever a bank comes or goes. */
	#listen(): void {
		for (const end of this.#unsubscribe) end();
		const changed = () => this.#send();
		const banks = this.#registry.list().map(({ bank }) => bank.subscribe(changed));
		const registry = this.#registry.onChange(() => {
			this.#listen();
			this.#send();
		});
		this.#unsubscribe = [...banks, registry];
		this.#wait(KEEP_ALIVE_MS);
	}

	#wait(ms: number): void {
		this.#cancelTimer();
		this.#cancelTimer = this.#clock.after(ms, () => {
			this.#dueAt = null;
			this.#sendNow();
		});
	}

	#send(): void {
		if (this.#dueAt !== null) return;
		const rest = this.#sentAt + EVENT_INTERVAL_MS - this.#clock.now();
		if (rest <= 0) {
			this.#sendNow();
			return;
		}
		this.#dueAt = this.#sentAt + EVENT_INTERVAL_MS;
		this.#wait(rest);
	}

	#sendNow(): void {
		this.#sentAt = this.#clock.now();
		const message = this.#message();
		for (const follower of [...this.#followers]) {
			if (follower.writableLength > MAX_WAITING_BYTES) follower.destroy();
			else follower.write(message);
		}
		if (this.#followers.size > 0) this.#wait(KEEP_ALIVE_MS);
	}
}
