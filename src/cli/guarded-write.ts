import { ARMED_CLASSES, type CommandName, type CommandResult, classOf } from "../bms/command/command.ts";
import { adminPasswordOfEnvironment } from "../config/load-config.ts";
import { CommandError } from "../errors.ts";
import { type Job, note, printResult } from "./battery-command.ts";
import { EXIT } from "./cli-io.ts";

/** A write, with what the person is told before it. */
export interface Write {
	readonly command: CommandName;
	readonly arguments: Readonly<Record<string, unknown>>;
	/** What will change. */
	readonly changes: readonly string[];
}

/**
 * Carries a write out: its class must be enabled in the settings; for the dangerous ones the person sees what will change,
 * says yes, and gives the administrator's password. Prints the result; the exit code.
 */
export async function guardedWrite(job: Job, write: Write): Promise<number> {
	const result = await carryOut(job, write);
	printResult(job, result);
	if (result.confirmed === null && !job.isJson) note(job, "Reading it back does not settle what the battery did: look at it.");
	return result.confirmed === false ? EXIT.failed : EXIT.ok;
}

async function carryOut(job: Job, { command, arguments: given, changes }: Write): Promise<CommandResult> {
	const battery = await job.battery();
	const commandClass = classOf(command, given);
	if (commandClass !== "read") {
		const { enabled, hasPassword } = await battery.access();
		if (!enabled.includes(commandClass)) throw notEnabled(commandClass, job.line.values.has("server"));
		const armed = ARMED_CLASSES.find((one) => one === commandClass);
		if (armed !== undefined) {
			if (!hasPassword)
				throw new CommandError(
					"not-armed",
					"No administrator password is set, so this cannot be allowed. Set one: rack-battery password set",
				);
			await askConsent(job, changes);
			await battery.arm({ class: armed, password: await adminPassword(job) });
		}
	}
	return battery.run(command, given, { signal: job.signal });
}

function notEnabled(commandClass: string, isServer: boolean): CommandError {
	const where = isServer
		? "in the settings of the server that has the battery"
		: `in the settings file, or for this once: --set bank.writeClasses=${commandClass}`;
	return new CommandError(
		"not-enabled",
		`The battery is read-only for this: the class ${commandClass} is not enabled. Enable it in bank.writeClasses, ${where}. Nothing was written.`,
	);
}

async function askConsent(job: Job, changes: readonly string[]): Promise<void> {
	for (const change of changes) note(job, change);
	if (job.line.flags.has("yes")) return;
	if (!(await job.questions.isYes("Is this meant?")))
		throw new CommandError("not-armed", 'Nothing was written: the answer was not "yes" (--yes gives it beforehand).');
}

/** From the environment, the terminal, or the next line of the input. */
export async function adminPassword(job: Job): Promise<string> {
	const password = adminPasswordOfEnvironment() ?? (await job.questions.ask("Administrator password: ", { hidden: true }));
	if (password === "") throw new CommandError("wrong-password", "No administrator password was given. Nothing was written.");
	return password;
}
