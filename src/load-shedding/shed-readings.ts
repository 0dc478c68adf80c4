import { CONDITION_KEYS, type ConditionKey, conditionOf } from "../bms/battery/conditions.ts";
import type { BankSnapshot } from "../bms/battery/snapshot.ts";
import type { ShedRules } from "./options.ts";
import type { Readings } from "./triggers.ts";

/** What only messages or other parts can tell. */
export interface Told {
	/** A contact's own position, when somebody tells it: true is closed, null unknown; undefined: nobody tells. */
	readonly fault?: boolean | null | undefined;
	readonly lowBattery?: boolean | null | undefined;
	/** W taken from the grid, and when that was told. */
	readonly importPower?: { readonly watts: number; readonly at: number } | null;
	/** Minutes left at the power used now; infinite while not discharging; null unknown. */
	readonly runtimeMinutes: number | null;
}

/** What closes the modelled contacts (fault-map §7): 1/2 by protections but Fully and by faults 17-21, 3/4 by low charge. */
const CLOSES = {
	fault: (key: ConditionKey) => {
		const { class: kind, item, isState, unsupported } = conditionOf(key);
		return kind !== "alarm" && item !== null && !isState && !unsupported;
	},
	lowBattery: (key: ConditionKey) => key === "alarm.low_soc",
} as const;

type Contact = keyof typeof CLOSES;
const CONTACTS = Object.keys(CLOSES) as readonly Contact[];

/** The conditions that close a modelled contact. */
export function contactMask(contact: Contact): readonly ConditionKey[] {
	return CONDITION_KEYS.filter(CLOSES[contact]);
}

function contact(which: Contact, snapshot: BankSnapshot, told: boolean | null | undefined): boolean | null {
	if (told !== undefined) return told;
	const { conditions } = snapshot;
	if (conditions?.some(({ key }) => CLOSES[which](key))) return true;
	return conditions === null || isUntold(which, snapshot) ? null : false;
}

/** Of what no pack can report, "not set" is not known, and never will be. */
function isUntold(which: Contact, { conditions, unsupported }: BankSnapshot): boolean {
	return conditions !== null && contactMask(which).every((key) => unsupported.includes(key));
}

function lowestCharge(snapshot: BankSnapshot, packs: readonly number[]): number | null {
	const charges = snapshot.packs
		.filter(({ address, telemetry }) => packs.includes(address) && telemetry !== null && !telemetry.stale)
		.map(({ telemetry }) => telemetry?.value.stateOfCharge ?? null);
	const known = charges.filter((charge) => charge !== null);
	return known.length === 0 ? null : Math.min(...known);
}

/** What the shedding looks at; null while there are no fresh values. Pure. */
export function shedReadings(snapshot: BankSnapshot, told: Told, rules: ShedRules, now: number): Readings | null {
	const { totals } = snapshot;
	const oldestMs = rules.oldestDataS * 1000;
	if (totals === null || totals.stale || now - totals.at > oldestMs) return null;
	const { stateOfCharge, power, cellVoltageMin, packs } = totals.value;
	const importPower = told.importPower && now - told.importPower.at <= oldestMs ? told.importPower.watts : null;
	return {
		stateOfCharge: rules.socOf === "bank" ? stateOfCharge : lowestCharge(snapshot, packs),
		lowestCellVoltage: cellVoltageMin,
		lowBattery: contact("lowBattery", snapshot, told.lowBattery),
		fault: contact("fault", snapshot, told.fault),
		runtimeMinutes: told.runtimeMinutes,
		dischargeW: power === null ? null : Math.max(0, -power),
		importW: importPower,
		untold: CONTACTS.filter((which) => told[which] === undefined && isUntold(which, snapshot)),
	};
}
