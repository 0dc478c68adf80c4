import { DIP_ADDRESSES } from "../bms/battery/addresses.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { MqttLink } from "../mqtt-link/mqtt-link.ts";
import { SETTLE_MS } from "./announcement-rounds.ts";
import { type DiscoveryPayload, withRemovals } from "./discovery-config.ts";
import { GROUPS, type Group } from "./groups.ts";
import type { IdKey, Names } from "./topics.ts";

type Components = DiscoveryPayload["cmps"];

/** What Home Assistant was told last under one id, by this run or by one before it. */
interface Kept {
	readonly components: Components;
	/** Serial number of the pack; null where it was not known. */
	readonly serial: string | null;
	/** Address of the pack whose topics were named; null for the bank, and for a pack without address. */
	readonly address: number | null;
	/** The message itself. */
	readonly text: string;
}

export interface KeptDeps {
	readonly link: Pick<MqttLink, "publish" | "subscribe">;
	readonly names: Names;
	readonly prefix: string;
	readonly clock: Clock;
	readonly logger: Logger;
	/** More than was known is kept under this id: an earlier version told of it, and it has to be taken away by name. */
	readonly outdated: (id: IdKey) => void;
	/** Home Assistant clears the topic when its user deletes the device or one of its entities. */
	readonly deleted: (id: IdKey) => void;
}

