import { DecodeError } from "../../../errors.ts";
import type { CaptureContext, DecodedFrame, ModbusAsked } from "../decoded-frame.ts";
import { describeStatus } from "../describe-status.ts";
import type { FoundModbus } from "../frames-in-text.ts";
import { type RegisterData, readRows, registersOf } from "./modbus-blocks.ts";
import { exceptionOf } from "./modbus-exchange.ts";
import { checkAdu, hexBytes, type ModbusAdu, READ_HOLDING, READ_INPUT, WRITE_MULTIPLE, WRITE_SINGLE } from "./modbus-frame.ts";
import { readGobel } from "./modbus-gobel.ts";
import { LIVE_BLOCK, type LiveValues, mapProblem, percentOf, plausibleTemperature, readLive, statusOf } from "./modbus-map.ts";
import { IDENTITY_ROWS, LIVE_ROWS, PARAMETER_ROWS, type RegisterRow } from "./modbus-registers.ts";

/** One Modbus message as `rack-battery decode` prints it. A request to read is kept in the context for the answer after it. */
export function decodeModbusFrame({ bytes, mark }: FoundModbus, context: CaptureContext): DecodedFrame {
	const check = checkAdu(bytes);
	if (!check.ok) {
		const { unit, functionCode } = check.adu;
		if (mark === "request") context.modbus = null;
		return {
			protocol: "modbus-rtu",
			...(mark === null ? {} : { kind: mark }),
			...(functionCode === undefined ? {} : { command: hexByte(functionCode) }),
			...(unit === undefined ? {} : { address: unit }),
			checksum: "bad",
			info: hexText(bytes.subarray(2)),
			error: { code: check.error.code, message: check.error.message },
		};
	}
	const { adu } = check;
	return isRequest(adu, bytes.length, mark, context) ? describeRequest(adu, context) : describeReply(adu, context);
}

/** Requests to read have an even length and answers an odd one; writes are told apart by length, or by what came before. */
function isRequest({ functionCode, exception }: ModbusAdu, length: number, mark: FoundModbus["mark"], context: CaptureContext): boolean {
	if (exception !== null) return false;
	if (functionCode === READ_HOLDING || functionCode === READ_INPUT) return length % 2 === 0;
	if (functionCode === WRITE_MULTIPLE) return length % 2 === 1;
	return mark === null ? context.modbus?.functionCode !== functionCode : mark === "request";
}

function describeRequest({ unit, functionCode, data }: ModbusAdu, context: CaptureContext): DecodedFrame {
	const start = wordAt(data, 0);
	const count = functionCode === READ_HOLDING || functionCode === READ_INPUT || functionCode === WRITE_MULTIPLE ? wordAt(data, 2) : 1;
	context.modbus = { unit, functionCode, start, count };
	return {
		...{ protocol: "modbus-rtu", kind: "request", command: hexByte(functionCode), address: unit },
		...{ register: start, registers: count, checksum: "ok", ...meaningOf(functionCode, start, count), info: hexText(data) },
		...(functionCode === WRITE_MULTIPLE ? writtenIn(start, data.subarray(5)) : {}),
	};
}

/** What a request is about, in words; nothing for registers that no document names. */
function meaningOf(functionCode: number, start: number, count: number): Partial<DecodedFrame> {
	const has = (rows: readonly RegisterRow[]) => rows.some((row) => row.register < start + count && row.register + registersOf(row) > start);
	const about = [
		...(has(LIVE_ROWS) ? ["measurements and alarms"] : []),
		...(has(PARAMETER_ROWS) ? ["parameters"] : []),
		...(has(IDENTITY_ROWS) ? ["version and serial numbers"] : []),
	].join(", ");
	if (about === "") return {};
	return { meaning: functionCode === WRITE_MULTIPLE || functionCode === WRITE_SINGLE ? `writing ${about}` : about };
}

function writtenIn(start: number, bytes: Uint8Array): Partial<DecodedFrame> {
	const parameters = readRows(PARAMETER_ROWS, { start, bytes });
	return Object.keys(parameters).length > 0 ? { parameters } : {};
}

function describeReply({ unit, functionCode, exception, data }: ModbusAdu, context: CaptureContext): DecodedFrame {
	const head: DecodedFrame = {
		...{ protocol: "modbus-rtu", kind: "reply", command: hexByte(functionCode), address: unit },
		...{ rtn: hexByte(exception ?? 0), checksum: "ok", info: hexText(data) },
	};
	const asked = context.modbus?.unit === unit && context.modbus.functionCode === functionCode ? context.modbus : null;
	if (exception !== null) {
		const { code, message } = exceptionOf(exception, "");
		return { ...head, ...(asked ? { register: asked.start, registers: asked.count } : {}), rejection: { code, message } };
	}
	if (functionCode === WRITE_MULTIPLE) return { ...head, ...writeDone(data, asked) };
	if (functionCode !== READ_HOLDING) return head;
	const bytes = data.subarray(1);
	const isAnswer = asked !== null && asked.count * 2 === bytes.length;
	const start = isAnswer ? asked.start : inferStart(bytes);
	if (start === null) return { ...head, command: hexByte(functionCode) };
	const place = {
		...{ register: start, registers: bytes.length / 2 },
		...(isAnswer ? {} : { inferred: true as const }),
		...meaningOf(functionCode, start, bytes.length / 2),
	};
	return { ...head, ...place, ...contentOf(unit, { start, bytes }, context) };
}

