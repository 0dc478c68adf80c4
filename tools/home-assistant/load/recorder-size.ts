import { DatabaseSync } from "node:sqlite";

export interface TableSize {
	readonly rows: number;
	/** Its pages and those of its indexes. */
	readonly bytes: number;
}

/** How big the recorder's database is, what is still in the write-ahead log included. */
export interface RecorderSize {
	readonly bytes: number;
	readonly tables: ReadonlyMap<string, TableSize>;
}

/** Reads the sizes beside the running recorder: a reader sees one moment, and neither waits nor holds anybody up (SQLite, "Write-Ahead Logging"). */
export function recorderSize(file: string): RecorderSize {
	const database = new DatabaseSync(file, { readOnly: true });
	try {
		const one = (sql: string) => Object.values(database.prepare(sql).get() ?? {}).map(Number)[0] ?? Number.NaN;
		const trees = database
			.prepare(
				"SELECT schema.tbl_name AS name, SUM(pages.pgsize) AS bytes FROM dbstat AS pages JOIN sqlite_schema AS schema ON schema.name = pages.name WHERE pages.aggregate = TRUE GROUP BY schema.tbl_name",
			)
			.all();
		const tables = trees.map(({ name, bytes }): [string, TableSize] => [
			String(name),
			{ rows: one(`SELECT COUNT(*) FROM "${name}"`), bytes: Number(bytes) },
		]);
		return { bytes: one("PRAGMA page_count") * one("PRAGMA page_size"), tables: new Map(tables) };
	} finally {
		database.close();
	}
}

/** What has come to a table. */
export function growthOf(table: string, before: RecorderSize, after: RecorderSize): TableSize {
	const none: TableSize = { rows: 0, bytes: 0 };
	const [from, to] = [before.tables.get(table) ?? none, after.tables.get(table) ?? none];
	return { rows: to.rows - from.rows, bytes: to.bytes - from.bytes };
}
