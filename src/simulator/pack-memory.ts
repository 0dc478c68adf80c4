import { UNCHANGED_INVERTER_PROTOCOL } from "../bms/battery/inverter-protocols.ts";
import { PARAMETER_KEYS, type ParameterValues, parameterOf } from "../bms/battery/parameters.ts";
import type { StateKey } from "../bms/battery/states.ts";
import type { InverterProtocol, StoredRecord } from "../bms/battery/stored-record.ts";
import { SWITCH_KEYS, type SwitchKey, switchOf } from "../bms/battery/switches.ts";
import { type Limits, limitsOf } from "./limits.ts";

/** Parameters of a pack as it leaves the maker. */
export const DEFAULT_PARAMETERS: ParameterValues = Object.fromEntries(
	PARAMETER_KEYS.flatMap((key) => {
		const { default: value } = parameterOf(key);
		return value === null ? [] : [[key, value]];
	}),
);

/** As a pack leaves the maker: buzzer off, LED alarm on (manual §§5.2.2, 5.2.4), limiter on with the high gear. */
const DEFAULT_SWITCHES: Readonly<Record<SwitchKey, boolean>> = {
	buzzer: false,
	ledAlarm: true,
	currentLimiter: true,
	limiterGearLow: false,
	chargeMosfet: true,
	dischargeMosfet: true,
};

/** A pack keeps about this many (rs232-v25 §10.2). */
const MOST_RECORDS = 400;

/** What a pack stores and is set to: parameters, switches, inverter protocols, records, and how far its clock is off. */
export class PackMemory {
	#parameters: ParameterValues = DEFAULT_PARAMETERS;
	#limits: Limits = limitsOf(DEFAULT_PARAMETERS);
	#switches = DEFAULT_SWITCHES;
	#inverter: InverterProtocol = { can: 1, rs485: 0, mode: "automatic" };
	#records: readonly Omit<StoredRecord, "index">[] = [];
	/** Added to the time of the simulation, ms. */
	clockOffsetMs = 0;

	get parameters(): ParameterValues {
		return this.#parameters;
	}

	/** What the protections go by. */
	get limits(): Limits {
		return this.#limits;
	}

	/** Changes parameters; those that are not named stay. */
	setParameters(values: ParameterValues): void {
		this.#parameters = { ...this.#parameters, ...values };
		this.#limits = limitsOf(this.#parameters);
	}

	/** The maker's parameters; records and counters stay (manual §5.2.3). */
	restoreDefaults(): void {
		this.setParameters(DEFAULT_PARAMETERS);
	}

	isOn(key: SwitchKey): boolean {
		return this.#switches[key];
	}

	setSwitch(key: SwitchKey, on: boolean): void {
		this.#switches = { ...this.#switches, [key]: on };
	}

	/** After a restart nobody holds the MOSFETs off; the rest is kept. Our choice. */
	forgetMosfetSwitches(): void {
		this.#switches = { ...this.#switches, chargeMosfet: true, dischargeMosfet: true };
	}

	/** States that show what is switched; the MOSFETs' own are for the model. */
	get states(): Readonly<Partial<Record<StateKey, boolean>>> {
		const shown = SWITCH_KEYS.map((key) => [switchOf(key).state, this.#switches[key] === switchOf(key).onWhen]);
		// Seen set when a MOSFET was switched off, clear on healthy packs (rs232-v25 §6.4, captures of §9.1).
		const functions = { chargeMosfetFunction: !this.#switches.chargeMosfet, dischargeMosfetFunction: !this.#switches.dischargeMosfet };
		return { ...Object.fromEntries(shown), ...functions };
	}

	get inverter(): InverterProtocol {
		return this.#inverter;
	}

	setInverter({ can, rs485, mode }: InverterProtocol): void {
		const kept = (code: number, before: number) => (code === UNCHANGED_INVERTER_PROTOCOL ? before : code);
		this.#inverter = { can: kept(can, this.#inverter.can), rs485: kept(rs485, this.#inverter.rs485), mode };
	}

	addRecord(record: Omit<StoredRecord, "index">): void {
		this.#records = [record, ...this.#records].slice(0, MOST_RECORDS);
	}

	clearRecords(): void {
		this.#records = [];
	}

	get recordCount(): number {
		return this.#records.length;
	}

	/** 0 = newest; null past the end. */
	record(index: number): StoredRecord | null {
		const found = this.#records[index];
		return found === undefined ? null : { index, ...found };
	}
}
