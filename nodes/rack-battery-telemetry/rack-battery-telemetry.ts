import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from "node-red";
import { type Bank, type BankSnapshot, ConfigError } from "../../src/index.ts";
import { connectToBank, failInput } from "../lib/bank-user.ts";
import { FlowStart } from "../lib/flow-start.ts";
import { readInputs } from "../lib/inputs.ts";
import { bankBadge, type StatusBadge } from "../lib/status.ts";
import { BEHAVIOUR_INPUTS, CHOICE_INPUTS, type Choice } from "./telemetry-inputs.ts";
import { answerOf, messagesAfter, type Sent } from "./telemetry-messages.ts";

interface TelemetryConfig extends NodeDef {
	readonly bank?: string;
}

function configuredChoice(config: TelemetryConfig): { readonly choice: Choice } & ReturnType<typeof readInputs<typeof BEHAVIOUR_INPUTS>> {
	return { ...readInputs(BEHAVIOUR_INPUTS, {}, config), choice: readInputs(CHOICE_INPUTS, {}, config) };
}

/** A message for a pack means packs, unless it says otherwise. */
function requestedChoice(message: NodeMessageInFlow, config: TelemetryConfig): Choice {
	const names = message.pack !== undefined && message.scope === undefined ? { ...message, scope: "packs" } : message;
	return readInputs(CHOICE_INPUTS, names, config);
}

export default function register(RED: NodeAPI): void {
	const kind = { RED, flowStart: new FlowStart(RED) };
	function RackBatteryTelemetry(this: Node, config: TelemetryConfig): void {
		RED.nodes.createNode(this, config);
		const sendAfter = (bank: Bank, badge: StatusBadge) => {
			const behaviour = configuredChoice(config);
			const { pack } = behaviour.choice;
			let sent: Sent = new Map();
			const show = (snapshot: BankSnapshot) =>
				badge.show(
					bankBadge(snapshot, (address) => pack === "all" || pack === address),
					snapshot.origin,
				);
			show(bank.snapshot);
			const stop = bank.subscribe((snapshot, _events, cycle) => {
				show(snapshot);
				const due = messagesAfter(snapshot, cycle, behaviour, sent, bank.clock.now());
				sent = due.sent;
				for (const message of due.messages) this.send({ ...message });
			});
			return { stop };
		};
		const { badge, bank } = connectToBank(kind, this, config.bank, sendAfter);
		const answer = (message: NodeMessageInFlow): NodeMessage[] => {
			const open = bank();
			if (!open) throw new ConfigError("invalid", "The bank is not open; the badge of this node and the log say why.");
			return answerOf(open.snapshot, requestedChoice(message, config), open.clock.now()).map((part) => ({
				...RED.util.cloneMessage(message),
				...part,
			}));
		};
		this.on("input", (message, send, done) => {
			try {
				send([answer(message)]);
				badge.mended();
				done();
			} catch (error) {
				failInput(badge, done, error);
			}
		});
	}
	RED.nodes.registerType("rack-battery-telemetry", RackBatteryTelemetry);
}
