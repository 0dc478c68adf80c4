import { DIP_ADDRESSES } from "../bms/battery/addresses.ts";
import type { PackSnapshot } from "../bms/battery/snapshot.ts";
import { serialOf } from "./discovery-config.ts";

/** What is needed of a pack to know it again. */
export type KnownPack = Pick<PackSnapshot, "address" | "presence" | "identity">;

/** Numbers in the ids of packs, by their addresses. */
export type PackNumbers = ReadonlyMap<number, number>;

/** What the numbers are worked out from. */
export interface NumbersKnown {
	readonly packs: readonly KnownPack[];
	/** Address of the pack with the cable, the only one that tells its serial number; null where every pack does. */
	readonly cabledPack: number | null;
	/** Serial numbers by number, as they were last announced; null where none was told. */
	readonly kept: ReadonlyMap<number, string | null>;
	/** The numbers given until now. */
	readonly before: PackNumbers;
}

/**
 * Which number each pack has in its ids, and with it its entities and their history in Home Assistant. It is the
 * address at which the pack was first announced: a pack whose DIP switches were changed is known again by its
 * serial number, where that can be read, and keeps its number. Who is away, or is only the former address of
 * another one, has none when its number is taken.
 */
export function packNumbers({ packs, cabledPack, kept, before }: NumbersKnown): PackNumbers {
	const given = new Map<number, number>();
	const taken = new Set<number>();
	const give = (address: number, number: number | undefined): boolean => {
		if (number === undefined || taken.has(number) || given.has(address)) return false;
		given.set(address, number);
		taken.add(number);
		return true;
	};
	const cabledSerial = tellingSerial(packs.find(({ address }) => address === cabledPack));
	const isFormerly = (pack: KnownPack) => cabledSerial !== null && pack.address !== cabledPack && tellingSerial(pack) === cabledSerial;
	const isLive = (pack: KnownPack) => pack.presence === "live" && !isFormerly(pack);
	const live = packs.filter(isLive);
	const serials = live.map((pack) => (cabledPack === null || pack.address === cabledPack ? tellingSerial(pack) : null));
	for (const [index, { address }] of live.entries()) {
		const serial = serials[index] ?? null;
		// Two packs with one serial number: it tells nothing.
		if (serial === null || serials.filter((one) => one === serial).length > 1) continue;
		const homes = [...kept].filter(([, one]) => one === serial).map(([number]) => number);
		give(address, [before.get(address), address].find((number) => number !== undefined && homes.includes(number)) ?? homes[0]);
	}
	const away = packs.filter((pack) => !isLive(pack));
	for (const { address } of live) give(address, before.get(address));
	for (const { address } of live) give(address, address);
	for (const { address } of away) give(address, before.get(address));
	for (const pack of away) {
		// The address that a pack has left gets no number of its own: the pack has one, wherever it is.
		const serial = tellingSerial(pack);
		const homes = serial === null ? [] : [...kept].filter(([, one]) => one === serial).map(([number]) => number);
		const isElsewhere = serial !== null && packs.some((one) => one !== pack && given.has(one.address) && tellingSerial(one) === serial);
		if (homes.length > 0 ? !homes.includes(pack.address) : isElsewhere) continue;
		give(pack.address, pack.address);
	}
	for (const { address } of live) {
		if (!given.has(address)) give(address, firstFree(taken, kept));
	}
	return given;
}

/** A number nobody has and nobody had, rather than one that somebody had. */
function firstFree(taken: ReadonlySet<number>, kept: ReadonlyMap<number, string | null>): number | undefined {
	const free = DIP_ADDRESSES.filter((number) => !taken.has(number));
	return free.find((number) => !kept.has(number)) ?? free[0];
}

/** A serial number that is one: some boards have only zeros or blanks there. */
function tellingSerial(pack: KnownPack | undefined): string | null {
	const serial = serialOf(pack?.identity)?.trim() ?? "";
	return serial.length < 3 || /^(.)\1*$/.test(serial) ? null : serial;
}
