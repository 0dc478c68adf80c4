import { mkdir, mkdtemp, realpath, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DeviceName } from "../../../src/bms/transport/device-name.ts";

/** A folder of devices, and one of lasting names that point at them. */
let folder = "";
beforeEach(async () => {
	folder = await realpath(await mkdtemp(join(tmpdir(), "rack-battery-")));
	await mkdir(byId());
});
afterEach(() => rm(folder, { recursive: true }));

const byId = () => join(folder, "by-id");
const device = (number: number) => join(folder, `ttyUSB${number}`);
const plug = async (name: string, number: number) => {
	await writeFile(device(number), "");
	await symlink(device(number), join(byId(), `usb-${name}`));
};
const unplug = async (name: string, number: number) => {
	await unlink(join(byId(), `usb-${name}`));
	await unlink(device(number));
};

test("a number is followed to the adapter that had it when it was open", async () => {
	await plug("FTDI_A", 0);
	const name = new DeviceName(device(0), byId());
	expect(await name.resolve()).toBe(device(0));
	await name.remember(device(0));
	await unplug("FTDI_A", 0);
	await plug("FTDI_A", 3);
	expect(await name.resolve()).toBe(device(3));
});

test("another adapter that has got the number is not taken for it, and both are named", async () => {
	await plug("FTDI_A", 0);
	const name = new DeviceName(device(0), byId());
	await name.remember(device(0));
	await unplug("FTDI_A", 0);
	await plug("FTDI_B", 0);
	await expect(name.resolve()).rejects.toMatchObject({ kind: "transport", code: "not-found" });
	await expect(name.resolve()).rejects.toThrow(/usb-FTDI_A.*usb-FTDI_B/);
	await plug("FTDI_A", 1);
	expect(await name.resolve()).toBe(device(1));
});

test("without lasting names the port is what the user wrote", async () => {
	const name = new DeviceName("COM3", join(folder, "missing"));
	await name.remember("COM3");
	expect(await name.resolve()).toBe("COM3");
});

test("an adapter that is away is looked for under its number", async () => {
	await plug("FTDI_A", 0);
	const name = new DeviceName(device(0), byId());
	await name.remember(device(0));
	await unplug("FTDI_A", 0);
	expect(await name.resolve()).toBe(device(0));
});
