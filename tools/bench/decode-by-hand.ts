import type { PackBlock, PackStatus, PackTelemetry } from "../../src/bms/battery/readings.ts";
import { FAULT, PROTECT_1, PROTECT_2, WARN_1, WARN_2 } from "../../src/bms/protocol/ascii/ascii-status-bits.ts";
import { MODBUS_UNSUPPORTED } from "../../src/bms/protocol/modbus/modbus-map.ts";
import { PROTECTIONS, STATUS, WARNINGS } from "../../src/bms/protocol/modbus/modbus-status-bits.ts";

/**
 * What somebody writes who knows one battery: 16 cells, six probes, every value at a fixed offset, nothing looked up in
 * a table but the names of bits. It checks what no decoder may leave out (digits, lengths, checksums, a pack that is
 * away) and gives the same readings; whether they are plausible it does not ask. For comparison only.
 */

const DIGITS = Int8Array.from({ length: 256 }, (_, character) => "0123456789ABCDEF".indexOf(String.fromCharCode(character).toUpperCase()));
const digit = (character: number | undefined) => DIGITS[character ?? 0] ?? -1;
/** Negative when a character is no digit. */
const byteAt = (frame: Uint8Array, at: number) => (digit(frame[at]) << 4) | digit(frame[at + 1]);

/** INFO of an ASCII frame; null when the frame is damaged. */
function infoOf(frame: Uint8Array): Uint8Array | null {
	const end = frame.length - 5;
	if (end < 13 || frame[0] !== 0x7e || frame[frame.length - 1] !== 0x0d) return null;
	let sum = 0;
	for (let index = 1; index < end; index++) sum += frame[index] ?? 0;
	if ((-sum & 0xffff) !== ((byteAt(frame, end) << 8) | byteAt(frame, end + 2))) return null;
	const length = (byteAt(frame, 9) << 8) | byteAt(frame, 11);
	const lenid = length & 0xfff;
	if (length >> 12 !== (-((lenid & 15) + ((lenid >> 4) & 15) + (lenid >> 8)) & 15) || end - 13 !== lenid || lenid % 2 !== 0) return null;
	if (byteAt(frame, 1) !== 0x25 || byteAt(frame, 3) < 0 || byteAt(frame, 5) !== 0x46 || byteAt(frame, 7) !== 0) return null;
	const info = new Uint8Array(lenid / 2);
	for (let index = 0; index < info.length; index++) {
		const byte = byteAt(frame, 13 + 2 * index);
		if (byte < 0) return null;
		info[index] = byte;
	}
	return info;
}

const u16 = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const i16 = (bytes: Uint8Array, at: number) => (u16(bytes, at) << 16) >> 16;

const PACK_42 = 59 + 14;
/** 42h, 16 cells, six probes, 14 bytes of tail (rs232-v25 §5). */
export function telemetryByHand(frame: Uint8Array): readonly PackBlock<PackTelemetry>[] | null {
	const info = infoOf(frame);
	if (info === null || info.length !== 2 + (info[1] ?? 0) * PACK_42) return null;
	const packs: PackBlock<PackTelemetry>[] = [];
	for (let at = 2; at < info.length; at += PACK_42) {
		if (info[at] !== 16 || info[at + 33] !== 6) return null;
		const cellVoltages: number[] = [];
		let isAbsent = true;
		for (let cell = 0; cell < 16; cell++) {
			const millivolts = u16(info, at + 1 + 2 * cell);
			if (millivolts !== 0) isAbsent = false;
			cellVoltages.push(millivolts / 1000);
		}
		if (isAbsent) {
			packs.push({ absent: true });
			continue;
		}
		const temperatures: (number | null)[] = [];
		for (let probe = 0; probe < 6; probe++) {
			const raw = u16(info, at + 34 + 2 * probe);
			temperatures.push(raw === 0x8000 ? null : (raw - 2730) / 10);
		}
		const value = {
			cellVoltages,
			temperatures,
			current: i16(info, at + 46) / 100,
			voltage: u16(info, at + 48) / 1000,
			remainingCapacity: u16(info, at + 50) / 100,
			fullCapacity: u16(info, at + 53) / 100,
			designCapacity: u16(info, at + 57) / 100,
			cycleCount: u16(info, at + 55),
			stateOfCharge: info[at + 59] ?? null,
			stateOfHealth: info[at + 68] || null,
		};
		packs.push({ absent: false, value });
	}
	return packs;
}

type Condition = PackStatus["conditions"][number];
const isOn = (byte: number, bit: number) => ((byte >> bit) & 1) === 1;

/** Puts the names of the set bits where they belong. */
function addSet(word: number, bits: Readonly<Record<number, string>>, label: string, conditions: Condition[], unknownBits: string[]): void {
	for (let bit = 0; word >> bit !== 0; bit++) {
		if (!isOn(word, bit)) continue;
		const name = bits[bit];
		if (name === undefined) unknownBits.push(`${label}.${bit}`);
		else if (name.includes(".")) conditions.push(name as Condition);
	}
}

function cellsOf(word: number): number[] {
	const cells: number[] = [];
	for (let bit = 0; word >> bit !== 0; bit++) if (isOn(word, bit)) cells.push(bit + 1);
	return cells;
}

