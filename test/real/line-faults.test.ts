import { mkdir, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { SerialTransport } from "../../src/bms/transport/serial-transport.ts";
import { defaultsOf } from "../../src/settings.ts";
import { SIMULATOR_SETTINGS } from "../../src/simulator/options.ts";
import { startSimulatedLine } from "../../src/simulator/tcp-line.ts";
import { holdAt, isWhole, openWatchedBank } from "../bms/faults/watched-bank.ts";
import { Scene } from "./support/scene.ts";
import { serialCable } from "./support/serial-cable.ts";

/** Faults of a serial adapter, on real pseudo terminals: the bank is whole again within 10 s of their end, and nothing false is published. */

const scene = new Scene();
afterEach(() => scene.end());

const RECOVERY_MS = 10_000;

/** A battery at the far end of a cable whose adapter is `number`; it has a lasting name while it is plugged in. */
async function bench() {
	const battery = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), loadW: 0 });
	scene.onEnd(() => battery.stop());
	const names = join(await scene.folder(), "by-id");
	await mkdir(names);
	const name = join(names, "usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0");
	const cables = await Promise.all([0, 1].map(() => serialCable(scene, Number(battery.port.split(":").at(-1)))));
	const plug = async (number: 0 | 1) => {
		const cable = cables[number];
		if (cable === undefined) throw new Error("no such cable");
		await cable.plug();
		await symlink(cable.adapter, name);
		return async () => {
			await unlink(name);
			await cable.unplug();
		};
	};
	return { battery, names, plug, numbers: cables.map(({ adapter }) => adapter) };
}

test.each([
	["the adapter is unplugged and plugged in again", 0],
	["the adapter is renumbered", 1],
] as const)("%s", { timeout: 60_000 }, async (what, number) => {
	const { battery, names, plug, numbers } = await bench();
	const unplug = await plug(0);
	holdAt(battery.control, 0);
	const port = numbers[0] ?? "";
	const watched = openWatchedBank({ port }, new SerialTransport(port, 9600, { namesFolder: names }));
	scene.onEnd(() => watched.bank.close());
	await watched.until("the bank is whole", (snapshot) => isWhole(snapshot, 0), 15_000);
	watched.reached(1);
	holdAt(battery.control, 1);
	const seen = watched.until("the loss is seen", ({ link }) => link.state === "lost", 10_000);
	await unplug();
	const seenMs = await seen;
	await plug(number);
	watched.reached(2);
	holdAt(battery.control, 2);
	const recoveryMs = await watched.until("the bank is whole again", (snapshot) => isWhole(snapshot, 2), RECOVERY_MS);
	console.log(
		`${what}: seen ${(seenMs / 1000).toFixed(2)} s after the hand reached for it, whole again after ${(recoveryMs / 1000).toFixed(1)} s`,
	);
	expect(seenMs).toBeLessThan(1_000);
	expect([...watched.wrong]).toEqual([]);
});
