import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { eventually, repository, Scene } from "../real/support/scene.ts";
import { announcements, type House, startHouse } from "./support/house.ts";
import { Tally } from "./support/tally.ts";
import { battery, complaints } from "./support/truth.ts";

/** The dashboard and the blueprints of home-assistant/, in a real Home Assistant. */

const BLUEPRINTS = ["low-battery-contact", "fault-contact", "staged-shedding", "link-lost"] as const;
const FOLDER = "blueprints/automation/rack-battery";
const scene = new Scene();
const tally = new Tally();
let house: House;

/** As the simulated bank has its ids: it says in each that it is simulated. */
const simulated = (text: string) =>
	text
		.replaceAll(/battery_bank_pack_(\d+)_/g, "battery_bank_pack_$1_simulated_")
		.replaceAll(/battery_bank_(?!pack_)/g, "battery_bank_simulated_");
const ours = (path: string) => readFile(join(repository, "home-assistant", path), "utf8");

beforeAll(async () => {
	const blueprints = await Promise.all(BLUEPRINTS.map(async (name) => [`${FOLDER}/${name}.yaml`, await ours(`blueprints/${name}.yaml`)]));
	house = await startHouse(scene, [], {
		configuration: `frontend:
input_boolean:
  heater:
    initial: true
  told:
lovelace:
  dashboards:
    rack-battery:
      mode: yaml
      title: Battery
      filename: rack-battery.yaml
`,
		files: { "rack-battery.yaml": simulated(await ours("dashboard.yaml")), ...Object.fromEntries(blueprints) },
	});
	await eventually("three devices are announced", () => announcements(house).length === 3, 30_000);
});
afterEach(() => tally.settle());
afterAll(async () => {
	tally.report();
	await scene.end();
});

interface View {
	readonly title: string;
	readonly path: string;
	readonly sections: readonly object[];
}

/** Every entity that a part of a dashboard names, wherever it stands. */
function entitiesIn(part: unknown): readonly string[] {
	if (typeof part !== "object" || part === null) return [];
	return Object.entries(part).flatMap(([key, value]) => (key === "entity" && typeof value === "string" ? [value] : entitiesIn(value)));
}

test("the dashboard is read by Home Assistant, and every entity in it has a state", async () => {
	const api = house.homeAssistant.api();
	const { views } = await api.command<{ views: readonly View[] }>("lovelace/config", { url_path: "rack-battery", force: true });
	tally.equal(
		"ready to use",
		"views",
		views.map(({ title }) => title),
		["Bank", "Packs", "Cells"],
	);
	const wanted = new Set(entitiesIn(views));
	const states = new Map((await api.states()).map(({ entity_id, state }) => [entity_id, state]));
	for (const entity of wanted) tally.holds("ready to use", `${entity} of the dashboard is there`, states.has(entity));
	tally.holds("ready to use", `the dashboard shows the cells of both packs (${wanted.size} entities)`, wanted.size > 60);
});

test("the blueprints are taken, and automations of them run", async () => {
	const api = house.homeAssistant.api();
	const listed = await api.command<Record<string, { metadata?: { name: string }; error?: string }>>("blueprint/list", {
		domain: "automation",
	});
	for (const name of BLUEPRINTS)
		tally.holds(
			"ready to use",
			`${name}: ${JSON.stringify(listed[`rack-battery/${name}.yaml`])}`,
			listed[`rack-battery/${name}.yaml`]?.metadata !== undefined,
		);
	const id = (kind: string, key: string) => `${kind}.battery_bank_simulated_${key}`;
	const turn = (what: "on" | "off", entity_id: string) => [{ action: `input_boolean.turn_${what}`, target: { entity_id } }];
	const inputs: Readonly<Record<(typeof BLUEPRINTS)[number], object>> = {
		"low-battery-contact": { contact: id("binary_sensor", "low_battery_contact") },
		"fault-contact": {
			contact: id("binary_sensor", "fault_contact"),
			then_do: [
				...turn("on", "input_boolean.told"),
				{ action: "persistent_notification.create", data: { notification_id: "codes", message: "{{ codes }}" } },
			],
		},
		"staged-shedding": {
			state_of_charge: id("sensor", "soc"),
			settle: { seconds: 0 },
			stage_1_off: turn("off", "input_boolean.heater"),
		},
		"link-lost": { link: id("binary_sensor", "link"), lost_for: { seconds: 2 } },
	};
	for (const [name, input] of Object.entries(inputs)) {
		await api.http("POST", `/api/config/automation/config/${name}`, {
			alias: name,
			use_blueprint: { path: `rack-battery/${name}.yaml`, input },
		});
		const entity = `automation.${name.replaceAll("-", "_")}`;
		await eventually(`${name} is on`, async () => (await api.states()).some((row) => row.entity_id === entity && row.state === "on"));
		tally.holds("ready to use", `${name} runs as an automation`, true);
	}
	const shows = (entity: string, state: string) => async () =>
		(await api.states()).some((row) => row.entity_id === entity && row.state === state);
	await battery(house, "set 1 protection.cell_overvoltage");
	await eventually("the fault was told", shows("input_boolean.told", "on"));
	await battery(house, "release 1");
	await battery(house, "set 1 alarm.low_soc");
	await eventually("the low battery was told", async () => {
		const notifications = await persistentNotifications();
		return notifications.some(({ notification_id }) => notification_id === "rack_battery_low");
	});
	const codes = (await persistentNotifications()).find(({ notification_id }) => notification_id === "codes")?.message;
	tally.equal("ready to use", "the causes in the message", codes, "cell_overvoltage");
	await battery(house, "release 1");
	await eventually("and taken back", async () =>
		(await persistentNotifications()).every((one) => one.notification_id !== "rack_battery_low"),
	);
	tally.holds("ready to use", "the low battery message goes when the contact opens", true);
	expect(await shows("input_boolean.heater", "on")()).toBe(true);
	await battery(house, "soc 40");
	await eventually("the first stage is shed", shows("input_boolean.heater", "off"));
	const saysLost = (one: Notification) => one.notification_id === "rack_battery_link";
	await battery(house, "pull");
	await eventually("the lost link is told", async () => (await persistentNotifications()).some(saysLost), 30_000);
	await battery(house, "plug");
	await eventually("and taken back", async () => !(await persistentNotifications()).some(saysLost), 60_000);
	tally.holds("ready to use", "a stage is shed, and a lost link is told and taken back", true);
}, 180_000);

interface Notification {
	readonly notification_id: string;
	readonly message: string;
}
function persistentNotifications(): Promise<readonly Notification[]> {
	return house.homeAssistant.api().command("persistent_notification/get");
}

test("nothing about us in Home Assistant's log", async () => {
	tally.equal("log", "complaints", await complaints(house), []);
});
