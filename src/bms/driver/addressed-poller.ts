import type { LineError } from "../../errors.ts";
import { addressesIn } from "../address-list.ts";
import type { LiveAnswer, PackProtocol } from "../protocol/protocol.ts";
import {
	type AddressBook,
	type AddressRange,
	askableOn,
	awayOn,
	expectedOn,
	foreignOn,
	freshBook,
	heardOn,
	interviewRound,
	memberAt,
	missedOn,
	refusedOn,
	restedOn,
	searchTurn,
	startBook,
	tried,
	understoodOn,
	withMember,
} from "./address-book.ts";
import { type Asked, type BankPoller, isTriedOtherwise, type PollerParts } from "./bank-poller.ts";
import { ParameterRound } from "./parameter-round.ts";
import { FIRST_POLL, nextPoll, type PollState } from "./poll-schedule.ts";
import { isRegular, isSameQuestion, packAsked, packExchange, type Question } from "./question.ts";

/** A pack that does not know the question about its alarms is asked it again after this, ms. */
const STATUS_REFUSED_MS = 60_000;
/** Least time between two questions to packs that are away, in time-outs: so much of the line they may cost. */
const AWAY_TURN_TIMEOUTS = 10;
/** While nobody answers, the last of a round of addresses count as silence: as many as make a line silent. */
const COUNTED_MISSES = 3;

/** Read once on every connection, and of a pack that was away, where the protocol has them. */
const IDENTITY = ["version", "serials"] as const;

export interface AddressedParts extends PollerParts {
	readonly protocol: PackProtocol;
	/** Addresses that are searched when the settings name none. */
	readonly search: AddressRange;
	readonly firstByteTimeoutMs: number;
}

/** A pack is asked in a way of several requests that has begun, or in the next way after a refusal. */
interface Begun {
	readonly pack: number;
	readonly parts: readonly unknown[];
	readonly flags: Pick<Asked, "isLongShot" | "endsCycle">;
}

/** Polls packs that answer for themselves, each at its own address (RS485); the list of addresses may have gaps. */
export class AddressedPoller implements BankPoller {
	readonly #parts: AddressedParts;
	readonly #parameters: ParameterRound;
	#book: AddressBook;
	#poll: PollState = FIRST_POLL;
	/** Somebody answered since the line was opened, or since it was silent. */
	#hasHeard: boolean = false;
	/** Addresses still to be asked while nobody answers. */
	#round: readonly number[] = [];
	#afterMiss = false;
	#begun: Begun | null = null;
	/** Packs that were asked who they are on this connection, and have not been away since. */
	readonly #identified = new Set<number>();
	/** Questions to ask once, each in its turn. */
	#wanted: readonly Question[] = [];

