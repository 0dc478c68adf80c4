import type { Clock } from "../../clock.ts";
import type { LineError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { BatteryStore } from "../battery/store-interface.ts";
import type { BankSettings } from "../options.ts";
import type { Exchange, LiveAnswer } from "../protocol/protocol.ts";
import type { Question } from "./question.ts";

export interface PollerParts {
	readonly store: BatteryStore;
	readonly settings: Pick<BankSettings, "packs" | "addresses" | "statusShare">;
	readonly clock: Clock;
	readonly logger: Logger;
}

/** A question on its way. */
export interface Asked {
	readonly question: Question;
	readonly exchange: Exchange<LiveAnswer>;
	/** It may well get no answer: asked once only, and its failure is no news. */
	readonly isLongShot: boolean;
	/** Nobody may have this address, or a battery may not know the question: no answer says nothing about the line. */
	readonly saysNothing?: true;
	/** Refused, it is asked in another way at once: only what that one tells is news. */
	readonly hasOtherWay?: true;
	/** After it every pack's cells were asked for once. */
	readonly endsCycle: boolean;
}

/** Whether it was only the way to ask that was refused: the next one will tell. */
export function isTriedOtherwise({ hasOtherWay }: Asked, { code }: LineError): boolean {
	return hasOtherWay === true && code === "unknown-command";
}

/** Decides what to ask, and puts what was heard into the store. Knows the packs, not the line. */
export interface BankPoller {
	/** The line was opened anew or was silent: who is there must be found out again. */
	restart(): void;
	/** DIP address of the cabled pack; null before the first reply, and where every pack answers for itself. */
	readonly cabledPack: number | null;
	/** A pack was told to sleep, and is left alone until then. Returns whether others are there to be read on. */
	letSleep(pack: number, until: number): boolean;
	/** Chooses the next question. */
	next(): Asked;
	/** A question was answered. */
	answered(asked: Asked, answer: LiveAnswer): void;
	/** A question failed; the line is still there. */
	failed(asked: Asked, error: LineError): void;
}
