import { RejectedError } from "../../errors.ts";
import type { InverterProtocol, StoredRecord } from "../battery/stored-record.ts";
import { clockText, clockTimeIn, driftSeconds, driftWords, localClockTime } from "./clock-time.ts";
import { type Handler, refusal, writtenWords } from "./outcome.ts";
import type { Place } from "./place.ts";
import { inverterWords, named } from "./read-commands.ts";

/** A clock counts as set when it is so near, s: the telegrams take time, and it goes on meanwhile. */
const CLOCK_TOLERANCE_S = 5;

/** Puts a write on the line; a refusal of the battery is told in words. */
async function writeOr(place: Place, what: string, reason: string, exchange: Parameters<Place["write"]>[0]): Promise<string | null> {
	try {
		return await place.write(exchange);
	} catch (error) {
		throw error instanceof RejectedError ? refusal(what, error, reason) : error;
	}
}

export const setClock: Handler = async (place, { time }) => {
	const { line, clock } = place.parts;
	const { access, pack } = place;
	if (!access.setClock || !line.clock) throw place.unsupported("setting its clock");
	const { clock: readTime } = line;
	const before = (await place.ask(readTime(pack))).localTime;
	place.parts.onBefore(before);
	const wanted = time === undefined ? localClockTime(clock.now()) : clockTimeIn(time);
	const sentAt = clock.now();
	const what = `Clock of pack ${pack} to ${clockText(wanted)}`;
	const lost = await writeOr(place, what, "It may not accept this time.", access.setClock(pack, wanted));
	const wantedNow = () => new Date(clockText(wanted)).getTime() + clock.now() - sentAt;
	const isSet = (shown: string) => Math.abs(driftSeconds(shown, wantedNow()) ?? Number.POSITIVE_INFINITY) <= CLOCK_TOLERANCE_S;
	const value = await place.settled(async () => (await place.ask(readTime(pack))).localTime, isSet);
	const confirmed = isSet(value);
	return {
		before,
		value,
		confirmed,
		text: `${writtenWords(what, confirmed, lost, value)} Before it was ${driftWords(driftSeconds(before, sentAt))}.`,
	};
};

/** One send, and then silence is what was wanted: nothing is read back, a question would wake the pack up again. */
export const shutDown: Handler = async (place) => {
	const { access, pack } = place;
	if (!access.shutDown) throw place.unsupported("a shutdown");
	await place.ask(place.parts.line.status(pack));
	const reason = "It may be locked or busy.";
	const lost = await writeOr(place, `Shutdown of pack ${pack}`, reason, access.shutDown(pack));
	const heard = lost === null ? "the battery accepted it" : "its answer did not come, as a pack that is off gives none";
	return {
		before: null,
		value: null,
		confirmed: null,
		text: `Shutdown of pack ${pack}: sent once, ${heard}. From now on it may be silent: asleep (expected). While it charges or discharges it starts again at once.`,
	};
};

export const clearRecords: Handler = async (place) => {
	const { access, pack } = place;
	const { record, clearRecords: clear } = access;
	if (!clear || !record) throw place.unsupported("deleting its records");
	const newest = () => orRefused(place, () => place.ask(record(pack, 0)));
	const before = await newest();
	place.parts.onBefore(before === REFUSED ? null : before);
	// Whoever refused or has none has not shown its address.
	if (before === REFUSED || before === null) await place.ask(place.parts.line.status(pack));
	const what = `Records of pack ${pack} deleted`;
	const lost = await writeOr(place, what, "It may not allow this.", clear(pack));
	// A pack that is busy deleting may refuse too: it is looked at again.
	const after = await place.settled(newest, (found) => found === null);
	const shown = { before: before === REFUSED ? null : before, value: after === REFUSED ? null : after };
	// Some firmwares refuse the number of a record they do not have; one that refused it before shows nothing by it.
	if (after === REFUSED && before === REFUSED) {
		const heard = lost === null ? "the battery accepted it" : "the battery did not answer";
		return {
			...shown,
			confirmed: null,
			text: `${what}: sent once, ${heard}. It lets nobody read its records, so what became of them is not known.`,
		};
	}
	const { value } = shown;
	const says = value === null ? "no records" : `a record of ${value.localTime ?? "no date"}`;
	return { ...shown, confirmed: value === null, text: writtenWords(what, value === null, lost, says) };
};

const REFUSED = "refused";

async function orRefused(
	place: Place,
	ask: () => Promise<{ readonly value: StoredRecord | null }>,
): Promise<StoredRecord | null | typeof REFUSED> {
	try {
		return (await ask()).value;
	} catch (error) {
		if (error instanceof RejectedError && !place.isCancelled) return REFUSED;
		throw error;
	}
}

export const setInverterProtocol: Handler = async (place, { mode, can, rs485 }) => {
	const { access, pack } = place;
	const { inverterProtocol: read, setInverterProtocol: write } = access;
	if (!read || !write) throw place.unsupported("setting its inverter protocol");
	const { value: before } = await place.ask(read(pack));
	place.parts.onBefore(named(before));
	// What is not said stays as it is: both codes are written together.
	const wanted: InverterProtocol =
		mode === "automatic" ? { ...before, mode: "automatic" } : { can: can ?? before.can, rs485: rs485 ?? before.rs485, mode: "manual" };
	const what = `Inverter protocol of pack ${pack}: ${wanted.mode === "automatic" ? "automatic" : inverterWords(wanted)}`;
	const lost = await writeOr(place, what, "It may not know one of these protocols.", write(pack, wanted));
	const isDone = (found: InverterProtocol) =>
		found.mode === wanted.mode && (wanted.mode === "automatic" || (found.can === wanted.can && found.rs485 === wanted.rs485));
	const value = await place.settled(async () => (await place.ask(read(pack))).value, isDone);
	const confirmed = isDone(value);
	return { before: named(before), value: named(value), confirmed, text: writtenWords(what, confirmed, lost, inverterWords(value)) };
};
