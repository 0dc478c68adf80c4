import { type Clock, systemClock } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import { backoffMs } from "../bus/backoff.ts";
import { pause } from "../driver/pause.ts";
import type { BankSettings } from "../options.ts";
import { openTransport } from "../transport/open-transport.ts";
import type { Traffic } from "../transport/traffic-ring.ts";
import type { Transport } from "../transport/transport.ts";
import type { SettingName } from "./candidates.ts";
import { DEFAULT_PLAN, type PlanOptions, SPEEDS, settingOf } from "./plan.ts";
import { probe } from "./probe.ts";
import { isGateway, type Verdict, verdictOf } from "./verdict.ts";
import { type VerdictWords, verdictWords } from "./verdict-words.ts";

/** What the setting `auto` stands for on this line. */
export interface ResolvedProtocol {
	readonly protocol: SettingName;
	readonly baudRate: number;
	/** Packs that answered for themselves, or through the main pack. */
	readonly addresses: readonly number[];
}

export interface AutoParts {
	readonly settings: Pick<BankSettings, "port" | "baudRate">;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Ends the search. */
	readonly signal: AbortSignal;
	/** Random number in 0..1 for the jitter between two searches. */
	readonly random: () => number;
	/** Instead of the transport that the port names; it keeps its speed. */
	readonly transport?: Transport;
	/** Told after a search that found nothing. */
	readonly onNothing?: (verdict: Verdict, words: VerdictWords) => void;
	/** Told when a search begins. */
	readonly onSearch?: () => void;
	/** Told of every byte of a search. */
	readonly onTraffic?: (traffic: Traffic) => void;
}

/** Longest time of one search, ms. */
const SEARCH_LIMIT_MS = 180_000;

/** The speeds worth trying at a port: a gateway keeps its own. */
export function speedsFor(port: string, baudRate: number): readonly number[] {
	return isGateway(port) ? [baudRate] : [baudRate, ...SPEEDS.filter((speed) => speed !== baudRate)];
}

/** The plan of a search at a port. */
export function planFor(port: string, baudRate: number, given: Partial<PlanOptions> = {}): PlanOptions {
	return { ...DEFAULT_PLAN, baudRates: speedsFor(port, baudRate), ...given };
}

/**
 * Finds out what the battery speaks, however long it takes: searches, waits with back-off, searches again. Resolves
 * with null when it was ended. Never rejects. Asking wakes a sleeping pack on RS232: the log says so.
 */
export async function resolveProtocol(parts: AutoParts): Promise<ResolvedProtocol | null> {
	const { settings, clock = systemClock, logger, signal, random, transport, onNothing, onSearch, onTraffic } = parts;
	const { port, baudRate } = settings;
	const plan = planFor(port, baudRate, transport ? { baudRates: [transport.baudRate ?? baudRate] } : {});
	for (let attempt = 1; !signal.aborted; attempt++) {
		if (attempt === 1) logger.info(`${port}: finds out what the battery speaks; on RS232 the questions wake a sleeping pack`);
		onSearch?.();
		const state = await probe({
			plan,
			limitMs: SEARCH_LIMIT_MS,
			openAt: (speed) => transport ?? openTransport({ port, baudRate: speed, clock }),
			clock,
			logger,
			signal,
			...(onTraffic ? { onTraffic } : {}),
		});
		if (signal.aborted) break;
		const verdict = verdictOf(state, { port });
		const words = verdictWords(verdict, "en-US", state.ended === "time-up");
		if (state.found) {
			logger.info(`${port}: ${words.summary}`);
			const { baudRate: speed, packs } = state.found;
			return { protocol: settingOf(state.found), baudRate: speed, addresses: packs.map(({ address }) => address) };
		}
		// Told once; the state of the link goes on to show it.
		if (attempt === 1) logger.warn(`${port}: ${[words.summary, ...words.advice].join(" ")}`);
		onNothing?.(verdict, words);
		await pause(clock, backoffMs(attempt, random()), signal);
	}
	return null;
}
