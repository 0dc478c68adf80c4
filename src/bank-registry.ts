import type { Bank } from "./bms/bank.ts";

/** How the publishing of a bank to MQTT is doing. */
export interface PublisherState {
	readonly state: "connecting" | "online" | "offline" | "refused";
	/** Broker address without user and password. */
	readonly broker: string;
	/** What is wrong, in words; null when all is well. */
	readonly problem: string | null;
}

/** An open bank with what the status page shows beside its snapshot. */
export interface RegisteredBank {
	readonly bank: Bank;
	/** Asked when shown: the publishers change state by themselves. */
	readonly publishers: ReadonlySet<() => PublisherState>;
}

/** The banks that are open now. The config nodes write it, the status page and the API read it. */
export class BankRegistry {
	readonly #banks = new Map<Bank, Set<() => PublisherState>>();
	readonly #listeners = new Set<() => void>();

	/** Registers an open bank; the returned function removes it. */
	add(bank: Bank): () => void {
		this.#banks.set(bank, new Set());
		this.#changed();
		return () => {
			this.#banks.delete(bank);
			this.#changed();
		};
	}

	/** Registers a publisher of an open bank; the returned function removes it. */
	addPublisher(bank: Bank, state: () => PublisherState): () => void {
		const publishers = this.#banks.get(bank);
		publishers?.add(state);
		this.#changed();
		return () => {
			publishers?.delete(state);
			this.#changed();
		};
	}

	/** Called after a bank or a publisher came or went. Returns the way to stop listening. */
	onChange(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#changed(): void {
		// Of a copy: a listener may stop listening and listen anew, and would then be called for ever.
		for (const listener of [...this.#listeners]) listener();
	}

	list(): readonly RegisteredBank[] {
		return [...this.#banks].map(([bank, publishers]) => ({ bank, publishers }));
	}
}

/** What the server hands to its nodes as `rackBattery` in Node-RED's settings object. */
export interface ServerHandover {
	/** Settings of *bank of this server*. */
	readonly bank: import("./bms/options.ts").BankSettings;
	readonly origin: import("./bms/battery/snapshot.ts").BankOrigin;
	/** Settings of *broker of this server*. */
	readonly mqtt: import("./discovery/options.ts").MqttSettings;
	/** Settings of the dry contacts of *bank of this server*; the defaults when not given. */
	readonly contacts?: import("./dry-contact/options.ts").ContactSettings;
	/** Where the status page is, for links in Home Assistant; null when it is on loopback only. */
	readonly pageUrl: string | null;
	readonly dataFolder: string;
	readonly registry: BankRegistry;
	/** The time all nodes go by; the real time when it is not given. */
	readonly clock?: import("./clock.ts").Clock;
}
