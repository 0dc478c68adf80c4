/**
 * What Home Assistant would show, from nothing but the messages on the broker: it reads the device discovery
 * payloads, takes each entity's state from its topic and evaluates its template. Only the two forms of template
 * that home-assistant.md §4 names are understood; any other fails the test.
 */

/** Every message a broker has passed on, in order. */
export type Heard = readonly { readonly topic: string; readonly payload: string }[];

/** An entity of a device, and its state: `unavailable`, `unknown`, or the text Home Assistant would show. */
export interface EntityView {
	readonly name: string;
	readonly platform: string;
	readonly unit: string | null;
	readonly deviceClass: string | null;
	readonly state: string;
	/** The list of active codes, where the entity has such attributes. */
	readonly codes: readonly string[] | null;
}

export interface DeviceView {
	readonly name: string;
	readonly id: string;
	readonly via: string | null;
	/** Keys are the entities' names. */
	readonly entities: ReadonlyMap<string, EntityView>;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Component = Readonly<Record<string, unknown>>;

/** All devices announced so far, bank first, then packs in the order of their ids. */
export function devices(heard: Heard): readonly DeviceView[] {
	const topics = [...new Set(heard.map(({ topic }) => topic).filter((topic) => /^homeassistant\/device\/.+\/config$/.test(topic)))].sort();
	return topics.flatMap((topic) => {
		const payload = latest(heard, topic);
		if (!payload) return [];
		const config = JSON.parse(payload);
		// Device triggers are no entities.
		const components = Object.values<Component>(config.cmps).filter(({ p }) => p !== "device_automation");
		const entities = components.map((component) => entity(heard, component, config));
		return [
			{
				name: config.dev.name,
				id: String([config.dev.ids].flat()[0]),
				via: config.dev.via_device ?? null,
				entities: new Map(entities.map((view) => [view.name, view])),
			},
		];
	});
}

/** State of one entity by the names a person sees; throws with the names there are when there is none. */
export function entityOf(heard: Heard, device: RegExp, name: string): EntityView {
	const all = devices(heard);
	const found = all.find((candidate) => device.test(candidate.name));
	if (!found) throw new Error(`no device like ${device}; there are: ${all.map((candidate) => candidate.name).join(", ")}`);
	const view = found.entities.get(name);
	if (!view) throw new Error(`${found.name} has no entity "${name}"; it has: ${[...found.entities.keys()].join(", ")}`);
	return view;
}

function entity(heard: Heard, component: Component, config: { availability?: unknown; availability_mode?: unknown }): EntityView {
	const availability = (component.availability ?? config.availability ?? []) as readonly { topic: string }[];
	if (availability.length > 1 && (component.availability_mode ?? config.availability_mode) !== "all")
		throw new Error("availability_mode must be all");
	const available = availability.every(({ topic }) => latest(heard, topic) === "online");
	const payload = latest(heard, String(component.state_topic));
	const codesTopic = component.json_attributes_topic;
	return {
		name: String(component.name),
		platform: String(component.p ?? component.platform),
		unit: (component.unit_of_measurement as string | undefined) ?? null,
		deviceClass: (component.device_class as string | undefined) ?? null,
		state: !available ? "unavailable" : payload === undefined ? "unknown" : shown(component, payload),
		codes: codesTopic === undefined ? null : codesOf(component, latest(heard, String(codesTopic))),
	};
}

function shown(component: Component, payload: string): string {
	const template = component.value_template;
	if (template === undefined) {
		if (payload === (component.payload_on ?? "ON")) return "on";
		if (payload === (component.payload_off ?? "OFF")) return "off";
		return payload;
	}
	const value = evaluated(String(template), payload);
	if (value === null) return "unknown";
	if (value === "ON" || value === "OFF") return value.toLowerCase();
	return String(value);
}

const plain = /^\{\{ value_json((?:\.\w+|\[\d+\])+) \| default\(none\) \}\}$/;
const onOff = /^\{\{ none if value_json((?:\.\w+|\[\d+\])+) \| default\(none\) is none else \('ON' if value_json\1 else 'OFF'\) \}\}$/;

function evaluated(template: string, payload: string): Json {
	const json: Json = JSON.parse(payload);
	const number = plain.exec(template);
	if (number?.[1]) return at(json, number[1]);
	const binary = onOff.exec(template);
	if (!binary?.[1]) throw new Error(`a template nobody agreed on: ${template}`);
	const value = at(json, binary[1]);
	return value === null ? null : value ? "ON" : "OFF";
}

/** Value at a path like `.alarms.cell_overvoltage` or `.cells[3]`; throws where the message of this version lacks it. */
function at(json: Json, path: string): Json {
	let value: unknown = json;
	for (const [, key, index] of path.matchAll(/\.(\w+)|\[(\d+)\]/g)) {
		value = (value as Record<string, unknown> | null)?.[key ?? Number(index)];
		if (value === undefined) throw new Error(`the message has nothing at ${path}`);
	}
	return value as Json;
}

function codesOf(component: Component, payload: string | undefined): readonly string[] | null {
	if (payload === undefined) return null;
	const template = String(component.json_attributes_template ?? "");
	const path = /value_json((?:\.\w+)+)/.exec(template)?.[1];
	const value = path === undefined ? null : at(JSON.parse(payload), path);
	return Array.isArray(value) ? value.map(String) : null;
}

const latest = (heard: Heard, topic: string) => heard.findLast((message) => message.topic === topic)?.payload;
