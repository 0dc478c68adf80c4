import type { ConditionKey } from "../bms/battery/conditions.ts";
import type { AlarmCode, PackStatus, PackTelemetry } from "../bms/battery/readings.ts";
import { STATE_KEYS, type StateKey } from "../bms/battery/states.ts";
import { type Cell, cellRestVoltage, cellVoltage, createCell, stepCell, withStateOfCharge } from "./cell-model.ts";
import { balancingCells, codeOf, probePlaces, watch } from "./pack-watch.ts";
import type { Source } from "./parallel-currents.ts";
import { CALM, isConducting, type ProtectionState, raisedBy, stepProtections } from "./protections.ts";
import { around, type Random } from "./seeded-random.ts";
import { createTemperatures, stepTemperatures } from "./temperature-model.ts";

/** What the BMS of a pack measures: the readings, and what only newer firmware sends. */
export interface PackMeasurements extends Omit<PackTelemetry, "stateOfCharge" | "stateOfHealth"> {
	/** %, as counted by the BMS. */
	readonly stateOfCharge: number;
	/** %. */
	readonly stateOfHealth: number;
	/** Voltage and current behind the MOSFETs ("independent" in the 14-byte tail, rs232-v25 §5.1). */
	readonly outputVoltage: number;
	readonly outputCurrent: number;
}

export interface PackShape {
	readonly cells: number;
	readonly probes: number;
	/** Design capacity, Ah. */
	readonly capacityAh: number;
	/** %. */
	readonly stateOfCharge: number;
}

/** The wire carries at most this per pack (rs232-v25 §5), Ah. */
const MAX_CAPACITY = 655.35;
/** Leads, contacts and MOSFETs of a pack, Ω. */
const LEADS_RESISTANCE = 0.004;
/** Current a balancing resistor draws from a cell, A. */
const BALANCING_CURRENT = 0.1;
/** Below this the BMS sees neither a charger nor a load, A. */
const CURRENT_THRESHOLD = 0.3;

/** One pack with its BMS: cells, probes, counters, MOSFETs, protections, and what a person forced on it. */
export class PackModel {
	/** Bits held on or off by hand, whatever the rules say. */
	readonly forced = new Map<ConditionKey | StateKey, boolean>();
	/** Cells (from 1) and probes (from 1) held at a value by hand; null = probe missing. */
	readonly heldCells = new Map<number, number>();
	readonly heldProbes = new Map<number, number | null>();
	/** Measurements held by hand. */
	held: Partial<PackMeasurements> = {};

	readonly design: number;
	readonly #full: number;
	#cells: readonly Cell[];
	#temperatures: readonly number[];
	#current = 0;
	#remaining: number;
	#throughput: number;
	#protections: ProtectionState = CALM;

	constructor(shape: PackShape, random: Random) {
		this.design = shape.capacityAh;
		this.#full = Math.min(MAX_CAPACITY, Math.round(this.design * (1 + random() * 0.03) * 100) / 100);
		this.#remaining = (this.#full * shape.stateOfCharge) / 100;
		this.#cells = Array.from({ length: shape.cells }, () => createCell(random, this.#full, shape.stateOfCharge / 100));
		this.#temperatures = createTemperatures(shape.probes, () => around(random, 0.4));
		this.#throughput = this.design * (20 + Math.floor(random() * 100));
	}

	get cellCount(): number {
		return this.#cells.length;
	}

	get probeCount(): number {
		return this.#temperatures.length;
	}

	/** The pack as the bus bar sees it. */
	get source(): Source {
		const conditions = this.conditions;
		const states = this.#states(conditions);
		return {
			restVoltage: this.#cells.reduce((sum, cell) => sum + cellRestVoltage(cell), 0),
			resistance: this.#cells.reduce((sum, cell) => sum + cell.resistance, LEADS_RESISTANCE),
			// Fully ends charging although the MOSFET bit stays on (rs232-v25 §6.9, second pack).
			canCharge: states.chargeMosfet && !conditions.has("protection.fully"),
			canDischarge: states.dischargeMosfet,
		};
	}

