import type { ConditionKey } from "../bms/battery/conditions.ts";
import { CONTACT_KEYS, type ContactKey, type ContactSourceKind } from "../bms/battery/contact.ts";
import { conditionsIn } from "./condition-list.ts";
import type { ContactSettings, STALE_CHOICES } from "./options.ts";

/**
 * TABLE of the exact semantics, in the order in which they are applied; documentation and help are generated
 * from it. The names are those of the functions and fields that do it.
 */
export const CONTACT_SEMANTICS = [
	{
		step: "cause",
		meaning:
			"A cause is a condition of the contact's list that is set. Contact 1/2: every protection but Fully, and the faults 17 to 21. Contact 3/4: low state of charge. The battery has no message that tells a contact, so this is a model, and says so.",
	},
	{
		step: "pack",
		meaning: "A pack's contact follows what that pack itself says. While that is not known or too old, the contact is not known.",
	},
	{
		step: "bank",
		meaning:
			"The bank's contact follows everything that is set in the bank, also while no pack is named for it, and every wired contact of a pack. It is unknown only when nothing closes it and the bank's alarm state, or a wired contact, is not known.",
	},
	{ step: "on delay", meaning: "A cause must last that long before the contact closes." },
	{ step: "off delay", meaning: "All causes must be gone that long before the contact opens." },
	{ step: "hold", meaning: "Once closed it stays closed at least that long, also when the cause is gone or the readings grow too old." },
	{
		step: "stale",
		meaning:
			"While the alarm state is too old the contact is unknown, keeps what it was, or is open or closed, as chosen. Open and closed stand only after the battery has been heard, or 60 s after the bank was opened.",
	},
	{
		step: "wire",
		meaning:
			"A wired contact must rest for the debounce time. With source wired only the wire counts; with both the contact is closed when either says so, and what is known stands for what is not.",
	},
	{
		step: "mismatch",
		meaning: "With source both: when both are known and differ for the mismatch time, that is reported in words, until they agree again.",
	},
	{ step: "inverted", meaning: "An inverted contact is closed while all is well and opens at a cause." },
	{
		step: "edge",
		meaning:
			"Closed and opened are told once for each edge, compared with what the contact was last known to be; unknown in between makes no edge. What it is found at first is no edge.",
	},
] as const satisfies readonly { readonly step: string; readonly meaning: string }[];

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
