import { describe, expect, it } from "vitest";
import type { BankSnapshot } from "../../src/bms/battery/snapshot.ts";
import { contactValues } from "../../src/discovery/contact-entities.ts";
import { type Component, type DiscoveryContext, type DiscoveryPayload, discoveryPayload } from "../../src/discovery/discovery-config.ts";
import { bankStates, packStates } from "../../src/discovery/state-payload.ts";
import { type DeviceKey, namesOf } from "../../src/discovery/topics.ts";
import { bankSnapshot, pack, packValues, part, stale } from "../support/snapshots.ts";
import {
	BINARY_SENSOR_CLASSES,
	CLASSLESS_UNITS,
	DEVICE_KEYS,
	EXPECTED_BANK,
	EXPECTED_PACK,
	ORIGIN_KEYS,
	PLATFORM_KEYS,
	REQUIRED_KEYS,
	ROOT_KEYS,
	SENSOR_CLASSES,
} from "./home-assistant-rules.ts";

const SETTINGS = { baseTopic: "rack-battery", discoveryPrefix: "homeassistant", cellEntities: true, heartbeatSeconds: 120 };

function bankOf(packs: number, cells: number, probes: number, changes: Partial<BankSnapshot> = {}): BankSnapshot {
	const values = packValues({ cells, probes });
	return bankSnapshot({ packs: Array.from({ length: packs }, (_, index) => pack(index + 1, { values })), ...changes });
}

function payloadsOf(
	snapshot: BankSnapshot,
	pageUrl: string | null = "http://192.168.1.10:8080/",
): ReadonlyMap<DeviceKey, DiscoveryPayload> {
	const context: DiscoveryContext = {
		names: namesOf(snapshot, SETTINGS),
		settings: SETTINGS,
		version: "1.2.3",
		pageUrl,
		hasContacts: true,
	};
	const devices: DeviceKey[] = ["bank", ...snapshot.packs.map(({ address }) => address)];
	return new Map(devices.map((device) => [device, discoveryPayload(snapshot, device, context)]));
}

/** Topic to the parsed message on it. */
function statesOf(snapshot: BankSnapshot): ReadonlyMap<string, unknown> {
	const names = namesOf(snapshot, SETTINGS);
	const messages = [
		...bankStates(snapshot, "1.2.3", contactValues([], "bank")),
		...snapshot.packs.flatMap((one) => packStates(one, contactValues([], one.address))),
	];
	return new Map(messages.map(({ device, group, values }) => [names.state(device, group), JSON.parse(JSON.stringify(values))]));
}

const componentsOf = (payloads: ReadonlyMap<DeviceKey, DiscoveryPayload>) =>
	[...payloads.values()].flatMap((payload) => Object.entries(payload.cmps).map(([key, component]) => ({ key, component, payload })));

/** Every `value_json.…` path of a template. */
const pathsIn = (template: unknown) => [...String(template ?? "").matchAll(/value_json\.([a-z0-9_.[\]]+)/g)].map((match) => match[1] ?? "");

function valueAt(message: unknown, path: string): unknown {
	return path
		.split(/[.[\]]+/)
		.filter(Boolean)
		.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], message);
}

const FEW = [1, 2].flatMap((packs) => [8, 15, 16, 24].flatMap((cells) => [0, 4, 6, 16].map((probes) => ({ packs, cells, probes }))));
const MANY = [
	{ packs: 15, cells: 8, probes: 0 },
	{ packs: 15, cells: 15, probes: 4 },
	{ packs: 15, cells: 16, probes: 6 },
	{ packs: 15, cells: 24, probes: 16 },
];

