import {
	PARAMETER_GROUP_KEYS,
	PARAMETER_GROUPS,
	PARAMETER_KEYS,
	type ParameterValues,
	parameterOf,
	parametersOfGroup,
} from "../bms/battery/parameters.ts";
import { valuesOfText } from "../bms/command/argument-text.ts";
import { type BatteryCommand, type Job, note, print, printResult, runBatteryCommand } from "./battery-command.ts";
import { checkOutputName, UsageError, WRITE_OPTIONS } from "./battery-options.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { guardedWrite } from "./guarded-write.ts";
import { differenceLine, differencesOf, parameterLine, parameterValues, readParameterFile, writeParameterFile } from "./parameter-file.ts";

const PARAMETERS: BatteryCommand = {
	usage: [
		"rack-battery parameters show [--json]",
		"rack-battery parameters list [--json]",
		"rack-battery parameters save FILE [--overwrite]",
		"rack-battery parameters diff FILE",
		"rack-battery parameters apply FILE [--yes]",
		"rack-battery parameters set NAME=VALUE … [--yes]",
		"rack-battery parameters restore [SAVE] [--yes]",
		"rack-battery parameters saves [--json]",
	],
	about: [
		"show   reads all parameters of a pack: limits, delays, balancing, sleep.",
		"list   tells their names, ranges and the maker's defaults, without a battery.",
		"save   keeps what the pack has in FILE; diff compares, apply writes what differs.",
		"set    changes some. Range and sense are checked, what is written is read back.",
		"restore  gives a pack what it had before its last change: every change saves that first. saves lists those.",
		"Writing is of the class parameter: see rack-battery password --help.",
	],
	options: { overwrite: { argument: null, description: "save may write over a file that is there." }, ...WRITE_OPTIONS },
	words: { least: 1, most: Number.POSITIVE_INFINITY },
	exits: "4 diff has found differences",
	run(job) {
		const [what = "", ...words] = job.line.words;
		const action = Object.hasOwn(ACTIONS, what) ? ACTIONS[what] : undefined;
		if (action === undefined) throw new UsageError(`Choose ${Object.keys(ACTIONS).join(", ")}, not "${what}".`);
		if (words.length < action.least || words.length > action.most)
			throw new UsageError(`${action.least === 0 ? "Nothing" : action.usage} may follow ${what}. See rack-battery parameters --help.`);
		return action.run(job, words);
	},
};

interface Action {
	readonly least: number;
	readonly most: number;
	readonly usage: string;
	readonly run: (job: Job, words: readonly string[]) => Promise<number>;
}

/** TABLE of what can be done with parameters. */
const ACTIONS: Readonly<Record<string, Action>> = {
	show: { least: 0, most: 0, usage: "", run: show },
	list: { least: 0, most: 0, usage: "", run: async (job) => list(job) },
	save: { least: 1, most: 1, usage: "A file", run: (job, [file = ""]) => save(job, file) },
	diff: { least: 1, most: 1, usage: "A file", run: (job, [file = ""]) => diff(job, file) },
	apply: { least: 1, most: 1, usage: "A file", run: (job, [file = ""]) => write(job, readParameterFile(file).values) },
	set: { least: 1, most: Number.POSITIVE_INFINITY, usage: "NAME=VALUE", run: set },
	restore: { least: 0, most: 1, usage: "A save", run: restore },
	saves: { least: 0, most: 0, usage: "", run: saves },
};

export const parameters = (args: readonly string[], io: CliIo): Promise<number> => runBatteryCommand(PARAMETERS, args, io);

async function readAll(job: Job) {
	const battery = await job.battery();
	return battery.run("read-parameters", job.packArgument, { signal: job.signal });
}

async function show(job: Job): Promise<number> {
	const result = await readAll(job);
	const values = result.value as ParameterValues;
	const lines = PARAMETER_GROUP_KEYS.flatMap((group) => {
		const found = parametersOfGroup(group).flatMap((key) => {
			const value = values[key];
			return value === undefined ? [] : [`  ${parameterLine(key, value)}`];
		});
		return found.length === 0 ? [] : [PARAMETER_GROUPS[group].label, ...found];
	});
	printResult(job, result, lines);
	return EXIT.ok;
}

