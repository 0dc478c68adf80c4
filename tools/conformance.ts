// Writes conformance/*.json: `node tools/conformance.ts`. Frames are put together here from raw numbers, with lengths and
// checksums of their own, and the expected values are worked out from the same numbers: nothing of src/ is used.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One frame and what it says (docs/conformance.md). */
export interface Vector {
	readonly id: string;
	readonly what: string;
	/** The request before the reply: it tells what the reply is about. */
	readonly request?: string;
	readonly reply: string;
	readonly expect: Readonly<Record<string, unknown>>;
}
export interface VectorFile {
	readonly $schema: string;
	readonly protocol: string;
	readonly licence: "MIT";
	readonly vectors: readonly Vector[];
}

const hex = (value: number, bytes = 2) =>
	(value < 0 ? value + 256 ** bytes : value)
		.toString(16)
		.toUpperCase()
		.padStart(2 * bytes, "0");
const list = (values: readonly number[], bytes = 2) => hex(values.length, 1) + values.map((value) => hex(value, bytes)).join("");
const times = (count: number, value: number) => new Array<number>(count).fill(value);

/** An ASCII frame around INFO, version and chemistry as given (rs232-v25 §2). */
function ascii(info: string, { version = "25", address = 1, chemistry = "46", code = 0, lenid = info.length, sum = 0 } = {}): string {
	const digits = (lenid & 15) + ((lenid >> 4) & 15) + (lenid >> 8);
	const body = `${version}${hex(address, 1)}${chemistry}${hex(code, 1)}${hex(((-digits & 15) << 12) | lenid)}${info}`;
	const total = [...body].reduce((value, character) => value + character.charCodeAt(0), 0);
	return `~${body}${hex((-total + sum) & 0xffff)}`;
}
const ask = (code: number, info = "", address = 1) => ascii(info, { code, address });

interface Pack42 {
	readonly cells?: readonly number[];
	readonly probes?: readonly number[];
	readonly current?: number;
	readonly voltage?: number;
	readonly remaining?: number;
	readonly full?: number;
	readonly tail?: string;
}
const CELLS = times(16, 3300);
const PROBES = [2980, 2981, 2982, 2983, 2995, 3005];
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

function pack42({ cells = CELLS, probes = PROBES, current = 0, voltage, remaining = 5000, full = 10_000, tail = "" }: Pack42): string {
	return `${list(cells)}${list(probes)}${hex(current)}${hex(voltage ?? sum(cells))}${hex(remaining)}03${hex(full)}${hex(7)}${hex(10_000)}${tail}`;
}
function says42(
	{ cells = CELLS, probes = PROBES, current = 0, voltage, remaining = 5000, full = 10_000 }: Pack42,
	more: object = {},
): object {
	return {
		absent: false,
		cellVoltages: cells.map((millivolts) => millivolts / 1000),
		temperatures: probes.map((raw) => (raw === 0x8000 ? null : (raw - 2730) / 10)),
		current: current / 100,
		voltage: (voltage ?? sum(cells)) / 1000,
		remainingCapacity: remaining / 100,
		fullCapacity: full / 100,
		cycleCount: 7,
		designCapacity: 100,
		stateOfCharge: full > 0 && remaining <= 1.02 * full ? rounded(Math.min(100, (100 * remaining) / full), 1) : null,
		stateOfHealth: null,
		...more,
	};
}
const ABSENT = { absent: true };
const ASK_42 = ask(0x42, "01");
const ASK_42_ALL = ask(0x42, "FF");
const one42 = (id: string, what: string, pack: Pack42, more: object = {}): Vector => ({
	...{ id: `v25-42-${id}`, what, request: ASK_42, reply: ascii(`0001${pack42(pack)}`) },
	expect: { checksum: "ok", packs: [says42(pack, more)] },
});
const all42 = (id: string, what: string, infos: readonly string[], packs: readonly object[]): Vector => ({
	...{ id: `v25-42-${id}`, what, request: ASK_42_ALL, reply: ascii(`00${hex(infos.length, 1)}${infos.join("")}`) },
	expect: { checksum: "ok", packs },
});
/** What a pack that dropped out leaves: counts and no cells, with and without placeholders (rs232-v25 §4). */
const AWAY = `10${"0000".repeat(16)}06${"0000".repeat(6)}${"00".repeat(13)}`;
const PLACEHOLDER = `10${"0000".repeat(16)}06${"0AAA".repeat(6)}00000000000009000000000000`;
const TAIL_10 = `37${"00".repeat(8)}63`;
const TAIL_14 = "4D4E204E204E204E2064CF990000";

