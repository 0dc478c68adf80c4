import { connectAsync, type MqttClient } from "mqtt";
import type { Bank } from "../../src/bms/bank.ts";
import { openBank } from "../../src/bms/open-bank.ts";
import { BANK_SETTINGS } from "../../src/bms/options.ts";
import { systemClock } from "../../src/clock.ts";
import { createDiscovery, type Discovery } from "../../src/discovery/discovery-publisher.ts";
import { MQTT_SETTINGS } from "../../src/discovery/options.ts";
import { namesOf } from "../../src/discovery/topics.ts";
import { createDryContacts, type DryContacts } from "../../src/dry-contact/dry-contact-service.ts";
import { CONTACT_SETTINGS } from "../../src/dry-contact/options.ts";
import { silentLogger } from "../../src/logger.ts";
import { type EmbeddedBroker, startEmbeddedBroker } from "../../src/server/embedded-broker.ts";
import { defaultsOf } from "../../src/settings.ts";
import type { SimulatorSettings } from "../../src/simulator/options.ts";
import type { SimulatedLineServer } from "../../src/simulator/tcp-line.ts";
import { simulatedLine } from "./line.ts";

type Listener = (topic: string, payload: string) => void;

/** A simulated bank, read by the driver with its default schedule and published to a broker that somebody watches. */
export interface PublishedBank {
	readonly line: SimulatedLineServer;
	readonly bank: Bank;
	readonly contacts: DryContacts;
	readonly bankStatusTopic: string;
	/** Where the edges of the bank's contacts are told. */
	readonly bankEventTopic: string;
	/** First part of the topics of all values. */
	readonly root: string;
	watch(listener: Listener): () => void;
	stop(): Promise<void>;
}

export async function publishBank(settings: Partial<SimulatorSettings>): Promise<PublishedBank> {
	const line = await simulatedLine(settings);
	const broker: EmbeddedBroker = await startEmbeddedBroker(0, silentLogger);
	const bank = openBank({ ...defaultsOf(BANK_SETTINGS), port: line.port }, { origin: "simulated", logger: silentLogger });
	const openLines = () => {
		throw new Error("no wire in the bench");
	};
	const contacts = createDryContacts(bank, defaultsOf(CONTACT_SETTINGS), { clock: systemClock, logger: silentLogger, openLines });
	const mqttSettings = { ...defaultsOf(MQTT_SETTINGS), url: broker.url };
	const discovery: Discovery = createDiscovery(bank, mqttSettings, {
		logger: silentLogger,
		clock: systemClock,
		random: Math.random,
		pageUrl: null,
		version: "bench",
		contacts,
	});
	const names = namesOf(bank.snapshot, mqttSettings);
	const observer: MqttClient = await connectAsync(broker.url);
	const listeners = new Set<Listener>();
	observer.on("message", (topic, payload) => {
		for (const listener of listeners) listener(topic, payload.toString());
	});
	await observer.subscribeAsync("#");
	return {
		line,
		bank,
		contacts,
		bankStatusTopic: names.state("bank", "status"),
		bankEventTopic: names.event("bank"),
		root: names.bridgeState.replace(/bridge\/state$/, ""),
		watch(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		async stop() {
			await observer.endAsync();
			await discovery.stop();
			await contacts.stop();
			await bank.close();
			await broker.stop();
			await line.stop();
		},
	};
}

/** Resolves when a message on the topic satisfies the test. */
export function untilMessage(published: PublishedBank, topic: string, test: (payload: Record<string, unknown>) => boolean): Promise<void> {
	return new Promise((resolve) => {
		const stop = published.watch((seen, payload) => {
			if (seen !== topic || !test(JSON.parse(payload))) return;
			stop();
			resolve();
		});
	});
}

/** Resolves when every pack is live, its first values are out, and it has said its own alarm state: the start-up is over. */
export async function untilAllNamed(published: PublishedBank, packs: number): Promise<void> {
	const isReady = () =>
		published.bank.snapshot.packs.filter((pack) => pack.presence === "live" && pack.conditions !== null).length === packs;
	if (isReady()) return;
	await new Promise<void>((resolve) => {
		const stop = published.bank.subscribe(() => {
			if (!isReady()) return;
			stop();
			resolve();
		});
	});
}
