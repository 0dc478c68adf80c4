import {
	type AlarmChange,
	type AlarmEvent,
	type AlarmState,
	type KnownPacks,
	settleBank,
	UNNAMED,
	withEntry,
	without,
	withoutEntry,
} from "./alarm-state.ts";
import type { ConditionKey } from "./conditions.ts";
import { confirmWords, doubted, newWord, type PackWord, type PackWords } from "./pack-words.ts";
import type { PackStatus } from "./readings.ts";
import { hasSamePattern, packsNotInReplies } from "./roster.ts";
import { conditionsShown, kindOf, type StatusBlocks, statusIn } from "./status-blocks.ts";

/**
 * The truth about alarms, from replies that partly carry no pack number (product.md §4.7, rs232-v25 §4).
 *
 * | #  | Rule |
 * |----|------|
 * | 1  | A condition in an all-packs reply is set in the bank at once, without a pack. |
 * | 2  | A pack is named only by its own word: a reply that asked for this pack. |
 * | 3  | Every condition of the bank has suspects: the packs that may have it. An all-packs reply that shows it suspects every pack that can be in the reply, except those whose own word is confirmed (pack-words.ts) and lacks it. |
 * | 4  | A pack stops being a suspect when its own word lacks the condition. When no suspect is left and the last all-packs reply lacks it, the bank's condition is cleared. |
 * | 5  | An all-packs reply that lacks the condition clears all suspects that have not said themselves that they have it, but only when it has as many blocks as there are packs and none of them is doubtful. |
 * | 6  | Doubtful is a block with Indication 00, empty or not. It raises; it clears nothing. A pack's own word with Indication 00 counts as soon as later telemetry of that pack shows it live. |
 * | 7  | A pack that went away keeps what it had or may have had; a smaller number of blocks clears nothing. A pack is not suspected of what came after it went, once live packs claim every block of the replies (roster.ts). |
 * | 8  | Another number of blocks voids all naming: the words must be asked for again, the bank's conditions stay. |
 * | 9  | Raise and clear are events once per scope; `since` is kept while the condition is set, also over times without news. |
 * | 10 | In a bank of one pack its own word is the bank's word. |
 */

/** An all-packs status reply arrived. */
export function heardAllPacks(state: AlarmState, blocks: StatusBlocks, at: number, packs: KnownPacks): AlarmChange {
	const countChanged = state.blocks !== null && state.blocks.length !== blocks.length;
	const after: AlarmState = {
		...state,
		blocks,
		patternAt: hasSamePattern(state.blocks, blocks) ? state.patternAt : at,
		largestCount: Math.max(state.largestCount, blocks.length),
		...wordsAfterAll(state, blocks, at),
		voided: countChanged ? new Set([...state.voided, ...state.words.keys(), ...state.packs.keys()]) : state.voided,
	};
	const shown = conditionsShown(blocks);
	const keys = new Set([...after.bank.keys(), ...shown]);
	const complete = isComplete(blocks, packs.known.size, after.largestCount);
	const suspected = new Map([...keys].map((key) => [key, suspectsAfterAll(after, key, shown.has(key), complete, at, packs)] as const));
	const told = blocks.some((block) => kindOf(block) === "telling");
	const allHold = packs.live.size > 0 && [...packs.live.keys()].every((address) => after.words.get(address)?.conditions === "confirmed");
	const statusAt = told || allHold ? at : after.statusAt;
	return settleBank({ ...after, statusAt }, suspected, at, null);
}

/** A pack's own status arrived (asked by number). */
export function heardPack(state: AlarmState, address: number, status: PackStatus, at: number, packs: KnownPacks): AlarmChange {
	const word = newWord(status, at, state.words.get(address));
	const named = { ...state, voided: without(state.voided, address) };
	if (!status.indicationZero) return takeWord(named, address, word, packs);
	const old = state.words.get(address);
	// It says what is known of the pack already.
	if (old?.conditions === "confirmed" && word.conditions === "confirmed") return { state: named, events: [] };
	const words = old === undefined ? state.words : withEntry(state.words, address, doubted(old));
	const doubtful = { ...named, words, doubtful: withEntry(state.doubtful, address, word) };
	return raiseOnly(doubtful, address, word, packs);
}

