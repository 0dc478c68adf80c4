import type { PackBlock, PackStatus } from "./readings.ts";

/**
 * A pack's word: what it said itself about its alarm state, in a reply that asked for this pack. Later
 * all-packs replies carry no numbers, but while their blocks stay the same, the word still holds and its age
 * is renewed; when a block changes, the words that could have been that block must be asked for again.
 */
export interface PackWord {
	readonly status: PackStatus;
	/** When the reply arrived. */
	readonly at: number;
	/** Up to when the whole word is known to be true. */
	readonly seenAt: number;
	/** Up to when its conditions are known to be true; states (charger, balancing) may have changed since. */
	readonly conditionsSeenAt: number;
	/** Nothing has contradicted its conditions; false asks for a new word at once. */
	readonly conditionsHold: boolean;
	readonly contentHolds: boolean;
}

export type PackWords = ReadonlyMap<number, PackWord>;
export type StatusBlocks = readonly PackBlock<PackStatus>[];

/** A word that has just been heard. */
export function newWord(status: PackStatus, at: number): PackWord {
	return { status, at, seenAt: at, conditionsSeenAt: at, conditionsHold: true, contentHolds: true };
}

/** The same word, no longer trusted: its pack must be asked again. */
export function doubted(word: PackWord): PackWord {
	return { ...word, conditionsHold: false, contentHolds: false };
}

/**
 * The words after an all-packs reply with the same number of blocks as the one before it (`before` is null for
 * the first). A word holds when none of the blocks that changed looked like it and a block now looks like it.
 */
export function confirmWords(words: PackWords, before: StatusBlocks | null, now: StatusBlocks, at: number): PackWords {
	const holding = (holds: (word: PackWord) => boolean, look: (status: PackStatus) => string): ReadonlySet<number> =>
		wordsStillSeen(
			[...words].filter(([, word]) => holds(word)),
			before,
			now,
			look,
		);
	const conditions = holding((word) => word.conditionsHold, conditionsLook);
	const content = holding((word) => word.contentHolds && word.conditionsHold, contentLook);
	return new Map(
		[...words].map(([address, word]) => {
			const conditionsHold = conditions.has(address);
			const contentHolds = conditionsHold && content.has(address);
			const seen = {
				...(conditionsHold ? { conditionsSeenAt: at } : {}),
				...(contentHolds ? { seenAt: at } : {}),
			};
			return [address, { ...word, ...seen, conditionsHold, contentHolds }];
		}),
	);
}

function wordsStillSeen(
	words: readonly (readonly [number, PackWord])[],
	before: StatusBlocks | null,
	now: StatusBlocks,
	look: (status: PackStatus) => string,
): ReadonlySet<number> {
	const looks = (blocks: StatusBlocks) => blocks.map((block) => (block.absent ? "absent" : look(block.value)));
	const seenNow = looks(now);
	const changed = new Set(before === null ? [] : looks(before).filter((old, position) => old !== seenNow[position]));
	const seen = countEach(seenNow);
	const said = countEach(words.map(([, word]) => look(word.status)));
	// More words than blocks of one look: one of them is wrong, and nobody knows which.
	const holds = (own: string) => !changed.has(own) && (said.get(own) ?? 0) <= (seen.get(own) ?? 0);
	return new Set(words.filter(([, word]) => holds(look(word.status))).map(([address]) => address));
}

function countEach(items: readonly string[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
	return counts;
}

/** What decides about conditions: two blocks with the same look say the same about them. */
function conditionsLook(status: PackStatus): string {
	return JSON.stringify([[...status.conditions].sort(), [...status.unknownBits].sort(), status.indicationZero]);
}

function contentLook(status: PackStatus): string {
	const states = Object.entries(status.states).sort(([a], [b]) => (a < b ? -1 : 1));
	const { cellCodes, probeCodes, chargeCurrentCode, packVoltageCode, dischargeCurrentCode, balancingCells } = status;
	return JSON.stringify([
		conditionsLook(status),
		states,
		cellCodes,
		probeCodes,
		chargeCurrentCode,
		packVoltageCode,
		dischargeCurrentCode,
		balancingCells,
	]);
}
