import type { Bank } from "../bms/bank.ts";
import type { PackSnapshot } from "../bms/battery/snapshot.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { MqttLink } from "../mqtt-link/mqtt-link.ts";
import { AnnouncementRounds, SETTLE_MS } from "./announcement-rounds.ts";
import type { ControlFeed } from "./control-feed.ts";
import { discoveryPayload, packSignature, serialOf } from "./discovery-config.ts";
import { KeptAnnouncements } from "./kept-announcements.ts";
import type { MqttSettings } from "./options.ts";
import { type PackNumbers, packNumbers } from "./pack-numbers.ts";
import { availabilityOf } from "./state-payload.ts";
import type { DeviceKey, IdKey, Names } from "./topics.ts";

export interface AnnouncerDeps {
	readonly bank: Bank;
	readonly settings: MqttSettings;
	readonly link: Pick<MqttLink, "publish" | "subscribe">;
	readonly names: Names;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly version: string;
	readonly pageUrl: string | null;
	readonly hasContacts: boolean;
	readonly controls: Pick<ControlFeed, "components" | "signature"> | null;
	/** Home Assistant has had its time with these devices: their states may follow. */
	readonly settled: (devices: readonly DeviceKey[]) => void;
}

/** A pack without measurements is announced without cells only after this time, and one that may be known by its serial number without it. */
const FIRST_READING_LIMIT_MS = 10_000;

/** Decides which devices are announced to Home Assistant when, under which ids, and takes back what is no more. */
export class Announcer {
	readonly #deps: AnnouncerDeps;
	readonly #rounds: AnnouncementRounds;
	/** null while nothing is announced. */
	readonly #kept: KeptAnnouncements | null;
	#numbers: PackNumbers = new Map();
	/** Under which id each device was announced. */
	readonly #announcedAs = new Map<DeviceKey, IdKey>();
	/** Ids under which nobody was announced before this run. */
	readonly #made = new Set<IdKey>();
	/** When something was last announced under each id. */
	readonly #saidAt = new Map<IdKey, number>();
	/** What the last announcement asked for was built from. */
	readonly #signatures = new Map<number, string>();
	/** Deleted in Home Assistant by the user. */
	readonly #deleted = new Set<DeviceKey>();
	readonly #firstSeen = new Map<number, number>();
	#cancelWait: (() => void) | null = null;
	/** The connection is there. */
	#isActive: boolean = false;

