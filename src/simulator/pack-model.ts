import type { ConditionKey } from "../bms/battery/conditions.ts";
import type { AlarmCode, PackStatus, PackTelemetry } from "../bms/battery/readings.ts";
import { STATE_KEYS, type StateKey } from "../bms/battery/states.ts";
import { type Cell, cellRestVoltage, cellVoltage, createCell, stepCell, withStateOfCharge } from "./cell-model.ts";
import { type Flicker, flicker } from "./flicker.ts";
import type { Limits } from "./limits.ts";
import { localTimeText } from "./pack-clock.ts";
import { PackMemory } from "./pack-memory.ts";
import { balancingCells, codeOf, probePlaces, watch } from "./pack-watch.ts";
import type { Source } from "./parallel-currents.ts";
import { isConducting } from "./protection-rules.ts";
import { CALM, type ProtectionState, raisedBy, stepProtections } from "./protections.ts";
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
	/** Over how many digits the readings flicker. */
	readonly flickerDigits: number;
}

/** The wire carries at most this per pack (rs232-v25 §5), Ah. */
const MAX_CAPACITY = 655.35;
/** Leads, contacts and MOSFETs of a pack, Ω. */
const LEADS_RESISTANCE = 0.004;
/** Current a balancing resistor draws from a cell, A. */
const BALANCING_CURRENT = 0.1;
/** Below this the BMS sees neither a charger nor a load, A. */
export const CURRENT_THRESHOLD = 0.3;

/** One pack with its BMS: cells, probes, counters, MOSFETs, protections, and what a person forced on it. */
export class PackModel {
	/** What the pack stores and is set to. */
	readonly memory = new PackMemory();
	/** Bits held on or off by hand, whatever the rules say. */
	readonly forced = new Map<ConditionKey | StateKey, boolean>();
	/** Cells (from 1) and probes (from 1) held at a value by hand; null = probe missing. */
	readonly heldCells = new Map<number, number>();
	readonly heldProbes = new Map<number, number | null>();
	/** Measurements held by hand. */
	held: Partial<PackMeasurements> = {};

	readonly design: number;
	readonly #full: number;
	readonly #random: Random;
	readonly #digits: number;
	#cells: readonly Cell[];
	#temperatures: readonly number[];
	#flicker: Flicker;
	#current = 0;
	#remaining: number;
	#throughput: number;
	#protections: ProtectionState = CALM;
	/** What the newest record tells of; null before the pack was switched on. */
	#recorded: ReadonlySet<ConditionKey> | null = null;

