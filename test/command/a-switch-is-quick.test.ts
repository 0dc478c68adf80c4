import { expect, it } from "vitest";
import { openCommandedBank } from "./commanded-bank.ts";

/** Seconds from the command to what the battery then says, on a line of 9600 baud that is polled all the time. */
it.each([
	[1, 0.8],
	[15, 1.8],
])("is written and read back with %i packs within %f s", async (packs, limit) => {
	const { bank, clock, whileWaiting, online, close } = openCommandedBank({ classes: ["comfort"], packs });
	await online();
	const took: number[] = [];
	for (let n = 0; n < 40; n += 1) {
		// At another moment of the poll cycle each time.
		await clock.advance(137 * (n + 1) + 1_000);
		const start = clock.now();
		const result = await whileWaiting(
			bank.commands?.run({ command: "switch", arguments: { switch: "buzzer", on: n % 2 === 0 }, caller: { kind: "cli", id: "test" } }) ??
				Promise.reject(new Error("no commands")),
		);
		expect(result).toMatchObject({ confirmed: true, value: n % 2 === 0 });
		took.push((clock.now() - start) / 1000);
	}
	await close();
	const sorted = took.sort((a, b) => a - b);
	console.info(`A switch with ${packs} packs: median ${sorted[20]?.toFixed(2)} s, longest ${sorted.at(-1)?.toFixed(2)} s`);
	expect(sorted.at(-1)).toBeLessThanOrEqual(limit);
});
