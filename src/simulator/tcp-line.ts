import { createServer, type Server, type Socket } from "node:net";
import { createAsciiFramer } from "../bms/protocol/ascii/ascii-framer.ts";
import { type Clock, systemClock } from "../clock.ts";
import { messageOf, TransportError } from "../errors.ts";
import { type Logger, silentLogger } from "../logger.ts";
import type { SimulatorSettings } from "./options.ts";
import { type Responder, SimulatedBank, type SimulatedBankDeps } from "./simulated-bank.ts";
import { SimulatedLine } from "./simulated-line.ts";
import { type CableControl, type CablePull, createSimulatorControl, type SimulatorControl } from "./simulator-control.ts";

export interface SimulatedLineServerDeps {
	readonly clock?: Clock;
	readonly logger?: Logger;
	/** Port on this machine; 0 (default) takes any free one. */
	readonly listenPort?: number;
	/** See SimulatedBank. */
	readonly bank?: Omit<SimulatedBankDeps, "clock">;
}

/** A served line. */
export interface ServedLine {
	/** Where the battery is, as a port setting: tcp://127.0.0.1:NNN. */
	readonly port: string;
	/** Ends everything; never rejects. */
	stop(): Promise<void>;
}

export interface SimulatedLineServer extends ServedLine {
	readonly control: SimulatorControl;
	readonly bank: SimulatedBank;
}

/**
 * Serves a simulated bank on a loopback TCP line, as a serial gateway would, at the pace of the wire.
 * Rejects with a TransportError when the port is taken.
 */
export async function startSimulatedLine(options: SimulatorSettings, deps: SimulatedLineServerDeps = {}): Promise<SimulatedLineServer> {
	const clock = deps.clock ?? systemClock;
	const bank = new SimulatedBank(options, { ...deps.bank, clock });
	const server = new TcpLine(bank, options, clock, deps.logger ?? silentLogger);
	await server.listen(deps.listenPort ?? 0);
	return { port: server.port, bank, control: createSimulatorControl(bank, server, () => clock.now()), stop: () => server.stop() };
}

/**
 * One serial line behind a TCP port. Several may connect, as to a serial gateway: what any of them sends goes
 * to the battery, what it answers goes to all.
 */
export class TcpLine implements CableControl {
	readonly #line: SimulatedLine;
	readonly #logger: Logger;
	readonly #sockets = new Set<Socket>();
	#server: Server | null = null;
	#portNumber = 0;
	#cable: CableControl["cable"] = "plugged";

	constructor(responder: Responder, options: Pick<SimulatorSettings, "baudRate" | "answerDelayMs">, clock: Clock, logger: Logger) {
		this.#logger = logger;
		this.#line = new SimulatedLine(options, {
			responder,
			clock,
			framer: createAsciiFramer(),
			send: (bytes) => {
				for (const socket of this.#sockets) socket.write(bytes);
			},
		});
	}

	get port(): string {
		return `tcp://127.0.0.1:${this.#portNumber}`;
	}

	get cable(): CableControl["cable"] {
		return this.#cable;
	}

	/** Starts listening. Rejects with a TransportError. */
	async listen(port: number): Promise<void> {
		const server = createServer((socket) => this.#accept(socket));
		await new Promise<void>((resolve, reject) => {
			server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(port, error)));
			server.listen(port, "127.0.0.1", resolve);
		});
		const address = server.address();
		if (typeof address === "object" && address !== null) this.#portNumber = address.port;
		server.on("error", (error) => this.#logger.warn(`Simulated line: ${messageOf(error)}`));
		this.#server = server;
	}

	async pullCable(how: CablePull = "silent"): Promise<void> {
		this.#line.pull();
		if (this.#cable === "dropped" && how === "silent") await this.listen(this.#portNumber);
		this.#cable = how;
		if (how === "dropped") await this.#close();
	}

	async plugCable(): Promise<void> {
		if (this.#cable === "dropped") await this.listen(this.#portNumber);
		this.#cable = "plugged";
		this.#line.plug();
	}

	async stop(): Promise<void> {
		this.#line.pull();
		await this.#close();
	}

	#accept(socket: Socket): void {
		socket.setNoDelay(true);
		this.#sockets.add(socket);
		socket.on("data", (bytes) => this.#line.receive(bytes));
		// A broken connection is followed by its close; there is nothing else to do about it.
		socket.on("error", () => {});
		socket.on("close", () => this.#sockets.delete(socket));
	}

	async #close(): Promise<void> {
		const server = this.#server;
		this.#server = null;
		for (const socket of this.#sockets) socket.destroy();
		if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
	}
}

function listenError(port: number, error: NodeJS.ErrnoException): TransportError {
	if (error.code === "EADDRINUSE") {
		return new TransportError("busy", `Port ${port} is taken by another program; choose another one, or 0 for any free one.`, {}, error);
	}
	return new TransportError("failed", `Cannot listen on port ${port}: ${error.message}`, {}, error);
}
