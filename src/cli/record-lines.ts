import { conditionOf } from "../bms/battery/conditions.ts";
import type { StoredRecord } from "../bms/battery/stored-record.ts";

/** TABLE of the columns of the CSV before cells and probes. */
const COLUMNS = {
	index: (record: StoredRecord) => record.index,
	localTime: (record: StoredRecord) => record.localTime,
	voltage: (record: StoredRecord) => record.voltage,
	current: (record: StoredRecord) => record.current,
	remainingCapacity: (record: StoredRecord) => record.remainingCapacity,
	fullCapacity: (record: StoredRecord) => record.fullCapacity,
	cycleCount: (record: StoredRecord) => record.cycleCount,
	isPowerOn: (record: StoredRecord) => record.isPowerOn,
	conditions: (record: StoredRecord) => record.conditions.join(" "),
	states: (record: StoredRecord) => record.states.join(" "),
	unknownBits: (record: StoredRecord) => record.unknownBits.join(" "),
} as const;

const NAMES = Object.keys(COLUMNS);
const cell = (value: unknown) => (value === null || value === undefined ? "" : String(value).replace(/[",\r\n]/g, " "));

/** The first line of a CSV: cells and probes as many as its first record has. */
export function csvHead({ cellVoltages, temperatures }: StoredRecord): string {
	const numbered = (name: string, list: readonly unknown[]) => list.map((_, index) => `${name}${index + 1}`);
	return [...NAMES, ...numbered("cell", cellVoltages), ...numbered("temperature", temperatures)].join(",");
}

/** A record as a line of CSV; what is not known is empty. */
export function csvLine(record: StoredRecord): string {
	return [...Object.values(COLUMNS).map((read) => read(record)), ...record.cellVoltages, ...record.temperatures].map(cell).join(",");
}

/** A record for people. */
export function recordText(record: StoredRecord): string {
	const { index, localTime, voltage, current, remainingCapacity, cellVoltages, temperatures, conditions, unknownBits } = record;
	const known = temperatures.filter((temperature) => temperature !== null);
	const cause = [...conditions.map((key) => `${conditionOf(key).class} ${conditionOf(key).label}`), ...unknownBits];
	return [
		String(index).padStart(5),
		localTime ?? "no date            ",
		`${voltage.toFixed(2)} V`,
		`${current.toFixed(2)} A`.padStart(9),
		`${remainingCapacity.toFixed(1)} Ah`,
		`cells ${Math.min(...cellVoltages).toFixed(3)}–${Math.max(...cellVoltages).toFixed(3)} V`,
		known.length === 0 ? "no temperature" : `${Math.min(...known)}–${Math.max(...known)} °C`,
		cause.length === 0 ? "" : cause.join(", "),
	]
		.join("  ")
		.trimEnd();
}

/** Whether it is the same record, wherever it now stands. */
export function sameRecord(one: StoredRecord, other: StoredRecord): boolean {
	// Compared by what both forms of a file keep.
	return csvLine({ ...one, index: 0 }) === csvLine({ ...other, index: 0 });
}

/** The last record of a file of them; null when its last line is none. */
export function lastRecordOf(text: string, isCsv: boolean): StoredRecord | null {
	const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
	const last = lines.at(-1) ?? "";
	try {
		return isCsv ? recordOfCsv(lines[0] ?? "", last) : recordOfJson(last);
	} catch {
		return null;
	}
}

function recordOfJson(line: string): StoredRecord | null {
	const record = JSON.parse(line) as StoredRecord;
	return Number.isInteger(record.index) && Array.isArray(record.cellVoltages) && Array.isArray(record.temperatures) ? record : null;
}

function recordOfCsv(head: string, line: string): StoredRecord | null {
	const names = head.split(",");
	const cells = line.split(",");
	if (names.slice(0, NAMES.length).join() !== NAMES.join() || cells.length !== names.length) return null;
	const at = (name: string) => cells[names.indexOf(name)] ?? "";
	const numberOf = (text: string) => (text === "" ? null : Number(text));
	const words = <T extends string>(name: string) =>
		at(name)
			.split(" ")
			.filter((word) => word !== "") as T[];
	const listOf = (prefix: string) =>
		names.flatMap((name, index) => (new RegExp(`^${prefix}\\d+$`).test(name) ? [numberOf(cells[index] ?? "")] : []));
	const index = Number(at("index"));
	if (at("index") === "" || !Number.isInteger(index)) return null;
	return {
		index,
		localTime: at("localTime") || null,
		voltage: Number(at("voltage")),
		current: Number(at("current")),
		remainingCapacity: Number(at("remainingCapacity")),
		fullCapacity: Number(at("fullCapacity")),
		cycleCount: numberOf(at("cycleCount")) as StoredRecord["cycleCount"],
		isPowerOn: at("isPowerOn") === "" ? null : at("isPowerOn") === "true",
		conditions: words("conditions"),
		states: words("states"),
		unknownBits: words("unknownBits"),
		cellVoltages: listOf("cell").filter((value) => value !== null),
		temperatures: listOf("temperature"),
	};
}
