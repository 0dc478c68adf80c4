import { readFile } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import { bankOnce, type RunningServer, startServer, startSimulator } from "./support/rack-battery.ts";
import { eventually, Scene } from "./support/scene.ts";
import { serialCable } from "./support/serial-cable.ts";

/** The whole server on a serial line at 9600 baud: reading, the cable pulled, and plugged in again. */

const scene = new Scene();
afterEach(() => scene.end());

/** Whether the process has loaded the native module for serial ports (Linux: it is mapped into its memory). */
async function hasSerialModule(server: RunningServer): Promise<boolean> {
	return /serialport.*\.node/.test(await readFile(`/proc/${server.process.pid}/maps`, "utf8"));
}

const isOnline = (snapshot: { link: { state: string }; totals: { stale: boolean } | null }) =>
	snapshot.link.state === "online" && snapshot.totals !== null && !snapshot.totals.stale;

test("reads the battery at 9600 baud, notices the pulled cable within seconds, and recovers by itself", async () => {
	const battery = await startSimulator(scene, ["--state-of-charge", "63", "--baud-rate", "9600"]);
	const cable = await serialCable(scene, battery.port);
	await cable.plug();
	const server = await startServer(scene, { args: ["--port", cable.adapter] });
	const first = await bankOnce(
		server,
		"the SOC arrives over the serial line",
		(snapshot) => isOnline(snapshot) && snapshot.packs.length === 2,
	);
	expect(first.origin).toBe("real");
	expect(first.link.port).toBe(cable.adapter);
	expect(Math.abs(first.totals.value.stateOfCharge - 63)).toBeLessThanOrEqual(1);
	expect(first.link.failures).toEqual({ timeout: 0, frame: 0, rejected: 0, decode: 0, implausible: 0 });
	expect(await hasSerialModule(server)).toBe(true);

	const pulled = performance.now();
	await cable.unplug();
	const lost = await bankOnce(server, "the link is lost", (snapshot) => snapshot.link.state !== "online", 5000);
	console.log(
		`cable pulled to link ${lost.link.state}: ${((performance.now() - pulled) / 1000).toFixed(2)} s: ${lost.link.problem?.message}`,
	);
	expect(lost.link.state).toBe("lost");
	expect(lost.link.problem.message).toContain(cable.adapter);
	expect(lost.link.problem.message).toMatch(/plug|cable|adapter/i);
	const health = await fetch(`${server.page}/healthz`);
	expect(health.status).toBe(503);

	await cable.plug();
	const plugged = performance.now();
	const areBothLive = (snapshot: { packs: readonly { presence: string }[] }) =>
		snapshot.packs.filter(({ presence }) => presence === "live").length === 2;
	const again = await bankOnce(
		server,
		"the link is back",
		(snapshot) => isOnline(snapshot) && snapshot.link.reconnects > 0 && areBothLive(snapshot),
		15_000,
	);
	console.log(`plugged in to reading both packs again: ${((performance.now() - plugged) / 1000).toFixed(2)} s`);
	expect(again.link.problem).toBeNull();
	expect(server.process.output()).not.toMatch(/\n\s+at .*:\d+:\d+/);
});

test("starts without the adapter, says so in words, and reads as soon as it is plugged in", async () => {
	const battery = await startSimulator(scene, []);
	const cable = await serialCable(scene, battery.port);
	const server = await startServer(scene, { args: ["--port", cable.adapter] });
	const missing = await bankOnce(server, "the missing adapter is named", (snapshot) => snapshot.link.problem !== null);
	expect(missing.link.problem.code).toBe("not-found");
	expect(missing.totals).toBeNull();
	await cable.plug();
	await bankOnce(server, "the battery is read", isOnline, 40_000);
});

test("a line on which nobody answers is said to be silent, with what to check", async () => {
	const cable = await serialCable(scene, null);
	await cable.plug();
	const server = await startServer(scene, { args: ["--port", cable.adapter] });
	const silent = await bankOnce(server, "the silence is reported", (snapshot) => snapshot.link.state === "silent", 30_000);
	expect(silent.link.problem.message).toMatch(/cable|port|switch|asleep/i);
	expect(silent.totals).toBeNull();
	const ending = await server.process.end("SIGINT", 10_000);
	expect(ending.code).toBe(0);
	expect(ending.tookMs).toBeLessThan(3000);
});

test("the serial module is not loaded while no serial port is asked for", async () => {
	const server = await startServer(scene);
	await bankOnce(server, "the simulated battery is read", isOnline);
	expect(await hasSerialModule(server)).toBe(false);
	await eventually("the server is healthy", async () => (await fetch(`${server.page}/healthz`)).ok);
});
