import { afterEach, describe, expect, it } from "vitest";
import type { PackTelemetry } from "../../../src/bms/battery/readings.ts";
import { PROTOCOLS } from "../../../src/bms/protocol/protocols.ts";
import type { SimulatorSettings } from "../../../src/simulator/options.ts";
import { SIMULATED_PROTOCOLS } from "../../../src/simulator/simulated-protocols.ts";
import { isLive, openSimulatedBank, presences } from "./simulated-bank.ts";

type ProtocolName = SimulatorSettings["protocol"];
/** Steps of a value on the wire, in the model's unit; null where the protocol does not tell it. */
interface Steps {
	readonly current: number | null;
	readonly voltage: number;
	/** Ah, of the remaining and the full capacity. */
	readonly capacity: number;
	readonly designCapacity: number | null;
	readonly stateOfCharge: number;
	readonly stateOfHealth: number | null;
}

const V25: Steps = { current: 0.01, voltage: 0.001, capacity: 0.01, designCapacity: 0.01, stateOfCharge: 1, stateOfHealth: 1 };
/** TABLE of what each protocol can tell, from rs232-v25 §5, rs485-v20 §§3.2, 3.4, 4.1, 5 and modbus-rtu §6. Cells come in mV, probes in tenths of a degree. */
const STEPS: Readonly<Record<ProtocolName, Steps>> = {
	"ascii-0x25": V25,
	"ascii-0x25-rs485": V25,
	"ascii-0x20-pylontech": { ...V25, current: 0.1, capacity: 0.001, designCapacity: null, stateOfHealth: null },
	// The unit of its current is not settled.
	"ascii-0x20-pace": { ...V25, current: null, designCapacity: null, stateOfHealth: null },
	"ascii-0x20-eg4": { ...V25, voltage: 0.01, designCapacity: null },
	"ascii-0x20-seplos": { ...V25, voltage: 0.01, stateOfCharge: 0.1 },
	"modbus-rtu": { ...V25, voltage: 0.01 },
};
const NAMES = Object.keys(SIMULATED_PROTOCOLS) as readonly ProtocolName[];

/** An idle pack is at 0 A in every protocol, whatever its unit. */
const IDLE_STEP = 0.1;

let line: ReturnType<typeof openSimulatedBank> | null = null;
afterEach(async () => {
	await line?.close();
	line = null;
});
/** Idle, so that between the reading and the look at the model nothing moves. */
function open(protocol: ProtocolName) {
	const reach = PROTOCOLS[protocol].reach === "addressed" ? { addresses: "1-3" } : { packs: 3 };
	line = openSimulatedBank({ simulator: { protocol, packs: 3, loadW: 0 }, settings: { protocol, ...reach } });
	return line;
}
const telemetryOf = ({ bank }: ReturnType<typeof openSimulatedBank>, address: number) => {
	const part = bank.snapshot.packs.find((pack) => pack.address === address)?.telemetry ?? null;
	return part === null || part.stale ? null : part.value;
};

/** Within one step: boards cut off or round. */
function expectWithin(told: number | null | undefined, true_: number | null, step: number | null, what: string): void {
	if (true_ === null || step === null) expect(told, what).toBeNull();
	else expect(Math.abs((told ?? Number.NaN) - true_), `${what}: told ${told}, is ${true_}`).toBeLessThanOrEqual(step * 1.001);
}

