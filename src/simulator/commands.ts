import { ConfigError } from "../errors.ts";
import { helpTable } from "../help-table.ts";
import { usageOf, valueOfWord } from "./action-arguments.ts";
import { ACTIONS, type Action } from "./actions.ts";
import { FORCIBLE_KEYS } from "./forcible-bits.ts";
import { READY_SCENARIOS, readyScenario } from "./ready-scenarios.ts";
import { timeText } from "./scenario.ts";
import type { ScenarioState } from "./scenario-player.ts";
import type { SimulatorControl } from "./simulator-control.ts";

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

/** An action as a command: its words are its arguments, in the order of the table. */
function commandOf(action: Action): Command {
	const rows = Object.entries(action.arguments);
	return {
		usage: rows.map(([name, argument]) => usageOf(name, argument)).join(" "),
		description: action.description,
		run: async (control, words) => {
			const given = rows.slice(0, words.length);
			const values = Object.fromEntries(given.map(([name, argument], index) => [name, valueOfWord(argument, words[index] ?? "")]));
			await action.run(control, values);
			return { text: action.done(values) };
		},
	};
}

/** TABLE of the commands that are no actions. */
const QUESTIONS: Readonly<Record<string, Command>> = {
	bits: {
		usage: "",
		description: "names all bits that can be set",
		run: () => ({ text: FORCIBLE_KEYS.join("\n"), data: FORCIBLE_KEYS }),
	},
	scenario: {
		usage: "[NAME|stop]",
		description: "plays a ready scenario from now on, or stops the one that plays; alone it names them all",
		run: (control, [name]) => scenarioCommand(control, name),
	},
	state: {
		usage: "",
		description: "shows how the simulated battery is",
		run: (control) => ({ text: stateInWords(control), data: control.state() }),
	},
	help: {
		usage: "",
		description: "shows this list",
		run: () => ({ text: commandHelp() }),
	},
};

/** The commands of the command line and of HTTP. */
const ROWS: readonly (readonly [string, Command])[] = [
	...Object.entries(ACTIONS).map(([name, action]) => [name, commandOf(action)] as const),
	...Object.entries(QUESTIONS),
];

/** The commands with their usage, one a line. */
export function commandHelp(): string {
	return helpTable(ROWS.map(([name, { usage, description }]) => [`${name} ${usage}`.trim(), description] as const)).join("\n");
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

function scenarioCommand(control: SimulatorControl, name: string | undefined): CommandResult {
	if (name === undefined) {
		const texts = READY_SCENARIOS.map((scenario) => `${scenario.name}  ${scenario.description}`);
		return { text: texts.join("\n"), data: READY_SCENARIOS.map(({ name, description }) => ({ name, description })) };
	}
	if (name === "stop") {
		control.stopScenario();
		return { text: "No scenario plays; what was done stays." };
	}
	const scenario = readyScenario(name);
	control.startScenario(scenario);
	return { text: `The scenario ${name} plays: ${scenario.description}` };
}

function stateInWords(control: SimulatorControl): string {
	const { cable, faults, loadW, packs, replay, signals, scenario } = control.state();
	const cableWords = { plugged: "in", silent: "pulled at the battery", dropped: "pulled at the computer" }[cable];
	if (replay !== null) {
		const left = replay.unused.length === 0 ? [] : [`not used, because nothing shows what was asked: ${replay.unused.join(", ")}`];
		return [`replay of ${replay.file}, cable ${cableWords}`, `answers: ${replay.answers.join(", ")}`, ...left].join("\n");
	}
	const lines = packs.map(({ address, presence, asleepBecause, measurements, conditions }) => {
		const { stateOfCharge, voltage, current, cellVoltages, temperatures } = measurements;
		const cells = `${Math.min(...cellVoltages).toFixed(3)}-${Math.max(...cellVoltages).toFixed(3)} V`;
		const probes = temperatures.map((value) => (value === null ? "missing" : value.toFixed(1))).join(" ");
		const values = `SOC ${stateOfCharge.toFixed(1)} %, ${voltage.toFixed(2)} V, ${current.toFixed(2)} A, cells ${cells}, °C ${probes}`;
		return `pack ${address}: ${presence === "present" ? values : [presence, asleepBecause].filter((word) => word !== null).join(", ")}${conditions.length === 0 ? "" : `; ${conditions.join(", ")}`}`;
	});
	const outside = [
		...Object.entries(signals).map(([name, value]) => `, ${name} ${value}`),
		...Object.entries(faults).map(([kind, share]) => `, line ${kind} ${share} %`),
	];
	const played = scenario === null ? [] : [scenarioInWords(scenario)];
	return [`load ${Math.round(loadW ?? 0)} W, cable ${cableWords}${outside.join("")}`, ...played, ...lines].join("\n");
}

function scenarioInWords({ name, state, elapsedSeconds, next, problem }: ScenarioState): string {
	const then = next === null ? "" : `; at ${next.at}: ${next.do}`;
	return `scenario ${name}: ${state} at ${timeText(elapsedSeconds * 1000)}${then}${problem === null ? "" : ` – ${problem}`}`;
}
