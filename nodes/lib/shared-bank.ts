import type { Bank } from "../../src/index.ts";

/** A bank that is open, with the way to end it and all that came with it. */
export interface OpenedBank {
	readonly bank: Bank;
	/** Never rejects. */
	close(): Promise<void>;
}

/** A node that uses a bank. */
export interface BankUser {
	/** The bank is open; called once. */
	opened(bank: Bank): void;
	/** The bank could not be opened, in the error's words. `opened` may still follow when another user tries again. */
	failed(error: unknown): void;
}

/**
 * One bank for several users: the first opens it, the last closes it. Opening and closing run one after the
 * other, so that a redeploy finds the port free again.
 */
export class SharedBank {
	readonly #open: () => Promise<OpenedBank>;
	readonly #waiting = new Set<BankUser>();
	readonly #served = new Set<BankUser>();
	readonly #refused = new Set<BankUser>();
	#opened: OpenedBank | null = null;
	#tasks = 0;
	#work: Promise<void>;

	/** `after`: what must have ended before the line is opened for the first time. */
	constructor(open: () => Promise<OpenedBank>, after: Promise<void> = Promise.resolve()) {
		this.#open = open;
		this.#work = after;
	}

	/** Whether a node uses it. */
	get isUsed(): boolean {
		return this.#waiting.size + this.#served.size + this.#refused.size > 0;
	}

	/** Whether nothing is open or going on for anybody. */
	get isIdle(): boolean {
		return !this.isUsed && this.#opened === null && this.#tasks === 0;
	}

	/** Resolves when all that was begun until now has ended. */
	get settled(): Promise<void> {
		return this.#work;
	}

	/** Registers a user. The returned function releases the bank and resolves when what follows from that is done. */
	use(user: BankUser): () => Promise<void> {
		for (const refused of this.#refused) this.#waiting.add(refused);
		this.#refused.clear();
		this.#waiting.add(user);
		void this.#reconcile();
		return () => {
			for (const users of [this.#waiting, this.#served, this.#refused]) users.delete(user);
			return this.#reconcile();
		};
	}

	#reconcile(): Promise<void> {
		this.#tasks += 1;
		this.#work = this.#work.then(async () => {
			if (this.#waiting.size > 0) await this.#serve();
			if (!this.isUsed && this.#opened) await this.#close(this.#opened);
			this.#tasks -= 1;
		});
		return this.#work;
	}

	async #serve(): Promise<void> {
		try {
			this.#opened ??= await this.#open();
		} catch (error) {
			this.#tell(this.#refused, (user) => user.failed(error));
			return;
		}
		const { bank } = this.#opened;
		this.#tell(this.#served, (user) => user.opened(bank));
	}

	/** A user's own failure is that user's: the others are told all the same. */
	#tell(told: Set<BankUser>, word: (user: BankUser) => void): void {
		for (const user of [...this.#waiting]) {
			if (!this.#waiting.delete(user)) continue;
			told.add(user);
			try {
				word(user);
			} catch (error) {
				user.failed(error);
			}
		}
	}

	async #close(opened: OpenedBank): Promise<void> {
		await opened.close();
		this.#opened = null;
	}
}
