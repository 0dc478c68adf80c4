import { ConfigError, MQTT_SETTINGS, type MqttSettings, type ServerHandover } from "../../src/index.ts";
import { readSettings } from "../lib/read-settings.ts";

/** User and password, which Node-RED keeps apart from the flows. */
export interface BrokerCredentials {
	readonly username?: string;
	readonly password?: string;
}

/** The MQTT settings of a discovery node. Throws a ConfigError in words when there is no broker to publish to. */
export function mqttPlanOf(
	config: Readonly<Record<string, unknown>>,
	credentials: BrokerCredentials,
	server: ServerHandover | undefined,
): MqttSettings {
	if (config.broker !== "own") {
		if (server) return server.mqtt;
		throw new ConfigError(
			"invalid",
			"This Node-RED does not run inside the Rack Battery server, so there is no broker of this server. Open this node, choose another broker and give its address.",
		);
	}
	const { username = "", password = "" } = credentials;
	const settings = readSettings(MQTT_SETTINGS, { ...config, username, password });
	if (settings.url !== "") return settings;
	throw new ConfigError("invalid", "The broker's address is missing. Open this node and give one, such as mqtt://192.168.1.10:1883.");
}
