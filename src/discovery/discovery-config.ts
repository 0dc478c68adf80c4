import type { BankSnapshot, PackIdentity, PackSnapshot } from "../bms/battery/snapshot.ts";
import { bankEntities, type EntitySpec, packEntities } from "./components.ts";
import { contactSpecs, eventComponents } from "./contact-entities.ts";
import { expirySeconds, GROUPS } from "./groups.ts";
import type { MqttSettings } from "./options.ts";
import { attributesTemplate } from "./templates.ts";
import { type DeviceKey, type Names, slugOf } from "./topics.ts";

/** What the payloads depend on beside the snapshot. */
export interface DiscoveryContext {
	readonly names: Names;
	readonly settings: Pick<MqttSettings, "cellEntities" | "heartbeatSeconds">;
	/** Version of this server. */
	readonly version: string;
	/** Address of the status page for links; null when others cannot reach it. */
	readonly pageUrl: string | null;
	/** Whether the dry contacts and the events are published. */
	readonly hasContacts?: boolean;
	/** What can be commanded on a device, by component key; nothing when not given. */
	readonly controls?: (device: DeviceKey, slug: string) => Readonly<Record<string, Component>>;
}

type Availability = readonly { readonly topic: string }[];

/** One entity as Home Assistant's device discovery wants it (home-assistant.md §1.1). */
export type Component = Readonly<Record<string, string | number | boolean | Availability | readonly string[]>> & { readonly p: string };

export interface DiscoveryPayload {
	readonly dev: Readonly<Record<string, string | readonly string[]>>;
	readonly o: Readonly<Record<string, string>>;
	readonly availability: Availability;
	readonly availability_mode: "all";
	readonly cmps: Readonly<Record<string, Component>>;
}

/** The discovery message of the bank or of one pack of the snapshot, pure. */
export function discoveryPayload(snapshot: BankSnapshot, device: DeviceKey, context: DiscoveryContext): DiscoveryPayload {
	const { names, settings } = context;
	const pack = device === "bank" ? null : (snapshot.packs.find(({ address }) => address === device) ?? null);
	const { hasContacts = false } = context;
	const entities = [
		...(device === "bank" ? bankEntities() : packEntities(shapeOf(pack), settings)),
		...(hasContacts ? contactSpecs() : []),
	];
	return {
		dev: deviceInfo(device, pack, context),
		o: { name: "Rack Battery", sw_version: context.version, ...(context.pageUrl === null ? {} : { support_url: context.pageUrl }) },
		availability: [{ topic: names.bridgeState }, { topic: names.availability(device) }],
		availability_mode: "all",
		cmps: {
			...Object.fromEntries(entities.map((entity) => [entity.key, component(entity, device, context)])),
			...(hasContacts ? eventComponents(device, names, slugIn(names, device)) : {}),
			...context.controls?.(device, slugIn(names, device)),
		},
	};
}

/**
 * Everything in a pack's payload that can change while the bank is open, as one text: the payload needs to be
 * built and sent again only when this differs.
 */
export function packSignature(pack: PackSnapshot): string {
	const { cells, probes } = shapeOf(pack);
	return JSON.stringify([cells, probes, pack.identity?.version ?? null, serialOf(pack.identity)]);
}

/**
 * A payload that also removes what the device had before and has no more: Home Assistant takes away only what
 * is named with its platform alone. The clean payload must follow, two seconds later at least.
 */
export function withRemovals(previous: DiscoveryPayload["cmps"], next: DiscoveryPayload): DiscoveryPayload {
	const gone = Object.entries(previous).filter(([key]) => !(key in next.cmps));
	if (gone.length === 0) return next;
	return { ...next, cmps: { ...next.cmps, ...Object.fromEntries(gone.map(([key, { p }]) => [key, { p }])) } };
}

function shapeOf(pack: PackSnapshot | null) {
	const telemetry = pack?.telemetry?.value;
	return { cells: telemetry?.cellVoltages.length ?? 0, probes: telemetry?.temperatures.length ?? 0 };
}

/** The serial number a pack is known by; null while none is known. */
export const serialOf = (identity: PackIdentity | null | undefined) => identity?.packSerial ?? identity?.bmsSerial ?? null;

function deviceInfo(device: DeviceKey, pack: PackSnapshot | null, { names, version, pageUrl }: DiscoveryContext): DiscoveryPayload["dev"] {
	const link = pageUrl === null ? {} : { configuration_url: pageUrl };
	if (device === "bank") {
		return { ids: [names.uid("bank")], name: names.deviceName("bank"), mf: "Rack Battery", mdl: "Battery bank", sw: version, ...link };
	}
	const sn = serialOf(pack?.identity);
	const sw = pack?.identity?.version ?? null;
	return {
		ids: [names.uid(device)],
		name: names.deviceName(device),
		mf: "PACE",
		mdl: "Smart BMS battery pack",
		...(sn === null ? {} : { sn }),
		...(sw === null ? {} : { sw }),
		via_device: names.uid("bank"),
		...link,
	};
}

function component(entity: EntitySpec, device: DeviceKey, { names, settings }: DiscoveryContext): Component {
	const { source } = entity;
	const slug = slugIn(names, device);
	const topic =
		source === "bridge" ? names.bridgeState : source === "availability" ? names.availability(device) : names.state(device, source.group);
	const attributes = entity.attributes ?? (entity.codes === undefined ? undefined : attributesTemplate({ codes: entity.codes }));
	const group = typeof source === "object" ? GROUPS[source.group] : null;
	return withoutUndefined({
		p: entity.platform,
		unique_id: `${names.uid(device)}_${entity.key}`,
		default_entity_id: `${entity.platform}.${slug}_${entity.key}`,
		name: entity.name,
		device_class: entity.deviceClass,
		state_class: entity.stateClass,
		unit_of_measurement: entity.unit,
		suggested_display_precision: entity.precision,
		icon: entity.icon,
		entity_category: entity.category,
		enabled_by_default: entity.enabled ? undefined : false,
		state_topic: topic,
		value_template: typeof source === "object" ? source.template : undefined,
		// The plain topics speak the words of availability.
		payload_on: typeof source === "object" ? undefined : "online",
		payload_off: typeof source === "object" ? undefined : "offline",
		qos: group?.qos === 0 ? undefined : 1,
		expire_after: group?.expires ? expirySeconds(settings.heartbeatSeconds) : undefined,
		json_attributes_topic: attributes === undefined ? undefined : topic,
		json_attributes_template: attributes,
		availability: entity.shown === "device" ? undefined : entity.shown === "bridge" ? [{ topic: names.bridgeState }] : [],
	});
}

/** Names in scripts Home Assistant cannot spell in an id leave nothing of the device's name. */
function slugIn(names: Names, device: DeviceKey): string {
	return slugOf(names.deviceName(device)) || names.uid(device);
}

function withoutUndefined(
	row: Readonly<Record<string, string | number | boolean | Availability | undefined>> & { readonly p: string },
): Component {
	return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Component;
}
