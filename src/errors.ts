/**
 * The six kinds of failure and what each means for the caller. Everything that can go wrong between a
 * bank's settings and its snapshot is one of these; anything else that is thrown is a bug.
 */

/** Codes of each kind. Callers branch on the code, never on the text. */
export interface ErrorCodes {
	/** The line itself is gone: reconnect with back-off. */
	transport: "not-found" | "busy" | "no-permission" | "refused" | "unreachable" | "unplugged" | "closed" | "serial-unavailable" | "failed";
	/** Nobody answered, or not to the end: reads retry, then the pack counts as unavailable. */
	timeout: "no-answer" | "incomplete-answer" | "echo-only" | "foreign-answer";
	/** The envelope of a frame is wrong: retry like a timeout. */
	frame: "no-start" | "not-hex" | "length-checksum" | "length" | "checksum" | "version" | "chemistry" | "not-a-reply";
	/** The battery understood and said no: no retry. */
	rejected: "checksum-refused" | "length-checksum-refused" | "unknown-command" | "refused" | "return-code";
	/** The frame is sound but its content does not fit the table: no retry. */
	decode: "too-short" | "too-long" | "no-layout-fits" | "implausible" | "wrong-shape" | "foreign-map";
	/** A command was not carried out, or not as it was meant. */
	command:
		| "unknown"
		| "bad-argument"
		| "out-of-range"
		| "not-enabled"
		| "not-armed"
		| "wrong-password"
		| "wrong-pack"
		| "unsupported"
		| "not-connected"
		| "busy"
		| "cancelled"
		| "not-saved"
		| "not-confirmed";
	/** The settings cannot be used: refuse to start. */
	config: "invalid" | "unreadable" | "conflict";
}

export type ErrorKind = keyof ErrorCodes;
export type ErrorCode = ErrorCodes[ErrorKind];

/** What helps to understand the failure; never a secret. */
export interface ErrorContext {
	/** The port or address, as the user wrote it. */
	readonly port?: string;
	/** What was asked, in the user's words ("alarms of all packs"). */
	readonly exchange?: string;
	/** The bytes at fault, printable. */
	readonly frame?: string;
	/** Return code of the battery (RTN), 0-255. */
	readonly rtn?: number;
	/** Row of the layout table at fault. */
	readonly row?: string;
	/** Offset in INFO, bytes. */
	readonly offset?: number;
	/** Every problem found, for config errors: path in the settings and what would be right. */
	readonly problems?: readonly { readonly path: string; readonly message: string }[];
}

/** Base of all errors of the battery line. The message is written for the owner of the battery. */
export abstract class BmsError<K extends ErrorKind = ErrorKind> extends Error {
	abstract readonly kind: K;
	readonly code: ErrorCodes[K];
	readonly context: ErrorContext;

	constructor(code: ErrorCodes[K], message: string, context: ErrorContext = {}, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.name = new.target.name;
		this.code = code;
		this.context = context;
	}
}

export class TransportError extends BmsError<"transport"> {
	readonly kind = "transport";
}
export class TimeoutError extends BmsError<"timeout"> {
	readonly kind = "timeout";
}
export class FrameError extends BmsError<"frame"> {
	readonly kind = "frame";
}
export class RejectedError extends BmsError<"rejected"> {
	readonly kind = "rejected";
}
export class DecodeError extends BmsError<"decode"> {
	readonly kind = "decode";
}
export class CommandError extends BmsError<"command"> {
	readonly kind = "command";
}
export class ConfigError extends BmsError<"config"> {
	readonly kind = "config";
}

/** What an exchange on the line may reject with. */
export type LineError = TransportError | TimeoutError | FrameError | RejectedError | DecodeError;

/** Whether asking again on the same line can help: the one place that decides it. */
export function isRetryable(error: unknown): boolean {
	return error instanceof TimeoutError || error instanceof FrameError;
}

/** The words of anything that was thrown. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** TABLE of the failures of files, by the system's code. */
const FILE_WORDS: Readonly<Record<string, string>> = {
	ENOENT: "there is no such file or folder",
	ENOTDIR: "a part of its path is no folder",
	EISDIR: "it is a folder",
	EEXIST: "it is there already: choose another name",
	EACCES: "it may not be used by this user",
	EPERM: "it may not be used by this user",
	ENOSPC: "the disk is full",
	EROFS: "the disk is read only",
};

/** The words of what went wrong with a file. */
export function fileWords(error: unknown): string {
	const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
	return (Object.hasOwn(FILE_WORDS, code) ? FILE_WORDS[code] : undefined) ?? messageOf(error);
}
