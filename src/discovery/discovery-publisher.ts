import type { PublisherState } from "../bank-registry.ts";
import type { Bank } from "../bms/bank.ts";
import type { ContactSource, ContactState } from "../bms/battery/contact.ts";
import type { BankEvent, PackSnapshot } from "../bms/battery/snapshot.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { MqttLink } from "../mqtt-link/mqtt-link.ts";
import { Announcer } from "./announcer.ts";
import { contactValues } from "./contact-entities.ts";
import { ContactFeed } from "./contact-feed.ts";
import { ControlFeed } from "./control-feed.ts";
import { GROUPS } from "./groups.ts";
import { NUMBERS } from "./kept-announcements.ts";
import type { MqttSettings } from "./options.ts";
import { StateOutbox } from "./state-outbox.ts";
import { availabilityOf, bankStates, packStates, type StateMessage, unknownStatus } from "./state-payload.ts";
import { type DeviceKey, type Names, namesOf } from "./topics.ts";

export interface DiscoveryDeps {
	readonly logger: Logger;
	readonly clock: Clock;
	/** 0 to 1, exclusive; spreads the answers of many publishers to Home Assistant's birth message. */
	readonly random: () => number;
	/** Address of the status page for links in Home Assistant; null when others cannot reach it. */
	readonly pageUrl: string | null;
	/** Version of this server. */
	readonly version: string;
	/** The bank's dry contacts: published with every edge as an event; without them there are no events. */
	readonly contacts?: ContactSource | null;
}

/** The publishing of one bank to MQTT. */
export interface Discovery {
	state(): PublisherState;
	onState(listener: (state: PublisherState) => void): () => void;
	/** Says `offline` for the packs and the bridge, then closes. Never rejects. */
	stop(): Promise<void>;
}

/** A pack's messages, with what they were built from. */
interface Built {
	readonly pack: PackSnapshot;
	readonly contacts: readonly ContactState[] | null;
	readonly messages: readonly StateMessage[];
}

/** Publishes a bank and its packs to Home Assistant, from now until `stop`. */
export function createDiscovery(bank: Bank, settings: MqttSettings, deps: DiscoveryDeps): Discovery {
	return new DiscoveryPublisher(bank, settings, deps);
}

class DiscoveryPublisher implements Discovery {
	readonly #bank: Bank;
	readonly #deps: DiscoveryDeps;
	readonly #names: Names;
	readonly #link: MqttLink;
	readonly #outbox: StateOutbox;
	readonly #announcer: Announcer;
	readonly #contacts: ContactFeed | null;
	readonly #controls: ControlFeed | null;
	readonly #unsubscribe: () => void;
	/** Announced long enough ago that their states may be sent. */
	readonly #ready = new Set<DeviceKey>();
	/** What was last said about the bridge, the bank and the packs. */
	readonly #availability = new Map<DeviceKey | "bridge", string>();
	/** How the run before left its packs, heard of too early to say more. */
	readonly #left = new Map<number, "online" | "offline">();
	readonly #messages = new Map<number, Built>();
	readonly #timers = new Map<"birth" | "heartbeat", () => void>();

