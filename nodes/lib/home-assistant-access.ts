import type { Node, NodeAPI } from "node-red";
import { ConfigError, type HomeAssistant, type HomeAssistantState } from "../../src/index.ts";
import type { BadgeKey } from "./status.ts";

/** The node object of a `rack-battery-ha` configuration. */
export interface HomeAssistantConfigNode extends Node<HomeAssistantCredentials> {
	/** Uses the connection; the first user opens it, and it closes when the last has called `release`. */
	useHomeAssistant(): HomeAssistantUse;
}

export interface HomeAssistantUse {
	readonly homeAssistant: HomeAssistant;
	release(): void;
}

/** What Node-RED keeps apart from the flows. */
export interface HomeAssistantCredentials {
	readonly token?: string;
}

/** The Home Assistant a node is to use. Throws a ConfigError in words when none is chosen. */
export function homeAssistantOf(RED: Pick<NodeAPI, "nodes">, id: string | undefined): HomeAssistantUse {
	const config = id === undefined || id === "" ? null : (RED.nodes.getNode(id) as HomeAssistantConfigNode | null);
	if (config?.useHomeAssistant) return config.useHomeAssistant();
	throw new ConfigError("invalid", "No Home Assistant is chosen. Open this node and choose or add one.");
}

/** How the connection does, short. */
export function homeAssistantBadge({ state }: HomeAssistantState): BadgeKey {
	return (
		{
			connecting: "haConnecting",
			online: "haOnline",
			offline: "haOffline",
			refused: "haRefused",
			invalid: "haInvalid",
			closed: "haOffline",
		} as const
	)[state];
}
