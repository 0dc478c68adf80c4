import { readdir, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { ACCESS_FOLDERS, type AccessFolders, type PortAccess, portAccess } from "./port-access.ts";

export interface SerialPortInfo {
	/** What to give as the port: the name that stays the same over replugging, where there is one. */
	readonly port: string;
	/** The device, which may change its number. */
	readonly device: string;
	/** The adapter in words. */
	readonly description: string;
	/** USB vendor and product, four hexadecimal digits each. */
	readonly vendorId: string | null;
	readonly productId: string | null;
	readonly access: PortAccess;
}

/** What the serialport package tells of a port. */
export interface NativePort {
	readonly path: string;
	readonly manufacturer?: string | undefined;
	readonly vendorId?: string | undefined;
	readonly productId?: string | undefined;
}

/** Where the system keeps what we read; a test brings folders of its own. */
export interface PortFolders extends AccessFolders {
	readonly byId: string;
	readonly devices: string;
	/** Rejects where it cannot tell: without udevadm, or without the native module. */
	readonly listNative: () => Promise<readonly NativePort[]>;
}

const SYSTEM: PortFolders = {
	...ACCESS_FOLDERS,
	byId: "/dev/serial/by-id",
	devices: "/dev",
	async listNative() {
		const { SerialPort } = await import("serialport");
		return SerialPort.list();
	},
};

/** TABLE of the makers of adapter chips, by USB vendor. */
const MAKERS: Readonly<Record<string, string>> = {
	"0403": "FTDI",
	"067b": "Prolific",
	"10c4": "Silicon Labs CP210x",
	"1a86": "WCH CH340",
	"2341": "Arduino",
	"303a": "Espressif",
};

/** Devices that are serial adapters for sure; ttyS ports mostly have no socket behind them. */
const ADAPTER = /^tty(USB|ACM|AMA|XRUSB)\d+$|^cu\.usb/;
const BUILT_IN = /\/ttyS\d+$/;

/** The serial ports of this machine, adapters with lasting names first. Opens none; never rejects. */
export async function listPorts(folders: PortFolders = SYSTEM): Promise<readonly SerialPortInfo[]> {
	const [names, native, present] = await Promise.all([
		namesById(folders.byId),
		folders.listNative().catch(() => []),
		readdir(folders.devices).catch(() => []),
	]);
	const devices = new Set([
		...names.keys(),
		...native.map(({ path }) => path),
		...present.filter((name) => ADAPTER.test(name)).map((name) => join(folders.devices, name)),
	]);
	const ports = await Promise.all(
		[...devices].map(async (device): Promise<SerialPortInfo> => {
			const name = names.get(device);
			const told = native.find(({ path }) => path === device);
			return {
				port: name ?? device,
				device,
				description: describe(told, name),
				vendorId: told?.vendorId?.toLowerCase() ?? null,
				productId: told?.productId?.toLowerCase() ?? null,
				access: await portAccess(device, folders),
			};
		}),
	);
	return ports.sort((a, b) => rank(a) - rank(b) || a.device.localeCompare(b.device, "en", { numeric: true }));
}

/** Device -> its lasting name. */
async function namesById(folder: string): Promise<ReadonlyMap<string, string>> {
	const entries = await readdir(folder).catch(() => []);
	const pairs = await Promise.all(
		entries.map(async (entry) => {
			const name = join(folder, entry);
			const device = await realpath(name).catch(() => null);
			return device === null ? null : ([device, name] as const);
		}),
	);
	return new Map(pairs.filter((pair) => pair !== null));
}

function describe(told: NativePort | undefined, byId: string | undefined): string {
	// usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0: the bus, maker, product and serial number.
	const named =
		byId === undefined
			? ""
			: basename(byId)
					.replace(/^(usb|pci)-/, "")
					.replace(/-if\d+(-port\d+)?$/, "")
					.replaceAll("_", " ");
	const maker = MAKERS[told?.vendorId?.toLowerCase() ?? ""];
	const words = [named, named === "" ? (told?.manufacturer ?? "") : "", maker && !named.includes(maker) ? `(${maker})` : ""];
	return words.filter((word) => word !== "").join(" ") || "serial port";
}

function rank({ port, device }: SerialPortInfo): number {
	if (port !== device) return 0;
	return BUILT_IN.test(device) ? 2 : 1;
}
