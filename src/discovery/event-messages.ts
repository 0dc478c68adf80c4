import { conditionOf, isProblem } from "../bms/battery/conditions.ts";
import type { ContactEvent } from "../bms/battery/contact.ts";
import type { BankEvent, BankSnapshot } from "../bms/battery/snapshot.ts";
import { eventTypeOf } from "./contact-entities.ts";
import type { Json } from "./state-payload.ts";
import type { DeviceKey } from "./topics.ts";

/** A message on a device's event topic; sent once, never retained (home-assistant.md §5). */
export interface EventMessage {
	readonly device: DeviceKey;
	readonly values: Readonly<Record<string, Json>> & { readonly event_type: string };
}

/** The message of a contact's edge; null for events that are no edges. */
export function contactMessage({ type, contact: state, at, durationMs }: ContactEvent): EventMessage | null {
	if (type !== "closed" && type !== "opened") return null;
	const { contact, pack, causes } = state;
	const packs = new Set(causes.map((cause) => cause.pack));
	return {
		device: pack ?? "bank",
		values: {
			event_type: eventTypeOf(contact, type),
			// The bank's contact names a pack when it is the only one behind it.
			pack: pack ?? (packs.size === 1 ? ([...packs][0] ?? null) : null),
			codes: [...new Set(causes.map(({ key }) => conditionOf(key).slug))],
			at: new Date(at).toISOString(),
			duration: durationMs === null ? null : Math.round(durationMs / 1000),
			modelled: state.modelled !== null,
			wired: state.wired !== null,
		},
	};
}

/** Devices whose alarm state has been known: only what happens to them afterwards is news. */
export type KnownDevices = ReadonlySet<DeviceKey>;

/** The devices of a snapshot whose alarm state is known, and those that were before. */
export function knownDevices(before: KnownDevices, snapshot: BankSnapshot): KnownDevices {
	const packs = snapshot.packs.filter(({ conditions }) => conditions !== null).map(({ address }) => address);
	return new Set<DeviceKey>([...before, ...(snapshot.conditions === null ? [] : (["bank"] as const)), ...packs]);
}

/** The messages of protections that were raised or cleared on devices that were known before; Fully is none. */
export function protectionMessages(known: KnownDevices, events: readonly BankEvent[]): readonly EventMessage[] {
	return events.flatMap((event): readonly EventMessage[] => {
		if (event.type !== "condition-raised" && event.type !== "condition-cleared") return [];
		const { scope, condition, at } = event;
		const row = conditionOf(condition.key);
		const device = scope === "bank" ? "bank" : condition.pack;
		if (row.class !== "protection" || !isProblem(condition.key) || device === null || !known.has(device)) return [];
		const type = event.type === "condition-raised" ? "protection_raised" : "protection_cleared";
		return [{ device, values: { event_type: type, pack: condition.pack, codes: [row.slug], at: new Date(at).toISOString() } }];
	});
}
