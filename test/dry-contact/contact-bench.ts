import type { ConditionKey } from "../../src/bms/battery/conditions.ts";
import type { ContactEvent, ContactKey } from "../../src/bms/battery/contact.ts";
import type { ActiveCondition, PackSnapshot } from "../../src/bms/battery/snapshot.ts";
import { contactRules } from "../../src/dry-contact/contact-rules.ts";
import { type Evaluation, evaluateContacts, newContacts, type WiredInputs } from "../../src/dry-contact/evaluate-contacts.ts";
import { CONTACT_SETTINGS, type ContactSettings } from "../../src/dry-contact/options.ts";
import { defaultsOf } from "../../src/settings.ts";
import { HEALTHY_STATUS } from "../support/snapshots.ts";

export const OVERVOLTAGE = "protection.cell_overvoltage" as const;
export const LOW = "alarm.low_soc" as const;

export function active(key: ConditionKey, pack: number | null): ActiveCondition {
	return { key, since: 0, pack, cell: null, probe: null, value: null, unit: null, limit: null };
}

/** What a snapshot says: per pack its conditions, or null while they are not known; `bank` when it is not simply all of them. */
export interface Said {
	readonly packs?: Readonly<Record<number, readonly ConditionKey[] | null>>;
	readonly bank?: readonly ActiveCondition[] | null;
	/** What no pack of the bank can report. */
	readonly unsupported?: readonly ConditionKey[];
	readonly fault?: boolean | null;
	readonly low?: boolean | null;
}

function statusThatLacks(unsupported: readonly ConditionKey[]): PackSnapshot["status"] {
	return { value: { ...HEALTHY_STATUS, unsupported }, at: 0, stale: false };
}

const HEALTHY = { 1: [], 2: [] } as const;

/** The pure evaluation, fed second by second. */
export class ContactBench {
	now = 1_000_000;
	last: Evaluation;
	readonly #rules;
	#wired: WiredInputs = new Map();

	constructor(settings: Partial<ContactSettings> = {}) {
		this.#rules = contactRules({ ...defaultsOf(CONTACT_SETTINGS), ...settings });
		this.last = { memory: newContacts(this.now), states: [], events: [], dueAt: null };
	}

	/** Evaluates `seconds` after the time before; the events are returned in short, "fault bank closed". */
	say(said: Said, seconds = 1): readonly string[] {
		this.now += seconds * 1000;
		const packs = Object.entries(said.packs ?? HEALTHY).map(([address, keys]) => ({
			address: Number(address),
			status: said.unsupported === undefined ? null : statusThatLacks(said.unsupported),
			conditions: keys === null ? null : keys.map((key) => active(key, Number(address))),
		}));
		const conditions = said.bank === undefined ? packs.flatMap((pack) => pack.conditions ?? []) : said.bank;
		if (said.fault !== undefined) this.#wired = new Map([...this.#wired, ["fault", said.fault]]);
		if (said.low !== undefined) this.#wired = new Map([...this.#wired, ["low-battery", said.low]]);
		this.last = evaluateContacts(
			{ conditions, packs, unsupported: said.unsupported ?? [] },
			this.#wired,
			this.#rules,
			this.last.memory,
			this.now,
		);
		return this.last.events.map(shortOf);
	}

	state(contact: ContactKey = "fault", pack: number | null = null) {
		const found = this.last.states.find((state) => state.contact === contact && state.pack === pack);
		if (found === undefined) throw new Error(`no ${contact} contact of ${pack ?? "the bank"}`);
		return found;
	}

	/** Seconds until something changes by itself. */
	get dueIn(): number | null {
		return this.last.dueAt === null ? null : (this.last.dueAt - this.now) / 1000;
	}
}

const shortOf = ({ type, contact: { contact, pack } }: ContactEvent) => `${contact} ${pack ?? "bank"} ${type}`;