	/** Conditions that are set: those of the rules, with those forced on and without those forced off. */
	get conditions(): ReadonlySet<ConditionKey> {
		const keys = new Set(raisedBy(this.#protections));
		for (const [key, on] of this.forced) {
			if (isStateKey(key)) continue;
			if (on) keys.add(key);
			else keys.delete(key);
		}
		return keys;
	}

	/** Conditions the battery's own rules hold set, whatever was forced. */
	get ownConditions(): ReadonlySet<ConditionKey> {
		return raisedBy(this.#protections);
	}

	/** Sets the state of charge, %, of every cell and of the counter; what the rules hold is judged anew. */
	setStateOfCharge(percent: number): void {
		const previous = this.#remaining / this.#full;
		this.#cells = this.#cells.map((cell) => withStateOfCharge(cell, percent / 100, previous));
		this.#remaining = (this.#full * percent) / 100;
	}

	/** Lets `dtMs` pass at a current, A (+ = charging). */
	step(current: number, dtMs: number): void {
		this.#current = current;
		const balancing = new Set(balancingCells(this.measurements.cellVoltages));
		this.#cells = this.#cells.map((cell, index) => stepCell(cell, balancing.has(index + 1) ? current - BALANCING_CURRENT : current, dtMs));
		const hours = dtMs / 3_600_000;
		this.#remaining = Math.max(0, Math.min(this.#full, this.#remaining + current * hours));
		if (current < 0) this.#throughput -= current * hours;
		this.#temperatures = stepTemperatures(this.#temperatures, current / this.design, dtMs);
		this.#protections = stepProtections(this.#protections, watch(this.measurements), dtMs);
		// A full pack is where the BMS sets its counter right.
		if (this.#protections.fully && current >= 0) this.#remaining = this.#full;
	}

	/** What the BMS measures now. */
	get measurements(): PackMeasurements {
		const cellVoltages = this.#cells.map((cell, index) => this.heldCells.get(index + 1) ?? cellVoltage(cell, this.#current));
		const voltage = cellVoltages.reduce((sum, volts) => sum + volts, 0);
		return {
			cellVoltages,
			temperatures: this.#temperatures.map((value, index) => {
				const held = this.heldProbes.get(index + 1);
				return held === undefined ? value : held;
			}),
			current: this.#current,
			voltage,
			remainingCapacity: this.#remaining,
			fullCapacity: this.#full,
			designCapacity: this.design,
			cycleCount: Math.floor(this.#throughput / this.design),
			stateOfCharge: (100 * this.#remaining) / this.#full,
			stateOfHealth: 100,
			outputVoltage: voltage + this.#current * LEADS_RESISTANCE,
			outputCurrent: this.#current,
			...this.held,
		};
	}

	/** What the BMS says in a status reply. */
	get status(): PackStatus {
		const measured = this.measurements;
		const watched = watch(measured);
		const conditions = this.conditions;
		const states = this.#states(conditions);
		return {
			conditions: [...conditions],
			states,
			cellCodes: measured.cellVoltages.map((volts) => codeOf("highestCell", volts) || codeOf("lowestCell", volts)),
			probeCodes: measured.temperatures.map((value, index) => probeCode(value, probePlaces(measured.temperatures.length)[index])),
			chargeCurrentCode: codeOf("chargeCurrent", watched.chargeCurrent),
			packVoltageCode: codeOf("packVoltage", watched.packVoltage),
			dischargeCurrentCode: codeOf("dischargeCurrent", watched.dischargeCurrent),
			balancingCells: balancingCells(measured.cellVoltages).filter((cell) => cell <= 16),
			unknownBits: [],
			indicationZero: !states.chargeMosfet && !states.dischargeMosfet,
		};
	}

	#states(conditions: ReadonlySet<ConditionKey>): Record<StateKey, boolean> {
		const current = this.held.current ?? this.#current;
		const natural: Partial<Record<StateKey, boolean>> = {
			chargeMosfet: isConducting("charge", conditions),
			dischargeMosfet: isConducting("discharge", conditions),
			chargerPresent: current >= CURRENT_THRESHOLD,
			packSupplying: current <= -CURRENT_THRESHOLD,
		};
		const entries = STATE_KEYS.map((key) => [key, this.forced.get(key) ?? natural[key] ?? false]);
		return Object.fromEntries(entries) as Record<StateKey, boolean>;
	}
}

/** Whether a name is one of the on/off states rather than a condition. */
export function isStateKey(name: string): name is StateKey {
	return (STATE_KEYS as readonly string[]).includes(name);
}

function probeCode(value: number | null, place: "cell" | "mosfet" | "ambient" | undefined): AlarmCode {
	if (value === null || place === undefined) return 0;
	if (place === "mosfet") return codeOf("mosfet", value);
	if (place === "ambient") return codeOf("ambient", value);
	return codeOf("hottestCell", value) || codeOf("coldestCell", value);
}
