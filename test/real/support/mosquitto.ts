import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type RealProcess, startProcess } from "./real-process.ts";
import { freePort, type Scene } from "./scene.ts";

/** A Mosquitto of this machine's package on a loopback port. */
export interface RunningMosquitto {
	readonly port: number;
	/** mqtt:// address without user and password. */
	readonly url: string;
	readonly process: RealProcess;
}

const binary = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"].find((path) => existsSync(path));

export interface MosquittoOptions {
	/** With `password`: nobody else is let in. */
	readonly user?: string;
	readonly password?: string;
	/** The port of one that was ended before. */
	readonly port?: number;
	/** Folder where it keeps retained messages over its end; without one it forgets them. */
	readonly keepsIn?: string;
}

/** Starts Mosquitto 2. */
export async function startMosquitto(scene: Scene, options: MosquittoOptions = {}): Promise<RunningMosquitto> {
	if (binary === undefined) throw new Error("mosquitto is not installed: apt-get install mosquitto");
	const folder = await scene.folder();
	const port = options.port ?? (await freePort());
	const persistence =
		options.keepsIn === undefined ? ["persistence false"] : ["persistence true", `persistence_location ${options.keepsIn}/`];
	const lines = [`listener ${port} 127.0.0.1`, ...persistence, "log_dest stderr", "log_type all", "connection_messages true"];
	// Started as root it would change to a user of its own, who cannot read the temporary folder.
	if (process.getuid?.() === 0) lines.push("user root");
	if (options.user === undefined) {
		lines.push("allow_anonymous true");
	} else {
		const passwords = join(folder, "passwords");
		const made = spawnSync("mosquitto_passwd", ["-b", "-c", passwords, options.user, options.password ?? ""], { encoding: "utf8" });
		if (made.status !== 0) throw new Error(`mosquitto_passwd: ${made.stderr}${made.error ?? ""}`);
		lines.push("allow_anonymous false", `password_file ${passwords}`);
	}
	const file = join(folder, "mosquitto.conf");
	await writeFile(file, `${lines.join("\n")}\n`);
	const running = await startProcess(binary, ["-c", file], { cwd: folder });
	scene.onEnd(() => running.end());
	await running.line(/mosquitto version 2\.\S+ running/);
	return { port, url: `mqtt://127.0.0.1:${port}`, process: running };
}
