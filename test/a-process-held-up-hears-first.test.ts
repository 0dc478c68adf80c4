import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { systemClock } from "../src/clock.ts";

/** Holds this process up, as a machine does that is busy with something else. */
function holdUp(ms: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("after the process was held up, what arrived meanwhile is heard before a time-out counts", async () => {
	const server = createServer((socket) => {
		socket.on("data", () => {
			events.push("answer");
			cancel();
		});
	});
	const events: string[] = [];
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	const sender = connect(typeof address === "object" && address !== null ? address.port : 0, "127.0.0.1");
	await Promise.all([once(sender, "connect"), once(server, "connection")]);
	let cancel = () => {};
	const over = new Promise<void>((resolve) => {
		cancel = systemClock.after(30, () => events.push("time-out"));
		systemClock.after(200, resolve);
	});
	sender.write("answer");
	holdUp(100);
	await over;
	expect(events).toEqual(["answer"]);
	sender.destroy();
	server.close();
});

test("a timer comes at its time, and not after it was cancelled, also when it waits a moment more", async () => {
	const events: string[] = [];
	await new Promise<void>((resolve) => {
		const cancel = systemClock.after(5, () => events.push("cancelled"));
		systemClock.after(1, () => events.push("late"));
		holdUp(60);
		setTimeout(cancel, 1);
		systemClock.after(100, resolve);
	});
	expect(events).toEqual(["late"]);
});
