import { INVERTER_PROTOCOLS } from "../battery/inverter-protocols.ts";
import type { ParameterGroupKey } from "../battery/parameters.ts";
import { SWITCH_KEYS, type SwitchKey, switchOf } from "../battery/switches.ts";
import type { AuditEntry } from "./command-store.ts";

/**
 * How far a command reaches into the battery. `read`: changes nothing. `comfort`: buzzer, LED, clock. `control`:
 * MOSFETs, current limiter, shutdown. `parameter`: limits, defaults, inverter protocol, stored records.
 */
export type CommandClass = "read" | "comfort" | "control" | "parameter";
/** Classes that write, each to be enabled by itself. */
export const WRITE_CLASSES = ["comfort", "control", "parameter"] as const satisfies readonly CommandClass[];
export type WriteClass = (typeof WRITE_CLASSES)[number];
/** Classes that also need the administrator's password. */
export const ARMED_CLASSES = ["control", "parameter"] as const satisfies readonly WriteClass[];
export type ArmedClass = (typeof ARMED_CLASSES)[number];

interface Described {
	/** For the owner: what it is. */
	readonly description: string;
	/** May be left out. */
	readonly optional?: true;
}
/** One argument of a command. `values`: numbers by parameter key. */
export type CommandArgument = Described &
	(
		| { readonly type: "integer"; readonly minimum: number; readonly maximum: number }
		| { readonly type: "choice"; readonly choices: readonly string[] }
		| { readonly type: "boolean" }
		| { readonly type: "text"; readonly pattern: string; readonly example: string }
		| { readonly type: "values" }
	);

export interface Command {
	readonly class: CommandClass;
	/** What it does, as the owner would say it. */
	readonly description: string;
	readonly arguments: Readonly<Record<string, CommandArgument>>;
	/** The argument that decides the class where it differs from `class`, and for which values. */
	readonly classOf?: { readonly argument: string; readonly classes: Readonly<Record<string, WriteClass>> };
	/** Works on what this machine keeps: nothing of it reaches the line. */
	readonly isLocal?: true;
}

/** DIP address of the pack meant; on RS232 only the one with the cable can be. */
const PACK = {
	type: "integer",
	minimum: 0,
	maximum: 15,
	optional: true,
	description: "address of the pack; on RS232 only the pack with the cable, which is meant when it is left out",
} as const satisfies CommandArgument;
/** A save of parameters, by its name. */
const SAVE = {
	type: "text",
	pattern: "^pack\\d{1,2}-\\d{8}T\\d{6}Z(-\\d{1,3})?$",
	example: "pack1-20261129T143000Z",
	optional: true,
	description: "name of the save; the newest of the pack when it is left out",
} as const satisfies CommandArgument;
/** Classes of what is switched; everything else is comfort. */
const SWITCH_CLASSES = {
	currentLimiter: "control",
	limiterGearLow: "control",
	chargeMosfet: "control",
	dischargeMosfet: "control",
} as const;
const CODE = { type: "integer", minimum: 0, maximum: 24, optional: true } as const;
const UNVERIFIED_SWITCHES = SWITCH_KEYS.filter((key) => switchOf(key).unverified === true);
const namesOf = (kind: "can" | "rs485") => INVERTER_PROTOCOLS[kind].map((name, code) => `${code} ${name}`).join(", ");

