import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { TransportError } from "../../errors.ts";

/** Where Linux keeps names of serial adapters that stay the same over replugging. */
const BY_ID = "/dev/serial/by-id";

/**
 * Follows a serial adapter whose device number changes. A lasting name is looked up at every opening by the system
 * itself; of a number (/dev/ttyUSB0) the lasting name is remembered while it is open, and looked up from then on.
 * Where there are no lasting names (Windows, macOS, pseudo terminals) the port is taken as it is.
 */
export class DeviceName {
	readonly #port: string;
	readonly #folder: string;
	#name: string | null = null;

	constructor(port: string, folder = BY_ID) {
		this.#port = port;
		this.#folder = folder;
	}

	/** The device to open now. Rejects with a TransportError when another adapter has got the number. */
	resolve(): string | Promise<string> {
		return this.#name === null ? this.#port : this.#follow(this.#name);
	}

	/** `device` is open now: its lasting name is kept. */
	async remember(device: string): Promise<void> {
		this.#name = (await nameOf(device, this.#folder)) ?? this.#name;
	}

	async #follow(name: string): Promise<string> {
		const device = await realpath(join(this.#folder, name)).catch(() => null);
		if (device !== null) return device;
		const taker = await nameOf(this.#port, this.#folder);
		if (taker === null || taker === name) return this.#port;
		throw new TransportError(
			"not-found",
			`The adapter ${name} is not plugged in; ${this.#port} is now another one (${taker}). ` +
				"Plug the first one in again, or set the port anew to use the other.",
			{ port: this.#port },
		);
	}
}

/** The lasting name of a device; null when it has none. */
async function nameOf(port: string, folder: string): Promise<string | null> {
	const [device, names] = await Promise.all([realpath(port).catch(() => null), readdir(folder).catch(() => [])]);
	if (device === null) return null;
	for (const name of names.sort()) {
		if ((await realpath(join(folder, name)).catch(() => null)) === device) return name;
	}
	return null;
}
