import type { Clock } from "../../clock.ts";
import { BmsError, CommandError, messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { ParameterGroupKey } from "../battery/parameters.ts";
import type { Reading } from "../battery/readings.ts";
import type { BankSnapshot } from "../battery/snapshot.ts";
import type { SwitchKey } from "../battery/switches.ts";
import { Armory } from "./armory.ts";
import { auditArguments } from "./audit-arguments.ts";
import { type CheckedArguments, checkArguments, checkCommand } from "./check-arguments.ts";
import {
	type BankCommands,
	type CommandClass,
	type CommandName,
	type CommandRequest,
	type CommandResult,
	classOf,
	commandOf,
	type WriteAccess,
	type WriteClass,
} from "./command.ts";
import type { AuditEntry, CommandStore } from "./command-store.ts";
import { HANDLERS, isOffered } from "./handlers.ts";
import type { LineAccess } from "./line-access.ts";
import { checkOnline, checkReach, packMeant, reachesPack } from "./pack-meant.ts";
import { PasswordBrake } from "./password-brake.ts";
import { type Ask, Place } from "./place.ts";

/** Commands that may wait or be under way at once; more at once is no person any more. */
const MOST_AT_ONCE = 32;

export interface BankCommandsParts {
	readonly ask: Ask;
	/** What the line can; null while nobody knows what is at its end. */
	readonly line: () => LineAccess | null;
	readonly snapshot: () => BankSnapshot;
	readonly apply: (reading: Reading, at: number) => void;
	/** Classes that the bank's settings enable. */
	readonly enabled: readonly WriteClass[];
	readonly store: CommandStore;
	/** Time of the battery, which may be faster than the world's. */
	readonly clock: Clock;
	/** Time of this machine: arming and the audit log go by it. */
	readonly worldClock: Clock;
	readonly logger: Logger;
	/** A pack was told to sleep: its silence is no trouble. */
	readonly onShutDown?: (pack: number) => void;
}

/** The commands of a bank, with the way to end them. */
export interface OwnedBankCommands extends BankCommands {
	/** Refuses everything from now on; leaves no timer. */
	close(): void;
}

/** A command that has passed everything but the battery. */
interface Admitted {
	readonly command: CommandName;
	readonly class: CommandClass;
	readonly given: CheckedArguments;
	readonly pack: number;
	readonly line: LineAccess;
	readonly attempt: Attempt;
}

/** What is known of an attempt for the audit log, as it becomes known. */
interface Attempt {
	command: string;
	class: CommandClass | null;
	pack: number | null;
	arguments: Readonly<Record<string, unknown>>;
	before?: unknown;
}

/** The one place between everybody who commands and the line: nothing else sends what changes a battery. */
export function createBankCommands(parts: BankCommandsParts): OwnedBankCommands {
	return new Commands(parts);
}

class Commands implements OwnedBankCommands {
	readonly #parts: BankCommandsParts;
	readonly #armory: Armory;
	readonly #writtenListeners = new Set<(command: CommandName, pack: number) => void>();
	#atOnce = 0;
	/** One write after the other: the read before it must still be true. */
	#lastWrite: Promise<unknown> = Promise.resolve();
	#isClosed: boolean = false;

	constructor(parts: BankCommandsParts) {
		this.#parts = parts;
		const { store, worldClock, enabled, logger } = parts;
		this.#armory = new Armory({
			password: store.password,
			brake: store.brake ?? new PasswordBrake(worldClock),
			clock: worldClock,
			enabled,
			logger,
			audit: ({ command, class: armed, caller, code, text }) =>
				this.#record({ caller, phase: code === "ok" ? "ended" : "refused", command, class: armed, pack: null, arguments: {}, code, text }),
		});
	}

	get access(): WriteAccess {
		return this.#armory.access;
	}

	onAccess(listener: () => void): () => void {
		return this.#armory.onAccess(listener);
	}

	onWritten(listener: (command: CommandName, pack: number) => void): () => void {
		this.#writtenListeners.add(listener);
		return () => this.#writtenListeners.delete(listener);
	}

	arm(wanted: Parameters<BankCommands["arm"]>[0]): Promise<void> {
		return this.#isClosed ? Promise.reject(closedError()) : this.#armory.arm(wanted);
	}

	disarm(caller: CommandRequest["caller"]): void {
		this.#armory.disarm(caller);
	}

	setPassword(change: Parameters<BankCommands["setPassword"]>[0]): Promise<void> {
		return this.#isClosed ? Promise.reject(closedError()) : this.#armory.setPassword(change);
	}

	reaches(pack: number): boolean {
		return reachesPack(this.#parts.line(), this.#parts.snapshot(), pack);
	}

	offers(command: CommandName, part?: SwitchKey | ParameterGroupKey): boolean {
		return isOffered(this.#parts.line(), command, part);
	}

	audit(count: number): Promise<readonly AuditEntry[]> {
		return this.#parts.store.audit.last(count);
	}

	close(): void {
		this.#isClosed = true;
		this.#writtenListeners.clear();
		this.#armory.close();
	}

	async run(request: CommandRequest): Promise<CommandResult> {
		const attempt: Attempt = { command: nameIn(request.command), class: null, pack: null, arguments: auditArguments(request.arguments) };
		try {
			if (this.#atOnce >= MOST_AT_ONCE) throw new CommandError("busy", "Too many commands are under way; try again later.");
			this.#atOnce += 1;
			try {
				const admitted = this.#admit(request, attempt);
				return admitted.class === "read"
					? await this.#carryOut(admitted, request)
					: await this.#inTurn(() => this.#write(request, attempt));
			} finally {
				this.#atOnce -= 1;
			}
		} catch (error) {
			if (attempt.class !== "read") await this.#recordFailure(request, attempt, error);
			throw error;
		}
	}

	/** Everything that can be known before the line is asked, in the order in which it is told. */
	#admit({ command: name, arguments: wanted, caller }: CommandRequest, attempt: Attempt): Admitted {
		const command = checkCommand(name);
		attempt.command = command;
		// Told before the arguments are sound, so that a bad one of a write is logged as a write's.
		attempt.class = classOf(command, isObject(wanted) ? wanted : {});
		const given = checkArguments(command, wanted);
		const commandClass = classOf(command, { ...given });
		attempt.class = commandClass;
		attempt.arguments = { ...given };
		if (commandClass !== "read") this.#armory.check(commandClass, caller);
		const line = this.#parts.line();
		if (this.#isClosed) throw closedError();
		const { isLocal } = commandOf(command);
		const snapshot = this.#parts.snapshot();
		if (!isLocal) checkOnline(snapshot);
		if (line === null) throw new CommandError("not-connected", "It is not known yet what the battery speaks on this line.");
		const pack = packMeant(line, snapshot, given.pack, commandClass !== "read");
		attempt.pack = pack;
		if (!isLocal) checkReach(line, snapshot, pack);
		if (!isOffered(line, command))
			throw new CommandError("unsupported", `"${command}" cannot be asked of the battery over this port and protocol.`);
		return { command, class: commandClass, given, pack, line, attempt };
	}

	async #write(request: CommandRequest, attempt: Attempt): Promise<CommandResult> {
		// It may have waited for others: what held then need not hold now.
		const admitted = this.#admit(request, attempt);
		if (request.signal?.aborted) throw new CommandError("cancelled", "The command was cancelled; nothing was written.");
		const { caller } = request;
		await this.#begin({ caller, ...attempt });
		const result = await this.#carryOut(admitted, request).finally(() => this.#tellWritten(admitted));
		const { before, value: after, confirmed, text } = result;
		if (admitted.command === "shut-down") this.#parts.onShutDown?.(result.pack);
		const ended = { before: before ?? null, after, confirmed: confirmed ?? null };
		await this.#record({ caller, ...attempt, ...ended, phase: "ended", code: confirmed === false ? "not-confirmed" : "ok", text });
		return result;
	}

	/** A listener's mistake must not end the others. */
	#tellWritten({ command, pack }: Admitted): void {
		for (const listener of [...this.#writtenListeners]) {
			try {
				listener(command, pack);
			} catch (error) {
				this.#parts.logger.error(`A listener of the commands failed: ${messageOf(error)}`);
			}
		}
	}

	async #carryOut({ command, class: commandClass, given, pack, line, attempt }: Admitted, request: CommandRequest): Promise<CommandResult> {
		const { ask, apply, store, clock, worldClock, snapshot } = this.#parts;
		const { id: bank, origin } = snapshot();
		const place = new Place({
			ask,
			command,
			bank: { bank, origin },
			pack,
			line,
			store,
			clock,
			worldClock,
			snapshot: () => snapshot().packs.find(({ address }) => address === pack),
			apply: (reading) => apply(reading, clock.now()),
			request,
			onBefore: (before) => {
				attempt.before = before;
			},
			allowWrite: commandClass === "read" ? null : () => this.#armory.check(commandClass, request.caller),
		});
		try {
			if (commandClass !== "read" && !commandOf(command).isLocal) await place.prove();
			return { command, class: commandClass, pack, ...(await HANDLERS[command](place, given)) };
		} catch (error) {
			// The protocol's own bounds: what the wire cannot carry.
			throw error instanceof RangeError ? new CommandError("out-of-range", `It cannot be sent: ${error.message}`, {}, error) : error;
		}
	}

	#inTurn<T>(task: () => Promise<T>): Promise<T> {
		const turn = this.#lastWrite.then(task, task);
		this.#lastWrite = turn.catch(() => undefined);
		return turn;
	}

	/** What is about to be written is logged first; a log that cannot be written stops it. */
	async #begin(entry: Omit<AuditEntry, "at" | "bank" | "origin" | "phase" | "code" | "text">): Promise<void> {
		try {
			await this.#parts.store.audit.append(this.#stamped({ ...entry, phase: "begun", code: "ok", text: "" }));
		} catch (error) {
			throw new CommandError("not-saved", `The audit log cannot be written, so nothing was done: ${messageOf(error)}`);
		}
	}

	#recordFailure({ caller }: CommandRequest, attempt: Attempt, error: unknown): Promise<void> {
		const code = error instanceof BmsError ? error.code : "failed";
		if (!(error instanceof BmsError))
			this.#parts.logger.error(`${attempt.command} failed: ${error instanceof Error ? error.stack : messageOf(error)}`);
		// Sent, and nobody knows what became of it: that is no refusal.
		const fate = code === "not-confirmed" ? ({ phase: "ended", confirmed: null } as const) : ({ phase: "refused" } as const);
		return this.#record({ caller, ...attempt, ...fate, code, text: messageOf(error) });
	}

	/** What has happened has happened, also when it cannot be logged: then the log of this program says so. */
	async #record(entry: Omit<AuditEntry, "at" | "bank" | "origin">): Promise<void> {
		try {
			await this.#parts.store.audit.append(this.#stamped(entry));
		} catch (error) {
			this.#parts.logger.error(`The audit log cannot be written: ${messageOf(error)}`);
		}
	}

	#stamped(entry: Omit<AuditEntry, "at" | "bank" | "origin">): AuditEntry {
		const { id: bank, origin } = this.#parts.snapshot();
		const { kind, id } = entry.caller;
		return {
			at: new Date(this.#parts.worldClock.now()).toISOString(),
			bank,
			origin,
			...entry,
			caller: { kind, id: String(id).slice(0, 120) },
		};
	}
}

const closedError = () => new CommandError("not-connected", "The line to the battery is closed.");

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null;
}

/** A name for the log, whatever was sent. */
function nameIn(command: unknown): string {
	return typeof command === "string" ? command.slice(0, 60) : typeof command;
}
