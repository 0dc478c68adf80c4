import type { LineError } from "../../errors.ts";

/** What happened on the line, for statistics; told once each, at the moment it happened. */
export type BusEvent =
	/** A question was answered. `answerTimeMs`: from the request's last bit on the wire to the first byte back. */
	| { readonly type: "reply"; readonly answerTimeMs: number }
	/** One attempt failed; the question may be asked again. */
	| { readonly type: "failure"; readonly error: LineError }
	/** Bytes that belong to no frame. */
	| { readonly type: "junk"; readonly bytes: number }
	/** Our own request came back. */
	| { readonly type: "echo" }
	/** A sound frame that belongs to no question in flight: late, from another address, or a second master's. */
	| { readonly type: "foreign"; readonly reason: string };
