import type { ContactEvent, ContactSource, ContactState } from "../bms/battery/contact.ts";
import type { BankEvent, BankSnapshot } from "../bms/battery/snapshot.ts";
import type { MqttLink } from "../mqtt-link/mqtt-link.ts";
import { contactMessage, type EventMessage, type KnownDevices, knownDevices, protectionMessages } from "./event-messages.ts";
import type { Names } from "./topics.ts";

export interface ContactFeedDeps {
	readonly link: Pick<MqttLink, "publish" | "subscribe" | "onConnection">;
	readonly names: Names;
	/** Called after every change of a contact, when its events have been said. */
	readonly changed: () => void;
}

/**
 * Says every edge of the dry contacts and every protection on the event topics, once and only while the broker is
 * there, and hands over what wired contacts say by MQTT.
 */
export class ContactFeed {
	readonly #contacts: ContactSource;
	readonly #deps: ContactFeedDeps;
	readonly #unsubscribe: readonly (() => void)[];
	#known: KnownDevices;

	constructor(contacts: ContactSource, snapshot: BankSnapshot, deps: ContactFeedDeps) {
		this.#contacts = contacts;
		this.#deps = deps;
		this.#known = knownDevices(new Set(), snapshot);
		for (const topic of contacts.inputTopics) deps.link.subscribe(topic, (payload) => contacts.heard(topic, payload));
		this.#unsubscribe = [
			contacts.subscribe((_states, events) => this.#contactsChanged(events)),
			deps.link.onConnection((connected) => {
				if (!connected) this.#forgetInputs();
			}),
		];
	}

	get states(): readonly ContactState[] {
		return this.#contacts.states;
	}

	/** What happened with a snapshot; whatever a device is found with at first is no news. */
	snapshotChanged(snapshot: BankSnapshot, events: readonly BankEvent[]): void {
		for (const message of protectionMessages(this.#known, events)) this.#say(message);
		this.#known = knownDevices(this.#known, snapshot);
	}

	stop(): void {
		for (const unsubscribe of this.#unsubscribe) unsubscribe();
		this.#forgetInputs();
	}

	/** Nobody listens to the wired contacts' topics any more. */
	#forgetInputs(): void {
		for (const topic of this.#contacts.inputTopics) this.#contacts.heard(topic, null);
	}

	#contactsChanged(events: readonly ContactEvent[]): void {
		for (const event of events) {
			const message = contactMessage(event);
			if (message !== null) this.#say(message);
		}
		this.#deps.changed();
	}

	#say({ device, values }: EventMessage): void {
		const { link, names } = this.#deps;
		link.publish({ topic: names.event(device), payload: JSON.stringify(values), qos: 1, retain: false });
	}
}
