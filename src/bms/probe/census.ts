import { HIGHEST_ADDRESS } from "../battery/addresses.ts";
import { candidate } from "./candidates.ts";
import type { Attempt, Found, FoundPack, Miss, Outcome, ProbeState, Socket, Step } from "./plan.ts";

/** Who else is on a line on which one pack has answered. Pure, a part of the plan. */

type Census = Extract<Step, { kind: "census" }>;

/** An address hardly anybody has, to see whether addresses are looked at. */
const STRANGE_ADDRESS = 15;
/** Somebody may have answered. */
const SPOILT: readonly Miss[] = ["garbage", "broken", "others", "unreadable"];

/** A pack answered: now everything about it, and who else is there. */
export function begunCensus(state: ProbeState, attempt: Attempt, pack: FoundPack): ProbeState {
	const at = { ...attempt, address: pack.address };
	const found: Found = { ...attempt, address: pack.address, socket: socketOf(attempt, pack), count: null, packs: [pack] };
	const identify: Step = { kind: "identify", ...at };
	if (attempt.protocol !== "ascii-0x25") return { ...state, found, ahead: [identify, ...othersByAddress(at)] };
	if (found.socket === "rs232") return { ...state, found, ahead: [identify, ...relayedCount(found)] };
	return { ...state, found, ahead: [identify, { kind: "socket", ...attempt, address: STRANGE_ADDRESS }] };
}

/** A pack that answers although another was asked does not look at addresses: RS232 (rs232-v25 §4). */
function socketOf({ protocol, address }: Attempt, pack: FoundPack): Socket {
	if (protocol !== "ascii-0x25") return "rs485-inverter";
	return pack.address === address ? "unknown" : "rs232";
}

/** Only the main pack can tell of others. */
function relayedCount({ address, ...found }: Found): readonly Step[] {
	return address === 1 ? [{ kind: "count", protocol: found.protocol, baudRate: found.baudRate, address }] : [];
}

function othersByAddress(at: Attempt): readonly Step[] {
	const others = [...candidate(at.protocol).addresses].filter((address) => address !== at.address).sort((a, b) => a - b);
	return others.map((address): Step => ({ kind: "census", relayed: false, ...at, address }));
}

export function settleFound(
	state: ProbeState,
	found: Found,
	step: Exclude<Step, { kind: "listen" | "find" }>,
	outcome: Outcome,
): ProbeState {
	const at: Attempt = { protocol: found.protocol, baudRate: found.baudRate, address: found.address };
	switch (step.kind) {
		case "identify":
			return outcome.kind === "identified" ? { ...state, found: withIdentity(found, step.address, outcome) } : state;
		case "socket": {
			// The same pack again: it does not look at the address. Another, or nobody: the link of the packs.
			const isSame = outcome.kind === "answered" && outcome.pack.address === found.address;
			const next: Found = { ...found, socket: isSame ? "rs232" : "rs485-link" };
			const packs = outcome.kind === "answered" && !isSame ? withPack(found, outcome.pack) : found.packs;
			return { ...state, found: { ...next, packs }, ahead: [...state.ahead, ...(isSame ? relayedCount(found) : othersByAddress(at))] };
		}
		case "count": {
			const count = outcome.kind === "counted" ? outcome.count : null;
			if (count === 1) return { ...state, found: { ...found, count } };
			const asked = Array.from(
				{ length: HIGHEST_ADDRESS - 1 },
				(_, index): Step => ({ kind: "census", relayed: true, ...at, address: index + 2 }),
			);
			return { ...state, found: { ...found, count }, ahead: [...state.ahead, ...asked] };
		}
		case "census": {
			const packs = outcome.kind === "answered" ? withPack(found, outcome.pack) : found.packs;
			const next = { ...state, found: { ...found, packs } };
			if (step.relayed && found.count !== null && packs.length >= found.count) return { ...next, ahead: [] };
			const identify: readonly Step[] =
				outcome.kind === "answered" && !step.relayed ? [{ kind: "identify", ...at, address: outcome.pack.address }] : [];
			return { ...next, ahead: [...identify, ...askedAgain(next.found, step, outcome, state.ahead)] };
		}
	}
}

/**
 * Nothing is asked twice without a reason: an answer that came damaged, and, when all others had their turn, the packs
 * that the main pack counts and nobody has heard.
 */
function askedAgain(found: Found, step: Census, outcome: Outcome, ahead: readonly Step[]): readonly Step[] {
	if (step.again) return ahead;
	const isSpoilt = outcome.kind === "missed" && SPOILT.includes(outcome.miss);
	const later: readonly Step[] = isSpoilt ? [...ahead, { ...step, again: true }] : ahead;
	if (!step.relayed || found.count === null || !later.every(isAgain)) return later;
	const counted = Array.from({ length: Math.min(found.count, HIGHEST_ADDRESS) }, (_, index) => index + 1);
	const missing = counted.filter((address) => !found.packs.some((pack) => pack.address === address));
	const rest = later.filter(({ address }) => !missing.includes(address));
	return [...missing.map((address): Step => ({ ...step, address, again: true })), ...rest];
}

const isAgain = (step: Step): step is Census => step.kind === "census" && step.again === true;

function withPack(found: Found, pack: FoundPack): readonly FoundPack[] {
	const others = found.packs.filter(({ address }) => address !== pack.address);
	return [...others, pack].sort((a, b) => a.address - b.address);
}

function withIdentity(found: Found, address: number, { version, serial }: Extract<Outcome, { kind: "identified" }>): Found {
	return { ...found, packs: found.packs.map((pack) => (pack.address === address ? { ...pack, version, serial } : pack)) };
}
