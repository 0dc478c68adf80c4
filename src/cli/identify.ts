import { type BatteryCommand, printResult, runBatteryCommand } from "./battery-command.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { inverterLine } from "./inverter.ts";

const IDENTIFY: BatteryCommand = {
	usage: ["rack-battery identify [--json]"],
	about: ["Asks a pack who it is: version, serial numbers, capacities, clock, inverter protocol. What it does not tell is left open."],
	words: { least: 0, most: 0 },
	async run(job) {
		const battery = await job.battery();
		const result = await battery.run("identify", job.packArgument, { signal: job.signal });
		printResult(job, result, identityLines(result.pack, result.value));
		return EXIT.ok;
	},
};

export const identify = (args: readonly string[], io: CliIo): Promise<number> => runBatteryCommand(IDENTIFY, args, io);

/** What identify found, for people. */
function identityLines(pack: number, value: unknown): readonly string[] {
	const found = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
	const capacity = found.capacity as { readonly full?: number; readonly design?: number; readonly remaining?: number } | null | undefined;
	const ampereHours = (number: number | undefined) => (number === undefined ? "not told" : `${number.toFixed(2)} Ah`);
	const rows: readonly (readonly [string, unknown])[] = [
		["Pack", pack],
		["Version", found.version],
		["Bluetooth name", found.bluetoothName],
		["BMS serial", found.bmsSerial],
		["Pack serial", found.packSerial],
		[
			"Capacity",
			capacity ? `${ampereHours(capacity.remaining)} of ${ampereHours(capacity.full)}, design ${ampereHours(capacity.design)}` : null,
		],
		["Clock", found.clock],
		["Inverter", found.inverterProtocol ? inverterLine(found.inverterProtocol) : null],
	];
	return rows.map(
		([label, text]) => `${label.padEnd(16)}${text === null || text === undefined || text === "" ? "not told" : String(text)}`,
	);
}
