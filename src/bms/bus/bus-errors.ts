import { DecodeError, FrameError, type LineError, messageOf, TimeoutError, TransportError } from "../../errors.ts";
import type { Acceptance, Exchange } from "../protocol/protocol.ts";
import { printable } from "./printable.ts";

/**
 * A limit of an exchange was reached: the bytes were not taken, no first byte came, a started answer paused, too
 * many frames of others came, or the answer does not end.
 */
export type Limit = "write" | "first-byte" | "pause" | "frames" | "length";

/** What was on the line while an answer was waited for. */
export interface Witnessed {
	readonly sawEcho: boolean;
	readonly sawForeign: boolean;
	/** Bytes came in number, but no frame. */
	readonly sawJunk: boolean;
}

/** Says what a missing answer looked like. */
export function limitError(limit: Limit, seen: Witnessed, exchange: Exchange, port: string): LineError {
	const asked = `"${exchange.label}" on ${port}`;
	const context = { port, exchange: exchange.label };
	if (limit === "write") return new TransportError("failed", `${port} takes no more bytes.`, context);
	if (limit === "pause" || limit === "length") return new TimeoutError("incomplete-answer", `The answer to ${asked} broke off.`, context);
	if (seen.sawForeign) return new TimeoutError("foreign-answer", `Only answers to other questions came when asked for ${asked}.`, context);
	if (seen.sawEcho) return new TimeoutError("echo-only", `Only our own question came back when asked for ${asked}.`, context);
	if (seen.sawJunk) return new FrameError("no-start", `Bytes came that are no answer when asked for ${asked}.`, context);
	return new TimeoutError("no-answer", `No answer to ${asked}.`, context);
}

/** The asker gave up before the answer came. */
export function withdrawnError(exchange: Exchange): TransportError {
	return new TransportError("closed", `The question "${exchange.label}" was withdrawn.`, { exchange: exchange.label });
}

/** The line carries something all the time, so that no question can be asked. */
export function restlessError(exchange: Exchange, port: string): FrameError {
	return new FrameError("not-a-reply", `Bytes that are no answers keep coming on ${port}.`, { port, exchange: exchange.label });
}

/** Whatever a transport rejected with, as the kind it must be. */
export function asTransportError(error: unknown, port: string): TransportError {
	if (error instanceof TransportError) return error;
	return new TransportError("failed", `${port} does not take bytes: ${messageOf(error)}.`, { port }, error);
}

/** Applies the rule of the exchange; one that breaks is the reader's fault and must not take the process down. */
export function acceptFrame(exchange: Exchange, bytes: Uint8Array): Acceptance<unknown> {
	try {
		return exchange.accept(bytes);
	} catch (error) {
		const context = { exchange: exchange.label, frame: printable(bytes) };
		const message = `The answer to "${exchange.label}" cannot be read: ${messageOf(error)}.`;
		return { kind: "bad", error: new DecodeError("wrong-shape", message, context, error) };
	}
}