function list(job: Job): number {
	const rows = PARAMETER_KEYS.map((key) => {
		const { label, unit, minimum, maximum, step, default: usual } = parameterOf(key);
		return { name: key, label, unit, minimum, maximum, step, default: usual };
	});
	if (job.isJson) print(job, JSON.stringify(rows));
	else
		for (const { name, unit, minimum, maximum, default: usual, label } of rows)
			print(
				job,
				`${name.padEnd(36)} ${`${minimum} to ${maximum} ${unit}`.padEnd(22)} ${`default ${usual ?? "unknown"}`.padEnd(18)} ${label}`,
			);
	return EXIT.ok;
}

async function save(job: Job, file: string): Promise<number> {
	checkOutputName(file);
	const { pack, value } = await readAll(job);
	const values = value as ParameterValues;
	writeParameterFile(file, { pack, at: new Date().toISOString(), values }, job.line.flags.has("overwrite"));
	if (job.isJson) print(job, JSON.stringify({ file, pack, parameters: Object.keys(values).length }));
	else note(job, `${Object.keys(values).length} parameters of pack ${pack} are kept in ${file}.`);
	return EXIT.ok;
}

async function diff(job: Job, file: string): Promise<number> {
	const { values: wanted } = readParameterFile(file);
	const { pack, value } = await readAll(job);
	const differences = differencesOf(value as ParameterValues, wanted);
	if (job.isJson) print(job, JSON.stringify({ file, pack, differences }));
	else {
		for (const difference of differences) print(job, differenceLine(difference));
		note(
			job,
			differences.length === 0
				? `Pack ${pack} has what ${file} says.`
				: `${differences.length} ${differences.length === 1 ? "differs" : "differ"}: pack ${pack} -> ${file}.`,
		);
	}
	return differences.length === 0 ? EXIT.ok : EXIT.differs;
}

function set(job: Job, words: readonly string[]): Promise<number> {
	const values = valuesOfText(words.join("\n"));
	if (values === null) throw new UsageError(`Each must be NAME=VALUE, and each name only once: ${words.join(" ")}`);
	return write(job, parameterValues(values, "These cannot be set"));
}

async function write(job: Job, wanted: ParameterValues): Promise<number> {
	const { pack, value } = await readAll(job);
	const differences = differencesOf(value as ParameterValues, wanted);
	if (differences.length === 0) {
		if (job.isJson) print(job, JSON.stringify({ pack, differences }));
		else note(job, `Pack ${pack} has these parameters already. Nothing was written.`);
		return EXIT.ok;
	}
	const values = Object.fromEntries(differences.map(({ key, wanted: should }) => [key, should]));
	return guardedWrite(job, {
		command: "write-parameters",
		arguments: { ...job.packArgument, values },
		changes: [`Pack ${pack}:`, ...differences.map((difference) => `  ${differenceLine(difference)}`)],
	});
}

async function restore(job: Job, [name]: readonly string[]): Promise<number> {
	const battery = await job.battery();
	const given = { ...job.packArgument, ...(name === undefined ? {} : { save: name }) };
	const compared = await battery.run("compare-parameters", given, { signal: job.signal });
	return guardedWrite(job, { command: "restore-parameters", arguments: given, changes: [compared.text] });
}

async function saves(job: Job): Promise<number> {
	const battery = await job.battery();
	const result = await battery.run("list-saves", job.packArgument, { signal: job.signal });
	const list = Array.isArray(result.value)
		? (result.value as readonly { readonly id?: string; readonly at?: string; readonly reason?: string }[])
		: [];
	printResult(
		job,
		result,
		list.length === 0 ? [result.text] : list.map(({ id, at, reason }) => `${id ?? ""}  ${at ?? ""}  before ${reason ?? ""}`),
	);
	return EXIT.ok;
}
