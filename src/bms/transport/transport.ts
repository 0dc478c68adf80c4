import type { TransportError } from "../../errors.ts";

/** Bytes out, bytes in, and the word that the line is gone. Knows no frames. */
export interface Transport {
	/** The port as the user wrote it. */
	readonly port: string;
	/** Opens the line. Rejects with a TransportError that says what to do. */
	open(handlers: TransportHandlers): Promise<void>;
	/** Hands bytes to the line; resolves when they were taken. Rejects with a TransportError when it is not open. */
	write(bytes: Uint8Array): Promise<void>;
	/** Closes; never rejects; `onLost` is not called for it. May be opened again afterwards. */
	close(): Promise<void>;
	/** Line speed in baud where the transport has one, for time limits; null on TCP. */
	readonly baudRate: number | null;
	/**
	 * Which modem lines are on now, as the adapter's driver reports them. Only serial ports can have them. Rejects
	 * with a TransportError while the line is not open.
	 */
	modemLines?(): Promise<ModemLines>;
}

/** Lines that are on or off; one that the driver does not report is left out. */
export type ModemLines = Readonly<Partial<Record<"CTS" | "DSR" | "DCD" | "RI", boolean>>>;

export interface TransportHandlers {
	readonly onBytes: (chunk: Uint8Array) => void;
	/** The line went away by itself; called once per open. */
	readonly onLost: (error: TransportError) => void;
}
