import type { AlarmState, KnownPacks } from "./alarm-state.ts";
import { type BlockKind, kindOf, type StatusBlocks } from "./status-blocks.ts";

/**
 * Who is in the all-packs replies, which carry no numbers: worked out from the kinds of their blocks and from
 * what each pack said itself since these kinds last changed.
 */

/** Whether two replies have the same kinds of blocks at the same places; so long nobody came or went. */
export function hasSamePattern(before: StatusBlocks | null, now: StatusBlocks): boolean {
	return before !== null && before.length === now.length && before.every((block, place) => kindOf(block) === kindAt(now, place));
}

/**
 * Known packs that have no telling block in the replies since `patternAt`: when packs that were live since then
 * claim every block, nobody else is in there. Empty while that is not sure.
 */
export function packsNotInReplies({ blocks, patternAt }: AlarmState, { known, live, away }: KnownPacks): ReadonlySet<number> {
	if (blocks === null) return new Set();
	const telling = blocks.filter((block) => kindOf(block) === "telling").length;
	const claimants = new Set([...live].filter(([, at]) => at > patternAt).map(([address]) => address));
	const foundAway = [...away].filter(([, at]) => at > patternAt).length;
	const allClaimed = claimants.size >= telling && claimants.size + foundAway >= blocks.length;
	return new Set(allClaimed ? [...known].filter((address) => !claimants.has(address)) : []);
}

function kindAt(blocks: StatusBlocks, place: number): BlockKind | null {
	const block = blocks[place];
	return block === undefined ? null : kindOf(block);
}
