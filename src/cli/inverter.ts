import { INVERTER_PROTOCOLS } from "../bms/battery/inverter-protocols.ts";
import { type BatteryCommand, type Job, note, print, printResult, runBatteryCommand } from "./battery-command.ts";
import { UsageError, WRITE_OPTIONS, wholeNumber } from "./battery-options.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { guardedWrite } from "./guarded-write.ts";

const INVERTER: BatteryCommand = {
	usage: [
		"rack-battery inverter show [--json]",
		"rack-battery inverter set automatic",
		"rack-battery inverter set manual [--can CODE] [--rs485 CODE]",
		"rack-battery inverter list",
	],
	about: [
		"Shows or selects the protocols in which a pack speaks to an inverter. A wrong one leaves the inverter without its battery.",
		"set is of the class parameter: see rack-battery password --help.",
	],
	options: {
		can: { argument: "CODE", description: "Code of the CAN protocol; stays as it is without it. See rack-battery inverter list." },
		rs485: { argument: "CODE", description: "Code of the RS485 protocol; the same." },
		...WRITE_OPTIONS,
	},
	words: { least: 1, most: 2 },
	async run(job) {
		const [what = "", mode] = job.line.words;
		if (what === "set") return set(job, mode);
		if (mode !== undefined) throw new UsageError(`"${mode}" is not understood after ${what}.`);
		if (what === "list") return list(job);
		if (what !== "show") throw new UsageError(`Choose show, set or list, not "${what}".`);
		const battery = await job.battery();
		const result = await battery.run("read-inverter-protocol", job.packArgument, { signal: job.signal });
		printResult(job, result);
		return EXIT.ok;
	},
};

export const inverter = (args: readonly string[], io: CliIo): Promise<number> => runBatteryCommand(INVERTER, args, io);

async function set(job: Job, mode: string | undefined): Promise<number> {
	if (mode !== "automatic" && mode !== "manual")
		throw new UsageError("Say rack-battery inverter set automatic, or manual with --can and --rs485.");
	const can = wholeNumber(job.line, "can", 0, 24);
	const rs485 = wholeNumber(job.line, "rs485", 0, 24);
	const isCode = can !== undefined || rs485 !== undefined;
	if (mode === "manual" && !isCode) throw new UsageError("manual needs --can, --rs485 or both: see rack-battery inverter list.");
	if (mode === "automatic" && isCode) throw new UsageError("--can and --rs485 go with manual only.");
	const battery = await job.battery();
	const now = await battery.run("read-inverter-protocol", job.packArgument, { signal: job.signal });
	const wanted = [
		...(can === undefined ? [] : [`CAN ${INVERTER_PROTOCOLS.can[can] ?? `code ${can}`}`]),
		...(rs485 === undefined ? [] : [`RS485 ${INVERTER_PROTOCOLS.rs485[rs485] ?? `code ${rs485}`}`]),
	];
	const codes = { ...(can === undefined ? {} : { can }), ...(rs485 === undefined ? {} : { rs485 }) };
	return guardedWrite(job, {
		command: "set-inverter-protocol",
		arguments: { ...job.packArgument, mode, ...codes },
		changes: [now.text, `It becomes: ${[mode, ...wanted].join(", ")}.`],
	});
}

function list(job: Job): number {
	if (job.isJson) print(job, JSON.stringify(INVERTER_PROTOCOLS));
	else
		for (const kind of ["can", "rs485"] as const) {
			print(job, kind === "can" ? "CAN" : "RS485");
			for (const [code, name] of INVERTER_PROTOCOLS[kind].entries()) print(job, `  ${String(code).padStart(2)}  ${name}`);
		}
	note(job, "Codes 23 and 24 are disputed between the sources, so they have no name here.");
	return EXIT.ok;
}

/** A selection in one line. */
export function inverterLine(value: unknown): string {
	const { canName, rs485Name, mode } = value as { readonly canName?: string; readonly rs485Name?: string; readonly mode?: string };
	return `CAN ${canName ?? "not told"}, RS485 ${rs485Name ?? "not told"}, ${mode ?? "mode not told"}`;
}
