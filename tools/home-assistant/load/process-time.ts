import { readdir, readFile } from "node:fs/promises";
import { run } from "../command.ts";

/** One process as `/proc/PID/stat` tells it. */
export interface ProcessStat {
	readonly pid: number;
	readonly parent: number;
	/** Clock ticks in user and system mode, those of children that have ended included. */
	readonly ticks: number;
}

/** Reads a line of `/proc/PID/stat`: proc(5), fields 1, 4 and 14-17. The name in field 2 may hold blanks and brackets. */
export function parseStat(line: string): ProcessStat | null {
	const end = line.lastIndexOf(")");
	const fields = line.slice(end + 2).split(" ");
	const pid = Number.parseInt(line, 10);
	const parent = Number(fields[1]);
	const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
	return end > 0 && fields.length > 14 && [pid, parent, ticks].every(Number.isFinite) ? { pid, parent, ticks } : null;
}

/** Ticks of a process and of everything below it. */
export function ticksOfTree(root: number, processes: readonly ProcessStat[]): number {
	const tree = new Set([root]);
	for (let before = 0; before !== tree.size; ) {
		before = tree.size;
		for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid);
	}
	return processes.filter(({ pid }) => tree.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0);
}

/** Seconds of processor time that a process and all it started have used; other load on the machine does not count in. */
export async function processSeconds(pid: number): Promise<number> {
	const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	// A process may end between the listing and the reading.
	const lines = await Promise.all(names.map((name) => readFile(`/proc/${name}/stat`, "utf8").catch(() => "")));
	const processes = lines.map(parseStat).filter((stat) => stat !== null);
	return ticksOfTree(pid, processes) / Number(await run("getconf", ["CLK_TCK"]));
}
