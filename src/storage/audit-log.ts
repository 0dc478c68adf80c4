import { appendFile, mkdir, readFile, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BankOrigin } from "../bms/battery/snapshot.ts";
import type { AuditEntry, AuditLog } from "../bms/command/command-store.ts";

/** Size at which a new file is begun; the one before is kept, those before that are not. */
const LARGEST_BYTES = 1_000_000;

export interface AuditLogOptions {
	readonly folder: string;
	readonly bank: string;
	/** Simulated and replayed banks keep a log of their own. */
	readonly origin: BankOrigin;
	readonly largestBytes?: number;
}

/** Entries as JSON, one a line, only ever added to `audit-<bank>-<origin>.jsonl`; the file before it is `….1.jsonl`. */
export function createAuditLog({ folder, bank, origin, largestBytes = LARGEST_BYTES }: AuditLogOptions): AuditLog {
	const base = join(folder, `audit-${encodeURIComponent(bank)}-${origin}`);
	const file = `${base}.jsonl`;
	const before = `${base}.1.jsonl`;
	let last: Promise<unknown> = Promise.resolve();
	/** One access after the other, so that lines stay whole and in order. */
	function inTurn<R>(task: () => Promise<R>): Promise<R> {
		const turn = last.then(task);
		last = turn.catch(() => undefined);
		return turn;
	}
	return {
		append: (entry) =>
			inTurn(async () => {
				await mkdir(dirname(file), { recursive: true });
				if ((await sizeOf(file)) >= largestBytes) await rename(file, before);
				await appendFile(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
			}),
		last: (count) =>
			inTurn(async () => {
				const entries = [...(await entriesIn(before)), ...(await entriesIn(file))];
				return entries.slice(-count).reverse();
			}),
	};
}

async function sizeOf(file: string): Promise<number> {
	try {
		return (await stat(file)).size;
	} catch (error) {
		if (isMissing(error)) return 0;
		throw error;
	}
}

/** A line that a power cut broke off is left out. */
async function entriesIn(file: string): Promise<readonly AuditEntry[]> {
	try {
		const lines = (await readFile(file, "utf8")).split("\n");
		return lines.flatMap((line) => entryIn(line) ?? []);
	} catch (error) {
		if (isMissing(error)) return [];
		throw error;
	}
}

function entryIn(line: string): AuditEntry | null {
	try {
		const entry: unknown = JSON.parse(line);
		// Only this program writes the file; what is not whole is no JSON.
		return typeof entry === "object" && entry !== null && "at" in entry ? (entry as AuditEntry) : null;
	} catch {
		return null;
	}
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "ENOENT";
}
