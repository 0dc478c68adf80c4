import type { SerialPort } from "serialport";
import { messageOf, TransportError } from "../../errors.ts";
import { DeviceName } from "./device-name.ts";
import { ACCESS_FOLDERS, type PortAccess, portAccess } from "./port-access.ts";
import { ringIndicator } from "./ring-indicator.ts";
import { serialOpenError, serialUnavailableError } from "./serial-errors.ts";
import type { ModemLines, Transport, TransportHandlers } from "./transport.ts";

/** What we need of a serial port object; the real one and the mock of the serialport package both have it. */
export type SerialPortObject = Pick<SerialPort, "open" | "close" | "write" | "isOpen" | "on" | "off" | "once" | "get"> & {
	/** What is behind it while it is open; the mock has no file. */
	readonly port?: { readonly fd?: number | null } | undefined;
};

/** Makes a port object that is not open yet. */
export type SerialPortFactory = (options: {
	path: string;
	baudRate: number;
	dataBits: 8;
	parity: "none";
	stopBits: 1;
	autoOpen: false;
}) => SerialPortObject;

/** Loads the native module only now: whoever uses a network gateway never needs it. */
async function loadSerialPort(): Promise<SerialPortFactory> {
	const { SerialPort } = await import("serialport");
	return (options) => new SerialPort(options);
}

/** What a port needs of the machine; tests bring their own. */
interface SerialTools {
	readonly load: () => Promise<SerialPortFactory>;
	readonly ringIndicator: typeof ringIndicator;
	/** What stands in the way of a device that did not open. */
	readonly lookAt: (device: string) => Promise<PortAccess>;
	/** Where the lasting names of adapters are; the system's when not given. */
	readonly namesFolder?: string | undefined;
}

const TOOLS: SerialTools = {
	load: loadSerialPort,
	ringIndicator,
	// Another bank of this process may have it open.
	lookAt: (device) => portAccess(device, { ...ACCESS_FOLDERS, countsItself: true }),
};

/** A serial port of this machine: 8 data bits, no parity, 1 stop bit (rs232-v25 §1). */
export class SerialTransport implements Transport {
	readonly port: string;
	readonly baudRate: number;
	readonly #tools: SerialTools;
	readonly #device: DeviceName;
	#serial: SerialPortObject | null = null;
	/** Tells a late opening that it was closed meanwhile. */
	#generation = 0;
	#opening = false;

	constructor(port: string, baudRate: number, tools: Partial<SerialTools> = {}) {
		this.port = port;
		this.baudRate = baudRate;
		this.#tools = { ...TOOLS, ...tools };
		this.#device = new DeviceName(port, tools.namesFolder);
	}

	async open(handlers: TransportHandlers): Promise<void> {
		if (this.#serial || this.#opening) throw new TransportError("busy", `${this.port} is already open here.`, { port: this.port });
		const generation = ++this.#generation;
		this.#opening = true;
		try {
			const device = this.#device.resolve();
			const path = typeof device === "string" ? device : await device;
			const serial = await this.#create(path);
			await this.#openPort(serial, path);
			if (generation !== this.#generation) {
				await closePort(serial);
				throw new TransportError("closed", `${this.port} was closed while it was being opened.`, { port: this.port });
			}
			this.#serial = serial;
			this.#listen(serial, handlers);
			await this.#device.remember(path);
		} finally {
			if (generation === this.#generation) this.#opening = false;
		}
	}

	write(bytes: Uint8Array): Promise<void> {
		const serial = this.#serial;
		if (!serial) return Promise.reject(new TransportError("closed", `${this.port} is not open.`, { port: this.port }));
		// The port object would queue the bytes and send them after the next opening, to whatever is plugged in then.
		// It knows that its device is gone a little before it says so.
		if (!serial.isOpen) return Promise.reject(unplugged(this.port));
		return new Promise((resolve, reject) => {
			serial.write(Buffer.from(bytes), (error) => {
				if (error)
					reject(
						new TransportError(
							"failed",
							`${this.port} does not take bytes (${error.message}): was the adapter unplugged?`,
							{ port: this.port },
							error,
						),
					);
				else resolve();
			});
		});
	}

	async modemLines(): Promise<ModemLines> {
		const serial = this.#serial;
		if (!serial?.isOpen) throw new TransportError("closed", `${this.port} is not open.`, { port: this.port });
		const lines = await this.#driverLines(serial);
		const RI = await this.#tools.ringIndicator(serial.port?.fd);
		return RI === undefined ? lines : { ...lines, RI };
	}

	async close(): Promise<void> {
		this.#generation += 1;
		this.#opening = false;
		const serial = this.#serial;
		this.#serial = null;
		if (serial) await closePort(serial);
	}

	async #create(path: string): Promise<SerialPortObject> {
		let make: SerialPortFactory;
		try {
			make = await this.#tools.load();
		} catch (error) {
			throw serialUnavailableError(this.port, error);
		}
		try {
			return make({ path, baudRate: this.baudRate, dataBits: 8, parity: "none", stopBits: 1, autoOpen: false });
		} catch (error) {
			throw await serialOpenError(this.port, error, () => this.#tools.lookAt(path));
		}
	}

	#openPort(serial: SerialPortObject, path: string): Promise<void> {
		return new Promise<void>((resolve, reject) => {
			serial.open((error) => (error ? reject(error) : resolve()));
		}).catch(async (error: unknown) => {
			throw await serialOpenError(this.port, error, () => this.#tools.lookAt(path));
		});
	}

	#driverLines(serial: SerialPortObject): Promise<ModemLines> {
		return new Promise((resolve, reject) => {
			serial.get((error, lines) => {
				if (error || lines === undefined) {
					const reason = error ? messageOf(error) : "it says nothing";
					reject(
						new TransportError(
							"failed",
							`The lines CTS, DSR and DCD of ${this.port} cannot be read: ${reason}.`,
							{ port: this.port },
							error,
						),
					);
				} else resolve({ CTS: lines.cts, DSR: lines.dsr, DCD: lines.dcd });
			});
		});
	}

	#listen(serial: SerialPortObject, handlers: TransportHandlers): void {
		const lose = (cause: unknown) => {
			if (this.#serial !== serial) return;
			this.#serial = null;
			// Whatever still runs on that object must not hold the device: a renumbered adapter needs it free.
			void closePort(serial);
			handlers.onLost(unplugged(this.port, cause));
		};
		serial.on("data", (chunk: Uint8Array) => {
			if (this.#serial === serial) handlers.onBytes(chunk);
		});
		serial.on("close", lose);
		serial.on("end", lose);
		serial.on("error", lose);
	}
}

function unplugged(port: string, cause?: unknown): TransportError {
	const reason = cause ? ` (${messageOf(cause)})` : "";
	return new TransportError("unplugged", `${port} is gone${reason}: was the adapter unplugged?`, { port }, cause);
}

/** Resolves when the port is closed, whoever closed it; a port that fails to close is as good as closed. */
function closePort(serial: SerialPortObject): Promise<void> {
	if (!serial.isOpen) return Promise.resolve();
	return new Promise((resolve) => serial.close(() => resolve()));
}
