import type { Transport } from "../transport/transport.ts";

/** Pause between questions while nobody answers, ms: a battery that wakes up is seen within this time. */
export const SILENT_PAUSE_MS = 2_000;
/** A serial line that was silent for so long is opened anew, ms. */
const SERIAL_REOPEN_MS = 30_000;
/** So is one through a gateway, ms: a gateway that restarted or vanished does not say so. */
const GATEWAY_REOPEN_MS = 5_000;

/** How long a line may be silent before it is opened anew, ms. */
export function silentReopenMs({ baudRate }: Pick<Transport, "baudRate">): number {
	return baudRate === null ? GATEWAY_REOPEN_MS : SERIAL_REOPEN_MS;
}
