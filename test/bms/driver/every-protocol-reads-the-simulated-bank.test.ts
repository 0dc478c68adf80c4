import { afterEach, describe, expect, it } from "vitest";
import type { Bank } from "../../../src/bms/bank.ts";
import { CONDITION_KEYS } from "../../../src/bms/battery/conditions.ts";
import type { PackTelemetry } from "../../../src/bms/battery/readings.ts";
import { PROTOCOLS } from "../../../src/bms/protocol/protocols.ts";
import { FORCIBLE_KEYS } from "../../../src/simulator/forcible-bits.ts";
import { PACE_MODBUS } from "../../../src/simulator/modbus-side.ts";
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
/** Those that any protocol can tell. */
const CONDITIONS_ON_WIRES = CONDITION_KEYS.filter((key) => FORCIBLE_KEYS.includes(key));
const NAMES = Object.keys(SIMULATED_PROTOCOLS) as readonly ProtocolName[];

/** An idle pack is at 0 A in every protocol, whatever its unit. */
const IDLE_STEP = 0.1;

let line: ReturnType<typeof openSimulatedBank> | null = null;
afterEach(async () => {
	await line?.close();
	line = null;
});
/** Idle, so that between the reading and the look at the model nothing moves. */
function open(protocol: ProtocolName, packs = 3) {
	const reach = PROTOCOLS[protocol].reach === "addressed" ? { addresses: `1-${packs}` } : { packs };
	line = openSimulatedBank({ simulator: { protocol, packs, loadW: 0 }, settings: { protocol, ...reach } });
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

	it("every alarm, protection and fault that it can tell is told of its pack, no other, and cleared", async () => {
		const { control, bank, until } = open(protocol);
		await until((open) => Object.keys(presences(open)).length === 3 && isLive(open) && open.snapshot.conditions !== null, 120_000);
		const { unsupported } = bank.snapshot;
		const heard = ({ snapshot }: Bank) => (snapshot.conditions ?? []).map(({ key, pack }) => `${pack} ${key}`);
		for (const key of CONDITIONS_ON_WIRES) {
			if (unsupported.includes(key)) continue;
			control.setCondition(2, key, true);
			await until((open) => heard(open).includes(`2 ${key}`), 15_000);
			expect(heard(bank)).toEqual([`2 ${key}`]);
			control.release(2, key);
			await until((open) => heard(open).length === 0, 15_000);
		}
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

describe("Modbus whose inverter protocol is changed", () => {
	/** By the vendor's list (rs232-v25 §13). */
	const GROWATT = 2;
	const select = ({ control }: ReturnType<typeof openSimulatedBank>, rs485: number, packs = [1, 2, 3]) => {
		for (const pack of packs) control.setInverterProtocol(pack, rs485);
	};
	const isForeignTold = ({ snapshot }: Bank) => snapshot.link.problem?.code === "foreign-map";
	/** Requests since a time, as unit, first register and count. */
	const blocksSince = ({ requests }: ReturnType<typeof openSimulatedBank>, since: number) =>
		requests
			.filter(({ at }) => at >= since)
			.map(({ text }) => [0, 3, 5].map((offset) => text.charCodeAt(offset)))
			.map(([unit, start, count]) => `${unit}: ${start}+${count}`);

	it("shows nothing of the other maker's map and says so within seconds, in no other words meanwhile", async () => {
		const opened = open("modbus-rtu");
		const { bank, until, clock } = opened;
		await until((open) => Object.keys(presences(open)).length === 3 && isLive(open), 120_000);
		const told = new Set<string>();
		const before = [1, 2, 3].map((address) => telemetryOf(opened, address));
		bank.subscribe(({ link, packs }) => {
			told.add(link.problem?.code ?? "well");
			for (const { address, telemetry } of packs) {
				const known = before[address - 1];
				if (telemetry !== null && !telemetry.stale) expect(telemetry.value.cellVoltages).toEqual(known?.cellVoltages);
			}
		});
		select(opened, GROWATT);
		expect(await until(isForeignTold)).toBeLessThan(3_000);
		await until((open) => open.snapshot.totals === null, 60_000);
		await clock.advance(60_000);
		expect([1, 2, 3].map((address) => telemetryOf(opened, address))).toEqual([null, null, null]);
		expect(bank.snapshot.link).toMatchObject({
			state: "online",
			problem: { code: "foreign-map", message: expect.stringContaining("PACE_MODBUS") },
		});
		expect(bank.snapshot.totals).toBeNull();
		expect(bank.snapshot.conditions).toBeNull();
		expect([...told].sort()).toEqual(["foreign-map", "well"]);
	});

	it.each([1, 3, 15])("is read again within 10 s when it is set back, in blocks of full size (%i packs)", async (count) => {
		const opened = open("modbus-rtu", count);
		const { until, clock } = opened;
		const packs = Array.from({ length: count }, (_, index) => index + 1);
		await until((open) => Object.keys(presences(open)).length === count && isLive(open), 120_000);
		select(opened, GROWATT, packs);
		await until((open) => isForeignTold(open) && open.snapshot.totals === null, 60_000);
		select(opened, PACE_MODBUS, packs);
		await until(
			(open) => isLive(open) && open.snapshot.totals?.value.packs.length === count && open.snapshot.link.problem === null,
			10_000,
		);
		const since = clock.now();
		await clock.advance(10_000);
		const live = blocksSince(opened, since).filter((block) => /: (?:[0-9]|[12][0-9]|3[0-6])\+/.test(block));
		expect(new Set(live)).toEqual(new Set(packs.map((pack) => `${pack}: 0+37`)));
	});

	it("set back while it is being found out, is read in blocks of full size as well", async () => {
		const opened = open("modbus-rtu");
		const { until, clock, requests } = opened;
		await until((open) => Object.keys(presences(open)).length === 3 && isLive(open), 120_000);
		for (const smaller of ["2: 0+13", "2: 0+8"]) {
			select(opened, GROWATT);
			const since = clock.now();
			await until(() => blocksSince(opened, since).includes(smaller), 5_000);
			select(opened, PACE_MODBUS);
			await until(isLive, 10_000);
			await clock.advance(5_000);
			const count = requests.length;
			await clock.advance(5_000);
			const blocks = new Set(blocksSince(opened, requests[count]?.at ?? 0));
			expect(new Set([...blocks].filter((block) => /: [0-9]\+/.test(block)))).toEqual(new Set(["1: 0+37", "2: 0+37", "3: 0+37"]));
		}
	});

	it("from the start: once it is set right, who the packs are and their parameters are read as well", async () => {
		const opened = open("modbus-rtu");
		const { until, clock, bank } = opened;
		select(opened, GROWATT);
		await until(isForeignTold);
		await clock.advance(120_000);
		expect(bank.snapshot.packs.map(({ parameters, identity }) => ({ parameters, identity }))).toEqual(
			[1, 2, 3].map(() => ({ parameters: null, identity: null })),
		);
		select(opened, PACE_MODBUS);
		await until(isLive, 10_000);
		await until(({ snapshot }) => snapshot.packs.every(({ identity }) => identity?.packSerial != null), 20_000);
		await until(({ snapshot }) => snapshot.packs.every(({ parameters }) => parameters?.cellOvervoltageProtection !== undefined), 300_000);
	});

	it("of one pack: the others are read on as before", async () => {
		const opened = open("modbus-rtu");
		const { until, bank, clock } = opened;
		await until((open) => Object.keys(presences(open)).length === 3 && isLive(open), 120_000);
		select(opened, GROWATT, [2]);
		await until((open) => telemetryOf(opened, 2) === null && isForeignTold(open), 60_000);
		await clock.advance(20_000);
		expect(bank.snapshot.totals?.value.packs).toEqual([1, 3]);
		expect([1, 3].map((address) => telemetryOf(opened, address)?.cellVoltages.length)).toEqual([16, 16]);
	});
});

describe("a pack whose DIP switches are changed on RS485", () => {
	it.each(["modbus-rtu", "ascii-0x25-rs485"] as const)("answers at its new address, with its own serial number: %s", async (protocol) => {
		line = openSimulatedBank({ simulator: { protocol, packs: 2, loadW: 0 }, settings: { protocol, addresses: "1, 2, 5" } });
		const serialAt = (bank: Bank, address: number) => bank.snapshot.packs.find((pack) => pack.address === address)?.identity?.packSerial;
		await line.until((bank) => serialAt(bank, 2) === "SIMULATED-PACK-2", 60_000);
		line.control.setAddress(2, 5);
		await line.until((bank) => presences(bank)[5] === "live" && serialAt(bank, 5) === "SIMULATED-PACK-2", 120_000);
		await line.until((bank) => presences(bank)[2] === "absent", 60_000);
		expect(serialAt(line.bank, 1)).toBe("SIMULATED-PACK-1");
	});
});

describe("how many packs there are by the settings", () => {
	it.each([
		["ascii-0x25", { packs: 2 }, 2],
		["ascii-0x25", { addresses: "1-3" }, 0],
		["modbus-rtu", { addresses: "1-3, 7" }, 4],
		["modbus-rtu", { packs: 3 }, 3],
		["modbus-rtu", {}, 0],
	] as const)("%s with %j: %i", (protocol, settings, count) => {
		line = openSimulatedBank({ simulator: { protocol, packs: 2 }, settings: { protocol, ...settings } });
		expect(line.bank.packsTold).toBe(count);
	});
});
