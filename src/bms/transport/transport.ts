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
}

export interface TransportHandlers {
	readonly onBytes: (chunk: Uint8Array) => void;
	/** The line went away by itself; called once per open. */
	readonly onLost: (error: TransportError) => void;
}
