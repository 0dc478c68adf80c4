import type { Clock } from "../../clock.ts";
import { BmsError, CommandError, messageOf, TransportError } from "../../errors.ts";
import type { Reading } from "../battery/readings.ts";
import type { BankOrigin, PackSnapshot } from "../battery/snapshot.ts";
import type { Exchange, PackAccess } from "../protocol/protocol.ts";
import type { CommandName, CommandRequest } from "./command.ts";
import type { CommandStore } from "./command-store.ts";
import type { LineAccess } from "./line-access.ts";

/** Puts a question on the line. Rejects with a LineError, or a CommandError while there is no line. */
export type Ask = <T>(
	exchange: Exchange<T>,
	options: { readonly priority: "high" | "normal"; readonly attempts?: number; readonly signal?: AbortSignal },
) => Promise<T>;

interface Replied {
	readonly repliedBy: number;
}

export interface PlaceParts {
	readonly ask: Ask;
	readonly command: CommandName;
	readonly bank: { readonly bank: string; readonly origin: BankOrigin };
	/** The pack meant. */
	readonly pack: number;
	readonly line: LineAccess;
	readonly store: CommandStore;
	/** Time of the battery. */
	readonly clock: Clock;
	/** Time of this machine. */
	readonly worldClock: Clock;
	/** What the snapshot says about the pack meant now. */
	readonly snapshot: () => PackSnapshot | undefined;
	/** Takes over what was read. */
	readonly apply: (reading: Reading) => void;
	readonly request: Pick<CommandRequest, "signal" | "onProgress">;
	/** Told what the battery said before anything was written, so that it is known whatever follows. */
	readonly onBefore: (before: unknown) => void;
	/** Throws when its class may not be written any more: looking at the battery takes time. Null for a command that only reads. */
	readonly allowWrite: (() => void) | null;
}

/** Waits before a pack is looked at again that does not show yet what was written, ms. */
const SETTLE_MS = [0, 250, 500, 1000] as const;

/**
 * Where one command works: a pack at the end of a line. Holds every write to the rules: only after a read that this
 * very pack answered, only once, and only for a command that may write.
 */
export class Place {
	readonly parts: PlaceParts;
	/** The other side is what the protocol takes it for. */
	#isProven: boolean = false;
	/** The pack meant has just answered a question, and nothing happened since. */
	#isSeen: boolean = false;
	/** Something may have been written: from here on the command is not cut off. */
	#isWritten: boolean = false;

	constructor(parts: PlaceParts) {
		this.parts = parts;
	}

	get pack(): number {
		return this.parts.pack;
	}

	/** What the protocol can beyond polling. Throws a CommandError when that is nothing. */
	get access(): PackAccess {
		const { access } = this.parts.line;
		if (access === null) throw this.unsupported();
		return access;
	}

	/** The error for what the protocol cannot. */
	unsupported(what = `"${this.parts.command}"`): CommandError {
		return new CommandError("unsupported", `The battery cannot be asked for ${what} over this port and protocol.`);
	}

	/** Asks the pack meant. Rejects when another pack answers, and as cancelled when the asker gave up. */
	async ask<T extends Replied>(exchange: Exchange<T>, priority: "high" | "normal" = "high"): Promise<T> {
		this.#isSeen = false;
		this.throwIfCancelled();
		const { signal } = this.parts.request;
		try {
			const reply = await this.parts.ask(exchange, { priority, ...(signal && !this.#isWritten ? { signal } : {}) });
			this.#checkPack(reply);
			this.#isSeen = true;
			return reply;
		} catch (error) {
			this.throwIfCancelled();
			throw error;
		}
	}

	/** Has the other side prove what it is, before anything is written to it. */
	async prove(): Promise<void> {
		for (const proof of this.parts.line.access?.proofs?.(this.pack) ?? []) await this.ask(proof);
		this.#isProven = true;
	}

	/**
	 * Puts a write on the line, once. Returns null when the pack acknowledged it, else in words why that is not known:
	 * a read must show what became of it. Rejects with a RejectedError when the battery said no.
	 */
	async write(exchange: Exchange<Replied>): Promise<string | null> {
		this.throwIfCancelled();
		const { allowWrite, pack, command } = this.parts;
		if (allowWrite === null) throw new Error(`${command} may not write`);
		if (!this.#isProven) throw new Error(`${command} did not have the battery prove what it is`);
		if (!this.#isSeen) throw new Error(`${command} did not look before it wrote`);
		// What was begun is carried to its end: a set of limits that is half written is worse.
		if (!this.#isWritten) allowWrite();
		this.#isSeen = false;
		this.#isWritten = true;
		try {
			const { repliedBy } = await this.parts.ask(exchange, { priority: "high", attempts: 1 });
			if (repliedBy === pack) return null;
			throw new CommandError("wrong-pack", `It was meant for pack ${pack}, but pack ${repliedBy} answered: look at both of them.`);
		} catch (error) {
			if (error instanceof TransportError)
				throw new CommandError(
					"not-confirmed",
					`The line was lost while it was written, so it is not known whether it was done: ${error.message}`,
				);
			if (error instanceof BmsError && error.kind !== "rejected" && error.kind !== "command") return messageOf(error);
			throw error;
		}
	}

	/** Reads until it shows what was wanted, or long enough; returns what was read last. Rejects when nothing can be read. */
	async settled<T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
		let last: { readonly value: T } | null = null;
		let trouble: unknown = null;
		for (const pause of SETTLE_MS) {
			if (pause > 0) await this.#pause(pause);
			try {
				last = { value: await read() };
				if (isDone(last.value)) break;
			} catch (error) {
				trouble = error;
			}
		}
		if (last !== null) return last.value;
		throw new CommandError("not-confirmed", `It was written once, but what the battery made of it cannot be read: ${messageOf(trouble)}`);
	}

	/** Tells how far it is. A listener that breaks does not end the command. */
	progress(done: number, of: number | null, part?: unknown): void {
		try {
			this.parts.request.onProgress?.({ done, of, ...(part === undefined ? {} : { part }) });
		} catch {
			// Its own mistake.
		}
	}

	/** Throws when the asker gave up and nothing was written yet. */
	throwIfCancelled(): void {
		if (!this.#isWritten && this.isCancelled) throw new CommandError("cancelled", "The command was cancelled; nothing was written.");
	}

	get isCancelled(): boolean {
		return this.parts.request.signal?.aborted === true;
	}

	#checkPack({ repliedBy }: Replied): void {
		const { pack, line } = this.parts;
		if (repliedBy === pack) return;
		const what = line.reach === "cabled" ? `The cable is in pack ${repliedBy}: plug it into pack ${pack}` : `Pack ${repliedBy} answered`;
		throw new CommandError("wrong-pack", `${what}. Nothing was written to pack ${repliedBy}.`);
	}

	#pause(ms: number): Promise<void> {
		return new Promise((resolve) => {
			this.parts.clock.after(ms, resolve);
		});
	}
}
