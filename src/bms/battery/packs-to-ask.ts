import type { AlarmState, KnownPacks } from "./alarm-state.ts";
import { conditionsLook, conditionsShown, kindOf, statusIn } from "./status-blocks.ts";

/** In a large bank states are asked for less often, so that cells are still read: ms a pack. */
const MS_PER_FURTHER_PACK = 4_000;

/**
 * Packs whose own alarm state must be asked now, most urgent first: those whose word is missing, voided or
 * contradicted by the all-packs reply, and those suspected of something no longer in that reply; then those
 * whose word is ageing, whose states (not conditions) changed, or that were named long ago. A pack that waits
 * for telemetry (Indication 00) is not asked again; one without fresh telemetry only when the all-packs reply
 * says something about more packs than are live.
 */
export function packsToAsk(alarms: AlarmState, packs: KnownPacks, now: number, statusStaleAfterMs: number): readonly number[] {
	const suspects = suspectsOfWhatWent(alarms);
	const renewAfterMs = statusStaleAfterMs / 3 + MS_PER_FURTHER_PACK * (packs.live.size - 1);
	const urgent: number[] = [];
	const later: number[] = [];
	for (const address of [...askable(alarms, packs)].sort((a, b) => a - b)) {
		const waiting = alarms.doubtful.get(address);
		if (waiting !== undefined && waiting.conditions !== "doubted") continue;
		const word = alarms.words.get(address);
		if (word === undefined || word.conditions === "doubted" || suspects.has(address)) urgent.push(address);
		else if (now - word.seenAt >= renewAfterMs) later.push(address);
		// Two packs that changed places between two replies look as if nothing had happened: ask what is named again.
		else if (word.status.conditions.length > 0 && now - word.at >= 4 * statusStaleAfterMs) later.push(address);
	}
	return [...mostLikelyFirst(urgent, alarms, packs), ...later];
}

/**
 * Blocks mostly come in the order of the addresses (rs232-v25 §4, quirk 1: not surely), so the pack whose place
 * in the reply looks unlike its last word is asked first, then who was not heard for longest. Only the order
 * of the questions hangs on this guess; a pack is still named by its own word alone.
 */
function mostLikelyFirst(urgent: readonly number[], { blocks, words }: AlarmState, { live }: KnownPacks): readonly number[] {
	const inOrder = [...live.keys()].sort((a, b) => a - b);
	const looksUnlike = (address: number) => {
		const block = blocks?.[inOrder.indexOf(address)];
		const word = words.get(address);
		return block !== undefined && word !== undefined && conditionsLook(statusIn(block)) !== conditionsLook(word.status) ? 0 : 1;
	};
	const heardAt = (address: number) => words.get(address)?.at ?? Number.NEGATIVE_INFINITY;
	return [...urgent].sort((a, b) => looksUnlike(a) - looksUnlike(b) || heardAt(a) - heardAt(b) || a - b);
}

function suspectsOfWhatWent({ bank, blocks }: AlarmState): ReadonlySet<number> {
	if (blocks === null) return new Set();
	const shown = conditionsShown(blocks);
	return new Set([...bank].filter(([key]) => !shown.has(key)).flatMap(([, { suspects }]) => [...suspects.keys()]));
}

function askable(alarms: AlarmState, { known, live, away }: KnownPacks): readonly number[] {
	const telling = alarms.blocks?.filter((block) => kindOf(block) === "telling").length ?? 0;
	return telling > live.size ? [...known].filter((address) => !away.has(address)) : [...live.keys()];
}
