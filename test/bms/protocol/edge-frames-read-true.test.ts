import { describe, expect, it } from "vitest";
import type { PackTelemetry } from "../../../src/bms/battery/readings.ts";
import { asciiV25 } from "../../../src/bms/protocol/ascii/ascii-protocol.ts";
import { type Block42, block42, cells, received } from "./build-replies.ts";

/** Frames at which other programs fail: each shows a value that must be exact, or absent. */
function packsIn(info: string) {
	const acceptance = asciiV25.telemetry(1, "all").accept(received(info));
	if (acceptance.kind !== "reply") throw new Error(JSON.stringify(acceptance));
	return acceptance.value.blocks;
}
function onlyPack(block: Block42): PackTelemetry {
	const [pack] = packsIn(`0001${block42(block)}`);
	if (!pack || pack.absent) throw new Error("absent");
	return pack.value;
}

/** What a pack that dropped out leaves in an all-packs reply: placeholders in some fields (rs232-v25 §4, quirk 2). */
const PLACEHOLDER = `10${"0000".repeat(16)}06${"0AAA".repeat(6)}0000000000000900000000000062000000000000000064${"00000000"}`;
const TAIL_14 = `4D4E204E204E204E2064CF990000`;

describe("edge frames", () => {
	it.each([
		[-1234, -12.34],
		[-1, -0.01],
		[-28000, -280],
		[32767, 327.67],
	])("current %i on the wire is %d A", (raw, amperes) => {
		expect(onlyPack({ cells: cells(16), current: raw }).current).toBe(amperes);
	});

	it("273.0 K is 0 °C", () => {
		expect(onlyPack({ cells: cells(16), probes: [2730, 2731, 2630, 3005] }).temperatures).toEqual([0, 0.1, -10, 27.5]);
	});

	it("a missing probe is absent and its neighbours stay", () => {
		expect(onlyPack({ cells: cells(16), probes: [2981, 0x8000, 2995] }).temperatures).toEqual([25.1, null, 26.5]);
	});

	it("a cell at 0.5 V whose sum agrees is a value", () => {
		const low = onlyPack({ cells: [...cells(15), 500] });
		expect(low.cellVoltages[15]).toBe(0.5);
		expect(low.voltage).toBe(50);
	});

	it("a cell at 0 V among others is a value", () => {
		expect(onlyPack({ cells: [...cells(15), 0] }).cellVoltages[15]).toBe(0);
	});

	it("packs of 16 and 15 cells in one frame are both read", () => {
		const packs = packsIn(`0002${block42({ cells: cells(16) })}${block42({ cells: cells(15, 3400) })}`);
		expect(packs.map((pack) => (pack.absent ? null : [pack.value.cellVoltages.length, pack.value.voltage]))).toEqual([
			[16, 52.8],
			[15, 51],
		]);
	});

	it("ten packs of which one is away are nine packs and an absent one", () => {
		const live = block42({ cells: cells(16), tail: TAIL_14 });
		const packs = packsIn(`000A${live.repeat(6)}${PLACEHOLDER}${live.repeat(3)}`);
		expect(packs.map(({ absent }) => absent)).toEqual([false, false, false, false, false, false, true, false, false, false]);
		expect(packs[6]).toEqual({ absent: true });
		const last = packs[9];
		expect(last && !last.absent && [last.value.stateOfCharge, last.value.stateOfHealth]).toEqual([77, 100]);
	});

	it("a pack of which everything is zero is absent, alone and among others", () => {
		const zero = `10${"0000".repeat(16)}06${"0000".repeat(6)}${"00".repeat(13)}`;
		expect(packsIn(`0001${zero}`)).toEqual([{ absent: true }]);
		expect(packsIn(`0001${"00".repeat(59)}`)).toEqual([{ absent: true }]);
		const live = block42({ cells: cells(16) });
		for (const away of [zero, "00".repeat(59)]) {
			for (const info of [`0003${live}${away}${live}`, `0003${away}${live}${live}`, `0003${live}${live}${away}`]) {
				expect(packsIn(info).filter(({ absent }) => absent)).toHaveLength(1);
			}
		}
	});

	it("a pack voltage in 10 mV is recognised by the cells, where it cannot be in mV", () => {
		// 20 cells of 3.339 V are 66.78 V, more than millivolts can say; captured so (20-cell pack).
		expect(onlyPack({ cells: cells(20, 3339), voltage: 6678 }).voltage).toBe(66.78);
		expect(onlyPack({ cells: cells(16), voltage: 5280 }).voltage).toBe(52.8);
		expect(onlyPack({ cells: cells(16), voltage: 52700 }).voltage).toBe(52.7);
		// Neither unit fits: what is sent is told as sent, and is for others to doubt.
		expect(onlyPack({ cells: cells(16), voltage: 20000 }).voltage).toBe(20);
	});

	it.each([1, 8, 15, 16, 24])("%i cells are read", (count) => {
		expect(onlyPack({ cells: cells(count, 2700) }).cellVoltages).toHaveLength(count);
	});

	it.each([0, 1, 4, 6, 8, 16])("%i probes are read", (count) => {
		expect(onlyPack({ cells: cells(16), probes: new Array<number>(count).fill(2980) }).temperatures).toHaveLength(count);
	});

	it("more cells or probes than there can be are no pack", () => {
		for (const info of [
			`0001${block42({ cells: cells(25, 2500) })}`,
			`0001${block42({ cells: cells(16), probes: new Array<number>(17).fill(2980) })}`,
		]) {
			expect(asciiV25.telemetry(1, "all").accept(received(info))).toMatchObject({ kind: "bad", error: { code: "no-layout-fits" } });
		}
	});
});

