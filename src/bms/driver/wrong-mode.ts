/**
 * TABLE of what a network gateway (or whatever is behind the port) sends when it is set to something else than passing
 * raw bytes. `text` is looked for in what came, read as Latin-1.
 */
const WRONG_MODES = [
	{
		// IAC WILL, WONT, DO, DONT or SB (RFC 854); RFC 2217 gateways begin with IAC options 0, 3 and 44.
		text: /\xff[\xfa-\xfe]/,
		words:
			"The gateway speaks Telnet (RFC 2217), not raw bytes: set its port to raw TCP, also called TCP server, transparent or pass-through mode.",
	},
	{
		text: /HTTP\/\d|<html|<!doctype/i,
		words: "A web page answers, not a battery: this is the port of the gateway's settings page. Take the port number of its serial line.",
	},
	{ text: /^SSH-\d/m, words: "This is the SSH port of a machine, not a serial gateway: take the port number of its serial line." },
	{
		text: /(login|user ?name|password)\s*:/i,
		words:
			"A login prompt comes instead of answers: this is the console of the gateway (or of a machine), not its serial line. Take the port of the serial line, without a login.",
	},
	{
		text: /\+ok|AT\+|\+\+\+a|\bCONNECTED\b/,
		words: "The gateway answers in its command mode (AT commands): switch it to transparent mode, or restart it.",
	},
] as const satisfies readonly { readonly text: RegExp; readonly words: string }[];

/** Says which wrong mode bytes show that belong to no frame; null when they show none. */
export function wrongMode(bytes: Uint8Array): string | null {
	const text = String.fromCharCode(...bytes);
	return WRONG_MODES.find((mode) => mode.text.test(text))?.words ?? null;
}
