import { ADMIN_PASSWORD_VARIABLE } from "../config/environment.ts";
import { type BatteryCommand, note, print, runBatteryCommand } from "./battery-command.ts";
import { UsageError } from "./battery-options.ts";
import { type CliIo, EXIT } from "./cli-io.ts";

const PASSWORD: BatteryCommand = {
	usage: ["rack-battery password set"],
	about: [
		"Sets the administrator's password, or changes it: then the old one is asked for. It is kept where nobody can read",
		"it back. It is typed unseen; without a terminal the answers are the lines of the standard input: the old one (where there is",
		"one), then the new one.",
		"",
		"What writes to a battery is of one of three classes, each to be enabled in the bank's settings (bank.writeClasses):",
		"  comfort    buzzer, LED, clock",
		"  control    MOSFETs, current limiter, shutdown; needs this password",
		"  parameter  limits, defaults, inverter protocol, stored records; needs this password",
		`Subcommands that write ask for it, or take it from ${ADMIN_PASSWORD_VARIABLE}.`,
	],
	words: { least: 1, most: 1 },
	async run(job) {
		if (job.line.words[0] !== "set") throw new UsageError("Say rack-battery password set.");
		const battery = await job.battery();
		const { hasPassword } = await battery.access();
		const ask = (question: string) => job.questions.ask(question, { hidden: true });
		const old = hasPassword ? await ask("Administrator password until now: ") : null;
		const password = await ask("New administrator password: ");
		if (password === "") throw new UsageError("No new password was given. Nothing was changed.");
		const isTerminal = (job.io.stdin as { readonly isTTY?: boolean }).isTTY === true;
		if (isTerminal && (await ask("Once more: ")) !== password) throw new UsageError("The two were not the same. Nothing was changed.");
		await battery.setPassword({ old, password });
		if (job.isJson) print(job, JSON.stringify({ ok: true }));
		else note(job, hasPassword ? "The administrator's password is changed." : "The administrator's password is set.");
		return EXIT.ok;
	},
};

export const password = (args: readonly string[], io: CliIo): Promise<number> => runBatteryCommand(PASSWORD, args, io);
