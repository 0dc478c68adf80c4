import type { ActiveCondition, BankSnapshot, LinkState, Presence } from "../../bms/battery/snapshot.ts";

/** The rows of `GET /api/vocabulary` that the page shows. */
export interface Vocabulary {
	readonly conditions: Readonly<
		Record<
			string,
			{ readonly class: "alarm" | "protection" | "fault"; readonly label: string; readonly code: string; readonly isState?: true }
		>
	>;
	readonly states: Readonly<Record<string, { readonly label: string; readonly unverified?: true }>>;
}

/** What each class of condition means for the reader. */
export const CLASS_WORDS = {
	alarm: { one: "Alarm", meaning: "a limit is near" },
	protection: { one: "Protection", meaning: "the battery intervened" },
	fault: { one: "Fault", meaning: "hardware is broken" },
} as const;

export const PRESENCE_WORDS: Readonly<Record<Presence, string>> = {
	live: "Live, but its readings are too old.",
	absent: "Away: it was asked and does not answer.",
	unknown: "Unknown: there is no fresh word from it.",
};

export const LINK_WORDS: Readonly<Record<LinkState, string>> = {
	closed: "closed",
	connecting: "connecting …",
	online: "online",
	silent: "silent: the line is open, but nobody answers",
	lost: "lost: trying again",
	asleep: "asleep (expected): near its sleep voltage it is left alone",
};

/** Where a condition is, in words. */
export function placeOf(condition: ActiveCondition): string {
	const parts = [
		condition.pack === null ? "the bank (the pack is not known yet)" : `pack ${condition.pack}`,
		condition.cell === null ? "" : `cell ${condition.cell}`,
		condition.probe === null ? "" : `temperature probe ${condition.probe}`,
	];
	return parts.filter((part) => part !== "").join(", ");
}

/** How the battery is called that is no real one. */
export function originWords(
	origin: BankSnapshot["origin"],
	replay: string | null,
): { readonly mark: string; readonly text: string } | null {
	if (origin === "simulated") return { mark: "SIMULATED", text: "This battery is simulated. No number here comes from a real one." };
	if (origin === "replayed")
		return {
			mark: "REPLAYED",
			text: `These are old answers of a real battery${replay === null ? "" : `, from ${replay}`}. They are not yours.`,
		};
	return null;
}
