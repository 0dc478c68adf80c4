import type { LineError } from "../../errors.ts";
import type { AnyReading, Reading } from "../battery/readings.ts";
import type { LiveAnswer, Protocol } from "../protocol/protocol.ts";
import type { Asked, BankPoller, PollerParts } from "./bank-poller.ts";
import { ParameterRound } from "./parameter-round.ts";
import { FIRST_POLL, nextPoll, type PollState } from "./poll-schedule.ts";
import { exchangeFor, isRegular, isSameQuestion, packAsked, type Question } from "./question.ts";
import {
	answersAll,
	answersEach,
	askable,
	expected,
	hear,
	miss,
	type RollCall,
	standsAlone,
	startRollCall,
	tryAgain,
} from "./roll-call.ts";

/** How often the number of packs is asked for again, ms. */
const RECOUNT_MS = 60_000;

/** A pack that left a question about its own alarms unanswered is not asked that again for this long, ms. */
const STATUS_MISS_PAUSE_MS = 10_000;

/** What is asked until anybody answers: the shortest first; each tells the cabled pack's address by its ADR. */
const INTERVIEW: readonly Question[] = [{ kind: "packCount" }, { kind: "status", selector: "all" }, { kind: "telemetry", selector: 1 }];
/** Read once after every connect; only the cabled pack can be asked (rs232-v25 §4). */
const IDENTITY: readonly Question[] = [{ kind: "version" }, { kind: "serials" }];
/** Addresses to try: the main pack's, and that of a pack that stands alone (RS232 does not check it, rs232-v25 §4). */
const INTERVIEW_ADDRESSES = [1, 0] as const;

interface CabledParts extends PollerParts {
	readonly protocol: Protocol;
}

/** Polls a bank through the pack with the cable, which answers for all (RS232). */
export class Poller implements BankPoller {
	readonly #parts: CabledParts;
	#roll: RollCall;
	#poll: PollState = FIRST_POLL;
	/** Somebody answered since the line was opened, or since it was silent. */
	#hasHeard: boolean = false;
	#interviewed = 0;
	#afterMiss = false;
	#recountAt = 0;
	/** When packs last left a question about their own alarms unanswered. */
	readonly #statusMissedAt = new Map<number, number>();
	readonly #parameters: ParameterRound;
	/** Questions to ask once, each in its turn. */
	#wanted: readonly Question[] = [];

