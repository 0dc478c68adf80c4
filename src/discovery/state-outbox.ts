import type { Clock } from "../clock.ts";
import type { MqttMessage } from "../mqtt-link/mqtt-link.ts";
import { differenceOf } from "./dead-band.ts";
import { expirySeconds, GROUPS, type Group } from "./groups.ts";
import type { MqttSettings } from "./options.ts";
import type { StateMessage, Values } from "./state-payload.ts";
import type { DeviceKey, Names } from "./topics.ts";

export interface OutboxPort {
	/** Sends; false when it was dropped. */
	publish(message: MqttMessage): boolean;
	/** Whether the broker forgets messages by itself (MQTT 5). */
	readonly hasMessageExpiry: boolean;
}

export interface Occasion {
	/** Send whatever it says: at a connect, after an announcement, at Home Assistant's start. */
	readonly force: boolean;
	/** A poll cycle has just ended. */
	readonly cycle: boolean;
}

interface Sent {
	readonly group: Group;
	readonly values: Values;
	readonly at: number;
	readonly readingAt: number | null;
}

/**
 * Decides which state messages are sent. Status and info: at once, at any difference. Measurements: beyond their
 * dead band, once a reading at most for a pack and once a poll cycle for the bank, not more often than their
 * group allows; what becomes known or unknown does not wait. Values that expire are said again when their heartbeat
 * is due; the others the broker keeps, and whoever comes later gets them from it.
 */
export class StateOutbox {
	readonly #port: OutboxPort;
	readonly #names: Names;
	readonly #settings: MqttSettings;
	readonly #clock: Clock;
	readonly #sent = new Map<string, Sent>();

	constructor(port: OutboxPort, names: Names, settings: MqttSettings, clock: Clock) {
		this.#port = port;
		this.#names = names;
		this.#settings = settings;
		this.#clock = clock;
	}

	/** Sends the message if there is a reason to. */
	offer(message: StateMessage, occasion: Occasion): void {
		const topic = this.#names.state(message.device, message.group);
		if (!occasion.force && !this.#isDue(message, this.#sent.get(topic), occasion)) return;
		const { qos, expires } = GROUPS[message.group];
		const published = this.#port.publish({
			topic,
			payload: JSON.stringify(message.values),
			qos,
			retain: !expires || this.#port.hasMessageExpiry,
			...(expires ? { expirySeconds: expirySeconds(this.#settings.heartbeatSeconds) } : {}),
		});
		if (published)
			this.#sent.set(topic, { group: message.group, values: message.values, at: this.#clock.now(), readingAt: message.readingAt });
	}

	/** When the next heartbeat is due, in the clock's time; null while nothing was sent that expires. */
	get nextHeartbeatAt(): number | null {
		const times = [...this.#sent.values()].filter(({ group }) => GROUPS[group].expires).map(({ at }) => at);
		return times.length === 0 ? null : Math.min(...times) + this.#heartbeatMs;
	}

	/** Forgets what was sent of a device, or of all: the connection is new. */
	forget(device?: DeviceKey): void {
		if (device === undefined) this.#sent.clear();
		else for (const group of Object.keys(GROUPS) as readonly Group[]) this.#sent.delete(this.#names.state(device, group));
	}

	get #heartbeatMs(): number {
		return this.#settings.heartbeatSeconds * 1000;
	}

	#isDue(message: StateMessage, sent: Sent | undefined, { cycle }: Occasion): boolean {
		const { expires, minIntervalMs } = GROUPS[message.group];
		if (sent === undefined || (expires && this.#clock.now() - sent.at >= this.#heartbeatMs)) return true;
		const difference = differenceOf(sent.values, message.values, this.#settings);
		if (difference !== "changed") return difference === "known-or-not";
		if (minIntervalMs === 0) return true;
		const isNews = message.device === "bank" ? cycle : message.readingAt === null || message.readingAt !== sent.readingAt;
		return isNews && this.#clock.now() - sent.at >= minIntervalMs;
	}
}
