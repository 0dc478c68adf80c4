import { SWITCH_KEYS, type SwitchKey, switchOf } from "../bms/battery/switches.ts";
import { classOf } from "../bms/command/command.ts";
import { didYouMean } from "../nearest.ts";
import { type BatteryCommand, type Job, printResult, runBatteryCommand } from "./battery-command.ts";
import { UsageError, WRITE_OPTIONS } from "./battery-options.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { guardedWrite } from "./guarded-write.ts";

const switchLines = SWITCH_KEYS.map((key) => {
	const mark = switchOf(key).unverified ? "; UNVERIFIED: the sources contradict each other about on and off, look at the battery" : "";
	return `  ${key.padEnd(16)} ${switchOf(key).label} (class ${classOf("switch", { switch: key })})${mark}`;
});

const SWITCH: BatteryCommand = {
	usage: [
		"rack-battery switch show [--json]",
		"rack-battery switch NAME on|off [--yes]",
		"rack-battery switch NAME confirm as-asked|the-opposite",
	],
	about: [
		"Shows what is switched on in a pack, or switches it, and reads back what the battery then says. Names:",
		...switchLines,
		"After an unverified switch look what the battery did, and keep it with confirm: from then on it is known.",
		"control needs the administrator's password: see rack-battery password --help.",
	],
	options: WRITE_OPTIONS,
	words: { least: 1, most: 3 },
	async run(job) {
		const [name = "", to, did] = job.line.words;
		if (name === "show" && to === undefined) {
			const battery = await job.battery();
			printResult(job, await battery.run("read-switches", job.packArgument, { signal: job.signal }));
			return EXIT.ok;
		}
		const key = SWITCH_KEYS.find((known) => known.toLowerCase() === name.toLowerCase());
		if (key === undefined) throw new UsageError(`There is no switch "${name}"${didYouMean(name, SWITCH_KEYS)}`);
		if (to === "confirm") return confirmSwitch(job, key, did);
		if ((to !== "on" && to !== "off") || did !== undefined) throw new UsageError(`Say rack-battery switch ${key} on, or off.`);
		return setSwitch(job, key, to === "on");
	},
};

export const switchCommand = (args: readonly string[], io: CliIo): Promise<number> => runBatteryCommand(SWITCH, args, io);

const onOff = (on: boolean | null | undefined) => (on === null || on === undefined ? "not known for certain" : on ? "on" : "off");

async function setSwitch(job: Job, key: SwitchKey, on: boolean): Promise<number> {
	const given = { ...job.packArgument, switch: key, on };
	const changes = classOf("switch", given) === "comfort" ? [] : await changesOf(job, key, on);
	return guardedWrite(job, { command: "switch", arguments: given, changes });
}

async function changesOf(job: Job, key: SwitchKey, on: boolean): Promise<readonly string[]> {
	const battery = await job.battery();
	const { pack, value } = await battery.run("read-switches", job.packArgument, { signal: job.signal });
	const now = (value as Readonly<Partial<Record<SwitchKey, boolean | null>>> | null)?.[key];
	const { label, unverified } = switchOf(key);
	return [
		`${label} of pack ${pack}: ${onOff(now)} -> ${onOff(on)}`,
		...(unverified ? ["Unverified: what on and off mean here is disputed. Look at the battery afterwards."] : []),
		...(key === "dischargeMosfet" && !on ? ["Without it the pack delivers nothing: what it feeds goes dark."] : []),
	];
}

function confirmSwitch(job: Job, key: SwitchKey, did: string | undefined): Promise<number> {
	if (did !== "as-asked" && did !== "the-opposite")
		throw new UsageError(`Say rack-battery switch ${key} confirm as-asked, or the-opposite.`);
	return guardedWrite(job, {
		command: "confirm-switch",
		arguments: { ...job.packArgument, switch: key, did },
		changes: [`To be kept for the ${switchOf(key).label}: the battery did ${did === "as-asked" ? "what was asked" : "the opposite"}.`],
	});
}
