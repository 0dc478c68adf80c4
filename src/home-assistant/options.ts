import type { SettingsOf, SettingsTable } from "../settings.ts";

/** TABLE of the settings of one Home Assistant. */
export const HOME_ASSISTANT_SETTINGS = {
	url: {
		type: "string",
		default: "",
		example: "http://homeassistant.local:8123",
		description: "Address of Home Assistant, as in the browser: http://homeassistant.local:8123 or https://192.168.1.5:8123.",
	},
	token: {
		type: "string",
		default: "",
		secret: true,
		description: "Long-lived access token: in Home Assistant open your profile, Security, Long-lived access tokens, Create token.",
	},
	checkCertificate: {
		type: "boolean",
		default: true,
		description: "Check the certificate of an https address. Switch it off only for a certificate of your own making inside the house.",
	},
} as const satisfies SettingsTable;

export type HomeAssistantSettings = SettingsOf<typeof HOME_ASSISTANT_SETTINGS>;
