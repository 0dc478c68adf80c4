import { DecodeError } from "../../../errors.ts";
import type { ConditionKey } from "../../battery/conditions.ts";
import type { PackSelector, PackStatus } from "../../battery/readings.ts";
import { ByteReader } from "../../codec/byte-reader.ts";
import { decode, type Layout, type ValueOf } from "../../codec/layout.ts";
import { findBlocks } from "../ascii/ascii-block-walk.ts";
import { doubtsAboutCodes, type ReadBlock } from "../ascii/ascii-blocks-reply.ts";
import { sortNames, unsupportedBy } from "../status-names.ts";
import { type DialectName, HEADER_BYTES, possibleCounts } from "./dialects.ts";
import { EG4_STATUS, PYLONTECH_STATUS, SEPLOS_STATUS } from "./layouts.ts";

/** Reads 44h replies of version 20h. A PACE board in Pylon mode is taken for Pylontech: nobody has captured one (rs485-v20 §3.4). */
export interface DialectStatus {
	readonly dialect: DialectName;
	readonly packs: readonly ReadBlock<PackStatus>[];
}

/** The packs of a 44h reply; null when no dialect has such a reply. */
export function readStatus(info: Uint8Array, selector: PackSelector | null): DialectStatus | null {
	if (info.length <= HEADER_BYTES) return null;
	const own = readOne("eg4", EG4_STATUS, info, eg4Status) ?? readOne("seplos", SEPLOS_STATUS, info, seplosStatus);
	if (own !== null) return own;
	const pylontech = possibleCounts(info[1] ?? 0, selector).flatMap((count) => readPylontech(info, count) ?? []);
	return pylontech.find(isSoundStatus) ?? pylontech[0] ?? null;
}

/** Whether nothing speaks against any pack of it. */
export function isSoundStatus({ packs }: DialectStatus): boolean {
	return packs.every(({ doubts }) => doubts.length === 0);
}

/** Bytes that a genuine pack sends after the documented ones: one was seen (rs485-v20 §3.3). */
const PYLONTECH_SURPLUS = 2;

function readPylontech(info: Uint8Array, count: number): DialectStatus | null {
	const read = (offset: number) => sounded(pylontechStatus(decode(PYLONTECH_STATUS, new ByteReader(info, offset))));
	const places = findBlocks({
		bytes: info,
		start: HEADER_BYTES,
		count,
		layout: PYLONTECH_STATUS,
		maxTail: PYLONTECH_SURPLUS,
		knownTails: [0, 1],
		isSound: ({ offset, zero }) => zero || read(offset).doubts.length === 0,
	});
	if (places === null) return null;
	return { dialect: "pylontech", packs: places.map(({ offset, zero }) => (zero ? { block: { absent: true }, doubts: [] } : read(offset))) };
}

/** Values that follow, as the count before them says: marks the dialect. */
const MARKS = { eg4: 9, seplos: 20 } as const;

function readOne<const L extends Layout>(
	dialect: keyof typeof MARKS,
	layout: L,
	info: Uint8Array,
	toStatus: (value: ValueOf<L>) => PackStatus,
): DialectStatus | null {
	try {
		const reader = new ByteReader(info, HEADER_BYTES);
		const value = decode(layout, reader);
		const { userDefinedCount } = value as { readonly userDefinedCount?: unknown };
		if (reader.remaining !== 0 || userDefinedCount !== MARKS[dialect]) return null;
		return { dialect, packs: [sounded(toStatus(value))] };
	} catch (error) {
		if (error instanceof DecodeError) return null;
		throw error;
	}
}

function sounded(value: PackStatus): ReadBlock<PackStatus> {
	const { cellCodes, probeCodes, chargeCurrentCode, packVoltageCode, dischargeCurrentCode } = value;
	const doubts = doubtsAboutCodes([...cellCodes, ...probeCodes, chargeCurrentCode, packVoltageCode, dischargeCurrentCode]);
	return { block: { absent: false, value }, doubts };
}

const LOW = 0x01;
const HIGH = 0x02;

