import type { Clock } from "../../clock.ts";
import { TransportError } from "../../errors.ts";
import { openTransport } from "./open-transport.ts";
import type { ModemLines, Transport } from "./transport.ts";

/** The modem lines of a serial adapter that does nothing else. */
export interface ModemLinesReader {
	/** Opens the adapter when it is not open; rejects with a TransportError in words when that fails. */
	read(): Promise<ModemLines>;
	/** Never rejects; nothing is opened afterwards. */
	close(): Promise<void>;
}

/** A reader of the modem lines of a port. Throws a ConfigError in words when the text names no port. */
export function openModemLines(port: string, deps: { readonly clock: Clock; readonly transport?: Transport }): ModemLinesReader {
	const transport = deps.transport ?? openTransport({ port, baudRate: 9600, clock: deps.clock });
	const closing = new AbortController();
	let isOpen = false;

	async function open(): Promise<void> {
		await transport.open({
			onBytes() {},
			onLost() {
				isOpen = false;
			},
		});
		isOpen = true;
	}

	return {
		async read() {
			if (transport.modemLines === undefined)
				throw new TransportError("failed", `${port} is no serial port of this machine, so it has no lines CTS, DSR or DCD.`, { port });
			if (closing.signal.aborted) throw new TransportError("closed", `${port} is closed.`, { port });
			if (!isOpen) await open();
			return transport.modemLines();
		},
		async close() {
			closing.abort();
			isOpen = false;
			await transport.close();
		},
	};
}
