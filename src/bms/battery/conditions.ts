/**
 * The manual's two lists (user manual V1.1 §5.2.1) and the further fault bits, in their true classes:
 * an *alarm* is a limit near, a *protection* means that the BMS intervened, a *fault* is broken hardware.
 * Where each bit is on the wire stands in the protocol tables; what no source places there stays unsupported.
 */
export type ConditionClass = "alarm" | "protection" | "fault";

export interface Condition {
	readonly class: ConditionClass;
	/** Number in the manual's list of that page; null for bits the manual does not list. */
	readonly item: number | null;
	/** The manual's abbreviation; `protection` and `alarm` share some, so it is unique only within a class. */
	readonly code: string;
	/** Unique within the class; used in topics, ids and messages. */
	readonly slug: string;
	readonly label: string;
	/** What it is about: decides which cell or probe can be named beside it. */
	readonly about: "cell-high" | "cell-low" | "pack" | "probe-high" | "probe-low" | "current" | "hardware";
	/** A state that rides in the protection list and is no problem (Fully). */
	readonly isState?: true;
	/** No source says where it is on the wire (fault-map §3): shown as unsupported, never as clear. */
	readonly unsupported?: true;
	/** Named by one vendor document only (fault-map §4): shown as an undocumented bit with that name. */
	readonly undocumented?: true;
}