function expectTrue(told: ReturnType<typeof telemetryOf>, model: PackTelemetry, steps: Steps): void {
	expectWithin(told?.current, model.current, steps.current, "current");
	expectWithin(told?.voltage, model.voltage, steps.voltage, "voltage");
	expectWithin(told?.remainingCapacity, model.remainingCapacity, steps.capacity, "remaining capacity");
	expectWithin(told?.fullCapacity, model.fullCapacity, steps.capacity, "full capacity");
	expectWithin(told?.designCapacity, model.designCapacity, steps.designCapacity, "design capacity");
	expectWithin(told?.stateOfCharge, model.stateOfCharge, steps.stateOfCharge, "state of charge");
	expectWithin(told?.stateOfHealth, model.stateOfHealth, steps.stateOfHealth, "state of health");
	expect(told?.cycleCount).toBe(model.cycleCount);
	expect(told?.cellVoltages).toHaveLength(model.cellVoltages.length);
	model.cellVoltages.forEach((volts, index) => {
		expectWithin(told?.cellVoltages[index], volts, 0.001, `cell ${index + 1}`);
	});
	expect(told?.temperatures).toHaveLength(model.temperatures.length);
	model.temperatures.forEach((celsius, index) => {
		expectWithin(told?.temperatures[index], celsius, 0.1, `probe ${index + 1}`);
	});
}

describe.each(NAMES)("over %s", (protocol) => {
	const steps = STEPS[protocol];

	it("every pack is told as the simulated one is, as finely as the wire can", async () => {
		const { battery, control, bank, until } = open(protocol);
		const held = [-23.47, 0, 11.92];
		held.forEach((current, index) => {
			control.setReading(index + 1, { current });
			control.setProbe(index + 1, 1, 17.3 + index);
			control.setProbe(index + 1, 6, 31.8 + index);
		});
		await until(isLive, 120_000);
		expect(Object.keys(presences(bank))).toEqual(["1", "2", "3"]);
		await line?.clock.advance(20_000);
		for (const address of [1, 2, 3]) {
			const model = battery.packAt(address)?.model.measurements;
			if (model === undefined) throw new Error(`pack ${address} is not there`);
			const isStill = model.current === 0;
			expectTrue(line && telemetryOf(line, address), model, isStill ? { ...steps, current: IDLE_STEP } : steps);
		}
		expect(bank.snapshot.conditions).toEqual([]);
		expect(bank.snapshot.link).toMatchObject({ state: "online", problem: null });
	});

	it("a pack that is lost is missed, and true again when it is back", async () => {
		const { battery, control, bank, until } = open(protocol);
		await until((open) => Object.keys(presences(open)).length === 3 && isLive(open), 120_000);
		control.losePack(3);
		await until((open) => presences(open)[3] === "absent", 60_000);
		await until((open) => open.snapshot.totals?.value.packs.length === 2, 60_000);
		expect(presences(bank)).toEqual({ 1: "live", 2: "live", 3: "absent" });
		control.setStateOfCharge(41);
		control.setReading(3, { current: 0 });
		control.returnPack(3);
		await until(isLive, 120_000);
		await line?.clock.advance(20_000);
		const model = battery.packAt(3)?.model.measurements;
		if (model === undefined || line === null) throw new Error("pack 3 is not there");
		expectTrue(telemetryOf(line, 3), model, { ...steps, current: IDLE_STEP });
	});
});

it("Modbus whose inverter protocol was changed shows nothing of the other maker's map, and all again when it is set back", async () => {
	const opened = open("modbus-rtu");
	const { control, bank, until } = opened;
	await until((open) => Object.keys(presences(open)).length === 3 && isLive(open), 120_000);
	// Growatt's by the vendor's list (rs232-v25 §13).
	for (const pack of [1, 2, 3]) control.setInverterProtocol(pack, 5);
	await until((open) => open.snapshot.totals === null, 60_000);
	await opened.clock.advance(60_000);
	expect([1, 2, 3].map((address) => telemetryOf(opened, address))).toEqual([null, null, null]);
	// It refuses the registers of ours that it has not got, before any that it has is looked at.
	expect(bank.snapshot.link).toMatchObject({
		state: "online",
		problem: { code: "unknown-command", message: expect.stringContaining("PACE_MODBUS") },
	});
	expect(bank.snapshot.totals).toBeNull();
	expect(bank.snapshot.conditions).toBeNull();
	for (const pack of [1, 2, 3]) control.setInverterProtocol(pack, 0);
	await until(isLive, 120_000);
	await until((open) => open.snapshot.totals?.value.packs.length === 3 && open.snapshot.link.problem === null, 60_000);
});
