import {
	exceptionAnswer,
	isParameterRegister,
	MODBUS_EXCEPTIONS,
	type ModbusRequest,
	parametersInRegisters,
	type RegisterValues,
	readModbusRequest,
	registersAnswer,
	registersOfPack,
	writtenAnswer,
} from "../bms/protocol/modbus/modbus-answers.ts";
import { checkAdu } from "../bms/protocol/modbus/modbus-frame.ts";
import type { BankPack } from "./bank-model.ts";
import type { SimulatedBank } from "./simulated-bank.ts";

/** Code of PACE Modbus among the RS485 protocols of the inverter port (rs232-v25 §13). */
export const PACE_MODBUS = 0;
/** Of the other selections those that are ASCII, of which a question in Modbus gets no answer: Pylontech and its kin. */
const ASCII_SELECTIONS: readonly number[] = [1, 15];

/** What a bank answers on its inverter ports: every pack for itself, at its own unit id (modbus-rtu §8.1). */
export function answerModbus(bank: SimulatedBank, bytes: Uint8Array): Uint8Array | null {
	const request = readModbusRequest(bytes);
	const pack = request === null ? null : bank.packAt(request.unit);
	if (request === null || pack === null || !checkAdu(bytes).ok) return null;
	const selected = pack.model.memory.inverter.rs485;
	if (ASCII_SELECTIONS.includes(selected)) return null;
	return selected === PACE_MODBUS ? answerFor(bank, pack, request) : answerForeign(request);
}

function answerFor(bank: SimulatedBank, pack: BankPack, request: ModbusRequest): Uint8Array {
	const { unit } = request;
	const { model } = pack;
	switch (request.kind) {
		case "unsupported":
			return exceptionAnswer(unit, request.functionCode, request.exception);
		case "read": {
			const { measurements: telemetry, status, memory } = model;
			return answerRead(request, registersOfPack({ telemetry, status, parameters: memory.parameters, ...bank.identityOf(pack) }));
		}
		case "write": {
			const { start, values } = request;
			if (!values.every((_, index) => isParameterRegister(start + index))) {
				return exceptionAnswer(unit, 0x10, MODBUS_EXCEPTIONS.unknownRegister);
			}
			model.memory.setParameters(parametersInRegisters(start, values));
			bank.model.settle();
			return writtenAnswer(unit, start, values.length);
		}
	}
}

/** All that was asked for must be there; else the answer is an exception. */
function answerRead({ unit, start, count }: Extract<ModbusRequest, { kind: "read" }>, registers: RegisterValues): Uint8Array {
	const values = Array.from({ length: count }, (_, index) => registers.get(start + index));
	const known = values.filter((value) => value !== undefined);
	return known.length === count ? registersAnswer(unit, known) : exceptionAnswer(unit, 0x03, MODBUS_EXCEPTIONS.unknownRegister);
}

/**
 * Another maker's map, as captured from a pack whose inverter port was set to another protocol (modbus-rtu V10 and
 * §8): registers 15 to 36 hold it, from 60 on all ones, and 0 to 7 do not exist.
 */
const FOREIGN_MAP: RegisterValues = new Map([
	// biome-ignore format: as captured
	...[
		0x0000, 0x0608, 0x0baf, 0x61fb, 0x0066, 0x0000, 0x004a, 0x1540, 0x0608, 0x000f, 0x2710,
		0x1d1d, 0x2710, 0x0101, 0x0002, 0x0000, 0x0100, 0x0064, 0x15ae, 0x0000, 0x2710, 0x0000,
	].map((value, index) => [15 + index, value] as const),
	...Array.from({ length: 140 }, (_, index) => [60 + index, 0xffff] as const),
]);

function answerForeign(request: ModbusRequest): Uint8Array {
	if (request.kind === "read") return answerRead(request, FOREIGN_MAP);
	const code = request.kind === "write" ? 0x10 : request.functionCode;
	return exceptionAnswer(request.unit, code, request.kind === "write" ? MODBUS_EXCEPTIONS.unknownRegister : request.exception);
}
