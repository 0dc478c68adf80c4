import mqtt from "mqtt";
import type { Scene } from "./scene.ts";

/** A message as it arrived. */
export interface SeenMessage {
	readonly topic: string;
	readonly payload: string;
	/** True when the broker had kept it, or (MQTT 5, retain as published) when it was published to be kept. */
	readonly retain: boolean;
	/** MQTT 5 message expiry in seconds; null when it has none. */
	readonly expirySeconds: number | null;
	/** `performance.now()` of the arrival. */
	readonly at: number;
}

/** Somebody else at the broker, who sees everything. */
export interface Observer {
	readonly messages: readonly SeenMessage[];
	/** The newest message a topic had; null when it had none. */
	latest(topic: string): SeenMessage | null;
	/** The first message, past or coming, that the test accepts. */
	message(what: string, accepts: (message: SeenMessage) => boolean, timeoutMs?: number): Promise<SeenMessage>;
	/** The same, but only from messages that arrive after this call. */
	next(what: string, accepts: (message: SeenMessage) => boolean, timeoutMs?: number): Promise<SeenMessage>;
	publish(topic: string, payload: string, options?: { retain?: boolean }): Promise<void>;
	end(): Promise<void>;
}

/** Connects (MQTT 5, or 3.1.1 for the built-in broker) and subscribes to everything. */
export async function observe(
	scene: Scene,
	url: string,
	options: { readonly version?: 4 | 5; readonly username?: string; readonly password?: string } = {},
): Promise<Observer> {
	const version = options.version ?? 5;
	const client = await mqtt.connectAsync(url, {
		protocolVersion: version,
		reconnectPeriod: 0,
		...(options.username === undefined ? {} : { username: options.username, password: options.password ?? "" }),
	});
	const messages: SeenMessage[] = [];
	const waiting = new Set<(message: SeenMessage) => void>();
	client.on("message", (topic, payload, packet) => {
		const message: SeenMessage = {
			topic,
			payload: payload.toString("utf8"),
			retain: packet.retain,
			expirySeconds: packet.properties?.messageExpiryInterval ?? null,
			at: performance.now(),
		};
		messages.push(message);
		for (const look of waiting) look(message);
	});
	client.on("error", () => {});
	await client.subscribeAsync("#", version === 5 ? { qos: 1, rap: true } : { qos: 1 });

	const next: Observer["next"] = (what, accepts, timeoutMs = 15_000) =>
		new Promise((resolve, reject) => {
			const look = (message: SeenMessage) => {
				if (!accepts(message)) return;
				clearTimeout(timer);
				waiting.delete(look);
				resolve(message);
			};
			const timer = setTimeout(() => {
				waiting.delete(look);
				const seen = messages.slice(-30).map((message) => `${message.topic} ${message.payload.slice(0, 200)}`);
				reject(new Error(`${what}: not seen within ${timeoutMs} ms. The last messages:\n${seen.join("\n")}`));
			}, timeoutMs);
			waiting.add(look);
		});
	const observer: Observer = {
		messages,
		latest: (topic) => messages.findLast((message) => message.topic === topic) ?? null,
		message: (what, accepts, timeoutMs) => {
			const seen = messages.find(accepts);
			return seen === undefined ? next(what, accepts, timeoutMs) : Promise.resolve(seen);
		},
		next,
		async publish(topic, payload, publishOptions = {}) {
			await client.publishAsync(topic, payload, { qos: 1, retain: publishOptions.retain ?? false });
		},
		async end() {
			await client.endAsync(true);
		},
	};
	scene.onEnd(() => observer.end());
	return observer;
}
