import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PARAMETERS, type ParameterKey, type ParameterValues, parametersOfGroup } from "../../../../src/bms/battery/parameters.ts";
import type { PackStatus, PackTelemetry } from "../../../../src/bms/battery/readings.ts";
import { STATE_KEYS, type StateKey } from "../../../../src/bms/battery/states.ts";
import { blockOfGroup, MODBUS_GROUPS, modbusAccess } from "../../../../src/bms/protocol/modbus/modbus-access.ts";
import {
	exceptionAnswer,
	isParameterRegister,
	parametersInRegisters,
	type RegisterValues,
	readModbusRequest,
	registersAnswer,
	registersOfPack,
	writtenAnswer,
} from "../../../../src/bms/protocol/modbus/modbus-answers.ts";
import { buildAdu, buildRead, buildWrite } from "../../../../src/bms/protocol/modbus/modbus-frame.ts";
import { modbusRtu } from "../../../../src/bms/protocol/modbus/modbus-protocol.ts";

const bytesOf = (hex: string) => Uint8Array.from(hex.replace(/\s/g, "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");

/** The sample values of modbus-rtu §7, which are the defaults of the table; 113 and 114 as in its V6. */
const SAMPLE = {
	...Object.fromEntries(Object.entries(PARAMETERS).map(([key, row]) => [key, row.default])),
	...{ chargeOvercurrent2Protection: 120, chargeOvercurrent2Delay: 100 },
} as Readonly<Record<ParameterKey, number>>;
const groupValues = (group: (typeof MODBUS_GROUPS)[number], source: ParameterValues = SAMPLE): ParameterValues =>
	Object.fromEntries(
		parametersOfGroup(group)
			.filter((key) => !key.endsWith("Enabled"))
			.map((key) => [key, source[key]]),
	);
/** Registers 60-114 of modbus-rtu V6. */
const V6 = bytesOf(
	"E1 00 E7 40 D2 F0 00 0A 0E 10 0E 74 0D 34 00 0A AF 00 9C 40 B5 40 00 0A 0A F0 09 C4 0B 54 00 0A 00 68 00 6E 00 0A 00 69 00 6E 00 0A 00 96 00 04 01 FE 02 26 01 F4 02 30 02 58 02 26 00 00 FF CE 00 00 FF 6A FF 38 FF 6A 03 84 04 4C 03 52 02 8A 02 BC 02 8A FF 38 FF 06 FF 38 0D 48 00 1E DA C0 07 D0 0C 1C 00 05 00 0C 00 05 00 78 00 04",
);
const inV6 = (start: number, count: number) => V6.subarray(2 * (start - 60), 2 * (start - 60 + count));
const readAnswer = (bytes: Uint8Array, unit = 1) => buildAdu(unit, 3, Uint8Array.from([bytes.length, ...bytes]));

const PACK: { readonly telemetry: PackTelemetry; readonly status: PackStatus } = {
	telemetry: {
		cellVoltages: [3.352, 3.35, 3.351, 3.349, 3.352, 3.351, 3.35, 3.353, 3.348, 3.351, 3.352, 3.35, 3.349, 3.351, 3.341, 3.352],
		temperatures: [25.3, 25.1, 24.9, -3.5, 31.2, 26.8],
		...{ current: -23.5, voltage: 53.6, stateOfCharge: 76, stateOfHealth: 99, cycleCount: 132 },
		...{ remainingCapacity: 75.24, fullCapacity: 99, designCapacity: 100 },
	},
	status: {
		conditions: [],
		states: Object.fromEntries(STATE_KEYS.map((key) => [key, ["chargeMosfet", "dischargeMosfet"].includes(key)])) as Record<
			StateKey,
			boolean
		>,
		...{ cellCodes: [], probeCodes: [], chargeCurrentCode: 0, packVoltageCode: 0, dischargeCurrentCode: 0 },
		...{ balancingCells: [], unknownBits: [], indicationZero: false },
	},
};
const IDENTITY = { version: "P16S200A-21473-1.03A", bmsSerial: "310771030800025A", packSerial: "" };
const registers = registersOfPack({ ...PACK, ...IDENTITY, parameters: SAMPLE });
const valuesFrom = (image: RegisterValues, start: number, count: number) =>
	Array.from({ length: count }, (_, index) => image.get(start + index) ?? 0xffff);

describe("parameters over Modbus", () => {
	it("are groups of neighbouring registers that hold every parameter but the limiter's and the on/off bytes", () => {
		const blocks = MODBUS_GROUPS.map(blockOfGroup);
		const numbers = blocks.flatMap(({ start, count }) => Array.from({ length: count }, (_, index) => start + index));
		expect(new Set(numbers)).toEqual(new Set(Array.from({ length: 55 }, (_, index) => 60 + index)));
		expect(numbers).toHaveLength(55);
		const covered = MODBUS_GROUPS.flatMap((group) => Object.keys(groupValues(group)));
		const missing = Object.keys(PARAMETERS).filter((key) => !covered.includes(key));
		expect(missing.filter((key) => !key.endsWith("Enabled"))).toEqual(["limiterStartCurrent"]);
	});

	it.each(MODBUS_GROUPS)("%s is read as the reference says", (group) => {
		const { start, count } = blockOfGroup(group);
		const exchange = modbusAccess.parameters(1, group);
		expect(hexOf(exchange.request)).toBe(hexOf(buildRead(1, start, count)));
		const accepted = exchange.accept(readAnswer(inV6(start, count)));
		expect(accepted).toEqual({ kind: "reply", value: { repliedBy: 1, value: groupValues(group) } });
	});

	describe("of neighbouring groups are read in one request", () => {
		const sets = modbusAccess.parameterSets ?? [];
		const blockOf = ({ request }: { readonly request: Uint8Array }) => {
			const read = readModbusRequest(request);
			if (read?.kind !== "read") throw new Error("no request to read");
			return read;
		};

		it("every group once, in two requests: those of the first document, and what came later", () => {
			expect(sets.flatMap(({ groups }) => groups).toSorted((a, b) => a.localeCompare(b))).toEqual(
				MODBUS_GROUPS.toSorted((a, b) => a.localeCompare(b)),
			);
			// 107 came with version 1.2 (modbus-rtu §7); 55 in one request is the common reading (§3).
			expect(sets.map(({ read }) => blockOf(read(3)))).toEqual([
				{ kind: "read", unit: 3, start: 60, count: 47 },
				{ kind: "read", unit: 3, start: 107, count: 8 },
			]);
		});

		it("and tell what each group by itself tells", () => {
			for (const { groups, read } of sets) {
				const exchange = read(1);
				const { start, count } = blockOf(exchange);
				const told = Object.assign({}, ...groups.map((group) => groupValues(group))) as ParameterValues;
				expect(exchange.accept(readAnswer(inV6(start, count)))).toEqual({ kind: "reply", value: { repliedBy: 1, value: told } });
				expect(exchange.accept(exceptionAnswer(1, 3, 2))).toMatchObject({ kind: "rejected" });
				expect(exchange.accept(readAnswer(inV6(start, count), 2))).toMatchObject({ kind: "foreign" });
			}
		});

		it("firmware that fills what it has not got tells the rest; a map that cannot be is not believed", () => {
			const [first, later] = sets;
			const filled = Uint8Array.from(inV6(107, 8)).fill(0xff, 12);
			const told = later?.read(1).accept(readAnswer(filled));
			expect(told).toMatchObject({ kind: "reply", value: { value: { sleepDelay: 5, lowChargeAlarm: 5 } } });
			expect(told).not.toHaveProperty("value.value.chargeOvercurrent2Delay");
			const strange = Uint8Array.from(inV6(60, 47));
			strange[8] = 0x61;
			expect(first?.read(1).accept(readAnswer(strange))).toMatchObject({ kind: "bad", error: { code: "foreign-map" } });
		});
	});

	it.each(MODBUS_GROUPS)("%s is written in one request, in the bytes it is read in", (group) => {
		const { start, count } = blockOfGroup(group);
		const { request } = modbusAccess.setParameters(1, group, groupValues(group));
		expect(hexOf(request)).toBe(hexOf(buildWrite(1, start, inV6(start, count))));
		expect(request[1]).toBe(0x10);
	});

	it("V7: the reference's writes, byte for byte, and their answers", () => {
		const low = modbusAccess.setParameters(1, "lowCharge", { lowChargeAlarm: 10 });
		expect(hexOf(low.request)).toBe("01 10 00 70 00 01 02 00 0A 2D 67");
		const cells = modbusAccess.setParameters(1, "cellOvervoltage", {
			...{ cellOvervoltageAlarm: 3.6, cellOvervoltageProtection: 3.65, cellOvervoltageRelease: 3.4, cellOvervoltageDelay: 1 },
		});
		expect(hexOf(cells.request)).toBe("01 10 00 40 00 04 08 0E 10 0E 42 0D 48 00 0A 5C 94");
		const [ofLow, ofCells] = [bytesOf("01 10 00 70 00 01 00 12"), bytesOf("01 10 00 40 00 04 C0 1E")];
		expect(low.accept(ofLow)).toEqual({ kind: "reply", value: { repliedBy: 1, value: null } });
		expect(cells.accept(ofCells)).toEqual({ kind: "reply", value: { repliedBy: 1, value: null } });
		expect(low.accept(ofCells)).toMatchObject({ kind: "foreign" });
		expect(cells.accept(ofLow)).toMatchObject({ kind: "foreign" });
		expect(cells.accept(cells.request)).toEqual({ kind: "echo" });
		expect(cells.accept(buildWrite(1, 64, inV6(64, 4)))).toMatchObject({ kind: "foreign" });
		expect(cells.accept(bytesOf("01 90 03 0C 01"))).toMatchObject({ kind: "rejected", error: { code: "refused", context: { rtn: 3 } } });
		expect(cells.accept(exceptionAnswer(1, 0x10, 2))).toMatchObject({ kind: "rejected", error: { code: "unknown-command" } });
		expect(cells.accept(writtenAnswer(2, 64, 4))).toMatchObject({ kind: "foreign" });
	});

	it("discharge limits told as negative numbers are sizes (T8), and are written as positive ones", () => {
		const answer = readAnswer(Uint8Array.of(0xff, 0x97, 0xff, 0x92, 0, 10));
		const wanted = { dischargeOvercurrentAlarm: 105, dischargeOvercurrentProtection: 110, dischargeOvercurrentDelay: 1 };
		expect(modbusAccess.parameters(1, "dischargeOvercurrent").accept(answer)).toMatchObject({ value: { value: wanted } });
		expect(hexOf(modbusAccess.setParameters(1, "dischargeOvercurrent", wanted).request.subarray(7, 13))).toBe("00 69 00 6E 00 0A");
	});

	it("of firmware that has not got them are refused by it, or left out", () => {
		expect(modbusAccess.parameters(1, "fullCharge").accept(exceptionAnswer(1, 3, 2))).toMatchObject({
			kind: "rejected",
			error: { code: "unknown-command" },
		});
		const filled = readAnswer(new Uint8Array(4).fill(0xff));
		expect(modbusAccess.parameters(1, "chargeOvercurrent2").accept(filled)).toEqual({ kind: "reply", value: { repliedBy: 1, value: {} } });
	});

	it.each([
		["all ones", new Uint8Array(8).fill(0xff)],
		["all zeros", new Uint8Array(8)],
		["a cell that would be protected at 25 V", bytesOf("0E 10 61 A8 0D 34 00 0A")],
	])("of a foreign map are not believed: %s", (_, bytes) => {
		expect(modbusAccess.parameters(1, "cellOvervoltage").accept(readAnswer(bytes))).toMatchObject({
			kind: "bad",
			error: { code: "foreign-map" },
		});
	});
});

describe("nothing wrong is written over Modbus", () => {
	it.each([0, 16, 247])("to address %d", (address) => {
		expect(() => modbusAccess.setParameters(address, "lowCharge", { lowChargeAlarm: 10 })).toThrow(RangeError);
	});

	it("outside the registers of parameters, whatever the values", () => {
		fc.assert(
			fc.property(fc.constantFrom(...MODBUS_GROUPS), fc.integer({ min: 1, max: 15 }), fc.nat(40), (group, address, step) => {
				const values = Object.fromEntries(Object.entries(groupValues(group)).map(([key, value]) => [key, Number(value) + step * 25]));
				let request: Uint8Array;
				try {
					({ request } = modbusAccess.setParameters(address, group, values));
				} catch (error) {
					expect(error).toBeInstanceOf(RangeError);
					return;
				}
				const read = readModbusRequest(request);
				if (read?.kind !== "write") throw new Error("no write");
				expect(read.values.every((_, index) => isParameterRegister(read.start + index))).toBe(true);
				expect(parametersInRegisters(read.start, read.values)).toEqual(values);
			}),
		);
	});

	it.each([
		["a value missing", "lowCharge", {}],
		["a parameter of another group", "lowCharge", { lowChargeAlarm: 10, sleepDelay: 5 }],
		["a value between two steps", "shortCircuit", { shortCircuitDelay: 310 }],
		["more than 500 µs", "shortCircuit", { shortCircuitDelay: 525 }],
		["more than 16 bits", "sleep", { sleepVoltage: 70, sleepDelay: 5 }],
		["a delay beyond its byte", "cellOvervoltage", { ...groupValues("cellOvervoltage"), cellOvervoltageDelay: 25.6 }],
		["no number", "lowCharge", { lowChargeAlarm: Number.NaN }],
	] as const)("with %s", (_, group, values) => {
		expect(() => modbusAccess.setParameters(1, group, values)).toThrow(RangeError);
	});
});

describe("before anything is written, a Modbus pack proves what it is", () => {
	const [live, version] = modbusAccess.proofs?.(1) ?? [];
	if (live === undefined || version === undefined) throw new Error("no proofs");

	it("by its live registers and its name", () => {
		expect(live.accept(registersAnswer(1, valuesFrom(registers, 0, 37)))).toMatchObject({ kind: "reply" });
		expect(version.accept(registersAnswer(1, valuesFrom(registers, 150, 10)))).toMatchObject({ kind: "reply" });
	});

	it("which a foreign map cannot", () => {
		const foreign = new Array<number>(37).fill(0).map((_, index) => 1000 * index);
		expect(live.accept(registersAnswer(1, foreign))).toMatchObject({ kind: "bad", error: { code: "foreign-map" } });
		for (const filler of [0, 0xffff, 0x0102]) {
			expect(version.accept(registersAnswer(1, new Array<number>(10).fill(filler)))).toMatchObject({ error: { code: "foreign-map" } });
		}
	});
});

describe("the battery's side of Modbus", () => {
	it("V1: live registers as the reference prints them, and the driver reads them back", () => {
		const answer = registersAnswer(1, valuesFrom(registers, 0, 37));
		expect(hexOf(answer)).toBe(
			"01 03 4A F6 D2 14 F0 00 4C 00 63 1D 64 26 AC 27 10 00 84 00 00 00 00 00 00 0E 00 00 00 00 00 00 00 0D 18 0D 16 0D 17 0D 15 0D 18 0D 17 0D 16 0D 19 0D 14 0D 17 0D 18 0D 16 0D 15 0D 17 0D 0D 0D 18 00 FD 00 FB 00 F9 FF DD 01 38 01 0C E1 20",
		);
		expect(modbusRtu.telemetry(1).accept(answer)).toMatchObject({ value: { blocks: [{ value: PACK.telemetry }] } });
	});

	it("V5 and V6: texts and parameters", () => {
		expect(hexOf(registersAnswer(1, valuesFrom(registers, 150, 10)))).toBe(
			"01 03 14 50 31 36 53 32 30 30 41 2D 32 31 34 37 33 2D 31 2E 30 33 41 1F 34",
		);
		expect(hexOf(registersAnswer(1, valuesFrom(registers, 60, 55)).subarray(3, -2))).toBe(hexOf(V6));
	});

	it("understands requests and leaves answers alone", () => {
		expect(readModbusRequest(bytesOf("01 03 00 3C 00 37 C4 10"))).toEqual({ kind: "read", unit: 1, start: 60, count: 55 });
		expect(readModbusRequest(bytesOf("01 10 00 70 00 01 02 00 0A 2D 67"))).toEqual({ kind: "write", unit: 1, start: 112, values: [10] });
		expect(readModbusRequest(buildAdu(1, 6, Uint8Array.of(0, 112, 0, 10)))).toMatchObject({ kind: "unsupported", exception: 1 });
		expect(readModbusRequest(buildAdu(1, 3, Uint8Array.of(0, 0, 0, 126)))).toMatchObject({ kind: "unsupported", exception: 3 });
		expect(readModbusRequest(bytesOf("01 03 00 3C 00 37 C4 11"))).toBeNull();
		expect(readModbusRequest(bytesOf("01 10 00 70 00 01 00 12"))).toBeNull();
		expect(readModbusRequest(registersAnswer(1, [1, 2, 3]))).toBeNull();
		expect(hexOf(exceptionAnswer(1, 3, 2))).toBe("01 83 02 C0 F1");
	});
});
