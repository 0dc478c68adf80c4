import { describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../src/bms/protocol/protocols.ts";
import { ask, bankWith, present, readingOf, statusOf, telemetryOf } from "./simulated.ts";

const ascii = PROTOCOLS["ascii-0x25"].protocol;
const designs = (blocks: ReturnType<typeof telemetryOf>) =>
	blocks.map((block) => (block.absent ? "absent" : block.value.cellVoltages.length));

describe("packs of a simulated bank", () => {
	it.each(Array.from({ length: 15 }, (_, index) => index + 1))("%i packs: counted, all at once, one by one", (packs) => {
		const { bank } = bankWith({ packs });
		expect(readingOf(bank, ascii.packCount(1)).count).toBe(packs);
		const all = telemetryOf(bank, "all");
		expect(all).toHaveLength(packs);
		expect(statusOf(bank, "all")).toHaveLength(packs);
		for (const [index, block] of all.entries()) expect(telemetryOf(bank, index + 1)).toEqual([block]);
	});

	it.each([
		{ cells: 1, probes: 0 },
		{ cells: 8, probes: 4 },
		{ cells: 15, probes: 6 },
		{ cells: 24, probes: 16 },
	])("$cells cells and $probes probes, 15 packs, both firmwares", ({ cells, probes }) => {
		for (const firmware of ["old", "new"] as const) {
			const { bank } = bankWith({ packs: 15, cells, probes, firmware });
			const first = present(telemetryOf(bank, "all")[14]);
			expect(first.cellVoltages).toHaveLength(cells);
			expect(first.temperatures).toHaveLength(probes);
			expect(first.voltage).toBeCloseTo(
				first.cellVoltages.reduce((sum, volts) => sum + volts, 0),
				1,
			);
			expect(present(statusOf(bank, "all")[14]).probeCodes).toHaveLength(probes);
		}
	});

	it("tells SOC and SOH with the tail of new firmware; old firmware leaves SOC to be computed", () => {
		const fresh = present(telemetryOf(bankWith({ packs: 1, stateOfCharge: 40, firmware: "new" }).bank, 1)[0]);
		expect([fresh.stateOfCharge, fresh.stateOfHealth]).toEqual([40, 100]);
		const old = present(telemetryOf(bankWith({ packs: 1, stateOfCharge: 40, firmware: "old" }).bank, 1)[0]);
		expect([old.stateOfCharge, old.stateOfHealth]).toEqual([40, null]);
	});

	it("a lost pack makes the count shrink, and later packs move up", () => {
		const { bank, control } = bankWith({ packs: 3 });
		control.setReading(3, { cycleCount: 333 });
		control.losePack(2);
		expect(readingOf(bank, ascii.packCount(1)).count).toBe(2);
		expect(telemetryOf(bank, "all").map((block) => present(block).cycleCount)[1]).toBe(333);
		expect(designs(telemetryOf(bank, 2))).toEqual(["absent"]);
		expect(designs(telemetryOf(bank, 3))).toEqual([16]);
		control.returnPack(2);
		expect(designs(telemetryOf(bank, "all"))).toEqual([16, 16, 16]);
	});

	it("or leaves a place of zeros, as captured: 0.0 °C, SOC 98, SOH 100 (rs232-v25 §4, bmspace)", () => {
		const { bank, control } = bankWith({ packs: 3, capacityAh: 100 });
		control.losePack(2, "placeholder");
		expect(designs(telemetryOf(bank, "all"))).toEqual([16, "absent", 16]);
		expect(readingOf(bank, ascii.packCount(1)).count).toBe(3);
		const frame = ask(bank, "~25014642E00202FD2F") ?? "";
		// INFO: flag, echo, M, 16 cells, N, 6 × 0AAA, six zero fields with P = 9 among them, tail 62 … 64 ….
		expect(frame.slice(13, -4)).toBe(
			`000210${"0000".repeat(16)}06${"0AAA".repeat(6)}${"0000".repeat(3)}09${"0000".repeat(3)}62${"00".repeat(8)}64${"0000".repeat(2)}`,
		);
		expect(statusOf(bank, "all")[1]).toEqual({ absent: true });
	});

	it("answers zeros for a pack number that nobody has", () => {
		expect(designs(telemetryOf(bankWith({ packs: 2 }).bank, 9))).toEqual(["absent"]);
	});

	it("without the pack that has the cable nobody answers", () => {
		const { bank, control } = bankWith({ packs: 2 });
		control.losePack(1);
		expect(ask(bank, "~25014642E002FFFD05")).toBeNull();
	});

	it("a pack with another address than 1 speaks for itself only (rs232-v25 §4)", () => {
		const { bank } = bankWith({ packs: 3 }, { cabledAddress: 2 });
		expect(readingOf(bank, ascii.packCount(2)).count).toBe(1);
		const own = telemetryOf(bank, "all");
		expect(own).toHaveLength(1);
		expect(telemetryOf(bank, 1)).toEqual(own);
		expect(designs(telemetryOf(bank, 2))).toEqual(["absent"]);
		expect(ask(bank, "~25014642E00201FD30")?.slice(1, 5)).toBe("2502");
	});

	it("answers at the address of its DIP switches, and no two packs have one", () => {
		const { bank, control } = bankWith({ packs: 2 });
		control.setAddress(2, 7);
		expect(designs(telemetryOf(bank, 7))).toEqual([16]);
		expect(designs(telemetryOf(bank, 2))).toEqual(["absent"]);
		expect(() => control.setAddress(1, 7)).toThrow("There is a pack 7 already");
		expect(() => control.setAddress(1, 16)).toThrow("An address must be a number from 0 to 15");
		expect(() => control.setAddress(2, 3)).toThrow("There is no pack 2");
		control.setAddress(1, 4);
		expect(bank.cabledAddress).toBe(4);
		expect(readingOf(bank, ascii.packCount(4)).count).toBe(1);
	});

	it("a sleeping pack with the cable wakes by a request and answers 3 s later", async () => {
		const { bank, control, clock } = bankWith({ packs: 1 });
		control.sleepPack(1);
		await clock.advance(60_000);
		expect(ask(bank, "~25014642E00201FD30")).toBeNull();
		await clock.advance(2900);
		expect(ask(bank, "~25014642E00201FD30")).toBeNull();
		await clock.advance(100);
		expect(designs(telemetryOf(bank, 1))).toEqual([16]);
	});

	it("or stays asleep until it is woken", async () => {
		const { bank, control, clock } = bankWith({ packs: 1 });
		control.sleepPack(1, true);
		expect(ask(bank, "~25014642E00201FD30")).toBeNull();
		await clock.advance(600_000);
		expect(ask(bank, "~25014642E00201FD30")).toBeNull();
		control.returnPack(1);
		expect(designs(telemetryOf(bank, 1))).toEqual([16]);
	});
});
