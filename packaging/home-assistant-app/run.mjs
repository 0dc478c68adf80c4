// Start of the Home Assistant app: its options and the broker that the Supervisor knows become our settings.
import { readFileSync } from "node:fs";

/** TABLE option of the app -> variable of the setting. A test holds both ends to their tables. */
const VARIABLES = {
	port: "RACK_BATTERY_BANK_PORT",
	protocol: "RACK_BATTERY_BANK_PROTOCOL",
	baud_rate: "RACK_BATTERY_BANK_BAUD_RATE",
	packs: "RACK_BATTERY_BANK_PACKS",
	name: "RACK_BATTERY_BANK_NAME",
	mqtt_url: "RACK_BATTERY_MQTT_URL",
	mqtt_username: "RACK_BATTERY_MQTT_USERNAME",
	mqtt_password: "RACK_BATTERY_MQTT_PASSWORD",
	write_classes: "RACK_BATTERY_BANK_WRITE_CLASSES",
};

/** The broker of the Mosquitto app, as the Supervisor tells it; nothing when there is none. */
async function brokerOfHome() {
	const answer = await fetch("http://supervisor/services/mqtt", {
		headers: { Authorization: `Bearer ${process.env.SUPERVISOR_TOKEN ?? ""}` },
	});
	if (!answer.ok) return {};
	const { data } = await answer.json();
	return {
		mqtt_url: `mqtt${data.ssl ? "s" : ""}://${data.host}:${data.port}`,
		mqtt_username: data.username ?? "",
		mqtt_password: data.password ?? "",
	};
}

/** Where the Supervisor puts the options and keeps what must last; another folder for trying it out. */
const data = process.env.APP_DATA_FOLDER ?? "/data";
const options = JSON.parse(readFileSync(`${data}/options.json`, "utf8"));
const broker = options.mqtt_url ? {} : await brokerOfHome().catch(() => ({}));
for (const [option, value] of Object.entries({ ...options, ...broker })) {
	const variable = VARIABLES[option];
	if (variable !== undefined && value !== "" && value !== null) process.env[variable] = String(value);
}
process.env.RACK_BATTERY_SERVER_DATA_FOLDER = `${data}/rack-battery`;
// Reached through Home Assistant's ingress alone, which asks for the login.
process.env.RACK_BATTERY_SERVER_HOST = "0.0.0.0";
process.env.RACK_BATTERY_SERVER_INGRESS_FROM = "172.30.32.2";

process.argv.splice(2, process.argv.length, "start");
await import("rack-battery/dist/src/cli/rack-battery.js");