/** The answer to a write repeats where and how many; acknowledged when that is what was asked. */
function writeDone(data: Uint8Array, asked: ModbusAsked | null): Partial<DecodedFrame> {
	const [start, count] = [wordAt(data, 0), wordAt(data, 2)];
	const isAnswer = asked !== null && asked.start === start && asked.count === count;
	return { register: start, registers: count, ...meaningOf(WRITE_MULTIPLE, start, count), ...(isAnswer ? { acknowledged: true } : {}) };
}

/** Where a lone answer begins, when its content proves it; null when it does not. */
function inferStart(bytes: Uint8Array): number | null {
	const data = { start: LIVE_BLOCK.start, bytes };
	return readGobel(data) !== null || (bytes.length >= 2 * LIVE_BLOCK.count && mapProblem(data) === null) ? LIVE_BLOCK.start : null;
}

/** Values by name. Live registers are believed only while nothing this pack has sent speaks against the map. */
function contentOf(unit: number, data: RegisterData, context: CaptureContext): Partial<DecodedFrame> {
	const parameters = readRows(PARAMETER_ROWS, data);
	const identity = readRows(IDENTITY_ROWS, data);
	const gobel = readGobel(data);
	const live = readRows(LIVE_ROWS, data);
	const problem = gobel === null ? problemWith(data) : null;
	if (problem !== null) context.foreignUnits.add(unit);
	if (context.foreignUnits.has(unit)) {
		const message = problem?.message ?? "Earlier answers of this battery showed that its registers are not those of a PACE battery.";
		return { error: { code: "foreign-map", message } };
	}
	const isLive = Object.keys(live).length > 0;
	return {
		...(isLive ? { packs: [gobel === null ? describeLive(unit, data, live) : describeGobel(unit, live, gobel)] } : {}),
		...(isLive && gobel !== null ? { map: "gobel" } : {}),
		...(Object.keys(parameters).length > 0 ? { parameters } : {}),
		...identity,
	};
}

function problemWith(data: RegisterData): DecodeError | null {
	const problem = mapProblem(data);
	if (problem !== null || data.start !== LIVE_BLOCK.start || data.bytes.length < 2 * LIVE_BLOCK.count) return problem;
	try {
		readLive(data);
		return null;
	} catch (error) {
		if (error instanceof DecodeError) return error;
		throw error;
	}
}

type Values = Readonly<Record<string, unknown>>;

/** A whole live block proves itself; a part of one is shown as unproven. */
function describeLive(address: number, data: RegisterData, live: Values): Values {
	if (data.start === LIVE_BLOCK.start && data.bytes.length >= 2 * LIVE_BLOCK.count) {
		const { telemetry, status } = readLive(data);
		return { address, absent: false, ...telemetry, ...describeFlags(describeStatus(status)) };
	}
	return { address, absent: false, ...measured(live), ...flagsIn(live), unproven: true };
}

function describeGobel(
	address: number,
	live: Values,
	{ cellVoltages, temperatures, mosfetTemperature }: NonNullable<ReturnType<typeof readGobel>>,
): Values {
	return { address, absent: false, ...measured(live), cellVoltages, temperatures, mosfetTemperature, ...flagsIn(live) };
}

/** The measurements among live values; temperatures and percentages that cannot be are null. */
function measured({ warnings: _, protections: __, status: ___, balancingCells: ____, ...values }: Values): Values {
	const readers: Readonly<Record<string, (value: unknown) => unknown>> = {
		temperatures: (list) => (list as readonly number[]).map(plausibleTemperature),
		stateOfCharge: (raw) => percentOf(Number(raw)),
		// 0 is what firmware sends that does not know it.
		stateOfHealth: (raw) => percentOf(Number(raw)) || null,
	};
	return Object.fromEntries(
		Object.entries(values).map(([name, value]) => [name, readers[name]?.(value) ?? (name in readers ? null : value)]),
	);
}

/** Of the flag registers those that are there: what stands in others is not known. */
function flagsIn(live: Partial<LiveValues>): Values {
	const { warnings, protections, status, balancingCells } = live;
	const none = { warnings: [], protections: [], status: [], balancingCells: [] };
	const {
		alarms,
		protections: protected_,
		faults,
		states,
		balancingCells: balanced,
		...rest
	} = describeFlags(describeStatus(statusOf({ ...none, ...live })));
	return {
		...(warnings ? { alarms } : {}),
		...(protections ? { protections: protected_ } : {}),
		...(protections && status ? { faults } : {}),
		...(status ? { states } : {}),
		...(balancingCells ? { balancingCells: balanced } : {}),
		...(warnings || protections || status ? rest : {}),
	};
}

/** Modbus has no codes for cells and probes: they are left out rather than shown as 0. */
function describeFlags({
	cellCodes: _,
	probeCodes: __,
	chargeCurrentCode: ___,
	packVoltageCode: ____,
	dischargeCurrentCode: _____,
	...told
}: Values): Values {
	return told;
}

function wordAt(data: Uint8Array, offset: number): number {
	return (data[offset] ?? 0) * 256 + (data[offset + 1] ?? 0);
}

function hexByte(value: number): string {
	return value.toString(16).toUpperCase().padStart(2, "0");
}

function hexText(bytes: Uint8Array): string {
	return hexBytes(bytes).replaceAll(" ", "");
}
