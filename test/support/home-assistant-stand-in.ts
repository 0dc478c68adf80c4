import { createServer as createPlainServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** An action as it arrived. */
export interface SeenCall {
	readonly domain: string;
	readonly service: string;
	readonly service_data: Readonly<Record<string, unknown>>;
	readonly target?: Readonly<Record<string, unknown>>;
	readonly return_response?: boolean;
}

/** What it answers to an action: a result, an error, or nothing at all. */
export type Answer = { readonly result: unknown } | { readonly error: { readonly code: string; readonly message: string } } | "silence";

interface Command {
	readonly id: number;
	readonly type: string;
	readonly [key: string]: unknown;
}

interface Guest {
	readonly socket: WebSocket;
	/** Event type by subscription; null for all. */
	readonly subscriptions: Map<number, string | null>;
	isIn: boolean;
}

export interface StandInOptions {
	readonly token?: string;
	/** Whoever is no administrator may not hear all events. */
	readonly isAdministrator?: boolean;
	readonly tls?: { readonly key: string; readonly cert: string };
}

/**
 * Plays Home Assistant's WebSocket interface on a free port of this machine: login, call_service, get_states,
 * subscribe_events, unsubscribe_events, as its developer documentation (api/websocket) describes them.
 */
export class HomeAssistantStandIn {
	readonly port: number;
	readonly token: string;
	/** All calls so far, in order. */
	readonly calls: SeenCall[] = [];
	/** Types of all commands so far, the event type beside subscriptions. */
	readonly commands: string[] = [];
	/** Logins that were tried, and those that were refused. */
	logins = 0;
	refusals = 0;
	states: readonly unknown[] = [];
	answer: (call: SeenCall) => Answer = () => ({ result: { context: { id: "1" }, response: null } });
	/** Whether it opens the connection at all; it accepts it and then says nothing when false. */
	speaks: boolean = true;
	readonly #server: Server;
	readonly #sockets: WebSocketServer;
	readonly #guests = new Set<Guest>();
	readonly #options: StandInOptions;
	#waiting: (() => void)[] = [];

	private constructor(server: Server, sockets: WebSocketServer, options: StandInOptions) {
		this.#server = server;
		this.#sockets = sockets;
		this.#options = options;
		this.token = options.token ?? "good-token";
		this.port = (server.address() as AddressInfo).port;
		sockets.on("connection", (socket) => this.#welcome(socket));
	}

	static async start(options: StandInOptions & { readonly port?: number } = {}): Promise<HomeAssistantStandIn> {
		const server = options.tls ? createTlsServer(options.tls) : createPlainServer((_request, response) => response.writeHead(404).end());
		await new Promise<void>((listening, failed) => {
			server.once("error", failed);
			server.listen(options.port ?? 0, "127.0.0.1", listening);
		});
		return new HomeAssistantStandIn(server, new WebSocketServer({ server, path: "/api/websocket" }), options);
	}

	get url(): string {
		return `${this.#options.tls ? "https" : "http"}://127.0.0.1:${this.port}`;
	}

	/** Connections that are logged in. */
	get guests(): number {
		return [...this.#guests].filter(({ isIn }) => isIn).length;
	}

	/** Lets an event happen. */
	fire(eventType: string, data: Readonly<Record<string, unknown>> = {}): void {
		for (const { socket, subscriptions } of this.#guests) {
			for (const [id, wanted] of subscriptions) {
				if (wanted !== null && wanted !== eventType) continue;
				socket.send(JSON.stringify({ id, type: "event", event: { event_type: eventType, data, origin: "LOCAL", time_fired: "now" } }));
			}
		}
	}

	/** Says anything to everybody. */
	say(text: string): void {
		for (const { socket } of this.#guests) socket.send(text);
	}

	/** Tears every connection, as a pulled network cable or a restart does. */
	cut(): void {
		for (const { socket } of this.#guests) socket.terminate();
	}

	/** Waits until the condition holds; it is looked at after everything that happens here. */
	async until(what: string, condition: () => boolean): Promise<void> {
		const deadline = Date.now() + 10_000;
		while (!condition()) {
			if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}. Commands: ${this.commands.join(", ")}`);
			await new Promise<void>((woken) => {
				const timer = setTimeout(woken, 10_000);
				this.#waiting.push(() => {
					clearTimeout(timer);
					woken();
				});
			});
		}
	}

	async stop(): Promise<void> {
		this.cut();
		await new Promise<void>((closed) => this.#sockets.close(() => closed()));
		this.#server.closeAllConnections();
		await new Promise<void>((closed) => this.#server.close(() => closed()));
		this.#wake();
	}

	#welcome(socket: WebSocket): void {
		const guest: Guest = { socket, subscriptions: new Map(), isIn: false };
		this.#guests.add(guest);
		socket.on("close", () => {
			this.#guests.delete(guest);
			this.#wake();
		});
		socket.on("message", (data) => {
			const message = JSON.parse(String(data));
			if (guest.isIn) this.#command(guest, message);
			else this.#login(guest, message);
			this.#wake();
		});
		if (this.speaks) socket.send(JSON.stringify({ type: "auth_required", ha_version: "2026.10.0" }));
		this.#wake();
	}

	#login(guest: Guest, { access_token }: { readonly access_token?: string }): void {
		this.logins += 1;
		if (access_token === this.token) {
			guest.isIn = true;
			guest.socket.send(JSON.stringify({ type: "auth_ok", ha_version: "2026.10.0" }));
			return;
		}
		this.refusals += 1;
		guest.socket.send(JSON.stringify({ type: "auth_invalid", message: "Invalid access token or password" }));
		guest.socket.close();
	}

	#command(guest: Guest, command: Command): void {
		const { id, type } = command;
		this.commands.push(typeof command.event_type === "string" ? `${type} ${command.event_type}` : type);
		const answer = this.#answerTo(guest, command);
		if (answer === "silence") return;
		const outcome = "result" in answer ? { success: true, result: answer.result } : { success: false, error: answer.error };
		guest.socket.send(JSON.stringify({ id, type: "result", ...outcome }));
	}

	#answerTo({ subscriptions }: Guest, command: Command): Answer {
		const { id, type } = command;
		if (type === "get_states") return { result: this.states };
		if (type === "subscribe_events") {
			if (this.#options.isAdministrator === false) return { error: { code: "unauthorized", message: "Unauthorized" } };
			subscriptions.set(id, typeof command.event_type === "string" ? command.event_type : null);
			return { result: null };
		}
		if (type === "unsubscribe_events") {
			const isThere = subscriptions.delete(Number(command.subscription));
			return isThere ? { result: null } : { error: { code: "not_found", message: "Subscription not found." } };
		}
		if (type !== "call_service") return { error: { code: "unknown_command", message: "Unknown command." } };
		const { domain, service, service_data, target, return_response } = command as unknown as SeenCall;
		const call: SeenCall = {
			domain,
			service,
			service_data,
			...(target === undefined ? {} : { target }),
			...(return_response === undefined ? {} : { return_response }),
		};
		this.calls.push(call);
		return this.answer(call);
	}

	#wake(): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const wake of waiting) wake();
	}
}