/** Numbers that a pack's ids can have: the addresses of the DIP switches. */
export const NUMBERS = DIP_ADDRESSES;
const IDS: readonly IdKey[] = ["bank", ...NUMBERS];
const STATE_GROUPS = Object.keys(GROUPS) as readonly Group[];
/** The biggest announcement of ours is a tenth of it; what is bigger is somebody else's, and is not taken apart. */
const LONGEST_KEPT = 500_000;
/** What every Home Assistant with device discovery has by MQTT. It drops a whole message in which another word stands for one of these (§1.1). */
const PLATFORMS: ReadonlySet<string> = new Set(
	(
		"alarm_control_panel binary_sensor button camera climate cover device_automation device_tracker event fan humidifier image " +
		"lawn_mower light lock notify number scene select sensor siren switch tag text update vacuum valve water_heater"
	).split(" "),
);
/** A prefix that topics can begin with: brokers hang up at what is none. */
const PREFIX = /^[^#+$/\s\p{Cc}][^#+\s\p{Cc}]{0,199}$/u;

/**
 * The announcements as the broker keeps them. They are the memory from one run to the next: what has to be taken
 * away by name because it is no more, which pack had which number, and who is gone for good.
 */
export class KeptAnnouncements {
	readonly #deps: KeptDeps;
	readonly #kept = new Map<IdKey, Kept>();
	/** Topics under the former prefix that are to be cleared. */
	readonly #former = new Set<string>();
	#cancel: () => void = () => {};

	constructor(deps: KeptDeps) {
		this.#deps = deps;
		const { link, names } = deps;
		for (const id of IDS) link.subscribe(names.config(id), (payload, retained) => this.#heard(id, payload, retained), 0);
		link.subscribe(names.announcedUnder, (prefix, retained) => retained && this.#movedFrom(prefix), 0);
	}

	/** Serial numbers by the numbers of packs that are kept; null where none was told. */
	get serials(): ReadonlyMap<number, string | null> {
		return new Map([...this.#kept].flatMap(([id, { serial }]) => (id === "bank" ? [] : [[id, serial]])));
	}

	/** The connection is new, and what was kept has been asked for. */
	begin(): void {
		this.#cancel = this.#deps.clock.after(SETTLE_MS, () => {
			for (const topic of this.#former) this.#clear(topic);
			this.#former.clear();
			const { link, names, prefix } = this.#deps;
			link.publish({ topic: names.announcedUnder, payload: prefix, qos: 1, retain: true });
		});
	}

	/** Leaves no timer behind. */
	rest(): void {
		this.#cancel();
	}

	/**
	 * The payload to send: it also removes what was announced before and is no more, unless the device has not been
	 * measured yet (its cells are not gone, and their history would go with them). The clean payload must follow.
	 */
	next(
		id: IdKey,
		payload: DiscoveryPayload,
		{ address, isMeasured }: Pick<Kept, "address"> & { readonly isMeasured: boolean },
	): DiscoveryPayload {
		const before = this.#kept.get(id)?.components ?? {};
		const { sn } = payload.dev;
		const components = isMeasured ? payload.cmps : { ...before, ...payload.cmps };
		// A serial number that is not read yet is no other one.
		const serial = typeof sn === "string" ? sn : (this.#kept.get(id)?.serial ?? null);
		if (this.#kept.has(id) && this.#kept.get(id)?.address === null && id !== "bank")
			this.#clear(`${this.#deps.names.awayFolder(id)}/availability`);
		this.#kept.set(id, { components, serial, address, text: JSON.stringify(payload) });
		return isMeasured ? withRemovals(before, payload) : payload;
	}

	/** Whether something is kept under this id. */
	has(id: IdKey): boolean {
		return this.#kept.has(id);
	}

	/** Ids, other than this one, whose entities show what the pack at this address says. */
	othersAt(address: number, id: IdKey): readonly IdKey[] {
		return [...this.#kept].filter(([other, kept]) => other !== id && kept.address === address).map(([other]) => other);
	}

	/** A pack is away and another one has its address: its entities stay, unavailable, and show nothing of the other. */
	setAside(id: IdKey): void {
		const kept = this.#kept.get(id);
		if (kept === undefined || kept.address === null) return;
		const { link, names } = this.#deps;
		const within = (folder: string) => JSON.stringify(`${folder}/`).slice(0, -1);
		const text = kept.text.replaceAll(within(names.folder(kept.address)), within(names.awayFolder(id)));
		this.#kept.set(id, { ...kept, address: null, text });
		link.publish({ topic: `${names.awayFolder(id)}/availability`, payload: "offline", qos: 1, retain: true });
		link.publish({ topic: names.config(id), payload: text, qos: 1, retain: true });
	}

	/** Takes a device out of Home Assistant, and what is kept of its values unless they are those of a pack that is there. */
	remove(id: IdKey, there: readonly number[] = NUMBERS): void {
		const { names } = this.#deps;
		const { address = null } = this.#kept.get(id) ?? {};
		this.#kept.delete(id);
		this.#clear(names.config(id));
		if (address === null && id !== "bank") this.#clear(`${names.awayFolder(id)}/availability`);
		if (address === null || there.includes(address)) return;
		for (const topic of [names.availability(address), ...STATE_GROUPS.map((group) => names.state(address, group))]) this.#clear(topic);
	}

	#clear(topic: string): void {
		this.#deps.link.publish({ topic, payload: "", qos: 1, retain: true });
	}

	#heard(id: IdKey, payload: string, retained: boolean): void {
		if (payload === "") {
			if (!retained && this.#kept.delete(id)) this.#deps.deleted(id);
			return;
		}
		// What is said just now is our own.
		const heard = retained ? keptIn(payload, this.#deps.names) : null;
		if (heard === null) return;
		const known = this.#kept.get(id);
		const serial = known?.serial ?? heard.serial;
		const isMore =
			known === undefined || serial !== known.serial || Object.keys(heard.components).some((key) => !(key in known.components));
		const { address, text } = known ?? heard;
		this.#kept.set(id, { components: { ...heard.components, ...known?.components }, serial, address, text });
		if (isMore) this.#deps.outdated(id);
	}

	/** The devices were under another prefix until now: there they would stay for ever. */
	#movedFrom(before: string): void {
		const { link, names, prefix, logger } = this.#deps;
		if (!PREFIX.test(before) || names.formerConfig("bank", before) === names.config("bank")) return;
		logger.info(`The discovery prefix was ${before} and is ${prefix}: what was announced under the old one is taken back.`);
		for (const id of IDS) {
			const topic = names.formerConfig(id, before);
			link.subscribe(topic, (payload, retained) => retained && payload !== "" && this.#moveHere(id, topic, payload), 0);
		}
	}

	/**
	 * A Home Assistant that still listens there is told that its entities move, so that it keeps them with all their
	 * settings (home-assistant.md §1.4); a moment later the topic is cleared. Which pack has which number goes on here.
	 */
	#moveHere(id: IdKey, topic: string, payload: string): void {
		if (this.#former.has(topic)) return;
		this.#former.add(topic);
		this.#deps.link.publish({ topic, payload: JSON.stringify({ migrate_discovery: true }), qos: 1, retain: false });
		const there = keptIn(payload, this.#deps.names);
		if (there === null || this.#kept.has(id)) return;
		this.#kept.set(id, { ...there, components: {} });
		this.#deps.outdated(id);
	}
}

/** What a message of ours names, as far as it can be read; null when it is none. */
function keptIn(payload: string, names: Names): Kept | null {
	if (payload.length > LONGEST_KEPT) return null;
	try {
		const { cmps, dev, availability } = JSON.parse(payload) as Readonly<Record<string, unknown>>;
		const entries = Object.entries((cmps ?? {}) as Readonly<Record<string, { readonly p?: unknown } | null>>);
		const components = entries.flatMap(([key, component]) =>
			typeof component?.p === "string" && PLATFORMS.has(component.p) ? [[key, { p: component.p }] as const] : [],
		);
		const { sn } = (dev ?? {}) as { readonly sn?: unknown };
		const topics = new Set(Array.isArray(availability) ? availability.map((row: { readonly topic?: unknown } | null) => row?.topic) : []);
		return {
			components: Object.fromEntries(components),
			serial: typeof sn === "string" ? sn : null,
			address: NUMBERS.find((address) => topics.has(names.availability(address))) ?? null,
			text: payload,
		};
	} catch {
		return null;
	}
}
