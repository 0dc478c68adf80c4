import { join } from "node:path";
import { type EnergyStore, isEnergyCounters } from "../bms/battery/energy.ts";
import type { BankOrigin, EnergyCounters } from "../bms/battery/snapshot.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createJsonFile, type JsonFile } from "./json-file.ts";

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
 * Energy counters in files `energy-<bank>-<origin>.json`, each with the version before it as `….backup.json`
 * (json-file.ts), never with lower counters. Rejects when a file exists but cannot be read, and when it cannot be written.
 */
export function createEnergyFile({ folder, origin, logger, clock }: EnergyFileOptions): EnergyStore {
	const files = new Map<string, JsonFile<EnergyDocument>>();
	function fileOf(bank: string): JsonFile<EnergyDocument> {
		const base = join(folder, `energy-${encodeURIComponent(bank)}-${origin}`);
		const parse = (document: unknown) => readDocument(document, bank, origin);
		const file = files.get(bank) ?? createJsonFile({ base, what: "The energy counters", parse, logger, clock });
		files.set(bank, file);
		return file;
	}
	return {
		load: async (bank) => (await fileOf(bank).load())?.packs ?? null,
		save: (bank, counters) =>
			fileOf(bank).update((kept) => {
				const packs = highest(kept?.packs ?? {}, counters);
				return { version: 1, bank, origin, savedAt: new Date(clock.now()).toISOString(), packs };
			}),
	};
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

function readDocument(found: unknown, bank: string, origin: BankOrigin): EnergyDocument {
	const document = found as Partial<Record<keyof EnergyDocument, unknown>> | null;
	if (document?.version !== 1) throw new Error("unknown version");
	if (document.bank !== bank || document.origin !== origin) throw new Error("it belongs to another bank");
	const { packs } = document;
	if (typeof packs !== "object" || packs === null) throw new Error("no counters in it");
	const entries = Object.entries(packs).map(([address, counter]): [number, EnergyCounters] => {
		if (!/^\d{1,2}$/.test(address) || !isEnergyCounters(counter)) throw new Error(`bad counters of pack ${address}`);
		return [Number(address), { charged: counter.charged, discharged: counter.discharged }];
	});
	const savedAt = typeof document.savedAt === "string" ? document.savedAt : "";
	return { version: 1, bank, origin, savedAt, packs: Object.fromEntries(entries) };
}
