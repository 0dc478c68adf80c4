import { type ErrorCodes, messageOf, TransportError } from "../../errors.ts";
import { type PortAccess, userName } from "./port-access.ts";

/** What a look at the machine tells about a port that did not open. */
interface Seen {
	readonly port: string;
	readonly access: PortAccess;
}

/**
 * TABLE of the ways in which a serial port fails to open. The serialport package gives no code, only the
 * system's words (serialport 13, seen on Linux; Windows words from its source), so they are told apart by text.
 */
const OPEN_FAILURES = [
	{
		code: "not-found",
		text: /no such file|file not found|no such device|ENOENT|ENXIO/i,
		advice: () => "does not exist: is the adapter plugged in, and did it get another number (list: /dev/serial/by-id)?",
	},
	// Windows denies access to a port that another program holds.
	{ code: "busy", text: /cannot lock|temporarily unavailable|busy|access (is )?denied|EBUSY/i, advice: holderWords },
	{ code: "no-permission", text: /permission denied|not permitted|EACCES|EPERM/i, advice: groupWords },
] as const satisfies readonly { code: ErrorCodes["transport"]; text: RegExp; advice: (seen: Seen) => string }[];

/** Turns the failure of opening a serial port into words that say what to do; `lookAt` sees what stands in the way. */
export async function serialOpenError(port: string, cause: unknown, lookAt: () => Promise<PortAccess>): Promise<TransportError> {
	const words = messageOf(cause);
	const row = OPEN_FAILURES.find(({ text }) => text.test(words));
	if (!row) return new TransportError("failed", `The serial port ${port} could not be opened: ${words}.`, { port }, cause);
	const access = await lookAt();
	return new TransportError(row.code, `The serial port ${port} ${row.advice({ port, access })}`, { port }, cause);
}

function holderWords({ port, access }: Seen): string {
	if (access.kind !== "busy") {
		const howToFind = port.startsWith("/") ? ` (sudo fuser -v ${port} names it)` : "";
		return `is in use by another program, which cannot be seen from here${howToFind}: end that one first.`;
	}
	if (access.pid === process.pid) return "is already open in this program itself: another bank, or a wired contact, uses it.";
	return `is in use by ${access.program} (process ${access.pid}): end that program first, or use another port.`;
}

function groupWords({ port, access }: Seen): string {
	const user = userName();
	const who = user === null ? "this user" : `the user ${user}`;
	if (access.kind !== "no-permission")
		return `is refused by the system, though its file lets ${who} use it: a container or a service must be given the device.`;
	if (access.group === null) return `may not be used by ${who}, and no group is seen that may: see ls -l ${port}. Mostly it is dialout.`;
	const { group, joined } = access;
	if (joined)
		return `may be used by the group ${group}, which ${who} joined after this program was started: log in again, or start the service again.`;
	return (
		`may be used by the group ${group} only, and ${who} is not in it: sudo usermod -aG ${group} ${user ?? "$USER"}, ` +
		"then log in again, or start the service again."
	);
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
