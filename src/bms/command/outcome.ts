import { RejectedError } from "../../errors.ts";
import type { CheckedArguments } from "./check-arguments.ts";
import type { CommandResult } from "./command.ts";
import type { Place } from "./place.ts";

/** What carrying out a command came to. */
export type Outcome = Pick<CommandResult, "value" | "before" | "confirmed" | "text">;
/** Carries out one command whose arguments, class and pack were checked. */
export type Handler = (place: Place, given: CheckedArguments) => Promise<Outcome>;

/** The words of a write that was sent: `lost` says why its answer is not known. */
export function writtenWords(what: string, confirmed: boolean, lost: string | null, says: string): string {
	if (confirmed && lost === null) return `${what}: done, the battery says so.`;
	if (confirmed) return `${what}: done. The answer got lost, but the battery says so when it is asked.`;
	const answered = lost === null ? "The battery accepted it" : "The battery did not answer";
	return `${what}: not done. ${answered}, and when it is asked it says: ${says}. It was sent once and is not repeated.`;
}

/** A refusal of the battery with the reason behind it. */
export function refusal(what: string, error: RejectedError, reason: string): RejectedError {
	return new RejectedError(error.code, `${what}: the battery refused. ${reason} Nothing was changed.`, error.context, error);
}