	constructor(parts: CabledParts) {
		this.#parts = parts;
		this.#roll = startRollCall(parts.settings.packs);
		this.#parameters = new ParameterRound(parts.protocol.access);
		parts.store.setAddressed(false);
		parts.store.expectPacks(expected(this.#roll));
	}

	restart(): void {
		this.#hasHeard = false;
		this.#interviewed = 0;
		this.#afterMiss = false;
		this.#recountAt = this.#parts.clock.now();
		this.#wanted = IDENTITY;
		this.#parameters.restart();
		this.#poll = FIRST_POLL;
		this.#roll = tryAgain(this.#roll);
	}

	get cabledPack(): number | null {
		return this.#roll.cabled;
	}

	/** Every question goes through the pack with the cable, the only one that can be told to sleep. */
	letSleep(): boolean {
		return false;
	}

	next(): Asked {
		const { cabled } = this.#roll;
		return this.#hasHeard && cabled !== null ? this.#scheduled(cabled) : this.#interview();
	}

	answered(asked: Asked, { readings }: LiveAnswer): void {
		for (const reading of readings) this.#heard(asked, reading);
		this.#endCycle(asked);
	}

	#heard(asked: Asked, reading: AnyReading): void {
		const { store, clock } = this.#parts;
		const before = this.#roll;
		this.#hasHeard = true;
		this.#afterMiss = false;
		this.#roll = hear(before, reading);
		if (before.cabled !== this.#roll.cabled) this.#cableMoved(before.cabled, reading.repliedBy);
		this.#forget(asked.question);
		this.#expect(before);
		if (reading.kind === "parameters" && asked.question.kind === "parameters")
			this.#parameters.read(asked.question.pack, asked.question.groups, clock.now());
		if (this.#isOurs(reading)) store.apply(reading, clock.now());
	}

	/** The cable is in another pack, or this one has other DIP switches: its serial number tells. */
	#cableMoved(from: number | null, to: number): void {
		const { store, logger } = this.#parts;
		logger.info(`the cable is in the pack with address ${to}`);
		const isKnown = store.snapshot.packs.some(({ address, identity }) => address === to && identity !== null);
		if (from !== null && !isKnown) this.#wanted = IDENTITY;
	}

	failed(asked: Asked, error: LineError): void {
		const { question } = asked;
		const before = this.#roll;
		if (question.kind === "parameters") this.#parameters.failed(question.pack, question.groups, error, this.#parts.clock.now());
		this.#afterMiss = isRegular(question);
		this.#forget(question);
		const pack = packAsked(question);
		if (question.kind === "status" && pack !== null) this.#statusMissedAt.set(pack, this.#parts.clock.now());
		// A damaged frame costs its sample and says nothing about who is there.
		if (this.#hasHeard && (error.kind === "timeout" || error.kind === "rejected")) {
			this.#roll = miss(before, question);
			this.#expect(before);
			this.#tellAway(pack);
		}
		this.#endCycle(asked);
	}

	#interview(): Asked {
		const round = Math.floor(this.#interviewed / INTERVIEW.length);
		const question = INTERVIEW[this.#interviewed % INTERVIEW.length] ?? { kind: "packCount" };
		const addresses = this.#roll.cabled === null ? INTERVIEW_ADDRESSES : [this.#roll.cabled, ...INTERVIEW_ADDRESSES];
		this.#interviewed += 1;
		return this.#ask(question, addresses[round % addresses.length] ?? 1, { isLongShot: false, endsCycle: false });
	}

	#scheduled(cabled: number): Asked {
		const { store, settings, clock } = this.#parts;
		const now = clock.now();
		this.#recount(cabled);
		const roll = this.#roll;
		const { question, state, endsCycle } = nextPoll(this.#poll, {
			now,
			packs: askable(roll),
			alone: standsAlone(roll) ? roll.ownSelector : null,
			packsToAsk: store.packsToAsk.filter((pack) => now - (this.#statusMissedAt.get(pack) ?? 0) >= STATUS_MISS_PAUSE_MS),
			away: roll.away,
			statusShare: settings.statusShare,
			answersAll: answersAll(roll),
			answersEach: answersEach(roll),
			afterMiss: this.#afterMiss,
			statusApart: true,
			extras: [
				...this.#wanted.filter((wanted) => this.#poll.hadCycle || !IDENTITY.includes(wanted)),
				...this.#parameterQuestion(cabled, now),
			],
		});
		this.#poll = state;
		if (question.kind === "parameters") this.#parameters.asked(now);
		const pack = packAsked(question);
		const isUncertain = pack !== null && !standsAlone(roll) && (roll.away.has(pack) || !roll.seen.has(pack));
		const flags = { isLongShot: isUncertain || !isRegular(question), endsCycle };
		return this.#ask(question, cabled, question.kind === "parameters" ? { ...flags, saysNothing: true } : flags);
	}

	#ask(question: Question, address: number, flags: Omit<Asked, "question" | "exchange">): Asked {
		const exchange = exchangeFor(this.#parts.protocol, question, address);
		if (exchange !== null) return { question, exchange, ...flags };
		return this.#ask({ kind: "packCount" }, address, flags);
	}

	/** Only the pack with the cable has parameters that can be read (rs232-v25 §4). */
	#parameterQuestion(cabled: number, now: number): readonly Question[] {
		const due = this.#poll.hadCycle ? this.#parameters.due([cabled], now, this.#roll.away.size > 0) : null;
		return due === null ? [] : [{ kind: "parameters", ...due }];
	}

	/**
	 * Packs may have come. In a bank of several every all-packs reply counts them, which is preferred to 90h
	 * (rs232-v25 §7); a pack that stands alone at address 1 is asked for all packs once in a while.
	 */
	#recount(cabled: number): void {
		const now = this.#parts.clock.now();
		if (now < this.#recountAt) return;
		this.#recountAt = now + RECOUNT_MS;
		const hadAll = answersAll(this.#roll);
		this.#roll = tryAgain(this.#roll);
		if (cabled !== 1) return;
		if (standsAlone(this.#roll)) this.#wanted = [{ kind: "status", selector: "all" }, ...this.#wanted];
		else if (!hadAll) this.#wanted = [{ kind: "packCount" }, ...this.#wanted];
	}

	/** Whatever became of a question that is asked once: it was asked. */
	#forget(question: Question): void {
		this.#wanted = this.#wanted.filter((wanted) => !isSameQuestion(wanted, question));
	}

	#expect(before: RollCall): void {
		const packs = expected(this.#roll);
		if (packs.join() === expected(before).join()) return;
		this.#parts.logger.info(`packs of the bank: ${packs.join(", ")}`);
		this.#parts.store.expectPacks(packs);
	}

	/** An empty block for an address that is only tried out does not make a pack. */
	#isOurs(reading: AnyReading): boolean {
		if (reading.kind !== "telemetry" || reading.asked === "all" || reading.repliedBy !== 1) return true;
		return reading.blocks[0]?.absent === false || expected(this.#roll).includes(reading.asked);
	}

	/** A pack that leaves questions unanswered while others answer is away, like one whose block is empty. */
	#tellAway(pack: number | null): void {
		const { cabled, away } = this.#roll;
		if (pack === null || cabled === null || standsAlone(this.#roll)) return;
		if (!away.has(pack) || !expected(this.#roll).includes(pack)) return;
		const reading: Reading = { kind: "telemetry", repliedBy: cabled, asked: pack, blocks: [{ absent: true }] };
		this.#parts.store.apply(reading, this.#parts.clock.now());
	}

	#endCycle(asked: Asked): void {
		if (!asked.endsCycle) return;
		this.#parameters.cycleEnded();
		this.#parts.store.endCycle();
	}
}
