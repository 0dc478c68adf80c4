import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type HomeAssistantAddress, parseHomeAssistantAddress } from "./address.ts";
import { HomeAssistantError } from "./home-assistant-error.ts";
import type { HomeAssistantSettings } from "./options.ts";
import { type HomeAssistantEvent, openSession, type Session } from "./session.ts";
import { loadSocketKit, type SocketKit } from "./socket.ts";

/** An action of Home Assistant (its API still says service): `domain` "switch", `service` "turn_off". */
export interface HomeAssistantAction {
	readonly domain: string;
	readonly service: string;
	readonly data?: Readonly<Record<string, unknown>>;
	/** Which entities, devices or areas. */
	readonly target?: Readonly<Record<string, unknown>>;
	/** Ask for what the action answers; actions that answer nothing refuse to be asked. */
	readonly returnResponse?: boolean;
}

export interface CallOptions {
	/** Longest wait for the answer, and for a connection that is coming up, ms; 10 s unless given. */
	readonly timeoutMs?: number;
}

/** How the connection does. `refused`: the token is not accepted; `invalid`: the settings cannot be used. */
export interface HomeAssistantState {
	readonly state: "connecting" | "online" | "offline" | "refused" | "invalid" | "closed";
	/** What is wrong, in words; null when all is well. */
	readonly problem: string | null;
}

/** An open connection to one Home Assistant, kept up by itself. Every call ends, in an answer or in an error. */
export interface HomeAssistant {
	readonly state: HomeAssistantState;
	/** Told after every change. Returns the way to stop listening. */
	onState(listener: (state: HomeAssistantState) => void): () => void;
	/** Calls an action. Rejects with a HomeAssistantError that says whether it may have been carried out. */
	call(action: HomeAssistantAction, options?: CallOptions): Promise<unknown>;
	/** All entities with their states, as Home Assistant sends them. */
	states(options?: CallOptions): Promise<readonly unknown[]>;
	/** Listens to one type of event, over reconnects too. Returns the way to stop. */
	subscribe(eventType: string, listener: (event: HomeAssistantEvent) => void): () => void;
	/** Events that came and were dropped because nobody listens. */
	readonly droppedEvents: number;
	/** Ends everything; what is in flight is rejected. */
	close(): void;
}

export interface HomeAssistantDeps {
	readonly clock: Clock;
	readonly logger: Logger;
	/** For tests; `homeassistant-ws` unless given. */
	readonly loadKit?: () => Promise<SocketKit>;
}

const CALL_MS = 10_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
/** A token that is refused does not get better by asking: Home Assistant may ban whoever keeps trying. */
const REFUSED_RETRY_MS = 60 * 60_000;
/** A connection that lasted so long was a good one: back-off starts anew. */
const GOOD_CONNECTION_MS = 30_000;
/** Calls at once, waiting ones included: more mean that a flow runs wild. */
const MOST_CALLS = 50;

/** Opens the connection; returns at once. Settings that cannot be used show in the state, in words. */
export function openHomeAssistant(settings: HomeAssistantSettings, deps: HomeAssistantDeps): HomeAssistant {
	return new KeptConnection(settings, deps);
}

class KeptConnection implements HomeAssistant {
	readonly #settings: HomeAssistantSettings;
	readonly #deps: HomeAssistantDeps;
	readonly #stateListeners = new Set<(state: HomeAssistantState) => void>();
	readonly #eventListeners = new Map<string, Set<(event: HomeAssistantEvent) => void>>();
	#state: HomeAssistantState = { state: "connecting", problem: null };
	#session: Session | null = null;
	#subscribed = new Set<string>();
	#cancelRetry = () => {};
	#failures = 0;
	#calls = 0;
	#dropped = 0;

	constructor(settings: HomeAssistantSettings, deps: HomeAssistantDeps) {
		this.#settings = settings;
		this.#deps = deps;
		const address = parseHomeAssistantAddress(settings.url);
		const problem =
			"problem" in address
				? address.problem
				: settings.token.trim() === ""
					? "The access token of Home Assistant is missing: make one in your profile there and give it here."
					: null;
		if ("problem" in address || problem !== null) this.#setState("invalid", problem);
		else {
			if (address.warning !== null) deps.logger.warn(address.warning);
			void this.#connect(address);
		}
	}

	get state(): HomeAssistantState {
		return this.#state;
	}

	get droppedEvents(): number {
		return this.#dropped;
	}

	onState(listener: (state: HomeAssistantState) => void): () => void {
		this.#stateListeners.add(listener);
		return () => this.#stateListeners.delete(listener);
	}

