import { checkFrame } from "../bms/protocol/ascii/ascii-frame.ts";
import {
	readV20Request,
	type V20Answering,
	v20Acknowledgement,
	v20ClockAnswer,
	v20Rejection,
	v20SerialAnswer,
	v20StatusAnswer,
	v20TelemetryAnswer,
	v20VersionAnswer,
} from "../bms/protocol/ascii20/ascii20-answers.ts";
import { type DialectName, V20_FAMILY } from "../bms/protocol/ascii20/dialects.ts";
import type { BankPack } from "./bank-model.ts";
import { clockTimeAt, momentOf } from "./pack-clock.ts";
import type { SimulatedBank } from "./simulated-bank.ts";

/** Return codes of version 20h (rs485-v20 §1): what it does not know, and what it refuses. */
const RTN = { checksumError: 2, lengthChecksumError: 3, unknownCommand: 4, refused: 9 } as const;

/** What a bank answers in a dialect of version 20h: every pack for itself, at its own address. */
export function answerV20(dialect: DialectName): (bank: SimulatedBank, request: Uint8Array) => Uint8Array | null {
	return (bank, request) => {
		const check = checkFrame(request, V20_FAMILY);
		const address = (check.ok ? check.frame : check.envelope).address ?? -1;
		const pack = bank.packAt(address);
		if (pack === null) return null;
		const to = { dialect, address };
		if (check.ok) return answerTo(bank, pack, to, readV20Request(check.frame));
		if (check.error.code === "checksum") return v20Rejection(to, RTN.checksumError);
		return check.error.code === "length-checksum" ? v20Rejection(to, RTN.lengthChecksumError) : null;
	};
}

function answerTo(bank: SimulatedBank, pack: BankPack, to: V20Answering, request: ReturnType<typeof readV20Request>): Uint8Array {
	const { model } = pack;
	const { memory } = model;
	switch (request.kind) {
		case "telemetry":
			return v20TelemetryAnswer(to, model.measurements);
		case "status":
			return v20StatusAnswer(to, model.status, { current: model.measurements.current });
		case "version":
			return v20VersionAnswer(to, { name: bank.identityOf(pack).version.slice(0, 10), major: 1, minor: 0, manufacturer: "SIMULATED" });
		case "serials":
			return v20SerialAnswer(to, bank.identityOf(pack).packSerial.slice(0, 16));
		case "clock":
			return v20ClockAnswer(to, clockTimeAt(bank.now + memory.clockOffsetMs));
		case "protocolVersion":
			return v20Acknowledgement(to);
		case "setClock":
			memory.clockOffsetMs = momentOf(request.time) - bank.now;
			return v20Acknowledgement(to);
		case "unknown":
			return v20Rejection(to, RTN.unknownCommand);
		case "malformed":
			return v20Rejection(to, RTN.refused);
	}
}