const PACK_44 = 36;
/** 44h, 16 cells, six probes, no tail (rs232-v25 §6). */
export function statusByHand(frame: Uint8Array): readonly PackBlock<PackStatus>[] | null {
	const info = infoOf(frame);
	if (info === null || info.length !== 2 + (info[1] ?? 0) * PACK_44) return null;
	const packs: PackBlock<PackStatus>[] = [];
	for (let at = 2; at < info.length; at += PACK_44) {
		if (info[at] !== 16 || info[at + 17] !== 6) return null;
		let sum = 0;
		for (let index = at; index < at + PACK_44; index++) sum += info[index] ?? 0;
		if (sum === 16 + 6) {
			packs.push({ absent: true });
			continue;
		}
		const indication = info[at + 29] ?? 0;
		const control = info[at + 30] ?? 0;
		const conditions: Condition[] = [];
		const unknownBits: string[] = [];
		addSet(info[at + 27] ?? 0, PROTECT_1, "P1", conditions, unknownBits);
		addSet(info[at + 28] ?? 0, PROTECT_2, "P2", conditions, unknownBits);
		if (isOn(indication, 4)) conditions.push("fault.charger_polarity");
		addSet(info[at + 31] ?? 0, FAULT, "F", conditions, unknownBits);
		addSet(info[at + 34] ?? 0, WARN_1, "W1", conditions, unknownBits);
		addSet(info[at + 35] ?? 0, WARN_2, "W2", conditions, unknownBits);
		const states = {
			chargeMosfet: isOn(indication, 1),
			dischargeMosfet: isOn(indication, 2),
			chargerPresent: isOn(indication, 5),
			packSupplying: isOn(indication, 3),
			heater: isOn(indication, 7),
			shuttingDown: isOn(indication, 6),
			currentLimiting: isOn(indication, 0),
			buzzerEnabled: isOn(control, 0),
			ledAlarmDisabled: isOn(control, 5),
			currentLimiterDisabled: isOn(control, 4),
			limiterGearLow: isOn(control, 3),
			dischargeMosfetFunction: isOn(control, 2),
			chargeMosfetFunction: isOn(control, 1),
			systemLock: isOn(control, 6),
			testMode: isOn(control, 7),
		};
		const value = {
			...{ conditions, states, unknownBits },
			cellCodes: Array.from(info.subarray(at + 1, at + 17)),
			probeCodes: Array.from(info.subarray(at + 18, at + 24)),
			chargeCurrentCode: info[at + 24] ?? 0,
			packVoltageCode: info[at + 25] ?? 0,
			dischargeCurrentCode: info[at + 26] ?? 0,
			balancingCells: cellsOf((info[at + 32] ?? 0) | ((info[at + 33] ?? 0) << 8)),
			indicationZero: indication === 0,
		};
		packs.push({ absent: false, value });
	}
	return packs;
}

/** The CRC of Modbus, byte by byte. */
function crc(bytes: Uint8Array, end: number): number {
	let value = 0xffff;
	for (let index = 0; index < end; index++) {
		value ^= bytes[index] ?? 0;
		for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ 0xa001 : value >> 1;
	}
	return value;
}

/** The live registers 0-36 (modbus-rtu §6). */
export function modbusByHand(message: Uint8Array): { readonly telemetry: PackTelemetry; readonly status: PackStatus } | null {
	const end = message.length - 2;
	if (message[0] !== 1 || message[1] !== 3 || message[2] !== end - 3) return null;
	if (crc(message, end) !== (message[end] ?? 0) + 256 * (message[end + 1] ?? 0)) return null;
	const word = (register: number) => u16(message, 3 + 2 * register);
	const cellVoltages: number[] = [];
	for (let cell = 0; cell < 16; cell++) cellVoltages.push(word(15 + cell) / 1000);
	const temperatures: number[] = [];
	for (let probe = 0; probe < 6; probe++) temperatures.push(i16(message, 3 + 2 * (31 + probe)) / 10);
	const conditions: Condition[] = [];
	const unknownBits: string[] = [];
	const status = word(11);
	addSet(word(9), WARNINGS, "R9", conditions, unknownBits);
	addSet(word(10), PROTECTIONS, "R10", conditions, unknownBits);
	addSet(status, STATUS, "R11", conditions, unknownBits);
	const states = {
		chargeMosfet: isOn(status, 10),
		dischargeMosfet: isOn(status, 11),
		chargerPresent: false,
		packSupplying: false,
		heater: isOn(status, 15),
		shuttingDown: false,
		currentLimiting: isOn(status, 12),
		buzzerEnabled: false,
		ledAlarmDisabled: false,
		currentLimiterDisabled: false,
		limiterGearLow: false,
		dischargeMosfetFunction: false,
		chargeMosfetFunction: false,
		systemLock: false,
		testMode: false,
	};
	return {
		telemetry: {
			cellVoltages,
			temperatures,
			current: i16(message, 3) / 100,
			voltage: word(1) / 100,
			remainingCapacity: word(4) / 100,
			fullCapacity: word(5) / 100,
			designCapacity: word(6) / 100,
			cycleCount: word(7),
			stateOfCharge: word(2),
			stateOfHealth: word(3) || null,
		},
		status: {
			...{ conditions, states, unknownBits },
			...{ cellCodes: [], probeCodes: [], chargeCurrentCode: 0, packVoltageCode: 0, dischargeCurrentCode: 0 },
			balancingCells: cellsOf(word(12)),
			indicationZero: false,
			unsupported: MODBUS_UNSUPPORTED,
		},
	};
}
