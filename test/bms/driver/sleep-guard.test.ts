import { describe, expect, it } from "vitest";
import type { ActiveCondition } from "../../../src/bms/battery/snapshot.ts";
import { drowsinessOf, isSleepExpected, probePauseMs, slowPauseMs, WIDE_AWAKE, watchSleep } from "../../../src/bms/driver/sleep-guard.ts";
import { bankSnapshot, HEALTHY_STATUS, pack, packValues, part, stale } from "../../support/snapshots.ts";

const set = (key: ActiveCondition["key"]): ActiveCondition => ({
	key,
	since: 0,
	pack: 1,
	cell: null,
	probe: null,
	value: null,
	unit: null,
	limit: null,
});
const VALUES = packValues();
const resting = (cell: number, changes: Parameters<typeof pack>[1] = {}) =>
	pack(1, { values: { cellVoltageMin: cell, current: 0, activity: "idle" }, ...changes });
const bank = (one: ReturnType<typeof pack>, conditions: readonly ActiveCondition[] | null = []) =>
	bankSnapshot({ packs: [one], conditions });

describe("how near a battery is to sleep", () => {
	it.each([
		["rests far above the sleep voltage", bank(resting(3.3)), "awake"],
		["rests near the vendor's default", bank(resting(3.18)), "near"],
		["rests below it", bank(resting(3.09)), "due"],
		["rests above its own, lower sleep voltage", bank(resting(3.09, { parameters: { sleepVoltage: 2.8 } })), "awake"],
		["rests below its own, higher sleep voltage", bank(resting(3.25, { parameters: { sleepVoltage: 3.3 } })), "due"],
		["discharges", bank(resting(3.0, { telemetry: part({ ...VALUES, cellVoltageMin: 3, activity: "discharging" }) })), "awake"],
		["has an unknown current", bank(resting(3.0, { telemetry: part({ ...VALUES, cellVoltageMin: 3, activity: null }) })), "awake"],
		["balances", bank(resting(3.0, { status: part({ ...HEALTHY_STATUS, balancingCells: [3] }) })), "awake"],
		["is in a protection", bank(resting(3.0), [set("protection.charge_high_temperature")]), "awake"],
		["has an alarm only", bank(resting(3.0), [set("alarm.cell_undervoltage")]), "due"],
		["is in under-voltage protection", bank(resting(2.4), [set("protection.cell_undervoltage")]), "emptied"],
		["says nothing of its alarms", bank(resting(3.0), null), "awake"],
	] as const)("a battery that %s", (_what, snapshot, drowsiness) => {
		expect(drowsinessOf(snapshot)).toBe(drowsiness);
	});

	it("is not known of stale readings", () => {
		const one = resting(3.0);
		expect(drowsinessOf(bank({ ...one, telemetry: one.telemetry && stale(one.telemetry) }))).toBe("awake");
		expect(drowsinessOf(bank({ ...one, presence: "unknown" }))).toBe("awake");
	});

	it("is decided by all packs: one with current keeps the bank in use", () => {
		const snapshot = bankSnapshot({ packs: [resting(3.0), { ...pack(2), address: 2 }] });
		expect(drowsinessOf(snapshot)).toBe("awake");
	});
});

describe("the sleep guard", () => {
	it("asks less often first, and leaves the battery alone after a minute", () => {
		const first = watchSleep(WIDE_AWAKE, "due", 0);
		expect(first.wants).toBe("slow");
		expect(watchSleep(first, "due", 59_000).wants).toBe("slow");
		expect(watchSleep(first, "due", 60_000).wants).toBe("pause");
	});

	it("starts anew when the battery is used in between", () => {
		const first = watchSleep(WIDE_AWAKE, "due", 0);
		const used = watchSleep(first, "awake", 30_000);
		expect(used.wants).toBe("poll");
		expect(watchSleep(watchSleep(used, "due", 40_000), "due", 70_000).wants).toBe("slow");
	});

	it("expects silence of a battery that is due or emptied, and of no other", () => {
		const expectation = (["awake", "near", "due", "emptied"] as const).map((drowsiness) =>
			isSleepExpected(watchSleep(WIDE_AWAKE, drowsiness, 0)),
		);
		expect(expectation).toEqual([false, false, true, true]);
	});

	it("keeps every pack's alarm state young enough to be known while it asks less often", () => {
		for (const packs of [1, 2, 15]) expect(slowPauseMs(packs, 15_000) * 2 * packs).toBeLessThan(15_000);
		expect(slowPauseMs(1, 60_000)).toBe(5_000);
	});

	it("tries seldom where a byte wakes the battery, and more often where it does not", () => {
		expect(probePauseMs(60, true)).toBe(3_600_000);
		expect(probePauseMs(60, false)).toBe(300_000);
	});
});