/** Telemetry shows a pack live: its own word with Indication 00 counts, if it is older and nothing changed since. */
export function packSeenLive(state: AlarmState, address: number, at: number, packs: KnownPacks): AlarmChange {
	const word = state.doubtful.get(address);
	if (word === undefined || word.at >= at) return { state, events: [] };
	const settled = { ...state, doubtful: withoutEntry(state.doubtful, address) };
	return word.conditions !== "doubted" ? takeWord(settled, address, word, packs) : { state: settled, events: [] };
}

/** A pack is away or silent: what it said last is kept, but must be asked for again when it returns. */
export function packWentAway(state: AlarmState, address: number): AlarmState {
	const word = state.words.get(address);
	const words = word === undefined ? state.words : withEntry(state.words, address, doubted(word));
	return { ...state, words, doubtful: withoutEntry(state.doubtful, address) };
}

/**
 * A pack was heard by its own telemetry, live or away: packs that turn out not to be in the all-packs replies
 * are no longer suspected of what came since these replies look as they do.
 */
export function packLocated(state: AlarmState, at: number, packs: KnownPacks): AlarmChange {
	const elsewhere = packsNotInReplies(state, packs);
	const isSuspect = (key: ConditionKey, address: number, since: number) =>
		!elsewhere.has(address) || since < state.patternAt || state.packs.get(address)?.has(key) === true;
	const suspected = new Map(
		[...state.bank].map(([key, { suspects }]) => {
			const rest = [...suspects].filter(([address, since]) => isSuspect(key, address, since));
			return [key, new Map(rest)] as const;
		}),
	);
	return elsewhere.size === 0 ? { state, events: [] } : settleBank(state, suspected, at, null);
}

/** A pack that was expected but never seen is no longer expected: it stops being a suspect, but clears nothing. */
export function packForgotten(state: AlarmState, address: number): AlarmState {
	const bank = new Map(
		[...state.bank].map(([key, condition]) => {
			const since = condition.suspects.get(address);
			if (since === undefined) return [key, condition];
			const rest = withoutEntry(condition.suspects, address);
			return [key, { ...condition, suspects: rest.size > 0 ? rest : new Map([[UNNAMED, since]]) }];
		}),
	);
	return { ...state, bank };
}

/** Rule 5: as many blocks as there are packs, none of them doubtful. */
function isComplete(blocks: StatusBlocks, knownCount: number, largestCount: number): boolean {
	return blocks.length >= Math.max(knownCount, largestCount, 1) && blocks.every((block) => !statusIn(block).indicationZero);
}

/** Rules 3, 5 and 7: who may have a condition after an all-packs reply. */
function suspectsAfterAll(
	state: AlarmState,
	key: ConditionKey,
	shown: boolean,
	complete: boolean,
	at: number,
	packs: KnownPacks,
): ReadonlyMap<number, number> {
	const { known } = packs;
	const elsewhere = packsNotInReplies(state, packs);
	const old = state.bank.get(key)?.suspects ?? new Map<number, number>();
	const allKnown = known.size >= state.largestCount;
	const unnamedSince = old.get(UNNAMED);
	const suspects = new Map<number, number>();
	for (const address of known) {
		const word = state.words.get(address);
		const saidSince = state.packs.get(address)?.get(key);
		const wasSuspect = old.get(address) ?? (allKnown ? unnamedSince : undefined);
		const acquitted = word?.conditions === "confirmed" && !word.status.conditions.includes(key);
		if (saidSince !== undefined) suspects.set(address, old.get(address) ?? saidSince);
		else if (acquitted || (complete && !shown)) continue;
		else if (wasSuspect !== undefined) suspects.set(address, wasSuspect);
		else if (shown && !elsewhere.has(address)) suspects.set(address, at);
	}
	const unnamedStays = !allKnown && (shown || (unnamedSince !== undefined && !complete));
	if (unnamedStays || (shown && suspects.size === 0)) suspects.set(UNNAMED, unnamedSince ?? at);
	return suspects;
}

