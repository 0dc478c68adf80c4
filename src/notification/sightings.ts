import type { ContactState } from "../bms/battery/contact.ts";
import type { ActiveCondition, BankSnapshot } from "../bms/battery/snapshot.ts";
import { type FamilyKey, familyOf, familyRow, severityOf } from "./families.ts";
import type { Sighting } from "./issue.ts";
import type { NotificationSettings } from "./options.ts";
import { gravest } from "./severity.ts";

/** What the manager looks at. */
export interface Inputs {
	readonly snapshot: BankSnapshot;
	/** The bank's dry contacts; empty where there are none. */
	readonly contacts: readonly ContactState[];
}

/** What is the matter now. */
export interface Look {
	readonly sightings: readonly Sighting[];
	/** Whether the absence of its sighting means that nothing is the matter any more. */
	readonly isKnown: (issue: Pick<Sighting, "family" | "pack" | "details">) => boolean;
	/** Which alarm reading it is, to tell one from the next; null while there is none. */
	readonly reading: number | null;
}

const MINUTE_MS = 60_000;
const owner = (pack: number | null) => (pack === null ? "bank" : String(pack));
export const keyOf = (family: FamilyKey, pack: number | null) => `${family}/${owner(pack)}`;

function plain(family: FamilyKey, pack: number | null, since: number, text: string | null = null): Sighting {
	return {
		key: keyOf(family, pack),
		family,
		pack,
		severity: familyRow(family).severity ?? "warning",
		since,
		details: [],
		title: null,
		text,
	};
}

/** Conditions by family and pack. */
function conditionSightings(conditions: readonly ActiveCondition[]): readonly Sighting[] {
	const groups = new Map<string, ActiveCondition[]>();
	for (const condition of conditions) {
		const key = keyOf(familyOf(condition.key), condition.pack);
		groups.set(key, [...(groups.get(key) ?? []), condition]);
	}
	return [...groups].flatMap(([key, [first, ...others]]) => {
		if (first === undefined) return [];
		const all = [first, ...others].sort(
			(one, other) => (severityOf(one.key) === "critical" ? 0 : 1) - (severityOf(other.key) === "critical" ? 0 : 1),
		);
		return [
			{
				key,
				family: familyOf(first.key),
				pack: first.pack,
				severity: gravest(all.map((condition) => severityOf(condition.key))) ?? "caution",
				since: Math.min(...all.map(({ since }) => since)),
				details: all.map(({ key: condition, cell, probe, value, unit, limit }) => ({ key: condition, cell, probe, value, unit, limit })),
				title: null,
				text: null,
			},
		];
	});
}

/** When the battery last said anything good; null when it has not. */
export function lastReadingAt({ statusAt, packs }: BankSnapshot): number | null {
	const times = [statusAt, ...packs.flatMap(({ telemetry, status }) => [telemetry?.at, status?.at])].filter((at) => typeof at === "number");
	return times.length === 0 ? null : Math.max(...times);
}

/** Since when the battery is silent as far as this run knows. */
export function silentSince(snapshot: BankSnapshot, startedAt: number): number {
	return Math.max(lastReadingAt(snapshot) ?? startedAt, startedAt);
}

/** The battery is silent: nothing good came for so long. */
function linkSightings(snapshot: BankSnapshot, startedAt: number, settings: NotificationSettings, now: number): readonly Sighting[] {
	const since = silentSince(snapshot, startedAt);
	// It sleeps, as was to be expected: nobody need look after the line.
	if (snapshot.link.state === "asleep") return [];
	if (now - since < settings.watchdogMinutes * MINUTE_MS) return [];
	return [plain("link", null, since, snapshot.link.problem?.message ?? null)];
}

/** Contacts that a wire closes, of the bank as a whole; and wires that contradict the model. */
function contactSightings(contacts: readonly ContactState[]): readonly Sighting[] {
	return contacts
		.filter(({ pack }) => pack === null)
		.flatMap((contact) => [
			...(contact.wired !== null && contact.active === true ? [plain(contactFamily(contact), null, contact.since)] : []),
			...(contact.mismatch === null
				? []
				: [{ ...plain("mismatch", null, contact.mismatch.since, contact.mismatch.text), key: `mismatch/${contact.contact}` }]),
		]);
}

const contactFamily = ({ contact }: ContactState): FamilyKey => (contact === "fault" ? "fault_contact" : "low_contact");

/** Looks at everything once. */
export function look({ snapshot, contacts }: Inputs, startedAt: number, settings: NotificationSettings, now: number): Look {
	const { conditions, packs, statusAt } = snapshot;
	const missing = packs.filter(({ presence }) => presence === "absent");
	const sightings = [
		...conditionSightings(conditions ?? []),
		...linkSightings(snapshot, startedAt, settings, now),
		...missing.map(({ address }) => plain("pack", address, now)),
		...contactSightings(contacts),
	];
	const lastAt = lastReadingAt(snapshot);
	const isFresh = lastAt !== null && now - lastAt < settings.watchdogMinutes * MINUTE_MS;
	const isKnown: Look["isKnown"] = ({ family, pack, details }) => {
		if (family === "custom") return false;
		if (family === "mismatch") return true;
		// Over only when the battery has spoken again: at a start it has simply not been silent for long yet.
		if (family === "link") return isFresh;
		if (family === "pack") return packs.some(({ address, presence }) => address === pack && presence === "live");
		const contact = contacts.find((one) => one.pack === null && contactFamily(one) === family);
		if (family === "fault_contact" || family === "low_contact") return contact === undefined || contact.active !== null;
		// What the battery has no word for is not over because it is not told: another port or protocol may have told it.
		const { unsupported } = packs.find(({ address }) => address === pack)?.status?.value ?? snapshot;
		if (details.some(({ key }) => unsupported?.includes(key))) return false;
		// One that lost its number may be any pack's.
		return conditions !== null && !(pack !== null && sightings.some(({ key }) => key === keyOf(family, null)));
	};
	return { sightings, isKnown, reading: statusAt };
}
