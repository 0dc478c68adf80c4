import type { Clock } from "../../clock.ts";
import { ConfigError } from "../../errors.ts";
import { SerialTransport } from "./serial-transport.ts";
import { TcpTransport } from "./tcp-transport.ts";
import type { Transport } from "./transport.ts";

/** Where a battery is, read from what the user wrote. */
export type PortAddress =
	| { readonly kind: "tcp"; readonly host: string; readonly port: number }
	| { readonly kind: "serial"; readonly path: string };

/** Reads a port's text: `tcp://host:port`, a serial device path or `COMn`. Throws a ConfigError in words. */
export function parsePort(text: string): PortAddress {
	const port = text.trim();
	if (/^[a-z][a-z0-9+.-]*:\/\//i.test(port)) return parseTcp(port);
	if (/^COM\d{1,3}$/i.test(port)) return { kind: "serial", path: port.toUpperCase() };
	// A path of a device, not of a folder.
	if (/^\/.*[^/]$/.test(port) || /^\\\\\.\\.+$/.test(port)) return { kind: "serial", path: port };
	throw badPort(
		text,
		port === "simulator" ? "the simulated battery has to be started first, and then has a tcp:// address" : hintFor(port),
	);
}

/** Makes the transport for a port; its `open` opens the line. Throws a ConfigError in words when the text names no port. */
export function openTransport(options: { readonly port: string; readonly baudRate: number; readonly clock?: Clock }): Transport {
	const address = parsePort(options.port);
	if (address.kind === "serial") return new SerialTransport(address.path, options.baudRate);
	return new TcpTransport(options.port.trim(), address.host, address.port, options.clock ? { clock: options.clock } : {});
}

function parseTcp(text: string): PortAddress {
	if (!URL.canParse(text)) throw badPort(text, "a gateway is written tcp://192.168.1.20:8899");
	const url = new URL(text);
	const port = Number(url.port);
	const host = url.hostname.replace(/^\[|\]$/g, "");
	if (url.protocol !== "tcp:") throw badPort(text, `a gateway is written tcp://…, not ${url.protocol}//…`);
	if (url.username || url.password) throw badPort("tcp://…", "a serial gateway takes no user name or password");
	if (!host || !url.port || port === 0) throw badPort(text, "a gateway needs its address and port number, as in tcp://192.168.1.20:8899");
	if ((url.pathname !== "" && url.pathname !== "/") || url.search || url.hash) throw badPort(text, "nothing may follow the port number");
	return { kind: "tcp", host, port };
}

function hintFor(port: string): string {
	if (port === "") return "nothing is given";
	if (/^[\w.-]+:\d+$/.test(port)) return `write tcp://${port} for a serial gateway`;
	if (/^tty\w+$/.test(port)) return `write /dev/${port} for a serial port`;
	return "it is neither a serial port (/dev/ttyUSB0, COM3) nor a serial gateway (tcp://192.168.1.20:8899)";
}

function badPort(text: string, why: string): ConfigError {
	const message = `The port "${text}" cannot be used: ${why}.`;
	return new ConfigError("invalid", message, { port: text, problems: [{ path: "port", message }] });
}
