import type { HassApi } from "homeassistant-ws";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { HomeAssistantAddress } from "./address.ts";
import { refused, unreachable, wrongAnswer } from "./connect-failure.ts";
import { HomeAssistantError } from "./home-assistant-error.ts";
import { readIncoming } from "./incoming.ts";
import type { Socket, SocketKit } from "./socket.ts";

/** One connection, from the handshake to its end. */
export interface Session {
	/** Sends a command and waits for its answer, `timeoutMs` at most. Rejects with a HomeAssistantError. */
	command(type: string, args: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<unknown>;
	/** Resolves with the reason when the connection is lost, at the same time as what is in flight is rejected. */
	readonly lost: Promise<HomeAssistantError>;
	/** Ends it; what is in flight is rejected. */
	close(): void;
}

export interface SessionDeps {
	readonly kit: SocketKit;
	readonly clock: Clock;
	readonly address: HomeAssistantAddress;
	readonly token: string;
	readonly checkCertificate: boolean;
	readonly wants: (eventType: string) => boolean;
	readonly heard: (event: HomeAssistantEvent) => void;
	readonly dropped: () => void;
}

/** An event of Home Assistant's bus. */
export interface HomeAssistantEvent {
	readonly event_type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

/** From the handshake to the accepted token, ms. */
const READY_MS = 15_000;
/** A line that says nothing for so long is asked; at the second silence it counts as lost. */
const HEARTBEAT_MS = 30_000;
const OPEN = 1;
/** Id of the subscription to all events, which the package makes by itself. */
const ALL_EVENTS = 1;

/** Attends to the socket: why it ended before it was ready, and whether it still lives. */
class Line {
	readonly socket: Socket;
	readonly #clock: Clock;
	#cancelBeat = () => {};
	#isSilent: boolean = false;
	readonly ended: Promise<HomeAssistantError>;

	constructor(socket: Socket, { clock, address }: Pick<SessionDeps, "clock" | "address">) {
		this.socket = socket;
		this.#clock = clock;
		this.ended = new Promise((end) => {
			socket.on("error", (error) => end(unreachable(address, error)));
			socket.on("unexpected-response", (_request, { statusCode }) => {
				end(wrongAnswer(address, statusCode));
				socket.terminate();
			});
			socket.on("close", () => {
				this.#cancelBeat();
				end(new HomeAssistantError("connection-lost", `The connection to Home Assistant at ${address.shown} was lost.`));
			});
		});
		const alive = () => {
			this.#isSilent = false;
		};
		socket.on("pong", alive);
		socket.on("message", alive);
	}

	/** A cable pulled somewhere closes no socket: ask. */
	watch(): void {
		this.#cancelBeat = this.#clock.after(HEARTBEAT_MS, () => {
			if (this.#isSilent) return this.socket.terminate();
			this.#isSilent = true;
			if (this.socket.readyState === OPEN) this.socket.ping();
			this.watch();
		});
	}

	end(): void {
		this.#cancelBeat();
		this.socket.terminate();
	}
}

/** Runs `work` for `ms` at most; `late` makes the error of a work that takes longer. Leaves no timer. */
function within<T>(clock: Clock, ms: number, work: Promise<T>, late: () => HomeAssistantError): Promise<T> {
	return new Promise((resolve, reject) => {
		const cancel = clock.after(ms, () => reject(late()));
		work.then(resolve, reject).finally(cancel);
	});
}

/** Connects and logs in. Rejects with a HomeAssistantError: "unreachable" or "refused". */
export async function openSession(deps: SessionDeps): Promise<Session> {
	const { kit, clock, address, token, checkCertificate, wants, dropped } = deps;
	const line = new Line(kit.open(address, checkCertificate), deps);
	const { protocol, host, port, path } = address;
	let isRefused = false;
	const client = kit.createClient({
		protocol,
		host,
		port,
		path,
		token,
		ws: () => line.socket as unknown as ReturnType<NonNullable<Parameters<SocketKit["createClient"]>[0]["ws"]>>,
		messageParser: ({ data }) => {
			const message = readIncoming(data, wants, dropped);
			isRefused ||= message.type === "auth_invalid";
			return message;
		},
	});
	const late = () => unreachable(address, Object.assign(new Error("no login in time"), { code: "ETIMEDOUT" }));
	// The package rejects with the socket's raw events, which are no errors: `ended` has the words.
	const broken = line.ended.then((error) => {
		throw isRefused ? refused(address) : error;
	});
	try {
		const ready = client.catch(() => (isRefused ? Promise.reject(refused(address)) : broken));
		const api = await within(clock, READY_MS, Promise.race([ready, broken]), late);
		return new ReadySession(api, line, deps);
	} catch (error) {
		line.end();
		throw error;
	}
}

class ReadySession implements Session {
	readonly #api: HassApi;
	readonly #line: Line;
	readonly #deps: SessionDeps;
	readonly lost: Promise<HomeAssistantError>;
	readonly #inFlight = new Set<(error: HomeAssistantError) => void>();
	#isOver: boolean = false;

	constructor(api: HassApi, line: Line, deps: SessionDeps) {
		this.#api = api;
		this.#line = line;
		this.#deps = deps;
		api.on("event", (message: { readonly event: HomeAssistantEvent }) => deps.heard(message.event));
		line.watch();
		this.lost = line.ended.then((error) => {
			this.#end("connection-lost", "was lost before it answered: whether it carried the action out is not known");
			return error;
		});
		// The flood ends at its source; what somebody wants is subscribed to by name.
		this.command("unsubscribe_events", { subscription: ALL_EVENTS }, READY_MS).catch(() => undefined);
	}

	async command(type: string, args: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<unknown> {
		const { clock, address } = this.#deps;
		if (this.#isOver || this.#line.socket.readyState !== OPEN)
			throw new HomeAssistantError("not-connected", `There is no connection to Home Assistant at ${address.shown}.`);
		const { rawClient } = this.#api;
		const id = rawClient.seq;
		let abort: (error: HomeAssistantError) => void = () => {};
		const dropped = new Promise<never>((_resolve, reject) => {
			abort = reject;
		});
		this.#inFlight.add(abort);
		const late = () =>
			new HomeAssistantError(
				"timeout",
				`Home Assistant at ${address.shown} did not answer within ${timeoutMs / 1000} s: whether it carried the action out is not known.`,
			);
		try {
			const answer = this.#api.command(type, args).catch((error: unknown) => {
				throw new HomeAssistantError("rejected", `Home Assistant says no: ${messageOf(error)}`, error);
			});
			return await within(clock, timeoutMs, Promise.race([answer, dropped]), late);
		} finally {
			this.#inFlight.delete(abort);
			// The package keeps whoever waits for ever otherwise.
			delete rawClient.resultMap[id];
		}
	}

	close(): void {
		this.#end("closed", "was closed");
		this.#line.end();
	}

	#end(code: "connection-lost" | "closed", words: string): void {
		if (this.#isOver) return;
		this.#isOver = true;
		const error = new HomeAssistantError(code, `The connection to Home Assistant at ${this.#deps.address.shown} ${words}.`);
		for (const abort of [...this.#inFlight]) abort(error);
	}
}
