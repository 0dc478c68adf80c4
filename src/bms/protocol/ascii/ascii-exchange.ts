import type { RejectedError } from "../../../errors.ts";
import type { Acceptance, Exchange } from "../protocol.ts";
import { RETURN_CODES } from "./ascii-commands.ts";
import { type AsciiFamily, type AsciiFrame, checkFrame, textOf } from "./ascii-frame.ts";

/** What the versions of the ASCII protocol do not share about an exchange. */
export interface AsciiExchangeRules {
	readonly family: AsciiFamily;
	/** Whether a frame is a request: a CID2 stands where a reply has its return code. */
	readonly isRequest: (frame: AsciiFrame) => boolean;
	readonly rejectionOf: (frame: AsciiFrame, label: string) => RejectedError;
}

/** The exchange around a request: what is the same for every command is decided here, the rest by `read`. */
export function asciiExchange<T>(
	rules: AsciiExchangeRules,
	label: string,
	request: Uint8Array,
	read: (frame: AsciiFrame) => Acceptance<T>,
): Exchange<T> {
	const sent = withoutEnd(request);
	const isEcho = (bytes: Uint8Array) => bytes.length <= request.length + 1 && withoutEnd(bytes) === sent;
	return {
		label,
		request,
		accept(bytes) {
			const check = checkFrame(bytes, rules.family);
			if (!check.ok) return { kind: "bad", error: check.error };
			if (isEcho(bytes)) return { kind: "echo" };
			if (rules.isRequest(check.frame)) return { kind: "foreign", reason: "a request that somebody else put on the line" };
			if (check.frame.code !== RETURN_CODES.normal) return { kind: "rejected", error: rules.rejectionOf(check.frame, label) };
			return read(check.frame);
		},
	};
}

function withoutEnd(bytes: Uint8Array): string {
	return textOf(bytes).trimEnd().toUpperCase();
}
