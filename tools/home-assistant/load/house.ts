import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startHomeAssistant } from "../../../test/home-assistant-real/support/home-assistant.ts";
import { addMqtt } from "../../../test/home-assistant-real/support/onboarding.ts";
import { startMosquitto } from "../../../test/real/support/mosquitto.ts";
import { type Observer, observe, type SeenMessage } from "../../../test/real/support/mqtt-observer.ts";
import { bankOnce, type RunningServer, startServer } from "../../../test/real/support/rack-battery.ts";
import { eventually, type Scene } from "../../../test/real/support/scene.ts";
import { processSeconds } from "./process-time.ts";
import { recorderSize } from "./recorder-size.ts";
import type { Measured } from "./report.ts";
import { AS_DELIVERED, LOAD_SECONDS, loadAfter, PACKS, serverOptions, type Variant } from "./variants.ts";

/** A house of its own for a variant: broker, Home Assistant, and our server unless it has no battery. */
export interface MeasuredHouse {
	/** From now on; resolves when the time is over. */
	measure(minutes: number): Promise<Measured>;
}

const BANK_READ_MS = 180_000;
const RELOAD_MS = 120_000;

export async function startMeasuredHouse(scene: Scene, variant: Variant): Promise<MeasuredHouse> {
	const broker = await startMosquitto(scene);
	const observer = await observe(scene, broker.url);
	const homeAssistant = await startHomeAssistant(scene, { recorder: variant.bank?.recorder ?? AS_DELIVERED });
	const { own } = homeAssistant;
	if (own === null) throw new Error("HASS_URL is set: only a Home Assistant started here can be measured.");
	await addMqtt(homeAssistant.api(), broker.port);
	await observer.message("Home Assistant's birth", isBirth, 60_000);
	const server = variant.bank === null ? null : await startBank(scene, broker.url, variant.bank);

	const registered = async () => (await homeAssistant.api().entities()).filter(({ platform }) => platform === "mqtt");
	const areKnown = async () => {
		await wait(1000);
		const enabled = (await registered()).filter(({ disabled_by }) => disabled_by === null);
		const states = new Map((await homeAssistant.api().states()).map(({ entity_id, state }) => [entity_id, state]));
		const missing = enabled.filter(({ entity_id }) => ["unavailable", undefined].includes(states.get(entity_id)));
		if (missing.length > 0) throw new Error(`${missing.length} of ${enabled.length} have no state, as ${missing[0]?.entity_id}`);
		return enabled.length > 0 && enabled.length;
	};
	if (variant.bank !== null) {
		await eventually("every device is announced", () => announced(observer).size === PACKS + 1, RELOAD_MS);
		await eventually("every entity has a state", areKnown, RELOAD_MS);
		if (variant.bank.allEntities) await enableAll();
	}
	const entities = variant.bank === null ? 0 : await eventually("every entity has a state", areKnown, RELOAD_MS);

	async function enableAll(): Promise<void> {
		const api = homeAssistant.api();
		const disabled = (await registered()).filter(({ disabled_by }) => disabled_by !== null);
		for (const { entity_id } of disabled) await api.command("config/entity_registry/update", { entity_id, disabled_by: null });
		// Home Assistant loads its MQTT entry anew by itself, half a minute after the last one was enabled.
		await observer.next("Home Assistant's birth after the entities were enabled", isBirth, RELOAD_MS);
	}

	const database = join(own.folder, "home-assistant_v2.db");
	return {
		async measure(minutes) {
			const { pid, ended, output } = own.process();
			const died = ended.then(({ code, signal }) => {
				throw new Error(`${variant.name}: Home Assistant ended (${code ?? signal}):\n${output().slice(-2000)}`);
			});
			const stopLoads = server !== null && variant.bank?.load === "switched" ? switchLoads(server) : () => {};
			const [before, cpuBefore, from] = [recorderSize(database), await processSeconds(pid), observer.messages.length];
			try {
				await Promise.race([wait(minutes * 60_000), died]);
			} finally {
				stopLoads();
			}
			const [messages, cpuAfter, after] = [observer.messages.slice(from), await processSeconds(pid), recorderSize(database)];
			return { variant, minutes, entities, messages, cpuSeconds: cpuAfter - cpuBefore, before, after };
		},
	};
}

const isBirth = ({ topic, payload }: SeenMessage) => topic === "homeassistant/status" && payload === "online";

/** Topics of the announced devices. */
const announced = ({ messages }: Observer) =>
	new Set(messages.map(({ topic }) => topic).filter((topic) => /^homeassistant\/device\/[^/]+\/config$/.test(topic)));

/** Our server on a simulated bank, once every pack was read and has said its own alarm state. */
async function startBank(scene: Scene, mqttUrl: string, bank: NonNullable<Variant["bank"]>): Promise<RunningServer> {
	const server = await startServer(scene, { args: ["--mqtt", mqttUrl, ...serverOptions(bank)] });
	await bankOnce(
		server,
		"every pack is read",
		({ packs }) =>
			packs.length === PACKS &&
			packs.every(({ presence, conditions }: { presence: string; conditions: unknown }) => presence === "live" && conditions !== null),
		BANK_READ_MS,
	);
	return server;
}

/** Changes what the house draws, again and again; the result ends it. */
function switchLoads(server: RunningServer): () => void {
	let changes = 0;
	const timer = setInterval(() => {
		changes += 1;
		server.post("/api/simulator/command", { command: `load ${loadAfter(changes)}` }).catch((error: unknown) => {
			process.stderr.write(`A load was not switched: ${String(error)}\n`);
		});
	}, LOAD_SECONDS * 1000);
	return () => clearInterval(timer);
}
