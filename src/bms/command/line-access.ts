import type { ReadingOf } from "../battery/readings.ts";
import type { Exchange, PackAccess, PackProtocol, Protocol } from "../protocol/protocol.ts";

type Reads = "version" | "serials" | "capacity" | "clock";

/** What commands can ask over the line of a bank; what its protocol cannot is left out. */
export interface LineAccess extends Partial<{ readonly [K in Reads]: (address: number) => Exchange<ReadingOf<K>> }> {
	/** `cabled`: everything reaches the pack with the cable, whatever address is sent (rs232-v25 §4). `each`: every pack by its own. */
	readonly reach: "cabled" | "each";
	readonly access: PackAccess | null;
	/** The state of that pack alone. */
	readonly status: (address: number) => Exchange<ReadingOf<"status">>;
}

/** A line on which one pack speaks for all. */
export function cabledLine(protocol: Protocol): LineAccess {
	return {
		...readsOf(protocol),
		reach: "cabled",
		access: protocol.access ?? null,
		// 1 is the main pack when that has the cable, and "this pack" with any other address (rs232-v25 §4).
		status: (address) => protocol.status(address, 1),
	};
}

/** A line that every pack is on. */
export function sharedLine(protocol: PackProtocol): LineAccess {
	return { ...readsOf(protocol), reach: "each", access: protocol.access ?? null, status: (address) => protocol.status(address) };
}

function readsOf({ version, serials, capacity, clock }: Partial<Pick<PackProtocol, Reads>>): Pick<LineAccess, Reads> {
	return {
		...(version ? { version } : {}),
		...(serials ? { serials } : {}),
		...(capacity ? { capacity } : {}),
		...(clock ? { clock } : {}),
	};
}
