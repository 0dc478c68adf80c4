import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONDITION_KEYS } from "../../../src/bms/battery/conditions.ts";
import type { PackStatus, PackTelemetry } from "../../../src/bms/battery/readings.ts";
import { STATE_KEYS, type StateKey } from "../../../src/bms/battery/states.ts";
import {
	fixedAnswer,
	RETURN_CODES,
	readRequest,
	rejection,
	statusAnswer,
	telemetryAnswer,
} from "../../../src/bms/protocol/ascii/ascii-answers.ts";
import { KNOWN_TELEMETRY_TAILS } from "../../../src/bms/protocol/ascii/ascii-commands.ts";
import { checkFrame, textOf } from "../../../src/bms/protocol/ascii/ascii-frame.ts";
import { asciiV25 } from "../../../src/bms/protocol/ascii/ascii-protocol.ts";
import { CONTROL, FAULT, INDICATION, PROTECT_1, PROTECT_2, WARN_1, WARN_2 } from "../../../src/bms/protocol/ascii/ascii-status-bits.ts";
import { CAPTURES, REFERENCE_FRAMES } from "./captures.ts";

/** What the battery's side writes must be the bytes that real batteries sent. */
const captured = (id: string) =>
	CAPTURES.find((capture) => capture.id === id)?.reply ?? REFERENCE_FRAMES.find((frame) => frame.id === id)?.reply ?? "";
const MAIN = { address: 1, countOrEcho: 1 };

const states = (...on: readonly StateKey[]) =>
	Object.fromEntries(STATE_KEYS.map((key) => [key, on.includes(key)])) as Record<StateKey, boolean>;
const quiet: PackStatus = {
	conditions: [],
	states: states("chargeMosfet", "dischargeMosfet"),
	cellCodes: new Array<number>(16).fill(0),
	probeCodes: new Array<number>(6).fill(0),
	chargeCurrentCode: 0,
	packVoltageCode: 0,
	dischargeCurrentCode: 0,
	balancingCells: [],
	unknownBits: [],
	indicationZero: false,
};

describe("answers are byte for byte what real batteries sent", () => {
	it("measurements of old firmware, without tail (Jakiper)", () => {
		const value: PackTelemetry = {
			cellVoltages: [3.271, 3.272, 3.271, 3.271, 3.271, 3.269, 3.27, 3.271, 3.271, 3.27, 3.271, 3.27, 3.27, 3.271, 3.27, 3.271],
			temperatures: [24.1, 23.9, 23.9, 23.9, 26.5, 27.4],
			current: -2.25,
			voltage: 52.429,
			remainingCapacity: 48.19,
			fullCapacity: 103.46,
			designCapacity: 100,
			cycleCount: 140,
			stateOfCharge: 46.6,
			stateOfHealth: null,
		};
		expect(textOf(telemetryAnswer(MAIN, [{ absent: false, value }], { tail: 0 }))).toBe(captured("v25-42-052"));
	});

	it("measurements of new firmware, with the 14-byte tail (Easun)", () => {
		const value: PackTelemetry = {
			cellVoltages: [3.331, 3.331, 3.331, 3.33, 3.331, 3.331, 3.331, 3.332, 3.332, 3.331, 3.331, 3.331, 3.331, 3.331, 3.331, 3.331],
			temperatures: [16, 16.2, 16.1, 16.1, 18.2, 17.3],
			current: -1.97,
			voltage: 53.297,
			remainingCapacity: 160.72,
			fullCapacity: 208.03,
			designCapacity: 200,
			cycleCount: 5,
			stateOfCharge: 77,
			stateOfHealth: 100,
		};
		const tailValues = { cumulativeCharge: 0x4e204e20, cumulativeDischarge: 0x4e204e20, independentVoltage: 53.145, independentCurrent: 0 };
		expect(textOf(telemetryAnswer(MAIN, [{ absent: false, value }], { tail: 14, tailValues }))).toBe(`${captured("ref-42-nk22")}\r`);
	});

	it("a quiet pack that discharges, and one with a tail byte (Jakiper, Easun)", () => {
		const value = { ...quiet, states: states("chargeMosfet", "dischargeMosfet", "packSupplying") };
		expect(textOf(statusAnswer(MAIN, [{ absent: false, value }]))).toBe(captured("v25-44-009"));
		expect(textOf(statusAnswer(MAIN, [{ absent: false, value }], Uint8Array.of(0)))).toBe(captured("v25-44-010"));
	});

	it("the real alarm's first block", () => {
		const first: PackStatus = {
			...quiet,
			conditions: ["alarm.cell_overvoltage", "alarm.pack_overvoltage"],
			cellCodes: [2, 2, 2, 2, 2, 2, 2, 0, 2, 2, 2, 2, 2, 2, 2, 2],
			packVoltageCode: 2,
		};
		const answer = textOf(statusAnswer({ address: 1, countOrEcho: 2 }, [{ absent: false, value: first }], Uint8Array.of(8)));
		const block = captured("ref-44-nk30").slice(17, 17 + 37 * 2);
		expect(answer.slice(17, 17 + 37 * 2)).toBe(block);
	});

	it("pack count, version, serial numbers, capacities, clock, and a refusal", () => {
		const text = (bytes: Uint8Array) => textOf(bytes);
		expect(text(fixedAnswer(1, "packCount", { count: 2 }))).toBe(captured("v25-90-004"));
		expect(text(fixedAnswer(1, "serials", { bmsSerial: "1B470102170999D", packSerial: "Mar 30 2022,18:18:16" }))).toBe(
			captured("v25-c2-002"),
		);
		expect(text(fixedAnswer(0, "capacity", { remainingCapacity: 62.04, fullCapacity: 103.46, designCapacity: 100 }))).toBe(
			captured("v25-a6-004"),
		);
		expect(text(fixedAnswer(0, "clock", { year: 2024, month: 8, day: 21, hour: 5, minute: 29, second: 31 }))).toBe(captured("v25-b1-001"));
		expect(text(rejection(0, RETURN_CODES.refused, Uint8Array.of(4)))).toBe(`${captured("ref-9b-rtn09")}\r`);
	});
});

