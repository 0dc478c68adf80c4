import { randomBytes } from "node:crypto";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import type { PublisherState } from "../bank-registry.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { type BrokerAddress, parseBrokerAddress } from "./broker-address.ts";
import { type ConnectFailure, explainFailure, reconnectDelayMs } from "./connect-failure.ts";

/** A message to the broker. */
export interface MqttMessage {
	readonly topic: string;
	readonly payload: string;
	readonly qos: 0 | 1;
	readonly retain: boolean;
	/** The broker forgets it after so many seconds; needs MQTT 5 and is left out otherwise. */
	readonly expirySeconds?: number;
}

export interface MqttLinkOptions {
	readonly url: string;
	readonly username: string;
	readonly password: string;
	/** Retained topic that says `offline` when we are gone, by last will or by a clean stop. */
	readonly stateTopic: string;
	readonly logger: Logger;
	readonly clock: Clock;
}

/** `retained` is true when the broker repeats what it kept, false when it was said just now. */
export type MessageListener = (payload: string, retained: boolean) => void;

type MqttVersion = 4 | 5;

/** A connection that lasted so long was a good one: back-off starts anew. */
const GOOD_CONNECTION_MS = 30_000;
const STOP_LIMIT_MS = 1000;

/**
 * One connection to the broker, kept up by itself: last will, MQTT 5 first and 3.1.1 where that is refused,
 * back-off, subscriptions renewed at every connect. It queues nothing: what is published while the broker is
 * away is dropped, because whoever publishes sends the truth anew at the next connect.
 */
export class MqttLink {
	readonly #options: MqttLinkOptions;
	readonly #subscriptions = new Map<string, { readonly qos: 0 | 1; readonly listener: MessageListener }>();
	readonly #stateListeners = new Set<(state: PublisherState) => void>();
	readonly #connectionListeners = new Set<(connected: boolean) => void>();
	#state: PublisherState;
	#client: MqttClient | null = null;
	#version: MqttVersion = 5;
	#versionProven = false;
	/** What the broker keeps on our topics has been asked for. */
	#isSubscribed = false;
	#attempt = 0;
	#cancelRetry: () => void = () => {};
	#stopping: Promise<void> | null = null;

	/** Starts to connect at once; listeners added in the same turn miss nothing. */
	constructor(options: MqttLinkOptions) {
		this.#options = options;
		const address = parseBrokerAddress(options.url, options.username, options.password);
		if ("problem" in address) {
			this.#state = { state: "refused", broker: "none", problem: address.problem };
			options.logger.error(address.problem);
		} else {
			this.#state = { state: "connecting", broker: address.shown, problem: null };
			this.#connect(address);
		}
	}

	get state(): PublisherState {
		return this.#state;
	}

	/** Whether messages get through now. */
	get connected(): boolean {
		return this.#stopping === null && this.#isSubscribed && this.#client?.connected === true;
	}

	/** Whether the broker forgets messages by itself (MQTT 5). */
	get hasMessageExpiry(): boolean {
		return this.#version === 5;
	}

	onState(listener: (state: PublisherState) => void): () => void {
		this.#stateListeners.add(listener);
		return () => this.#stateListeners.delete(listener);
	}

	/** Called at every connect, after the broker has taken the subscriptions, and at every loss. */
	onConnection(listener: (connected: boolean) => void): () => void {
		this.#connectionListeners.add(listener);
		return () => this.#connectionListeners.delete(listener);
	}

