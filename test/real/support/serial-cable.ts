import { connect } from "node:net";
import { join } from "node:path";
import { SerialPort } from "serialport";
import { type RealProcess, startProcess } from "./real-process.ts";
import { eventually, type Scene } from "./scene.ts";

/**
 * A serial cable between a simulated battery (on a TCP port) and a path that looks like a USB adapter: a pair of
 * pseudo terminals made by socat. Unplugging ends socat, and with it both terminals, as a pulled USB adapter does.
 */
export interface SerialCable {
	/** The path of the adapter; the same after plugging in again. */
	readonly adapter: string;
	unplug(): Promise<void>;
	/** Plugs in again: a new device behind the same path. */
	plug(): Promise<void>;
}

/** Makes the cable, unplugged. `battery` is the TCP port the simulated battery listens on, null for one that says nothing. */
export async function serialCable(scene: Scene, battery: number | null): Promise<SerialCable> {
	const folder = await scene.folder();
	const adapter = join(folder, "ttyUSB7");
	const far = join(folder, "battery-end");
	let plugged: { socat: RealProcess; release: () => Promise<void> } | null = null;
	const unplug = async () => {
		const last = plugged;
		plugged = null;
		await last?.socat.end();
		await last?.release();
	};
	scene.onEnd(unplug);
	return {
		adapter,
		unplug,
		async plug() {
			const socat = await startProcess("socat", ["-d", "-d", `pty,raw,echo=0,link=${far}`, `pty,raw,echo=0,link=${adapter}`], {
				cwd: folder,
			});
			try {
				await socat.line(/starting data transfer loop/);
				plugged = { socat, release: battery === null ? async () => {} : await bridge(far, battery) };
			} catch (failure) {
				await socat.end();
				throw failure;
			}
		},
	};
}

/** Carries bytes between the battery's end of the cable, opened as a serial port of 9600 baud, and its TCP port. */
async function bridge(path: string, tcpPort: number): Promise<() => Promise<void>> {
	const serial = new SerialPort({ path, baudRate: 9600, autoOpen: false });
	await new Promise<void>((resolve, reject) => serial.open((error) => (error ? reject(error) : resolve())));
	const socket = connect(tcpPort, "127.0.0.1");
	serial.on("error", () => {});
	socket.on("error", () => {});
	serial.on("data", (bytes) => socket.write(bytes));
	socket.on("data", (bytes) => {
		if (serial.isOpen) serial.write(bytes);
	});
	return async () => {
		socket.destroy();
		if (serial.isOpen) await new Promise<void>((resolve) => serial.close(() => resolve()));
		await eventually("the battery's end is closed", () => !serial.isOpen, 3000);
	};
}
