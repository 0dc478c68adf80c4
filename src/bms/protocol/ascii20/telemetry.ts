import { DecodeError } from "../../../errors.ts";
import { probeLabel } from "../../battery/datapoints.ts";
import type { PackBlock, PackSelector, SparseTelemetry } from "../../battery/readings.ts";
import { ByteReader } from "../../codec/byte-reader.ts";
import { decode, type ValueOf } from "../../codec/layout.ts";
import { stateOfChargeFrom } from "../ascii/ascii-blocks.ts";
import { doubtsAbout } from "../ascii/ascii-blocks-reply.ts";
import { type DialectName, HEADER_BYTES, possibleCounts } from "./dialects.ts";
import { EG4_TELEMETRY, PYLONTECH_TELEMETRY, PYLONTECH_WIDE, SEPLOS_TELEMETRY } from "./layouts.ts";

/** Reads 42h replies of version 20h: which dialect it is follows from the layout that fits to the last byte. */

/** One pack as its dialect sends it. */
export interface DialectPack {
	readonly block: PackBlock<SparseTelemetry>;
	/** Why it cannot be true, in words. */
	readonly doubts: readonly string[];
	/** Places of the probes in the order of the wire; the reading has them in the documented order of six (datapoints.ts). */
	readonly wireProbes: readonly { readonly label: string; readonly celsius: number | null }[];
	/** Values whose unit no source settles, though they are most likely right. */
	readonly unverified: readonly (keyof SparseTelemetry)[];
	/** What this dialect sends besides. */
	readonly further: Readonly<Record<string, unknown>>;
}

export interface DialectTelemetry {
	readonly dialect: DialectName;
	readonly packs: readonly DialectPack[];
}

/** The packs of a 42h reply; null when no dialect has such a reply. Blocks nothing speaks against are preferred. */
export function readTelemetry(info: Uint8Array, selector: PackSelector | null): DialectTelemetry | null {
	if (info.length <= HEADER_BYTES) return null;
	const pylontech = possibleCounts(info[1] ?? 0, selector).map((count) => () => readPylontech(info, count));
	const fitting = [...pylontech, () => readEg4(info), () => readSeplos(info)].flatMap((read) => fits(read) ?? []);
	return fitting.find(isSoundTelemetry) ?? fitting[0] ?? null;
}

/** Whether nothing speaks against any pack of it. */
export function isSoundTelemetry({ packs }: DialectTelemetry): boolean {
	return packs.every(({ doubts }) => doubts.length === 0);
}

/** What `read` gives; null when the bytes do not have its layout. */
function fits<T>(read: () => T | null): T | null {
	try {
		return read();
	} catch (error) {
		if (error instanceof DecodeError) return null;
		throw error;
	}
}

type PylontechBlock = ValueOf<typeof PYLONTECH_TELEMETRY>;

function readPylontech(info: Uint8Array, count: number): DialectTelemetry | null {
	const reader = new ByteReader(info, HEADER_BYTES);
	const packs: DialectPack[] = [];
	let dialect: DialectName = "pylontech";
	for (let block = 0; block < count; block++) {
		const value = decode(PYLONTECH_TELEMETRY, reader);
		const wide = value.userDefinedCount === 4 ? decode(PYLONTECH_WIDE, reader) : null;
		if (wide === null && value.userDefinedCount !== 2) return null;
		const { remainingCapacity, fullCapacity } = wide ?? value;
		if (remainingCapacity === null || fullCapacity === null) return null;
		const isPace = wide === null && countsInTens(value.cellVoltages.length, fullCapacity);
		if (isPace) dialect = "pace";
		packs.push(
			pylontechPack(value, isPace ? 10 * remainingCapacity : remainingCapacity, isPace ? 10 * fullCapacity : fullCapacity, isPace),
		);
	}
	return reader.remaining === 0 ? { dialect, packs } : null;
}

/**
 * A PACE board in Pylon mode counts capacity in 10 mAh where Pylontech counts in 1 mAh (rs485-v20 §3.4): seen from
 * a pack that would have less than any rack pack has, or, with the 16 cells that Pylontech's own small packs do not
 * have, less than a third of a PACE board's greatest. `fullCapacity` as Pylontech would mean it, Ah.
 */
function countsInTens(cells: number, fullCapacity: number): boolean {
	return fullCapacity > 0 && fullCapacity < (cells === 16 ? 33 : 20);
}