/** TABLE of all conditions; the key is `<class>.<slug>`. */
export const CONDITIONS = {
	"alarm.discharge_overcurrent": { class: "alarm", item: 1, code: "DOC", slug: "discharge_overcurrent", label: "Discharge over-current", about: "current" },
	"alarm.charge_overcurrent": { class: "alarm", item: 2, code: "COC", slug: "charge_overcurrent", label: "Charge over-current", about: "current" },
	"alarm.pack_undervoltage": { class: "alarm", item: 3, code: "TUV", slug: "pack_undervoltage", label: "Pack under-voltage", about: "pack" },
	"alarm.pack_overvoltage": { class: "alarm", item: 4, code: "TOV", slug: "pack_overvoltage", label: "Pack over-voltage", about: "pack" },
	"alarm.cell_undervoltage": { class: "alarm", item: 5, code: "UV", slug: "cell_undervoltage", label: "Cell under-voltage", about: "cell-low" },
	// The manual prints "over discharge" here, a misprint (fault-map §2.1).
	"alarm.cell_overvoltage": { class: "alarm", item: 6, code: "OV", slug: "cell_overvoltage", label: "Cell over-voltage", about: "cell-high" },
	"alarm.low_soc": { class: "alarm", item: 7, code: "USOC", slug: "low_soc", label: "Low state of charge", about: "pack" },
	"alarm.mosfet_overtemperature": { class: "alarm", item: 8, code: "MOS OT", slug: "mosfet_overtemperature", label: "MOSFET over-temperature", about: "probe-high" },
	"alarm.ambient_low_temperature": { class: "alarm", item: 9, code: "EUT", slug: "ambient_low_temperature", label: "Ambient low temperature", about: "probe-low" },
	"alarm.ambient_high_temperature": { class: "alarm", item: 10, code: "EOT", slug: "ambient_high_temperature", label: "Ambient high temperature", about: "probe-high" },
	"alarm.discharge_low_temperature": { class: "alarm", item: 11, code: "DUT", slug: "discharge_low_temperature", label: "Discharge low temperature", about: "probe-low" },
	"alarm.charge_low_temperature": { class: "alarm", item: 12, code: "CUT", slug: "charge_low_temperature", label: "Charge low temperature", about: "probe-low" },
	"alarm.discharge_high_temperature": { class: "alarm", item: 13, code: "DOT", slug: "discharge_high_temperature", label: "Discharge high temperature", about: "probe-high" },
	"alarm.charge_high_temperature": { class: "alarm", item: 14, code: "COT", slug: "charge_high_temperature", label: "Charge high temperature", about: "probe-high" },

	"protection.short_circuit": { class: "protection", item: 1, code: "CP", slug: "short_circuit", label: "Short circuit", about: "current" },
	"protection.discharge_overcurrent": { class: "protection", item: 2, code: "DOCP", slug: "discharge_overcurrent", label: "Discharge over-current", about: "current" },
	"protection.charge_overcurrent": { class: "protection", item: 3, code: "COCP", slug: "charge_overcurrent", label: "Charge over-current", about: "current" },
	"protection.pack_undervoltage": { class: "protection", item: 4, code: "TUVP", slug: "pack_undervoltage", label: "Pack under-voltage", about: "pack" },
	"protection.pack_overvoltage": { class: "protection", item: 5, code: "TOVP", slug: "pack_overvoltage", label: "Pack over-voltage", about: "pack" },
	"protection.cell_undervoltage": { class: "protection", item: 6, code: "UVP", slug: "cell_undervoltage", label: "Cell under-voltage", about: "cell-low" },
	"protection.cell_overvoltage": { class: "protection", item: 7, code: "OVP", slug: "cell_overvoltage", label: "Cell over-voltage", about: "cell-high" },
	"protection.fully": { class: "protection", item: 8, code: "Fully", slug: "fully", label: "Fully charged", about: "pack", isState: true },
	"protection.ambient_low_temperature": { class: "protection", item: 9, code: "EUT", slug: "ambient_low_temperature", label: "Ambient low temperature", about: "probe-low" },
	"protection.ambient_high_temperature": { class: "protection", item: 10, code: "EOT", slug: "ambient_high_temperature", label: "Ambient high temperature", about: "probe-high" },
	"protection.mosfet_overtemperature": { class: "protection", item: 11, code: "MOS OT", slug: "mosfet_overtemperature", label: "MOSFET over-temperature", about: "probe-high" },
	"protection.discharge_low_temperature": { class: "protection", item: 12, code: "DUTP", slug: "discharge_low_temperature", label: "Discharge low temperature", about: "probe-low" },
	"protection.charge_low_temperature": { class: "protection", item: 13, code: "CUTP", slug: "charge_low_temperature", label: "Charge low temperature", about: "probe-low" },
	"protection.discharge_high_temperature": { class: "protection", item: 14, code: "DOTP", slug: "discharge_high_temperature", label: "Discharge high temperature", about: "probe-high" },
	"protection.charge_high_temperature": { class: "protection", item: 15, code: "COTP", slug: "charge_high_temperature", label: "Charge high temperature", about: "probe-high" },
	"protection.pcb": { class: "protection", item: 16, code: "PCB", slug: "pcb", label: "PCB protection", about: "hardware", unsupported: true },

	"fault.sampling": { class: "fault", item: 17, code: "Sample", slug: "sampling", label: "Sampling fault", about: "hardware" },
	"fault.cell": { class: "fault", item: 18, code: "Cells", slug: "cell", label: "Battery cell fault", about: "hardware" },
	"fault.temperature_sensor": { class: "fault", item: 19, code: "NTC", slug: "temperature_sensor", label: "Temperature sensor fault", about: "hardware" },
	"fault.charge_mosfet": { class: "fault", item: 20, code: "chg MOS", slug: "charge_mosfet", label: "Charge MOSFET fault", about: "hardware" },
	"fault.discharge_mosfet": { class: "fault", item: 21, code: "dhg MOS", slug: "discharge_mosfet", label: "Discharge MOSFET fault", about: "hardware" },

	// Further bits: named by the 2023 vendor document only (fault-map §3, §4).
	"fault.heater_film": { class: "fault", item: null, code: "F.7", slug: "heater_film", label: "Undocumented fault bit F.7 (heater film)", about: "hardware", undocumented: true },
	"fault.current_limiter": { class: "fault", item: null, code: "F.6", slug: "current_limiter", label: "Undocumented fault bit F.6 (current limiter)", about: "hardware", undocumented: true },
	"fault.communication": { class: "fault", item: null, code: "F.3", slug: "communication", label: "Undocumented fault bit F.3 (internal communication)", about: "hardware", undocumented: true },
	"fault.charger_overvoltage": { class: "fault", item: null, code: "P1.7", slug: "charger_overvoltage", label: "Undocumented protection bit P1.7 (charger voltage too high)", about: "hardware", undocumented: true },
	"fault.charger_polarity": { class: "fault", item: null, code: "I.4", slug: "charger_polarity", label: "Charger polarity reversed", about: "hardware" },
} as const satisfies Record<string, Condition>;

export type ConditionKey = keyof typeof CONDITIONS;

export const CONDITION_KEYS = Object.keys(CONDITIONS) as readonly ConditionKey[];

/** The row of a key, with the optional marks readable. */
export function conditionOf(key: ConditionKey): Condition {
	return CONDITIONS[key];
}

/** Keys of one class, in the manual's order. */
export function conditionsOfClass(conditionClass: ConditionClass): readonly ConditionKey[] {
	return CONDITION_KEYS.filter((key) => CONDITIONS[key].class === conditionClass);
}

/** Whether it counts as a problem: everything that is set except states (Fully). */
export function isProblem(key: ConditionKey): boolean {
	return conditionOf(key).isState !== true;
}
