import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startMosquitto } from "../real/support/mosquitto.ts";
import { observe } from "../real/support/mqtt-observer.ts";
import { bankOnce } from "../real/support/rack-battery.ts";
import { eventually, Scene } from "../real/support/scene.ts";
import { announcedEntities, announcements, type House, startHouse } from "./support/house.ts";
import { Tally } from "./support/tally.ts";
import { battery, complaints, showsTheTruth, stateOf } from "./support/truth.ts";

/** What an owner's house lives through; after each, Home Assistant shows the truth within 15 s and nothing is doubled. */

const LIMIT_MS = 15_000;
const scene = new Scene();
const tally = new Tally();
let house: House;
/** Every entity at the beginning, by unique id and entity id. */
let before: readonly string[] = [];

beforeAll(async () => {
	house = await startHouse(scene);
	await eventually("three devices are announced", () => announcements(house).length === 3, 20_000);
	await showsTheTruth(house, tally, "life", 30_000);
	before = await everyEntity();
});
afterEach(() => tally.settle());
afterAll(async () => {
	tally.report();
	await scene.end();
});

async function everyEntity(): Promise<readonly string[]> {
	const entities = await house.homeAssistant.api().entities();
	return entities.map(({ unique_id, entity_id }) => `${unique_id} ${entity_id}`).sort();
}

async function truthAgain(what: string): Promise<void> {
	const seconds = await showsTheTruth(house, tally, "life", LIMIT_MS);
	console.log(`${what}: right again after ${seconds} s`);
	tally.equal("life", `${what}: the same entities as before`, await everyEntity(), before);
	tally.equal("log", `${what}: complaints`, await complaints(house), []);
}

const uid = (name: RegExp) => announcements(house).find(({ dev }) => name.test(dev.name))?.dev.ids[0] ?? expect.fail(`no ${name}`);

test("Home Assistant restarts", async () => {
	await house.homeAssistant.restart();
	await truthAgain("Home Assistant restarted");
});

test("a pack is lost and comes back", async () => {
	await battery(house, "lose 2");
	await bankOnce(house.server, "pack 2 is away", ({ packs }) => packs[1].presence !== "live", 90_000);
	const online = `${uid(/pack 2/)}_online`;
	await eventually("Home Assistant knows", async () => (await stateOf(house, online)).state === "off");
	await truthAgain("Pack 2 lost");
	await battery(house, "return 2");
	await bankOnce(house.server, "pack 2 is back", ({ packs }) => packs[1].presence === "live", 90_000);
	await eventually("Home Assistant knows", async () => (await stateOf(house, online)).state === "on");
	await truthAgain("Pack 2 back");
}, 240_000);

test("the server is killed: unavailable at once, right again after its start", async () => {
	process.kill(house.server.process.pid, "SIGKILL");
	await house.server.process.ended;
	const ids = announcements(house).flatMap((one) => announcedEntities(one).map(({ unique_id }) => unique_id));
	const alive = `${uid(/^(?!.*pack).*$/)}_bridge`;
	await eventually("the server's own sensor says so", async () => (await stateOf(house, alive)).state === "off", 5000);
	const api = house.homeAssistant.api();
	await eventually(
		"everything else is unavailable",
		async () => {
			const entities = (await api.entities()).filter(
				({ disabled_by, unique_id }) => disabled_by === null && unique_id !== alive && ids.includes(unique_id),
			);
			const states = new Map((await api.states()).map(({ entity_id, state }) => [entity_id, state]));
			const live = entities.filter(({ entity_id }) => states.get(entity_id) !== "unavailable");
			if (live.length > 0) throw new Error(`still shown: ${live.slice(0, 5).map(({ entity_id }) => entity_id)}`);
			return entities.length > 0;
		},
		5000,
	);
	house = { ...house, server: await house.startServer() };
	await truthAgain("Server killed and started");
});

test("the broker restarts and has forgotten everything", async () => {
	const { port } = house.broker;
	await house.broker.process.end();
	const alive = `${uid(/^(?!.*pack).*$/)}_soc`;
	await eventually("unavailable without a broker", async () => (await stateOf(house, alive)).state === "unavailable");
	const broker = await startMosquitto(scene, { port });
	const upSince = performance.now();
	house = { ...house, broker, observer: await observe(scene, broker.url) };
	await eventually("three devices are announced", () => announcements(house).length === 3, 30_000);
	await showsTheTruth(house, tally, "life", LIMIT_MS);
	const ms = performance.now() - upSince;
	console.log(`Broker restarted: right again after ${(ms / 1000).toFixed(1)} s`);
	tally.holds("life", `right again within 15 s of the broker's start, not ${ms} ms`, ms < LIMIT_MS);
	tally.equal("life", "the same entities as before", await everyEntity(), before);
	// Home Assistant itself warns that the broker was gone; about what we sent it must say nothing.
	tally.equal(
		"log",
		"complaints",
		(await complaints(house)).filter((line) => !/mqtt\.client/.test(line)),
		[],
	);
});