function pylontechPack(value: PylontechBlock, remaining: number, full: number, isPace: boolean): DialectPack {
	const remainingCapacity = toHundredths(remaining, isPace);
	const fullCapacity = toHundredths(full, isPace);
	return dialectPack(
		{
			cellVoltages: value.cellVoltages,
			temperatures: value.temperatures,
			// In 10 or in 100 mA: no source settles it for PACE boards (rs485-v20 §3.4); 0 is 0 in both.
			current: isPace && value.current !== 0 ? null : value.current,
			voltage: value.voltage,
			remainingCapacity,
			fullCapacity,
			designCapacity: null,
			cycleCount: value.cycleCount,
			stateOfCharge: stateOfChargeFrom(remainingCapacity, fullCapacity),
			stateOfHealth: null,
		},
		value.temperatures.map((celsius, index) => ({ label: `Temperature ${index + 1}`, celsius })),
		isPace ? ["remainingCapacity", "fullCapacity", "temperatures"] : [],
	);
}

/** Ah without the noise of a multiplied fraction. */
function toHundredths(ampereHours: number, isPace: boolean): number {
	return isPace ? Math.round(ampereHours * 100) / 100 : ampereHours;
}

/** Count of further values that mark the dialect (rs485-v20 §1). */
const EG4_MARK = 15;
const SEPLOS_MARK = 10;

function readEg4(info: Uint8Array): DialectTelemetry | null {
	const reader = new ByteReader(info, HEADER_BYTES);
	const { cellVoltages, temperatures, ambientTemperature, mosfetTemperature, ...value } = decode(EG4_TELEMETRY, reader);
	if (value.userDefinedCount !== EG4_MARK || reader.remaining !== 0) return null;
	const {
		current,
		voltage,
		remainingCapacity,
		fullCapacity,
		cycleCount,
		stateOfCharge,
		stateOfHealth,
		userDefinedCount: _,
		...further
	} = value;
	const telemetry = {
		cellVoltages,
		temperatures: [...temperatures, mosfetTemperature, ambientTemperature],
		...{ current, voltage, remainingCapacity, fullCapacity, cycleCount, stateOfCharge },
		designCapacity: null,
		stateOfHealth: stateOfHealth || null,
	};
	return { dialect: "eg4", packs: [dialectPack(telemetry, inWireOrder(telemetry.temperatures), [], further)] };
}

function readSeplos(info: Uint8Array): DialectTelemetry | null {
	const reader = new ByteReader(info, HEADER_BYTES);
	const { userDefinedCount, portVoltage, reserved: _, ...value } = decode(SEPLOS_TELEMETRY, reader);
	if (userDefinedCount !== SEPLOS_MARK || reader.remaining !== 0) return null;
	const telemetry = { ...value, temperatures: swapLastOfSix(value.temperatures), stateOfHealth: value.stateOfHealth || null };
	return { dialect: "seplos", packs: [dialectPack(telemetry, inWireOrder(telemetry.temperatures), [], { portVoltage })] };
}

/** EG4 and Seplos send ambient before MOSFET; the documented order of six has the MOSFET first. */
function swapLastOfSix<T>(probes: readonly T[]): readonly T[] {
	const [mosfet, ambient] = [probes[5], probes[4]];
	return probes.length !== 6 || mosfet === undefined || ambient === undefined ? probes : [...probes.slice(0, 4), mosfet, ambient];
}

function inWireOrder(temperatures: readonly (number | null)[]): DialectPack["wireProbes"] {
	return swapLastOfSix(temperatures.map((celsius, index) => ({ label: probeLabel(index, temperatures.length), celsius })));
}

function dialectPack(
	telemetry: SparseTelemetry,
	wireProbes: DialectPack["wireProbes"],
	unverified: DialectPack["unverified"],
	further: DialectPack["further"] = {},
): DialectPack {
	const isAbsent = telemetry.cellVoltages.every((volts) => volts === 0);
	const block: DialectPack["block"] = isAbsent ? { absent: true } : { absent: false, value: telemetry };
	return { block, doubts: isAbsent ? [] : doubtsAboutPack(telemetry), wireProbes, unverified, further };
}

function doubtsAboutPack(telemetry: SparseTelemetry): readonly string[] {
	const negative = telemetry.cellVoltages.some((volts) => volts < 0) ? ["a cell below 0 V"] : [];
	return [...negative, ...doubtsAbout(telemetry)];
}
