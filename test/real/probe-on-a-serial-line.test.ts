import { afterEach, expect, test } from "vitest";
import { commandLine, startSimulator } from "./support/rack-battery.ts";
import { startProcess } from "./support/real-process.ts";
import { Scene } from "./support/scene.ts";
import { serialCable } from "./support/serial-cable.ts";

/** `rack-battery probe` on a real serial device: a pseudo terminal with a simulated battery at its other end. */

const scene = new Scene();
afterEach(() => scene.end());

async function probe(...args: readonly string[]) {
	const running = await startProcess(process.execPath, [commandLine, "probe", ...args], { cwd: await scene.folder() });
	scene.onEnd(async () => {
		await running.end();
	});
	const { code } = await running.ended;
	return { code, output: running.output() };
}

test("finds the packs on a serial line at 9600 baud", async () => {
	const battery = await startSimulator(scene, ["--packs", "2", "--state-of-charge", "63", "--baud-rate", "9600"]);
	const cable = await serialCable(scene, battery.port);
	await cable.plug();
	const begun = performance.now();
	const { code, output } = await probe("--port", cable.adapter);
	console.log(`found after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
	expect(output).toMatch(/Found the main pack on RS232: PACE ASCII 0x25 \(9600 baud\), 2 pack/);
	expect(output).toMatch(/pack {2}2 {2}DIP □■□□.*SOC 63 %/);
	expect(output).toContain(`npm start -- --port ${cable.adapter}`);
	expect(code).toBe(0);
});

test("says what to look at when nobody answers, and that a port is not there", async () => {
	const cable = await serialCable(scene, null);
	const missing = await probe("--port", cable.adapter);
	expect(missing).toMatchObject({ code: 3, output: expect.stringMatching(/does not exist/) as string });
	await cable.plug();
	const silent = await probe("--port", cable.adapter, "--timeout", "5");
	expect(silent).toMatchObject({ code: 1, output: expect.stringMatching(/Nothing was heard[\s\S]*RS485 does not wake/) as string });
});
