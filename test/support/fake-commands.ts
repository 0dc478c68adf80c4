import {
	type ArmedClass,
	type BankCommands,
	COMMAND_NAMES,
	CommandError,
	type CommandProgress,
	type CommandRequest,
	type CommandResult,
	commandOf,
	type WriteAccess,
} from "../../src/index.ts";

/** What a test makes of one request. */
export interface Held {
	readonly request: CommandRequest;
	progress(progress: CommandProgress): void;
	succeed(result?: Partial<CommandResult>): void;
	fail(error: Error): void;
}

/** Commands of a bank whose battery is the test: every request waits until it is answered by hand, or is ended by its signal. */
export class FakeCommands implements BankCommands {
	readonly held: Held[] = [];
	readonly #listeners = new Set<() => void>();
	readonly #waiting: { readonly count: number; readonly found: () => void }[] = [];
	readonly password: string;
	access: WriteAccess = { enabled: ["comfort", "control", "parameter"], hasPassword: true, armed: null };

	constructor(password = "a secret") {
		this.password = password;
	}

	run(request: CommandRequest): Promise<CommandResult> {
		const command = COMMAND_NAMES.find((name) => name === request.command);
		if (command === undefined) return Promise.reject(new CommandError("unknown", `There is no command "${request.command}".`));
		return new Promise((resolve, reject) => {
			request.signal?.addEventListener("abort", () => reject(new CommandError("cancelled", "Ended: nothing more is asked.")));
			this.held.push({
				request,
				progress: (progress) => request.onProgress?.(progress),
				succeed: (result = {}) =>
					resolve({ command, class: commandOf(command).class, pack: 1, value: "the value", text: "It says so.", ...result }),
				fail: reject,
			});
			for (const { count, found } of this.#waiting) if (this.held.length >= count) found();
		});
	}

	/** The request of that number, from 1, when it has come. */
	async request(number: number): Promise<Held> {
		if (this.held.length < number) await new Promise<void>((found) => this.#waiting.push({ count: number, found }));
		const held = this.held[number - 1];
		if (held === undefined) throw new Error(`Request ${number} has not come.`);
		return held;
	}

	async arm({ class: wanted, password, caller }: Parameters<BankCommands["arm"]>[0]): Promise<void> {
		if (password !== this.password) throw new CommandError("wrong-password", "The administrator's password is another one.");
		this.#set({ class: wanted as ArmedClass, caller, until: Date.UTC(2026, 10, 29, 12) });
	}

	disarm(): void {
		this.#set(null);
	}

	setPassword(): Promise<void> {
		return Promise.reject(new CommandError("unsupported", "The fake keeps its password."));
	}

	reaches(pack: number): boolean {
		return pack === 1;
	}

	offers(): boolean {
		return true;
	}

	onAccess(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#set(armed: WriteAccess["armed"]): void {
		this.access = { ...this.access, armed };
		for (const listener of [...this.#listeners]) listener();
	}
}
