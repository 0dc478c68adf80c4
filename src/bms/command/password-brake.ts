import type { Clock } from "../../clock.ts";
import { CommandError } from "../../errors.ts";

/** Wrong passwords in a row that cost no waiting. */
const FREE_FAILURES = 3;
/** Wait after the first wrong password that costs one, ms; it doubles with every further one. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 5 * 60_000;
/** Passwords that wait to be looked at; more at once is somebody who guesses. */
const MOST_WAITING = 4;

/**
 * Makes whoever guesses a password wait. There is one for every password, and so one for all banks that share it: or
 * every bank would give new guesses.
 */
export class PasswordBrake {
	readonly #clock: Clock;
	/** Wrong passwords in a row. */
	#failures = 0;
	/** Before this time no password is looked at. */
	#waitUntil = 0;
	#last: Promise<unknown> = Promise.resolve();
	#waiting = 0;

	/** `clock`: the time of this machine. */
	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** One after the other, or many at once would be many guesses for one wait. */
	inTurn(task: () => Promise<void>): Promise<void> {
		if (this.#waiting >= MOST_WAITING) return Promise.reject(new CommandError("busy", "Too many passwords at once; try again later."));
		this.#waiting += 1;
		const turn = this.#last.then(task).finally(() => {
			this.#waiting -= 1;
		});
		this.#last = turn.catch(() => undefined);
		return turn;
	}

	/** Compares a password, and counts what was wrong. Throws a CommandError when it is, or must not be looked at yet. */
	async check(isRight: () => Promise<boolean>): Promise<void> {
		const wait = this.waitMs;
		if (wait > 0)
			throw new CommandError(
				"wrong-password",
				`The password was wrong too often: wait ${Math.ceil(wait / 1000)} s. This one was not looked at.`,
			);
		if (await isRight()) {
			this.#failures = 0;
			return;
		}
		this.#failures += 1;
		this.#waitUntil = this.#clock.now() + waitAfter(this.#failures);
		throw new CommandError("wrong-password", "This is not the administrator's password.");
	}

	/** How long no password is looked at, ms. */
	get waitMs(): number {
		// A clock that was set back must not lock anybody out for longer than the wait itself.
		return Math.min(Math.max(0, this.#waitUntil - this.#clock.now()), LONGEST_WAIT_MS);
	}
}

function waitAfter(failures: number): number {
	if (failures < FREE_FAILURES) return 0;
	return Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - FREE_FAILURES, 16), LONGEST_WAIT_MS);
}
