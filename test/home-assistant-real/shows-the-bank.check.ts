import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openHomeAssistant } from "../../src/home-assistant/home-assistant.ts";
import { silentLogger } from "../../src/logger.ts";
import { EXPECTED_BANK, EXPECTED_PACK } from "../discovery/home-assistant-rules.ts";
import { eventually, Scene } from "../real/support/scene.ts";
import type { EntityRow, TriggerRow } from "./support/home-assistant-api.ts";
import { type Announcement, announcedEntities, announcements, type House, startHouse } from "./support/house.ts";
import { Tally } from "./support/tally.ts";
import { battery, complaints, showsTheTruth, stateOf } from "./support/truth.ts";

/** What an owner sees in Home Assistant once both know one broker; the tests follow each other in one house. */

const scene = new Scene();
const tally = new Tally();
let house: House;
let entities: readonly EntityRow[] = [];

beforeAll(async () => {
	house = await startHouse(scene);
	await eventually(
		"everything announced is in Home Assistant",
		async () => {
			if (announcements(house).length < 3) return false;
			const announced = announcements(house).flatMap(announcedEntities);
			entities = await house.homeAssistant.api().entities();
			const missing = announced.filter(({ unique_id }) => entities.every((row) => row.unique_id !== unique_id));
			if (missing.length > 0) throw new Error(`${missing.length} missing, e.g. ${missing.slice(0, 5).map(({ unique_id }) => unique_id)}`);
			return announced.length > 0;
		},
		30_000,
	).catch(async (error: unknown) => {
		throw new Error(`${String(error)}\n${(await complaints(house)).join("\n")}`);
	});
});
afterEach(() => tally.settle());
afterAll(async () => {
	tally.report();
	await scene.end();
});

const uidOf = ({ dev }: Announcement) => dev.ids[0] ?? "";
const isBank = ({ dev }: Announcement) => dev.via_device === undefined;

test("one device for the bank and one for each pack, linked to it, as announced", async () => {
	const devices = await house.homeAssistant.api().devices();
	const announced = announcements(house);
	tally.equal("device", "how many were announced", announced.length, 3);
	const ours = devices.filter(({ identifiers }) => identifiers.some(([domain]) => domain === "mqtt"));
	tally.equal("device", "nothing beside them", ours.length, announced.length);
	const bank = ours.find(({ identifiers }) => identifiers.some(([, id]) => announced.some((one) => isBank(one) && id === uidOf(one))));
	for (const one of announced) {
		const device = ours.find(({ identifiers }) => identifiers.some(([, id]) => id === uidOf(one)));
		const what = one.dev.name;
		tally.equal("device", `${what}: name`, device?.name, one.dev.name);
		tally.equal("device", `${what}: maker`, device?.manufacturer, one.dev.mf);
		tally.equal("device", `${what}: model`, device?.model, one.dev.mdl);
		tally.equal("device", `${what}: version`, device?.sw_version ?? null, one.dev.sw ?? null);
		tally.equal("device", `${what}: serial`, device?.serial_number ?? null, one.dev.sn ?? null);
		tally.equal("device", `${what}: linked to`, device?.via_device_id ?? null, isBank(one) ? null : bank?.id);
		tally.holds("device", `${what}: says that it is simulated`, /simulated/i.test(device?.name ?? ""));
	}
});

test("every entity is there as it was announced, disabled ones too, and no other", () => {
	const announced = announcements(house).flatMap((one) => announcedEntities(one).map((row) => ({ ...row, device: one.dev.name })));
	for (const row of announced) {
		const entity = entities.find(({ unique_id }) => unique_id === row.unique_id);
		const check = (what: string, actual: unknown, expected: unknown) =>
			tally.equal("described as announced", `${row.device}, ${row.name}: ${what}`, actual ?? null, expected ?? null);
		tally.holds("exists", `${row.device}, ${row.name}`, entity !== undefined);
		if (entity === undefined) continue;
		check("id", entity.entity_id, row.default_entity_id);
		check("name", entity.original_name, row.name);
		check("category", entity.entity_category, row.entity_category);
		check("class", entity.original_device_class, row.device_class);
		check("icon", entity.original_icon, row.icon);
		check("disabled", entity.disabled_by, row.enabled_by_default === false ? "integration" : null);
		if (row.p === "sensor") {
			check("state class", entity.capabilities?.state_class, row.state_class);
			if (entity.disabled_by === null) check("digits", entity.options.sensor?.suggested_display_precision, row.suggested_display_precision);
		}
		if (row.p === "event") check("event types", entity.capabilities?.event_types, row.event_types);
	}
	const ids = new Set(announced.map(({ unique_id }) => unique_id));
	for (const entity of entities) tally.holds("exists", `${entity.unique_id} was announced`, ids.has(entity.unique_id));
});