function telemetry(): readonly Vector[] {
	const negatives = [-1, -1234, -28_000, -32_768, 32_767];
	return [
		one42("plain", "one pack, no tail", {}),
		...negatives.map((current) => one42(`current${current}`, `current ${current / 100} A: signed, minus is discharging`, { current })),
		one42("zero-celsius", "273.0 K is 0 °C; temperatures below it", { probes: [2730, 2731, 2630, 2480] }),
		one42("missing-probe", "8000h is a probe that is not fitted, its neighbours stay", { probes: [2981, 0x8000, 2995] }),
		one42("low-cell", "a cell at 0.5 V among others is a value", { cells: [...times(15, 3300), 500] }),
		one42("zero-cell", "a cell at 0 V among others is a value", { cells: [...times(15, 3300), 0] }),
		...[1, 8, 13, 15, 24].map((count) => one42(`cells-${count}`, `${count} cells`, { cells: times(count, 2700) })),
		...[0, 1, 4, 8, 16].map((count) => one42(`probes-${count}`, `${count} probes`, { probes: times(count, 2980) })),
		one42("over-full", "remaining up to 2 % above full is full", { remaining: 10_200 }),
		one42("absurd-remaining", "remaining far above full gives no state of charge", { remaining: 19_698, full: 14_001 }),
		one42("full-zero", "full capacity 0 gives no state of charge", { remaining: 0, full: 0 }),
		one42("empty", "0 of 100 Ah is 0 %", { remaining: 0 }),
		one42("tail-1", "tail of 1 byte: state of charge", { tail: "37" }, { stateOfCharge: 55 }),
		one42("tail-10", "tail of 10 bytes: and state of health", { tail: TAIL_10 }, { stateOfCharge: 55, stateOfHealth: 99 }),
		one42("tail-14", "tail of 14 bytes", { tail: TAIL_14 }, { stateOfCharge: 77, stateOfHealth: 100 }),
		one42("tail-22", "tail of 22 bytes", { tail: `${TAIL_10}${"00".repeat(12)}` }, { stateOfCharge: 55, stateOfHealth: 99 }),
		one42("health-zero", "state of health 0 is not known", { tail: `37${"00".repeat(9)}` }, { stateOfCharge: 55, stateOfHealth: null }),
		one42("tail-unknown", "a tail of a length nobody knows tells nothing", { tail: "63".repeat(8) }),
		one42("ten-millivolts", "20 cells: the pack's voltage is sent in 10 mV", { cells: times(20, 3339), voltage: 6678 }, { voltage: 66.78 }),
		all42("absent", "three packs, the second is away", [pack42({}), AWAY, pack42({})], [says42({}), ABSENT, says42({})]),
		all42("placeholder", "an absent pack with placeholders", [pack42({}), PLACEHOLDER], [says42({}), ABSENT]),
		all42(
			"mixed",
			"packs of 16 and 15 cells",
			[pack42({}), pack42({ cells: times(15, 3400) })],
			[says42({}), says42({ cells: times(15, 3400) })],
		),
		all42(
			"mixed-tails",
			"a tail may differ from pack to pack",
			[pack42({ tail: "37" }), pack42({ cells: times(15, 3400) }), pack42({ tail: TAIL_14 })],
			[says42({}, { stateOfCharge: 55 }), says42({ cells: times(15, 3400) }), says42({}, { stateOfCharge: 77, stateOfHealth: 100 })],
		),
		all42(
			"fifteen",
			"fifteen packs",
			times(15, 0).map(() => pack42({ tail: TAIL_14 })),
			times(15, 0).map(() => says42({}, { stateOfCharge: 77, stateOfHealth: 100 })),
		),
	];
}

