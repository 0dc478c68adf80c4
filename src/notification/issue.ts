import type { ActiveCondition, BankOrigin } from "../bms/battery/snapshot.ts";
import type { FamilyKey } from "./families.ts";
import type { Severity } from "./severity.ts";

/** One condition of an issue, as it was last seen. */
export type Detail = Pick<ActiveCondition, "key" | "cell" | "probe" | "value" | "unit" | "limit">;

/** Something that is the matter now, before anybody knows whether it is certain. */
export interface Sighting {
	/** Family and whose it is: "low_soc/2", "link/bank", "custom/boiler". */
	readonly key: string;
	readonly family: FamilyKey;
	/** Address of the pack; null for the bank. */
	readonly pack: number | null;
	readonly severity: Severity;
	/** Since when, milliseconds since the epoch. */
	readonly since: number;
	readonly details: readonly Detail[];
	/** Title and words of whoever told it; null where the details say it. */
	readonly title: string | null;
	readonly text: string | null;
}

/** A change of severity that is not certain yet. */
export interface Pending {
	readonly direction: "up" | "down";
	/** When it was seen first, and the reading it was counted in last. */
	readonly at: number;
	readonly reading: number | null;
	readonly reads: number;
}

/** What is the matter, with what was told about it. Times are milliseconds since the epoch. */
export interface Issue extends Sighting {
	/** The thread on the phone; stays when an unnamed alarm gets its pack. */
	readonly tag: string;
	/** Certain severity; null while it is not certain that anything is the matter. */
	readonly confirmed: Severity | null;
	readonly pending: Pending | null;
	/** When the message about it went out first, at this severity; null while it did not. */
	readonly toldAt: number | null;
	readonly lastToldAt: number | null;
	readonly acknowledgedAt: number | null;
	readonly snoozedUntil: number | null;
	/** Steps of the escalation that were told. */
	readonly step: number;
}

/** A line of the digest: what was held back, once for each issue. */
export interface DigestLine {
	readonly key: string;
	readonly sighting: Sighting;
	/** When it ended; null while it lasts. */
	readonly endedAt: number | null;
	/** How often it came. */
	readonly times: number;
}

/**
 * What a message is about. `worse`: it became graver. `repeat`: it lasts. `escalated`: it lasts and nobody has
 * acknowledged it. `cleared`: it has ended. `note`: a word of the flow's that has no end. `acknowledged`: somebody takes care.
 */
export type NoticeKind = "raised" | "worse" | "repeat" | "escalated" | "cleared" | "acknowledged" | "note" | "digest" | "test";

/** A message that is to go out; words and shape are made of it elsewhere. */
export interface Notice {
	readonly kind: NoticeKind;
	/** Urgency of the message itself: an all-clear is information whatever it clears. */
	readonly severity: Severity;
	/** To be shown without sound. */
	readonly silent: boolean;
	readonly tag: string;
	/** Step of the escalation, 0 for the first message. */
	readonly step: number;
	readonly at: number;
	/** What it is about; null for digest and test. */
	readonly sighting: Sighting | null;
	/** Lines of a digest. */
	readonly lines: readonly DigestLine[];
	/** Whether buttons make sense. */
	readonly isOpen: boolean;
}

/** Everything the manager remembers; kept over restarts. */
export interface ManagerState {
	readonly version: 1;
	readonly bank: string;
	readonly origin: BankOrigin;
	readonly issues: readonly Issue[];
	readonly digest: readonly DigestLine[];
	/** When messages below critical went out, within the last hour. */
	readonly sentAt: readonly number[];
	/** Since when this run watches; only the battery's silence is counted from it. */
	readonly startedAt: number;
	/** Whether this run has seen what is set: word of information that was there before is no news. */
	readonly hasLooked: boolean;
}

export function newState(bank: string, origin: BankOrigin, now: number): ManagerState {
	return { version: 1, bank, origin, issues: [], digest: [], sentAt: [], startedAt: now, hasLooked: false };
}

/** Thread of a family and a pack; at most 55 characters, so that a button fits into the 64 bytes Telegram allows. */
export function tagOf(bank: string, family: FamilyKey | "digest" | "test", owner: string): string {
	return `rb-${bank}-${family}-${owner}`.slice(0, 55);
}
