import { HIGHEST_ADDRESS, MAIN_PACK } from "../battery/addresses.ts";
import type { AnyReading, PackSelector } from "../battery/readings.ts";
import type { Question } from "./question.ts";

/** A pack that was there is away after this many unanswered questions in a row; others went through meanwhile. */
const MISSES_UNTIL_AWAY = 2;
/** Questions to all packs in a row without an answer before they are left out for a while. */
const MISSES_UNTIL_NO_ALL = 2;

/** Who is there, as far as replies have told. */
export interface RollCall {
	/** The `packs` setting; 0 = ask the battery. */
	readonly configured: number;
	/** DIP address of the pack the cable is plugged into: the ADR of every reply. null before the first. */
	readonly cabled: number | null;
	/** Blocks in the last all-packs reply; preferred to `claimed`, which some boards do not say (rs232-v25 §7). */
	readonly blockCount: number | null;
	/** Of those, the ones that are certainly of a pack that is there. */
	readonly certainBlocks: number;
	/** Pack count of 90h. */
	readonly claimed: number | null;
	/** Packs that have answered for themselves. */
	readonly seen: ReadonlySet<number>;
	/** Packs that were asked and are away. */
	readonly away: ReadonlySet<number>;
	/** Unanswered questions in a row, per pack. */
	readonly misses: ReadonlyMap<number, number>;
	/** Highest address asked in search of packs that the all-packs reply counts and nobody has named yet; 0 = none. */
	readonly searched: number;
	/** How the cabled pack is asked for itself when it stands alone: firmware differs (rs232-v25 §4, §15). */
	readonly ownSelector: PackSelector;
	/** All-packs questions in a row that got no answer. */
	readonly allMisses: number;
}

export function startRollCall(configured: number): RollCall {
	return {
		configured,
		cabled: null,
		blockCount: null,
		certainBlocks: 0,
		claimed: null,
		seen: new Set(),
		away: new Set(),
		misses: new Map(),
		searched: 0,
		ownSelector: MAIN_PACK,
		allMisses: 0,
	};
}

/** Just the cabled pack can be asked: it is not the main pack, or the bank has no other. */
export function standsAlone(roll: RollCall): boolean {
	return roll.cabled !== null && (roll.cabled !== MAIN_PACK || (packsToFind(roll) <= 1 && roll.seen.size <= 1));
}

/** Whether a question to all packs is worth asking. */
export function answersAll(roll: RollCall): boolean {
	return roll.allMisses < MISSES_UNTIL_NO_ALL;
}

/** Whether packs answer by their number, or not all of them were tried yet. */
export function answersEach(roll: RollCall): boolean {
	return roll.seen.size > 0 || roll.misses.size < askable(roll).length;
}

/** Gives every kind of question a new chance: what is known of the packs stays. */
export function tryAgain(roll: RollCall): RollCall {
	return { ...roll, allMisses: 0, misses: roll.seen.size > 0 ? roll.misses : new Map() };
}

/** Addresses to ask, rising. Empty before the first reply. */
export function askable(roll: RollCall): readonly number[] {
	if (roll.cabled === null) return [];
	if (standsAlone(roll)) return [roll.cabled];
	const isSearching = roll.searched > 0 && !isSettled(roll, roll.searched);
	return rising(new Set([...expected(roll), ...(isSearching ? [roll.searched] : [])]));
}

/** Addresses the bank should have, rising: those that have answered, and as many more as the battery counts or the settings say. */
export function expected(roll: RollCall): readonly number[] {
	const configured = upTo(roll.configured);
	if (roll.cabled === null) return configured;
	if (roll.cabled !== MAIN_PACK) return rising(new Set([roll.cabled, ...(roll.configured > 1 ? configured : [])]));
	const stillToFind = roll.configured > 0 || roll.seen.size < packsToFind(roll) ? upTo(packsToFind(roll)) : [];
	return rising(new Set([...roll.seen, ...stillToFind]));
}

/** A reply was heard. The pack at the cable may have become another one: then everything starts anew. */
export function hear(before: RollCall, reading: AnyReading): RollCall {
	const isMoved = before.cabled !== null && before.cabled !== reading.repliedBy;
	const roll: RollCall = { ...(isMoved ? startRollCall(before.configured) : before), cabled: reading.repliedBy };
	if (reading.kind === "packCount") return { ...roll, claimed: reading.count ?? roll.claimed };
	if (reading.kind !== "telemetry" && reading.kind !== "status") return roll;
	const counted = reading.asked === "all" ? countBlocks(roll, reading) : roll;
	return withSearch(reading.kind === "telemetry" ? hearTelemetry(counted, reading) : counted);
}

