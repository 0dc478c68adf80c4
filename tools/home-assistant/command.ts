import { spawn } from "node:child_process";

/** A command that failed; the message ends with the last of what it printed. */
export class CommandFailed extends Error {}

export interface CommandOptions {
	readonly env?: NodeJS.ProcessEnv;
	/** Longest time, ms; then it is ended. */
	readonly timeoutMs?: number;
}

/** Runs a command to its end, quietly; the result is what it printed. Rejects with CommandFailed. */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, {
			stdio: ["ignore", "pipe", "pipe"],
			env: options.env ?? process.env,
			...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
		});
		let stdout = "";
		let tail = "";
		const take = (chunk: Buffer) => {
			tail = (tail + chunk.toString("utf8")).slice(-4000);
		};
		child.stdout.on("data", (chunk: Buffer) => {
			stdout += chunk.toString("utf8");
			take(chunk);
		});
		child.stderr.on("data", take);
		const shown = `${command} ${args.join(" ")}`;
		child.once("error", (cause) => reject(new CommandFailed(`${shown}: ${cause.message}`, { cause })));
		child.once("close", (code, signal) => {
			if (code === 0) resolve(stdout);
			else reject(new CommandFailed(`${shown} ended with ${code ?? signal}:\n${tail.split("\n").slice(-15).join("\n").trim()}`));
		});
	});
}

/** Where a program lies; null when it is not installed. */
export async function programPath(name: string): Promise<string | null> {
	const env = { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` };
	return run("sh", ["-c", `command -v ${name}`], { env }).then(
		(path) => path.trim(),
		() => null,
	);
}
