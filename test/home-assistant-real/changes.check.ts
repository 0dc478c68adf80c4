import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { bankOnce } from "../real/support/rack-battery.ts";
import { eventually, Scene } from "../real/support/scene.ts";
import { type Announcement, announcedEntities } from "./support/house.ts";
import { Life } from "./support/life.ts";
import { battery } from "./support/truth.ts";

/** What an owner changes, and what becomes known late; after each, Home Assistant shows the truth, nothing is doubled, left over or lost. */

const scene = new Scene();
let life: Life;
/** Three packs, of which the third is not there at first. */
let args: readonly string[] = [];

beforeAll(async () => {
	const scenario = join(await scene.folder(), "two-of-three.json");
	const steps = [{ at: 0, do: "lose", pack: 3 }];
	await writeFile(scenario, JSON.stringify({ name: "two-of-three", description: "Pack 3 comes later.", steps }));
	args = ["--set", "simulator.packs=3"];
	life = await Life.begin(scene, [...args, "--scenario", scenario]);
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
	await life.rightAgain("Pack added");
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