	constructor(parts: AddressedParts) {
		const { store, settings, search, protocol } = parts;
		this.#parts = parts;
		this.#book = startBook(addressesIn(settings.addresses), settings.packs, search);
		this.#parameters = new ParameterRound(protocol.access);
		store.setAddressed(true);
		store.expectPacks(expectedOn(this.#book));
	}

	/** Every pack has its own cable to the line. */
	get cabledPack(): null {
		return null;
	}

	restart(): void {
		this.#hasHeard = false;
		this.#round = [];
		this.#identified.clear();
		this.#afterMiss = false;
		this.#begun = null;
		this.#wanted = [];
		this.#poll = FIRST_POLL;
		this.#book = freshBook(this.#book);
		this.#parameters.restart();
	}

	letSleep(pack: number, until: number): boolean {
		this.#book = restedOn(this.#book, pack, until);
		this.#wanted = this.#wanted.filter((wanted) => packAsked(wanted) !== pack);
		if (this.#begun?.pack === pack) this.#begun = null;
		const away = awayOn(this.#book);
		return expectedOn(this.#book).some((other) => !away.has(other));
	}

	next(): Asked {
		const begun = this.#begun;
		if (begun !== null) return this.#askLive(begun.pack, begun.parts, begun.flags);
		return this.#hasHeard ? this.#scheduled() : this.#interview();
	}

	answered(asked: Asked, { readings, part }: LiveAnswer): void {
		const { store, clock } = this.#parts;
		const pack = packAsked(asked.question);
		this.#afterMiss = false;
		this.#wanted = this.#wanted.filter((wanted) => !isSameQuestion(wanted, asked.question));
		if (pack !== null) this.#hear(pack);
		if (part !== undefined && pack !== null) {
			const { isLongShot, endsCycle } = this.#begun?.flags ?? asked;
			this.#begun = { pack, parts: [...(this.#begun?.parts ?? []), part], flags: { isLongShot, endsCycle } };
			return;
		}
		this.#begun = null;
		if (pack !== null && asked.question.kind === "telemetry") this.#book = understoodOn(this.#book, pack);
		for (const reading of readings) store.apply(reading, clock.now());
		const { question } = asked;
		if (pack !== null && isRegular(question)) this.#identify(pack);
		if (question.kind === "parameters") this.#parameters.read(question.pack, question.groups, clock.now());
		this.#endCycle(asked);
	}

	failed(asked: Asked, error: LineError): void {
		const { question } = asked;
		const now = this.#parts.clock.now();
		const pack = packAsked(question);
		this.#afterMiss = isRegular(question);
		this.#begun = null;
		this.#wanted = this.#wanted.filter((wanted) => !isSameQuestion(wanted, question));
		if (question.kind === "parameters") this.#parameters.failed(question.pack, question.groups, error, now);
		if (pack !== null) {
			if (error.kind === "rejected" || error.kind === "decode") this.#refused(pack, asked, error, now);
			else if (error.kind === "timeout" && isRegular(question)) this.#miss(pack);
		}
		// Asked in another way at once: whether it is this kind of battery at all must not wait for its next turn.
		const { isLongShot, endsCycle } = asked;
		if (pack !== null && isTriedOtherwise(asked, error)) this.#begun = { pack, parts: [], flags: { isLongShot, endsCycle } };
		else this.#endCycle(asked);
	}

	/** Whoever says no, or says something that cannot be read, is there; nothing of it is shown. */
	#refused(pack: number, { question }: Asked, error: LineError, now: number): void {
		this.#hear(pack);
		if (error.code === "foreign-map" && question.kind === "telemetry") this.#findForeign(pack);
		if (error.code !== "unknown-command") return;
		if (question.kind === "telemetry") this.#book = refusedOn(this.#book, pack, this.#parts.protocol.liveWays?.length ?? 1);
		if (question.kind === "status") this.#book = withMember(this.#book, { ...memberAt(this.#book, pack), statusRefusedAt: now });
	}

	/** Nothing but its measurements is asked until they are understood; then everything about it anew. */
	#findForeign(pack: number): void {
		this.#book = foreignOn(this.#book, pack);
		this.#forgetWhoItIs(pack);
		this.#wanted = this.#wanted.filter((wanted) => packAsked(wanted) !== pack);
	}

	#hear(pack: number): void {
		const before = this.#book;
		if (!memberAt(before, pack).hasAnswered) this.#parts.logger.info(`address ${pack} answers`);
		this.#hasHeard = true;
		this.#book = heardOn(before, pack);
		this.#expect(before);
	}

	/** Who it is, once a connection, and when it was away. */
	#identify(pack: number): void {
		if (this.#identified.has(pack)) return;
		this.#identified.add(pack);
		const known = IDENTITY.filter((kind) => this.#parts.protocol[kind] !== undefined);
		this.#wanted = [...this.#wanted, ...known.map((kind): Question => ({ kind, pack }))];
	}

	#miss(pack: number): void {
		const wasAway = memberAt(this.#book, pack).isAway;
		this.#book = missedOn(this.#book, pack);
		if (memberAt(this.#book, pack).isAway && !wasAway) this.#forgetWhoItIs(pack);
		// Told again as often as it is asked again: its absence stays known.
		const isMissing = this.#hasHeard && memberAt(this.#book, pack).isAway && expectedOn(this.#book).includes(pack);
		if (isMissing) this.#parts.store.packMissing(pack);
	}

	/** When it answers again, another pack may stand there. */
	#forgetWhoItIs(pack: number): void {
		this.#identified.delete(pack);
		this.#parameters.forget(pack);
	}

	/** While nobody answers: one address after the other. */
	#interview(): Asked {
		if (this.#round.length === 0) this.#round = interviewRound(this.#book);
		const [pack = this.#book.searched[0] ?? 1, ...rest] = this.#round;
		this.#round = rest;
		this.#book = tried(this.#book, pack, this.#parts.clock.now());
		const isSearch = rest.length >= COUNTED_MISSES;
		return this.#askLive(pack, [], { isLongShot: false, endsCycle: false, ...(isSearch ? { saysNothing: true } : {}) });
	}

	#scheduled(): Asked {
		const { protocol, settings, clock, firstByteTimeoutMs } = this.#parts;
		const now = clock.now();
		const book = this.#book;
		const packs = askableOn(book, now);
		const away = awayOn(book);
		const there = packs.filter((pack) => !away.has(pack));
		const isRefused = (pack: number) => now - (memberAt(book, pack).statusRefusedAt ?? Number.NEGATIVE_INFINITY) < STATUS_REFUSED_MS;
		const sought = searchTurn(book, now);
		const isSearch = sought !== null && (!book.hadRound || this.#poll.hadCycle);
		const { question, state, endsCycle } = nextPoll(this.#poll, {
			now,
			packs,
			alone: null,
			packsToAsk: [],
			away,
			statusShare: settings.statusShare,
			statusApart: protocol.liveWays === undefined && !there.every(isRefused),
			answersAll: false,
			answersEach: true,
			afterMiss: this.#afterMiss,
			awayTurnMs: AWAY_TURN_TIMEOUTS * firstByteTimeoutMs,
			extras: [...(isSearch ? [{ kind: "telemetry", selector: sought } as const] : []), ...this.#extras(there, now)],
		});
		this.#poll = state;
		const pack = packAsked(question) ?? packs[0] ?? 1;
		if (isSearch && question.kind === "telemetry" && pack === sought) {
			this.#book = tried(book, sought, now);
			return this.#askLive(pack, [], { isLongShot: true, endsCycle, saysNothing: true });
		}
		const flags = { isLongShot: away.has(pack) || !memberAt(book, pack).hasAnswered || !isRegular(question), endsCycle };
		if (question.kind === "telemetry") return this.#askLive(pack, [], flags);
		if (question.kind === "parameters") this.#parameters.asked(now);
		const exchange = packExchange(protocol, question);
		if (exchange === null) return this.#askLive(pack, [], flags);
		return { question, exchange, ...flags, ...(isRegular(question) ? {} : { saysNothing: true }) };
	}

	/** Questions beside polling, of packs that answer: who they are first. */
	#extras(there: readonly number[], now: number): readonly Question[] {
		if (!this.#poll.hadCycle) return [];
		const understood = there.filter((pack) => !memberAt(this.#book, pack).isForeign);
		const due = this.#parameters.due(understood, now, awayOn(this.#book).size > 0);
		return [
			...this.#wanted.filter((question) => there.includes(packAsked(question) ?? -1)),
			...(due === null ? [] : [{ kind: "parameters", ...due } as const]),
		];
	}

	/** Measurements of a pack, with its alarms where one request tells both. */
	#askLive(pack: number, parts: readonly unknown[], flags: Omit<Asked, "question" | "exchange">): Asked {
		const { protocol } = this.#parts;
		const question = { kind: "telemetry", selector: pack } as const;
		const { liveWays = [] } = protocol;
		const { way } = memberAt(this.#book, pack);
		const exchange = liveWays[way]?.(pack, parts) ?? packExchange(protocol, question);
		if (exchange === null) throw new RangeError(`pack ${pack} cannot be asked`);
		return { question, exchange, ...flags, ...(way + 1 < liveWays.length ? { hasOtherWay: true } : {}) };
	}

	#expect(before: AddressBook): void {
		const packs = expectedOn(this.#book);
		if (packs.join() === expectedOn(before).join()) return;
		this.#parts.logger.info(`packs of the bank: ${packs.join(", ")}`);
		this.#parts.store.expectPacks(packs);
	}

	#endCycle(asked: Asked): void {
		if (!asked.endsCycle) return;
		this.#parameters.cycleEnded();
		this.#parts.store.endCycle();
	}
}
