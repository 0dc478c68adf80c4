import type { ConditionKey } from "../bms/battery/conditions.ts";
import { STATE_KEYS, type StateKey } from "../bms/battery/states.ts";
import type { BankPack } from "./bank-model.ts";
import type { LineFaults } from "./line-faults.ts";
import type { PackMeasurements } from "./pack-model.ts";
import type { SleepCause } from "./pack-sleep.ts";
import type { ScenarioState } from "./scenario-player.ts";
import type { CableControl } from "./simulator-control.ts";

/** One pack, as it is inside the simulator. */
export interface SimulatedPackState {
	readonly address: number;
	readonly presence: "present" | "lost" | "asleep";
	/** Why it sleeps; null when it does not. */
	readonly asleepBecause: SleepCause | null;
	/** Records it has stored. */
	readonly records: number;
	readonly measurements: PackMeasurements;
	readonly conditions: readonly ConditionKey[];
	/** States that are on. */
	readonly states: readonly StateKey[];
	/** Bits held by hand. */
	readonly forced: Readonly<Record<string, boolean>>;
}

export interface SimulatorState {
	/** Milliseconds since the epoch, in the bank's time. */
	readonly at: number;
	readonly cable: CableControl["cable"];
	/** DIP address of the pack with the cable; null in a replay. */
	readonly cabledPack: number | null;
	/** What a charger gives, W; 0 without one, null in a replay. */
	readonly chargerW: number | null;
	/** Average load, W; null in a replay. */
	readonly loadW: number | null;
	/** Empty in a replay. */
	readonly packs: readonly SimulatedPackState[];
	/** What is wrong with the line, with the share that is hit, %. */
	readonly faults: LineFaults["active"];
	/** What the simulation tells of the world around the battery, e.g. grid: off. */
	readonly signals: Readonly<Record<string, string>>;
	/** The scenario that runs, or the last one; null when there was none. */
	readonly scenario: ScenarioState | null;
	/** What a replay plays: its file, what it answers, and the places of replies it cannot use; null in a simulation. */
	readonly replay: { readonly file: string; readonly answers: readonly string[]; readonly unused: readonly string[] } | null;
}

/** What is seen of a pack. */
export function packState({ address, presence, model, sleep }: BankPack): SimulatedPackState {
	const { conditions, states } = model.status;
	return {
		address,
		presence: presence.state,
		asleepBecause: presence.state === "asleep" ? sleep.cause : null,
		records: model.memory.recordCount,
		measurements: model.measurements,
		conditions,
		states: STATE_KEYS.filter((key) => states[key]),
		forced: Object.fromEntries(model.forced),
	};
}
