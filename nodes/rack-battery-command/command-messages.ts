import type { ArmedClass, BankSnapshot, CommandProgress, CommandResult } from "../../src/index.ts";

/** Where a message comes from. */
function heading(
	{ id, origin }: BankSnapshot,
	command: string,
): { readonly topic: string; readonly bank: string; readonly simulated: boolean } {
	return { topic: `rack-battery/${id}/command/${command}`, bank: id, simulated: origin !== "real" };
}

/** What the first output sends: the result by its parts, so that Switch and Change nodes find them; the payload is the value. */
export function resultMessage(snapshot: BankSnapshot, result: CommandResult): object {
	const { command, class: commandClass, pack, value, before, confirmed, text } = result;
	return {
		...heading(snapshot, command),
		payload: value,
		command,
		class: commandClass,
		pack,
		value,
		before: before ?? null,
		confirmed: confirmed ?? null,
		text,
	};
}

/** What the second output sends while a request goes on. */
export function progressMessage(snapshot: BankSnapshot, command: string, { done, of, part }: CommandProgress): object {
	const share = of === null || of === 0 ? null : Math.round((100 * done) / of);
	return { ...heading(snapshot, command), payload: { done, of, share, part: part ?? null }, command, done, of };
}

/** What the first output sends when a class was armed, or is so no longer. */
export function armedMessage(snapshot: BankSnapshot, armed: { readonly class: ArmedClass; readonly until: number } | null): object {
	const command = armed === null ? "disarm" : "arm";
	const until = armed === null ? null : new Date(armed.until).toISOString();
	const text = armed === null ? "Nothing is armed for this node any more." : `Class ${armed.class} is armed for this node until ${until}.`;
	const value = { class: armed?.class ?? null, until };
	return {
		...heading(snapshot, command),
		payload: value,
		command,
		class: value.class,
		pack: null,
		value,
		before: null,
		confirmed: null,
		text,
	};
}
