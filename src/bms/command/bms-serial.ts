import { DecodeError, RejectedError, TimeoutError } from "../../errors.ts";
import type { ReadingOf } from "../battery/readings.ts";
import type { Place } from "./place.ts";

/**
 * The serial numbers of the pack at the end of the line, asked now: another battery may have its address since it was
 * polled, and a line that was opened for one job has not asked yet. Null where the protocol or this firmware does not tell them.
 */
export async function serialsNow(place: Place): Promise<ReadingOf<"serials"> | null> {
	const exchange = place.parts.line.serials?.(place.pack);
	if (exchange === undefined) return null;
	try {
		const reading = await place.ask(exchange);
		place.parts.apply(reading);
		return reading;
	} catch (error) {
		if (error instanceof RejectedError || error instanceof DecodeError) return null;
		throw error;
	}
}

/** The same, where a firmware that leaves the question unanswered must not stop what is done. */
export async function serialsIfTold(place: Place): Promise<ReadingOf<"serials"> | null> {
	try {
		return await serialsNow(place);
	} catch (error) {
		if (error instanceof TimeoutError && !place.isCancelled) return null;
		throw error;
	}
}
