import type { ReadingOf } from "../battery/readings.ts";
import type { Bus } from "../bus/bus.ts";
import type { Protocol } from "../protocol/protocol.ts";

/**
 * Reads everything of all packs once: one 42h FF and one 44h FF, back to back. This is the full cycle that is
 * measured against the line's own limit. Rejects with a LineError.
 */
export async function readAll(
	bus: Pick<Bus, "request">,
	protocol: Pick<Protocol, "telemetry" | "status">,
	address: number,
): Promise<{ readonly telemetry: ReadingOf<"telemetry">; readonly status: ReadingOf<"status"> }> {
	const [telemetry, status] = await Promise.all([
		bus.request(protocol.telemetry(address, "all")),
		bus.request(protocol.status(address, "all")),
	]);
	return { telemetry, status };
}
