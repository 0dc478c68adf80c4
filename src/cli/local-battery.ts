import { userInfo } from "node:os";
import { resolve } from "node:path";
import type { Bank } from "../bms/bank.ts";
import type { BankCommands, Caller } from "../bms/command/command.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { CommandError, createCommandFiles, openBank, silentLogger, systemClock } from "../index.ts";
import type { Battery } from "./battery.ts";
import { startBatterySource } from "./battery-source.ts";

/** Who asks, for the audit log. */
function callerOf(): Caller {
	try {
		return { kind: "cli", id: userInfo().username };
	} catch {
		// A user without an entry (in a container, say).
		return { kind: "cli", id: String(process.getuid?.() ?? "unknown") };
	}
}

/** Opens the battery of the settings for one job, which is about `pack` where that is said. Rejects in words when nobody answers there. */
export async function openLocalBattery(loaded: LoadedConfig, signal: AbortSignal, pack: number | undefined): Promise<Battery> {
	const source = await startBatterySource(loaded, silentLogger);
	let bank: Bank | null = null;
	const close = async () => {
		await bank?.close();
		await source.stop();
	};
	try {
		// Over RS485 only the pack that is meant is asked: another one that answers first would say nothing about it.
		const addresses = pack === undefined ? loaded.config.bank.addresses : String(pack);
		const settings = { ...loaded.config.bank, addresses, port: source.port, gapMs: source.gapMs };
		const { origin } = loaded;
		// The server's own folder: its password, its saves, its audit log are those of the command line too.
		const folder = resolve(loaded.config.server.dataFolder);
		const commandStore = createCommandFiles({ folder, bank: settings.id, origin, logger: silentLogger, clock: systemClock });
		bank = openBank(settings, { origin, logger: silentLogger, clock: source.clock, storageClock: systemClock, commandStore });
		await whenOnline(bank, settings.port, signal);
		return { ...batteryOf(commandsOf(bank)), origin: loaded.origin, close };
	} catch (error) {
		await close();
		throw error;
	}
}

function commandsOf({ commands }: Bank): BankCommands {
	if (!commands) throw new CommandError("unsupported", "Nothing can be asked of this battery beyond its measurements.");
	return commands;
}

function batteryOf(commands: BankCommands): Omit<Battery, "origin" | "close"> {
	const caller = callerOf();
	return {
		run: (command, given, hooks) => commands.run({ command, arguments: given, caller, ...hooks }),
		access: async () => commands.access,
		arm: (wanted) => commands.arm({ ...wanted, caller }),
		setPassword: (change) => commands.setPassword({ ...change, caller }),
	};
}

/** Resolves when the battery has answered; rejects when the line cannot be opened or stays silent. */
function whenOnline(bank: Bank, port: string, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const look = () => {
			const { state, problem } = bank.snapshot.link;
			if (state === "online") end(resolve);
			else if (state === "lost" || state === "silent") end(() => reject(unreachable(port, state, problem)));
		};
		const abort = () => end(() => reject(new CommandError("cancelled", "Ended before the battery has answered.")));
		const stop = bank.subscribe(look);
		const end = (settle: () => void) => {
			stop();
			signal.removeEventListener("abort", abort);
			settle();
		};
		signal.addEventListener("abort", abort);
		if (signal.aborted) abort();
		else look();
	});
}

/** A gateway mostly serves one client: another one is refused, or hears nothing. */
function unreachable(port: string, state: "lost" | "silent", problem: Bank["snapshot"]["link"]["problem"]): CommandError {
	const mayBeTaken = problem?.code === "busy" || (/^tcp:/i.test(port) && (state === "silent" || problem?.code === "refused"));
	const hint = mayBeTaken
		? " If the server has this line open, let the server do it: add --server http://127.0.0.1:1881 (and --password, when it has one)."
		: "";
	return new CommandError("not-connected", `${problem?.message ?? `Nobody answers at ${port}.`}${hint}`);
}
