import type { BankOrigin, BankSnapshot } from "../bms/battery/snapshot.ts";
import type { WriteClass } from "../bms/command/command.ts";
import type { Group } from "./groups.ts";
import type { MqttSettings } from "./options.ts";

/** The bank itself, or a pack by its address. */
export type DeviceKey = "bank" | number;

/** The bank, or a pack by the number in its ids: its address, unless it had another one when it was first announced. */
export type IdKey = "bank" | number;

/** Every id, name and topic of a bank and its packs. */
export interface Names {
	/** Home Assistant's identifier of the device; first part of its entities' unique ids. Never changes with what is read late. */
	uid(device: DeviceKey): string;
	/** Name of the device for people. */
	deviceName(device: DeviceKey): string;
	/** Last will: `online` or `offline` for everything of this bank. */
	readonly bridgeState: string;
	/** `online` while the device's measurements are live. */
	availability(device: DeviceKey): string;
	/** First part of all topics of the device. */
	folder(device: DeviceKey): string;
	/** First part of the topics of a pack that is away while another one has its address. */
	awayFolder(id: IdKey): string;
	/** Values of one group. */
	state(device: DeviceKey, group: Group): string;
	/** What happens to the device, one message an occurrence. */
	event(device: DeviceKey): string;
	/** Where Home Assistant's commands for one thing of the device come in. */
	command(device: DeviceKey, key: string): string;
	/** `online` while commands of this class are carried out. */
	access(writeClass: WriteClass): string;
	/** Discovery topic of whoever has that id. */
	config(id: IdKey): string;
	/** The same under the prefix that was used before. */
	formerConfig(id: IdKey, prefix: string): string;
	/** Retained word on the prefix that the devices are announced under. */
	readonly announcedUnder: string;
}

/** Simulated and replayed banks have ids and topics of their own, so that their numbers never mix with real ones. */
const ORIGIN_SUFFIX: Readonly<Record<BankOrigin, string>> = { real: "", simulated: "_simulated", replayed: "_replayed" };

export function namesOf(
	bank: Pick<BankSnapshot, "id" | "name" | "origin">,
	settings: Pick<MqttSettings, "baseTopic" | "discoveryPrefix">,
	idOf: (device: DeviceKey) => IdKey = (device) => device,
): Names {
	const bankKey = `${bank.id}${ORIGIN_SUFFIX[bank.origin]}`;
	const root = `${withoutTrailingSlash(settings.baseTopic)}/${bankKey}`;
	const label = bank.origin === "real" ? "" : ` (${bank.origin})`;
	const folder = (device: DeviceKey) => (device === "bank" ? `${root}/bank` : `${root}/pack/${device}`);
	const uidOf = (id: IdKey) => (id === "bank" ? `rack_battery_${bankKey}` : `rack_battery_${bankKey}_a${id}`);
	const formerConfig = (id: IdKey, prefix: string) => `${withoutTrailingSlash(prefix)}/device/${uidOf(id)}/config`;
	return {
		uid: (device) => uidOf(idOf(device)),
		deviceName: (device) => `${bank.name}${device === "bank" ? "" : ` pack ${device}`}${label}`,
		bridgeState: `${root}/bridge/state`,
		folder,
		awayFolder: (id) => `${root}/away/${id}`,
		availability: (device) => `${folder(device)}/availability`,
		state: (device, group) => `${folder(device)}/${group}`,
		event: (device) => `${folder(device)}/event`,
		command: (device, key) => `${folder(device)}/set/${key}`,
		access: (writeClass) => `${root}/bridge/access/${writeClass}`,
		config: (id) => formerConfig(id, settings.discoveryPrefix),
		formerConfig,
		announcedUnder: `${root}/bridge/discovery`,
	};
}

const withoutTrailingSlash = (topic: string) => topic.replace(/\/+$/, "");

/** Small letters, digits and underscores, as Home Assistant's entity ids want them; empty when nothing is left. */
export function slugOf(text: string): string {
	return text
		.normalize("NFKD")
		.replace(/\p{M}/gu, "")
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "_")
		.replace(/^_+|_+$/g, "");
}
