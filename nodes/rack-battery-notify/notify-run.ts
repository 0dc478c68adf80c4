import {
	type Bank,
	type BankSnapshot,
	type ContactSource,
	carryOutNotification,
	decideNotification,
	type ManagerState,
	memoryOf,
	type Notice,
	type NotificationCommand,
	type NotificationSettings,
	newManagerState,
	notificationWaitMs,
	resumedManager,
	type ToLocalTime,
} from "../../src/index.ts";

export interface NotifyRunDeps {
	readonly bank: Bank;
	/** The bank's dry contacts; null when there are none to ask. */
	readonly contacts: ContactSource | null;
	readonly settings: NotificationSettings;
	readonly toLocalTime: ToLocalTime;
	/** State from before a restart; null for none. */
	readonly kept: ManagerState | null;
	/** Called after every look with what is to be told; `isNews` when the list of what is the matter has changed. */
	looked(state: ManagerState, notices: readonly Notice[], isNews: boolean): void;
	/** Told when there is something new to keep. */
	keep(state: ManagerState): void;
}

/** Looks with every snapshot, contact and command, and when time alone makes something due; carries the state. */
export class NotifyRun {
	readonly #deps: NotifyRunDeps;
	readonly #stopListening: () => void;
	readonly #stopContacts: () => void;
	#state: ManagerState;
	#memory: string;
	#cancel: () => void = () => {};

	constructor(deps: NotifyRunDeps) {
		this.#deps = deps;
		const { bank, contacts, kept } = deps;
		const { id, origin } = bank.snapshot;
		this.#state = resumedManager(kept, newManagerState(id, origin, bank.clock.now()));
		this.#memory = memoryOf(this.#state);
		this.#stopListening = bank.subscribe(() => this.#look());
		this.#stopContacts = contacts?.subscribe(() => this.#look()) ?? (() => {});
		this.#look();
	}

	get state(): ManagerState {
		return this.#state;
	}

	/** Carries out what somebody wants. */
	command(command: NotificationCommand): void {
		this.#after(carryOutNotification(this.#state, command, this.#terms()));
	}

	stop(): void {
		this.#stopListening();
		this.#stopContacts();
		this.#cancel();
	}

	#terms() {
		const { bank, settings, toLocalTime } = this.#deps;
		return { settings, now: bank.clock.now(), toLocalTime };
	}

	#inputs(): { readonly snapshot: BankSnapshot; readonly contacts: ContactSource["states"] } {
		const { bank, contacts } = this.#deps;
		return { snapshot: bank.snapshot, contacts: contacts?.states ?? [] };
	}

	#look(): void {
		this.#after(decideNotification(this.#state, this.#inputs(), this.#terms()));
	}

	#after({ state, notices }: { readonly state: ManagerState; readonly notices: readonly Notice[] }): void {
		this.#state = state;
		const memory = memoryOf(state);
		const isNews = memory !== this.#memory;
		this.#memory = memory;
		if (isNews) this.#deps.keep(state);
		this.#deps.looked(state, notices, isNews);
		this.#cancel();
		this.#cancel = this.#deps.bank.clock.after(notificationWaitMs(state, this.#inputs(), this.#terms()), () => this.#look());
	}
}