/** What Pylontech tells by its codes instead of a bit: they act as protection (rs485-v20 §3.3, fault-map §1). */
const PYLONTECH_DERIVED = ["protection.cell_overvoltage", "fault.cell"] as const satisfies readonly ConditionKey[];
const PYLONTECH_UNSUPPORTED = unsupportedBy(PYLONTECH_STATUS, PYLONTECH_DERIVED);

function pylontechStatus(value: ValueOf<typeof PYLONTECH_STATUS>): PackStatus {
	const { cellCodes, probeCodes, chargeCurrentCode, packVoltageCode, dischargeCurrentCode, faultyCells } = value;
	const derived: (ConditionKey | null)[] = [
		cellCodes.includes(HIGH) ? "protection.cell_overvoltage" : null,
		cellCodes.includes(LOW) ? "protection.cell_undervoltage" : null,
		packVoltageCode === HIGH ? "protection.pack_overvoltage" : null,
		packVoltageCode === LOW ? "protection.pack_undervoltage" : null,
		chargeCurrentCode === HIGH ? "protection.charge_overcurrent" : null,
		dischargeCurrentCode === HIGH ? "protection.discharge_overcurrent" : null,
		faultyCells.length > 0 ? "fault.cell" : null,
	];
	return {
		...sortNames([...value.status1, ...value.status2, ...value.status3, ...derived.filter((key) => key !== null)]),
		...{ cellCodes, probeCodes, chargeCurrentCode, packVoltageCode, dischargeCurrentCode },
		balancingCells: null,
		// Every pack answers for itself: one that is away does not answer at all.
		indicationZero: false,
		unsupported: PYLONTECH_UNSUPPORTED,
	};
}

const EG4_UNSUPPORTED = unsupportedBy(EG4_STATUS);

function eg4Status(value: ValueOf<typeof EG4_STATUS>): PackStatus {
	const set = [value.balance, value.voltage, value.temperature, value.current, value.capacity, value.switches, value.system].flat();
	return {
		...sortNames(set),
		cellCodes: value.cellCodes,
		// In the documented order of six (datapoints.ts).
		probeCodes: [...value.probeCodes, value.mosfetCode, value.ambientCode],
		// One code for both directions.
		...{ chargeCurrentCode: value.currentCode, packVoltageCode: value.packVoltageCode, dischargeCurrentCode: value.currentCode },
		balancingCells: value.balancingCells,
		indicationZero: false,
		unsupported: EG4_UNSUPPORTED,
	};
}

/** The power stage's two bits have a certain meaning only together (rs485-v20 §5). */
const SEPLOS_POWER_STAGE = ["E4.4 (power stage over-temperature)", "E4.5 (power stage over-temperature)"] as const;
const SEPLOS_UNSUPPORTED = unsupportedBy(SEPLOS_STATUS);

function seplosStatus(value: ValueOf<typeof SEPLOS_STATUS>): PackStatus {
	const { event1, event2, event3, event4, event5, event6, event7, event8, switches, system, probeCodes } = value;
	const set: string[] = [event1, event2, event3, event4, event5, event6, event7, event8, switches, system].flat();
	const isPowerStageHot = SEPLOS_POWER_STAGE.every((name) => set.includes(name));
	const disconnected = value.disconnectedCells.length > 0 ? ["fault.cell"] : [];
	const hot = isPowerStageHot ? ["alarm.mosfet_overtemperature", "protection.mosfet_overtemperature"] : [];
	const [ambient, powerStage] = [probeCodes[4], probeCodes[5]];
	const isSix = probeCodes.length === 6 && ambient !== undefined && powerStage !== undefined;
	return {
		...sortNames([...set, ...disconnected, ...hot]),
		cellCodes: value.cellCodes,
		probeCodes: isSix ? [...probeCodes.slice(0, 4), powerStage, ambient] : probeCodes,
		...{ chargeCurrentCode: value.currentCode, packVoltageCode: value.packVoltageCode, dischargeCurrentCode: value.currentCode },
		balancingCells: value.balancingCells,
		indicationZero: false,
		unsupported: SEPLOS_UNSUPPORTED,
	};
}
