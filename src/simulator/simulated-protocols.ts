import { createModbusFramer } from "../bms/protocol/modbus/modbus-framer.ts";
import type { Framer } from "../bms/protocol/protocol.ts";
import { answerAtAddress, answerOverCable } from "./ascii-side.ts";
import { answerV20 } from "./ascii20-side.ts";
import { answerModbus, PACE_MODBUS } from "./modbus-side.ts";
import type { SIMULATOR_SETTINGS } from "./options.ts";
import { createQuestionFramer } from "./question-framer.ts";
import type { SimulatedBank } from "./simulated-bank.ts";

/** The battery's side of a protocol. */
export interface SimulatedProtocol {
	createFramer(): Framer;
	/** null = silence. */
	answer(bank: SimulatedBank, request: Uint8Array): Uint8Array | null;
	/** What the inverter's RS485 port is set to at the beginning (rs232-v25 §13). */
	readonly inverterCode: number;
}

/** Code of Pylontech's protocol, version 20h (rs232-v25 §13). */
const PYLONTECH = 1;

/** TABLE of the protocols a simulated bank speaks, by the names of the driver's settings. */
export const SIMULATED_PROTOCOLS = {
	"ascii-0x25": { createFramer: createQuestionFramer, answer: answerOverCable, inverterCode: PACE_MODBUS },
	"ascii-0x25-rs485": { createFramer: createQuestionFramer, answer: answerAtAddress, inverterCode: PACE_MODBUS },
	"ascii-0x20-pylontech": { createFramer: createQuestionFramer, answer: answerV20("pylontech"), inverterCode: PYLONTECH },
	"ascii-0x20-pace": { createFramer: createQuestionFramer, answer: answerV20("pace"), inverterCode: PYLONTECH },
	"ascii-0x20-eg4": { createFramer: createQuestionFramer, answer: answerV20("eg4"), inverterCode: PYLONTECH },
	"ascii-0x20-seplos": { createFramer: createQuestionFramer, answer: answerV20("seplos"), inverterCode: PYLONTECH },
	"modbus-rtu": { createFramer: createModbusFramer, answer: answerModbus, inverterCode: PACE_MODBUS },
} as const satisfies Record<(typeof SIMULATOR_SETTINGS)["protocol"]["choices"][number], SimulatedProtocol>;
