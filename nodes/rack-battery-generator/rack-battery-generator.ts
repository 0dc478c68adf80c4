import { join } from "node:path";
import type { Node, NodeAPI, NodeDef } from "node-red";
import {
	type Bank,
	ConfigError,
	createJsonFile,
	GENERATOR_SETTINGS,
	type GeneratorCommand,
	type GeneratorPhase,
	type GeneratorState,
	generatorWords,
	messageOf,
	readGeneratorState,
} from "../../src/index.ts";
import { connectToBank, failInput } from "../lib/bank-user.ts";
import { dataFolderOf } from "../lib/data-folder.ts";
import { FlowStart } from "../lib/flow-start.ts";
import { readInputs } from "../lib/inputs.ts";
import { languageOf } from "../lib/language.ts";
import { nodeLogger } from "../lib/node-logger.ts";
import { readSettings } from "../lib/read-settings.ts";
import type { BadgeKey, StatusBadge } from "../lib/status.ts";
import { checkLevels, GENERATOR_INPUTS, WORDS_INPUTS } from "./generator-inputs.ts";
import { GeneratorRun } from "./generator-run.ts";

interface GeneratorConfig extends NodeDef {
	readonly bank?: string;
}

/** TABLE of the badge of a phase. */
const PHASE_BADGES = {
	idle: "generatorIdle",
	armed: "generatorArmed",
	starting: "generatorStarting",
	retrying: "generatorRetrying",
	warming: "generatorWarming",
	running: "generatorRunning",
	cooling: "generatorCooling",
	lockout: "generatorLockout",
	fault: "generatorFault",
} as const satisfies Record<GeneratorPhase, BadgeKey>;

/** Ports of the node. */
const OUTPUTS = { generator: 0, load: 1, report: 2 } as const;

export default function register(RED: NodeAPI): void {
	const kind = { RED, flowStart: new FlowStart(RED) };
	function RackBatteryGenerator(this: Node, config: GeneratorConfig): void {
		RED.nodes.createNode(this, config);
		let run: GeneratorRun | null = null;

		/** Runs as soon as the kept state is there; a file that cannot be read is told, and it begins anew. */
		const operate = (bank: Bank, badge: StatusBadge) => {
			const settings = readSettings(GENERATOR_SETTINGS, config as unknown as Readonly<Record<string, unknown>>);
			checkLevels(settings);
			const language = languageOf(readInputs(WORDS_INPUTS, {}, config).language, RED);
			const { id, origin } = bank.snapshot;
			const file = createJsonFile<GeneratorState>({
				base: join(dataFolderOf(RED.settings), `generator-${encodeURIComponent(id)}-${origin}-${this.id}`),
				what: "The state of the generator",
				parse: readGeneratorState,
				logger: nodeLogger(this, false),
				clock: bank.clock,
			});
			let saved: Promise<void> = Promise.resolve();
			let isStopped = false;
			const send = (port: number, part: string, payload: unknown, state: GeneratorState, more: object = {}) => {
				const outputs: (object | null)[] = [null, null, null];
				const topic = `rack-battery/${id}/generator${part}`;
				outputs[port] = {
					topic,
					payload,
					phase: state.phase,
					text: generatorWords(state, language),
					simulated: origin !== "real",
					...more,
				};
				this.send(outputs as never);
			};
			const begin = (kept: GeneratorState | null) => {
				if (isStopped) return;
				run = new GeneratorRun({
					bank,
					settings,
					kept,
					switched: (what, on, state) =>
						send(OUTPUTS[what], what === "load" ? "/load" : "/start", on, state, { action: `homeassistant.turn_${on ? "on" : "off"}` }),
					changed: (state) => {
						badge.show(PHASE_BADGES[state.phase], origin);
						const { phase, cause, reason, attempt, mode } = state;
						const text = generatorWords(state, language);
						send(OUTPUTS.report, "", { phase, cause, reason, attempt, mode, since: new Date(state.since).toISOString(), text }, state);
					},
					keep: (state) => {
						saved = file.save(state).catch((error: unknown) => this.error(messageOf(error), {}));
					},
				});
			};
			badge.show(PHASE_BADGES.idle, origin);
			const loaded = file.load().then(begin, (error: unknown) => {
				this.error(messageOf(error), {});
				begin(null);
			});
			return {
				stop: async () => {
					isStopped = true;
					await loaded;
					run?.stop();
					run = null;
					await saved;
				},
			};
		};

		const { badge } = connectToBank(kind, this, config.bank, operate);
		this.on("input", (message, _send, done) => {
			try {
				const { command, ...signals } = readInputs(GENERATOR_INPUTS, message, {});
				if (!run) throw new ConfigError("invalid", "The bank is not open; the badge of this node and the log say why.");
				const told = Object.fromEntries(Object.entries(signals).filter(([, value]) => value !== undefined));
				if (command === null && Object.keys(told).length === 0)
					throw new ConfigError(
						"invalid",
						"The message says nothing to the generator: it wants msg.command, msg.running, msg.grid or msg.lowBattery.",
					);
				run.told(told);
				if (command !== null) run.command(command as GeneratorCommand);
				badge.mended();
				done();
			} catch (error) {
				failInput(badge, done, error);
			}
		});
	}
	RED.nodes.registerType("rack-battery-generator", RackBatteryGenerator);
}
