import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { listPorts, type NativePort, type PortFolders } from "../../../src/bms/transport/list-ports.ts";
import { portAccess } from "../../../src/bms/transport/port-access.ts";

const made: string[] = [];
afterEach(async () => {
	await Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true })));
});

/** A machine with two adapters, one of them with a lasting name. Its devices are files that nobody may write to by chance. */
async function machine(native: readonly NativePort[] | "no udevadm") {
	const root = await mkdtemp(join(tmpdir(), "ports-"));
	made.push(root);
	const folders: PortFolders = {
		byId: join(root, "by-id"),
		devices: join(root, "dev"),
		groups: join(root, "group"),
		processes: join(root, "proc"),
		listNative: () => (native === "no udevadm" ? Promise.reject(new Error("spawn udevadm ENOENT")) : Promise.resolve(native)),
	};
	await Promise.all(
		[folders.byId, folders.devices, join(folders.processes, "4711", "fd")].map((folder) => mkdir(folder, { recursive: true })),
	);
	for (const name of ["ttyUSB0", "ttyUSB10", "ttyUSB2", "ttyS0", "null"]) await writeFile(join(folders.devices, name), "");
	await symlink("../dev/ttyUSB2", join(folders.byId, "usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"));
	await writeFile(folders.groups, `root:x:0:\nserial:x:${process.getgid?.() ?? 0}:\n`.replace(/^root:x:0:\nserial:x:0:/, "serial:x:0:"));
	await writeFile(join(folders.processes, "4711", "comm"), "minicom\n");
	return folders;
}

