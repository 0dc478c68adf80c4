import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type EnergyStore, isEnergyCounters } from "../bms/battery/energy.ts";
import type { BankOrigin, EnergyCounters } from "../bms/battery/snapshot.ts";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";

type Counters = Readonly<Record<number, EnergyCounters>>;

/** What stands in a file; `version` is for readers to come. */
interface EnergyDocument {
	readonly version: 1;
	readonly bank: string;
	readonly origin: BankOrigin;
	/** ISO time of saving. */
	readonly savedAt: string;
	/** kWh by pack address. */
	readonly packs: Counters;
}

export interface EnergyFileOptions {
	/** Folder to keep the files in; made when missing. */
	readonly folder: string;
	/** Simulated and replayed banks keep files of their own. */
	readonly origin: BankOrigin;
	readonly logger: Logger;
	readonly clock: Clock;
}

/**
 * Energy counters in files `energy-<bank>-<origin>.json`, each with the version before it as `….backup.json`.
 * A file is replaced in one step and never with lower counters; a damaged one is put aside under a name of its
 * own and the backup is used. Rejects when a file exists but cannot be read, and when it cannot be written.
 */
export function createEnergyFile({ folder, origin, logger, clock }: EnergyFileOptions): EnergyStore {
	let last: Promise<unknown> = Promise.resolve();
	/** One access after the other: two saves at once would take each other's temporary file. */
	function inTurn<T>(task: () => Promise<T>): Promise<T> {
		const turn = last.then(task, task);
		last = turn.catch(() => undefined);
		return turn;
	}

	async function loadNow(bank: string): Promise<Counters | null> {
		const { main, backup } = filesOf(folder, bank, origin);
		return (await readSound(main, bank)) ?? (await readSound(backup, bank));
	}

	/** The counters of a file; null when it is missing or damaged. */
	async function readSound(file: string, bank: string): Promise<Counters | null> {
		const text = await readIfThere(file);
		if (text === null) return null;
		try {
			return parseCounters(text, bank, origin);
		} catch (error) {
			const aside = `${file}.damaged-${clock.now()}`;
			await rename(file, aside);
			logger.error(`The energy counters in ${file} cannot be used (${messageOf(error)}). The file was kept as ${aside}.`);
			return null;
		}
	}

	async function saveNow(bank: string, counters: Counters): Promise<void> {
		const { main, backup, temporary } = filesOf(folder, bank, origin);
		const kept = (await loadNow(bank)) ?? {};
		const packs = highest(kept, counters);
		const document: EnergyDocument = { version: 1, bank, origin, savedAt: new Date(clock.now()).toISOString(), packs };
		await mkdir(folder, { recursive: true });
		await writeThrough(temporary, `${JSON.stringify(document, null, "\t")}\n`);
		// Between the two steps only the backup is there: it is then what a restart reads.
		await renameIfThere(main, backup);
		await rename(temporary, main);
		await syncFolder(folder);
	}

	return {
		load: (bank) => inTurn(() => loadNow(bank)),
		save: (bank, counters) => inTurn(() => saveNow(bank, counters)),
	};
}

function filesOf(folder: string, bank: string, origin: BankOrigin) {
	const base = join(folder, `energy-${encodeURIComponent(bank)}-${origin}`);
	return { main: `${base}.json`, backup: `${base}.backup.json`, temporary: `${base}.${process.pid}.tmp` };
}

/** Counter by counter the higher one; packs that are only in one of them stay. */
function highest(kept: Counters, counted: Counters): Counters {
	const merged = new Map<string, EnergyCounters>(Object.entries(kept));
	for (const [address, counter] of Object.entries(counted)) {
		if (!isEnergyCounters(counter)) throw new Error(`energy counters of pack ${address} are not numbers`);
		const old = merged.get(address) ?? counter;
		merged.set(address, {
			charged: Math.max(old.charged, counter.charged),
			discharged: Math.max(old.discharged, counter.discharged),
		});
	}
	return Object.fromEntries(merged);
}

function parseCounters(text: string, bank: string, origin: BankOrigin): Counters {
	const document = JSON.parse(text) as Partial<Record<keyof EnergyDocument, unknown>> | null;
	if (document?.version !== 1) throw new Error("unknown version");
	if (document.bank !== bank || document.origin !== origin) throw new Error("it belongs to another bank");
	const { packs } = document;
	if (typeof packs !== "object" || packs === null) throw new Error("no counters in it");
	const entries = Object.entries(packs).map(([address, counter]): [number, EnergyCounters] => {
		if (!/^\d{1,2}$/.test(address) || !isEnergyCounters(counter)) throw new Error(`bad counters of pack ${address}`);
		return [Number(address), { charged: counter.charged, discharged: counter.discharged }];
	});
	return Object.fromEntries(entries);
}

async function readIfThere(file: string): Promise<string | null> {
	try {
		return await readFile(file, "utf8");
	} catch (error) {
		if (isMissing(error)) return null;
		throw new Error(`The energy counters in ${file} cannot be read: ${messageOf(error)}`, { cause: error });
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
