import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONDITION_KEYS, conditionOf } from "../../../../src/bms/battery/conditions.ts";
import { type DecodedFrame, decodeText } from "../../../../src/bms/protocol/decode-text.ts";
import { blocksOf } from "../../../../src/bms/protocol/modbus/modbus-blocks.ts";
import { buildAdu, crc16 } from "../../../../src/bms/protocol/modbus/modbus-frame.ts";
import { LIVE_BLOCK, MODBUS_UNSUPPORTED } from "../../../../src/bms/protocol/modbus/modbus-map.ts";
import { modbusRtu } from "../../../../src/bms/protocol/modbus/modbus-protocol.ts";
import { IDENTITY_ROWS, LIVE_ROWS, PARAMETER_ROWS, REGISTER_ROWS } from "../../../../src/bms/protocol/modbus/modbus-registers.ts";
import type { Capture } from "../captures.ts";

const CAPTURES = JSON.parse(
	readFileSync(new URL("../../../fixtures/modbus-rtu/frames.json", import.meta.url), "utf8"),
) as readonly Capture[];

const bytesOf = (hex: string) => Uint8Array.from(hex.replace(/\s/g, "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
const lastOf = (text: string): DecodedFrame => decodeText(text).at(-1) ?? { protocol: null };
const packIn = (decoded: DecodedFrame) => (decoded.packs as readonly Readonly<Record<string, unknown>>[])[0] ?? {};

/** Worked frames of modbus-rtu §10. */
const V1_REPLY =
	"01 03 4A F6 D2 14 F0 00 4C 00 63 1D 64 26 AC 27 10 00 84 00 00 00 00 00 00 0E 00 00 00 00 00 00 00 0D 18 0D 16 0D 17 0D 15 0D 18 0D 17 0D 16 0D 19 0D 14 0D 17 0D 18 0D 16 0D 15 0D 17 0D 0D 0D 18 00 FD 00 FB 00 F9 FF DD 01 38 01 0C E1 20";
const V1_VALUES = {
	...{ current: -23.5, voltage: 53.6, stateOfCharge: 76, stateOfHealth: 99 },
	...{ remainingCapacity: 75.24, fullCapacity: 99, designCapacity: 100, cycleCount: 132 },
	cellVoltages: [3.352, 3.35, 3.351, 3.349, 3.352, 3.351, 3.35, 3.353, 3.348, 3.351, 3.352, 3.35, 3.349, 3.351, 3.341, 3.352],
	temperatures: [25.3, 25.1, 24.9, -3.5, 31.2, 26.8],
};
const V10_ASK = "01 03 00 0F 00 16 F4 07";
const V10_REPLY =
	"01 03 2C 00 00 06 08 0B AF 61 FB 00 66 00 00 00 4A 15 40 06 08 00 0F 27 10 1D 1D 27 10 01 01 00 02 00 00 01 00 00 64 15 AE 00 00 27 10 00 00 26 1A";

/** V1 with other registers. */
function liveBlock(registers: Readonly<Record<number, number>>): Uint8Array {
	const data = bytesOf(V1_REPLY).slice(2, -2);
	for (const [register, value] of Object.entries(registers)) {
		data[1 + 2 * Number(register)] = (value >> 8) & 0xff;
		data[2 + 2 * Number(register)] = value & 0xff;
	}
	return buildAdu(1, 3, data);
}

describe("genuine captures of Modbus", () => {
	const genuine = CAPTURES.filter(({ provenance, reply }) => provenance.startsWith("capture") && reply);
	/** Registers 0-12 as modbus-rtu §6; what stands where this map has nothing is told as it is. */
	const SAYS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
		"mb-xx-009": { rtn: "02", rejection: { code: "unknown-command", message: expect.stringContaining("register") as string } },
		"mb-xx-010": { register: 9, packs: [{ alarms: [], protections: [], faults: [], balancingCells: [], unproven: true }] },
		"mb-xx-011": { checksum: "bad", error: { code: "length" } },
		"mb-xx-012": { register: 11, packs: [{ states: { chargeMosfet: true, dischargeMosfet: true }, unproven: true }] },
		"mb-xx-013": { register: 47, registers: 10, info: "1400C3000000000000000000000000000000000000" },
		"mb-xx-014": { register: 46, info: "020001" },
		"mb-xx-015": { register: 57, info: "0200BB" },
		"mb-xx-016": {
			register: 9,
			packs: [{ alarms: [], protections: [], faults: [], states: { chargeMosfet: true, dischargeMosfet: true }, unproven: true }],
		},
		"mb-xx-018": { register: 1, packs: [{ voltage: 13.5, unproven: true }] },
		"mb-xx-019": { register: 0, packs: [{ current: -85.84, unproven: true }] },
		"mb-xx-024": {
			...{ map: "gobel", inferred: true, register: 0, registers: 59 },
			packs: [
				{
					...{
						current: 0,
						voltage: 13.31,
						stateOfCharge: 97,
						stateOfHealth: 100,
						remainingCapacity: 315.05,
						fullCapacity: 324.93,
						cycleCount: 1,
					},
					...{ cellVoltages: [3.327, 3.33, 3.33, 3.329], temperatures: [20.9], mosfetTemperature: 21.1 },
					states: { chargeMosfet: true, dischargeMosfet: true },
				},
			],
		},
	};

	it("are all here", () => {
		console.log(`${genuine.length} genuine captures of Modbus are read or refused as they must be`);
		expect(new Set(genuine.map(({ id }) => id))).toEqual(new Set(Object.keys(SAYS)));
	});

	it.each(genuine.map((capture) => [`${capture.id}: ${capture.device}`, capture] as const))("%s", (_, { id, request, reply }) => {
		const decoded = lastOf(`${request ? `> ${request}\n` : ""}< ${reply}`);
		expect(decoded).toMatchObject({ protocol: "modbus-rtu", kind: "reply", command: "03", address: 1, ...SAYS[id] });
		expect(packIn({ ...decoded, packs: decoded.packs ?? [] })).not.toHaveProperty("cellCodes");
	});
});

describe("the worked frames of the reference", () => {
	it("V1: everything alive in one request, also without it", () => {
		for (const ask of ["> 01 03 00 00 00 25 84 11\n", ""]) {
			const decoded = lastOf(`${ask}< ${V1_REPLY}`);
			expect(packIn(decoded)).toMatchObject({ address: 1, ...V1_VALUES, alarms: [], protections: [], faults: [], balancingCells: [] });
			expect(packIn(decoded)).not.toHaveProperty("unproven");
			expect(decoded.inferred).toBe(ask === "" ? true : undefined);
		}
		expect(hexOf(modbusRtu.live(1).request)).toBe("01 03 00 00 00 25 84 11");
		expect(hexOf(modbusRtu.telemetry(2).request)).toBe("02 03 00 00 00 25 84 22");
		expect(hexOf(modbusRtu.status(15).request)).toBe("0F 03 00 00 00 25 85 3F");
		const accepted = modbusRtu.live(1).accept(bytesOf(V1_REPLY));
		if (accepted.kind !== "reply") throw new Error(accepted.kind);
		const { telemetry, status } = accepted.value;
		expect(telemetry).toMatchObject({ repliedBy: 1, asked: 1, blocks: [{ absent: false, value: V1_VALUES }] });
		expect(status).toMatchObject({
			blocks: [{ value: { conditions: [], states: { chargeMosfet: true, dischargeMosfet: true, heater: false } } }],
		});
	});

	it("V4: flags", () => {
		const pack = packIn(lastOf("> 01 03 00 09 00 04 94 0B\n< 01 03 08 88 02 04 40 0A 04 40 01 0D 83"));
		const codes = (list: unknown) => (list as { code: string }[]).map(({ code }) => code);
		expect([codes(pack.alarms), codes(pack.protections), codes(pack.faults)]).toEqual([["UV", "USOC", "DUT"], ["CP", "CUTP"], ["NTC"]]);
		expect(pack).toMatchObject({ states: { chargeMosfet: false, dischargeMosfet: true }, balancingCells: [1, 15], unproven: true });
	});

	it("V5: texts, and who they are of", () => {
		const version = "01 03 14 50 31 36 53 32 30 30 41 2D 32 31 34 37 33 2D 31 2E 30 33 41 1F 34";
		expect(lastOf(`> 01 03 00 96 00 0A 25 E1\n< ${version}`)).toMatchObject({ version: "P16S200A-21473-1.03A" });
		expect(modbusRtu.version(1).accept(bytesOf(version))).toMatchObject({ kind: "reply", value: { version: "P16S200A-21473-1.03A" } });
		const serial = "01 03 14 33 31 30 37 37 31 30 33 30 38 30 30 30 32 35 41 FF FF FF FF 43 6F";
		expect(modbusRtu.version(1).accept(bytesOf(serial))).toMatchObject({ value: { version: "310771030800025A" } });
		expect(hexOf(modbusRtu.serials(1).request.subarray(0, 6))).toBe("01 03 00 A0 00 14");
	});

	it("V6: parameters", () => {
		const reply =
			"01 03 6E E1 00 E7 40 D2 F0 00 0A 0E 10 0E 74 0D 34 00 0A AF 00 9C 40 B5 40 00 0A 0A F0 09 C4 0B 54 00 0A 00 68 00 6E 00 0A 00 69 00 6E 00 0A 00 96 00 04 01 FE 02 26 01 F4 02 30 02 58 02 26 00 00 FF CE 00 00 FF 6A FF 38 FF 6A 03 84 04 4C 03 52 02 8A 02 BC 02 8A FF 38 FF 06 FF 38 0D 48 00 1E DA C0 07 D0 0C 1C 00 05 00 0C 00 05 00 78 00 04 40 76";
		const { parameters } = lastOf(`> 01 03 00 3C 00 37 C4 10\n< ${reply}`);
		expect(parameters).toMatchObject({
			...{
				packOvervoltageAlarm: 57.6,
				cellOvervoltageProtection: 3.7,
				chargeOvercurrentProtection: 110,
				chargeLowTemperatureProtection: -5,
			},
			...{ dischargeOvercurrent2Delay: 100, shortCircuitDelay: 300, fullChargeCurrent: 2000, sleepVoltage: 3.1 },
			...{ lowChargeAlarm: 5, chargeOvercurrent2Protection: 120, ambientLowTemperatureProtection: -25 },
		});
		expect(Object.keys(parameters as object)).toHaveLength(PARAMETER_ROWS.length);
	});

	it("V7 and V8: writes and exceptions", () => {
		const [ask, answer] = decodeText("> 01 10 00 70 00 01 02 00 0A 2D 67\n< 01 10 00 70 00 01 00 12");
		const write = { command: "10", register: 112, registers: 1, meaning: "writing parameters" };
		expect(ask).toMatchObject({ kind: "request", ...write, parameters: { lowChargeAlarm: 10 } });
		expect(answer).toMatchObject({ kind: "reply", ...write, rtn: "00", acknowledged: true });
		const [, other] = decodeText("> 01 10 00 70 00 01 02 00 0A 2D 67\n< 01 10 00 40 00 04 C0 1E");
		expect(other).toMatchObject({ kind: "reply", register: 64, registers: 4 });
		expect(other?.acknowledged).toBeUndefined();
		for (const [reply, code] of [
			["01 83 01 80 F0", "unknown-command"],
			["01 83 02 C0 F1", "unknown-command"],
			["01 83 03 01 31", "refused"],
			["01 90 03 0C 01", "refused"],
		] as const) {
			expect(lastOf(reply)).toMatchObject({ kind: "reply", rejection: { code } });
		}
		expect(modbusRtu.live(1).accept(bytesOf("01 83 02 C0 F1"))).toMatchObject({
			kind: "rejected",
			error: { kind: "rejected", context: { rtn: 2 } },
		});
	});

	it("checks the CRC of the standard", () => {
		expect(crc16(Uint8Array.from("123456789", (character) => character.charCodeAt(0)))).toBe(0x4b37);
	});
});

describe("a foreign map", () => {
	it("V10: is recognised, and nothing of it is shown", () => {
		const decoded = decodeText(`> ${V10_ASK}\n< ${V10_REPLY}\n> 01 03 00 09 00 04 94 0B\n< 01 03 08 00 00 00 00 00 00 00 00 95 D7`);
		for (const reply of [decoded[1], decoded[3]]) {
			expect(reply).toMatchObject({ checksum: "ok", error: { code: "foreign-map" } });
			expect(reply?.packs).toBeUndefined();
		}
		expect(decoded[1]?.error?.message).toContain("PACE_MODBUS");
	});

	it.each([
		["nothing but FFFF", buildAdu(1, 3, Uint8Array.from([74, ...new Array<number>(74).fill(0xff)]))],
		["nothing but zeros", buildAdu(1, 3, Uint8Array.from([74, ...new Array<number>(74).fill(0)]))],
		["a state of charge of 101 %", liveBlock({ 2: 101 })],
		["a cell of 25 V", liveBlock({ 18: 25_083 })],
		["cells that do not add up", liveBlock({ 1: 4800 })],
		["a count where the first cell is", liveBlock({ 15: 15, 1: 5025 })],
		["no temperature at all", liveBlock({ 31: 0, 32: 0, 33: 0, 34: 0, 35: 0, 36: 0 })],
	])("%s gives no reading", (_, reply) => {
		for (const exchange of [modbusRtu.live(1), modbusRtu.telemetry(1), modbusRtu.status(1), modbusRtu.capacity(1)]) {
			expect(exchange.accept(reply)).toMatchObject({ kind: "bad", error: { kind: "decode", code: "foreign-map" } });
		}
	});

	it("is none with fewer cells, a low cell whose sum agrees, a missing probe or the charge in the high byte", () => {
		const fewer = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [23 + index, 0]));
		const half = V1_VALUES.cellVoltages.slice(0, 8).reduce((sum, volts) => sum + volts, 0);
		const accepted = (reply: Uint8Array) => modbusRtu.telemetry(1).accept(reply);
		expect(accepted(liveBlock({ ...fewer, 1: Math.round(half * 100) }))).toMatchObject({
			kind: "reply",
			value: { blocks: [{ value: { cellVoltages: { length: 8 } } }] },
		});
		expect(accepted(liveBlock({ 15: 500, 1: 5075 }))).toMatchObject({ kind: "reply", value: { blocks: [{ value: { voltage: 50.75 } }] } });
		expect(accepted(liveBlock({ 35: 0x8000, 2: 0x5500 }))).toMatchObject({
			value: { blocks: [{ value: { stateOfCharge: 85, temperatures: [25.3, 25.1, 24.9, -3.5, null, 26.8] } }] },
		});
	});
});

