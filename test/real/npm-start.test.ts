import { delimiter, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type RealProcess, startProcess, userEnvironment } from "./support/real-process.ts";
import { freePort, repository, Scene } from "./support/scene.ts";

/** `npm start` as the README has it: this machine's own Node and npm, Ctrl-C in a terminal, ports that are taken. */

const scene = new Scene();
afterEach(() => scene.end());

/** Without the project's own binaries, as in a user's shell. */
const userPath = (process.env.PATH ?? "")
	.split(delimiter)
	.filter((folder) => !folder.startsWith(join(repository, "node_modules")))
	.join(delimiter);

async function npmStart(args: readonly string[], mqttPort = 0): Promise<RealProcess> {
	const folder = await scene.folder();
	const started = await startProcess("npm", ["start", "--", "--data", join(folder, "data"), ...args], {
		cwd: repository,
		env: userEnvironment({ PATH: userPath, RACK_BATTERY_SERVER_MQTT_PORT: String(mqttPort) }),
		asTerminal: true,
	});
	scene.onEnd(() => started.end("SIGTERM", 10_000));
	return started;
}

test("npm start prints where everything is, that the battery is simulated and how to attach a real one; Ctrl-C ends all of it within 3 s", async () => {
	const started = await npmStart(["--http-port", "0"]);
	const [page] = await started.line(/http:\/\/127\.0\.0\.1:\d+\//, 60_000);
	await started.line(/SIMULATED/);
	await started.line(/--port \/dev\/ttyUSB0/);
	await started.line(/mqtt:\/\/127\.0\.0\.1:\d+/);
	expect(await (await fetch(page)).text()).toMatch(/<html/i);
	const ending = await started.end("SIGINT", 10_000);
	console.log(`Ctrl-C at npm start to the end of everything: ${(ending.tookMs / 1000).toFixed(2)} s`);
	expect(ending.tookMs).toBeLessThan(3000);
	await expect(fetch(page)).rejects.toThrow();
	expect(started.output()).not.toMatch(/npm (ERR|error)|\n\s+at .*:\d+:\d+/);
});

test("a second server on the same ports takes the next free ones and says so", async () => {
	const [http, mqtt] = [await freePort(), await freePort()];
	const first = await npmStart(["--http-port", String(http)], mqtt);
	await first.line(new RegExp(`http://127\\.0\\.0\\.1:${http}/`), 60_000);
	const second = await npmStart(["--http-port", String(http)], mqtt);
	const [, port] = await second.line(/http:\/\/127\.0\.0\.1:(\d+)\//, 60_000);
	expect(Number(port)).toBeGreaterThan(http);
	expect(second.output()).toMatch(new RegExp(`${http}.*(taken|used|busy)`, "i"));
	expect(second.output()).not.toMatch(/EADDRINUSE|\n\s+at .*:\d+:\d+/);
});

test("settings that cannot be are all named at once, in words, with exit code 2", async () => {
	const started = await npmStart(["--http-port", "99999", "--port", "ttyUSB0", "--host", "0.0.0.0"]);
	const { code } = await started.ended;
	expect(code).toBe(2);
	for (const word of [/99999/, /ttyUSB0/, /password/i]) expect(started.output()).toMatch(word);
	expect(started.output()).not.toMatch(/\n\s+at .*:\d+:\d+/);
});
