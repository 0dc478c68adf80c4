/** The server cannot start on this machine (ports, folders); the message tells its owner what to do. */
export class StartError extends Error {
	constructor(message: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.name = "StartError";
	}
}

/** The system's code of an error ("EACCES"), where it has one. */
export function systemCode(error: unknown): string | undefined {
	return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
