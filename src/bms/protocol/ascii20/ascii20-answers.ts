import type { PackSelector, PackStatus, SparseTelemetry } from "../../battery/readings.ts";
import { STATE_KEYS } from "../../battery/states.ts";
import type { ClockTime } from "../../battery/stored-record.ts";
import { decodeAll, encode, type Layout, sizeOfLayout, type ValueOf } from "../../codec/layout.ts";
import { RETURN_CODES } from "../ascii/ascii-commands.ts";
import { type AsciiFrame, buildFrame } from "../ascii/ascii-frame.ts";
import { SET_CLOCK_CODE, STATUS_CODE, TELEMETRY_CODE } from "./ascii20-protocol.ts";
import { DIALECTS, type DialectName, V20_FAMILY } from "./dialects.ts";
import { FIXED_COMMANDS, V20_CLOCK } from "./fixed-replies.ts";
import {
	EG4_STATUS,
	EG4_TELEMETRY,
	PYLONTECH_STATUS,
	PYLONTECH_TELEMETRY,
	PYLONTECH_WIDE,
	SEPLOS_STATUS,
	SEPLOS_TELEMETRY,
} from "./layouts.ts";

/** The battery's side of version 20h, for the simulator: requests in, answers out, through the driver's own tables. */

/** A request, understood. */
export type V20Request =
	/** `selector`: which pack INFO asks for; null where the dialect has none. */
	| { readonly kind: "telemetry" | "status"; readonly selector: PackSelector | null }
	| { readonly kind: "version" | "serials" | "clock" | "protocolVersion" }
	| { readonly kind: "setClock"; readonly time: ClockTime }
	/** A command nobody answers here, or an INFO that cannot be. */
	| { readonly kind: "unknown" | "malformed" };

const READS: Readonly<Record<number, "version" | "serials" | "clock" | "protocolVersion">> = {
	77: "clock",
	79: "protocolVersion",
	81: "version",
	147: "serials",
};
/** INFO that asks a Pylontech master for all packs (rs485-v20 §2). */
const ALL_PACKS = 0xff;

/** Reads a checked frame as a request. */
export function readV20Request({ code, info }: Pick<AsciiFrame, "code" | "info">): V20Request {
	if (code === TELEMETRY_CODE || code === STATUS_CODE) {
		const kind = code === TELEMETRY_CODE ? "telemetry" : "status";
		const [asked] = info;
		if (info.length > 1) return { kind: "malformed" };
		return { kind, selector: asked === undefined ? null : asked === ALL_PACKS ? "all" : asked };
	}
	if (code === SET_CLOCK_CODE) {
		return info.length === sizeOfLayout(V20_CLOCK) ? { kind: "setClock", time: decodeAll(V20_CLOCK, info) } : { kind: "malformed" };
	}
	const kind = READS[code];
	return kind === undefined ? { kind: "unknown" } : { kind };
}

/** Who answers, and as what. */
export interface V20Answering {
	readonly dialect: DialectName;
	readonly address: number;
}

/** What a pack that is charging or discharging tells beside its alarms. */
export interface V20Flow {
	/** A, + = charging. */
	readonly current: number;
}

/** A 42h answer of one pack for itself. Temperatures in the order of six where there are six (datapoints.ts), else as they are sent. */
export function v20TelemetryAnswer(to: V20Answering, telemetry: SparseTelemetry): Uint8Array {
	return answer(to, [0, to.address, ...TELEMETRY[to.dialect](telemetry)]);
}

const TELEMETRY: { readonly [D in DialectName]: (telemetry: SparseTelemetry) => Uint8Array } = {
	pylontech: (telemetry) => pylontechBlock(telemetry),
	// Capacity in 10 mAh under Pylontech's layout; current in 10 mA as these boards have it elsewhere (rs485-v20 §3.4).
	pace: ({ remainingCapacity, fullCapacity, current, ...telemetry }) =>
		encode(PYLONTECH_TELEMETRY, {
			...telemetry,
			remainingCapacity: remainingCapacity / 10,
			fullCapacity: fullCapacity / 10,
			current: (current ?? 0) * 10,
			userDefinedCount: 2,
		}),
	eg4: (telemetry) => eg4Block(telemetry),
	seplos({ stateOfHealth, stateOfCharge, designCapacity, current, temperatures, ...telemetry }) {
		return encode(SEPLOS_TELEMETRY, {
			...telemetry,
			temperatures: ambientFirst(temperatures),
			current: current ?? 0,
			stateOfCharge: stateOfCharge ?? 0,
			stateOfHealth: stateOfHealth ?? 0,
			designCapacity: designCapacity ?? telemetry.fullCapacity,
			portVoltage: telemetry.voltage,
			userDefinedCount: 10,
			reserved: [0, 0, 0, 0],
		});
	},
};

