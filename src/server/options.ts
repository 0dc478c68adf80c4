import type { SettingsOf } from "../settings.ts";

/** TABLE of the settings of the server. */
export const SERVER_SETTINGS = {
	host: { type: "string", default: "127.0.0.1", description: "Address to listen on; any other than this machine's own needs a password." },
	port: {
		type: "integer",
		default: 1881,
		minimum: 0,
		maximum: 65535,
		description: "Port of the pages; 0 takes any free one. When it is taken, the next free one is used.",
	},
	password: {
		type: "string",
		default: "",
		secret: true,
		description: "Password for the pages and the flow editor (user name: admin); needed when other machines may connect.",
	},
	mqttPort: {
		type: "integer",
		default: 1884,
		minimum: 0,
		maximum: 65535,
		description: "Port of the built-in MQTT broker; when it is taken, the next free one is used.",
	},
	dataFolder: { type: "string", default: ".rack-battery", description: "Folder for flows, energy counters and other things to keep." },
	allowedHosts: {
		type: "string",
		default: "",
		example: "battery.local, 192.168.1.5",
		description: "Further host names the pages may be reached under, with commas between.",
	},
	ingressFrom: {
		type: "string",
		default: "",
		pattern: "^([0-9a-fA-F.:]+)?$",
		example: "172.30.32.2",
		description:
			"Address of a proxy that asks for a login itself (Home Assistant's ingress, 172.30.32.2): it is let in without a password. When no password is set, nobody else from outside this machine is.",
	},
} as const satisfies Record<string, import("../settings.ts").Setting>;

export type ServerSettings = SettingsOf<typeof SERVER_SETTINGS>;
