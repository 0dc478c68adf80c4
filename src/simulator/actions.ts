import { INVERTER_PROTOCOLS, inverterProtocolName } from "../bms/battery/inverter-protocols.ts";
import type { Argument, ArgumentTable, ValuesOf } from "./action-arguments.ts";
import { LINE_FAULT_KINDS, LINE_FAULTS } from "./line-faults.ts";
import { type SimulatorControl, setLineFault } from "./simulator-control.ts";

/** What can be done to a simulated bank: by a command, or by a step of a scenario. */
export interface Action {
	readonly description: string;
	readonly arguments: ArgumentTable;
	/** Throws or rejects with a ConfigError in words. */
	readonly run: (control: SimulatorControl, values: Readonly<Record<string, unknown>>) => Promise<void> | void;
	/** What was done, as a sentence. */
	readonly done: (values: Readonly<Record<string, unknown>>) => string;
	/** The argument that can go from one value to another over a time, and where it is now; null when nothing can. */
	readonly ramp: Ramp | null;
}

export interface Ramp {
	readonly argument: string;
	readonly from: (control: SimulatorControl, values: Readonly<Record<string, unknown>>) => number;
}

interface ActionRow<T extends ArgumentTable> {
	readonly description: string;
	readonly arguments: T;
	readonly run: (control: SimulatorControl, values: ValuesOf<T>) => Promise<void> | void;
	readonly done: (values: ValuesOf<T>) => string;
	readonly ramp?: { readonly argument: keyof T & string; readonly from: (control: SimulatorControl, values: ValuesOf<T>) => number };
}

/** A row whose functions know their arguments' types; checked values are what they are called with. */
function action<const T extends ArgumentTable>(row: ActionRow<T>): Action {
	return { ...row, ramp: row.ramp ?? null } as unknown as Action;
}

/** TABLE of the ranges of what can be set. */
export const RANGES = {
	loadW: { minimum: -20_000, maximum: 20_000, unit: "W" },
	stateOfCharge: { minimum: 0, maximum: 100, unit: "%" },
	cell: { minimum: 0, maximum: 5, unit: "V" },
	probe: { minimum: -50, maximum: 200, unit: "°C" },
	chargerW: { minimum: 0, maximum: 20_000, unit: "W" },
	share: { minimum: 0, maximum: 100, unit: "%" },
	address: { minimum: 0, maximum: 15, unit: "by the DIP switches" },
} as const satisfies Record<string, { readonly minimum: number; readonly maximum: number; readonly unit: string }>;

/** What a charger gives when nobody says otherwise, W. */
const CHARGER_W = 1000;
const PACK = { type: "integer", minimum: 0, maximum: 15, description: "address of the pack" } as const satisfies Argument;
const BIT = { type: "bit", description: "an alarm, protection, fault or state" } as const satisfies Argument;

const packState = (control: SimulatorControl, address: number) =>
	control.state().packs.find((pack) => pack.address === address)?.measurements;

/** Mean state of charge of the packs meant, %. */
function meanStateOfCharge(control: SimulatorControl, pack: number | undefined): number {
	const packs = control.state().packs.filter(({ address }) => pack === undefined || address === pack);
	return packs.reduce((sum, { measurements }) => sum + measurements.stateOfCharge, 0) / Math.max(1, packs.length);
}