describe("an exchange of Modbus", () => {
	const reply = bytesOf(V1_REPLY);
	it("takes no answer of another pack, to another question, echo or damage for its own", () => {
		const exchange = modbusRtu.live(1);
		expect(exchange.accept(exchange.request)).toEqual({ kind: "echo" });
		expect(modbusRtu.live(2).accept(reply)).toMatchObject({ kind: "foreign" });
		expect(modbusRtu.version(1).accept(reply)).toMatchObject({ kind: "foreign" });
		expect(exchange.accept(modbusRtu.version(1).request)).toMatchObject({ kind: "foreign" });
		const damaged = reply.slice();
		damaged[10] = 0x55;
		expect(exchange.accept(damaged)).toMatchObject({ kind: "bad", error: { kind: "frame", code: "checksum" } });
		expect(exchange.accept(reply.subarray(0, 40))).toMatchObject({ kind: "bad", error: { code: "length" } });
	});
});

describe("the register table", () => {
	it("has rows in rising order that do not overlap", () => {
		const ends = REGISTER_ROWS.map((row) => blocksOf([row], { maxGap: 0 })[0]);
		ends.forEach((block, index) => {
			const next = ends[index + 1];
			if (block && next) expect(next.start).toBeGreaterThanOrEqual(block.start + block.count);
		});
	});

	it("is read in the fewest requests", () => {
		expect(LIVE_BLOCK).toEqual({ start: 0, count: 37 });
		expect(blocksOf(LIVE_ROWS, { maxGap: 1 })).toEqual([
			{ start: 0, count: 13 },
			{ start: 15, count: 22 },
		]);
		expect(blocksOf(PARAMETER_ROWS, { maxGap: 0 })).toEqual([{ start: 60, count: 55 }]);
		expect(blocksOf(IDENTITY_ROWS, { maxGap: 0 })).toEqual([{ start: 150, count: 30 }]);
		expect(blocksOf(REGISTER_ROWS, { maxGap: 40, maxRegisters: 125 }).every(({ count }) => count <= 125)).toBe(true);
	});

	it("places every condition of the manual but PCB, and says which others it cannot report", () => {
		const missing = CONDITION_KEYS.filter((key) => MODBUS_UNSUPPORTED.includes(key));
		expect(missing).toEqual(["fault.heater_film", "fault.current_limiter", "fault.communication"]);
		expect(CONDITION_KEYS.filter((key) => conditionOf(key).unsupported)).toEqual(["protection.pcb"]);
	});

	it("reads every flag at its place, and tells of bits nobody names", () => {
		const flags = (registers: Readonly<Record<number, number>>) => {
			const accepted = modbusRtu.status(1).accept(liveBlock(registers));
			if (accepted.kind !== "reply") throw new Error(accepted.kind);
			const [block] = accepted.value.blocks;
			if (!block || block.absent) throw new Error("absent");
			return block.value;
		};
		const all = flags({ 9: 0xff3f, 10: 0xff7f, 11: 0x0037 });
		expect(all.unknownBits).toEqual([]);
		expect(new Set(all.conditions)).toEqual(
			new Set(CONDITION_KEYS.filter((key) => conditionOf(key).item !== null && key !== "protection.pcb")),
		);
		expect(flags({ 9: 0x00c0, 10: 0, 11: 0x20c8 }).unknownBits).toEqual(["R9.6", "R9.7", "R11.3", "R11.6", "R11.7", "R11.13"]);
		expect(flags({ 9: 0x1000, 10: 0x1000 }).conditions).toEqual(["alarm.ambient_high_temperature", "protection.mosfet_overtemperature"]);
	});
});
