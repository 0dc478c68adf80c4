import { type BatteryCommand, printResult, runBatteryCommand } from "./battery-command.ts";
import { UsageError, WRITE_OPTIONS } from "./battery-options.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { guardedWrite } from "./guarded-write.ts";

const CLOCK: BatteryCommand = {
	usage: ["rack-battery clock show [--json]", "rack-battery clock set [2026-11-29T14:30:00]"],
	about: [
		"Shows the clock of a pack and how far it is off, or sets it: to this machine's time when none is given. The clock dates the",
		"stored records; it knows no time zone. set is of the class comfort, which must be in bank.writeClasses.",
	],
	options: WRITE_OPTIONS,
	words: { least: 1, most: 2 },
	async run(job) {
		const [what = "", time] = job.line.words;
		if (what === "set") {
			const given = time === undefined ? {} : { time };
			return guardedWrite(job, { command: "set-clock", arguments: { ...job.packArgument, ...given }, changes: [] });
		}
		if (what !== "show" || time !== undefined) throw new UsageError("Say rack-battery clock show, or rack-battery clock set [TIME].");
		const battery = await job.battery();
		printResult(job, await battery.run("read-clock", job.packArgument, { signal: job.signal }));
		return EXIT.ok;
	},
};

export const clock = (args: readonly string[], io: CliIo): Promise<number> => runBatteryCommand(CLOCK, args, io);