/** TABLE of the actions: names, arguments and their ranges for commands, scenarios, their check and their description. */
export const ACTIONS: Readonly<Record<string, Action>> = {
	set: action({
		description: "sets an alarm, protection, fault or state, e.g. set 1 protection.cell_overvoltage",
		arguments: { pack: PACK, bit: BIT },
		run: (control, { pack, bit }) => control.setCondition(pack, bit, true),
		done: ({ pack, bit }) => `Pack ${pack}: ${bit} is set.`,
	}),
	clear: action({
		description: "clears it again, or holds off what the battery's own rules set",
		arguments: { pack: PACK, bit: BIT },
		run: (control, { pack, bit }) => control.setCondition(pack, bit, false),
		done: ({ pack, bit }) => `Pack ${pack}: ${bit} is clear.`,
	}),
	release: action({
		description: "ends all that was done by hand to a pack, or to one bit of it",
		arguments: { pack: PACK, bit: { ...BIT, optional: true } },
		run: (control, { pack, bit }) => control.release(pack, bit),
		done: ({ pack, bit }) => `Pack ${pack}: the battery's own rules decide again${bit === undefined ? "" : ` about ${bit}`}.`,
	}),
	lose: action({
		description: "takes a pack away; the others move up, or its place stays with zeros",
		arguments: {
			pack: PACK,
			form: { type: "choice", choices: ["shrinks", "placeholder"], optional: true, description: "what becomes of its place" },
		},
		run: (control, { pack, form }) => control.losePack(pack, form),
		done: ({ pack }) => `Pack ${pack} is away.`,
	}),
	return: action({
		description: "brings a lost or sleeping pack back",
		arguments: { pack: PACK },
		run: (control, { pack }) => control.returnPack(pack),
		done: ({ pack }) => `Pack ${pack} is back.`,
	}),
	sleep: action({
		description: "puts a pack to sleep; a request over its own cable wakes it, or it stays asleep",
		arguments: {
			pack: PACK,
			how: { type: "choice", choices: ["wakes", "stays"], optional: true, description: "whether a request wakes it" },
		},
		run: (control, { pack, how }) => control.sleepPack(pack, how === "stays"),
		done: ({ pack }) => `Pack ${pack} is asleep.`,
	}),
	key: action({
		description: "presses the key of a pack for 3 to 6 s: it falls asleep, or wakes; with a charger it stays awake",
		arguments: { pack: PACK },
		run: (control, { pack }) => control.pressKey(pack),
		done: ({ pack }) => `The key of pack ${pack} was pressed.`,
	}),
	charger: action({
		description: "connects a charger, which wakes packs that sleep, or takes it away",
		arguments: {
			state: { type: "choice", choices: ["on", "off"], description: "whether it is there" },
			watts: { type: "number", ...RANGES.chargerW, optional: true, description: `what it gives, ${CHARGER_W} W when not given` },
		},
		run: (control, { state, watts }) => control.setCharger(state === "on" ? (watts ?? CHARGER_W) : 0),
		done: ({ state }) => `The charger is ${state}.`,
	}),
	firmware: action({
		description: "changes the firmware of a pack, so that a bank can be mixed; the pack that answers decides the form",
		arguments: { pack: PACK, generation: { type: "choice", choices: ["old", "new"], description: "which form its answers have" } },
		run: (control, { pack, generation }) => control.setFirmware(pack, generation),
		done: ({ pack, generation }) => `Pack ${pack} has ${generation} firmware.`,
	}),
	dip: action({
		description: "changes the DIP switches of a pack, as they count after its reset: it has another address from now on",
		arguments: { pack: PACK, address: { type: "integer", minimum: 0, maximum: 15, description: "its new address" } },
		run: (control, { pack, address }) => control.setAddress(pack, address),
		done: ({ pack, address }) => `Pack ${pack} has the address ${address} now.`,
	}),
	inverter: action({
		description:
			"selects the RS485 protocol of a pack's inverter port: over Modbus, another than 0 answers with another maker's map, or not at all",
		arguments: {
			pack: PACK,
			code: {
				type: "integer",
				minimum: 0,
				maximum: 24,
				description: INVERTER_PROTOCOLS.rs485.map((name, code) => `${code} ${name}`).join(", "),
			},
		},
		run: (control, { pack, code }) => control.setInverterProtocol(pack, code),
		done: ({ pack, code }) => `The inverter port of pack ${pack} speaks ${inverterProtocolName("rs485", code)}.`,
	}),
	pull: action({
		description: "pulls the cable: at the battery (silence), or at the computer (the connection breaks)",
		arguments: { how: { type: "choice", choices: ["silent", "dropped"], optional: true, description: "at which end" } },
		run: (control, { how }) => control.pullCable(how),
		done: () => "The cable is pulled.",
	}),
	plug: action({
		description: "plugs the cable in again",
		arguments: {},
		run: (control) => control.plugCable(),
		done: () => "The cable is in.",
	}),
	fault: action({
		description: "makes the line faulty in one way, or ends all its faults (none)",
		arguments: {
			kind: {
				type: "choice",
				choices: ["none", ...LINE_FAULT_KINDS],
				description: LINE_FAULT_KINDS.map((kind) => `${kind}: ${LINE_FAULTS[kind].description}`).join("; "),
			},
			share: { type: "number", ...RANGES.share, optional: true, description: "how much is hit; 0 ends this fault" },
		},
		run: (control, { kind, share }) => setLineFault(control.faults, kind, share),
		done: ({ kind, share }) => (kind === "none" ? "The line is sound." : `The line: ${kind}${share === undefined ? "" : `, ${share} %`}.`),
	}),
	load: action({
		description: "sets what the house draws on average; negative charges",
		arguments: { watts: { type: "number", ...RANGES.loadW, description: "what the house draws" } },
		run: (control, { watts }) => control.setLoad(watts),
		done: ({ watts }) => `The load is ${watts} W.`,
		ramp: { argument: "watts", from: (control) => control.state().loadW ?? 0 },
	}),
	soc: action({
		description: "sets the state of charge of all packs, or of one",
		arguments: {
			percent: { type: "number", ...RANGES.stateOfCharge, description: "state of charge" },
			pack: { ...PACK, optional: true },
		},
		run: (control, { percent, pack }) => control.setStateOfCharge(percent, pack),
		done: ({ percent, pack }) => `${pack === undefined ? "All packs" : `Pack ${pack}`}: state of charge ${percent} %.`,
		ramp: { argument: "percent", from: (control, { pack }) => meanStateOfCharge(control, pack) },
	}),
	cell: action({
		description: "holds a cell at a voltage, or lets it go",
		arguments: {
			pack: PACK,
			cell: { type: "integer", minimum: 1, maximum: 24, description: "number of the cell" },
			volts: { type: "number", ...RANGES.cell, words: ["free"], description: "its voltage" },
		},
		run: (control, { pack, cell, volts }) => control.setCell(pack, cell, volts === "free" ? null : volts),
		done: ({ pack, cell, volts }) => `Pack ${pack}, cell ${cell}: ${volts === "free" ? volts : `${volts} V`}.`,
		ramp: { argument: "volts", from: (control, { pack, cell }) => packState(control, pack)?.cellVoltages[cell - 1] ?? 0 },
	}),
	probe: action({
		description: "holds a probe at a temperature, takes it away, or lets it go",
		arguments: {
			pack: PACK,
			probe: { type: "integer", minimum: 1, maximum: 16, description: "number of the probe" },
			celsius: { type: "number", ...RANGES.probe, words: ["missing", "free"], description: "its temperature" },
		},
		run: (control, { pack, probe, celsius }) => control.setProbe(pack, probe, celsius === "free" ? null : celsius),
		done: ({ pack, probe, celsius }) => `Pack ${pack}, probe ${probe}: ${typeof celsius === "number" ? `${celsius} °C` : celsius}.`,
		ramp: { argument: "celsius", from: (control, { pack, probe }) => packState(control, pack)?.temperatures[probe - 1] ?? 22 },
	}),
	grid: action({
		description: "takes the mains grid away or brings it back: the signal grid, of which the battery knows nothing",
		arguments: { state: { type: "choice", choices: ["on", "off"], description: "whether the grid is there" } },
		run: (control, { state }) => control.setSignal("grid", state),
		done: ({ state }) => `The grid is ${state}.`,
	}),
	signal: action({
		description: "gives any other signal from outside the battery",
		arguments: { name: { type: "name", description: "its name" }, value: { type: "name", description: "its value" } },
		run: (control, { name, value }) => control.setSignal(name, value),
		done: ({ name, value }) => `The signal ${name} is ${value}.`,
	}),
};

/** The action of that name; undefined when there is none. */
export const actionNamed = (name: string): Action | undefined => (Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined);
