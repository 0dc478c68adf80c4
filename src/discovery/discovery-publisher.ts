import type { PublisherState } from "../bank-registry.ts";
import type { Bank } from "../bms/bank.ts";
import type { ContactSource, ContactState } from "../bms/battery/contact.ts";
import type { BankEvent, PackSnapshot } from "../bms/battery/snapshot.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { MqttLink } from "../mqtt-link/mqtt-link.ts";
import { AnnouncementRounds } from "./announcement-rounds.ts";
import { contactValues } from "./contact-entities.ts";
import { ContactFeed } from "./contact-feed.ts";
import { ControlFeed } from "./control-feed.ts";
import { type DiscoveryPayload, discoveryPayload, packSignature, withRemovals } from "./discovery-config.ts";
import { GROUPS } from "./groups.ts";
import { LeftOvers } from "./left-overs.ts";
import type { MqttSettings } from "./options.ts";
import { StateOutbox } from "./state-outbox.ts";
import { availabilityOf, bankStates, packStates, type StateMessage } from "./state-payload.ts";
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

/** A pack without measurements is announced without cells only after this time. */
const FIRST_READING_LIMIT_MS = 10_000;

/** Addresses a pack can have (DIP switches). */
const ADDRESSES = Array.from({ length: 16 }, (_, address) => address);

/** Publishes a bank and its packs to Home Assistant, from now until `stop`. */
export function createDiscovery(bank: Bank, settings: MqttSettings, deps: DiscoveryDeps): Discovery {
	return new DiscoveryPublisher(bank, settings, deps);
}

class DiscoveryPublisher implements Discovery {
	readonly #bank: Bank;
	readonly #settings: MqttSettings;
	readonly #deps: DiscoveryDeps;
	readonly #names: Names;
	readonly #link: MqttLink;
	readonly #outbox: StateOutbox;
	readonly #rounds: AnnouncementRounds;
	readonly #contacts: ContactFeed | null;
	readonly #controls: ControlFeed | null;
	readonly #unsubscribe: () => void;
	/** Announced long enough ago that their states may be sent. */
	readonly #ready = new Set<DeviceKey>();
	/** What the last announcement asked for was built from. */
	readonly #signatures = new Map<number, string>();
	readonly #payloads = new Map<DeviceKey, DiscoveryPayload>();
	readonly #leftOvers = new LeftOvers();
	/** Deleted in Home Assistant by the user. */
	readonly #deleted = new Set<DeviceKey>();
	/** What was last said about the bridge, the bank and the packs. */
	readonly #availability = new Map<DeviceKey | "bridge", string>();
	readonly #firstSeen = new Map<number, number>();
	readonly #messages = new Map<number, Built>();
	readonly #timers = new Map<"birth" | "heartbeat" | "first-reading", () => void>();

	constructor(bank: Bank, settings: MqttSettings, deps: DiscoveryDeps) {
		this.#bank = bank;
		this.#settings = settings;
		this.#deps = deps;
		this.#names = namesOf(bank.snapshot, settings);
		const { logger, clock } = deps;
		const stateTopic = this.#names.bridgeState;
		const { url, username, password } = settings;
		this.#link = new MqttLink({ url, username, password, stateTopic, logger: logger.child("mqtt"), clock });
		this.#outbox = new StateOutbox(this.#link, this.#names, settings, clock);
		const announce = (device: DeviceKey) => this.#announce(device);
		this.#rounds = new AnnouncementRounds({ announce, settled: (devices) => this.#settled(devices) }, clock);
		this.#link.onConnection((connected) => this.#connectionChanged(connected));
		this.#link.subscribe(settings.statusTopic, (payload, retained) => this.#statusHeard(payload, retained));
		for (const address of ADDRESSES) {
			this.#link.subscribe(this.#names.availability(address), (word, retained) => this.#availabilityHeard(address, word, retained), 0);
		}
		const feed = { link: this.#link, names: this.#names };
		const changed = (again: DeviceKey | null) => this.#send(new Set(again === null ? [] : [again]), false);
		this.#contacts = deps.contacts ? new ContactFeed(deps.contacts, bank.snapshot, { ...feed, changed: () => changed(null) }) : null;
		const commands = settings.commands ? bank.commands : undefined;
		this.#controls = commands ? new ControlFeed(commands, { ...feed, clock, broker: this.#link.state.broker, changed }) : null;
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
		if (connected) this.#requestAll();
	}

	/** Leaves no timer behind. */
	#rest(): void {
		this.#rounds.cancel();
		for (const cancel of this.#timers.values()) cancel();
		this.#timers.clear();
	}

	#after(name: "birth" | "heartbeat" | "first-reading", ms: number, callback: () => void): void {
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
		this.#after("birth", 1000 + this.#deps.random() * 4000, () => this.#requestAll());
	}