	async call({ domain, service, data = {}, target, returnResponse }: HomeAssistantAction, options: CallOptions = {}): Promise<unknown> {
		return this.#command(
			"call_service",
			{
				domain,
				service,
				service_data: data,
				...(target === undefined ? {} : { target }),
				...(returnResponse ? { return_response: true } : {}),
			},
			options,
		);
	}

	async states(options: CallOptions = {}): Promise<readonly unknown[]> {
		const states = await this.#command("get_states", {}, options);
		return Array.isArray(states) ? states : [];
	}

	subscribe(eventType: string, listener: (event: HomeAssistantEvent) => void): () => void {
		const listeners = this.#eventListeners.get(eventType) ?? new Set();
		this.#eventListeners.set(eventType, listeners.add(listener));
		this.#ask(eventType);
		return () => {
			// Home Assistant goes on sending; whatever comes is dropped and counted.
			if (listeners.delete(listener) && listeners.size === 0 && this.#eventListeners.get(eventType) === listeners)
				this.#eventListeners.delete(eventType);
		};
	}

	close(): void {
		this.#cancelRetry();
		const session = this.#session;
		this.#session = null;
		this.#setState("closed", null);
		this.#stateListeners.clear();
		this.#eventListeners.clear();
		session?.close();
	}

	async #command(type: string, args: Readonly<Record<string, unknown>>, { timeoutMs = CALL_MS }: CallOptions): Promise<unknown> {
		if (this.#calls >= MOST_CALLS)
			throw new HomeAssistantError("busy", `${MOST_CALLS} calls wait for Home Assistant already: this one was not sent.`);
		this.#calls += 1;
		const { clock } = this.#deps;
		const until = clock.now() + timeoutMs;
		try {
			const session = await this.#connected(timeoutMs);
			return await session.command(type, args, Math.max(1, until - clock.now()));
		} finally {
			this.#calls -= 1;
		}
	}

	/** The session, waiting for one that is coming up. */
	#connected(timeoutMs: number): Promise<Session> {
		return new Promise((resolve, reject) => {
			const settle = (): boolean => {
				if (this.#session && this.#state.state === "online") resolve(this.#session);
				else if (["refused", "invalid", "closed"].includes(this.#state.state)) reject(this.#notConnected());
				else return false;
				return true;
			};
			if (settle()) return;
			const stop = this.onState(() => {
				if (settle()) done();
			});
			const cancel = this.#deps.clock.after(timeoutMs, () => {
				done();
				reject(this.#notConnected());
			});
			const done = () => {
				stop();
				cancel();
			};
		});
	}

	#notConnected(): HomeAssistantError {
		const { state, problem } = this.#state;
		const code = state === "refused" ? "refused" : state === "invalid" ? "address" : state === "closed" ? "closed" : "not-connected";
		const why = problem ?? (state === "closed" ? "The connection to Home Assistant was closed." : "Home Assistant does not answer yet.");
		return new HomeAssistantError(code, `${why} Nothing was sent.`);
	}

	async #connect(address: HomeAssistantAddress): Promise<void> {
		const { clock, loadKit = loadSocketKit } = this.#deps;
		try {
			const session = await openSession({
				kit: await loadKit(),
				clock,
				address,
				token: this.#settings.token.trim(),
				checkCertificate: this.#settings.checkCertificate,
				wants: (type) => this.#eventListeners.has(type),
				heard: (event) => this.#heard(event),
				dropped: () => {
					this.#dropped += 1;
				},
			});
			if (this.#state.state === "closed") return session.close();
			this.#opened(address, session);
			const openedAt = clock.now();
			const error = await session.lost;
			if (clock.now() - openedAt >= GOOD_CONNECTION_MS) this.#failures = 0;
			this.#failed(address, error);
		} catch (error) {
			this.#failed(address, error);
		}
	}

	#opened(address: HomeAssistantAddress, session: Session): void {
		this.#session = session;
		this.#subscribed = new Set();
		this.#deps.logger.info(`Connected to Home Assistant at ${address.shown}.`);
		this.#setState("online", null);
		for (const eventType of this.#eventListeners.keys()) this.#ask(eventType);
	}

	#failed(address: HomeAssistantAddress, error: unknown): void {
		if (this.#state.state === "closed") return;
		this.#session = null;
		const isRefused = error instanceof HomeAssistantError && error.code === "refused";
		const delay = isRefused ? REFUSED_RETRY_MS : Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 10));
		this.#failures += 1;
		this.#setState(isRefused ? "refused" : "offline", messageOf(error));
		this.#cancelRetry = this.#deps.clock.after(delay, () => void this.#connect(address));
	}

	#ask(eventType: string): void {
		if (!this.#session || this.#subscribed.has(eventType)) return;
		this.#subscribed.add(eventType);
		this.#session.command("subscribe_events", { event_type: eventType }, CALL_MS).catch((error: unknown) => {
			this.#subscribed.delete(eventType);
			if (error instanceof HomeAssistantError && error.code === "rejected")
				this.#deps.logger.warn(`${error.message}. Events need the access token of an administrator; calling actions does not.`);
		});
	}

	#heard(event: HomeAssistantEvent): void {
		for (const listener of [...(this.#eventListeners.get(event.event_type) ?? [])]) {
			try {
				listener(event);
			} catch (error) {
				this.#deps.logger.error(`An event of Home Assistant could not be dealt with: ${messageOf(error)}`);
			}
		}
	}

	#setState(state: HomeAssistantState["state"], problem: string | null): void {
		if (this.#state.state === state && this.#state.problem === problem) return;
		this.#state = { state, problem };
		// A first failure is worth a line, its repetitions are not: the state says them.
		if (problem !== null) this.#deps.logger.warn(problem);
		for (const listener of [...this.#stateListeners]) listener(this.#state);
	}
}