describe("requests are understood", () => {
	const read = (text: string) => {
		const check = checkFrame(text);
		if (!check.ok) throw check.error;
		return readRequest(check.frame);
	};

	it("with command, address and selector", () => {
		expect(read("~25FF4642E002FFFCDA")).toMatchObject({ command: "telemetry", address: 255, selector: "all" });
		expect(read("~25014644E00202FD2D")).toMatchObject({ command: "status", address: 1, selector: 2 });
		expect(read("~250146900000FDA5")).toMatchObject({ command: "packCount", selector: null });
		expect(read("~250046EB0000FD88")).toMatchObject({ command: null, code: 0xeb });
	});
});

describe("what the battery's side writes, the driver's side reads", () => {
	const millivolts = fc.integer({ min: 2000, max: 3650 }).map((mv) => mv / 1000);
	const hundredths = (min: number, max: number) => fc.integer({ min: min * 100, max: max * 100 }).map((raw) => raw / 100);
	const telemetry = fc
		.record({
			cellVoltages: fc.array(millivolts, { minLength: 1, maxLength: 16 }),
			temperatures: fc.array(fc.option(fc.integer({ min: -400, max: 1200 }).map((raw) => raw / 10)), { maxLength: 16 }),
			current: hundredths(-320, 320),
			remainingCapacity: hundredths(0, 600),
			fullCapacity: hundredths(1, 600),
			designCapacity: hundredths(1, 600),
			cycleCount: fc.nat(9999),
			stateOfCharge: fc.nat(100),
			stateOfHealth: fc.integer({ min: 1, max: 100 }),
		})
		.map((value) => ({ ...value, voltage: Math.round(value.cellVoltages.reduce((sum, cell) => sum + cell, 0) * 1000) / 1000 }));
	const away = fc.record({ absent: fc.constant(true as const), cells: fc.constant(16), probes: fc.constant(6) });
	const live = telemetry.map((value) => ({ absent: false as const, value }));

	it("measurements of mixed packs, with every known tail, some away", () => {
		fc.assert(
			fc.property(
				fc.array(fc.oneof({ weight: 4, arbitrary: live }, away), { minLength: 2, maxLength: 15 }),
				fc.constantFrom(...KNOWN_TELEMETRY_TAILS),
				(packs, tail) => {
					const accepted = asciiV25.telemetry(1, "all").accept(telemetryAnswer({ address: 1, countOrEcho: packs.length }, packs, { tail }));
					if (accepted.kind !== "reply") throw new Error(accepted.kind);
					accepted.value.blocks.forEach((block, index) => {
						const sent = packs[index];
						expect(block.absent).toBe(sent?.absent);
						if (block.absent || !sent || sent.absent) return;
						const { stateOfCharge, stateOfHealth, ...measured } = sent.value;
						expect(block.value).toMatchObject(measured);
						if (tail > 0) expect(block.value.stateOfCharge).toBe(stateOfCharge);
						if (tail > 1) expect(block.value.stateOfHealth).toBe(stateOfHealth);
					});
				},
			),
			{ numRuns: 60 },
		);
	});

	const bits = [PROTECT_1, PROTECT_2, INDICATION, CONTROL, FAULT, WARN_1, WARN_2].flatMap((table) => Object.values(table));
	const conditions = bits.filter((name) => CONDITION_KEYS.some((key) => key === name)) as (typeof CONDITION_KEYS)[number][];

	it("alarms with any bits set", () => {
		fc.assert(
			fc.property(
				fc.subarray(conditions),
				fc.subarray([...STATE_KEYS]),
				fc.subarray(["W1.6", "W1.7"]),
				fc.uniqueArray(fc.integer({ min: 1, max: 16 })),
				(set, on, unknownBits, balancing) => {
					fc.pre(set.length + on.length + unknownBits.length + balancing.length > 0);
					const value: PackStatus = { ...quiet, conditions: set, states: states(...on), unknownBits, balancingCells: balancing };
					const accepted = asciiV25.status(1, 1).accept(statusAnswer(MAIN, [{ absent: false, value }]));
					if (accepted.kind !== "reply") throw new Error(accepted.kind);
					const [block] = accepted.value.blocks;
					if (!block || block.absent) throw new Error("absent");
					expect(new Set(block.value.conditions)).toEqual(new Set(set));
					expect(block.value.states).toEqual(value.states);
					expect(block.value.unknownBits).toEqual(unknownBits);
					expect(new Set(block.value.balancingCells)).toEqual(new Set(balancing));
				},
			),
		);
	});

	it("no bit has two names and no name two bits", () => {
		expect(new Set(bits).size).toBe(bits.length);
	});

	it("every condition that is supported, and every state, has its bit", () => {
		const placed = new Set<string>(bits);
		expect(CONDITION_KEYS.filter((key) => !placed.has(key))).toEqual(["protection.pcb"]);
		expect(STATE_KEYS.filter((key) => !placed.has(key))).toEqual([]);
	});
});
