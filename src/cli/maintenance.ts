import type { CommandName } from "../bms/command/command.ts";
import { type BatteryCommand, runBatteryCommand } from "./battery-command.ts";
import { WRITE_OPTIONS } from "./battery-options.ts";
import type { CliIo } from "./cli-io.ts";
import { guardedWrite } from "./guarded-write.ts";

const PASSWORD = "It needs the administrator's password: see rack-battery password --help.";

/** A write without arguments that cannot be undone by another one. */
function plainWrite(name: string, command: CommandName, about: readonly string[], change: string): BatteryCommand {
	return {
		usage: [`rack-battery ${name} [--yes] [--json]`],
		about: [...about, PASSWORD],
		options: WRITE_OPTIONS,
		words: { least: 0, most: 0 },
		run: (job) => guardedWrite(job, { command, arguments: job.packArgument, changes: [change] }),
	};
}

const SHUTDOWN = plainWrite(
	"shutdown",
	"shut-down",
	["Puts a pack to sleep (class control). While it charges or discharges it starts again at once; a charger or the RST key wakes it."],
	"The pack goes to sleep: what it feeds goes dark.",
);
const CLEAR_RECORDS = plainWrite(
	"clear-records",
	"clear-records",
	["Deletes all records that a pack has stored (class parameter). Keep them first: rack-battery records --resume records.csv"],
	"All stored records of the pack are deleted for good.",
);
const RESTORE_DEFAULTS = plainWrite(
	"restore-defaults",
	"restore-defaults",
	[
		"Gives a pack its maker's parameters (class parameter). The present ones are saved first; rack-battery parameters restore",
		"gives them back.",
	],
	"All parameters of the pack become those of its maker.",
);

export const shutdown = (args: readonly string[], io: CliIo): Promise<number> => runBatteryCommand(SHUTDOWN, args, io);
export const clearRecords = (args: readonly string[], io: CliIo): Promise<number> => runBatteryCommand(CLEAR_RECORDS, args, io);
export const restoreDefaults = (args: readonly string[], io: CliIo): Promise<number> => runBatteryCommand(RESTORE_DEFAULTS, args, io);
