import type { CommandProgress, CommandResult, WriteAccess } from "../bms/command/command.ts";

/** What goes along with a request. */
export interface RequestHooks {
	readonly signal: AbortSignal;
	readonly onProgress?: (progress: CommandProgress) => void;
}

/** A battery that a subcommand asks: over a line of its own, or through a running server. Everything rejects in words. */
export interface Battery {
	/** What the numbers come from. */
	readonly origin: "real" | "simulated" | "replayed";
	run(command: string, given: Readonly<Record<string, unknown>>, hooks: RequestHooks): Promise<CommandResult>;
	access(): Promise<Pick<WriteAccess, "enabled" | "hasPassword">>;
	arm(wanted: { readonly class: string; readonly password: string }): Promise<void>;
	setPassword(change: { readonly old: string | null; readonly password: string }): Promise<void>;
	/** Never rejects. */
	close(): Promise<void>;
}
