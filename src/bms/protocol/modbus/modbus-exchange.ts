import { DecodeError, type ErrorCodes, RejectedError } from "../../../errors.ts";
import type { Acceptance, Exchange } from "../protocol.ts";
import type { RegisterBlock, RegisterData } from "./modbus-blocks.ts";
import { buildRead, buildWrite, checkAdu, READ_HOLDING, WRITE_MULTIPLE } from "./modbus-frame.ts";

/** TABLE of the exceptions (modbus-rtu §3). */
const EXCEPTIONS: Readonly<Record<number, { readonly code: ErrorCodes["rejected"]; readonly message: string }>> = {
	1: { code: "unknown-command", message: "The battery does not know this kind of request." },
	2: {
		code: "unknown-command",
		message:
			"The battery has no register at this address: another inverter protocol seems to be selected for RS485 (PACE_MODBUS is wanted), or its firmware is older.",
	},
	3: { code: "refused", message: "The battery does not accept this value, or does not let it be changed." },
};

const UNKNOWN_REGISTER = 2;

/** Whether the battery has not got a register that it was asked for. */
export function isUnknownRegister(acceptance: Acceptance<unknown>): boolean {
	return acceptance.kind === "rejected" && acceptance.error.context.rtn === UNKNOWN_REGISTER;
}

/** Why a battery said no to a Modbus request. */
export function exceptionOf(exception: number, exchange: string): RejectedError {
	const known = EXCEPTIONS[exception];
	const message = known?.message ?? `The battery answered with exception ${exception}, which its documents do not explain.`;
	return new RejectedError(known?.code ?? "return-code", message, { exchange, rtn: exception });
}

/** A request for one block of registers. `read` may throw DecodeError for content that cannot be. */
export function registersExchange<T>(
	label: string,
	address: number,
	{ start, count }: RegisterBlock,
	read: (data: RegisterData) => T,
): Exchange<T> {
	return modbusExchange({ label, request: buildRead(address, start, count), address, functionCode: READ_HOLDING }, (data, length) => {
		// Requests to read have an even length, answers an odd one.
		if (length % 2 === 0) return { kind: "foreign", reason: "a request that somebody else put on the line" };
		if (data.length !== 1 + 2 * count) return { kind: "foreign", reason: "the answer to another question" };
		return { kind: "reply", value: read({ start, bytes: data.subarray(1) }) };
	});
}

/** A request that writes registers from `start`; the answer repeats where and how many. */
export function writeExchange(label: string, address: number, start: number, bytes: Uint8Array): Exchange<null> {
	const request = buildWrite(address, start, bytes);
	const told = request.subarray(2, 6);
	return modbusExchange({ label, request, address, functionCode: WRITE_MULTIPLE }, (data) => {
		if (data.length !== told.length) return { kind: "foreign", reason: "a request that somebody else put on the line" };
		const isOurs = data.every((byte, index) => byte === told[index]);
		return isOurs ? { kind: "reply", value: null } : { kind: "foreign", reason: "the answer to another question" };
	});
}

interface Asked {
	readonly label: string;
	readonly request: Uint8Array;
	readonly address: number;
	readonly functionCode: number;
}

/** What is the same for every request: echo, damage, other packs, exceptions. `read` gets what follows the function code. */
function modbusExchange<T>(
	{ label, request, address, functionCode }: Asked,
	read: (data: Uint8Array, length: number) => Acceptance<T>,
): Exchange<T> {
	const isEcho = (bytes: Uint8Array) => bytes.length === request.length && bytes.every((byte, index) => byte === request[index]);
	return { label, request, accept: (bytes) => (isEcho(bytes) ? { kind: "echo" } : acceptMessage(bytes)) };

	function acceptMessage(bytes: Uint8Array): Acceptance<T> {
		const check = checkAdu(bytes);
		if (!check.ok) return { kind: "bad", error: check.error };
		const { adu } = check;
		if (adu.unit !== address) return { kind: "foreign", reason: `a message of pack ${adu.unit}` };
		if (adu.functionCode !== functionCode) return { kind: "foreign", reason: "the answer to another kind of request" };
		if (adu.exception !== null) return { kind: "rejected", error: exceptionOf(adu.exception, label) };
		try {
			return read(adu.data, bytes.length);
		} catch (error) {
			if (error instanceof DecodeError) return { kind: "bad", error };
			throw error;
		}
	}
}
