import type { SettingsOf } from "../settings.ts";

/** TABLE of the settings of the MQTT connection and the Home Assistant discovery. */
export const MQTT_SETTINGS = {
	url: {
		type: "string",
		default: "",
		example: "mqtt://192.168.1.10:1883",
		description: "Address of the MQTT broker (mqtt:// or mqtts://); empty uses the built-in broker, which is for trying things out.",
	},
	username: { type: "string", default: "", description: "User name at the broker; empty for none." },
	password: { type: "string", default: "", secret: true, description: "Password at the broker." },
	baseTopic: { type: "string", default: "rack-battery", pattern: "^[^#+\\s/][^#+\\s]*$", description: "First part of all our topics." },
	discoveryPrefix: {
		type: "string",
		default: "homeassistant",
		pattern: "^[^#+\\s/][^#+\\s]*$",
		description: "Home Assistant's discovery prefix.",
	},
	statusTopic: {
		type: "string",
		default: "homeassistant/status",
		pattern: "^[^#+\\s]+$",
		description: "Topic of Home Assistant's birth message.",
	},
	discovery: {
		type: "string",
		default: "device",
		choices: ["device", "off"],
		description: "`device` announces one device a pack and one for the bank; `off` publishes values only.",
	},
	cellEntities: { type: "boolean", default: true, description: "Whether the single cells are enabled in Home Assistant from the start." },
	commands: {
		type: "boolean",
		default: true,
		description: "Whether commands are taken from MQTT and Home Assistant, as far as the bank's write classes allow any.",
	},
	heartbeatSeconds: {
		type: "integer",
		default: 120,
		minimum: 30,
		maximum: 3600,
		unit: "s",
		description: "How often unchanged measurements are sent again; the rest (alarms, switches, counters) the broker keeps.",
	},
	cellDeadBandMv: {
		type: "number",
		default: 2,
		minimum: 0,
		maximum: 50,
		unit: "mV",
		description: "Smaller changes of a cell are not sent.",
	},
	temperatureDeadBand: {
		type: "number",
		default: 0.5,
		minimum: 0,
		maximum: 5,
		unit: "°C",
		description: "Smaller changes of a temperature are not sent.",
	},
	currentDeadBand: {
		type: "number",
		default: 0.1,
		minimum: 0,
		maximum: 5,
		unit: "A",
		description: "Smaller changes of the current are not sent.",
	},
	voltageDeadBand: {
		type: "number",
		default: 0.02,
		minimum: 0,
		maximum: 1,
		unit: "V",
		description: "Smaller changes of a pack's voltage are not sent.",
	},
} as const satisfies Record<string, import("../settings.ts").Setting>;

export type MqttSettings = SettingsOf<typeof MQTT_SETTINGS>;