describe.each([...FEW, ...MANY])("device discovery of $packs packs, $cells cells, $probes probes", ({ packs, cells, probes }) => {
	const snapshot = bankOf(packs, cells, probes);
	const payloads = payloadsOf(snapshot);
	const components = componentsOf(payloads);

	it("uses no key that the platform does not know, and all that it needs", () => {
		for (const { key, component } of components) {
			expect(PLATFORM_KEYS[component.p], key).toBeDefined();
			expect(
				Object.keys(component).filter((name) => !PLATFORM_KEYS[component.p]?.includes(name)),
				key,
			).toEqual([]);
			expect(
				REQUIRED_KEYS[component.p]?.filter((name) => !(name in component)),
				key,
			).toEqual([]);
		}
		for (const payload of payloads.values()) {
			expect(Object.keys(payload).filter((name) => !ROOT_KEYS.includes(name))).toEqual([]);
			expect(Object.keys(payload.dev).filter((name) => !DEVICE_KEYS.includes(name))).toEqual([]);
			expect(new Set(Object.keys(payload.o))).toEqual(new Set(ORIGIN_KEYS));
		}
	});

	it("gives every class a unit and state class that Home Assistant takes", () => {
		for (const { key, component } of components) {
			if (component.p === "binary_sensor") {
				expect(BINARY_SENSOR_CLASSES, key).toContain(component.device_class);
			} else if (component.p !== "sensor") {
				expect(component.device_class, key).toBeUndefined();
			} else if (component.device_class === undefined) {
				expect(CLASSLESS_UNITS, key).toContain(component.unit_of_measurement);
			} else {
				const rule = SENSOR_CLASSES[String(component.device_class)];
				expect(rule?.units, key).toContain(component.unit_of_measurement);
				expect(rule?.stateClasses, key).toContain(component.state_class);
			}
			expect([undefined, "diagnostic"], key).toContain(component.entity_category);
			expect([undefined, false], key).toContain(component.enabled_by_default);
		}
	});

	it("has ids that are unique, stable in form and of the right domain", () => {
		const entities = components.filter(({ component }) => component.p !== "device_automation");
		const uniqueIds = entities.map(({ component }) => component.unique_id);
		expect(new Set(uniqueIds).size).toBe(uniqueIds.length);
		for (const { key } of components) expect(key).toMatch(/^[a-z0-9_]+$/);
		for (const { key, component, payload } of entities) {
			expect(component.unique_id).toBe(`${payload.dev.ids?.[0]}_${key}`);
			expect(String(component.default_entity_id)).toMatch(new RegExp(`^${component.p}\\.[a-z0-9_]+$`));
		}
		const entityIds = entities.map(({ component }) => component.default_entity_id);
		expect(new Set(entityIds).size).toBe(entityIds.length);
		const names = namesOf(snapshot, SETTINGS);
		for (const device of payloads.keys()) expect(names.config(device)).toMatch(/^homeassistant\/device\/[a-zA-Z0-9_-]+\/config$/);
	});

	it("ties the packs to the bank, and nothing to itself", () => {
		const bankId = payloads.get("bank")?.dev.ids?.[0];
		for (const [device, payload] of payloads) {
			expect(payload.dev.via_device).toBe(device === "bank" ? undefined : bankId);
			expect(payload.dev.ids).not.toContain(payload.dev.via_device);
			expect(payload.dev.name).toBeTruthy();
		}
		expect(Object.keys(payloads.get("bank")?.cmps ?? {}).length).toBeGreaterThan(0);
	});

	it("names every entity once a device, without the device's name", () => {
		for (const payload of payloads.values()) {
			const entities = Object.values(payload.cmps).filter(({ p }) => p !== "device_automation");
			const names = entities.map(({ name }) => String(name));
			expect(new Set(names).size).toBe(names.length);
			for (const name of names) {
				expect(name.toLowerCase().startsWith(String(payload.dev.name).toLowerCase())).toBe(false);
				expect(name).toMatch(/^[A-Z]/);
			}
		}
	});

	it("reads only what is in the state message of its topic, known or not", () => {
		const unknown = bankSnapshot({
			...snapshot,
			packs: snapshot.packs.map((one) =>
				pack(one.address, {
					...one,
					presence: "unknown",
					conditions: null,
					status: null,
					energy: null,
					telemetry: one.telemetry && stale(one.telemetry),
				}),
			),
			totals: null,
			conditions: null,
			energy: null,
		});
		for (const states of [statesOf(snapshot), statesOf(unknown)]) {
			for (const { key, component } of components.filter((one) => ["sensor", "binary_sensor"].includes(one.component.p))) {
				for (const template of [component.value_template, component.json_attributes_template]) {
					const message = states.get(String(component.state_topic));
					for (const path of pathsIn(template)) expect(valueAt(message, path), `${key}: ${path}`).toBeDefined();
				}
				if (component.value_template === undefined) expect([component.payload_on, component.payload_off]).toEqual(["online", "offline"]);
				else expect(pathsIn(component.value_template).length, key).toBeGreaterThan(0);
			}
		}
	});

	it("is unavailable with the bridge, and with its pack", () => {
		const names = namesOf(snapshot, SETTINGS);
		for (const [device, payload] of payloads) {
			expect(payload.availability).toEqual([{ topic: names.bridgeState }, { topic: names.availability(device) }]);
			expect(payload.availability_mode).toBe("all");
			const exceptions = Object.entries(payload.cmps).filter(([, { availability }]) => availability !== undefined);
			const keysWith = (availability: unknown) =>
				exceptions.filter(([, component]) => JSON.stringify(component.availability) === JSON.stringify(availability)).map(([key]) => key);
			const bridgeOnly = keysWith([{ topic: names.bridgeState }]);
			expect(bridgeOnly).toEqual([
				...(device === "bank" ? ["packs_online", "packs_expected", "link"] : ["online"]),
				...["link_answers", "link_failures", "link_answer_time"],
				...(device === "bank" ? ["server_version"] : []),
				"fault_contact",
				"low_battery_contact",
				"events",
			]);
			expect(keysWith([])).toEqual(device === "bank" ? ["bridge"] : []);
			expect(exceptions.length).toBe(bridgeOnly.length + (device === "bank" ? 1 : 0));
		}
	});

	it("stays far below a broker's packet limit", () => {
		const sizes = [...payloads.values()].map((payload) => Buffer.byteLength(JSON.stringify(payload)));
		expect(Math.max(...sizes)).toBeLessThan(60_000);
		expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_000_000);
	});

	it("announces every cell and every probe", () => {
		for (const [device, payload] of payloads) {
			if (device === "bank") continue;
			const keys = Object.keys(payload.cmps);
			expect(keys.filter((key) => /^cell_\d+$/.test(key)).length).toBe(cells);
			expect(keys.filter((key) => /^temperature_\d+$/.test(key)).length).toBe(probes);
		}
	});
});