/** Highest capacity that fits the two-byte fields, Ah; above it the wide ones are used. */
const MOST_NARROW = 65;

function pylontechBlock({ current, remainingCapacity, fullCapacity, ...telemetry }: SparseTelemetry): Uint8Array {
	const isWide = fullCapacity > MOST_NARROW;
	const block = encode(PYLONTECH_TELEMETRY, {
		...telemetry,
		current: current ?? 0,
		remainingCapacity: isWide ? null : remainingCapacity,
		fullCapacity: isWide ? null : fullCapacity,
		userDefinedCount: isWide ? 4 : 2,
	});
	return isWide ? concat(block, encode(PYLONTECH_WIDE, { remainingCapacity, fullCapacity })) : block;
}

function eg4Block(telemetry: SparseTelemetry): Uint8Array {
	const { cellVoltages, temperatures, current, stateOfCharge, stateOfHealth } = telemetry;
	const [mosfet, ambient] = temperatures.slice(-2);
	const cells = temperatures.slice(0, -2);
	const known = cells.filter((celsius) => celsius !== null);
	const [highest, lowest] = [Math.max(...cellVoltages), Math.min(...cellVoltages)];
	return encode(EG4_TELEMETRY, {
		...telemetry,
		temperatures: cells,
		ambientTemperature: ambient ?? null,
		mosfetTemperature: mosfet ?? null,
		current: current ?? 0,
		stateOfCharge: Math.round(stateOfCharge ?? 0),
		stateOfHealth: Math.round(stateOfHealth ?? 0),
		userDefinedCount: 15,
		highestCellVoltage: highest,
		lowestCellVoltage: lowest,
		cellVoltageDifference: highest - lowest,
		highestCellTemperature: known.length > 0 ? Math.max(...known) : null,
		lowestCellTemperature: known.length > 0 ? Math.min(...known) : null,
		...{ cumulativeCharge: 0, cumulativeDischarge: 0, chargedEnergy: 0, dischargedEnergy: 0 },
		...{ chargeHours: 0, dischargeHours: 0, chargeCount: 0, dischargeCount: 0 },
	});
}

/** Of six probes these dialects send the ambient one before the MOSFET's. */
function ambientFirst<T>(probes: readonly T[]): readonly T[] {
	const [mosfet, ambient] = [probes[4], probes[5]];
	return probes.length !== 6 || mosfet === undefined || ambient === undefined ? probes : [...probes.slice(0, 4), ambient, mosfet];
}

/** A 44h answer of one pack for itself. What the dialect has no place for is not told. */
export function v20StatusAnswer(to: V20Answering, status: PackStatus, flow: V20Flow): Uint8Array {
	return answer(to, [0, to.address, ...STATUS[to.dialect](status, flow)]);
}

const STATUS: { readonly [D in DialectName]: (status: PackStatus, flow: V20Flow) => Uint8Array } = {
	pylontech: pylontechStatus,
	pace: pylontechStatus,
	eg4(status, flow) {
		const [mosfetCode = 0, ambientCode = 0] = status.probeCodes.slice(-2);
		return encodeStatus(EG4_STATUS, status, flow, {
			cellCodes: status.cellCodes,
			probeCodes: status.probeCodes.slice(0, -2),
			...{ ambientCode, mosfetCode, currentCode: currentCode(status), packVoltageCode: status.packVoltageCode },
			userDefinedCount: 9,
			balancingCells: status.balancingCells ?? [],
			reserved: 0,
		});
	},
	seplos: (status, flow) =>
		encodeStatus(SEPLOS_STATUS, status, flow, {
			cellCodes: status.cellCodes,
			probeCodes: ambientFirst(status.probeCodes),
			currentCode: currentCode(status),
			packVoltageCode: status.packVoltageCode,
			userDefinedCount: 20,
			balancingCells: status.balancingCells ?? [],
			disconnectedCells: [],
			reserved: [0, 0, 0, 0, 0, 0],
		}),
};

/**
 * Pylontech has one level, which acts as protection: a code that only stands for an alarm is not told. Genuine packs
 * send one byte more than the document lists (rs485-v20 §3.3).
 */