/** TABLE of everything that can be asked of a battery beyond polling, each with its class: the only place that says so. */
export const COMMANDS = {
	identify: {
		class: "read",
		description: "version, serial numbers, capacities, clock and inverter protocol of a pack",
		arguments: { pack: PACK },
	},
	"read-parameters": { class: "read", description: "all parameters of a pack", arguments: { pack: PACK } },
	"read-clock": { class: "read", description: "the clock of a pack, and how far it is off", arguments: { pack: PACK } },
	"read-switches": { class: "read", description: "what is switched on in a pack", arguments: { pack: PACK } },
	"read-inverter-protocol": { class: "read", description: "the inverter protocols a pack speaks", arguments: { pack: PACK } },
	"read-records": {
		class: "read",
		description: "the records a pack has stored, newest first",
		arguments: {
			pack: PACK,
			from: { type: "integer", minimum: 0, maximum: 65535, optional: true, description: "first record, 0 = newest" },
			count: { type: "integer", minimum: 1, maximum: 2000, optional: true, description: "how many at most; all when left out" },
		},
	},
	"save-parameters": {
		class: "read",
		description: "keeps all parameters of a pack in a file on this machine",
		arguments: { pack: PACK },
	},
	"list-saves": {
		class: "read",
		isLocal: true,
		description: "the saves of a pack's parameters, newest first",
		arguments: { pack: PACK },
	},
	"compare-parameters": {
		class: "read",
		description: "what differs between a pack's parameters and a save of them",
		arguments: { pack: PACK, save: SAVE },
	},
	"confirm-switch": {
		class: "comfort",
		classOf: { argument: "switch", classes: SWITCH_CLASSES },
		description: "keeps what you saw a pack do after a switch whose read-back settles nothing",
		arguments: {
			pack: PACK,
			switch: { type: "choice", choices: UNVERIFIED_SWITCHES, description: "what was switched" },
			did: { type: "choice", choices: ["as-asked", "the-opposite"], description: "what the battery did" },
		},
	},
	switch: {
		class: "comfort",
		classOf: { argument: "switch", classes: SWITCH_CLASSES },
		description: "switches something in a pack on or off",
		arguments: {
			pack: PACK,
			switch: { type: "choice", choices: SWITCH_KEYS, description: "what to switch" },
			on: { type: "boolean", description: "true = on" },
		},
	},
	"set-clock": {
		class: "comfort",
		description: "sets the clock of a pack, to this machine's time when none is given",
		arguments: {
			pack: PACK,
			time: {
				type: "text",
				pattern: "^20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d$",
				example: "2026-11-29T14:30:00",
				optional: true,
				description: "date and time",
			},
		},
	},
	"shut-down": {
		class: "control",
		description: "puts a pack to sleep; while it charges or discharges it starts again at once",
		arguments: { pack: PACK },
	},
	"write-parameters": {
		class: "parameter",
		description: "changes parameters of a pack; the old ones of the groups it touches are saved first",
		arguments: { pack: PACK, values: { type: "values", description: "new values by the parameter's name" } },
	},
	"restore-parameters": {
		class: "parameter",
		description: "gives a pack the parameters of a save again, as far as they differ; the present ones are saved first",
		arguments: { pack: PACK, save: SAVE },
	},
	"restore-defaults": {
		class: "parameter",
		description: "gives a pack the maker's parameters; the old ones are saved first",
		arguments: { pack: PACK },
	},
	"clear-records": { class: "parameter", description: "deletes all records a pack has stored", arguments: { pack: PACK } },
	"set-inverter-protocol": {
		class: "parameter",
		description: "selects the inverter protocols a pack speaks",
		arguments: {
			pack: PACK,
			mode: { type: "choice", choices: ["automatic", "manual"], description: "whether the pack finds them out by itself" },
			can: { ...CODE, description: `code of the CAN protocol, for manual: ${namesOf("can")}` },
			rs485: { ...CODE, description: `code of the RS485 protocol, for manual: ${namesOf("rs485")}` },
		},
	},
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/** The class of a command with its arguments: which switch it is may decide it. */
export function classOf(name: CommandName, given: Readonly<Record<string, unknown>>): CommandClass {
	const { class: usual, classOf: rule } = commandOf(name);
	const value = rule === undefined ? undefined : given[rule.argument];
	return (typeof value === "string" && rule !== undefined && Object.hasOwn(rule.classes, value) ? rule.classes[value] : undefined) ?? usual;
}

/** The row of a command, with the optional marks readable. */
export function commandOf(name: CommandName): Command {
	return COMMANDS[name];
}

/** Who asks, for arming and the audit log: where it came from, and what identifies it there. */
export interface Caller {
	readonly kind: "node" | "mqtt" | "http" | "cli";
	/** Node id, MQTT broker, HTTP session, user name of the command line. */
	readonly id: string;
}

/** A command with everything it needs. */
export interface CommandRequest {
	readonly command: string;
	readonly arguments: Readonly<Record<string, unknown>>;
	readonly caller: Caller;
	/** Ends it early: nothing more is asked. What was written stays written. */
	readonly signal?: AbortSignal;
	/** Called as it goes on: how much is done, of how much (null: not known), and the part that has just come. */
	readonly onProgress?: (progress: CommandProgress) => void;
}

export interface CommandProgress {
	readonly done: number;
	readonly of: number | null;
	readonly part?: unknown;
}

/** What became of a command. */
export interface CommandResult {
	readonly command: CommandName;
	readonly class: CommandClass;
	/** The pack that answered. */
	readonly pack: number;
	/** What was read; for a write what the battery said afterwards. */
	readonly value: unknown;
	/** For a write: what it said before. */
	readonly before?: unknown;
	/** For a write: whether the read-back shows what was asked for; null where a read-back cannot settle it. */
	readonly confirmed?: boolean | null;
	/** In words, for people. */
	readonly text: string;
}

/** Whether a class is usable now, for switches and forms to show. */
export interface WriteAccess {
	/** Classes the bank's settings enable. */
	readonly enabled: readonly WriteClass[];
	/** Whether an administrator password was set. */
	readonly hasPassword: boolean;
	/** What is armed now: for whom, which class, until when (ms since the epoch). */
	readonly armed: { readonly class: ArmedClass; readonly caller: Caller; readonly until: number } | null;
}

/** The commands of an open bank. Every promise rejects with an error in words (BmsError or CommandError). */
export interface BankCommands {
	run(request: CommandRequest): Promise<CommandResult>;
	/** Allows one class for one caller for five minutes. Another arming ends it. */
	arm(wanted: { readonly class: string; readonly password: string; readonly caller: Caller }): Promise<void>;
	disarm(caller: Caller): void;
	/** Sets the password, or changes it (then the old one is needed). */
	setPassword(change: { readonly old: string | null; readonly password: string; readonly caller: Caller }): Promise<void>;
	readonly access: WriteAccess;
	/** Whether commands can reach a pack: on RS232 only the one with the cable. */
	reaches(pack: number): boolean;
	/** Whether the protocol of this line can do it at all: a command, one switch of it, one group of its parameters. */
	offers(command: CommandName, part?: SwitchKey | ParameterGroupKey): boolean;
	/** The newest entries of the audit log, newest first. */
	audit?(count: number): Promise<readonly AuditEntry[]>;
	/**
	 * Called after something may have been written to a pack, by whomever: what was read of it before may be old.
	 * Returns the way to stop listening.
	 */
	onWritten?(listener: (command: CommandName, pack: number) => void): () => void;
	/** Called when `access` changes. Returns the way to stop listening. */
	onAccess(listener: () => void): () => void;
}