test("the entities the product promises are there, with the class, category and choice it promises", () => {
	for (const one of announcements(house)) {
		const own = new Set(announcedEntities(one).map(({ unique_id }) => unique_id));
		for (const [name, plan] of Object.entries(isBank(one) ? EXPECTED_BANK : EXPECTED_PACK)) {
			const entity = entities.find((row) => own.has(row.unique_id) && row.original_name === name);
			const seen = entity && {
				p: entity.entity_id.split(".")[0],
				dc: entity.original_device_class,
				sc: entity.capabilities?.state_class ?? null,
				diagnostic: entity.entity_category === "diagnostic",
				disabled: entity.disabled_by !== null,
			};
			const { p, dc = null, sc = null, diagnostic = false, disabled = false } = plan;
			tally.equal("planned", `${one.dev.name}, ${name}`, seen, { p, dc, sc, diagnostic, disabled });
		}
	}
});

test("what is not enabled can be enabled", async () => {
	const api = house.homeAssistant.api();
	const disabled = entities.filter(({ disabled_by }) => disabled_by !== null);
	for (const { entity_id } of disabled) await api.command("config/entity_registry/update", { entity_id, disabled_by: null });
	await api.http("POST", `/api/config/config_entries/entry/${house.mqttEntry}/reload`);
	await eventually("they have states", async () => {
		const states = new Set((await api.states()).map(({ entity_id }) => entity_id));
		return disabled.every(({ entity_id }) => states.has(entity_id));
	});
	entities = await api.entities();
	for (const { entity_id } of disabled)
		tally.equal("exists", entity_id, entities.find((row) => row.entity_id === entity_id)?.disabled_by, null);
});

test("every entity shows what the server's snapshot says, after the integration was reloaded", async () => {
	await showsTheTruth(house, tally, "state is true");
});

test("units, classes and names in the states are those announced", async () => {
	const states = await house.homeAssistant.api().states();
	for (const one of announcements(house)) {
		for (const row of announcedEntities(one)) {
			const entity = entities.find(({ unique_id }) => unique_id === row.unique_id);
			const attributes = states.find(({ entity_id }) => entity_id === entity?.entity_id)?.attributes;
			const expected = [row.unit_of_measurement, row.device_class, row.state_class, `${one.dev.name} ${row.name}`];
			const { unit_of_measurement, device_class, state_class, friendly_name } = attributes ?? {};
			tally.equal(
				"described as announced",
				`${row.unique_id}: unit, class, state class, name`,
				[unit_of_measurement, device_class, state_class, friendly_name],
				expected,
			);
		}
	}
});

test("our own connection to Home Assistant sees the same states", async () => {
	const api = house.homeAssistant.api();
	const ours = openHomeAssistant({ url: api.url, token: api.token, checkCertificate: true }, { clock: systemClock, logger: silentLogger });
	try {
		const seen = (await ours.states()) as readonly { readonly entity_id: string }[];
		for (const { entity_id } of entities)
			tally.holds(
				"exists",
				`${entity_id} over our own connection`,
				seen.some((row) => row.entity_id === entity_id),
			);
	} finally {
		ours.close();
	}
});

test("a protection closes the fault contact: sensor, event and device trigger, and back", async () => {
	const api = house.homeAssistant.api();
	const devices = await api.devices();
	for (const one of announcements(house)) {
		const device = devices.find(({ identifiers }) => identifiers.some(([, id]) => id === uidOf(one)));
		const triggers = await api.command<readonly TriggerRow[]>("device_automation/trigger/list", { device_id: device?.id });
		const seen = triggers.filter(({ domain }) => domain === "mqtt").map(({ type, subtype }) => `${subtype} ${type}`);
		const announced = Object.values(one.cmps).filter(({ p }) => p === "device_automation");
		tally.equal("trigger", `${one.dev.name}: those listed`, seen.sort(), announced.map(({ type, subtype }) => `${subtype} ${type}`).sort());
		for (const { type, subtype } of announced) {
			const trigger = { platform: "device", domain: "mqtt", device_id: device?.id, type, subtype };
			const { triggers: check } = await api.command<{ triggers: object }>("validate_config", { triggers: [trigger] });
			tally.equal("trigger", `${one.dev.name}: ${subtype} ${type} is valid`, check, { valid: true, error: null });
		}
	}
	const pack = announcements(house).find(({ dev }) => /pack 1/.test(dev.name));
	const uid = pack === undefined ? "" : uidOf(pack);
	const device_id = devices.find(({ identifiers }) => identifiers.some(([, id]) => id === uid))?.id;
	const fired: string[] = [];
	for (const type of ["closed", "opened"])
		await api.subscribe(
			"subscribe_trigger",
			{ trigger: { platform: "device", domain: "mqtt", device_id, type, subtype: "Fault contact" } },
			() => fired.push(type),
		);

	await battery(house, "set 1 protection.cell_overvoltage");
	await eventually("the fault contact is closed", async () => (await stateOf(house, `${uid}_fault_contact`)).state === "on");
	await eventually("the trigger has fired", () => fired.includes("closed"));
	await eventually("the event is told", async () =>
		/_closed|protection_raised/.test(String((await stateOf(house, `${uid}_events`)).attributes.event_type)),
	);
	tally.equal("trigger", "the protection's sensor", (await stateOf(house, `${uid}_protection_cell_overvoltage`)).state, "on");
	await showsTheTruth(house, tally, "state is true");
	await battery(house, "release 1");
	await eventually("the fault contact is open", async () => (await stateOf(house, `${uid}_fault_contact`)).state === "off", 60_000);
	await eventually("the trigger has fired", () => fired.includes("opened"));
	tally.equal("trigger", "each once, in order", fired, ["closed", "opened"]);
	await showsTheTruth(house, tally, "state is true");
});

