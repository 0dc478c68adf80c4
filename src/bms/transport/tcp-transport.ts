import { connect, type Socket } from "node:net";
import { type Clock, systemClock } from "../../clock.ts";
import { TransportError } from "../../errors.ts";
import type { Transport, TransportHandlers } from "./transport.ts";

/** How long a gateway may take to accept the connection, ms. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Idle time before the system asks whether the other side is still there, ms. */
const KEEP_ALIVE_MS = 10_000;

/** A connection that ends so soon, with nothing said, was not wanted, ms. */
const TURNED_AWAY_MS = 1_000;

/** A serial line behind a network gateway that passes raw bytes (no Telnet, no RFC 2217). */
export class TcpTransport implements Transport {
	readonly port: string;
	/** The gateway keeps the speed of the line; we cannot see it. */
	readonly baudRate = null;
	readonly #host: string;
	readonly #tcpPort: number;
	readonly #clock: Clock;
	readonly #connectTimeoutMs: number;
	#socket: Socket | null = null;

	constructor(port: string, host: string, tcpPort: number, options: { clock?: Clock; connectTimeoutMs?: number } = {}) {
		this.port = port;
		this.#host = host;
		this.#tcpPort = tcpPort;
		this.#clock = options.clock ?? systemClock;
		this.#connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
	}

	open(handlers: TransportHandlers): Promise<void> {
		if (this.#socket) return Promise.reject(new TransportError("busy", `${this.port} is already open.`, { port: this.port }));
		const socket = connect({ host: this.#host, port: this.#tcpPort });
		this.#socket = socket;
		socket.setNoDelay(true);
		socket.setKeepAlive(true, KEEP_ALIVE_MS);
		return new Promise((resolve, reject) => {
			let opened = false;
			let openedAt = 0;
			let problem: Error | null = null;
			const cancelTimeout = this.#clock.after(this.#connectTimeoutMs, () => {
				problem = Object.assign(new Error("no answer to the connection request"), { code: "ETIMEDOUT" });
				socket.destroy();
			});
			socket.on("connect", () => {
				cancelTimeout();
				opened = true;
				openedAt = this.#clock.now();
				resolve();
			});
			socket.on("data", (chunk) => {
				if (this.#socket === socket) handlers.onBytes(chunk);
			});
			// Kept for the whole life of the socket: "close" follows every error and says what became of the line.
			socket.on("error", (error) => {
				problem ??= error;
			});
			// The gateway closed its side: nothing more will come, and half a line is of no use.
			socket.on("end", () => socket.destroy());
			socket.on("close", () => {
				cancelTimeout();
				const isOurs = this.#socket === socket;
				if (isOurs) this.#socket = null;
				if (!opened) reject(openError(this.port, problem));
				else if (isOurs) {
					const isTurnedAway = socket.bytesRead === 0 && this.#clock.now() - openedAt < TURNED_AWAY_MS;
					handlers.onLost(isTurnedAway ? turnedAwayError(this.port, problem) : lostError(this.port, problem));
				}
			});
		});
	}

	write(bytes: Uint8Array): Promise<void> {
		const socket = this.#socket;
		if (!socket || socket.connecting || !socket.writable) {
			return Promise.reject(new TransportError("closed", `The connection to ${this.port} is not open.`, { port: this.port }));
		}
		return new Promise((resolve, reject) => {
			socket.write(bytes, (error) => (error ? reject(lostError(this.port, error)) : resolve()));
		});
	}

	close(): Promise<void> {
		const socket = this.#socket;
		this.#socket = null;
		if (!socket || socket.closed) return Promise.resolve();
		return new Promise((resolve) => {
			socket.once("close", () => resolve());
			socket.destroy();
		});
	}
}

function codeOf(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Says why a gateway could not be reached, and what to look at. */
function openError(port: string, cause: Error | null): TransportError {
	const context = { port };
	switch (codeOf(cause)) {
		case "ECONNREFUSED":
			return new TransportError(
				"refused",
				`${port} refuses the connection: is the gateway's TCP server switched on, and the port number the one it shows?`,
				context,
				cause,
			);
		case "ENOTFOUND":
		case "EAI_AGAIN":
			return new TransportError(
				"not-found",
				`The name in ${port} is unknown in this network: use the gateway's IP address.`,
				context,
				cause,
			);
		case "EHOSTUNREACH":
		case "ENETUNREACH":
		case "EHOSTDOWN":
		case "ETIMEDOUT":
			return new TransportError(
				"unreachable",
				`${port} cannot be reached: is the gateway powered, in this network, and its address still the same?`,
				context,
				cause,
			);
		case "":
			return new TransportError("closed", `The connection to ${port} was closed while it was being opened.`, context, cause ?? undefined);
		default:
			return new TransportError("failed", `${port} could not be opened: ${cause?.message}.`, context, cause);
	}
}

/** Says that the gateway accepted the connection and ended it at once. */
function turnedAwayError(port: string, cause: Error | null): TransportError {
	return new TransportError(
		"closed",
		`${port} accepts the connection and ends it at once: another program is connected to it, and many gateways allow one connection only. ` +
			"Close the other one, or allow more connections in the gateway's settings.",
		{ port },
		cause ?? undefined,
	);
}

/** Says that an open connection ended. */
function lostError(port: string, cause: Error | null): TransportError {
	const reason = cause ? ` (${cause.message})` : "";
	return new TransportError(
		"closed",
		`${port} ended the connection${reason}: did the gateway restart, or does another program use it? Many allow one connection only.`,
		{ port },
		cause ?? undefined,
	);
}