/** Bits of 44h by the offset of their byte after the three codes (rs232-v25 §6.1-6.7); a state begins with "state.". */
const BITS_44: Readonly<Record<number, readonly string[]>> = {
	0: "protection.cell_overvoltage protection.cell_undervoltage protection.pack_overvoltage protection.pack_undervoltage protection.charge_overcurrent protection.discharge_overcurrent protection.short_circuit fault.charger_overvoltage".split(
		" ",
	),
	1: "protection.charge_high_temperature protection.discharge_high_temperature protection.charge_low_temperature protection.discharge_low_temperature protection.mosfet_overtemperature protection.ambient_high_temperature protection.ambient_low_temperature protection.fully".split(
		" ",
	),
	2: "state.currentLimiting state.chargeMosfet state.dischargeMosfet state.packSupplying fault.charger_polarity state.chargerPresent state.shuttingDown state.heater".split(
		" ",
	),
	3: "state.buzzerEnabled state.chargeMosfetFunction state.dischargeMosfetFunction state.limiterGearLow state.currentLimiterDisabled state.ledAlarmDisabled state.systemLock state.testMode".split(
		" ",
	),
	4: "fault.charge_mosfet fault.discharge_mosfet fault.temperature_sensor fault.communication fault.cell fault.sampling fault.current_limiter fault.heater_film".split(
		" ",
	),
	7: "alarm.cell_overvoltage alarm.cell_undervoltage alarm.pack_overvoltage alarm.pack_undervoltage alarm.charge_overcurrent alarm.discharge_overcurrent".split(
		" ",
	),
	8: "alarm.charge_high_temperature alarm.discharge_high_temperature alarm.charge_low_temperature alarm.discharge_low_temperature alarm.ambient_high_temperature alarm.ambient_low_temperature alarm.mosfet_overtemperature alarm.low_soc".split(
		" ",
	),
};

const says = (names: readonly string[]) => ({
	absent: false,
	conditions: names.filter((name) => !name.startsWith("state.")).sort(),
	states: names.flatMap((name) => (name.startsWith("state.") ? [name.slice(6)] : [])).sort(),
});

/** Both MOSFETs on, for what they would otherwise look like is a pack that is away. */
const pack44 = (flags: readonly number[], codes = "00".repeat(16)) =>
	`10${codes}06${"00".repeat(6)}000000${flags.map((flag) => hex(flag, 1)).join("")}`;

function status(): readonly Vector[] {
	const one = (
		id: string,
		what: string,
		flags: readonly number[],
		names: readonly string[],
		more: object = {},
		codes?: string,
	): Vector => ({
		...{ id: `v25-44-${id}`, what, request: ask(0x44, "01"), reply: ascii(`0001${pack44(flags, codes)}`) },
		expect: { checksum: "ok", packs: [{ ...says(names), ...more }] },
	});
	const mosfets = ["state.chargeMosfet", "state.dischargeMosfet"];
	const bits = Object.entries(BITS_44).flatMap(([byte, names]) =>
		names.map((name, bit) => {
			const flags = [0, 0, 6, 0, 0, 0, 0, 0, 0];
			flags[Number(byte)] = (flags[Number(byte)] ?? 0) | (1 << bit);
			return one(`byte${byte}-bit${bit}`, `only this bit: ${name}`, flags, [...new Set([...mosfets, name])]);
		}),
	);
	const everything = Object.values(BITS_44).flat();
	return [
		one("healthy", "nothing but both MOSFETs", [0, 0, 6, 0, 0, 0, 0, 0, 0], mosfets),
		one("everything", "every bit that has a name", [255, 255, 255, 255, 255, 0, 0, 0x3f, 255], everything),
		one("reserved", "reserved bits of Warn 1 are no alarm", [0, 0, 6, 0, 0, 0, 0, 0xc0, 0], mosfets),
		one(
			"codes",
			"a cell below (01), one above (02) its limit",
			[0, 0, 6, 0, 0, 0, 0, 0, 0],
			mosfets,
			{ cellCodes: [1, 2, ...times(14, 0)] },
			`0102${"00".repeat(14)}`,
		),
		...bits,
		{
			...{ id: "v25-44-away", what: "nothing set at all, not even a MOSFET: a pack that is away", request: ask(0x44, "FF") },
			reply: ascii(`0002${pack44([0, 0, 6, 0, 0, 0, 0, 0, 0])}${pack44(times(9, 0))}`),
			expect: { checksum: "ok", packs: [says(mosfets), ABSENT] },
		},
	];
}