	#requestAll(): void {
		this.#deleted.clear();
		this.#signatures.clear();
		this.#request(["bank", ...this.#changedPacks()]);
	}

	/** Packs that are new or differ from what was announced. */
	#changedPacks(): readonly number[] {
		const changed = this.#bank.snapshot.packs.filter((pack) => {
			if (!this.#isAnnounceable(pack) || this.#deleted.has(pack.address)) return false;
			return this.#signatures.get(pack.address) !== this.#signatureOf(pack);
		});
		for (const pack of changed) this.#signatures.set(pack.address, this.#signatureOf(pack));
		return changed.map(({ address }) => address);
	}

	#signatureOf(pack: PackSnapshot): string {
		return `${packSignature(pack)} ${this.#controls?.signature(pack) ?? ""}`;
	}

	#request(devices: readonly DeviceKey[]): void {
		if (devices.length === 0) return;
		if (this.#settings.discovery === "off") this.#settled(devices);
		else this.#rounds.request(devices);
	}

	/** A pack's first measurements tell how many cells it has; they are waited for, but not for ever. */
	#isAnnounceable({ address, telemetry }: PackSnapshot): boolean {
		if (telemetry !== null) return true;
		const now = this.#deps.clock.now();
		const since = this.#firstSeen.get(address) ?? now;
		this.#firstSeen.set(address, since);
		const left = since + FIRST_READING_LIMIT_MS - now;
		if (left > 0) this.#after("first-reading", left, () => this.#request(this.#changedPacks()));
		return left <= 0;
	}

	#announce(device: DeviceKey): void {
		const { version, pageUrl } = this.#deps;
		const hasContacts = this.#contacts !== null;
		const topic = this.#names.config(device);
		this.#link.subscribe(topic, (payload, retained) => this.#configHeard(device, payload, retained), 0);
		const payload = discoveryPayload(this.#bank.snapshot, device, {
			names: this.#names,
			settings: this.#settings,
			version,
			pageUrl,
			hasContacts,
			controls: (of, slug) => this.#controls?.components(of, this.#bank.snapshot, slug) ?? {},
		});
		const sent = withRemovals({ ...this.#leftOvers.take(device), ...this.#payloads.get(device)?.cmps }, payload);
		this.#payloads.set(device, payload);
		this.#link.publish({ topic, payload: JSON.stringify(sent), qos: 1, retain: true });
		if (sent !== payload) this.#rounds.request([device]);
	}

	/** Home Assistant clears the topic when its user deletes the device; bringing it back at once would make that impossible. */
	#configHeard(device: DeviceKey, payload: string, retained: boolean): void {
		if (retained) this.#keptConfigHeard(device, payload);
		if (payload !== "" || retained || this.#deleted.has(device)) return;
		this.#deleted.add(device);
		this.#deps.logger.info(
			`${this.#names.deviceName(device)} was deleted in Home Assistant; it is announced again when Home Assistant or this server reconnects.`,
		);
	}

	#keptConfigHeard(device: DeviceKey, payload: string): void {
		// A pack that has not been measured yet has cells all the same: taken away now, their history would go with them.
		const pack = this.#bank.snapshot.packs.find(({ address }) => address === device);
		if (device !== "bank" && !pack?.telemetry) return;
		if (this.#leftOvers.heard(device, payload, this.#payloads.get(device)?.cmps ?? {})) this.#rounds.request([device]);
	}

	/** A run that was killed left `online` behind for a pack that this run has not heard yet. */
	#availabilityHeard(address: number, word: string, retained: boolean): void {
		const isKnown = this.#signatures.has(address);
		if (retained && word === "online" && !isKnown) this.#say(address, this.#names.availability(address), "offline");
	}

	#settled(devices: readonly DeviceKey[]): void {
		for (const device of devices) this.#ready.add(device);
		this.#send(new Set(devices), false);
	}

	#snapshotChanged(events: readonly BankEvent[], cycle: boolean): void {
		this.#contacts?.snapshotChanged(this.#bank.snapshot, events);
		if (!this.#link.connected) return;
		this.#request(this.#changedPacks());
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
