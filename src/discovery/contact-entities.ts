import { conditionOf } from "../bms/battery/conditions.ts";
import { CONTACT_KEYS, CONTACTS, type ContactKey, type ContactState, contactOf } from "../bms/battery/contact.ts";
import type { EntitySpec } from "./components.ts";
import type { Component } from "./discovery-config.ts";
import type { Values } from "./state-payload.ts";
import { attributesTemplate, onOffTemplate } from "./templates.ts";
import type { DeviceKey, Names } from "./topics.ts";

/**
 * The dry contacts and the events in Home Assistant (home-assistant.md §5): a binary sensor is the truth, every
 * edge is also an event, and device triggers listen to the same event topic.
 */

/** TABLE of the binary sensors' classes. Without category, so that their triggers are offered for the device. */
const SENSOR_CLASS = { fault: "problem", "low-battery": "battery" } as const satisfies Record<ContactKey, string>;

/** TABLE of the words of a trigger's key in the discovery message; part of what users' automations refer to. */
const TRIGGER_KEY = { fault: "fault", "low-battery": "low" } as const satisfies Record<ContactKey, string>;

const EDGES = ["closed", "opened"] as const;

/** Key of a contact in messages and ids. */
const keyOf = (contact: ContactKey) => `${CONTACTS[contact].slug}_contact`;

/** Every word that may come as `event_type`. */
export const EVENT_TYPES: readonly string[] = [
	...CONTACT_KEYS.flatMap((contact) => EDGES.map((edge) => eventTypeOf(contact, edge))),
	"protection_raised",
	"protection_cleared",
	"command_rejected",
];

export function eventTypeOf(contact: ContactKey, edge: (typeof EDGES)[number]): string {
	return `${CONTACTS[contact].slug}_${edge}`;
}

/** The two binary sensors: on while the contact reports. They show `unknown` when that is not known, not unavailable. */
export function contactSpecs(): readonly EntitySpec[] {
	return CONTACT_KEYS.map((contact) => {
		const key = keyOf(contact);
		return {
			key,
			platform: "binary_sensor",
			name: CONTACTS[contact].label,
			source: { group: "status", template: onOffTemplate(key) },
			deviceClass: SENSOR_CLASS[contact],
			enabled: true,
			shown: "bridge",
			attributes: attributesTemplate({
				codes: `${key}_codes`,
				modelled: `${key}_modelled`,
				wired: `${key}_wired`,
				mismatch: `${key}_mismatch`,
			}),
		};
	});
}

/** The event entity and the device triggers of one device. */
export function eventComponents(device: DeviceKey, names: Names, slug: string): Readonly<Record<string, Component>> {
	const topic = names.event(device);
	const uid = names.uid(device);
	const triggers = CONTACT_KEYS.flatMap((contact) =>
		EDGES.map((edge): [string, Component] => [
			`trg_${TRIGGER_KEY[contact]}_${edge}`,
			{
				p: "device_automation",
				automation_type: "trigger",
				type: edge,
				subtype: CONTACTS[contact].label,
				qos: 1,
				topic,
				value_template: "{{ value_json.event_type }}",
				payload: eventTypeOf(contact, edge),
			},
		]),
	);
	const events: Component = {
		p: "event",
		unique_id: `${uid}_events`,
		default_entity_id: `event.${slug}_events`,
		name: "Events",
		icon: "mdi:bell-ring-outline",
		state_topic: topic,
		event_types: EVENT_TYPES,
		qos: 1,
		// A wired contact is told also while the battery is silent.
		availability: [{ topic: names.bridgeState }],
	};
	return { events, ...Object.fromEntries(triggers) };
}

/** `fault_contact` and so on for the status message of a device; on, off, or null while that is not known. */
export function contactValues(states: readonly ContactState[], device: DeviceKey): Values {
	const pack = device === "bank" ? null : device;
	return Object.fromEntries(
		CONTACT_KEYS.flatMap((contact) => {
			const state = contactOf(states, contact, pack);
			const codes = state?.active ? state.causes.map(({ key }) => conditionOf(key).slug) : [];
			return [
				[keyOf(contact), state?.active ?? null],
				[`${keyOf(contact)}_codes`, [...new Set(codes)]],
				// Worked out from the alarms, read from a wire, or both.
				[`${keyOf(contact)}_modelled`, state === null ? null : state.modelled !== null],
				[`${keyOf(contact)}_wired`, state === null ? null : state.wired !== null],
				[`${keyOf(contact)}_mismatch`, state === null ? null : state.mismatch !== null],
			];
		}),
	);
}
