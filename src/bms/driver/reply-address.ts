import { DecodeError } from "../../errors.ts";
import type { BankSnapshot } from "../battery/snapshot.ts";

/** So many answers in a row from another address mean that the cable was moved to that pack. */
const ANSWERS_OF_A_MOVE = 10;

/** How often in a row another pack than the cabled one seems to have answered. */
export interface ReplyAddress {
	readonly other: number | null;
	readonly inRow: number;
}

export const AS_KNOWN: ReplyAddress = { other: null, inRow: 0 };

/** What is known of the bank when an answer comes. `cabled`: the pack that has the cable; null while that is not known. */
export interface KnownAddress {
	readonly cabled: number | null;
	/** No other pack is known: one that stands alone answers as 0 to some questions and as 1 to others (frames of a P16S100A-1812). */
	readonly isAlone: boolean;
}

/** Looks at the address of an answer. */
export function nextReplyAddress({ other, inRow }: ReplyAddress, repliedBy: number, { cabled, isAlone }: KnownAddress): ReplyAddress {
	if (cabled === null || repliedBy === cabled) return AS_KNOWN;
	if (isAlone && (repliedBy === 0 || cabled === 0)) return AS_KNOWN;
	return { other: repliedBy, inRow: other === repliedBy ? inRow + 1 : 1 };
}

/** Whether the answer may be believed: it comes from the known address, or all do come from the other one by now. */
export function isBelievable({ other, inRow }: ReplyAddress): boolean {
	return other === null || inRow >= ANSWERS_OF_A_MOVE;
}

/** Keeps an eye on the addresses of one bank's answers. */
export class ReplyAddressCheck {
	#seen = AS_KNOWN;

	/** Throws a DecodeError for an answer that bears another address than the cabled pack's, as long as not all do. */
	check(repliedBy: number, { packs, link }: BankSnapshot, cabled: number | null): void {
		this.#seen = nextReplyAddress(this.#seen, repliedBy, { cabled, isAlone: packs.length <= 1 });
		if (isBelievable(this.#seen)) return;
		const message = `${link.port}: an answer bears address ${repliedBy}, but the cable is in pack ${cabled}. Is another device on this line?`;
		throw new DecodeError("implausible", message, { port: link.port });
	}
}