describe("entities", () => {
	const summary = ({
		p,
		device_class,
		state_class,
		unit_of_measurement,
		suggested_display_precision,
		entity_category,
		enabled_by_default,
	}: Component) => ({
		p,
		...(device_class === undefined ? {} : { dc: device_class }),
		...(state_class === undefined ? {} : { sc: state_class }),
		...(unit_of_measurement === undefined ? {} : { u: unit_of_measurement }),
		...(suggested_display_precision === undefined ? {} : { pr: suggested_display_precision }),
		...(entity_category === undefined ? {} : { diagnostic: true }),
		...(enabled_by_default === undefined ? {} : { disabled: true }),
	});
	const payloads = payloadsOf(bankOf(1, 16, 6));
	const byName = (device: DeviceKey) =>
		Object.fromEntries(Object.values(payloads.get(device)?.cmps ?? {}).map((component) => [component.name, summary(component)]));

	it.each(Object.entries(EXPECTED_PACK))("pack: %s", (name, expected) => expect(byName(1)[name]).toEqual(expected));
	it.each(Object.entries(EXPECTED_BANK))("bank: %s", (name, expected) => expect(byName("bank")[name]).toEqual(expected));

	it("has the manual's 14 alarms, 15 protections, 5 faults and the further bits, but no PCB", () => {
		for (const device of ["bank", 1] as const) {
			const keys = Object.keys(payloads.get(device)?.cmps ?? {}).filter((key) => !/_(active|contact)$/.test(key));
			expect(keys.filter((key) => key.startsWith("alarm_")).length).toBe(14);
			expect(keys.filter((key) => key.startsWith("protection_")).length).toBe(15);
			expect(keys.filter((key) => key.startsWith("fault_")).length).toBe(10);
			expect(keys.filter((key) => key.includes("pcb"))).toEqual([]);
		}
	});

	it("lets live values and cells expire, never counters, states and alarms", () => {
		for (const { key, component } of componentsOf(payloads)) {
			const fast = /\/(live|cells)$/.test(String(component.state_topic));
			expect(component.expire_after, key).toBe(fast ? 360 : undefined);
			expect(component.qos, key).toBe(fast ? undefined : 1);
		}
	});

	it("can leave the cells disabled", () => {
		const snapshot = bankOf(1, 16, 6);
		const context = { names: namesOf(snapshot, SETTINGS), settings: { ...SETTINGS, cellEntities: false }, version: "1", pageUrl: null };
		const entities = new Map(Object.entries(discoveryPayload(snapshot, 1, context).cmps));
		expect(entities.get("cell_1")?.enabled_by_default).toBe(false);
		expect(entities.get("cell_voltage_min")?.enabled_by_default).toBeUndefined();
	});

	it("says in the name, in the ids and in the topics that a bank is simulated or replayed", () => {
		for (const origin of ["simulated", "replayed"] as const) {
			const snapshot = bankOf(1, 16, 6, { origin });
			for (const payload of payloadsOf(snapshot).values()) {
				expect(payload.dev.name).toContain(`(${origin})`);
				expect(payload.dev.ids?.[0]).toContain(`bank_${origin}`);
				for (const { state_topic, topic } of Object.values(payload.cmps)) {
					expect(state_topic ?? topic).toMatch(new RegExp(`^rack-battery/bank_${origin}/`));
				}
			}
		}
		const real = JSON.stringify([...payloadsOf(bankOf(1, 16, 6)).values()]);
		expect(real).not.toMatch(/simulated|replayed/);
	});

	it("shows serial and version of the cabled pack without touching its ids", () => {
		const identity = { version: "P16S100A-1B40-V1.2", bmsSerial: "B-1", packSerial: "P-1" };
		const before = payloadsOf(bankSnapshot({ packs: [pack(1)] })).get(1);
		const after = payloadsOf(bankSnapshot({ packs: [pack(1, { identity })] })).get(1);
		expect(after?.dev).toEqual({ ...before?.dev, sn: "P-1", sw: "P16S100A-1B40-V1.2" });
		expect(after?.cmps).toEqual(before?.cmps);
	});

	it("links to the status page only where others can reach it", () => {
		const payload = payloadsOf(bankOf(1, 16, 6), null).get(1);
		expect(payload?.dev.configuration_url).toBeUndefined();
		expect(payload?.o).toEqual({ name: "Rack Battery", sw_version: "1.2.3" });
	});

	it("makes an entity id for a bank named in a script without Latin letters", () => {
		const payload = payloadsOf(bankOf(1, 16, 6, { name: "电池组" })).get(1);
		expect(payload?.cmps.soc?.default_entity_id).toBe("sensor.pack_1_soc");
		const bank = payloadsOf(bankOf(1, 16, 6, { name: "电池组" })).get("bank");
		expect(bank?.cmps.soc?.default_entity_id).toBe("sensor.rack_battery_bank_soc");
	});

	it("announces a pack that never answered, without cells", () => {
		const { cmps } = payloadsOf(
			bankSnapshot({ packs: [pack(3, { presence: "unknown", telemetry: null, status: null, conditions: null })] }),
		).get(3) ?? { cmps: {} };
		expect(Object.keys(cmps)).toContain("online");
		expect(Object.keys(cmps).filter((key) => /^cell_\d/.test(key))).toEqual([]);
	});
});

