import { ConfigError } from "../errors.ts";
import { checkScenario } from "./check-scenario.ts";
import type { Scenario } from "./scenario.ts";
import asleepAndWoken from "./scenarios/asleep-and-woken.json" with { type: "json" };
import cablePulled from "./scenarios/cable-pulled.json" with { type: "json" };
import cellOvervoltage from "./scenarios/cell-overvoltage.json" with { type: "json" };
import dischargeToLowSoc from "./scenarios/discharge-to-low-soc.json" with { type: "json" };
import faultAtNight from "./scenarios/fault-at-night.json" with { type: "json" };
import gridOutage from "./scenarios/grid-outage.json" with { type: "json" };
import noisyLine from "./scenarios/noisy-line.json" with { type: "json" };
import normalDay from "./scenarios/normal-day.json" with { type: "json" };
import overtemperature from "./scenarios/overtemperature.json" with { type: "json" };
import packLostAndBack from "./scenarios/pack-lost-and-back.json" with { type: "json" };

/** The scenarios that come with the simulator: one file each in scenarios/, which is the example to write one's own from. */
export const READY_SCENARIOS: readonly Scenario[] = [
	normalDay,
	dischargeToLowSoc,
	cellOvervoltage,
	overtemperature,
	packLostAndBack,
	cablePulled,
	gridOutage,
	faultAtNight,
	asleepAndWoken,
	noisyLine,
].map((script) => checkScenario(script, script.name));

/** A scenario that comes with the simulator. Throws a ConfigError that names them all. */
export function readyScenario(name: string): Scenario {
	const found = READY_SCENARIOS.find((scenario) => scenario.name === name);
	if (found !== undefined) return found;
	const names = READY_SCENARIOS.map((scenario) => scenario.name).join(", ");
	throw new ConfigError("invalid", `There is no scenario "${name}"; ready to play are ${names}.`);
}
