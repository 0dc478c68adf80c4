import { join } from "node:path";
import type { Node, NodeAPI, NodeDef, NodeMessage } from "node-red";
import {
	AUTONOMY_SETTINGS,
	type Bank,
	ConfigError,
	createJsonFile,
	messageOf,
	readStages,
	readState,
	SHED_SETTINGS,
	type ShedState,
	type Stage,
} from "../../src/index.ts";
import type { BankAccess } from "../lib/bank-access.ts";
import { connectToBank, failInput } from "../lib/bank-user.ts";
import { dataFolderOf } from "../lib/data-folder.ts";
import { FlowStart } from "../lib/flow-start.ts";
import { readInputs } from "../lib/inputs.ts";
import { languageOf } from "../lib/language.ts";
import { nodeLogger } from "../lib/node-logger.ts";
import { readSettings } from "../lib/read-settings.ts";
import { type BadgeKey, bankBadge, type StatusBadge } from "../lib/status.ts";
import { BEHAVIOUR_INPUTS, readMessage } from "./shed-inputs.ts";
import { reportMessage, stageMessage } from "./shed-messages.ts";
import { ShedRun, type ShedView } from "./shed-run.ts";

interface LoadShedConfig extends NodeDef {
	readonly bank?: string;
	readonly stages?: unknown;
}

/** What a stage switches in Home Assistant, as the editor keeps it beside the stage's rules. */
function entityOf(config: LoadShedConfig, index: number): string {
	const list: readonly unknown[] = Array.isArray(config.stages) ? config.stages : [];
	const { entity } = (list[index] ?? {}) as { readonly entity?: unknown };
	return typeof entity === "string" ? entity.trim() : "";
}

/** The line's trouble first, then what the shedding does about it. */
export function shedBadge({ snapshot, overall, state }: ShedView): BadgeKey {
	if (overall.isAlarm) return "shedAlarm";
	const line = bankBadge(snapshot);
	if (overall.code === "hold") return line === "live" ? "shedHold" : line;
	if (overall.code === "start") return "shedStart";
	if (state.dryRun.isOn) return "shedDryRun";
	return ({ locked: "shedLocked", shed: "shedOff", normal: "shedNone" } as const)[overall.code];
}

export default function register(RED: NodeAPI): void {
	const kind = { RED, flowStart: new FlowStart(RED) };
	function RackBatteryLoadShed(this: Node, config: LoadShedConfig): void {
		RED.nodes.createNode(this, config);
		const settings = config as unknown as Readonly<Record<string, unknown>>;
		let run: ShedRun | null = null;
		let stages: readonly Stage[] = [];
		const report = (view: ShedView) => reportMessage(view, stages, languageOf(readInputs(BEHAVIOUR_INPUTS, {}, config).language, RED));

		const operate = (bank: Bank, badge: StatusBadge, access: BankAccess) => {
			const rules = readSettings(SHED_SETTINGS, settings);
			stages = readStages(config.stages);
			const { format, language: choice } = readInputs(BEHAVIOUR_INPUTS, {}, config);
			const language = languageOf(choice, RED);
			const { id, origin } = bank.snapshot;
			const file = createJsonFile<ShedState>({
				base: join(dataFolderOf(RED.settings), `load-shed-${encodeURIComponent(id)}-${origin}-${this.id}`),
				what: "The state of the load shedding",
				parse: readState,
				logger: nodeLogger(this, false),
				clock: bank.clock,
			});
			let saved: Promise<void> = Promise.resolve();
			let isStopped = false;

			const decided = (view: ShedView, isNews: boolean) => {
				badge.show(shedBadge(view), view.snapshot.origin);
				if (!isNews) return;
				const outputs: (NodeMessage | null)[] = [...stages.map(() => null), report(view)];
				for (const action of view.actions.filter(({ isDryRun }) => !isDryRun)) {
					const index = stages.findIndex(({ key }) => key === action.stage);
					if (index >= 0) outputs[index] = stageMessage(action, view, stages, entityOf(config, index), format, language);
				}
				this.send(outputs as never);
			};
			const begin = (kept: ShedState | null) => {
				if (isStopped) return;
				run = new ShedRun({
					bank,
					contacts: access.contactsOf(bank),
					settings: { stages, rules },
					autonomy: readSettings(AUTONOMY_SETTINGS, settings),
					kept,
					decided,
					keep: (state) => {
						saved = file.save(state).catch((error: unknown) => this.error(messageOf(error), {}));
					},
				});
			};
			badge.show("shedStart", origin);
			// A file that cannot be read is told, and it begins anew: nothing is then switched on that somebody else switched off.
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
		this.on("input", (message, send, done) => {
			try {
				if (!run) throw new ConfigError("invalid", "The bank is not open; the badge of this node and the log say why.");
				const said = readMessage(message, stages);
				run.tell(said);
				const view = run.decide(said.orders);
				if (said.wantsReport) send([...stages.map(() => null), { ...message, ...report(view) }] as never);
				badge.mended();
				done();
			} catch (error) {
				failInput(badge, done, error);
			}
		});
	}
	RED.nodes.registerType("rack-battery-load-shed", RackBatteryLoadShed);
}
