import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { bankOnce, type RunningServer, startServer } from "../real/support/rack-battery.ts";
import { eventually, Scene } from "../real/support/scene.ts";
import { type Announcement, announcedEntities, announcements } from "./support/house.ts";
import { LIMIT_MS, Life, retainedAt } from "./support/life.ts";
import { setDiscoveryPrefix } from "./support/onboarding.ts";
import { battery, stateOf } from "./support/truth.ts";

/** What an owner changes, and what becomes known late; after each, Home Assistant shows the truth, nothing is doubled, left over or lost. */

const scene = new Scene();
let life: Life;
/** Three packs, of which the third is not there at first. */
let args: readonly string[] = [];

/** A second bank, of one pack, that repeats its values every 30 s, so that they expire after 90 s. */
const SHED = "rack_battery_shed_simulated";
const SHED_TOPICS = "rack-battery/shed_simulated";
const EXPIRY_MS = 90_000;
let shed: RunningServer;
let endedAt = 0;

beforeAll(async () => {
	const scenario = join(await scene.folder(), "two-of-three.json");
	const steps = [{ at: 0, do: "lose", pack: 3 }];
	await writeFile(scenario, JSON.stringify({ name: "two-of-three", description: "Pack 3 comes later.", steps }));
	args = ["--set", "simulator.packs=3"];
	life = await Life.begin(scene, [...args, "--scenario", scenario]);
	const one = ["--bank-id", "shed", "--name", "Shed", "--set", "simulator.packs=1", "--set", "mqtt.heartbeatSeconds=30"];
	shed = await startServer(scene, { args: ["--mqtt", life.house.broker.url, ...one] });
});
afterEach(() => life.tally.settle());
afterAll(async () => {
	life?.tally.report();
	await scene.end();
});

/** The discovery messages of a device so far. */
function configs(uid: string): readonly Announcement[] {
	const sent = life.house.observer.messages.filter(({ topic, payload }) => topic.endsWith(`/device/${uid}/config`) && payload !== "");
	return sent.map(({ payload }) => JSON.parse(payload) as Announcement);
}

const deviceOf = async (uid: string) =>
	(await life.house.homeAssistant.api().devices()).find(({ identifiers }) => identifiers.some(([, id]) => id === uid));
const allLive = (count: number) => (snapshot: { packs: { presence: string }[] }) =>
	snapshot.packs.filter(({ presence }) => presence === "live").length === count;

/** What Home Assistant has recorded of an entity before a moment, as numbers. */
async function pastOf(entityId: string, until: number): Promise<readonly number[]> {
	const [start, end] = [until - 3_600_000, until].map((ms) => new Date(ms).toISOString());
	const query = { start_time: start, end_time: end, entity_ids: [entityId], minimal_response: true, no_attributes: true };
	const past = await life.house.homeAssistant.api().command<Record<string, { s: string }[]>>("history/history_during_period", query);
	return (past[entityId] ?? []).map(({ s }) => Number(s)).filter((value) => value > 0);
}

test("the DIP switches of a pack are changed: it keeps its entities and their past, under its new number", async () => {
	const { homeAssistant, observer } = life.house;
	const announced = () => JSON.parse(observer.latest(`homeassistant/device/${SHED}_a1/config`)?.payload ?? "{}") as Partial<Announcement>;
	await eventually("its serial number is announced", () => announced().dev?.sn !== undefined, 30_000);
	await eventually("it is shown", async () => Number(await life.state(`${SHED}_a1_voltage`)) > 0);
	const entities = async () => (await homeAssistant.api().entities()).map(({ unique_id, entity_id }) => `${unique_id} ${entity_id}`);
	const before = (await entities()).filter((one) => one.startsWith(SHED)).toSorted((a, b) => a.localeCompare(b));
	await battery({ ...life.house, server: shed }, "dip 1 0");
	const since = performance.now();
	await eventually("it has its new number", async () => (await deviceOf(`${SHED}_a1`))?.name === "Shed pack 0 (simulated)", LIMIT_MS);
	await eventually("it is live", async () => (await life.state(`${SHED}_a1_online`)) === "on", LIMIT_MS);
	await eventually("it is shown", async () => Number(await life.state(`${SHED}_a1_voltage`)) > 0, LIMIT_MS);
	console.log(`DIP switches changed: right again after ${((performance.now() - since) / 1000).toFixed(1)} s`);
	const after = (await entities()).filter((one) => one.startsWith(SHED)).toSorted((a, b) => a.localeCompare(b));
	life.tally.equal("life", "the same entities as before", after, before);
	life.tally.equal("life", "no device for the new number", await deviceOf(`${SHED}_a0`), undefined);
	await life.rightAgain("DIP switches changed");
	// For the last check: it ends, and with it the broker's word that it ended.
	process.kill(shed.process.pid, "SIGKILL");
	await shed.process.ended;
	await eventually("it is told as gone", () => observer.latest(`${SHED_TOPICS}/bridge/state`)?.payload === "offline");
	await observer.publish(`${SHED_TOPICS}/bridge/state`, "online", { retain: true });
	endedAt = performance.now();
});