	constructor(bank: Bank, settings: MqttSettings, deps: DiscoveryDeps) {
		this.#bank = bank;
		this.#deps = deps;
		this.#names = namesOf(bank.snapshot, settings, (device) => this.#announcer.idOf(device));
		const { logger, clock } = deps;
		const stateTopic = this.#names.bridgeState;
		const { url, username, password } = settings;
		this.#link = new MqttLink({ url, username, password, stateTopic, logger: logger.child("mqtt"), clock });
		this.#outbox = new StateOutbox(this.#link, this.#names, settings, clock);
		this.#link.onConnection((connected) => this.#connectionChanged(connected));
		this.#link.subscribe(settings.statusTopic, (payload, retained) => this.#statusHeard(payload, retained));
		this.#link.subscribe(stateTopic, (word) => this.#bridgeHeard(word), 0);
		for (const address of NUMBERS) {
			this.#link.subscribe(this.#names.availability(address), (word, retained) => this.#availabilityHeard(address, word, retained), 0);
		}
		const feed = { link: this.#link, names: this.#names };
		const changed = (again: DeviceKey | null) => this.#send(new Set(again === null ? [] : [again]), false);
		this.#contacts = deps.contacts ? new ContactFeed(deps.contacts, bank.snapshot, { ...feed, changed: () => changed(null) }) : null;
		const commands = settings.commands ? bank.commands : undefined;
		this.#controls = commands ? new ControlFeed(commands, { ...feed, clock, broker: this.#link.state.broker, changed }) : null;
		this.#announcer = new Announcer({
			...deps,
			...feed,
			bank,
			settings,
			hasContacts: this.#contacts !== null,
			controls: this.#controls,
			settled: (devices) => this.#settled(devices),
		});
		this.#unsubscribe = bank.subscribe((_snapshot, events, cycle) => this.#snapshotChanged(events, cycle));
	}

	state(): PublisherState {
		return this.#link.state;
	}

	onState(listener: (state: PublisherState) => void): () => void {
		return this.#link.onState(listener);
	}

	stop(): Promise<void> {
		this.#unsubscribe();
		this.#contacts?.stop();
		this.#controls?.stop();
		this.#rest();
		const topics = this.#devices().map((device) => this.#names.availability(device));
		return this.#link.stop(topics.map((topic) => ({ topic, payload: "offline", qos: 1, retain: true })));
	}

	#connectionChanged(connected: boolean): void {
		this.#rest();
		this.#ready.clear();
		this.#availability.clear();
		this.#outbox.forget();
		if (!connected) return;
		this.#announcer.renumber();
		this.#announcer.begin();
		for (const [address, word] of this.#left) this.#tellAway(address, word);
		this.#left.clear();
	}

	/** Leaves no timer behind. */
	#rest(): void {
		this.#announcer.rest();
		for (const cancel of this.#timers.values()) cancel();
		this.#timers.clear();
	}

	#after(name: "birth" | "heartbeat", ms: number, callback: () => void): void {
		if (this.#timers.has(name)) return;
		const cancel = this.#deps.clock.after(ms, () => {
			this.#timers.delete(name);
			callback();
		});
		this.#timers.set(name, cancel);
	}

	/** Home Assistant's birth message. One the broker kept tells nothing new: every connect announces anyway. */
	#statusHeard(payload: string, retained: boolean): void {
		if (payload !== "online" || retained) return;
		this.#after("birth", 1000 + this.#deps.random() * 4000, () => this.#announcer.requestAll());
	}

	/** The last will of a connection that was lost, which the broker took for alive until now; or of a second server, which is gone. */
	#bridgeHeard(word: string): void {
		if (word === "offline" && this.#availability.get("bridge") === "online") this.#say("bridge", this.#names.bridgeState, "online");
	}

	/** The run before had a pack that this run has not heard yet. */
	#availabilityHeard(address: number, word: string, retained: boolean): void {
		if (!retained || (word !== "online" && word !== "offline")) return;
		// A broker may tell of it before it has taken the subscriptions.
		if (this.#link.connected) this.#tellAway(address, word);
		else this.#left.set(address, word);
	}

	/** A run that was killed left it as `online`; and what Home Assistant shows also of a pack that is away is as old. */
	#tellAway(address: number, left: "online" | "offline"): void {
		if (this.#announcer.isKnown(address)) return;
		if (left === "online") this.#say(address, this.#names.availability(address), "offline");
		const status = unknownStatus(address, this.#contacts === null ? {} : contactValues([], address));
		this.#link.publish({ topic: this.#names.state(address, "status"), payload: JSON.stringify(status), qos: 1, retain: true });
	}

	#settled(devices: readonly DeviceKey[]): void {
		for (const device of devices) this.#ready.add(device);
		this.#send(new Set(devices), false);
	}

	#snapshotChanged(events: readonly BankEvent[], cycle: boolean): void {
		this.#contacts?.snapshotChanged(this.#bank.snapshot, events);
		for (const address of this.#announcer.renumber()) {
			if (!this.#ready.delete(address)) continue;
			this.#outbox.forget(address);
			this.#say(address, this.#names.availability(address), "offline");
		}
		for (const event of events) if (event.type === "pack-live") this.#announcer.packIsBack(event.pack);
		if (!this.#link.connected) return;
		if (cycle) this.#announcer.removeGone();
		this.#announcer.requestChanged();
		this.#send(new Set(), cycle);
	}

	/** Status before availability before `online`: nothing old is shown as live, however the connection ended (§2). */
	#send(forced: ReadonlySet<DeviceKey>, cycle: boolean): void {
		if (!this.#link.connected || this.#ready.size === 0) return;
		const messages = [...this.#ready].flatMap((device) => this.#statesOf(device));
		const offer = (expires: boolean) => {
			for (const message of messages) {
				if (GROUPS[message.group].expires === expires) this.#outbox.offer(message, { force: forced.has(message.device), cycle });
			}
		};
		this.#sendAvailability("offline", forced);
		offer(false);
		this.#sendAvailability("online", forced);
		if (!this.#availability.has("bridge") || forced.has("bank")) this.#say("bridge", this.#names.bridgeState, "online");
		offer(true);
		const due = this.#outbox.nextHeartbeatAt ?? 0;
		// Not sooner than in a second: what is due but cannot be said (its pack is gone) must not keep us busy.
		this.#after("heartbeat", Math.max(1000, due - this.#deps.clock.now()), () => this.#send(new Set(), true));
	}

	#sendAvailability(word: "online" | "offline", forced: ReadonlySet<DeviceKey>): void {
		for (const device of this.#ready) {
			if (availabilityOf(this.#bank.snapshot, device) !== word) continue;
			if (this.#availability.get(device) === word && !forced.has(device)) continue;
			this.#say(device, this.#names.availability(device), word);
		}
	}

	#say(about: DeviceKey | "bridge", topic: string, word: "online" | "offline"): void {
		if (this.#link.publish({ topic, payload: word, qos: 1, retain: true })) this.#availability.set(about, word);
	}

	#statesOf(device: DeviceKey): readonly StateMessage[] {
		const { snapshot } = this.#bank;
		const states = this.#contacts?.states ?? null;
		const contacts = states === null ? {} : contactValues(states, device);
		if (device === "bank") return bankStates(snapshot, this.#deps.version, contacts);
		const pack = snapshot.packs.find(({ address }) => address === device);
		if (pack === undefined) return [];
		const built = this.#messages.get(device);
		const link = this.#bank.snapshot.link.packs.find(({ address }) => address === device);
		const isSame = built?.pack === pack && built.contacts === states;
		const messages = isSame ? built.messages : packStates(pack, contacts, link);
		if (!isSame) this.#messages.set(device, { pack, contacts: states, messages });
		const settings = this.#controls?.values(pack) ?? null;
		return settings === null ? messages : [...messages, { device, group: "settings", values: settings, readingAt: null }];
	}

	#devices(): readonly DeviceKey[] {
		return ["bank", ...this.#bank.snapshot.packs.map(({ address }) => address)];
	}
}
