import { ConfigError } from "../errors.ts";
import { FORCIBLE_KEYS, type SimulatorControl } from "./simulator-control.ts";

/** What a command gave: words for people, data for programs. */
export interface CommandResult {
	readonly text: string;
	readonly data?: unknown;
}

interface Command {
	/** The words after the command's name; those in [ ] may be left out. */
	readonly usage: string;
	readonly description: string;
	readonly run: (control: SimulatorControl, words: readonly string[]) => Promise<CommandResult> | CommandResult;
}

/** TABLE of the commands of the command line and of HTTP. */
const COMMANDS = {
	set: {
		usage: "<pack> <bit>",
		description: "sets an alarm, protection, fault or state, e.g. set 1 protection.cell_overvoltage",
		run: (control, [pack, bit]) => {
			control.setCondition(number(pack, "pack"), word(bit, "bit"), true);
			return done(`Pack ${pack}: ${bit} is set.`);
		},
	},
	clear: {
		usage: "<pack> <bit>",
		description: "clears it again, or holds off what the battery's own rules set",
		run: (control, [pack, bit]) => {
			control.setCondition(number(pack, "pack"), word(bit, "bit"), false);
			return done(`Pack ${pack}: ${bit} is clear.`);
		},
	},
	release: {
		usage: "<pack> [bit]",
		description: "ends all that was done by hand to a pack, or to one bit of it",
		run: (control, [pack, bit]) => {
			control.release(number(pack, "pack"), bit);
			return done(`Pack ${pack}: the battery's own rules decide again${bit === undefined ? "" : ` about ${bit}`}.`);
		},
	},
	bits: {
		usage: "",
		description: "names all bits that can be set",
		run: () => ({ text: FORCIBLE_KEYS.join("\n"), data: FORCIBLE_KEYS }),
	},
	lose: {
		usage: "<pack> [shrinks|placeholder]",
		description: "takes a pack away; the others move up, or its place stays with zeros",
		run: (control, [pack, form = "shrinks"]) => {
			control.losePack(number(pack, "pack"), oneOf(form, ["shrinks", "placeholder"]));
			return done(`Pack ${pack} is away.`);
		},
	},
	return: {
		usage: "<pack>",
		description: "brings a lost or sleeping pack back",
		run: (control, [pack]) => {
			control.returnPack(number(pack, "pack"));
			return done(`Pack ${pack} is back.`);
		},
	},
	sleep: {
		usage: "<pack> [wakes|stays]",
		description: "puts a pack to sleep; a request over its own cable wakes it, or it stays asleep",
		run: (control, [pack, how = "wakes"]) => {
			control.sleepPack(number(pack, "pack"), oneOf(how, ["wakes", "stays"]) === "stays");
			return done(`Pack ${pack} is asleep.`);
		},
	},
	pull: {
		usage: "[silent|dropped]",
		description: "pulls the cable: at the battery (silence), or at the computer (the connection breaks)",
		run: async (control, [how = "silent"]) => {
			await control.pullCable(oneOf(how, ["silent", "dropped"]));
			return done("The cable is pulled.");
		},
	},
	plug: {
		usage: "",
		description: "plugs the cable in again",
		run: async (control) => {
			await control.plugCable();
			return done("The cable is in.");
		},
	},
	load: {
		usage: "<W>",
		description: "sets what the house draws on average; negative charges",
		run: (control, [watts]) => {
			control.setLoad(number(watts, "load in W"));
			return done(`The load is ${watts} W.`);
		},
	},
	soc: {
		usage: "<%> [pack]",
		description: "sets the state of charge of all packs, or of one",
		run: (control, [percent, pack]) => {
			control.setStateOfCharge(number(percent, "state of charge in %"), pack === undefined ? undefined : number(pack, "pack"));
			return done(`${pack === undefined ? "All packs" : `Pack ${pack}`}: state of charge ${percent} %.`);
		},
	},
	cell: {
		usage: "<pack> <cell> <V|free>",
		description: "holds a cell at a voltage, or lets it go",
		run: (control, [pack, cell, volts]) => {
			const value = volts === "free" ? null : number(volts, "voltage in V");
			control.setCell(number(pack, "pack"), number(cell, "cell"), value);
			return done(`Pack ${pack}, cell ${cell}: ${value === null ? "free" : `${value} V`}.`);
		},
	},
	probe: {
		usage: "<pack> <probe> <°C|missing|free>",
		description: "holds a probe at a temperature, takes it away, or lets it go",
		run: (control, [pack, probe, value]) => {
			const held = value === "free" ? null : value === "missing" ? value : number(value, "temperature in °C");
			control.setProbe(number(pack, "pack"), number(probe, "probe"), held);
			return done(`Pack ${pack}, probe ${probe}: ${typeof held === "number" ? `${held} °C` : value}.`);
		},
	},
	state: {
		usage: "",
		description: "shows how the simulated battery is",
		run: (control) => ({ text: stateInWords(control), data: control.state() }),
	},
	help: {
		usage: "",
		description: "shows this list",
		run: () => done(commandHelp()),
	},
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;
const ROWS: readonly (readonly [string, Command])[] = Object.entries(COMMANDS);

/** The commands with their usage, one a line. */
export function commandHelp(): string {
	const width = Math.max(...ROWS.map(([name, { usage }]) => `${name} ${usage}`.length));
	return ROWS.map(([name, { usage, description }]) => `${`${name} ${usage}`.padEnd(width)}  ${description}`).join("\n");
}

/** Runs one command line ("set 1 alarm.low_soc"). Rejects with an error in words. */
export async function runCommand(control: SimulatorControl, line: string): Promise<CommandResult> {
	const [name = "", ...words] = line.trim().split(/\s+/);
	const row = ROWS.find(([key]) => key === name.toLowerCase());
	if (row === undefined)
		throw new ConfigError("invalid", name === "" ? "No command was given." : `There is no command "${name}"; help lists them.`);
	const [key, command] = row;
	const allowed = command.usage === "" ? 0 : command.usage.split(" ").length;
	const needed = command.usage.split(" ").filter((part) => part.startsWith("<")).length;
	if (words.length < needed || words.length > allowed) throw new ConfigError("invalid", `Usage: ${`${key} ${command.usage}`.trim()}`);
	return command.run(control, words);
}

function done(text: string): CommandResult {
	return { text };
}

function number(text: string | undefined, what: string): number {
	const value = text !== undefined && /^[-+]?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
	if (Number.isNaN(value)) throw new ConfigError("invalid", `"${text ?? ""}" is no number: the ${what} is missing.`);
	return value;
}

function word(text: string | undefined, what: string): string {
	if (text === undefined) throw new ConfigError("invalid", `The ${what} is missing.`);
	return text;
}

function oneOf<const C extends string>(text: string, choices: readonly C[]): C {
	const found = choices.find((choice) => choice === text);
	if (found === undefined) throw new ConfigError("invalid", `"${text}" should be ${choices.join(" or ")}.`);
	return found;
}

function stateInWords(control: SimulatorControl): string {
	const { cable, loadW, packs, replay } = control.state();
	const cableWords = { plugged: "in", silent: "pulled at the battery", dropped: "pulled at the computer" }[cable];
	if (replay !== null) {
		const left = replay.unused.length === 0 ? [] : [`not used, because nothing shows what was asked: ${replay.unused.join(", ")}`];
		return [`replay of ${replay.file}, cable ${cableWords}`, `answers: ${replay.answers.join(", ")}`, ...left].join("\n");
	}
	const lines = packs.map(({ address, presence, measurements, conditions }) => {
		const { stateOfCharge, voltage, current, cellVoltages, temperatures } = measurements;
		const cells = `${Math.min(...cellVoltages).toFixed(3)}-${Math.max(...cellVoltages).toFixed(3)} V`;
		const probes = temperatures.map((value) => (value === null ? "missing" : value.toFixed(1))).join(" ");
		const values = `SOC ${stateOfCharge.toFixed(1)} %, ${voltage.toFixed(2)} V, ${current.toFixed(2)} A, cells ${cells}, °C ${probes}`;
		return `pack ${address}: ${presence === "present" ? values : presence}${conditions.length === 0 ? "" : `; ${conditions.join(", ")}`}`;
	});
	return [`load ${loadW} W, cable ${cableWords}`, ...lines].join("\n");
}