test("a serial number that is read late is filled in, and changes no id", async () => {
	const uid = life.uid(/pack 1/);
	await eventually("the serial number is announced", () => configs(uid).at(-1)?.dev.sn !== undefined);
	const [first, last] = [configs(uid)[0], configs(uid).at(-1)];
	if (first === undefined || last === undefined) return expect.fail("pack 1 is not announced");
	const ids = (announcement: Announcement) => announcedEntities(announcement).map(({ unique_id }) => unique_id);
	life.tally.equal("life", "pack 1 is announced before its serial number is known", first.dev.sn, undefined);
	life.tally.equal("life", "the ids of pack 1 before and after", ids(last), ids(first));
	await eventually("Home Assistant has it", async () => (await deviceOf(uid))?.serial_number === last.dev.sn);
	life.tally.equal("life", "only the cabled pack has one", (await deviceOf(life.uid(/pack 2/)))?.serial_number, null);
	await life.rightAgain("Serial number read late");
});

test("a pack is added: one more device, the others as they were", async () => {
	await battery(life.house, "return 3");
	await bankOnce(life.house.server, "pack 3 is read", allLive(3), 60_000);
	await life.announced(4);
	await life.changesTo("Pack added", { comes: /^rack_battery_bank_simulated_a3_/ });
	life.tally.equal("life", "devices", (await life.everyDevice()).length, 4);
});

test("another firmware: what it does not tell is unknown, not as it was; it comes back with the same ids", async () => {
	const health = `${life.uid(/pack 2/)}_soh`;
	life.tally.equal("life", "the health is shown at first", Number(await life.state(health)), 100);
	await battery(life.house, "firmware 1 old");
	await eventually("the health is unknown", async () => (await life.state(health)) === "unknown");
	await life.rightAgain("Firmware without a tail");
	await battery(life.house, "firmware 1 new");
	await eventually("the health is known again", async () => (await life.state(health)) === "100");
	await life.rightAgain("Firmware with a tail again");
});

test("an update: what the version before announced and this one has not is gone; renamed entities and their past stay", async () => {
	const api = life.house.homeAssistant.api();
	const uid = life.uid(/pack 2/);
	const { entity_id } = await stateOf(life.house, `${uid}_voltage`);
	const renamedAt = Date.now();
	await api.command("config/entity_registry/update", { entity_id, new_entity_id: "sensor.voltage_in_the_shed" });
	life.entities = life.entities.map((one) => one.replace(` ${entity_id}`, " sensor.voltage_in_the_shed"));
	await life.stopServer();
	// As a version before this one would have left it: one entity more, and everything retained.
	const announced = configs(uid).at(-1) ?? expect.fail("pack 2 is not announced");
	const retired = { p: "sensor", unique_id: `${uid}_retired`, name: "Retired", state_topic: "rack-battery/bank_simulated/pack/2/info" };
	const before = JSON.stringify({ ...announced, cmps: { ...announced.cmps, retired } });
	await life.house.observer.publish(`homeassistant/device/${uid}/config`, before, { retain: true });
	await eventually("Home Assistant has it", async () => (await life.everyEntity()).some((one) => one.startsWith(`${uid}_retired `)));
	await life.startServer(args, 3);
	await life.rightAgain("Updated");
	const past = await pastOf("sensor.voltage_in_the_shed", renamedAt);
	life.tally.holds("life", `what was recorded before the new name is there under it, not ${past.length} values`, past.length > 0);
});

