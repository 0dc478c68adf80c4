import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { CommandError } from "../errors.ts";
import type { CliIo } from "./cli-io.ts";

/** Asks the person at the terminal; where there is none, the answers are the lines of the standard input, in order. */
export class Questions {
	readonly #io: CliIo;
	#lines: { readonly input: Interface; readonly iterator: AsyncIterator<string> } | null = null;

	constructor(io: CliIo) {
		this.#io = io;
	}

	get #isTerminal(): boolean {
		return (this.#io.stdin as { readonly isTTY?: boolean }).isTTY === true;
	}

	/** An answer; "" where the input has ended. `hidden`: it is not shown while it is typed. */
	ask(question: string, options: { readonly hidden?: true } = {}): Promise<string> {
		return this.#isTerminal ? this.#askTerminal(question, options.hidden === true) : this.#nextLine();
	}

	/** Whether "yes" was answered. */
	async isYes(question: string): Promise<boolean> {
		return /^yes$/i.test((await this.ask(`${question} Type yes: `)).trim());
	}

	close(): void {
		this.#lines?.input.close();
		if (this.#lines !== null) this.#io.stdin.pause();
		this.#lines = null;
	}

	#askTerminal(question: string, isHidden: boolean): Promise<string> {
		const { stdin, stderr } = this.#io;
		// Readline itself writes what is typed: to nowhere, when it is hidden. Shown, the question is its own, to be there after a correction.
		const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
		const input = createInterface({ input: stdin, output: isHidden ? silence : stderr, terminal: true, prompt: isHidden ? "" : question });
		if (isHidden) stderr.write(question);
		else input.prompt();
		return new Promise((resolve, reject) => {
			// Closing says that the input has ended: whoever closes it has settled before.
			input.once("SIGINT", () => {
				reject(new CommandError("cancelled", "Ended before anything was changed."));
				input.close();
			});
			input.once("line", (line) => {
				resolve(line);
				input.close();
			});
			input.once("close", () => {
				if (isHidden) stderr.write("\n");
				resolve("");
			});
		});
	}

	async #nextLine(): Promise<string> {
		if (this.#lines === null) {
			const input = createInterface({ input: this.#io.stdin, crlfDelay: Number.POSITIVE_INFINITY });
			this.#lines = { input, iterator: input[Symbol.asyncIterator]() };
		}
		const next = await this.#lines.iterator.next();
		return next.done === true ? "" : next.value;
	}
}
