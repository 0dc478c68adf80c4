import type { PackStatus } from "./readings.ts";
import { conditionsLook, contentLook, kindOf, type Look, type StatusBlocks, statusIn } from "./status-blocks.ts";

/**
 * A pack's word: what it said itself about its alarm state, in a reply that asked for this pack. Later
 * all-packs replies carry no numbers, but while the block that must be this pack's stays the same, the word
 * still holds and its age is renewed; when that block may have changed, the pack must be asked again.
 */
export interface PackWord {
	readonly status: PackStatus;
	/** When the reply arrived. */
	readonly at: number;
	/** Up to when the whole word is known to be true. */
	readonly seenAt: number;
	/** Up to when its conditions are known to be true; states (charger, balancing) may have changed since. */
	readonly conditionsSeenAt: number;
	readonly conditions: Trust;
	readonly content: Trust;
}

/**
 * `open`: heard, and no all-packs reply contradicts it. `confirmed`: together with the words of the other packs
 * it explained an all-packs reply, and no block that looked like it has changed since. `doubted`: ask again.
 */
export type Trust = "open" | "confirmed" | "doubted";

export type PackWords = ReadonlyMap<number, PackWord>;
/** A word that has just been heard; it stays confirmed when it repeats a confirmed one. */
export function newWord(status: PackStatus, at: number, before: PackWord | undefined): PackWord {
	const repeated = (part: "conditions" | "content", look: Look): Trust =>
		before?.[part] === "confirmed" && look(before.status) === look(status) ? "confirmed" : "open";
	const trust = { conditions: repeated("conditions", conditionsLook), content: repeated("content", contentLook) };
	return { status, at, seenAt: at, conditionsSeenAt: at, ...trust };
}

/** The same word, no longer trusted. */
export function doubted(word: PackWord): PackWord {
	return { ...word, conditions: "doubted", content: "doubted" };
}

/** The words after an all-packs reply with the same number of blocks as the one before it. */
export function confirmWords(words: PackWords, before: StatusBlocks, now: StatusBlocks, at: number): PackWords {
	const conditions = trusted(words, "conditions", conditionsLook, before, now);
	const content = trusted(words, "content", contentLook, before, now);
	return new Map(
		[...words].map(([address, word]) => {
			const trust = { conditions: conditions(word), content: content(word) };
			const followed = trust.conditions === "confirmed" && trust.content !== "confirmed" ? followContent(word, before, now) : null;
			if (followed !== null) {
				const known = { status: followed, seenAt: at, conditionsSeenAt: at };
				return [address, { ...word, ...known, conditions: "confirmed", content: "confirmed" }];
			}
			const seen = {
				...(trust.conditions === "confirmed" ? { conditionsSeenAt: at } : {}),
				...(trust.content === "confirmed" ? { seenAt: at } : {}),
			};
			return [address, { ...word, ...seen, ...trust }];
		}),
	);
}

/**
 * What to think of a word after a reply. It is doubted when a block that looked like it changed, or when there
 * are more words of its look than blocks: one of them is wrong, and nobody knows which. An open word is
 * confirmed when the words together explain every telling block of the reply.
 */
function trusted(
	words: PackWords,
	part: "conditions" | "content",
	look: Look,
	before: StatusBlocks,
	now: StatusBlocks,
): (word: PackWord) => Trust {
	const looks = (blocks: StatusBlocks) => blocks.map((block) => look(statusIn(block)));
	const seenNow = looks(now);
	const changed = new Set(looks(before).filter((old, place) => old !== seenNow[place]));
	const standing = [...words.values()].filter((word) => word[part] !== "doubted" && !changed.has(look(word.status)));
	const said = countEach(standing.map((word) => look(word.status)));
	const seen = countEach(seenNow);
	const telling = now.filter((block) => kindOf(block) === "telling").map((block) => look(statusIn(block)));
	const explained = telling.every((own) => said.get(own) === seen.get(own));
	return (word) => {
		const own = look(word.status);
		const tooMany = (said.get(own) ?? 0) > (seen.get(own) ?? 0);
		if (word[part] === "doubted" || changed.has(own) || tooMany) return "doubted";
		return explained ? "confirmed" : word[part];
	};
}

/**
 * The states and codes of a pack whose conditions are confirmed, without asking it: its block is one of those that
 * looked like it before, or else one with its conditions; when all of these look the same now, that is its look.
 * Null when they differ.
 */
function followContent(word: PackWord, before: StatusBlocks, now: StatusBlocks): PackStatus | null {
	const conditions = conditionsLook(word.status);
	const content = contentLook(word.status);
	const wasLikeIt = before.map((block) => contentLook(statusIn(block)) === content);
	const isLikeIt = (status: PackStatus, place: number) =>
		word.content === "confirmed" ? wasLikeIt[place] === true : conditionsLook(status) === conditions;
	const candidates = now.map(statusIn).filter(isLikeIt);
	const looks = new Set(candidates.map(contentLook));
	const [first] = candidates;
	return first !== undefined && looks.size === 1 ? first : null;
}

function countEach(items: readonly string[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
	return counts;
}
