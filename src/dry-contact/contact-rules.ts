import type { ConditionKey } from "../bms/battery/conditions.ts";
import { CONTACT_KEYS, type ContactKey, type ContactSourceKind } from "../bms/battery/contact.ts";
import { conditionsIn } from "./condition-list.ts";
import type { ContactSettings, STALE_CHOICES } from "./options.ts";

/** How long after the bank was opened a stale choice of open or closed has to wait for a first reading, ms. */
export const FIRST_READING_MS = 60_000;

/** The rule of one contact, from the settings. */
export interface ContactRule {
	readonly contact: ContactKey;
	readonly conditions: ReadonlySet<ConditionKey>;
	readonly onDelayMs: number;
	readonly offDelayMs: number;
	readonly holdMs: number;
	readonly inverted: boolean;
	readonly source: ContactSourceKind;
	/** Pack address the wire is on, or null for the bank; undefined when no wire is used. */
	readonly wiredTo: number | null | undefined;
	readonly onStale: (typeof STALE_CHOICES)[number];
	readonly mismatchMs: number;
	readonly debounceMs: number;
}

/** Prefix of each contact's settings. */
export const SETTING_PREFIX = { fault: "fault", "low-battery": "lowBattery" } as const satisfies Record<ContactKey, string>;

/** The rules of both contacts. */
export function contactRules(settings: ContactSettings): readonly ContactRule[] {
	return CONTACT_KEYS.map((contact) => {
		const prefix = SETTING_PREFIX[contact];
		const source = settings[`${prefix}Source`];
		const wiredTo = settings[`${prefix}WiredTo`];
		return {
			contact,
			conditions: conditionsIn(settings[`${prefix}Conditions`]),
			onDelayMs: settings[`${prefix}OnDelaySeconds`] * 1000,
			offDelayMs: settings[`${prefix}OffDelaySeconds`] * 1000,
			holdMs: settings[`${prefix}HoldSeconds`] * 1000,
			inverted: settings[`${prefix}Inverted`],
			source,
			wiredTo: source === "model" ? undefined : wiredTo === "bank" ? null : Number(wiredTo),
			onStale: settings.onStale,
			mismatchMs: settings.mismatchSeconds * 1000,
			debounceMs: settings.inputDebounceMs,
		};
	});
}
