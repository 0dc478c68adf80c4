import { expect, it } from "vitest";
import { openCommandedBank } from "./commanded-bank.ts";
import { CALLER, PASSWORD } from "./fake-battery.ts";

async function sentToSleep(loadW: number) {
	const bench = openCommandedBank({ classes: ["control"], loadW });
	await bench.online();
	bench.store.known = PASSWORD;
	const { commands } = bench.bank;
	if (commands === undefined) throw new Error("no commands");
	await commands.arm({ class: "control", password: PASSWORD, caller: CALLER });
	const result = await bench.whileWaiting(commands.run({ command: "shut-down", arguments: {}, caller: CALLER }));
	expect(result).toMatchObject({ confirmed: null });
	expect(result.text).toMatch(/asleep \(expected\)/);
	const askedUntilThen = bench.written.length;
	await bench.clock.advance(30_000);
	const asked = bench.written.length - askedUntilThen;
	const { state, problem } = bench.bank.snapshot.link;
	await bench.close();
	return { asked, state, problem };
}

it("a pack sent to sleep is not woken by the next question, and its silence is no trouble", async () => {
	expect(await sentToSleep(0)).toEqual({ asked: 0, state: "asleep", problem: null });
});

it("a pack with current starts again at once and is read on", async () => {
	const { asked, state } = await sentToSleep(2000);
	expect(asked).toBeGreaterThan(20);
	expect(state).toBe("online");
});