/** A question was not answered while the battery answers others. */
export function miss(roll: RollCall, question: Question): RollCall {
	if (roll.cabled === null || !("selector" in question)) return roll;
	if (standsAlone(roll)) return question.selector === roll.ownSelector ? missAlone(roll, roll.cabled) : roll;
	if (question.selector === "all") return { ...roll, allMisses: roll.allMisses + 1 };
	return withSearch(missPack(roll, question.selector, 1));
}

type BlocksReading = Extract<AnyReading, { kind: "telemetry" | "status" }>;

function countBlocks(roll: RollCall, reading: BlocksReading): RollCall {
	if (reading.repliedBy !== MAIN_PACK) return { ...roll, allMisses: 0 };
	const certain =
		reading.kind === "telemetry"
			? reading.blocks.filter((block) => !block.absent)
			: reading.blocks.filter((block) => !block.absent && !block.value.indicationZero);
	const isSameCount = roll.blockCount === reading.blocks.length;
	const isMore = reading.blocks.length > (roll.blockCount ?? 0);
	return {
		...roll,
		blockCount: reading.blocks.length,
		certainBlocks: certain.length,
		allMisses: 0,
		// Another count: where nobody was there may be somebody now. One more is most likely one that was there before.
		searched: isSameCount ? roll.searched : 0,
		away: isSameCount ? roll.away : isMore ? new Set() : new Set([...roll.away].filter((address) => roll.seen.has(address))),
		misses: isMore ? new Map() : roll.misses,
	};
}

function hearTelemetry(roll: RollCall, reading: Extract<AnyReading, { kind: "telemetry" }>): RollCall {
	const isThere = reading.blocks[0]?.absent === false;
	if (standsAlone(roll)) return isThere ? hearPack(roll, reading.repliedBy) : missAlone(roll, reading.repliedBy);
	if (reading.asked === "all") return roll;
	return isThere ? hearPack(roll, reading.asked) : missPack(roll, reading.asked, MISSES_UNTIL_AWAY);
}

function hearPack(roll: RollCall, address: number): RollCall {
	const away = new Set(roll.away);
	const misses = new Map(roll.misses);
	away.delete(address);
	misses.delete(address);
	return { ...roll, seen: new Set([...roll.seen, address]), away, misses };
}

function missPack(roll: RollCall, address: number, count: number): RollCall {
	const misses = new Map(roll.misses).set(address, (roll.misses.get(address) ?? 0) + count);
	// While no pack ever answered by its number it is the question that fails, not the pack.
	if (roll.seen.size === 0) return { ...roll, misses };
	// An address that is only tried out has its one turn; a pack that is counted may just have missed a question.
	const patience = roll.seen.has(address) || address <= roll.certainBlocks ? MISSES_UNTIL_AWAY : 1;
	const isAway = (misses.get(address) ?? 0) >= patience;
	return { ...roll, misses, away: isAway ? new Set([...roll.away, address]) : roll.away };
}

/**
 * DIP addresses may have gaps: when every address asked so far has had its turn and fewer packs are there than the
 * all-packs reply shows, the next address is asked too; each once, until the reply has another count.
 */
function withSearch(roll: RollCall): RollCall {
	if (roll.cabled === null || standsAlone(roll) || roll.seen.size === 0) return roll;
	const there = [...roll.seen].filter((address) => !roll.away.has(address)).length;
	if (there >= roll.certainBlocks || !askable(roll).every((address) => isSettled(roll, address))) return roll;
	const next = upTo(HIGHEST_ADDRESS).find((address) => address > roll.searched && !isSettled(roll, address));
	return { ...roll, searched: next ?? HIGHEST_ADDRESS };
}

/** It was found out whether there is a pack at this address. */
function isSettled(roll: RollCall, address: number): boolean {
	return roll.seen.has(address) || roll.away.has(address);
}

/** A pack that stands alone and never answered the way it is asked is asked in another way. */
function missAlone(roll: RollCall, cabled: number): RollCall {
	if (roll.seen.has(cabled)) return roll;
	const misses = (roll.misses.get(cabled) ?? 0) + 1;
	if (misses < MISSES_UNTIL_AWAY) return { ...roll, misses: new Map(roll.misses).set(cabled, misses) };
	const choices: readonly PackSelector[] = cabled === MAIN_PACK ? [1, "all"] : [1, "all", cabled];
	const ownSelector = choices[(choices.indexOf(roll.ownSelector) + 1) % choices.length] ?? MAIN_PACK;
	return { ...roll, ownSelector, misses: new Map() };
}

/** How many packs the bank has, as far as is known. */
function packsToFind(roll: RollCall): number {
	return roll.configured > 0 ? roll.configured : Math.max(roll.blockCount ?? roll.claimed ?? 1, 1);
}

function upTo(count: number): readonly number[] {
	return Array.from({ length: Math.min(count, HIGHEST_ADDRESS) }, (_, index) => index + 1);
}

function rising(addresses: ReadonlySet<number>): readonly number[] {
	return [...addresses].sort((a, b) => a - b);
}