test(
	"the energy dashboard takes the bank's counters, power and state of charge",
	async () => {
		const api = house.homeAssistant.api();
		const uid = uidOf(announcements(house).find(isBank) ?? expect.fail("no bank"));
		const id = (key: string) => entities.find(({ unique_id }) => unique_id === `${uid}_${key}`)?.entity_id ?? expect.fail(`no ${key}`);
		const before = await api.command<Record<string, unknown>>("energy/get_prefs").catch(() => null);
		const source = {
			type: "battery",
			stat_energy_from: id("energy_discharged"),
			stat_energy_to: id("energy_charged"),
			power_config: { stat_rate_inverted: id("power") },
			stat_soc: id("soc"),
		};
		await api.command("energy/save_prefs", { energy_sources: [source], device_consumption: [] });
		const issuesOf = async () => {
			const { energy_sources } = await api.command<{ energy_sources: readonly (readonly { type: string }[])[] }>("energy/validate");
			return energy_sources.flat().map((issue) => JSON.stringify(issue));
		};
		// Statistics are made every five minutes; until then Home Assistant says only that they are not there yet.
		tally.equal(
			"energy and statistics",
			"nothing wrong with the sensors",
			(await issuesOf()).filter((issue) => !/statistics_not_defined/.test(issue)),
			[],
		);
		const statistics =
			await api.command<readonly { statistic_id: string; has_sum: boolean; statistics_unit_of_measurement: string | null }[]>(
				"recorder/list_statistic_ids",
			);
		const wrong = await api.command<Record<string, unknown>>("recorder/validate_statistics");
		for (const row of announcements(house).flatMap(announcedEntities)) {
			if (row.p !== "sensor" || row.state_class === undefined) continue;
			const entity_id = entities.find(({ unique_id }) => unique_id === row.unique_id)?.entity_id ?? "";
			const found = statistics.find(({ statistic_id }) => statistic_id === entity_id);
			const expected = { sum: row.state_class === "total_increasing", unit: row.unit_of_measurement ?? null };
			tally.equal(
				"energy and statistics",
				`${entity_id}: long-term statistics`,
				found && { sum: found.has_sum, unit: found.statistics_unit_of_measurement },
				expected,
			);
			tally.equal("energy and statistics", `${entity_id}: no issue with its statistics`, wrong[entity_id] ?? null, null);
		}
		await eventually(
			"the first five minutes' statistics",
			async () => {
				const wanted = [id("energy_discharged"), id("energy_charged"), id("power"), id("soc")];
				const start_time = new Date(Date.now() - 15 * 60_000).toISOString();
				const found = await api.command<Record<string, readonly unknown[]>>("recorder/statistics_during_period", {
					start_time,
					period: "5minute",
					statistic_ids: wanted,
				});
				return wanted.every((one) => (found[one]?.length ?? 0) > 0);
			},
			6 * 60_000,
		);
		tally.equal("energy and statistics", "the energy dashboard has nothing to complain about", await issuesOf(), []);
		if (process.env.HASS_URL && before !== null) await api.command("energy/save_prefs", before);
	},
	7 * 60_000,
);

test("nothing about us in Home Assistant's log, and nothing to repair", async () => {
	tally.equal("log", "complaints", await complaints(house), []);
});

test("the log would have told: an entity with a wrong unit is refused and complained about", async () => {
	const wrong = {
		name: "Rack Battery wrong unit",
		unique_id: "rack_battery_wrong",
		state_topic: "rack-battery/x",
		device_class: "voltage",
		unit_of_measurement: "kg",
	};
	await house.observer.publish("homeassistant/sensor/rack_battery_wrong/config", JSON.stringify(wrong));
	await eventually("the complaint", async () => (await complaints(house)).some((line) => /kg/.test(line)));
});
