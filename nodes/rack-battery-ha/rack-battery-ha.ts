import type { NodeAPI, NodeDef } from "node-red";
import {
	HOME_ASSISTANT_SETTINGS,
	type HomeAssistant,
	openHomeAssistant,
	type ServerHandover,
	systemClock,
	worldClock,
} from "../../src/index.ts";
import type { HomeAssistantConfigNode, HomeAssistantCredentials } from "../lib/home-assistant-access.ts";
import { isTracing, nodeLogger } from "../lib/node-logger.ts";
import { readSettings } from "../lib/read-settings.ts";

export default function register(RED: NodeAPI): void {
	const server = (RED.settings as unknown as { readonly rackBattery?: ServerHandover }).rackBattery;
	// Home Assistant lives in the world's time, however fast a simulated bank does.
	const clock = worldClock(server?.clock ?? systemClock);

	function RackBatteryHa(this: HomeAssistantConfigNode, config: NodeDef): void {
		RED.nodes.createNode(this, config);
		let open: HomeAssistant | null = null;
		let users = 0;
		const close = () => {
			open?.close();
			open = null;
		};
		this.useHomeAssistant = () => {
			const entered = { ...config, token: this.credentials?.token ?? "" };
			open ??= openHomeAssistant(readSettings(HOME_ASSISTANT_SETTINGS, entered), {
				clock,
				logger: nodeLogger(this, isTracing(RED.settings)),
			});
			users += 1;
			let isInUse: boolean = true;
			const release = () => {
				if (!isInUse) return;
				isInUse = false;
				users -= 1;
				if (users === 0) close();
			};
			return { homeAssistant: open, release };
		};
		this.on("close", (done: () => void) => {
			close();
			done();
		});
	}
	RED.nodes.registerType<HomeAssistantConfigNode, NodeDef, unknown, HomeAssistantCredentials>("rack-battery-ha", RackBatteryHa, {
		credentials: { token: { type: "password" } },
	});
}