/** Rules 2 and 4: a word that counts. */
function takeWord(state: AlarmState, address: number, word: PackWord, packs: KnownPacks): AlarmChange {
	const withWord: AlarmState = {
		...state,
		...(speaksForBank(state, address, packs) ? spokenForBank(state, word) : {}),
		words: withEntry(state.words, address, word),
		doubtful: withoutEntry(state.doubtful, address),
	};
	const raised = raiseOnly(withWord, address, word, packs);
	const said = new Set(word.status.conditions);
	const own = raised.state.packs.get(address) ?? new Map<ConditionKey, number>();
	const gone = [...own].filter(([key]) => !said.has(key));
	const kept = new Map([...own].filter(([key]) => said.has(key)));
	const cleared = gone.map(([key, since]): AlarmEvent => ({ type: "condition-cleared", scope: "pack", key, pack: address, since }));
	const suspected = new Map(
		[...raised.state.bank].filter(([key]) => !said.has(key)).map(([key, { suspects }]) => [key, withoutEntry(suspects, address)] as const),
	);
	const settled = settleBank({ ...raised.state, packs: withEntry(raised.state.packs, address, kept) }, suspected, word.at, address);
	return { state: settled.state, events: [...raised.events, ...settled.events, ...cleared] };
}

/** What a word says is set, in the pack and in the bank; clears nothing. */
function raiseOnly(state: AlarmState, address: number, word: PackWord, packs: KnownPacks): AlarmChange {
	const said = word.status.conditions;
	const own = new Map(state.packs.get(address));
	const suspected = new Map<ConditionKey, ReadonlyMap<number, number>>();
	const raised: AlarmEvent[] = [];
	for (const key of said) {
		const suspects = state.bank.get(key)?.suspects ?? new Map<number, number>();
		const since = suspects.get(address) ?? word.at;
		suspected.set(key, withEntry(suspects, address, since));
		if (own.has(key)) continue;
		own.set(key, since);
		raised.push({ type: "condition-raised", scope: "pack", key, pack: address, since });
	}
	const statusAt = said.length > 0 && speaksForBank(state, address, packs) ? Math.max(word.at, state.statusAt ?? word.at) : state.statusAt;
	const bank = settleBank({ ...state, packs: withEntry(state.packs, address, own), statusAt }, suspected, word.at, address);
	return { state: bank.state, events: [...bank.events, ...raised] };
}

/** Rule 10. */
function speaksForBank(state: AlarmState, address: number, { known }: KnownPacks): boolean {
	return known.size === 1 && known.has(address) && state.largestCount <= 1;
}

/**
 * Every pack's latest word against the reply, also the doubtful ones: each explains a block. Against the first
 * reply, or one with another number of blocks, nothing can be said about words from before.
 */
function wordsAfterAll(
	{ words, doubtful, blocks: before }: AlarmState,
	now: StatusBlocks,
	at: number,
): Pick<AlarmState, "words" | "doubtful"> {
	if (before?.length !== now.length) return { words: doubtAll(words), doubtful: new Map() };
	const latest = confirmWords(new Map([...words, ...doubtful]), before, now, at);
	const settled = [...latest].filter(([address]) => !doubtful.has(address));
	return { words: new Map([...words, ...settled]), doubtful: new Map([...latest].filter(([address]) => doubtful.has(address))) };
}

function spokenForBank(state: AlarmState, word: PackWord): Pick<AlarmState, "blocks" | "statusAt"> {
	return { blocks: [{ absent: false, value: word.status }], statusAt: Math.max(word.at, state.statusAt ?? word.at) };
}

function doubtAll(words: PackWords): PackWords {
	return new Map([...words].map(([address, word]) => [address, doubted(word)]));
}
