/** What a subcommand reads and writes; its own process's streams, or a test's. */
export interface CliIo {
	readonly stdin: NodeJS.ReadableStream;
	readonly stdout: NodeJS.WritableStream;
	readonly stderr: NodeJS.WritableStream;
}

/** Exit codes of every subcommand. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3, differs: 4, interrupted: 130 } as const;
