/** Unanswered questions in a row, while others are answered, after which a pack is away. */
const MISSES_UNTIL_AWAY = 2;
/** An address that never answered is tried again after this, one after the other, ms: each costs a whole time-out. */
const SEARCH_PAUSE_MS = 30_000;

/** What is known of one address on the line. */
export interface Member {
	readonly address: number;
	/** It has answered, if only to say no. */
	readonly hasAnswered: boolean;
	readonly isAway: boolean;
	readonly misses: number;
	/** Which of the protocol's ways to read it is asked. */
	readonly way: number;
	/** The best way that is worth another try when a lesser one is answered: what refused it may be over. */
	readonly retryWay: number;
	/** What it answers is not what this protocol tells: it is asked on, and nothing else until it is understood. */
	readonly isForeign: boolean;
	/** It does not know the question about its alarms; asked again after a while. */
	readonly statusRefusedAt: number | null;
	/** It was told to sleep: until then it is left alone. */
	readonly restsUntil: number;
}

const UNKNOWN_MEMBER: Omit<Member, "address"> = {
	...{ hasAnswered: false, isAway: false, misses: 0 },
	...{ way: 0, retryWay: 0, isForeign: false, statusRefusedAt: null, restsUntil: 0 },
};

/** Who answers on a line where every pack has its own address. Immutable. */
export interface AddressBook {
	/** Addresses the settings name; null searches all. */
	readonly wanted: readonly number[] | null;
	/** Addresses that are searched when the settings name none, rising. */
	readonly searched: readonly number[];
	readonly members: ReadonlyMap<number, Member>;
	/** Place in `searched` that is tried next. */
	readonly searchAt: number;
	/** Every address was tried once since the line was opened. */
	readonly hadRound: boolean;
	readonly triedAt: number;
	/** How many packs the settings tell; 0 = not told. With so many found, nobody else is looked for. */
	readonly count: number;
}

/** Addresses that are searched, and that of the first pack where packs are only counted; left out where no source tells it. */
export interface AddressRange {
	readonly first: number;
	readonly last: number;
	readonly countsFrom?: number;
}

/** `named`: the addresses of the settings, and how many packs they tell where they name none. */
export function startBook(named: readonly number[], count: number, { first, last, countsFrom }: AddressRange): AddressBook {
	const counted = countsFrom === undefined ? [] : range(countsFrom, Math.min(last, countsFrom + count - 1));
	const known = named.length > 0 ? named : counted;
	const wanted = known.length > 0 ? known : null;
	const searched = range(first, last);
	return {
		wanted,
		searched: wanted ?? searched,
		members: new Map(),
		searchAt: 0,
		hadRound: false,
		triedAt: Number.NEGATIVE_INFINITY,
		count,
	};
}

/** The address as it is known. */
export function memberAt({ members }: AddressBook, address: number): Member {
	return members.get(address) ?? { ...UNKNOWN_MEMBER, address };
}

/** Addresses the bank should have, rising: those the settings name, or those that have answered. */
export function expectedOn({ wanted, members }: AddressBook): readonly number[] {
	const answered = [...members.values()].filter(({ hasAnswered }) => hasAnswered).map(({ address }) => address);
	return [...new Set([...(wanted ?? []), ...answered])].sort((a, b) => a - b);
}

/** Expected addresses that do not answer. */
export function awayOn(book: AddressBook): ReadonlySet<number> {
	return new Set(expectedOn(book).filter((address) => memberAt(book, address).isAway));
}

/** It was told to sleep: until then nobody asks it, and after that its silence is no news. */
export function restedOn(book: AddressBook, address: number, until: number): AddressBook {
	return withMember(book, { ...memberAt(book, address), isAway: true, restsUntil: until });
}

/** Expected addresses that may be asked now. */
export function askableOn(book: AddressBook, now: number): readonly number[] {
	return expectedOn(book).filter((address) => memberAt(book, address).restsUntil <= now);
}

export function withMember(book: AddressBook, member: Member): AddressBook {
	return { ...book, members: new Map(book.members).set(member.address, member) };
}

/** It answered. */
export function heardOn(book: AddressBook, address: number): AddressBook {
	return withMember(book, { ...memberAt(book, address), hasAnswered: true, isAway: false, misses: 0 });
}

/** It did not answer; one that never did has its one turn. */
export function missedOn(book: AddressBook, address: number): AddressBook {
	const member = memberAt(book, address);
	const misses = member.misses + 1;
	return withMember(book, { ...member, misses, isAway: member.isAway || !member.hasAnswered || misses >= MISSES_UNTIL_AWAY });
}

/** It refused what it was asked, of `ways` ways to ask it: the next one is its turn. */
export function refusedOn(book: AddressBook, address: number, ways: number): AddressBook {
	const member = memberAt(book, address);
	return withMember(book, { ...member, way: Math.min(member.way + 1, ways - 1) });
}

/** What it tells is of another battery, or of another protocol that was selected. From the best way on again: that is the quickest back. */
export function foreignOn(book: AddressBook, address: number): AddressBook {
	return withMember(book, { ...memberAt(book, address), isForeign: true, way: 0, retryWay: 0 });
}

/**
 * It was read in the way that it was asked. A better one is tried once more: it may have been refused only because
 * another protocol was selected then. Refused again it is left alone: this firmware has not got all registers of it.
 */
export function understoodOn(book: AddressBook, address: number): AddressBook {
	const member = memberAt(book, address);
	return withMember(book, { ...member, way: Math.min(member.way, member.retryWay), retryWay: member.way, isForeign: false });
}

/** The line is new, or nobody answered: everybody has a new chance. Where the search stood is kept, so that it gets round. */
export function freshBook(book: AddressBook): AddressBook {
	const members = new Map(
		[...book.members].map(([address, member]) => [address, { ...member, isAway: false, misses: 0, restsUntil: 0 }] as const),
	);
	return { ...book, members, hadRound: book.hadRound && expectedOn(book).length > 0 };
}

/** The address to try now beside those that answer; null when it is not time, or the settings name all. */
export function searchTurn(book: AddressBook, now: number): number | null {
	if (book.wanted !== null || (book.count > 0 && expectedOn(book).length >= book.count)) return null;
	if (book.hadRound && now - book.triedAt < SEARCH_PAUSE_MS) return null;
	return untried(book)[0] ?? null;
}

/** While nobody answers: whom to ask, one after the other. Those that are named or have answered first. */
export function interviewRound(book: AddressBook): readonly number[] {
	const known = expectedOn(book);
	return book.wanted === null ? [...known, ...untried(book)] : known;
}

/** Addresses that never answered, from where the search stands. */
function untried({ searched, searchAt, members }: AddressBook): readonly number[] {
	const inTurn = [...searched.slice(searchAt), ...searched.slice(0, searchAt)];
	return inTurn.filter((address) => members.get(address)?.hasAnswered !== true);
}

function range(first: number, last: number): readonly number[] {
	return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** The address was tried, whatever came of it. */
export function tried(book: AddressBook, address: number, now: number): AddressBook {
	const place = book.searched.indexOf(address);
	if (place < 0) return book;
	const searchAt = (place + 1) % book.searched.length;
	return { ...book, searchAt, triedAt: now, hadRound: book.hadRound || searchAt <= book.searchAt };
}
