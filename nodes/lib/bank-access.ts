import type { Node } from "node-red";
import type { Bank, ContactSource, Logger, ServerHandover } from "../../src/index.ts";
import type { BankPlan } from "./bank-plan.ts";
import type { BanksInUse } from "./banks-in-use.ts";
import { within } from "./bounded.ts";
import type { BankUser } from "./shared-bank.ts";

/** What a `rack-battery` configuration offers to the nodes that use its bank. */
export interface BankAccess {
	/** Registers a user; it is told when the bank is open, or why it is not. Returns the way to release the bank. */
	use(user: BankUser): () => Promise<void>;
	/** Set inside the Rack Battery server. */
	readonly server: ServerHandover | undefined;
	/** Makes the caller the only publisher of a bank at a broker; null when there is one already. */
	claimPublisher(bank: Bank, broker: string): (() => void) | null;
	/** The dry contacts of an open bank; null when it is not open here. */
	contactsOf(bank: Bank): ContactSource | null;
}

/** The node object of a `rack-battery` configuration. */
export interface BankConfigNode extends Node {
	bankAccess: BankAccess;
}

/** How long a configuration waits for its users when it ends, ms; a publisher needs a second to say goodbye. */
const GOODBYE_MS = 5000;

/** Who publishes what, in one Node-RED. */
export type Publishers = Map<Bank, Set<string>>;

/** The contacts of the open banks, in one Node-RED. */
export type OpenContacts = Map<Bank, ContactSource>;

function claim(publishers: Publishers, bank: Bank, broker: string): (() => void) | null {
	const brokers = publishers.get(bank) ?? new Set();
	if (brokers.has(broker)) return null;
	publishers.set(bank, brokers.add(broker));
	return () => {
		brokers.delete(broker);
		if (brokers.size === 0) publishers.delete(bank);
	};
}

/** The access of one configuration, with the way to end it: waits for its users, then releases what they left. */
export function createBankAccess(deps: {
	readonly plan: () => BankPlan;
	readonly banks: BanksInUse;
	readonly publishers: Publishers;
	readonly contacts: OpenContacts;
	readonly server: ServerHandover | undefined;
	readonly logger: Logger;
}): BankAccess & { end(): Promise<void> } {
	const inUse = new Set<() => Promise<void>>();
	const released = new Set<Promise<void>>();
	let allReleased: (() => void) | null = null;

	const use = (user: BankUser): (() => Promise<void>) => {
		let give: () => Promise<void>;
		try {
			give = deps.banks.use(deps.plan(), user, deps.logger);
		} catch (error) {
			user.failed(error);
			return async () => {};
		}
		const release = (): Promise<void> => {
			if (!inUse.delete(release)) return Promise.resolve();
			const done = give().finally(() => released.delete(done));
			released.add(done);
			if (inUse.size === 0) allReleased?.();
			return done;
		};
		inUse.add(release);
		return release;
	};

	const end = async (): Promise<void> => {
		if (inUse.size > 0) {
			const waiting = new Promise<void>((resolve) => {
				allReleased = resolve;
			});
			await within(GOODBYE_MS, waiting);
		}
		for (const release of [...inUse]) void release();
		await within(GOODBYE_MS, Promise.all(released));
	};

	return {
		use,
		end,
		server: deps.server,
		claimPublisher: (bank, broker) => claim(deps.publishers, bank, broker),
		contactsOf: (bank) => deps.contacts.get(bank) ?? null,
	};
}
