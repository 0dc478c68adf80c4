import type { LineError } from "../../errors.ts";
import type { Exchange } from "../protocol/protocol.ts";

/** What happened on the line, for statistics; told once each, at the moment it happened. */
export type BusEvent =
	/** A question was answered. `answerTimeMs`: from the request's last bit on the wire to the first byte back. */
	| { readonly type: "reply"; readonly exchange: Exchange; readonly answerTimeMs: number }
	/** One attempt failed; the question may be asked again. */
	| { readonly type: "failure"; readonly exchange: Exchange; readonly error: LineError }
	/** Bytes that belong to no frame; `sample` holds the first of them. */
	| { readonly type: "junk"; readonly bytes: number; readonly sample: Uint8Array }
	/** Our own request came back. */
	| { readonly type: "echo" }
	/** An answer came that was there already. */
	| { readonly type: "repeated" }
	/** A sound frame that belongs to no question in flight: late, from another address, or a second master's. */
	| { readonly type: "foreign"; readonly reason: string };
