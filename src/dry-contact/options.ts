import { DIP_ADDRESSES } from "../bms/battery/addresses.ts";
import { CONTACT_SOURCES, CONTACTS, type ContactKey } from "../bms/battery/contact.ts";
import type { Setting, SettingsOf } from "../settings.ts";
import { CONDITION_LIST_PATTERN } from "./condition-list.ts";

/** What to say of a contact while the battery's alarm state is too old. */
export const STALE_CHOICES = ["unknown", "keep", "open", "closed"] as const;

/** Which contact the wire is on: that of the bank (all packs' in parallel), or of one pack. */
export const WIRED_TO = ["bank", ...DIP_ADDRESSES.map(String)];

/** Rows of one contact; their names get the contact's prefix. */
function rowsOf(contact: ContactKey, conditions: string, example: string) {
	const name = `${CONTACTS[contact].label} ${CONTACTS[contact].terminals}`;
	const seconds = { type: "number", default: 0, minimum: 0, maximum: 3600, unit: "s" } as const;
	return {
		Conditions: {
			type: "string",
			default: conditions,
			pattern: CONDITION_LIST_PATTERN,
			example,
			description: `${name}: what closes it, with commas: class.slug of a condition, \`protection\` (all but Fully), \`fault\` (items 17-21); \`-\` before one takes it out.`,
		},
		OnDelaySeconds: { ...seconds, description: `${name}: how long a cause must last before it closes.` },
		OffDelaySeconds: { ...seconds, description: `${name}: how long all causes must be gone before it opens.` },
		HoldSeconds: { ...seconds, description: `${name}: how long it stays closed at least.` },
		Inverted: {
			type: "boolean",
			default: false,
			description: `${name}: closed while all is well, open at a cause (closed-circuit wiring).`,
		},
		Source: {
			type: "string",
			default: "model",
			choices: CONTACT_SOURCES,
			description: `${name}: \`model\` works it out from the battery's alarms, \`wired\` reads a wire, \`both\` compares the two.`,
		},
		WiredTo: {
			type: "string",
			default: "bank",
			choices: WIRED_TO,
			description: `${name}: whose contact the wire is on: \`bank\` (the packs' contacts in parallel), or the number of a pack.`,
		},
		Input: {
			type: "string",
			default: "message",
			pattern: "^(message|mqtt:[^#+\\s]+|(CTS|DSR|DCD|RI)(@\\S+)?)$",
			example: "CTS@/dev/ttyUSB1",
			description: `${name}: where the wire comes in: \`message\` (to a contact node), \`mqtt:topic\`, or a line of the battery's serial adapter (\`CTS\`, \`DSR\`, \`DCD\`; \`RI\` in the server on Linux only) or of another one (\`CTS@/dev/ttyUSB1\`).`,
		},
		InputInverted: { type: "boolean", default: false, description: `${name}: the input says open when the contact is closed.` },
	} as const satisfies Record<string, Setting>;
}

type Rows = ReturnType<typeof rowsOf>;
type Prefixed<P extends string> = { readonly [K in keyof Rows as `${P}${K}`]: Rows[K] };

function prefixed<const P extends string>(prefix: P, rows: Rows): Prefixed<P> {
	return Object.fromEntries(Object.entries(rows).map(([key, row]) => [`${prefix}${key}`, row])) as unknown as Prefixed<P>;
}

/** TABLE of the settings of a bank's two dry contacts. */
export const CONTACT_SETTINGS = {
	...prefixed("fault", rowsOf("fault", "protection, fault", "protection, fault, -protection.cell_overvoltage")),
	...prefixed("lowBattery", rowsOf("low-battery", "alarm.low_soc", "alarm.low_soc, alarm.cell_undervoltage")),
	onStale: {
		type: "string",
		default: "unknown",
		choices: STALE_CHOICES,
		description: "What the contacts are while the battery's alarms are too old to be known: `keep` is what they were last.",
	},
	mismatchSeconds: {
		type: "number",
		default: 30,
		minimum: 1,
		maximum: 3600,
		unit: "s",
		description: "How long model and wire may differ before that is reported (source `both`).",
	},
	inputDebounceMs: {
		type: "integer",
		default: 200,
		minimum: 0,
		maximum: 60_000,
		unit: "ms",
		description: "How long a wired contact must rest before a change of it counts.",
	},
} as const satisfies Record<string, Setting>;

export type ContactSettings = SettingsOf<typeof CONTACT_SETTINGS>;
