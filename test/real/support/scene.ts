import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

/** What a test starts or makes, ended and removed in reverse order however the test went. */
export class Scene {
	readonly #endings: (() => Promise<unknown> | unknown)[] = [];

	/** Remembers how to end something; every ending runs, also after one that failed. */
	onEnd(ending: () => Promise<unknown> | unknown): void {
		this.#endings.push(ending);
	}

	/** An empty folder that is removed at the end. */
	async folder(): Promise<string> {
		const folder = await mkdtemp(join(tmpdir(), "rack-battery-real-"));
		this.onEnd(() => rm(folder, { recursive: true, force: true }));
		return folder;
	}

	async end(): Promise<void> {
		const failures: unknown[] = [];
		for (const ending of this.#endings.splice(0).reverse()) {
			try {
				await ending();
			} catch (failure) {
				failures.push(failure);
			}
		}
		if (failures.length > 0) throw new AggregateError(failures, `ending the test failed: ${failures.map(String).join("; ")}`);
	}
}

/** A port of the loopback address that nobody listens on now. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
		});
	});
}

/**
 * Asks until the answer is there: for things in other processes that announce nothing (a page that begins to
 * answer, a state behind an HTTP API). A failing question counts as "not yet"; the last failure is in the message.
 */
export async function eventually<T>(
	what: string,
	ask: () => Promise<T | null | undefined | false> | T | null | undefined | false,
	timeoutMs = 15_000,
): Promise<T> {
	const deadline = performance.now() + timeoutMs;
	let last: unknown = "no answer yet";
	for (;;) {
		try {
			const answer = await ask();
			if (answer !== null && answer !== undefined && answer !== false) return answer;
			last = "not so yet";
		} catch (failure) {
			last = failure;
		}
		if (performance.now() > deadline)
			throw new Error(`${what}: not within ${timeoutMs} ms (${last instanceof Error ? last.message : String(last)})`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
