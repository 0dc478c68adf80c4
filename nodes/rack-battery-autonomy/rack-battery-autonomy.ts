import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from "node-red";
import {
	AUTONOMY_SETTINGS,
	type Autonomy,
	addPower,
	type Bank,
	type BankSnapshot,
	ConfigError,
	estimateAutonomy,
	messageOf,
	type SmoothedPower,
	targetTime,
} from "../../src/index.ts";
import { connectToBank, failInput } from "../lib/bank-user.ts";
import { FlowStart } from "../lib/flow-start.ts";
import { readInputs } from "../lib/inputs.ts";
import { languageOf } from "../lib/language.ts";
import { readSettings } from "../lib/read-settings.ts";
import { type BadgeKey, bankBadge, type StatusBadge } from "../lib/status.ts";
import { BEHAVIOUR_INPUTS, checkLevels, QUESTION_INPUTS } from "./autonomy-inputs.ts";
import { autonomyPayload } from "./autonomy-payload.ts";

interface AutonomyConfig extends NodeDef {
	readonly bank?: string;
}

const MINUTE_MS = 60_000;

/** TABLE of the badge of an answer. */
const ANSWER_BADGES = {
	yes: "lasts",
	no: "lastsNot",
	unsure: "lastsUnsure",
	charging: "notDischarging",
	unknown: "unknown",
} as const satisfies Record<NonNullable<Autonomy["lasts"]>, BadgeKey>;

function autonomyBadge(snapshot: BankSnapshot, { lasts }: Autonomy): BadgeKey {
	const line = bankBadge(snapshot);
	return line !== "live" || lasts === null ? line : ANSWER_BADGES[lasts];
}

export default function register(RED: NodeAPI): void {
	const kind = { RED, flowStart: new FlowStart(RED) };
	function RackBatteryAutonomy(this: Node, config: AutonomyConfig): void {
		RED.nodes.createNode(this, config);
		let power: SmoothedPower | null = null;

		const answerTo = (bank: Bank, message: object) => {
			const { snapshot } = bank;
			const now = bank.clock.now();
			const settings = readSettings(AUTONOMY_SETTINGS, config as unknown as Readonly<Record<string, unknown>>);
			const { until, language } = readInputs(QUESTION_INPUTS, message, config);
			const target = until === "" ? null : targetTime(until, now);
			const autonomy = estimateAutonomy(snapshot, power, settings, target, now);
			const payload = autonomyPayload(snapshot, autonomy, now, languageOf(language, RED));
			return { autonomy, message: { topic: `rack-battery/${snapshot.id}/autonomy`, payload, simulated: payload.simulated } };
		};

		const watch = (bank: Bank, badge: StatusBadge) => {
			const { mode } = readInputs(BEHAVIOUR_INPUTS, {}, config);
			const settings = readSettings(AUTONOMY_SETTINGS, config as unknown as Readonly<Record<string, unknown>>);
			checkLevels(settings);
			// undefined: nothing was sent yet; the state of affairs at the beginning is news.
			let sent: Autonomy["lasts"] | undefined;
			let isTold = false;
			const learn = ({ totals }: BankSnapshot) => {
				// A power that is not known says nothing: what is remembered grows old.
				const watts = totals === null || totals.stale ? null : totals.value.power;
				if (totals !== null && watts !== null) power = addPower(power, watts, totals.at, settings.smoothingMinutes * MINUTE_MS);
			};
			const look = (snapshot: BankSnapshot, cycle: boolean) => {
				learn(snapshot);
				const { autonomy, message } = answerTo(bank, {});
				badge.show(autonomyBadge(snapshot, autonomy), snapshot.origin);
				const isNews = autonomy.lasts !== sent && !(sent === undefined && autonomy.lasts === "unknown");
				if (!isNews && !(mode === "cycle" && cycle)) return;
				sent = autonomy.lasts;
				if (mode !== "request") this.send(message);
			};
			look(bank.snapshot, false);
			const stop = bank.subscribe((snapshot, _events, cycle) => {
				try {
					look(snapshot, cycle);
					badge.mended();
				} catch (error) {
					// A date that was ahead at the deploy is past some day; told once.
					badge.problem("settings");
					if (!isTold) this.error(messageOf(error), {});
					isTold = true;
				}
			});
			return { stop };
		};

		const { badge, bank } = connectToBank(kind, this, config.bank, watch);
		this.on("input", (message: NodeMessageInFlow, send, done) => {
			try {
				const open = bank();
				if (!open) throw new ConfigError("invalid", "The bank is not open; the badge of this node and the log say why.");
				send({ ...message, ...answerTo(open, message).message });
				badge.mended();
				done();
			} catch (error) {
				failInput(badge, done, error);
			}
		});
	}
	RED.nodes.registerType("rack-battery-autonomy", RackBatteryAutonomy);
}