test("fewer probes, and as many again: their entities go, and come back under the same ids", async () => {
	const all = life.entities;
	await life.stopServer();
	await life.startServer([...args, "--set", "simulator.probes=4"], 3);
	await life.changesTo("Fewer probes", { goes: /_temperature_[56] / });
	await life.stopServer();
	await life.startServer(args, 3);
	life.entities = all;
	await life.rightAgain("As many probes again");
});

test("an entity, and a whole device, are deleted in Home Assistant: both come back with the same ids at its next start", async () => {
	const uid = life.uid(/pack 2/);
	const api = life.house.homeAssistant.api();
	const { entity_id } = await stateOf(life.house, `${uid}_soc`);
	await api.command("config/entity_registry/remove", { entity_id });
	const third = life.uid(/pack 3/);
	await api.command("config/device_registry/remove", { device_id: (await deviceOf(third))?.id });
	await eventually("pack 3 is gone", async () => (await deviceOf(third)) === undefined && announcements(life.house).length === 3);
	// As Home Assistant says at its start.
	await life.house.observer.publish("homeassistant/status", "online");
	await life.announced(4);
	// Home Assistant warns its user that what is deleted comes back, and wonders about its own clearing of the topic.
	life.accepted.push(/was removed from Home Assistant, it will be added again/, /No device components to cleanup for \w+_a3\b/);
	await life.rightAgain("Deleted in Home Assistant");
});

test("a pack is removed for good: told as away, and gone once the settings say how many packs there are", async () => {
	const uid = life.uid(/pack 3/);
	await battery(life.house, "lose 3");
	await eventually("it is told as away", async () => (await life.state(`${uid}_online`)) === "off", 60_000);
	await life.rightAgain("Pack removed");
	await life.stopServer();
	args = ["--packs", "2"];
	await life.startServer(args, 2);
	await eventually("it is taken out", () => announcements(life.house).length === 3);
	await life.changesTo("Pack removed for good", { goes: /^rack_battery_bank_simulated_a3_/ });
	life.tally.equal("life", "devices", (await life.everyDevice()).length, 3);
	const kept = await retainedAt(life.house.broker.url);
	life.tally.equal(
		"life",
		"nothing of it is kept",
		[...kept.keys()].filter((topic) => /_a3\/|pack\/3/.test(topic)),
		[],
	);
});

test("values of a server that is gone without a word are not shown as live when their time is up, nor kept", async () => {
	const api = life.house.homeAssistant.api();
	const measured = (await api.entities()).filter(({ unique_id }) =>
		/^rack_battery_shed_simulated(_a1)?_(soc|voltage|current|cell_\d+)$/.test(unique_id),
	);
	await eventually(
		"they have expired",
		async () => {
			const states = new Map((await api.states()).map(({ entity_id, state }) => [entity_id, state]));
			return measured.every(({ entity_id }) => states.get(entity_id) === "unavailable");
		},
		EXPIRY_MS + 10_000,
	);
	const seconds = (performance.now() - endedAt) / 1000;
	console.log(`Values of a server that is gone: unavailable after ${seconds.toFixed(0)} s at the latest`);
	life.tally.equal("life", "measurements that could be shown", measured.length, 4 + 3 + 16 - 1);
	const kept = [...(await retainedAt(life.house.broker.url)).keys()];
	life.tally.equal(
		"life",
		"measurements that the broker keeps",
		kept.filter((topic) => /shed_simulated\/.*\/(live|cells)$/.test(topic)),
		[],
	);
});

test("another discovery prefix, first here, then in Home Assistant: everything is there, and nothing left under the old one", async () => {
	await life.stopServer();
	args = [...args, "--set", "mqtt.discoveryPrefix=shed"];
	await life.startServer(args, 2);
	const old = /^homeassistant\/device\/.*_bank_.*\/config$/;
	await eventually("the old topics are cleared", async () => {
		const kept = await retainedAt(life.house.broker.url);
		return ![...kept.keys()].some((topic) => old.test(topic));
	});
	// Home Assistant wonders about every topic that is cleared after its entities have moved.
	life.accepted.push(/No device components to cleanup for/);
	await setDiscoveryPrefix(life.house.homeAssistant.api(), life.house.mqttEntry, "shed");
	await life.rightAgain("Another discovery prefix");
	const kept = [...(await retainedAt(life.house.broker.url)).keys()];
	life.tally.equal(
		"life",
		"kept under the old prefix",
		kept.filter((topic) => old.test(topic)),
		[],
	);
	life.tally.equal("life", "devices", (await life.everyDevice()).length, 3);
});