	constructor(deps: AnnouncerDeps) {
		this.#deps = deps;
		const { link, names, settings, logger, clock, settled } = deps;
		this.#rounds = new AnnouncementRounds({ announce: (device) => this.#announce(device), settled }, clock);
		const heard = { outdated: (id: IdKey) => this.#outdated(id), deleted: (id: IdKey) => this.#deletedByUser(id) };
		this.#kept =
			settings.discovery === "off"
				? null
				: new KeptAnnouncements({ link, names, prefix: settings.discoveryPrefix, clock, logger, ...heard });
	}

	/** The id of a device: the bank's, or the number of a pack. */
	idOf(device: DeviceKey): IdKey {
		return device === "bank" ? device : (this.#numbers.get(device) ?? device);
	}

	/** Whether the pack was asked to be announced. */
	isKnown(address: number): boolean {
		return this.#signatures.has(address);
	}

	/** The connection is new. */
	begin(): void {
		this.#isActive = true;
		this.#kept?.begin();
		this.requestAll();
	}

	/** Gives up what is under way and asked for; leaves no timer behind. */
	rest(): void {
		this.#isActive = false;
		this.#rounds.cancel();
		this.#kept?.rest();
		this.#cancelWait?.();
		this.#cancelWait = null;
	}

	/** Announces everything again. Who is away and was deleted stays so until it is there again. */
	requestAll(): void {
		for (const device of this.#deleted) if (device === "bank" || this.#isLive(device)) this.#deleted.delete(device);
		this.#signatures.clear();
		this.#request(["bank", ...this.#changedPacks()]);
	}

	/** Announces the packs that are new or differ from what was announced. */
	requestChanged(): void {
		this.#request(this.#changedPacks());
	}

	/** A pack answers again. */
	packIsBack(address: number): void {
		this.#deleted.delete(address);
	}

	/** Looks who is who. Returns the packs that are announced no more, because another one has taken over their number. */
	renumber(): readonly number[] {
		const { packs, cabledPack } = this.#deps.bank.snapshot;
		this.#numbers = packNumbers({ packs, cabledPack, kept: this.#kept?.serials ?? new Map(), before: this.#numbers });
		const left = packs.map(({ address }) => address).filter((address) => !this.#numbers.has(address));
		// Whoever comes there is announced anew.
		for (const address of left) {
			this.#signatures.delete(address);
			this.#announcedAs.delete(address);
		}
		return left;
	}

	/** The settings say who belongs to the bank, and all of these are there: what is kept of others is of packs that were taken out. */
	removeGone(): void {
		const { bank, names, logger } = this.#deps;
		const { packs } = bank.snapshot;
		const { packsTold = 0 } = bank;
		if (packsTold === 0 || packs.length < packsTold || !packs.every(({ presence }) => presence === "live")) return;
		// One of these may be who seems to be gone.
		if (packs.some((pack) => this.#mayBeAnother(pack))) return;
		for (const number of this.#kept?.serials.keys() ?? []) {
			if (this.#isInUse(number)) continue;
			logger.info(`${names.deviceName(number)} is not of this bank any more by its settings: it is taken out of Home Assistant.`);
			this.#kept?.remove(
				number,
				packs.map(({ address }) => address),
			);
		}
	}

	#request(devices: readonly DeviceKey[]): void {
		if (devices.length === 0) return;
		if (this.#kept === null) this.#deps.settled(devices);
		else this.#rounds.request(devices);
	}

	#changedPacks(): readonly number[] {
		const changed = this.#deps.bank.snapshot.packs.filter((pack) => {
			if (!this.#isAnnounceable(pack) || this.#deleted.has(pack.address)) return false;
			return this.#signatures.get(pack.address) !== this.#signatureOf(pack);
		});
		for (const pack of changed) this.#signatures.set(pack.address, this.#signatureOf(pack));
		return changed.map(({ address }) => address);
	}

	#signatureOf(pack: PackSnapshot): string {
		return `${this.idOf(pack.address)} ${packSignature(pack)} ${this.#deps.controls?.signature(pack) ?? ""}`;
	}

	/** A pack's first measurements tell how many cells it has, its serial number who it is; both are waited for, but not for ever. */
	#isAnnounceable(pack: PackSnapshot): boolean {
		const { address, telemetry } = pack;
		if (!this.#numbers.has(address)) return false;
		if (telemetry !== null && !this.#mayBeAnother(pack)) return true;
		const { clock } = this.#deps;
		const now = clock.now();
		const since = this.#firstSeen.get(address) ?? now;
		this.#firstSeen.set(address, since);
		const left = since + FIRST_READING_LIMIT_MS - now;
		if (left > 0) {
			this.#cancelWait ??= clock.after(left, () => {
				this.#cancelWait = null;
				this.requestChanged();
			});
		}
		return left <= 0;
	}

	/** Serial numbers were told of this bank, and the one of this pack can be read but was not yet (on RS232 only that of the cabled pack can). */
	#mayBeAnother({ address, identity }: PackSnapshot): boolean {
		const { cabledPack } = this.#deps.bank.snapshot;
		const isTold = [...(this.#kept?.serials.values() ?? [])].some((serial) => serial !== null);
		return isTold && serialOf(identity) === null && (cabledPack === null || cabledPack === address);
	}

	#announce(device: DeviceKey): void {
		const { bank, names, settings, version, pageUrl, hasContacts, controls, link, clock } = this.#deps;
		const pack = bank.snapshot.packs.find(({ address }) => address === device);
		// Meanwhile the broker may have told of serial numbers.
		if (pack !== undefined && !this.#isAnnounceable(pack)) {
			this.#signatures.delete(pack.address);
			return;
		}
		const id = this.idOf(device);
		// Another pack had this id just now: Home Assistant needs its time with it.
		if (clock.now() - (this.#saidAt.get(id) ?? Number.NEGATIVE_INFINITY) < SETTLE_MS) {
			this.#rounds.request([device]);
			return;
		}
		this.#saidAt.set(id, clock.now());
		if (device !== "bank") this.#freeAddress(device, id);
		if (this.#kept?.has(id) === false) this.#made.add(id);
		this.#announcedAs.set(device, id);
		const payload = discoveryPayload(bank.snapshot, device, {
			names,
			settings,
			version,
			pageUrl,
			hasContacts,
			controls: (of, slug) => controls?.components(of, bank.snapshot, slug) ?? {},
		});
		const place = { address: device === "bank" ? null : device, isMeasured: device === "bank" || (pack?.telemetry ?? null) !== null };
		const sent = this.#kept?.next(id, payload, place) ?? payload;
		link.publish({ topic: names.config(id), payload: JSON.stringify(sent), qos: 1, retain: true });
		if (sent !== payload) this.#rounds.request([device]);
	}

	/** Nobody else's entities show what this pack says: not those it had for want of its serial number, nor those of a pack that was here. */
	#freeAddress(address: number, id: IdKey): void {
		for (const other of this.#kept?.othersAt(address, id) ?? []) {
			if (this.#isInUse(other)) continue;
			if (this.#isMakeshift(other, id)) this.#kept?.remove(other);
			else this.#kept?.setAside(other);
			this.#made.delete(other);
		}
	}

	/** Whether this run made up the id for a pack that has one, before its serial number told. */
	#isMakeshift(other: IdKey, id: IdKey): boolean {
		if (!this.#made.has(other) || other === "bank" || id === "bank") return false;
		const serials = this.#kept?.serials ?? new Map<number, string | null>();
		const serial = serials.get(other) ?? null;
		return serial === null || [...serials].some(([number, one]) => number !== other && one === serial);
	}

	/** The broker has kept what was not known: something of a device is to be taken away, or a pack is another one. */
	#outdated(id: IdKey): void {
		this.#made.delete(id);
		this.renumber();
		if (!this.#isActive) return;
		const device = this.#deviceOf(id);
		if (device !== null && this.#announcedAs.get(device) === id) this.#rounds.request([device]);
		this.requestChanged();
	}

	/** Bringing it back at once would make deleting impossible. */
	#deletedByUser(id: IdKey): void {
		const device = this.#deviceOf(id);
		if (device === null) return;
		this.#deleted.add(device);
		const until = device === "bank" || this.#isLive(device) ? "when Home Assistant or this server reconnects" : "when it answers again";
		this.#deps.logger.info(`${this.#deps.names.deviceName(device)} was deleted in Home Assistant; it is announced again ${until}.`);
	}

	#isLive(address: number): boolean {
		return availabilityOf(this.#deps.bank.snapshot, address) === "online";
	}

	#isInUse(id: IdKey): boolean {
		return this.#deviceOf(id) !== null;
	}

	#deviceOf(id: IdKey): DeviceKey | null {
		return id === "bank" ? id : ([...this.#numbers].find(([, number]) => number === id)?.[0] ?? null);
	}
}
