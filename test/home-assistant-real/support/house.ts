import { type RunningMosquitto, startMosquitto } from "../../real/support/mosquitto.ts";
import { type Observer, observe } from "../../real/support/mqtt-observer.ts";
import { bankOnce, type RunningServer, startServer } from "../../real/support/rack-battery.ts";
import type { Scene } from "../../real/support/scene.ts";
import { type FolderExtras, type RunningHomeAssistant, startHomeAssistant } from "./home-assistant.ts";
import { addMqtt } from "./onboarding.ts";

/** A house with a battery: Mosquitto, Home Assistant with its MQTT entry, and the server on a simulated bank. */
export interface House {
	readonly broker: RunningMosquitto;
	/** Folder where the broker keeps retained messages over a restart. */
	readonly brokerMemory: string;
	readonly observer: Observer;
	readonly homeAssistant: RunningHomeAssistant;
	readonly mqttEntry: string;
	readonly server: RunningServer;
	/** Starts a server as the first one, on the same data, with other options where they are given; done when its packs are read. */
	startServer(args?: readonly string[], packs?: number): Promise<RunningServer>;
}

/** `args`: further options of the server. `extras`: for Home Assistant's folder. */
export async function startHouse(scene: Scene, args: readonly string[] = [], extras: FolderExtras = {}): Promise<House> {
	const brokerMemory = await scene.folder();
	const broker = await startMosquitto(scene, { keepsIn: brokerMemory });
	const observer = await observe(scene, broker.url);
	const homeAssistant = await startHomeAssistant(scene, extras);
	const mqttEntry = await addMqtt(homeAssistant.api(), broker.port);
	if (process.env.HASS_URL) scene.onEnd(() => homeAssistant.api().http("DELETE", `/api/config/config_entries/entry/${mqttEntry}`));
	await observer.message(
		"Home Assistant's birth",
		({ topic, payload }) => topic === "homeassistant/status" && payload === "online",
		60_000,
	);
	const dataFolder = await scene.folder();
	const start = async (chosen = args, count = 2) => {
		const server = await startServer(scene, { args: ["--mqtt", broker.url, ...chosen], dataFolder });
		await bankOnce(
			server,
			"all packs are read",
			({ packs }) => packs.length === count && packs.every(({ presence }: { presence: string }) => presence === "live"),
		);
		return server;
	};
	return { broker, brokerMemory, observer, homeAssistant, mqttEntry, server: await start(), startServer: start };
}

/** The discovery messages of the server, by the device's identifier, as the broker keeps them. */
export interface Announcement {
	readonly dev: Readonly<Record<string, unknown>> & { readonly ids: readonly string[]; readonly name: string };
	readonly cmps: Readonly<Record<string, Announced>>;
}

/** One component as it was announced. */
export interface Announced {
	readonly p: string;
	readonly unique_id?: string;
	readonly default_entity_id?: string;
	readonly name?: string;
	readonly device_class?: string;
	readonly state_class?: string;
	readonly unit_of_measurement?: string;
	readonly suggested_display_precision?: number;
	readonly entity_category?: string;
	readonly enabled_by_default?: boolean;
	readonly icon?: string;
	readonly type?: string;
	readonly subtype?: string;
	readonly payload?: string;
	readonly topic?: string;
	readonly event_types?: readonly string[];
}

/** What was announced last for every device of the house's bank, under whatever prefix: the bank first, then the packs. */
export function announcements({ observer }: Pick<House, "observer">): readonly Announcement[] {
	const latest = new Map<string, Announcement>();
	for (const { topic, payload } of observer.messages) {
		if (!/^[^/]+\/device\/rack_battery_bank_[^/]+\/config$/.test(topic)) continue;
		if (payload === "") latest.delete(topic);
		else latest.set(topic, JSON.parse(payload) as Announcement);
	}
	return [...latest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, announcement]) => announcement);
}

/** The entities of an announcement; what is no entity (device triggers) has no unique id. */
export function announcedEntities(announcement: Announcement): readonly (Announced & { readonly unique_id: string })[] {
	return Object.values(announcement.cmps).flatMap((row) => (row.unique_id === undefined ? [] : [{ ...row, unique_id: row.unique_id }]));
}
