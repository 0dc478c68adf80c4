/**
 * What somebody writes who knows one battery: 16 cells, six probes, every value at a fixed offset, nothing looked up in
 * a table. It checks what must be checked (lengths, checksums) and nothing else. For comparison only.
 */

const STATES_OF_INDICATION = [
	"currentLimiting",
	"chargeMosfet",
	"dischargeMosfet",
	"packSupplying",
	"polarity",
	"charger",
	"off",
	"heater",
];

function digit(character: number): number {
	return character < 58 ? character - 48 : character - 55;
}

/** INFO of an ASCII frame; null when the frame is damaged. */
function infoOf(frame: Uint8Array): Uint8Array | null {
	const end = frame.length - 5;
	let sum = 0;
	for (let index = 1; index < end; index++) sum += frame[index] ?? 0;
	const byte = (at: number) => (digit(frame[at] ?? 0) << 4) | digit(frame[at + 1] ?? 0);
	if ((-sum & 0xffff) >>> 0 !== ((byte(end) << 8) | byte(end + 2))) return null;
	const length = ((byte(9) & 0x0f) << 8) | byte(11);
	if (frame[0] !== 0x7e || byte(1) !== 0x25 || byte(5) !== 0x46 || byte(7) !== 0 || end - 13 !== length) return null;
	const info = new Uint8Array(length / 2);
	for (let index = 0; index < info.length; index++) info[index] = byte(13 + 2 * index);
	return info;
}

const u16 = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const i16 = (bytes: Uint8Array, at: number) => (u16(bytes, at) << 16) >> 16;

const PACK_42 = 59 + 14;
/** 42h, 16 cells, six probes, 14 bytes of tail (rs232-v25 §5). */
export function telemetryByHand(frame: Uint8Array): readonly unknown[] | null {
	const info = infoOf(frame);
	if (info === null) return null;
	const packs = [];
	for (let at = 2; at < info.length; at += PACK_42) {
		const cellVoltages = [];
		for (let cell = 0; cell < 16; cell++) cellVoltages.push(u16(info, at + 1 + 2 * cell) / 1000);
		const temperatures = [];
		for (let probe = 0; probe < 6; probe++) {
			const raw = u16(info, at + 34 + 2 * probe);
			temperatures.push(raw === 0x8000 ? null : (raw - 2730) / 10);
		}
		packs.push({
			cellVoltages,
			temperatures,
			current: i16(info, at + 46) / 100,
			voltage: u16(info, at + 48) / 1000,
			remainingCapacity: u16(info, at + 50) / 100,
			fullCapacity: u16(info, at + 53) / 100,
			cycleCount: u16(info, at + 55),
			designCapacity: u16(info, at + 57) / 100,
			stateOfCharge: info[at + 59],
			stateOfHealth: info[at + 68],
		});
	}
	return packs;
}

const PACK_44 = 36;
/** 44h, 16 cells, six probes, no tail (rs232-v25 §6). */
export function statusByHand(frame: Uint8Array): readonly unknown[] | null {
	const info = infoOf(frame);
	if (info === null) return null;
	const packs = [];
	for (let at = 2; at < info.length; at += PACK_44) {
		const [protect1 = 0, protect2 = 0, indication = 0, control = 0, fault = 0] = info.subarray(at + 27, at + 32);
		const [warn1 = 0, warn2 = 0] = info.subarray(at + 34, at + 36);
		const set: string[] = [];
		const add = (label: string, byte: number) => {
			for (let bit = 0; bit < 8; bit++) if ((byte >> bit) & 1) set.push(`${label}.${bit}`);
		};
		add("P1", protect1);
		add("P2", protect2);
		add("F", fault);
		add("W1", warn1);
		add("W2", warn2);
		const states: Record<string, boolean> = {};
		for (const [bit, name] of STATES_OF_INDICATION.entries()) states[name] = ((indication >> bit) & 1) === 1;
		for (let bit = 0; bit < 8; bit++) states[`C.${bit}`] = ((control >> bit) & 1) === 1;
		packs.push({
			cellCodes: Array.from(info.subarray(at + 1, at + 17)),
			probeCodes: Array.from(info.subarray(at + 18, at + 24)),
			codes: Array.from(info.subarray(at + 24, at + 27)),
			set,
			states,
			balancing: u16(info, at + 32),
		});
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
export function modbusByHand(message: Uint8Array): unknown {
	const end = message.length - 2;
	if (message[1] !== 3 || message[2] !== end - 3 || crc(message, end) !== (message[end] ?? 0) + 256 * (message[end + 1] ?? 0)) return null;
	const word = (register: number) => u16(message, 3 + 2 * register);
	const cellVoltages = [];
	for (let cell = 0; cell < 16; cell++) cellVoltages.push(word(15 + cell) / 1000);
	const temperatures = [];
	for (let probe = 0; probe < 6; probe++) temperatures.push(i16(message, 3 + 2 * (31 + probe)) / 10);
	const set: string[] = [];
	for (const register of [9, 10, 11]) for (let bit = 0; bit < 16; bit++) if ((word(register) >> bit) & 1) set.push(`R${register}.${bit}`);
	return {
		cellVoltages,
		temperatures,
		current: i16(message, 3) / 100,
		voltage: word(1) / 100,
		stateOfCharge: word(2),
		stateOfHealth: word(3),
		remainingCapacity: word(4) / 100,
		fullCapacity: word(5) / 100,
		designCapacity: word(6) / 100,
		cycleCount: word(7),
		set,
		balancing: word(12),
	};
}
