import { LINK_NOTE_KEYS, LINK_NOTES, type LinkNote } from "../battery/link-notes.ts";
import type { LinkSnapshot } from "../battery/snapshot.ts";
import type { BusEvent } from "../bus/bus-events.ts";
import type { Pace } from "../bus/pace.ts";
import type { Exchange } from "../protocol/protocol.ts";
import { counted, EMPTY_RECORD, type LinkRecord, record, recordOfPack } from "./link-record.ts";
import { at, heardForeign, NO_STRANGERS, owed } from "./second-master.ts";
import { afterOutcome, FULL_SPEED, slowedBy } from "./slow-down.ts";

/** A second master is given way by so much, ms: its question and the battery's delay fit into the quiet. */
const YIELD = { gapMs: 200, quietMs: 150 } as const;
/** So many questions in a row that came back make an echoing adapter. */
const ECHOES_OF_AN_ADAPTER = 5;
/** Bytes of junk that are kept to be looked at. */
const JUNK_KEPT = 256;

/** A question of the poller on its way: which pack it is about, and whether its failure is news. */
interface Watched {
	readonly exchange: Exchange;
	readonly pack: number | null;
	readonly isLongShot: boolean;
	/** No answer says nothing about the line. */
	readonly saysNothing?: true;
}

/** What is noticed on one bank's line over all its openings, and how it is to be used because of it. */
export class LineWatch {
	readonly #now: () => number;
	#record: LinkRecord = EMPTY_RECORD;
	#strangers = NO_STRANGERS;
	#slowDown = FULL_SPEED;
	#echoesInRow = 0;
	/** The attempt in flight has come back. */
	#isEchoed: boolean = false;
	#junk: readonly number[] = [];
	#asked: Watched | null = null;

	constructor(now: () => number) {
		this.#now = now;
	}

	/** The poller asks; what happens to this exchange is counted for its pack. */
	asks(asked: Watched): void {
		this.#asked = asked;
	}

	/** The line was opened anew or fell silent: what was wrong may be mended, and silence has a pace of its own. */
	restart(): void {
		this.#junk = [];
		this.#slowDown = FULL_SPEED;
	}

	onEvent(event: BusEvent): void {
		const now = this.#now();
		this.#record = record(this.#record, event);
		switch (event.type) {
			case "reply":
			case "failure":
				this.#onOutcome(event, now);
				return;
			case "echo":
				this.#isEchoed = true;
				return;
			case "foreign":
				this.#strangers = heardForeign(this.#strangers, now);
				return;
			case "junk":
				this.#junk = [...this.#junk, ...event.sample].slice(-JUNK_KEPT);
				return;
			case "repeated":
		}
	}

	/** How much slower than set the line is to be used now. */
	get pace(): Pace {
		const slowed = slowedBy(this.#slowDown);
		if (!at(this.#strangers, this.#now()).isMaster) return { ...slowed, quietMs: 0 };
		return { ...slowed, extraGapMs: slowed.extraGapMs + YIELD.gapMs, quietMs: YIELD.quietMs };
	}

	/** Bytes that came and belong to no frame, the latest. */
	get junk(): Uint8Array {
		return Uint8Array.from(this.#junk);
	}

	/** The part of the link's snapshot that is counted and noticed here. */
	view(implausible: number): Partial<LinkSnapshot> {
		return { ...counted(this.#record, implausible), notes: this.#notes.map((key) => ({ key, message: LINK_NOTES[key].words })) };
	}

	get #notes(): readonly LinkNote[] {
		const isSo: Record<LinkNote, boolean> = {
			secondMaster: at(this.#strangers, this.#now()).isMaster,
			echo: this.#echoesInRow >= ECHOES_OF_AN_ADAPTER,
			slowed: this.#slowDown.level > 0,
		};
		return LINK_NOTE_KEYS.filter((key) => isSo[key]);
	}

	#onOutcome(event: Extract<BusEvent, { type: "reply" | "failure" }>, now: number): void {
		const asked = this.#asked?.exchange === event.exchange ? this.#asked : null;
		// Nobody may have the address: what is not there has no record.
		const hasRecord = isHeard(event) || !asked?.saysNothing;
		if (asked !== null && asked.pack !== null && hasRecord) this.#record = recordOfPack(this.#record, asked.pack, event, now);
		const isAnswered = isHeard(event);
		if (event.type === "failure" && event.error.kind === "timeout") this.#strangers = owed(this.#strangers, now);
		// A pack that is away costs time-outs, but the line is well.
		if (isAnswered || !(asked?.isLongShot || asked?.saysNothing)) this.#slowDown = afterOutcome(this.#slowDown, isAnswered);
		// A silent line says nothing about its adapter.
		if (this.#isEchoed) this.#echoesInRow += 1;
		else if (isAnswered) this.#echoesInRow = 0;
		this.#isEchoed = false;
	}
}

/** Whether somebody answered, if only to say no. */
function isHeard(event: Extract<BusEvent, { type: "reply" | "failure" }>): boolean {
	return event.type === "reply" || event.error.kind === "rejected" || event.error.kind === "decode";
}
