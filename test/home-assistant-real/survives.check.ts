import { afterAll, afterEach, beforeAll, test } from "vitest";
import { bankOnce } from "../real/support/rack-battery.ts";
import { eventually, Scene } from "../real/support/scene.ts";
import { Life } from "./support/life.ts";
import { battery } from "./support/truth.ts";

/** What breaks down in an owner's house and comes back; after each, Home Assistant shows the truth within 15 s and nothing is doubled. */

const scene = new Scene();
let life: Life;

beforeAll(async () => {
	life = await Life.begin(scene);
});
afterEach(() => life.tally.settle());
afterAll(async () => {
	life?.tally.report();
	await scene.end();
});

test("Home Assistant restarts", async () => {
	await life.house.homeAssistant.restart();
	await life.rightAgain("Home Assistant restarted");
});

test("a pack is lost and comes back", async () => {
	const online = `${life.uid(/pack 2/)}_online`;
	await battery(life.house, "lose 2");
	await bankOnce(life.house.server, "pack 2 is away", ({ packs }) => packs[1].presence !== "live", 90_000);
	await eventually("Home Assistant knows", async () => (await life.state(online)) === "off");
	await life.rightAgain("Pack 2 lost");
	await battery(life.house, "return 2");
	await bankOnce(life.house.server, "pack 2 is back", ({ packs }) => packs[1].presence === "live", 90_000);
	await eventually("Home Assistant knows", async () => (await life.state(online)) === "on");
	await life.rightAgain("Pack 2 back");
}, 240_000);

test("the server is killed: unavailable at once, right again after its start", async () => {
	const { process: server } = life.house.server;
	process.kill(server.pid, "SIGKILL");
	await server.ended;
	await life.goneWithin("Server killed", 5000);
	life.house = { ...life.house, server: await life.house.startServer() };
	await life.rightAgain("Server killed and started");
});

test.each([
	["has kept what was retained", true],
	["has forgotten everything", false],
] as const)("the broker restarts and %s", async (_what, remembers) => {
	await life.restartBroker(remembers);
	const upSince = performance.now();
	await life.announced(3, 30_000);
	// Home Assistant itself warns that the broker was gone; about what we sent it must say nothing.
	life.accepted.push(/mqtt\.client/);
	await life.rightAgain(`Broker restarted (${remembers ? "with" : "without"} its memory)`);
	const ms = performance.now() - upSince;
	console.log(`That was ${(ms / 1000).toFixed(1)} s after the broker's start`);
	life.tally.holds("life", `right again within 15 s of the broker's start, not ${ms} ms`, ms < 15_000);
});
