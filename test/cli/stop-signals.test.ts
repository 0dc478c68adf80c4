import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { Shutdown } from "../../src/cli/shutdown.ts";
import { takeStopSignals } from "../../src/cli/stop-signals.ts";
import { silentLogger } from "../../src/logger.ts";

it("the first Ctrl-C asks for an end, its echo through npm does not count, a second one ends at once", async () => {
	const source = new EventEmitter();
	let now = 0;
	let seconds = 0;
	const signals = takeStopSignals(
		() => seconds++,
		source,
		() => now,
	);
	source.emit("SIGINT");
	await signals.first;
	now = 100;
	source.emit("SIGINT");
	expect(seconds).toBe(0);
	now = 1000;
	source.emit("SIGTERM");
	expect(seconds).toBe(1);
	signals.release();
	expect(source.eventNames()).toEqual([]);
});

it("everything ends, the newest first, even when a part fails or hangs", async () => {
	const ended: string[] = [];
	const warnings: string[] = [];
	const shutdown = new Shutdown({ ...silentLogger, warn: (text) => warnings.push(text) });
	shutdown.add("The first", () => void ended.push("first"));
	shutdown.add("The hanging", () => new Promise(() => {}));
	shutdown.add("The failing", () => Promise.reject(new Error("no")));
	shutdown.add("The last", () => void ended.push("last"));
	await Promise.all([shutdown.run(10), shutdown.run(10)]);
	expect(ended).toEqual(["last", "first"]);
	expect(warnings).toEqual(["The failing did not end cleanly: no", "The hanging did not end cleanly: it took longer than 10 ms"]);
});
