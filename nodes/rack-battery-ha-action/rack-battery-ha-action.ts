import type { Node, NodeAPI, NodeDef } from "node-red";
import { ConfigError, messageOf } from "../../src/index.ts";
import { failInput } from "../lib/bank-user.ts";
import { FlowStart } from "../lib/flow-start.ts";
import { type HomeAssistantUse, homeAssistantBadge, homeAssistantOf } from "../lib/home-assistant-access.ts";
import { StatusBadge } from "../lib/status.ts";
import { type ActionCall, actionCall } from "./action-inputs.ts";

interface ActionConfig extends NodeDef {
	readonly ha?: string;
}

export default function register(RED: NodeAPI): void {
	const flowStart = new FlowStart(RED);
	function RackBatteryHaAction(this: Node, config: ActionConfig): void {
		RED.nodes.createNode(this, config);
		const badge = new StatusBadge(this);
		badge.show("haConnecting");
		let use: HomeAssistantUse | null = null;
		let unlisten = () => {};
		const cancel = flowStart.after(() => {
			try {
				use = homeAssistantOf(RED, config.ha);
			} catch (error) {
				badge.problem("noHomeAssistant");
				this.error(messageOf(error), {});
				return;
			}
			const { homeAssistant } = use;
			badge.show(homeAssistantBadge(homeAssistant.state));
			unlisten = homeAssistant.onState((state) => badge.show(homeAssistantBadge(state)));
		});
		this.on("input", (message, send, done) => {
			let call: ActionCall;
			try {
				call = actionCall(message, config);
			} catch (error) {
				failInput(badge, done, error);
				return;
			}
			if (!use) {
				done(new ConfigError("invalid", "There is no Home Assistant to call: the badge of this node and the log say why."));
				return;
			}
			use.homeAssistant.call(call.action, { timeoutMs: call.timeoutMs }).then(
				(payload) => {
					badge.mended();
					send({ ...message, payload, action: call.name });
					done();
				},
				(error: unknown) => {
					badge.problem("callFailed");
					done(new Error(`${call.name}: ${messageOf(error)}`, { cause: error }));
				},
			);
		});
		this.on("close", (done: () => void) => {
			cancel();
			unlisten();
			use?.release();
			use = null;
			done();
		});
	}
	RED.nodes.registerType("rack-battery-ha-action", RackBatteryHaAction);
}