function envelopes(): readonly Vector[] {
	const info = `0001${pack42({})}`;
	const bad = (id: string, what: string, reply: string, error: string): Vector => ({
		...{ id: `v25-frame-${id}`, what, request: ASK_42, reply },
		expect: { checksum: "bad", error },
	});
	return [
		bad("checksum", "one off in the checksum", ascii(info, { sum: 1 }), "checksum"),
		bad("digit", "one digit changed on the line", ascii(info).replace("0CE4", "0CE5"), "checksum"),
		bad("cut", "cut off", ascii(info).slice(0, 60), "length"),
		bad("longer", "a byte too many", `${ascii(info).slice(0, -4)}00${ascii(info).slice(-4)}`, "length"),
		bad("length-digit", "the length field contradicts its own check digit", ascii(info).replace(/^(.{9})./, "$10"), "length-checksum"),
		...(
			[
				[2, "checksum-refused"],
				[3, "length-checksum-refused"],
				[4, "unknown-command"],
				[9, "refused"],
			] as const
		).map(
			([code, rejection]): Vector => ({
				...{ id: `v25-frame-rtn${code}`, what: `return code ${hex(code, 1)}`, request: ASK_42, reply: ascii("", { code }) },
				expect: { checksum: "ok", rtn: hex(code, 1), rejection },
			}),
		),
	];
}

function parameters(): readonly Vector[] {
	const group = (id: string, code: number, info: string, values: object): Vector => ({
		...{ id: `v25-parameters-${id}`, what: `parameters, command ${hex(code, 1)}h`, request: ask(code), reply: ascii(info) },
		expect: { checksum: "ok", parameters: values },
	});
	const kelvin = (celsius: number) => hex(10 * celsius + 2730);
	return [
		group("cell-overvoltage", 0xd1, `01${hex(3550)}${hex(3650)}${hex(3400)}${hex(15, 1)}`, {
			...{ cellOvervoltageEnabled: 1, cellOvervoltageAlarm: 3.55, cellOvervoltageProtection: 3.65 },
			...{ cellOvervoltageRelease: 3.4, cellOvervoltageDelay: 1.5 },
		}),
		group("discharge-overcurrent", 0xdb, `01${hex(-105)}${hex(-110)}${hex(10, 1)}`, {
			...{
				dischargeOvercurrentEnabled: 1,
				dischargeOvercurrentAlarm: 105,
				dischargeOvercurrentProtection: 110,
				dischargeOvercurrentDelay: 1,
			},
		}),
		group("overcurrent-2", 0xe3, `${hex(150)}${hex(4, 1)}${hex(160)}${hex(8, 1)}`, {
			...{ dischargeOvercurrent2Protection: 150, dischargeOvercurrent2Delay: 100 },
			...{ chargeOvercurrent2Protection: 160, chargeOvercurrent2Delay: 200 },
		}),
		group("short-circuit", 0xe5, hex(12, 1), { shortCircuitDelay: 300 }),
		group("low-temperature", 0xdf, `01${[0, -5, 0, -15, -20, -15].map(kelvin).join("")}`, {
			...{ chargeLowTemperatureAlarm: 0, chargeLowTemperatureProtection: -5, chargeLowTemperatureRelease: 0 },
			...{ dischargeLowTemperatureAlarm: -15, dischargeLowTemperatureProtection: -20, dischargeLowTemperatureRelease: -15 },
		}),
		group("ambient", 0xe7, `01${[-20, -25, -20, 65, 70, 65].map(kelvin).join("")}`, {
			...{ ambientLowTemperatureAlarm: -20, ambientLowTemperatureProtection: -25, ambientLowTemperatureRelease: -20 },
			...{ ambientHighTemperatureAlarm: 65, ambientHighTemperatureProtection: 70, ambientHighTemperatureRelease: 65 },
		}),
		group("sleep", 0xa0, `${hex(3100)}${hex(5)}`, { sleepVoltage: 3.1, sleepDelay: 5 }),
		group("full-charge", 0xaf, `${hex(56_000)}${hex(2000)}${hex(5, 1)}`, {
			...{ fullChargeVoltage: 56, fullChargeCurrent: 2000, lowChargeAlarm: 5 },
		}),
		group("full-charge-old", 0xaf, `${hex(56_000)}${hex(2000)}`, { fullChargeVoltage: 56, fullChargeCurrent: 2000 }),
	];
}