function pylontechStatus(status: PackStatus, flow: V20Flow): Uint8Array {
	const { conditions } = status;
	const ifProtected = (wanted: (typeof conditions)[number], code: number) => (conditions.includes(wanted) ? code : 0);
	const cellCode = (code: number) =>
		code === HIGH ? ifProtected("protection.cell_overvoltage", code) : code === LOW ? ifProtected("protection.cell_undervoltage", code) : 0;
	const codes = status.cellCodes.map(cellCode);
	// Neither has a bit: both are told by a cell, and by the first where none is at fault (set by hand).
	const isPlaced = codes.includes(HIGH) || !conditions.includes("protection.cell_overvoltage");
	const block = encodeStatus(PYLONTECH_STATUS, status, flow, {
		cellCodes: isPlaced ? codes : codes.map((code, index) => (index === 0 ? HIGH : code)),
		probeCodes: status.probeCodes.map(() => 0),
		chargeCurrentCode: ifProtected("protection.charge_overcurrent", HIGH),
		dischargeCurrentCode: ifProtected("protection.discharge_overcurrent", HIGH),
		packVoltageCode: ifProtected("protection.pack_overvoltage", HIGH) || ifProtected("protection.pack_undervoltage", LOW),
		faultyCells: conditions.includes("fault.cell") ? [1] : [],
	});
	return concat(block, Uint8Array.of(0));
}

const LOW = 1;
const HIGH = 2;
/** Above it a pack says that it charges or discharges (rs485-v20 §3.3), A. */
const FLOWING = 0.1;

/** One code for both directions. */
function currentCode({ chargeCurrentCode, dischargeCurrentCode }: PackStatus): number {
	return chargeCurrentCode || dischargeCurrentCode;
}

type BitsRow<L extends Layout> = Extract<L[number], { readonly type: "bits" }>["name"];

/** A status block: its bytes of named bits from the status, the rest as given. */
function encodeStatus<const L extends Layout>(
	layout: L,
	status: PackStatus,
	flow: V20Flow,
	rest: Omit<ValueOf<L>, BitsRow<L>>,
): Uint8Array {
	// The compiler cannot follow that the rows left out of `rest` are those of `bitsOf`.
	return encode(layout, { ...bitsOf(layout, status, flow), ...rest } as unknown as ValueOf<L>);
}

/** Every byte of named bits in a layout, with those that are set. */
function bitsOf(layout: Layout, status: PackStatus, { current }: V20Flow): Readonly<Record<string, readonly string[]>> {
	const set: readonly string[] = [
		...status.conditions,
		...STATE_KEYS.filter((key) => status.states[key]),
		...status.unknownBits,
		...(current > FLOWING ? ["charging"] : current < -FLOWING ? ["discharging"] : ["standby"]),
		...((status.balancingCells ?? []).length > 0 ? ["balancing"] : []),
	];
	return Object.fromEntries(
		layout.flatMap((row) => {
			if (row.type !== "bits") return [];
			return [[row.name, set.filter((name) => Object.values(row.bits).includes(name) || name.startsWith(`${row.label}.`))]];
		}),
	);
}

/** A 51h answer (rs485-v20 §§3.1, 4, 5). EG4 tells its maker only. */
export function v20VersionAnswer(
	to: V20Answering,
	told: { readonly name: string; readonly major: number; readonly minor: number; readonly manufacturer: string },
): Uint8Array {
	const [usual, eg4] = FIXED_COMMANDS[0x51].forms;
	const { name, major, minor, manufacturer } = told;
	const info =
		to.dialect === "eg4"
			? encode(eg4, { name: null, manufacturer, unknown: 0 })
			: encode(usual, { name, majorVersion: major, minorVersion: minor, manufacturer });
	return answer(to, info);
}

/** A 93h answer of Pylontech: at most 16 characters. */
export function v20SerialAnswer(to: V20Answering, serial: string): Uint8Array {
	return answer(to, encode(FIXED_COMMANDS[0x93].forms[0], { address: to.address, serial }));
}

/** A 4Dh answer of EG4 and Seplos. */
export function v20ClockAnswer(to: V20Answering, time: ClockTime): Uint8Array {
	return answer(to, encode(V20_CLOCK, time));
}

/** "Done", and the answer to 4Fh: an empty INFO. */
export function v20Acknowledgement(to: V20Answering): Uint8Array {
	return answer(to, []);
}

/** An answer that says no. */
export function v20Rejection(to: V20Answering, rtn: number): Uint8Array {
	return frame(to, rtn, []);
}

function answer(to: V20Answering, info: Iterable<number>): Uint8Array {
	return frame(to, RETURN_CODES.normal, info);
}

function frame({ dialect, address }: V20Answering, code: number, info: Iterable<number>): Uint8Array {
	const { chemistry } = DIALECTS[dialect];
	return buildFrame({ version: V20_FAMILY.version, chemistry, address, code, info: Uint8Array.from(info) });
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
	return Uint8Array.from(parts.flatMap((part) => [...part]));
}
