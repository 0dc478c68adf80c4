import { expect, it } from "vitest";
import { realTools } from "../../nodes/rack-battery/rack-battery.ts";
import { PasswordBrake } from "../../src/bms/command/password-brake.ts";
import { silentLogger } from "../../src/logger.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { CALLER, codeOf, openCommands, PASSWORD } from "./fake-battery.ts";

it("wrong passwords wait longer and longer, up to five minutes; a right one ends it", async () => {
	const clock = new ManualClock();
	const brake = new PasswordBrake(clock);
	const waits: number[] = [];
	for (let n = 0; n < 12; n += 1) {
		await brake.check(async () => false).catch(() => undefined);
		waits.push(brake.waitMs / 1000);
		await clock.advance(brake.waitMs);
	}
	expect(waits).toEqual([0, 0, 5, 10, 20, 40, 80, 160, 300, 300, 300, 300]);
	await brake.check(async () => true);
	await brake.check(async () => false).catch(() => undefined);
	expect(brake.waitMs).toBe(0);
});

it("a clock that is set back locks nobody out for longer than the longest wait", async () => {
	let now = 1_000_000_000;
	const brake = new PasswordBrake({ now: () => now, after: () => () => {} });
	for (let n = 0; n < 3; n += 1) await brake.check(async () => false).catch(() => undefined);
	expect(brake.waitMs).toBe(5_000);
	now -= 900_000_000;
	expect(brake.waitMs).toBe(300_000);
});

it("whoever guesses at one bank waits at all that share the password, also at once", async () => {
	const clock = new ManualClock();
	const brake = new PasswordBrake(clock);
	const banks = [openCommands({ brake }), openCommands({ brake }), openCommands({ brake })];
	for (const { store } of banks) store.known = PASSWORD;
	const looks = () => banks.reduce((sum, { store }) => sum + store.looks, 0);
	const arm = (at: number, password: string) =>
		codeOf(banks[at]?.commands.arm({ class: "control", password, caller: CALLER }) ?? Promise.resolve());
	const guesses = await Promise.all(Array.from({ length: 12 }, (_, n) => arm(n % 3, `guess ${n}`)));
	expect(new Set(guesses)).toEqual(new Set(["wrong-password", "busy"]));
	expect(looks()).toBe(3);
	// The right one waits too, at the bank where nobody has guessed last.
	expect(await arm(2, PASSWORD)).toBe("wrong-password");
	expect(looks()).toBe(3);
	await clock.advance(5_000);
	expect(await arm(1, PASSWORD)).toBe("resolved");
	for (const { commands } of banks) commands.close();
});

it("the banks of one server share it", () => {
	const { commandStore } = realTools();
	const brakes = ["cellar", "shed"].map((bank) => commandStore("/nowhere", bank, "real", silentLogger).brake);
	expect(brakes[0]).toBeInstanceOf(PasswordBrake);
	expect(brakes[1]).toBe(brakes[0]);
});
