import { type ErrorCodes, messageOf, TransportError } from "../../errors.ts";

/**
 * TABLE of the ways in which a serial port fails to open. The serialport package gives no code, only the
 * system's words (serialport 13, seen on Linux; Windows words from its source), so they are told apart by text.
 */
const OPEN_FAILURES = [
	{
		code: "not-found",
		text: /no such file|file not found|no such device|ENOENT|ENXIO/i,
		advice: "does not exist: is the adapter plugged in, and did it get another number (list: /dev/serial/by-id)?",
	},
	{ code: "busy", text: /cannot lock|temporarily unavailable|busy|EBUSY/i, advice: "is in use by another program: close that one first." },
	{
		code: "no-permission",
		text: /permission denied|access (is )?denied|not permitted|EACCES|EPERM/i,
		advice:
			"may not be used by this user: on Linux add the user to the dialout group (sudo usermod -aG dialout $USER) and log in again; on Windows another program holds it.",
	},
] as const satisfies readonly { code: ErrorCodes["transport"]; text: RegExp; advice: string }[];

/** Turns the failure of opening a serial port into words that say what to do. */
export function serialOpenError(port: string, cause: unknown): TransportError {
	const words = messageOf(cause);
	const row = OPEN_FAILURES.find(({ text }) => text.test(words));
	if (row) return new TransportError(row.code, `The serial port ${port} ${row.advice}`, { port }, cause);
	return new TransportError("failed", `The serial port ${port} could not be opened: ${words}.`, { port }, cause);
}

/** The native module is missing or does not load on this machine. */
export function serialUnavailableError(port: string, cause: unknown): TransportError {
	return new TransportError(
		"serial-unavailable",
		`Serial ports cannot be used here, because the module "serialport" is not installed or does not run on this machine. ` +
			`Install it (npm install serialport), or connect ${port} through a network gateway (tcp://address:port).`,
		{ port },
		cause,
	);
}
