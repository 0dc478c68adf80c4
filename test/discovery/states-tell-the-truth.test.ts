import { describe, expect, it } from "vitest";
import { CONDITION_KEYS, type ConditionKey } from "../../src/bms/battery/conditions.ts";
import type { ActiveCondition } from "../../src/bms/battery/snapshot.ts";
import { availabilityOf, bankStates, packStates } from "../../src/discovery/state-payload.ts";
import { bankSnapshot, HEALTHY_STATUS, pack, packValues, part, stale, TOTALS } from "../support/snapshots.ts";

const active = (key: ConditionKey, ofPack: number | null = null): ActiveCondition => ({
	key,
	since: 0,
	pack: ofPack,
	cell: null,
	probe: null,
	value: null,
	unit: null,
	limit: null,
});
const bankStatus = (...conditions: ActiveCondition[]) =>
	bankStates(bankSnapshot({ conditions }), "1").find(({ group }) => group === "status")?.values;
const ofPack = (group: string, ...changes: Parameters<typeof pack>) =>
	packStates(pack(...changes)).find((message) => message.group === group)?.values;

describe("state messages", () => {
	it("show Fully as a state, never as an active protection", () => {
		expect(bankStatus(active("protection.fully"))).toMatchObject({
			protections: { fully: true },
			protection_active: false,
			protection_codes: [],
		});
	});

	it("show what the protocol cannot report as unknown, never as off", () => {
		const alarms = CONDITION_KEYS.filter((key) => key.startsWith("alarm."));
		const snapshot = bankSnapshot({ conditions: [active("protection.pack_overvoltage")], unsupported: [...alarms, "fault.sampling"] });
		const status = bankStates(snapshot, "1").find(({ group }) => group === "status")?.values;
		expect(status).toMatchObject({ alarm_active: null, alarm_codes: null, protection_active: true, fault_active: false });
		expect(status).toMatchObject({ alarms: { low_soc: null }, faults: { sampling: null, temperature_sensor: false } });
		const unsupported = ["chargeMosfet"] as const;
		const states = ofPack("status", 1, { status: part({ ...HEALTHY_STATUS, unsupported }) });
		expect(states).toMatchObject({ states: { charge_mosfet: null } });
	});

	it("show a current that is not told as unknown, with power and activity", () => {
		const totals = { ...TOTALS, current: null, power: null, activity: null };
		const live = bankStates(bankSnapshot({ totals: part(totals) }), "1").find(({ group }) => group === "live")?.values;
		expect(live).toMatchObject({ current: null, power: null, charging: null, discharging: null });
	});

	it("keep alarm, protection and fault apart", () => {
		expect(bankStatus(active("alarm.discharge_overcurrent"))).toMatchObject({
			alarm_active: true,
			alarm_codes: ["DOC"],
			protection_active: false,
			fault_active: false,
		});
		expect(bankStatus(active("fault.temperature_sensor"))).toMatchObject({ alarm_active: false, fault_active: true, fault_codes: ["NTC"] });
	});

	it("name a condition once, however many packs have it", () => {
		expect(bankStatus(active("protection.short_circuit", 1), active("protection.short_circuit", 2))?.protection_codes).toEqual(["CP"]);
	});

	it("have no place for what no source puts on the wire", () => {
		expect(Object.keys(bankStatus()?.protections ?? {})).not.toContain("pcb");
	});

	it("do not turn unknown into off", () => {
		const status = ofPack("status", 1, { conditions: null, status: stale(part(HEALTHY_STATUS)) });
		expect(status).toMatchObject({ alarm_active: null, alarms: { low_soc: null }, balancing: null, states: { charge_mosfet: null } });
		expect(status?.fault_codes).toBeNull();
	});

	it("do not turn a missing probe, an unsent health or an empty counter store into zero", () => {
		const live = ofPack("live", 1, { values: { temperatures: [20, null], stateOfHealth: null, stateOfCharge: null } });
		expect(live).toMatchObject({ temperatures: [20, null], soh: null, soc: null });
		expect(ofPack("energy", 1, { energy: null })).toEqual({ energy_charged: null, energy_discharged: null });
	});

	it("carry no noise of binary fractions", () => {
		const live = ofPack("live", 1, { values: { voltage: 52.800_000_000_000_004, current: -0.1 - 0.2 } });
		expect(live).toMatchObject({ voltage: 52.8, current: -0.3 });
	});

	it("say charging, discharging or neither", () => {
		const of = (activity: "charging" | "discharging" | "idle") => ofPack("live", 1, { values: { activity } });
		expect(of("charging")).toMatchObject({ charging: true, discharging: false });
		expect(of("discharging")).toMatchObject({ charging: false, discharging: true });
		expect(of("idle")).toMatchObject({ charging: false, discharging: false });
	});

	it("tell that a cell is balanced", () => {
		expect(ofPack("status", 1, { status: part({ ...HEALTHY_STATUS, balancingCells: [4] }) })?.balancing).toBe(true);
	});

	it("count the packs that are live and the packs there are", () => {
		const packs = [pack(1), pack(2, { presence: "absent", telemetry: stale(part(packValues())) })];
		const status = bankStates(bankSnapshot({ packs }), "1").find(({ group }) => group === "status")?.values;
		expect(status).toMatchObject({ packs_online: 1, packs_expected: 2 });
	});
});

describe("availability", () => {
	it("of a pack is its presence", () => {
		const packs = [pack(1), pack(2, { presence: "absent" }), pack(3, { presence: "unknown" })];
		expect([1, 2, 3, 4].map((address) => availabilityOf(bankSnapshot({ packs }), address))).toEqual([
			"online",
			"offline",
			"offline",
			"offline",
		]);
	});

	it("of the bank ends when neither values nor alarms are known", () => {
		const of = (totals: ReturnType<typeof part<typeof TOTALS>> | null, conditions: readonly ActiveCondition[] | null) =>
			availabilityOf(bankSnapshot({ totals, conditions }), "bank");
		expect(of(part(TOTALS), null)).toBe("online");
		expect(of(stale(part(TOTALS)), [])).toBe("online");
		expect(of(stale(part(TOTALS)), null)).toBe("offline");
		expect(of(null, null)).toBe("offline");
	});
});
