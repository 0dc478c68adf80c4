import { mkdir, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PARAMETER_KEYS, type ParameterValues } from "../bms/battery/parameters.ts";
import type { BankOrigin } from "../bms/battery/snapshot.ts";
import type { ParameterSave, ParameterSaves } from "../bms/command/command-store.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";

const NAME = /^pack(\d{1,2})-(\d{8}T\d{6}Z)(?:-(\d{1,3}))?\.json$/;
/** Saves of one second that are told apart. */
const MOST_A_SECOND = 999;

export interface ParameterSavesOptions {
	readonly folder: string;
	readonly bank: string;
	/** Simulated and replayed banks keep saves of their own. */
	readonly origin: BankOrigin;
	readonly logger: Logger;
}

/** Saves as JSON documents of their own in `parameters-<bank>-<origin>/`, never replaced: `pack1-20261129T143000Z.json`. */
export function createParameterSaves({ folder, bank, origin, logger }: ParameterSavesOptions): ParameterSaves {
	const place = join(folder, `parameters-${encodeURIComponent(bank)}-${origin}`);
	return {
		async add(save) {
			await mkdir(place, { recursive: true });
			const time = save.at.replace(/[-:]|\.\d+/g, "");
			for (let n = 1; n <= MOST_A_SECOND; n += 1) {
				const id = `pack${save.pack}-${time}${n === 1 ? "" : `-${n}`}`;
				const document: ParameterSave = { version: 1, id, ...save };
				if (await writeNew(join(place, `${id}.json`), `${JSON.stringify(document, null, "\t")}\n`)) return id;
			}
			throw new Error("too many saves in one second");
		},
		async list(pack) {
			const names = (await namesIn(place)).filter((name) => Number(NAME.exec(name)?.[1]) === pack).sort(newestFirst);
			const saves = await Promise.all(names.map((name) => read(join(place, name), name, { bank, origin, pack }, logger)));
			return saves.flatMap((save) => save ?? []);
		},
	};
}

function newestFirst(a: string, b: string): number {
	const [, , timeA = "", numberA = "1"] = NAME.exec(a) ?? [];
	const [, , timeB = "", numberB = "1"] = NAME.exec(b) ?? [];
	return timeB.localeCompare(timeA) || Number(numberB) - Number(numberA);
}

async function namesIn(place: string): Promise<readonly string[]> {
	try {
		return (await readdir(place)).filter((name) => NAME.test(name));
	} catch (error) {
		if (hasCode(error, "ENOENT")) return [];
		throw error;
	}
}

/** Writes a file that is not there yet, and waits until the disk has it; false when it is there. */
async function writeNew(file: string, text: string): Promise<boolean> {
	let handle: Awaited<ReturnType<typeof open>>;
	try {
		handle = await open(file, "wx");
	} catch (error) {
		if (hasCode(error, "EEXIST")) return false;
		throw error;
	}
	try {
		await handle.writeFile(text);
		await handle.sync();
	} finally {
		await handle.close();
	}
	return true;
}

type Expected = Pick<ParameterSave, "bank" | "origin" | "pack">;

/** A save that cannot be used is told and left out, and stays where it is. */
async function read(file: string, name: string, expected: Expected, logger: Logger): Promise<ParameterSave | null> {
	try {
		return parse(JSON.parse(await readFile(file, "utf8")), name, expected);
	} catch (error) {
		logger.warn(`The save of parameters ${file} cannot be used: ${messageOf(error)}`);
		return null;
	}
}

function parse(found: unknown, name: string, expected: Expected): ParameterSave {
	const document = (found ?? {}) as Partial<Record<keyof ParameterSave, unknown>>;
	if (document.version !== 1) throw new Error("unknown version");
	for (const key of ["bank", "origin", "pack"] as const) if (document[key] !== expected[key]) throw new Error("it belongs to another pack");
	const text = (value: unknown) => (typeof value === "string" ? value : null);
	return {
		version: 1,
		id: name.replace(/\.json$/, ""),
		...expected,
		at: text(document.at) ?? "",
		reason: text(document.reason) ?? "",
		firmware: text(document.firmware),
		bmsSerial: text(document.bmsSerial),
		packSerial: text(document.packSerial),
		values: valuesIn(document.values),
	};
}

function valuesIn(found: unknown): ParameterValues {
	if (typeof found !== "object" || found === null) throw new Error("no parameters in it");
	const entries = Object.entries(found).map(([key, value]: [string, unknown]) => {
		if (!(PARAMETER_KEYS as readonly string[]).includes(key)) throw new Error(`${key} is no parameter`);
		if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`${key} is no number`);
		return [key, value] as const;
	});
	if (entries.length === 0) throw new Error("no parameters in it");
	return Object.fromEntries(entries);
}

function hasCode(error: unknown, code: string): boolean {
	return error instanceof Error && "code" in error && error.code === code;
}
