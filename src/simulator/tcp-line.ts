import { createServer, type Server, type Socket } from "node:net";
import { type Clock, systemClock } from "../clock.ts";
import { ConfigError, messageOf, TransportError } from "../errors.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { LineFaults } from "./line-faults.ts";
import type { SimulatorSettings } from "./options.ts";
import { createQuestionFramer } from "./question-framer.ts";
import { readScenario } from "./read-scenario.ts";
import { Replay, type ReplayOptions } from "./replay.ts";
import { createReplayControl } from "./replay-control.ts";
import { readReplayFile } from "./replay-file.ts";
import { type Responder, SimulatedBank, type SimulatedBankDeps } from "./simulated-bank.ts";
import { SimulatedLine } from "./simulated-line.ts";
import { type SimulatedTime, simulatedTime } from "./simulated-time.ts";
import { type CableControl, type CablePull, checkScenarioFor, createSimulatorControl, type SimulatorControl } from "./simulator-control.ts";

export interface SimulatedLineDeps {
	readonly clock?: Clock;
	readonly logger?: Logger;
	/** Port on this machine; 0 (default) takes any free one. */
	readonly listenPort?: number;
	/** See SimulatedBank. */
	readonly bank?: Omit<SimulatedBankDeps, "clock">;
	/** Whoever reads the line lives by the bank's time too: with a time factor above 1 the line then answers at once. */
	readonly readerKeepsTime?: boolean;
	/** See Replay. */
	readonly replay?: ReplayOptions;
}

/** A served line. */
export interface SimulatedLineServer {
	/** Where the battery is, as a port setting: tcp://127.0.0.1:NNN. */
	readonly port: string;
	readonly origin: "simulated" | "replayed";
	readonly control: SimulatorControl;
	/** The bank behind the line; null in a replay. */
	readonly bank: SimulatedBank | null;
	/** The bank's time: whoever reads it in this process lives by it (see simulated-time.ts). */
	readonly clock: Clock;
	/** Ends everything; never rejects. */
	stop(): Promise<void>;
}

/**
 * Serves a simulated bank, or with `options.replay` the captured replies of a real one, on a loopback TCP line,
 * as a serial gateway would, at the pace of the wire. A scenario begins with the first question. Rejects with a
 * ConfigError for a file that cannot be used and a TransportError for a port that is taken.
 */
export async function startSimulatedLine(options: SimulatorSettings, deps: SimulatedLineDeps = {}): Promise<SimulatedLineServer> {
	const world = deps.clock ?? systemClock;
	const { responder, time, bank, controlOf } = await battery(options, deps, world);
	const isFaster = deps.readerKeepsTime === true && options.timeFactor > 1;
	const line = new TcpLine(
		responder,
		{ baudRate: isFaster ? 0 : options.baudRate, answerDelayMs: options.answerDelayMs, seed: options.seed },
		isFaster ? time.clock : world,
		deps.logger ?? silentLogger,
	);
	await line.listen(deps.listenPort ?? 0);
	const control = controlOf(line);
	return {
		port: line.port,
		origin: bank === null ? "replayed" : "simulated",
		bank,
		control,
		clock: time.clock,
		async stop() {
			if (bank !== null) control.stopScenario();
			await line.stop();
			time.stop();
		},
	};
}

interface Battery {
	readonly responder: Responder;
	readonly bank: SimulatedBank | null;
	readonly time: SimulatedTime;
	readonly controlOf: (cable: CableControl) => SimulatorControl;
}

async function battery(options: SimulatorSettings, deps: SimulatedLineDeps, world: Clock): Promise<Battery> {
	if (options.replay === "") return simulatedBattery(options, deps, world);
	if (options.scenario !== "" || options.timeFactor > 1) {
		throw new ConfigError("conflict", `A replay of ${options.replay} has no scenario and no other time: leave one of the two out.`);
	}
	const replay = new Replay(await readReplayFile(options.replay), options.replay, deps.replay);
	const time = simulatedTime(world, 1, null);
	const controlOf = (cable: CableControl) => createReplayControl(replay, options.replay, cable, () => world.now());
	return { responder: replay, bank: null, time, controlOf };
}

async function simulatedBattery(options: SimulatorSettings, deps: SimulatedLineDeps, world: Clock): Promise<Battery> {
	const scenario = options.scenario === "" ? null : await readScenario(options.scenario);
	const time = simulatedTime(world, options.timeFactor, scenario?.start.clock ?? null);
	const bank = new SimulatedBank({ ...options, seed: scenario?.seed ?? options.seed }, { ...deps.bank, clock: time.clock });
	if (scenario === null) {
		return { responder: bank, bank, time, controlOf: (cable) => createSimulatorControl(bank, cable, time.clock) };
	}
	checkScenarioFor(scenario, bank);
	let begin = () => {};
	const responder: Responder = {
		answer(request) {
			begin();
			return bank.answer(request);
		},
	};
	const controlOf = (cable: CableControl) => {
		const control = createSimulatorControl(bank, cable, time.clock);
		begin = () => {
			begin = () => {};
			control.startScenario(scenario);
		};
		return control;
	};
	return { responder, bank, time, controlOf };
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
	readonly faults: LineFaults;

	constructor(responder: Responder, options: Pick<SimulatorSettings, "baudRate" | "answerDelayMs" | "seed">, clock: Clock, logger: Logger) {
		this.#logger = logger;
		this.faults = new LineFaults(options.seed);
		this.#line = new SimulatedLine(options, {
			responder,
			clock,
			faults: this.faults,
			framer: responder.createFramer?.() ?? createQuestionFramer(),
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