describe("listPorts", () => {
	it("names adapters by what stays the same, without udevadm too", async () => {
		const folders = await machine("no udevadm");
		const ports = await listPorts(folders);
		expect(ports.map(({ port }) => port)).toEqual([
			join(folders.byId, "usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"),
			join(folders.devices, "ttyUSB0"),
			join(folders.devices, "ttyUSB10"),
		]);
		expect(ports[0]).toMatchObject({
			device: join(folders.devices, "ttyUSB2"),
			description: "FTDI FT232R USB UART A50285BI",
			access: { kind: "free" },
		});
		expect(ports[1]?.description).toBe("serial port");
	});

	it("takes vendor and product from the system where it tells them; built-in ports come last", async () => {
		const folders = await machine([]);
		const usb0 = join(folders.devices, "ttyUSB0");
		const native = [{ path: join(folders.devices, "ttyS0") }, { path: usb0, manufacturer: "1a86", vendorId: "1A86", productId: "7523" }];
		const ports = await listPorts({ ...folders, listNative: async () => native });
		expect(ports.find(({ device }) => device === usb0)).toMatchObject({
			vendorId: "1a86",
			productId: "7523",
			description: "1a86 (WCH CH340)",
		});
		expect(ports.at(-1)?.device).toBe(join(folders.devices, "ttyS0"));
	});

	it("says which program has a port open, by its lasting name too", async () => {
		const folders = await machine("no udevadm");
		await symlink(join(folders.devices, "ttyUSB2"), join(folders.processes, "4711", "fd", "5"));
		const name = join(folders.byId, "usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0");
		expect(await portAccess(name, folders)).toEqual({ kind: "busy", program: "minicom", pid: 4711 });
		expect(await portAccess(join(folders.devices, "ttyUSB0"), folders)).toEqual({ kind: "free" });
	});

	it("says that a port is gone, and leaves Windows names to the opening", async () => {
		const folders = await machine("no udevadm");
		expect(await portAccess(join(folders.devices, "ttyUSB7"), folders)).toEqual({ kind: "missing" });
		expect(await portAccess("COM3", folders)).toEqual({ kind: "free" });
	});

	it.each([
		["python3\0-m\0serial.tools.miniterm\0", "python3\n", "python3 serial.tools.miniterm"],
		["/usr/bin/node\0--max-old-space-size=99\0/opt/rb/rack-battery.js\0start\0", "MainThread\n", "node rack-battery.js"],
		// Whole programs, and with them what may be secret, stay out.
		["/bin/sh\0-c\0screen --password=hush /dev/ttyUSB0\0", "sh\n", "sh"],
		["/usr/sbin/ModemManager\0--password\0hush\0", "ModemManager\n", "ModemManager"],
	])("calls a program by the name its owner knows: %j", async (commandLine, comm, program) => {
		const folders = await machine("no udevadm");
		const device = join(folders.devices, "ttyUSB2");
		await symlink(device, join(folders.processes, "4711", "fd", "5"));
		await writeFile(join(folders.processes, "4711", "comm"), comm);
		await writeFile(join(folders.processes, "4711", "cmdline"), commandLine);
		expect(await portAccess(device, folders)).toEqual({ kind: "busy", program, pid: 4711 });
	});

	it("of several that have a port open names the one that has locked it", async () => {
		const folders = await machine("no udevadm");
		const device = join(folders.devices, "ttyUSB2");
		for (const [pid, name] of [
			["12", "socat"],
			["98", "picocom"],
		] as const) {
			await mkdir(join(folders.processes, pid, "fd"), { recursive: true });
			await symlink(device, join(folders.processes, pid, "fd", "5"));
			await writeFile(join(folders.processes, pid, "comm"), `${name}\n`);
		}
		expect(await portAccess(device, folders)).toMatchObject({ program: "socat" });
		const { ino } = await stat(device);
		await writeFile(
			join(folders.processes, "locks"),
			`1: POSIX  ADVISORY  WRITE 12 00:19:1${ino} 0 EOF\n2: FLOCK  ADVISORY  WRITE 98 00:19:${ino} 0 EOF\n`,
		);
		expect(await portAccess(device, folders)).toEqual({ kind: "busy", program: "picocom", pid: 98 });
	});

	it("counts this process itself only where that is asked for, and after all others", async () => {
		const folders = await machine("no udevadm");
		const device = join(folders.devices, "ttyUSB2");
		const own = join(folders.processes, String(process.pid));
		await mkdir(join(own, "fd"), { recursive: true });
		await symlink(device, join(own, "fd", "5"));
		expect(await portAccess(device, folders)).toEqual({ kind: "free" });
		expect(await portAccess(device, { ...folders, countsItself: true })).toMatchObject({ kind: "busy", pid: process.pid });
		await symlink(device, join(folders.processes, "4711", "fd", "5"));
		expect(await portAccess(device, { ...folders, countsItself: true })).toMatchObject({ kind: "busy", pid: 4711 });
	});

	it("names the group whose members may use it, where a group may", async () => {
		const folders = await machine("no udevadm");
		const device = join(folders.devices, "ttyUSB0");
		const mayUse = async () => Promise.reject(Object.assign(new Error("EACCES"), { code: "EACCES" }));
		await chmod(device, 0o660);
		expect(await portAccess(device, { ...folders, mayUse })).toEqual({ kind: "no-permission", group: "serial", joined: false });
		const unknown = { kind: "no-permission", group: null, joined: false };
		expect(await portAccess(device, { ...folders, mayUse, groups: "/nowhere" })).toEqual(unknown);
		await chmod(device, 0o640);
		expect(await portAccess(device, { ...folders, mayUse })).toEqual(unknown);
	});

	it("knows a user who has joined the group and not logged in again", async () => {
		const folders = await machine("no udevadm");
		const device = join(folders.devices, "ttyUSB0");
		await chmod(device, 0o660);
		await writeFile(folders.groups, `serial:x:${process.getgid?.() ?? 0}:mary,anna\n`);
		const mayUse = async () => Promise.reject(new Error("EACCES"));
		const seen = (user: string) => portAccess(device, { ...folders, mayUse, user });
		expect(await seen("anna")).toEqual({ kind: "no-permission", group: "serial", joined: true });
		expect(await seen("ann")).toEqual({ kind: "no-permission", group: "serial", joined: false });
	});

	it("finds nothing where there is nothing", async () => {
		const nowhere = "/nowhere/at/all";
		const folders = { byId: nowhere, devices: nowhere, groups: nowhere, processes: nowhere, listNative: async () => [] };
		expect(await listPorts({ ...folders, mayUse: async () => undefined })).toEqual([]);
	});
});