function records(): readonly Vector[] {
	const time = [24, 2, 29, 2, 0, 56].map((part) => hex(part, 1)).join("");
	const flags = [0x20, 0, 0, 0x20, 0, 0x06].map((flag) => hex(flag, 1)).join("");
	const info = `${time}${list(CELLS)}${list(PROBES)}${hex(-146)}${hex(52_800)}${hex(5000)}${hex(10_000)}${flags}${hex(67)}FFFF${hex(1)}`;
	return [
		{
			...{
				id: "v25-record",
				what: "a stored record: discharge over-current, power-on entry",
				request: ask(0xa1, "0003"),
				reply: ascii(info),
			},
			expect: {
				checksum: "ok",
				record: {
					...{ index: 3, localTime: "2024-02-29T02:00:56", current: -1.46, voltage: 52.8, remainingCapacity: 50, fullCapacity: 100 },
					...{ cycleCount: 67, cellVoltages: times(16, 3.3), temperatures: PROBES.map((raw) => (raw - 2730) / 10), isPowerOn: true },
					...{
						conditions: ["alarm.discharge_overcurrent", "protection.discharge_overcurrent"],
						states: ["chargeMosfet", "dischargeMosfet"],
					},
				},
			},
		},
	];
}

/** Version 20h, 42h: Pylontech's form, with and without the wide capacities (rs485-v20 §3). */
function version20(): readonly Vector[] {
	const frame = (info: string, code = 0) => ascii(info, { version: "20", address: 2, code });
	const info = (cells: readonly number[], current: number, remaining: number, full: number, wide = "") =>
		`0002${list(cells)}${list(times(5, 2981))}${hex(current)}${hex(sum(cells))}${hex(remaining)}${wide ? "04" : "02"}${hex(full)}${hex(7)}${wide}`;
	const one = (id: string, what: string, told: string, expected: object): Vector => ({
		...{ id: `v20-42-${id}`, what, request: frame("02", 0x42), reply: frame(told) },
		expect: { checksum: "ok", packs: [{ absent: false, cycleCount: 7, ...expected }] },
	});
	const fifteen = times(15, 3300);
	return [
		one("pylontech", "Pylontech: capacities in mAh, current in 100 mA, temperatures from 273.1 K", info(fifteen, -250, 25_000, 50_000), {
			...{ current: -25, voltage: 49.5, remainingCapacity: 25, fullCapacity: 50, stateOfCharge: 50, cellVoltages: times(15, 3.3) },
			temperatures: times(5, 25),
		}),
		one("wide", "Pylontech: 24-bit capacities when there are four further values", info(fifteen, 0, 0xffff, 0xffff, "042E6E042E6E"), {
			...{ remainingCapacity: 274.03, fullCapacity: 274.03, stateOfCharge: 100 },
		}),
		one(
			"pace",
			"a PACE board in Pylon mode counts in 10 mAh; the unit of its current is not settled, so it tells none",
			info(CELLS, -250, 9994, 9997),
			{
				...{ current: null, remainingCapacity: 99.94, fullCapacity: 99.97 },
			},
		),
		one("pace-idle", "0 A is 0 A in every unit", info(CELLS, 0, 9994, 9997), { current: 0 }),
		{
			...{ id: "v20-42-damaged", what: "checksum one off", request: frame("02", 0x42) },
			reply: ascii(info(fifteen, 0, 25_000, 50_000), { version: "20", address: 2, sum: 1 }),
			expect: { checksum: "bad", error: "checksum" },
		},
	];
}

/** The CRC of Modbus by its polynomial; low byte first. */
function withCrc(bytes: readonly number[]): string {
	let crc = 0xffff;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
	}
	return [...bytes, crc & 0xff, crc >> 8].map((byte) => hex(byte, 1)).join(" ");
}

/** Bits of registers 9, 10 and 11 (modbus-rtu §6.1-6.3); "" where none is named. */
const BITS_MODBUS: Readonly<Record<number, readonly string[]>> = {
	9: [...(BITS_44[7] ?? []), "", "", ...(BITS_44[8] ?? [])],
	10: [...(BITS_44[0] ?? []), ...(BITS_44[1] ?? [])],
	11: "fault.charge_mosfet fault.discharge_mosfet fault.temperature_sensor - fault.cell fault.sampling - - - - state.chargeMosfet state.dischargeMosfet state.currentLimiting - fault.charger_polarity state.heater"
		.split(" ")
		.map((name) => (name === "-" ? "" : name)),
};

