import { readFileSync } from "node:fs";
import { realpath, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect, test } from "vitest";
import { bankOnce, startServer } from "./support/rack-battery.ts";
import { startProcess } from "./support/real-process.ts";
import { repository, Scene } from "./support/scene.ts";
import { serialCable } from "./support/serial-cable.ts";

/** A serial port that another program holds, or that this user may not use: what the owner is told, on a pseudo terminal. */

const scene = new Scene();
afterEach(() => scene.end());

/** Runs a script on its own; its text may use `SerialPort`. */
async function script(name: string, text: string, ...args: readonly string[]) {
	const folder = await scene.folder();
	const file = join(folder, name);
	const serialport = createRequire(join(repository, "package.json")).resolve("serialport");
	await writeFile(file, `import { SerialPort } from ${JSON.stringify(pathToFileURL(serialport).href)};\n${text}`);
	const running = await startProcess(process.execPath, [file, ...args], { cwd: folder });
	scene.onEnd(() => running.end());
	return running;
}

test("the program that holds the port is named on the link, in the log and on the health page; reading begins when it ends", async () => {
	const cable = await serialCable(scene, null);
	await cable.plug();
	const open = 'new SerialPort({ path: process.argv[2], baudRate: 9600 }).on("open", () => console.log("open")).resume();';
	const holder = await script("terminal.mjs", open, cable.adapter);
	await holder.line(/open/);
	const server = await startServer(scene, { args: ["--port", cable.adapter] });
	const named = new RegExp(`is in use by node terminal\\.mjs \\(process ${holder.pid}\\): end that program`);
	const { link } = await bankOnce(server, "the holder is named", (snapshot) => snapshot.link.problem !== null);
	expect(link).toMatchObject({
		state: "lost",
		problem: { kind: "transport", code: "busy", message: expect.stringMatching(named) as string },
	});
	await server.process.line(named);
	expect(await (await fetch(`${server.page}/healthz`)).text()).toMatch(named);
	await holder.end();
	// Nobody answers on this cable: the port is open now, and that is all.
	await bankOnce(server, "the port is opened", (snapshot) => snapshot.link.problem?.code === "no-answer", 60_000);
});

/** Group of a device as /etc/group names it. */
async function groupOf(device: string): Promise<string> {
	const { gid } = await stat(device);
	const line = readFileSync("/etc/group", "utf8")
		.split("\n")
		.find((entry) => entry.split(":")[2] === String(gid));
	return line?.split(":")[0] ?? "?";
}

test("the group to join is named to a user who may not use the port", async () => {
	const cable = await serialCable(scene, null);
	await cable.plug();
	// The owner loses what the group has; root, who may everything, becomes nobody once all modules are loaded.
	const transport = pathToFileURL(join(repository, "dist", "src", "bms", "transport", "serial-transport.js")).href;
	const attempt = `
		import { chmodSync } from "node:fs";
		import { SerialTransport } from ${JSON.stringify(transport)};
		chmodSync(process.argv[2], 0o060);
		if (process.getuid() === 0) {
			process.setgroups([]);
			process.setgid(65534);
			process.setuid(65534);
		}
		const serial = new SerialTransport(process.argv[2], 9600, { load: async () => (options) => new SerialPort(options) });
		await serial.open({ onBytes() {}, onLost() {} }).catch(({ code, message }) => console.log(code + ": " + message));`;
	// The folder of the test is its owner's only: the device itself is given.
	const device = await realpath(cable.adapter);
	const outsider = await script("outsider.mjs", attempt, device);
	await outsider.ended;
	const group = await groupOf(device);
	expect(outsider.output()).toMatch(
		new RegExp(`^no-permission: .* by the group ${group} only, .* sudo usermod -aG ${group} \\S+, then log in again`),
	);
});