	/** Hands a message over; false when there is no connection (it is dropped). */
	publish(message: MqttMessage): boolean {
		const client = this.#client;
		if (client === null || !this.connected) return false;
		this.#send(client, message, (code) => {
			// Said once: the other topics would only repeat it.
			if (code !== 135 || this.#state.state === "refused") return;
			this.#setState("refused", `The broker at ${this.#state.broker} does not let this user write to ${message.topic}.`);
		});
		return true;
	}

	/** Listens to one exact topic, now and after every reconnect. QoS 0 is for echoes of our own messages. */
	subscribe(topic: string, listener: MessageListener, qos: 0 | 1 = 1): void {
		const isNew = !this.#subscriptions.has(topic);
		this.#subscriptions.set(topic, { qos, listener });
		if (isNew && this.#client !== null && this.connected) this.#request(this.#client, [topic]);
	}

	/** Says the farewells and the retained `offline`, waits for both (1 s at most), and ends. Never rejects. */
	stop(farewells: readonly MqttMessage[] = []): Promise<void> {
		this.#stopping ??= this.#end(farewells);
		return this.#stopping;
	}

	async #end(farewells: readonly MqttMessage[]): Promise<void> {
		this.#cancelRetry();
		const client = this.#client;
		if (client !== null) {
			const messages = client.connected ? [...farewells, this.#offlineMessage()] : [];
			const said = Promise.all(messages.map((message) => new Promise<void>((done) => this.#send(client, message, () => done()))));
			const closed = new Promise<void>((done) => client.once("close", () => done()));
			const heard = await this.#within(STOP_LIMIT_MS, Promise.race([said, closed]));
			const isGraceful = heard && client.connected;
			await this.#within(STOP_LIMIT_MS, Promise.race([closed, new Promise<void>((done) => client.end(!isGraceful, {}, () => done()))]));
			client.stream.destroy();
		}
		this.#client = null;
		this.#setState("offline", null);
		this.#stateListeners.clear();
		this.#connectionListeners.clear();
	}

	#offlineMessage(): MqttMessage {
		return { topic: this.#options.stateTopic, payload: "offline", qos: 1, retain: true };
	}

	#within(ms: number, work: Promise<unknown>): Promise<boolean> {
		return new Promise((settle) => {
			const cancel = this.#options.clock.after(ms, () => settle(false));
			const finish = () => {
				cancel();
				settle(true);
			};
			work.then(finish, finish);
		});
	}

	#send(client: MqttClient, { topic, payload, qos, retain, expirySeconds }: MqttMessage, done: (code: number | undefined) => void): void {
		const expires = expirySeconds !== undefined && this.hasMessageExpiry;
		const properties = expires ? { properties: { messageExpiryInterval: expirySeconds } } : {};
		client.publish(topic, payload, { qos, retain, ...properties }, (error) => done(reasonCode(error)));
	}

	/** `taken` is called once the broker has answered, whatever it said. */
	#request(client: MqttClient, topics: readonly string[], taken: () => void = () => {}): void {
		const wanted = Object.fromEntries(topics.map((topic) => [topic, { qos: this.#subscriptions.get(topic)?.qos ?? 0 }]));
		client.subscribe(wanted, (error, granted) => {
			if (this.#client !== client) return;
			taken();
			const refused = granted?.find(({ qos }) => qos >= 128)?.topic ?? (reasonCode(error) === undefined ? undefined : topics.join(", "));
			if (refused !== undefined) this.#setState("online", `The broker at ${this.#state.broker} does not let this user read ${refused}.`);
		});
	}

	#connect(address: BrokerAddress): void {
		const client = connect(this.#clientOptions(address));
		this.#client = client;
		this.#isSubscribed = false;
		let code: string | number | undefined;
		let acceptedAt: number | null = null;
		client.on("connect", () => {
			acceptedAt = this.#options.clock.now();
			this.#accepted(client);
		});
		client.on("message", (topic, payload, packet) => this.#subscriptions.get(topic)?.listener(payload.toString(), packet.retain));
		client.on("disconnect", (packet) => {
			code = packet.reasonCode;
		});
		// Kept for good: the client may still raise an error after its end.
		client.on("error", (error) => {
			code ??= errorCode(error);
		});
		const over = () => {
			if (this.#client !== client || this.#stopping !== null) return;
			this.#client = null;
			if (acceptedAt !== null) for (const listener of this.#connectionListeners) listener(false);
			const lasted = acceptedAt === null ? 0 : this.#options.clock.now() - acceptedAt;
			this.#failed(address, explainFailure({ code, accepted: acceptedAt !== null }, address.shown), lasted);
		};
		client.once("close", over);
		client.once("end", over);
	}

	#clientOptions({ protocol, host, port, username, password }: BrokerAddress): IClientOptions {
		const { topic, payload, qos, retain } = this.#offlineMessage();
		return {
			protocol,
			host,
			port,
			...(username === undefined ? {} : { username }),
			...(password === undefined ? {} : { password }),
			// 23 characters: what every MQTT 3.1.1 broker must take.
			clientId: `rack-battery-${randomBytes(5).toString("hex")}`,
			protocolVersion: this.#version,
			clean: true,
			keepalive: 30,
			connectTimeout: 10_000,
			// Reconnecting is ours: back-off, slow after a refusal, another MQTT version.
			reconnectPeriod: 0,
			queueQoSZero: false,
			will: { topic, payload: Buffer.from(payload), qos, retain },
		};
	}

	#accepted(client: MqttClient): void {
		this.#versionProven = true;
		const ready = () => {
			this.#isSubscribed = true;
			this.#setState("online", null);
			for (const listener of this.#connectionListeners) listener(true);
		};
		// What the broker has kept is heard first, as far as the broker sends it with its answer: it is what this run goes on from.
		if (this.#subscriptions.size > 0) this.#request(client, [...this.#subscriptions.keys()], ready);
		else ready();
	}

	#failed(address: BrokerAddress, failure: ConnectFailure, lastedMs: number): void {
		if (failure.versionRefused === "yes" && this.#version === 5) {
			this.#version = 4;
			this.#options.logger.info(`The broker at ${address.shown} does not speak MQTT 5; using 3.1.1.`);
			this.#connect(address);
			return;
		}
		// Some brokers hang up at a version they do not know: try the other one in turn until one is accepted.
		if (failure.versionRefused === "maybe" && !this.#versionProven) this.#version = this.#version === 5 ? 4 : 5;
		this.#attempt = lastedMs >= GOOD_CONNECTION_MS ? 1 : this.#attempt + 1;
		this.#setState(failure.state, failure.problem);
		this.#cancelRetry = this.#options.clock.after(reconnectDelayMs(this.#attempt, failure.state), () => this.#connect(address));
	}

	#setState(state: PublisherState["state"], problem: string | null): void {
		if (this.#state.state === state && this.#state.problem === problem) return;
		this.#state = { state, broker: this.#state.broker, problem };
		const { logger } = this.#options;
		if (problem !== null) logger.warn(problem);
		else if (state === "online") logger.info(`Connected to the broker at ${this.#state.broker}.`);
		for (const listener of this.#stateListeners) listener(this.#state);
	}
}

/** Reason code of the broker; undefined for every other error and for none. */
function reasonCode(error: unknown): number | undefined {
	const code = errorCode(error);
	return typeof code === "number" ? code : undefined;
}

function errorCode(error: unknown): string | number | undefined {
	if (!(error instanceof Error) || !("code" in error)) return undefined;
	return typeof error.code === "string" || typeof error.code === "number" ? error.code : undefined;
}
