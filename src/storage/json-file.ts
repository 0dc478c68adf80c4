import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";

/** One value that is kept over restarts. */
export interface JsonFile<T> {
	/** What was saved last; null before the first saving. Rejects when a file is there and cannot be read. */
	load(): Promise<T | null>;
	/** Replaces what is kept. Rejects when it cannot be written. */
	save(value: T): Promise<void>;
	/** Replaces what is kept with something made of it, without another access in between. */
	update(change: (kept: T | null) => T): Promise<void>;
}

export interface JsonFileOptions<T> {
	/** Path without ending; `.json` is the file, `.backup.json` the version before it. Folders are made when missing. */
	readonly base: string;
	/** What it holds, for the log: "The energy counters". */
	readonly what: string;
	/** Turns what stands in the file into the value; throws an Error in words when it cannot be used. */
	readonly parse: (document: unknown) => T;
	readonly logger: Logger;
	readonly clock: Clock;
}

/**
 * A JSON document in a file that is replaced in one step, with the version before it as a backup; a damaged file is
 * put aside under a name of its own and the backup is used.
 */
export function createJsonFile<T>({ base, what, parse, logger, clock }: JsonFileOptions<T>): JsonFile<T> {
	const main = `${base}.json`;
	const backup = `${base}.backup.json`;
	const temporary = `${base}.${process.pid}.tmp`;
	let last: Promise<unknown> = Promise.resolve();
	/** One access after the other: two savings at once would take each other's temporary file. */
	function inTurn<R>(task: () => Promise<R>): Promise<R> {
		const turn = last.then(task, task);
		last = turn.catch(() => undefined);
		return turn;
	}

	const loadNow = async (): Promise<T | null> => (await readSound(main)) ?? (await readSound(backup));

	/** The value of a file; null when it is missing or damaged. */
	async function readSound(file: string): Promise<T | null> {
		const text = await readIfThere(file, what);
		if (text === null) return null;
		try {
			return parse(JSON.parse(text));
		} catch (error) {
			const aside = `${file}.damaged-${clock.now()}`;
			await rename(file, aside);
			logger.error(`${what} in ${file} cannot be used (${messageOf(error)}). The file was kept as ${aside}.`);
			return null;
		}
	}

	async function saveNow(value: T): Promise<void> {
		await mkdir(dirname(base), { recursive: true });
		await writeThrough(temporary, `${JSON.stringify(value, null, "\t")}\n`);
		// Between the two steps only the backup is there: it is then what a restart reads.
		await renameIfThere(main, backup);
		await rename(temporary, main);
		await syncFolder(dirname(base));
	}

	return {
		load: () => inTurn(loadNow),
		save: (value) => inTurn(() => saveNow(value)),
		update: (change) => inTurn(async () => saveNow(change(await loadNow()))),
	};
}

async function readIfThere(file: string, what: string): Promise<string | null> {
	try {
		return await readFile(file, "utf8");
	} catch (error) {
		if (isMissing(error)) return null;
		throw new Error(`${what} in ${file} cannot be read: ${messageOf(error)}`, { cause: error });
	}
}

async function renameIfThere(from: string, to: string): Promise<void> {
	try {
		await rename(from, to);
	} catch (error) {
		if (!isMissing(error)) throw error;
	}
}

/** Writes and waits until the disk has it. */
async function writeThrough(file: string, text: string): Promise<void> {
	const handle = await open(file, "w");
	try {
		await handle.writeFile(text);
		await handle.sync();
	} finally {
		await handle.close();
	}
}

/** Makes the renames last; Windows cannot open a folder, and does not need it. */
async function syncFolder(folder: string): Promise<void> {
	if (process.platform === "win32") return;
	const handle = await open(folder, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "ENOENT";
}
