import type { BankRegistry, PublisherState, RegisteredBank } from "../bank-registry.ts";
import type { BankOrigin, BankSnapshot } from "../bms/battery/snapshot.ts";

/** What is fixed from the start to the end of the server. */
export interface ServerFacts {
	readonly version: string;
	/** Id of *bank of this server*. */
	readonly bankId: string;
	readonly origin: BankOrigin;
	/** File that is replayed; null when none is. */
	readonly replay: string | null;
	/** Whether the broker of this server is the built-in one. */
	readonly hasOwnBroker: boolean;
	/** Address of the broker of this server, without user and password. */
	readonly brokerUrl: string;
	/** Path of the flow editor. */
	readonly editorPath: string;
}

/** A bank with what publishes it. */
export interface BankStatus {
	readonly snapshot: BankSnapshot;
	readonly publishers: readonly PublisherState[];
}

/** Everything the status page shows. */
export interface ServerStatus {
	/** Time of this server, milliseconds since the epoch: ages are counted from it. */
	readonly now: number;
	readonly server: ServerFacts;
	/** Open banks, the bank of this server first. */
	readonly banks: readonly BankStatus[];
}

const statusOf = ({ bank, publishers }: RegisteredBank): BankStatus => ({
	snapshot: bank.snapshot,
	publishers: [...publishers].map((state) => state()),
});

/** The whole status now. */
export function serverStatus(registry: BankRegistry, facts: ServerFacts, now: number): ServerStatus {
	const banks = registry.list().map(statusOf);
	const isOwn = ({ snapshot }: BankStatus) => snapshot.id === facts.bankId;
	return { now, server: facts, banks: [...banks.filter(isOwn), ...banks.filter((bank) => !isOwn(bank))] };
}

/** An open bank by its id; without one the bank of this server, or else the first that is open. */
export function snapshotOf(registry: BankRegistry, facts: ServerFacts, id?: string): BankSnapshot | null {
	const snapshots = registry.list().map(({ bank }) => bank.snapshot);
	if (id !== undefined) return snapshots.find((snapshot) => snapshot.id === id) ?? null;
	return snapshots.find((snapshot) => snapshot.id === facts.bankId) ?? snapshots[0] ?? null;
}
