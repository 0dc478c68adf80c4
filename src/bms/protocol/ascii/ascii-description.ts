import { MAIN_PACK } from "../../battery/addresses.ts";
import type { PackSelector, PackTelemetry } from "../../battery/readings.ts";
import { describeStatus } from "../describe-status.ts";
import { type BlocksCommand, blocksInAll, countOrEchoOf, type ReadBlock, readBlocks } from "./ascii-blocks-reply.ts";
import { blockCounts } from "./ascii-shapes.ts";

/** One pack of a 42h or 44h reply as `rack-battery decode` prints it (keys of the issue; units V, A, Ah, °C, %). */
export type PackDescription = Readonly<Record<string, unknown>>;

/**
 * The packs of a reply, or null when no layout fits. `selector` is what the request asked for, null when it is not
 * known. A pack has an address only when the reply names it: blocks of an all-packs reply carry no number.
 */
export function describePacks(
	command: BlocksCommand,
	reply: { readonly address: number; readonly info: Uint8Array },
	selector: PackSelector | null,
): readonly PackDescription[] | null {
	const countOrEcho = countOrEchoOf(reply.info);
	if (countOrEcho === null) return null;
	const isAll = selector === "all";
	const counts = selector === null ? blockCounts(countOrEcho) : isAll ? [blocksInAll(countOrEcho)] : [1];
	const named = reply.address === MAIN_PACK ? countOrEcho : reply.address;
	for (const count of counts) {
		const address = isAll || count > 1 ? null : named;
		const packs =
			command === "telemetry"
				? readBlocks("telemetry", reply.info, count)?.map((read) => describe(read, address, describeTelemetry))
				: readBlocks("status", reply.info, count)?.map((read) => describe(read, address, describeStatus));
		if (packs) return packs;
	}
	return null;
}

function describe<T>({ block, doubts }: ReadBlock<T>, address: number | null, tell: (value: T) => PackDescription): PackDescription {
	if (block.absent) return { address, absent: true };
	const doubt = doubts.length > 0 ? { plausible: false, reason: doubts.join("; ") } : {};
	return { address, absent: false, ...tell(block.value), ...doubt };
}

function describeTelemetry(telemetry: PackTelemetry): PackDescription {
	return { ...telemetry };
}
