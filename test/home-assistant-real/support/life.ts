import mqtt from "mqtt";
import { expect } from "vitest";
import { startMosquitto } from "../../real/support/mosquitto.ts";
import { observe } from "../../real/support/mqtt-observer.ts";
import { eventually, type Scene } from "../../real/support/scene.ts";
import { announcedEntities, announcements, type House, startHouse } from "./house.ts";
import { Tally } from "./tally.ts";
import { complaints, showsTheTruth, stateOf } from "./truth.ts";

/** After any event Home Assistant shows the truth within this time from when the other side is there again. */
export const LIMIT_MS = 15_000;

/** What the broker keeps now, by topic: what somebody new to it would be given. */
export async function retainedAt(url: string): Promise<ReadonlyMap<string, string>> {
	const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 });
	const kept = new Map<string, string>();
	const end = "a word of the test";
	const heard = new Promise<void>((done) => {
		client.on("message", (topic, payload, { retain }) => {
			if (topic === end) done();
			else if (retain) kept.set(topic, payload.toString());
		});
	});
	await client.subscribeAsync("#", { qos: 1 });
	await client.publishAsync(end, "", { qos: 1 });
	await heard;
	await client.endAsync(true);
	return kept;
}

/** What an owner's house lives through: after each event everything is true again, nothing is doubled and nothing lost. */
export class Life {
	readonly tally = new Tally();
	readonly #scene: Scene;
	house: House;
	/** What Home Assistant may say of its own accord about what its user did. */
	readonly accepted: RegExp[] = [];
	/** Every entity as it has to stay: unique id and entity id. */
	entities: readonly string[] = [];

	private constructor(scene: Scene, house: House) {
		this.#scene = scene;
		this.house = house;
	}

	static async begin(scene: Scene, args: readonly string[] = []): Promise<Life> {
		const life = new Life(scene, await startHouse(scene, args));
		await life.announced(3);
		await showsTheTruth(life.house, life.tally, "life", 30_000);
		life.entities = await life.everyEntity();
		return life;
	}

	announced(devices: number, timeoutMs = 20_000): Promise<boolean> {
		return eventually(`${devices} devices are announced`, () => announcements(this.house).length === devices, timeoutMs);
	}

	async everyEntity(): Promise<readonly string[]> {
		const entities = await this.house.homeAssistant.api().entities();
		const ours = entities.filter(({ unique_id }) => unique_id.startsWith("rack_battery_bank_"));
		return ours.map(({ unique_id, entity_id }) => `${unique_id} ${entity_id}`).sort();
	}

	/** Every device of the bank that Home Assistant has, by name. */
	async everyDevice(): Promise<readonly string[]> {
		const devices = await this.house.homeAssistant.api().devices();
		const ours = devices.filter(({ identifiers }) => identifiers.some(([, id]) => id.startsWith("rack_battery_bank_")));
		return ours.map(({ name }) => name ?? "no name").sort();
	}

	/** Waits for the truth; from now on other entities are right: none may have gone or come that was not meant to. */
	async changesTo(what: string, { goes = /(?!)/, comes = /(?!)/ }: { readonly goes?: RegExp; readonly comes?: RegExp }): Promise<void> {
		const seconds = await showsTheTruth(this.house, this.tally, "life", LIMIT_MS);
		const stays = this.entities.filter((one) => !goes.test(one));
		const now = await eventually(`${what}: what is no more is gone`, async () => {
			const entities = await this.everyEntity();
			return entities.some((one) => goes.test(one)) ? null : entities;
		});
		console.log(`${what}: right again after ${seconds} s`);
		this.tally.holds("life", `${what}: right again within ${LIMIT_MS / 1000} s, not ${seconds} s`, seconds * 1000 <= LIMIT_MS);
		this.tally.equal(
			"life",
			`${what}: what was there before`,
			now.filter((one) => !comes.test(one)),
			stays.filter((one) => !comes.test(one)),
		);
		this.tally.holds("life", `${what}: something went or came`, now.length !== this.entities.length);
		this.entities = now;
	}

	/** Ends the server as a service manager does: nothing of it is live a moment later. */
	async stopServer(): Promise<void> {
		const ending = this.house.server.process.end("SIGTERM", 10_000);
		await this.goneWithin("Server stopped", 2000);
		this.tally.equal("life", "the server ends well", (await ending).code, 0);
	}

	async startServer(args: readonly string[], packs: number): Promise<void> {
		this.house = { ...this.house, server: await this.house.startServer(args, packs) };
	}

	/** Waits for the truth and counts it; then there must be the same entities as before and no complaint. */
	async rightAgain(what: string): Promise<void> {
		const seconds = await showsTheTruth(this.house, this.tally, "life", LIMIT_MS);
		console.log(`${what}: right again after ${seconds} s`);
		this.tally.holds("life", `${what}: right again within ${LIMIT_MS / 1000} s, not ${seconds} s`, seconds * 1000 <= LIMIT_MS);
		this.tally.equal("life", `${what}: the same entities as before`, await this.everyEntity(), this.entities);
		const said = (await complaints(this.house)).filter((line) => !this.accepted.some((pattern) => pattern.test(line)));
		this.tally.equal("log", `${what}: complaints`, said, []);
	}

	/** The identifier of a device, by its name. */
	uid(name: RegExp): string {
		return announcements(this.house).find(({ dev }) => name.test(dev.name))?.dev.ids[0] ?? expect.fail(`no device ${name}`);
	}

	get bank(): string {
		return this.uid(/^(?!.*pack).*$/);
	}

	/** Nothing of the server is shown as live any more, but that it is gone. Counts how many seconds that took. */
	async goneWithin(what: string, limitMs: number): Promise<void> {
		const since = performance.now();
		const ids = announcements(this.house).flatMap((one) => announcedEntities(one).map(({ unique_id }) => unique_id));
		const alive = `${this.bank}_bridge`;
		const api = this.house.homeAssistant.api();
		await eventually(
			`${what}: nothing is shown as live`,
			async () => {
				const entities = (await api.entities()).filter(({ disabled_by, unique_id }) => disabled_by === null && ids.includes(unique_id));
				const states = new Map((await api.states()).map(({ entity_id, state }) => [entity_id, state]));
				const live = entities.filter(({ entity_id, unique_id }) => states.get(entity_id) !== (unique_id === alive ? "off" : "unavailable"));
				if (live.length > 0) throw new Error(`still shown: ${live.slice(0, 5).map(({ entity_id }) => entity_id)}`);
				return entities.length > 0;
			},
			limitMs + 10_000,
		);
		const ms = performance.now() - since;
		console.log(`${what}: unavailable after ${(ms / 1000).toFixed(1)} s`);
		this.tally.holds("life", `${what}: unavailable within ${limitMs} ms, not ${Math.round(ms)} ms`, ms <= limitMs);
	}

	/** Ends the broker and starts one on the same port, with or without its memory; Home Assistant must have noticed in between. */
	async restartBroker(remembers: boolean): Promise<void> {
		const { broker: before, brokerMemory } = this.house;
		await before.process.end();
		await eventually("unavailable without a broker", async () => (await stateOf(this.house, `${this.bank}_soc`)).state === "unavailable");
		const broker = await startMosquitto(this.#scene, { port: before.port, ...(remembers ? { keepsIn: brokerMemory } : {}) });
		this.house = { ...this.house, broker, observer: await observe(this.#scene, broker.url) };
	}

	state(uniqueId: string): Promise<string> {
		return stateOf(this.house, uniqueId).then(({ state }) => state);
	}
}
