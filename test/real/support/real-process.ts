import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How a process ended, and how long after it was asked to. */
export interface Ending {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	/** Milliseconds from the signal to the end. */
	readonly tookMs: number;
}

/** A real process that a test started: its output is kept, it is ended by its own pid. */
export interface RealProcess {
	readonly pid: number;
	/** What it has printed so far, both streams mixed as they came. */
	output(): string;
	/** The first printed line that matches, also one already printed; rejects with the output when it ends or takes too long. */
	line(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
	readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
	/** Sends the signal and waits for the end; after `withinMs` it is killed and the promise rejects. */
	end(signal?: NodeJS.Signals, withinMs?: number): Promise<Ending>;
}

export interface ProcessOptions {
	readonly cwd: string;
	readonly env?: NodeJS.ProcessEnv;
	/** Signals go to the process and all it has started, as Ctrl-C in a terminal does. */
	readonly asTerminal?: boolean;
}

/** What signals go to: a process by its pid, or a process with all it has started by its negative pid. */
const running = new Set<number>();
process.on("exit", () => {
	for (const target of running) signalQuietly(target, "SIGKILL");
});

function signalQuietly(target: number, signal: NodeJS.Signals): void {
	try {
		process.kill(target, signal);
	} catch {
		// It has ended meanwhile, which is all that is wanted.
	}
}

/** The environment of a user's shell: what the test runner adds must not change how the product behaves. */
export function userEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
	const inherited = Object.entries(process.env).filter(
		([name]) => !/^(RACK_BATTERY_|VITEST|NODE_ENV$|TEST$|MODE$|PROD$|DEV$|SSR$|BASE_URL$)/.test(name),
	);
	return { ...Object.fromEntries(inherited), ...extra };
}

/** Starts a process without standard input. Rejects when it cannot be started at all. */
export async function startProcess(command: string, args: readonly string[], options: ProcessOptions): Promise<RealProcess> {
	const child = spawn(command, args, {
		cwd: options.cwd,
		env: options.env ?? userEnvironment(),
		stdio: ["ignore", "pipe", "pipe"],
		detached: options.asTerminal === true,
	});
	const lines: string[] = [];
	const listeners = new Set<(line: string) => void>();
	const take = (line: string) => {
		lines.push(line);
		for (const listener of listeners) listener(line);
	};
	createInterface(child.stdout).on("line", take);
	createInterface(child.stderr).on("line", take);
	const output = () => lines.join("\n");
	let target = 0;
	const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
		child.once("close", (code, signal) => {
			running.delete(target);
			resolve({ code, signal });
		});
	});
	await new Promise<void>((resolve, reject) => {
		child.once("spawn", resolve);
		child.once("error", (cause) => reject(new Error(`${command} does not start`, { cause })));
	});
	const pid = child.pid;
	if (pid === undefined) throw new Error(`${command} has no pid`);
	target = options.asTerminal === true ? -pid : pid;
	running.add(target);
	const shown = `${command} ${args.join(" ")}`;

	return {
		pid,
		output,
		ended,
		line(pattern, timeoutMs = 15_000) {
			for (const line of lines) {
				const match = line.match(pattern);
				if (match) return Promise.resolve(match);
			}
			return new Promise((resolve, reject) => {
				const finish = (act: () => void) => {
					clearTimeout(timer);
					listeners.delete(look);
					act();
				};
				const fail = (why: string) => finish(() => reject(new Error(`${shown}: no line like ${pattern} ${why}. It printed:\n${output()}`)));
				const look = (line: string) => {
					const match = line.match(pattern);
					if (match) finish(() => resolve(match));
				};
				const timer = setTimeout(() => fail(`within ${timeoutMs} ms`), timeoutMs);
				listeners.add(look);
				void ended.then(({ code, signal }) => fail(`before it ended (${code ?? signal})`));
			});
		},
		async end(signal = "SIGTERM", withinMs = 5000) {
			const asked = performance.now();
			if (running.has(target)) signalQuietly(target, signal);
			let late = false;
			const timer = setTimeout(() => {
				late = true;
				signalQuietly(target, "SIGKILL");
			}, withinMs);
			const { code, signal: by } = await ended;
			clearTimeout(timer);
			if (late) throw new Error(`${shown}: did not end within ${withinMs} ms of ${signal}. It printed:\n${output()}`);
			return { code, signal: by, tookMs: performance.now() - asked };
		},
	};
}
