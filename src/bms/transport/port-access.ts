import { access, constants, readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { basename, join } from "node:path";

/** What stands in the way of opening a port; seen without opening it. */
export type PortAccess =
	| { readonly kind: "free" }
	/** `group`: whose members may use it; null when that cannot be seen, or no group may. `joined`: the user is in it, this program not yet. */
	| { readonly kind: "no-permission"; readonly group: string | null; readonly joined: boolean }
	| { readonly kind: "busy"; readonly program: string; readonly pid: number }
	| { readonly kind: "missing" };

/** Where the system keeps what we read; a test brings files of its own. */
export interface AccessFolders {
	readonly groups: string;
	readonly processes: string;
	/** Rejects when this user may not read and write a device. */
	readonly mayUse?: (device: string) => Promise<void>;
	/** Who asks; the user of this process when not given. */
	readonly user?: string;
	/** Whether this process itself counts as one that has a port open. */
	readonly countsItself?: boolean;
}

export const ACCESS_FOLDERS: AccessFolders = { groups: "/etc/group", processes: "/proc" };

/** Programs that only run another one: its name says more. */
const RUNTIMES = /^(node|nodejs|python[\d.]*|perl|ruby|sh|bash)$/;

/** What stands in the way of opening a port; looks, and does not open it. Never rejects. */
export async function portAccess(port: string, folders: AccessFolders = ACCESS_FOLDERS): Promise<PortAccess> {
	// On Windows a port is no file: only opening tells.
	if (!port.startsWith("/")) return { kind: "free" };
	const device = await realpath(port).catch(() => null);
	if (device === null) return { kind: "missing" };
	try {
		await (folders.mayUse ?? isAllowed)(device);
	} catch {
		return { kind: "no-permission", ...(await groupOf(device, folders)) };
	}
	const holder = await holderOf(device, folders);
	return holder ? { kind: "busy", ...holder } : { kind: "free" };
}

const isAllowed = (device: string) => access(device, constants.R_OK | constants.W_OK);

/** Name of the user this process runs as; null for one without an entry, as in some containers. */
export function userName(): string | null {
	try {
		return userInfo().username;
	} catch {
		return null;
	}
}

/** The group whose members may read and write a device. */
async function groupOf(device: string, folders: AccessFolders): Promise<{ readonly group: string | null; readonly joined: boolean }> {
	try {
		const [{ gid, mode }, text] = await Promise.all([stat(device), readFile(folders.groups, "utf8")]);
		// name:password:number:members (group(5)).
		const [group = null, , , members = ""] =
			text
				.split("\n")
				.map((line) => line.split(":"))
				.find((fields) => fields[2] === String(gid)) ?? [];
		const forGroup = constants.S_IRGRP | constants.S_IWGRP;
		if (group === null || (mode & forGroup) !== forGroup) return { group: null, joined: false };
		return { group, joined: members.split(",").includes(folders.user ?? userName() ?? "") };
	} catch {
		return { group: null, joined: false };
	}
}

/**
 * The process that has a device open, as far as this user may see it (Linux). Of several, the one that has locked it;
 * this process comes last.
 */
async function holderOf(device: string, { processes, countsItself = false }: AccessFolders) {
	const [entries, lockers] = await Promise.all([readdir(processes).catch(() => []), lockersOf(device, processes)]);
	const numbers = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
	const others = numbers.filter((pid) => pid !== process.pid);
	const [first, second] = [others.filter((pid) => lockers.has(pid)), others.filter((pid) => !lockers.has(pid))];
	for (const pid of [...first, ...second, ...(countsItself ? numbers.filter((own) => own === process.pid) : [])]) {
		const folder = join(processes, String(pid));
		const open = await readdir(join(folder, "fd")).catch(() => []);
		for (const fd of open) {
			const target = await readlink(join(folder, "fd", fd)).catch(() => "");
			if (target === device) return { program: await programOf(folder), pid };
		}
	}
	return null;
}

/** Processes that have locked a device with flock(2), as serial programs do: `1: FLOCK ADVISORY WRITE 4711 00:19:6 0 EOF`. */
async function lockersOf(device: string, processes: string): Promise<ReadonlySet<number>> {
	const [locks, inode] = await Promise.all([
		readFile(join(processes, "locks"), "utf8").catch(() => ""),
		stat(device).then(
			({ ino }) => ino,
			() => null,
		),
	]);
	const fields = locks.split("\n").map((line) => line.trim().split(/\s+/));
	return new Set(fields.filter(([, , , , , place = ""]) => place.split(":")[2] === String(inode)).map(([, , , , pid]) => Number(pid)));
}

/** Name of a program, with the script it runs. Nothing else of its command line: that may hold a password. */
async function programOf(folder: string): Promise<string> {
	const [comm, line] = await Promise.all(["comm", "cmdline"].map((name) => readFile(join(folder, name), "utf8").catch(() => "")));
	const [called = "", ...given] = (line ?? "").split("\0");
	const name = comm?.trim() || basename(called) || "?";
	if (!RUNTIMES.test(basename(called))) return name;
	// Of the short options only Python's -m is followed by a name; -c and -e are followed by a whole program.
	const first = given.find((argument) => !argument.startsWith("--") && argument !== "-m");
	return first === undefined || first === "" || first.startsWith("-") ? name : `${basename(called)} ${basename(first)}`;
}
