import type { AlarmState, KnownPacks } from "./alarm-state.ts";

/**
 * Packs whose own alarm state must be asked now, most urgent first: those whose word is missing, voided or
 * contradicted by the all-packs reply; then those whose word is ageing or whose states (not conditions) changed.
 * A pack that waits for telemetry (Indication 00) is not asked again; one without fresh telemetry only when the
 * all-packs reply has more blocks than there are live packs.
 */
export function packsToAsk(alarms: AlarmState, packs: KnownPacks, now: number, statusStaleAfterMs: number): readonly number[] {
	const urgent: number[] = [];
	const later: number[] = [];
	for (const address of [...askable(alarms, packs)].sort((a, b) => a - b)) {
		if (alarms.doubtful.get(address)?.conditionsHold === true) continue;
		const word = alarms.words.get(address);
		if (word?.conditionsHold !== true) urgent.push(address);
		else if (now - word.seenAt >= statusStaleAfterMs / 3) later.push(address);
	}
	return [...urgent, ...later];
}

function askable(alarms: AlarmState, { known, live, away }: KnownPacks): readonly number[] {
	const present = alarms.blocks?.filter((block) => !block.absent).length ?? 0;
	return present > live.size ? [...known].filter((address) => !away.has(address)) : [...live.keys()];
}