describe("dry contacts and events", () => {
	const payloads = payloadsOf(bankOf(2, 16, 6));

	it.each(["bank", 2] as const)("of %s: sensors, event entity and triggers as Home Assistant is told to use them", (device) => {
		const cmps: Readonly<Record<string, Component>> = payloads.get(device)?.cmps ?? {};
		const folder = `rack-battery/bank/${device === "bank" ? "bank" : "pack/2"}`;
		const uid = device === "bank" ? "rack_battery_bank" : "rack_battery_bank_a2";
		const slug = device === "bank" ? "battery_bank" : "battery_bank_pack_2";
		const sensor = (key: string) => ({
			p: "binary_sensor",
			unique_id: `${uid}_${key}`,
			default_entity_id: `binary_sensor.${slug}_${key}`,
			state_topic: `${folder}/status`,
			qos: 1,
			value_template: `{{ none if value_json.${key} | default(none) is none else ('ON' if value_json.${key} else 'OFF') }}`,
		});
		expect(cmps.fault_contact).toMatchObject({ ...sensor("fault_contact"), name: "Fault contact", device_class: "problem" });
		expect(cmps.low_battery_contact).toMatchObject({
			...sensor("low_battery_contact"),
			name: "Low battery contact",
			device_class: "battery",
		});
		for (const key of ["fault_contact", "low_battery_contact"]) expect(cmps[key]?.entity_category).toBeUndefined();
		const types = ["fault_closed", "fault_opened", "low_battery_closed", "low_battery_opened"];
		expect(cmps.events).toMatchObject({
			p: "event",
			unique_id: `${uid}_events`,
			default_entity_id: `event.${slug}_events`,
			name: "Events",
			qos: 1,
			state_topic: `${folder}/event`,
			event_types: [...types, "protection_raised", "protection_cleared", "command_rejected"],
		});
		const triggers = Object.entries(cmps).filter(([, { p }]) => p === "device_automation");
		expect(triggers.map(([key, { type, subtype, payload }]) => [key, type, subtype, payload])).toEqual([
			["trg_fault_closed", "closed", "Fault contact", "fault_closed"],
			["trg_fault_opened", "opened", "Fault contact", "fault_opened"],
			["trg_low_closed", "closed", "Low battery contact", "low_battery_closed"],
			["trg_low_opened", "opened", "Low battery contact", "low_battery_opened"],
		]);
		for (const [, trigger] of triggers) {
			expect(trigger).toMatchObject({
				automation_type: "trigger",
				qos: 1,
				topic: `${folder}/event`,
				value_template: "{{ value_json.event_type }}",
			});
			expect(types).toContain(trigger.payload);
		}
	});

	it("are left out where nobody watches the contacts", () => {
		const snapshot = bankOf(1, 16, 6);
		const context = { names: namesOf(snapshot, SETTINGS), settings: SETTINGS, version: "1", pageUrl: null };
		const kinds = Object.values(discoveryPayload(snapshot, 1, context).cmps).map(({ p }) => p);
		expect(new Set(kinds)).toEqual(new Set(["sensor", "binary_sensor"]));
	});
});

describe("times in state messages", () => {
	it("do not exist: the same bank a minute later says the same", () => {
		const now = bankOf(2, 16, 6);
		const later = bankSnapshot({
			...now,
			at: now.at + 60_000,
			revision: 99,
			packs: now.packs.map((one) => ({ ...one, telemetry: one.telemetry && part(one.telemetry.value, now.at + 60_000) })),
		});
		expect(statesOf(later)).toEqual(statesOf(now));
	});
});