function modbus(): readonly Vector[] {
	const ASK = withCrc([1, 3, 0, 0, 0, 37]);
	const live = (changes: Readonly<Record<number, number>> = {}) => {
		const words = [-2350, 5360, 76, 99, 7524, 9900, 10_000, 132, 0, 0, 0, 0, 0, 0, 0, ...times(16, 3350), 253, 251, 249, -35, 312, 268];
		for (const [register, value] of Object.entries(changes)) words[Number(register)] = value;
		return withCrc([1, 3, 74, ...words.flatMap((word) => [(word >> 8) & 0xff, word & 0xff])]);
	};
	const values = {
		...{ current: -23.5, voltage: 53.6, stateOfCharge: 76, stateOfHealth: 99, remainingCapacity: 75.24, fullCapacity: 99 },
		...{ designCapacity: 100, cycleCount: 132, cellVoltages: times(16, 3.35), temperatures: [25.3, 25.1, 24.9, -3.5, 31.2, 26.8] },
	};
	const one = (id: string, what: string, reply: string, expect: Readonly<Record<string, unknown>>): Vector => ({
		...{ id: `modbus-${id}`, what, request: ASK, reply, expect },
	});
	const bits = Object.entries(BITS_MODBUS).flatMap(([register, names]) =>
		names.flatMap((name, bit) =>
			name === ""
				? []
				: [
						one(`register${register}-bit${bit}`, `only this bit: ${name}`, live({ [register]: 1 << bit }), {
							checksum: "ok",
							packs: [says([name])],
						}),
					],
		),
	);
	return [
		one("live", "everything alive in one answer; no bit set", live(), {
			checksum: "ok",
			packs: [{ ...values, ...says([]) }],
		}),
		one("health-zero", "state of health 0 is not known", live({ 3: 0 }), {
			checksum: "ok",
			packs: [{ absent: false, stateOfHealth: null }],
		}),
		one("no-probe", "a temperature that cannot be is a probe that is not fitted", live({ 36: 0x8000 }), {
			checksum: "ok",
			packs: [{ absent: false, temperatures: [25.3, 25.1, 24.9, -3.5, 31.2, null] }],
		}),
		...bits,
		...([1, 2, 3] as const).map((exception) =>
			one(`exception-${exception}`, `exception ${exception}`, withCrc([1, 0x83, exception]), {
				...{ checksum: "ok", rtn: hex(exception, 1), rejection: exception === 3 ? "refused" : "unknown-command" },
			}),
		),
		one("foreign-map", "sound Modbus of another inverter protocol: cells do not add up to the pack", live({ 1: 2000 }), {
			...{ checksum: "ok", error: "foreign-map" },
		}),
		one("foreign-soc", "another map: 300 %", live({ 2: 300 }), { checksum: "ok", error: "foreign-map" }),
		one("damaged", "a bit flipped on the line", live().replace(/^01 03 4A F6/, "01 03 4A F7"), { checksum: "bad", error: "checksum" }),
	];
}

/** TABLE of the files. */
const FILES: Readonly<Record<string, { readonly protocol: string; readonly vectors: () => readonly Vector[] }>> = {
	"ascii-0x25-frames": { protocol: "ascii-0x25", vectors: envelopes },
	"ascii-0x25-telemetry": { protocol: "ascii-0x25", vectors: telemetry },
	"ascii-0x25-status": { protocol: "ascii-0x25", vectors: status },
	"ascii-0x25-parameters": { protocol: "ascii-0x25", vectors: parameters },
	"ascii-0x25-records": { protocol: "ascii-0x25", vectors: records },
	"ascii-0x20": { protocol: "ascii-0x20", vectors: version20 },
	"modbus-rtu": { protocol: "modbus-rtu", vectors: modbus },
};

/** Every file with its text. */
export function conformanceFiles(): ReadonlyMap<string, string> {
	return new Map(
		Object.entries(FILES).map(([name, { protocol, vectors }]) => {
			const file: VectorFile = { $schema: "./schema.json", protocol, licence: "MIT", vectors: vectors() };
			const lines = file.vectors.map((vector) => `\t\t${JSON.stringify(vector)}`).join(",\n");
			return [
				`${name}.json`,
				`{\n\t"$schema": "${file.$schema}",\n\t"protocol": "${protocol}",\n\t"licence": "MIT",\n\t"vectors": [\n${lines}\n\t]\n}\n`,
			];
		}),
	);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const folder = join(import.meta.dirname, "..", "conformance");
	mkdirSync(folder, { recursive: true });
	for (const [name, text] of conformanceFiles()) writeFileSync(join(folder, name), text);
}
