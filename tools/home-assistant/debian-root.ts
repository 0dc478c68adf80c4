import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandFailed, programPath, run } from "./command.ts";

/**
 * Home Assistant wants a newer Python than most machines have, and Debian's next release has it: a small Debian of
 * its own in a folder, with Home Assistant inside. Entering it (chroot) and making it (debootstrap) need root.
 */

/** The release with Python 3.14. */
const SUITE = "forky";
const MIRROR = process.env.DEBIAN_MIRROR ?? "http://deb.debian.org/debian";
const PACKAGES = "python3,python3-venv,python3-pip,ca-certificates,tzdata";
/** debootstrap goes by a script of the release's name; older ones have none for this release, and all releases share this script. */
const DEBOOTSTRAP_SCRIPT = "/usr/share/debootstrap/scripts/sid";
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
const VENV = "/opt/home-assistant";
const MINUTES = 60_000;

/** Where the tests make their folders, seen from outside below the root. */
const HOUSES = "srv";

/** Home Assistant's program, as it is called inside the root. */
export const HASS = `${VENV}/bin/hass`;

/** Environment for programs inside: the machine's proxy and registry settings, with paths that exist there. */
export function insideEnvironment(): NodeJS.ProcessEnv {
	return { ...process.env, PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/tmp", LANG: "C.UTF-8", PIP_FIND_LINKS: "" };
}

/** Why no root can be made or entered here, in words; null when it can. */
export async function whyNoRoot(): Promise<string | null> {
	if (process.platform !== "linux") return `A Debian root runs on Linux only; this is ${process.platform}.`;
	if (process.getuid?.() !== 0) return "Making and entering a Debian root (debootstrap, chroot) needs to be run as root.";
	return null;
}

/** Runs a program inside the root. */
function inside(root: string, command: string, args: readonly string[], timeoutMs = 10 * MINUTES): Promise<string> {
	return run("chroot", [root, command, ...args], { env: insideEnvironment(), timeoutMs });
}

/** Version of the Home Assistant inside; null when there is none that runs. */
export async function versionInside(root: string): Promise<string | null> {
	if (!existsSync(join(root, HASS))) return null;
	return inside(root, HASS, ["--version"], MINUTES).then(
		(version) => version.trim(),
		() => null,
	);
}

/** Removes what runs that were broken off left inside; what is younger than a day may be of one that goes on. */
export async function tidy(root: string): Promise<void> {
	const folder = join(root, HOUSES);
	for (const name of await readdir(folder).catch(() => [])) {
		const { mtimeMs } = await stat(join(folder, name));
		if (Date.now() - mtimeMs > 24 * 60 * MINUTES) await rm(join(folder, name), { recursive: true, force: true });
	}
}

/** Installs packages of this machine's distribution that are missing. Rejects with CommandFailed where it cannot. */
export async function installFromDistribution(program: string, packages: readonly string[], say: (line: string) => void): Promise<void> {
	if ((await programPath(program)) !== null) return;
	if ((await programPath("apt-get")) === null || process.getuid?.() !== 0)
		throw new CommandFailed(`${program} is not installed, and only root on Debian or Ubuntu can have it installed here.`);
	say(`installing ${packages.join(" ")} from this machine's distribution`);
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
	const options = ["-o", "DPkg::Lock::Timeout=120"];
	await run("apt-get", [...options, "update", "-qq"], { env, timeoutMs: 5 * MINUTES });
	await run("apt-get", [...options, "install", "-y", "-qq", "--no-install-recommends", ...packages], { env, timeoutMs: 5 * MINUTES });
}

/**
 * Makes the root with the newest Home Assistant beside `root` and puts it in its place when it is whole, so that an
 * interrupted making leaves nothing half done. Rejects with CommandFailed.
 */
export async function makeRoot(root: string, say: (line: string) => void): Promise<void> {
	const fresh = `${root}.fresh-${process.pid}`;
	try {
		await mkdir(fresh, { recursive: true });
		await fill(fresh, say);
		await rm(root, { recursive: true, force: true });
		await rename(fresh, root);
	} finally {
		await rm(fresh, { recursive: true, force: true });
	}
}

async function fill(root: string, say: (line: string) => void): Promise<void> {
	await installFromDistribution("debootstrap", ["debootstrap", "debian-archive-keyring"], say);
	say(`making a Debian ${SUITE} with Python 3.14 (about a minute)`);
	const debootstrap = (await programPath("debootstrap")) ?? "debootstrap";
	await run(debootstrap, ["--variant=minbase", `--include=${PACKAGES}`, SUITE, root, MIRROR, DEBOOTSTRAP_SCRIPT], {
		env: { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` },
		timeoutMs: 15 * MINUTES,
	});
	for (const file of [CERTIFICATES, "/etc/hosts"]) if (existsSync(file)) await copyFile(file, join(root, file));
	say("installing the newest Home Assistant");
	await inside(root, "/usr/bin/python3", ["-m", "venv", VENV]);
	await reachingOut(root, async () => {
		// pip gives up on Home Assistant's dependencies; uv, which Home Assistant itself uses, does not.
		await inside(root, `${VENV}/bin/pip`, ["install", "--quiet", "--no-cache-dir", "uv"]);
		await installInside(root, ["homeassistant"]);
	});
	await complete(root, say);
	await rm(join(root, "var/cache/apt"), { recursive: true, force: true });
}

const installInside = (root: string, packages: readonly string[]) =>
	inside(root, `${VENV}/bin/uv`, ["pip", "install", "--quiet", "--no-cache", "-p", VENV, ...packages]);

/** Installs what the checks need beside Home Assistant and is not there yet: all in a new root, little or nothing in a kept one. */
export async function complete(root: string, say: (line: string) => void): Promise<void> {
	const script = "tmp/requirements.py";
	await copyFile(fileURLToPath(new URL("requirements.py", import.meta.url)), join(root, script));
	const missing = (await inside(root, `${VENV}/bin/python`, [`/${script}`])).split("\n").filter((line) => line !== "");
	if (missing.length === 0) return;
	say(`installing ${missing.length} packages that the checks need beside Home Assistant`);
	await reachingOut(root, () => installInside(root, missing));
}

/** Programs inside find hosts outside only while something is installed. */
async function reachingOut(root: string, install: () => Promise<unknown>): Promise<void> {
	const names = "/etc/resolv.conf";
	try {
		if (existsSync(names)) await copyFile(names, join(root, names));
		await install();
	} finally {
		await writeFile(join(root, names), "");
	}
}
