import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from "node-red";
import { type Bank, type BankSnapshot, ConfigError, conditionOf, isProblem, type Language } from "../../src/index.ts";
import { connectToBank, failInput } from "../lib/bank-user.ts";
import { FlowStart } from "../lib/flow-start.ts";
import { readInputs } from "../lib/inputs.ts";
import { languageOf } from "../lib/language.ts";
import { type BadgeKey, bankBadge, type StatusBadge } from "../lib/status.ts";
import { BEHAVIOUR_INPUTS, effectiveScope, FILTER_INPUTS, type Filter, passes } from "./alarm-inputs.ts";
import { type AlarmPayload, alarmPayload, type Occurrence } from "./alarm-payload.ts";
import { activeOccurrences, occurrencesOf, openOf } from "./occurrences.ts";

interface AlarmConfig extends NodeDef {
	readonly bank?: string;
}

/** The gravest thing that is set; the line's trouble where it hides the answer. */
export function alarmBadge(snapshot: BankSnapshot): BadgeKey {
	const line = bankBadge(snapshot);
	if (line !== "live" && line !== "noPack") return line;
	if (snapshot.conditions === null) return "unknown";
	const classes = snapshot.conditions.filter(({ key }) => isProblem(key)).map(({ key }) => conditionOf(key).class);
	return (["fault", "protection", "alarm"] as const).find((name) => classes.includes(name)) ?? "clear";
}

function messageOf(payload: AlarmPayload) {
	const part = payload.pack === null ? "bank" : `pack/${payload.pack}`;
	return {
		topic: `rack-battery/${payload.bank}/${part}/${payload.class}/${payload.slug}`,
		payload,
		event: payload.event,
		pack: payload.pack,
		simulated: payload.simulated,
	};
}

/** What is set now and passes the filter; null while it is not known, which is not the same as nothing. */
function activeList(snapshot: BankSnapshot, filter: Filter, language: Language): readonly AlarmPayload[] | null {
	const active = activeOccurrences("once", snapshot, "active");
	return (
		active?.filter((occurrence) => passes(filter, occurrence)).map((occurrence) => alarmPayload(snapshot, occurrence, language)) ?? null
	);
}

export default function register(RED: NodeAPI): void {
	const kind = { RED, flowStart: new FlowStart(RED) };
	function RackBatteryAlarm(this: Node, config: AlarmConfig): void {
		RED.nodes.createNode(this, config);
		const sendEvents = (bank: Bank, badge: StatusBadge) => {
			const { scope: wanted, sendActive } = readInputs(BEHAVIOUR_INPUTS, {}, config);
			const filter = readInputs(FILTER_INPUTS, {}, config);
			const language = languageOf(filter.language, RED);
			const scope = effectiveScope(wanted, filter);
			const send = (snapshot: BankSnapshot, occurrences: readonly Occurrence[]) => {
				for (const occurrence of occurrences.filter((each) => passes(filter, each)))
					this.send(messageOf(alarmPayload(snapshot, occurrence, language)));
			};
			const active = activeOccurrences(scope, bank.snapshot, "raised") ?? [];
			let open = openOf(active);
			if (sendActive) send(bank.snapshot, active);
			badge.show(alarmBadge(bank.snapshot), bank.snapshot.origin);
			const stop = bank.subscribe((snapshot, events) => {
				badge.show(alarmBadge(snapshot), snapshot.origin);
				const step = occurrencesOf(scope, open, events);
				open = step.open;
				send(snapshot, step.occurrences);
			});
			return { stop };
		};
		const { badge, bank } = connectToBank(kind, this, config.bank, sendEvents);
		const answer = (message: NodeMessageInFlow) => {
			const open = bank();
			if (!open) throw new ConfigError("invalid", "The bank is not open; the badge of this node and the log say why.");
			const { snapshot } = open;
			const filter = readInputs(FILTER_INPUTS, message, config);
			const payload = activeList(snapshot, filter, languageOf(filter.language, RED));
			return {
				...message,
				topic: `rack-battery/${snapshot.id}/active`,
				payload,
				known: payload !== null,
				simulated: snapshot.origin !== "real",
			};
		};
		this.on("input", (message, send, done) => {
			try {
				send(answer(message));
				badge.mended();
				done();
			} catch (error) {
				failInput(badge, done, error);
			}
		});
	}
	RED.nodes.registerType("rack-battery-alarm", RackBatteryAlarm);
}
