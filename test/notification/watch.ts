import type { ConditionKey } from "../../src/bms/battery/conditions.ts";
import type { ContactState } from "../../src/bms/battery/contact.ts";
import type { ActiveCondition, BankSnapshot } from "../../src/bms/battery/snapshot.ts";
import { type ManagerState, type Notice, newState } from "../../src/notification/issue.ts";
import { readManagerState } from "../../src/notification/kept-state.ts";
import type { ToLocalTime } from "../../src/notification/local-time.ts";
import { type Command, carryOut, decide, resumed, waitMs } from "../../src/notification/manager.ts";
import { NOTIFICATION_SETTINGS, type NotificationSettings } from "../../src/notification/options.ts";
import { defaultsOf } from "../../src/settings.ts";
import { bankSnapshot } from "../support/snapshots.ts";

/** The wall clock of the tests shows UTC. */
export const utc: ToLocalTime = (at) => {
	const date = new Date(at);
	return {
		year: date.getUTCFullYear(),
		month: date.getUTCMonth() + 1,
		day: date.getUTCDate(),
		hour: date.getUTCHours(),
		minute: date.getUTCMinutes(),
	};
};

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export function condition(key: ConditionKey, pack: number | null = 2, changes: Partial<ActiveCondition> = {}): ActiveCondition {
	return { key, since: 0, pack, cell: null, probe: null, value: null, unit: null, limit: null, ...changes };
}

/** A manager on a bench: a battery that is read every second, and a clock that is moved by hand. */
export class Watch {
	readonly settings: NotificationSettings;
	now: number;
	state: ManagerState;
	snapshot: BankSnapshot;
	contacts: readonly ContactState[] = [];
	/** What went out, in order. */
	readonly sent: Notice[] = [];
	/** Called after every look, before anything else happens. */
	afterLook = () => {};
	#isReading: boolean = true;

	/** `start`: time of day of a day in November 2026, UTC. */
	constructor(start = "12:00", changes: Partial<NotificationSettings> = {}) {
		const [hours = 0, minutes = 0] = start.split(":").map(Number);
		this.now = Date.UTC(2026, 10, 23, hours, minutes);
		this.settings = { ...defaultsOf(NOTIFICATION_SETTINGS), ...changes };
		this.snapshot = bankSnapshot({ at: this.now, statusAt: this.now });
		this.state = newState("bank", "real", this.now);
		this.look();
	}

	/** "kind tag" of all that went out. */
	get told(): readonly string[] {
		return this.sent.map(({ kind, tag }) => `${kind} ${tag}`);
	}

	/** What the battery says from the next reading on. */
	set(...conditions: readonly ActiveCondition[]): this {
		const since = this.now;
		return this.say({ conditions: conditions.map((one) => ({ ...one, since: one.since || since })) });
	}

	say(changes: Partial<BankSnapshot>): this {
		this.snapshot = { ...this.snapshot, ...changes };
		return this;
	}

	/** The battery falls silent, or speaks again. */
	silent(isSilent = true): this {
		this.#isReading = !isSilent;
		return this;
	}

	look(): void {
		const { state, notices } = decide(this.state, this, this);
		this.state = state;
		this.sent.push(...notices);
		this.afterLook();
	}

	readonly toLocalTime = utc;

	/** One more reading, a second later. */
	read(readings = 1): this {
		for (let index = 0; index < readings; index++) {
			this.now += 1000;
			if (this.#isReading) this.say({ at: this.now, statusAt: this.now });
			this.look();
		}
		return this;
	}

	/** Time passes; the battery is read now and then, and the manager looks when it wants to. */
	pass(ms: number): this {
		const end = this.now + ms;
		while (this.now < end) {
			this.now = Math.min(end, this.now + waitMs(this.state, this, this));
			if (this.#isReading) this.say({ at: this.now, statusAt: this.now });
			this.look();
		}
		return this;
	}

	do(command: Command): this {
		const { state, notices } = carryOut(this.state, command, this);
		this.state = state;
		this.sent.push(...notices);
		return this;
	}

	/** The process ends and starts again, with what was saved. */
	restart(afterMs = 10_000): this {
		const kept = readManagerState(JSON.parse(JSON.stringify(this.state)));
		this.now += afterMs;
		this.state = resumed(kept, newState("bank", "real", this.now));
		this.say({ conditions: null, statusAt: null, packs: [], totals: null });
		this.look();
		return this;
	}
}
