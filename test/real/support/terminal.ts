import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commandLine } from "./rack-battery.ts";
import { userEnvironment } from "./real-process.ts";
import type { Scene } from "./scene.ts";

/** A person at a terminal: a true pseudo terminal (by socat), in which keys are pressed and Ctrl-C is a signal of the system. */
export interface Terminal {
	/** All that can be read on it, also what the terminal itself shows of the keys. */
	screen(): string;
	/** Waits until something new can be read that matches; the keys of `then` are pressed at once. */
	sees(pattern: RegExp, then?: string): Promise<void>;
	/** The exit code of the command, when it has ended. */
	exit(): Promise<number>;
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
const LONGEST_WAIT_MS = 20_000;

/** Runs `rack-battery` with these arguments in a terminal. */
export async function atTerminal(scene: Scene, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Terminal> {
	const cwd = await scene.folder();
	const words = [process.execPath, commandLine, ...args].map(quoted).join(" ");
	// The shell survives Ctrl-C to tell how the command ended.
	await writeFile(join(cwd, "run.sh"), `trap : INT\n${words}\necho "[ended with $?]"\n`);
	const child = spawn("socat", ["-", "EXEC:sh run.sh,pty,setsid,ctty,stderr"], {
		cwd,
		env: userEnvironment({ TERM: "xterm", ...env }),
		stdio: ["pipe", "pipe", "inherit"],
	});
	const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
	scene.onEnd(async () => {
		child.kill("SIGKILL");
		await ended;
	});
	let screen = "";
	let seen = 0;
	const waiting = new Set<() => void>();
	child.stdout.on("data", (chunk: Buffer) => {
		screen += chunk.toString();
		for (const look of [...waiting]) look();
	});
	const sees = (pattern: RegExp) =>
		new Promise<RegExpExecArray>((resolve, reject) => {
			const end = () => {
				clearTimeout(timer);
				waiting.delete(look);
			};
			const look = () => {
				const match = pattern.exec(screen.slice(seen));
				if (match === null) return;
				seen += match.index + match[0].length;
				end();
				resolve(match);
			};
			const timer = setTimeout(() => {
				end();
				reject(new Error(`nothing like ${pattern} on the terminal within ${LONGEST_WAIT_MS} ms. It shows:\n${screen}`));
			}, LONGEST_WAIT_MS);
			waiting.add(look);
			look();
		});
	return {
		screen: () => screen,
		async sees(pattern, then) {
			await sees(pattern);
			if (then !== undefined) child.stdin.write(then);
		},
		exit: async () => Number((await sees(/\[ended with (\d+)\]/))[1]),
	};
}
