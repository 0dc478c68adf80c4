import type { PackStatus } from "../bms/battery/readings.ts";
import type { BankPack } from "./bank-model.ts";
import type { PackMeasurements } from "./pack-model.ts";

/** Instead of a pack: nobody has this number. */
export const NOBODY = { state: "lost", form: "shrinks" } as const;
/** Whether the place of a pack that is away is kept. */
export const isPlaceholder = ({ presence }: BankPack) => presence.state === "lost" && presence.form === "placeholder";

/** What a 42h answer says of a pack; of one that is away, what was captured for such a place (rs232-v25 §4). */
export function measuredBy({ model, presence }: BankPack): PackMeasurements {
	if (presence.state === "present") return model.measurements;
	const isPlace = presence.state === "lost" && presence.form === "placeholder";
	return {
		cellVoltages: new Array<number>(model.cellCount).fill(0),
		// A place that is kept reads 0.0 °C; a number nobody has reads zero throughout, which is -273 °C.
		temperatures: new Array<number>(model.probeCount).fill(isPlace ? 0 : -273),
		current: 0,
		voltage: 0,
		remainingCapacity: 0,
		fullCapacity: 0,
		designCapacity: 0,
		cycleCount: 0,
		stateOfCharge: isPlace ? 98 : 0,
		stateOfHealth: isPlace ? 100 : 0,
		outputVoltage: 0,
		outputCurrent: 0,
	};
}

/** What a 44h answer says of a pack; of one that is away nothing is set. */
export function statusOf({ model, presence }: BankPack): PackStatus {
	const status = model.status;
	if (presence.state === "present") return status;
	return {
		conditions: [],
		states: Object.fromEntries(Object.keys(status.states).map((key) => [key, false])) as PackStatus["states"],
		cellCodes: status.cellCodes.map(() => 0),
		probeCodes: status.probeCodes.map(() => 0),
		chargeCurrentCode: 0,
		packVoltageCode: 0,
		dischargeCurrentCode: 0,
		balancingCells: [],
		unknownBits: [],
		indicationZero: true,
	};
}