	constructor(shape: PackShape, random: Random) {
		this.#random = random;
		this.#digits = shape.flickerDigits;
		this.design = shape.capacityAh;
		this.#full = Math.min(MAX_CAPACITY, Math.round(this.design * (1 + random() * 0.03) * 100) / 100);
		this.#remaining = (this.#full * shape.stateOfCharge) / 100;
		this.#cells = Array.from({ length: shape.cells }, () => createCell(random, this.#full, shape.stateOfCharge / 100));
		this.#temperatures = createTemperatures(shape.probes, () => around(random, 0.4));
		this.#throughput = this.design * (20 + Math.floor(random() * 100));
		this.#flicker = this.#nextFlicker();
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
		return {
			restVoltage: this.#cells.reduce((sum, cell) => sum + cellRestVoltage(cell), 0),
			resistance: this.#cells.reduce((sum, cell) => sum + cell.resistance, LEADS_RESISTANCE),
			// Fully ends charging although the MOSFET bit stays on (rs232-v25 §6.9, second pack).
			canCharge: this.#conducts("chargeMosfet", conditions) && !conditions.has("protection.fully"),
			canDischarge: this.#conducts("dischargeMosfet", conditions),
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

	/** Whether it charges or discharges. */
	get hasCurrent(): boolean {
		return Math.abs(this.held.current ?? this.#current) >= CURRENT_THRESHOLD;
	}

	/** Whether cells are bled now. */
	get isBalancing(): boolean {
		return balancingCells(this.memory.limits, this.#cellVoltages()).length > 0;
	}

	/** Sets the state of charge, %, of every cell and of the counter; what the rules hold is judged anew. */
	setStateOfCharge(percent: number): void {
		const previous = this.#remaining / this.#full;
		this.#cells = this.#cells.map((cell) => withStateOfCharge(cell, percent / 100, previous));
		this.#remaining = (this.#full * percent) / 100;
	}

	/** Lets `dtMs` pass at a current, A (+ = charging), up to the moment `now` of the bank's time. */
	step(current: number, dtMs: number, now: number): void {
		this.#current = current;
		this.#flicker = this.#nextFlicker();
		const { limits } = this.memory;
		const balancing = new Set(balancingCells(limits, this.#cellVoltages()));
		this.#cells = this.#cells.map((cell, index) => stepCell(cell, balancing.has(index + 1) ? current - BALANCING_CURRENT : current, dtMs));
		const hours = dtMs / 3_600_000;
		this.#remaining = Math.max(0, Math.min(this.#full, this.#remaining + current * hours));
		if (current < 0) this.#throughput -= current * hours;
		this.#temperatures = stepTemperatures(this.#temperatures, current / this.design, dtMs);
		this.#protections = stepProtections(this.#protections, watch(this.measurements), dtMs, limits);
		// A full pack is where the BMS sets its counter right.
		if (this.#protections.fully && current >= 0) this.#remaining = this.#full;
		this.#recordChanges(now);
	}

	/** The pack starts anew: its rules begin from nothing, and its history tells of it. */
	powerOn(now: number): void {
		this.#protections = CALM;
		this.memory.forgetMosfetSwitches();
		this.#recorded = new Set();
		this.#record(now, true);
	}

	/** A record whenever a condition is raised or cleared. */
	#recordChanges(now: number): void {
		if (this.#recorded === null) this.#record(now, true);
		const before: ReadonlySet<ConditionKey> = this.#recorded ?? new Set();
		const conditions = this.conditions;
		this.#recorded = before;
		if (conditions.size === before.size && [...conditions].every((key) => before.has(key))) return;
		this.#recorded = conditions;
		this.#record(now, false);
	}

	#record(now: number, isPowerOn: boolean): void {
		const { cellVoltages, temperatures, current, voltage, remainingCapacity, fullCapacity, cycleCount } = this.measurements;
		const { conditions, states } = this.status;
		this.memory.addRecord({
			localTime: localTimeText(now + this.memory.clockOffsetMs),
			...{ cellVoltages, temperatures, current, voltage, remainingCapacity, fullCapacity, cycleCount },
			conditions,
			states: STATE_KEYS.filter((key) => states[key]),
			unknownBits: [],
			isPowerOn,
		});
	}

	/** What the BMS measures now. */
	get measurements(): PackMeasurements {
		const cellVoltages = this.#cellVoltages();
		const voltage = cellVoltages.reduce((sum, volts) => sum + volts, 0);
		return {
			cellVoltages,
			temperatures: this.#temperatures.map((value, index) => {
				const held = this.heldProbes.get(index + 1);
				return held === undefined ? value + (this.#flicker.probes[index] ?? 0) : held;
			}),
			current: this.#current + this.#flicker.current,
			voltage,
			remainingCapacity: this.#remaining,
			fullCapacity: this.#full,
			designCapacity: this.design,
			cycleCount: Math.floor(this.#throughput / this.design),
			stateOfCharge: (100 * this.#remaining) / this.#full,
			stateOfHealth: 100,
			outputVoltage: voltage + this.#current * LEADS_RESISTANCE,
			outputCurrent: this.#current + this.#flicker.current,
			...this.held,
		};
	}

	/** What the BMS says in a status reply. */
	get status(): PackStatus {
		const measured = this.measurements;
		const watched = watch(measured);
		const conditions = this.conditions;
		const states = this.#states(conditions);
		const { limits } = this.memory;
		const places = probePlaces(measured.temperatures.length);
		return {
			conditions: [...conditions],
			states,
			cellCodes: measured.cellVoltages.map((volts) => codeOf(limits, "highestCell", volts) || codeOf(limits, "lowestCell", volts)),
			probeCodes: measured.temperatures.map((value, index) => probeCode(limits, value, places[index])),
			chargeCurrentCode: codeOf(limits, "chargeCurrent", watched.chargeCurrent),
			packVoltageCode: codeOf(limits, "packVoltage", watched.packVoltage),
			dischargeCurrentCode: codeOf(limits, "dischargeCurrent", watched.dischargeCurrent),
			balancingCells: balancingCells(limits, measured.cellVoltages).filter((cell) => cell <= 16),
			unknownBits: [],
			indicationZero: !states.chargeMosfet && !states.dischargeMosfet,
		};
	}

	/** Switched on, with nothing that holds it off. */
	#conducts(mosfet: "chargeMosfet" | "dischargeMosfet", conditions: ReadonlySet<ConditionKey>): boolean {
		const direction = mosfet === "chargeMosfet" ? "charge" : "discharge";
		return this.forced.get(mosfet) ?? (this.memory.isOn(mosfet) && isConducting(direction, conditions));
	}

	#cellVoltages(): readonly number[] {
		const held = this.held.cellVoltages;
		const measured = (cell: Cell, index: number) => cellVoltage(cell, this.#current) + (this.#flicker.cells[index] ?? 0);
		return held ?? this.#cells.map((cell, index) => this.heldCells.get(index + 1) ?? measured(cell, index));
	}

	#nextFlicker(): Flicker {
		return flicker({ cells: this.cellCount, probes: this.probeCount, digits: this.#digits }, this.#random);
	}

	#states(conditions: ReadonlySet<ConditionKey>): Record<StateKey, boolean> {
		const current = this.held.current ?? this.#current;
		const natural: Partial<Record<StateKey, boolean>> = {
			...this.memory.states,
			chargeMosfet: this.#conducts("chargeMosfet", conditions),
			dischargeMosfet: this.#conducts("dischargeMosfet", conditions),
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

function probeCode(limits: Limits, value: number | null, place: "cell" | "mosfet" | "ambient" | undefined): AlarmCode {
	if (value === null || place === undefined) return 0;
	if (place === "mosfet") return codeOf(limits, "mosfet", value);
	if (place === "ambient") return codeOf(limits, "ambient", value);
	return codeOf(limits, "hottestCell", value) || codeOf(limits, "coldestCell", value);
}