describe("state of charge", () => {
	const of = (block: Partial<Block42>) => onlyPack({ cells: cells(16), ...block });

	it.each([
		[5000, 10000, 50],
		[4819, 10346, 46.6],
		[10000, 10000, 100],
		// A counting error of the board up to 2 % is full.
		[10200, 10000, 100],
		[10201, 10000, null],
		[19698, 14001, null],
		[0, 0, null],
		[0, 10000, 0],
	])("%i of %i without a tail is %s", (remaining, full, percent) => {
		expect(of({ remaining, full }).stateOfCharge).toBe(percent);
	});

	it("is the battery's own where the tail is known", () => {
		expect(of({ tail: "37" })).toMatchObject({ stateOfCharge: 55, stateOfHealth: null });
		expect(of({ tail: `37${"00".repeat(8)}63` })).toMatchObject({ stateOfCharge: 55, stateOfHealth: 99 });
		expect(of({ tail: TAIL_14 })).toMatchObject({ stateOfCharge: 77, stateOfHealth: 100 });
		expect(of({ tail: `37${"00".repeat(8)}63${"00".repeat(12)}` })).toMatchObject({ stateOfCharge: 55, stateOfHealth: 99 });
	});

	it("is computed where the tail is unknown, whatever it holds", () => {
		// Captured so: 0000 544D 0000 AFA1 after a 15-cell pack.
		expect(of({ tail: "0000544D0000AFA1" })).toMatchObject({ stateOfCharge: 50, stateOfHealth: null });
		for (const length of [2, 5, 9, 11, 13, 15, 24]) {
			expect(of({ tail: "63".repeat(length) })).toMatchObject({ stateOfCharge: 50, stateOfHealth: null });
		}
	});

	it("health 0 is not known", () => {
		expect(of({ tail: `37${"00".repeat(8)}00` }).stateOfHealth).toBeNull();
	});
});

describe("the tail", () => {
	it("is no longer than a tail can be", () => {
		const info = `0001${block42({ cells: cells(16), tail: "00".repeat(25) })}`;
		expect(asciiV25.telemetry(1, "all").accept(received(info))).toMatchObject({ kind: "bad" });
	});

	it("may differ from pack to pack", () => {
		const packs = packsIn(
			`0003${block42({ cells: cells(16), tail: "37" })}${block42({ cells: cells(15, 3400) })}${block42({ cells: cells(16), tail: TAIL_14 })}`,
		);
		expect(packs.map((pack) => pack.absent || pack.value.stateOfCharge)).toEqual([55, 50, 77]);
	});
});
