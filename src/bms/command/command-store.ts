import type { ParameterValues } from "../battery/parameters.ts";
import type { BankOrigin } from "../battery/snapshot.ts";
import type { SwitchKey } from "../battery/switches.ts";
import type { Caller, CommandClass } from "./command.ts";
import type { PasswordBrake } from "./password-brake.ts";

/** One line of the audit log: who wanted what of which bank, and what became of it. Never a secret. */
export interface AuditEntry {
	/** ISO time of this machine. */
	readonly at: string;
	readonly bank: string;
	/** Simulated and replayed banks are marked by it. */
	readonly origin: BankOrigin;
	readonly caller: Caller;
	/** `begun` is written before anything is: what follows it without an `ended` was cut off. */
	readonly phase: "begun" | "ended" | "refused";
	/** A command of the table, or what was done about the password: `arm`, `disarm`, `set-password`. */
	readonly command: string;
	readonly class: CommandClass | null;
	readonly pack: number | null;
	readonly arguments: Readonly<Record<string, unknown>>;
	readonly before?: unknown;
	readonly after?: unknown;
	readonly confirmed?: boolean | null;
	/** `ok`, or the code of the error. */
	readonly code: string;
	readonly text: string;
}

export interface AuditLog {
	/** Rejects when it cannot be written. */
	append(entry: AuditEntry): Promise<void>;
	/** The newest entries, newest first. */
	last(count: number): Promise<readonly AuditEntry[]>;
}

/** Parameters of a pack at one time, as they are kept: all of them, or the groups that a change was about to touch. */
export interface ParameterSave {
	readonly version: 1;
	readonly id: string;
	readonly bank: string;
	readonly origin: BankOrigin;
	readonly pack: number;
	/** ISO time of this machine. */
	readonly at: string;
	/** The command that was about to change them. */
	readonly reason: string;
	readonly firmware: string | null;
	readonly bmsSerial: string | null;
	readonly packSerial: string | null;
	readonly values: ParameterValues;
}

export interface ParameterSaves {
	/** Keeps one for good and tells its name. Rejects when it cannot be written. */
	add(save: Omit<ParameterSave, "version" | "id">): Promise<string>;
	/** Saves of a pack, newest first. */
	list(pack: number): Promise<readonly ParameterSave[]>;
}

/** The administrator's password; nobody can read it back. */
export interface AdminPassword {
	isSet(): Promise<boolean>;
	isRight(password: string): Promise<boolean>;
	set(password: string): Promise<void>;
}

/** What a user saw a pack do after a switch that no read-back settles. */
export type SwitchPolarity = "normal" | "reversed";
/** `serial`: of the BMS that was watched; null when it was not known. */
export interface ConfirmedSwitch {
	readonly polarity: SwitchPolarity;
	readonly serial: string | null;
}

export interface ConfirmedSwitches {
	load(): Promise<Readonly<Record<string, ConfirmedSwitch>>>;
	save(confirmed: Readonly<Record<string, ConfirmedSwitch>>): Promise<void>;
}

/** Everything that the commands of one bank keep over restarts. */
export interface CommandStore {
	readonly audit: AuditLog;
	readonly saves: ParameterSaves;
	readonly password: AdminPassword;
	/** Shared by all who share the password; the bank has its own when not given. */
	readonly brake?: PasswordBrake;
	readonly confirmed: ConfirmedSwitches;
}

/** Under which name a confirmed switch is kept. */
export function confirmedName(pack: number, key: SwitchKey): string {
	return `${pack}.${key}`;
}
