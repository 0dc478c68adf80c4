import { describe, expect, it } from "vitest";
import { ask, bankWith, bytes } from "./simulated.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const COUNT = "~250146900000FDA5";

function asleep() {
	const made = bankWith({ packs: 1 });
	const pack = () => made.control.state().packs[0];
	return { ...made, presence: () => pack()?.presence, because: () => pack()?.asleepBecause };
}

const shutDown = bytes("~2501469C0000FD92\r");

/** The rules of the manual, §5.2.5. */
describe("a simulated pack falls asleep", () => {
	it("30 s after an over-discharge protection that is not released, and not before", async () => {
		const { control, clock, because } = asleep();
		control.setCell(1, 5, 2.4);
		await clock.advance(29_000);
		expect(because()).toBeNull();
		await clock.advance(3000);
		expect(because()).toBe("over-discharge");
	});

	it("with a low cell for the sleep delay, while nobody asks and nothing flows", async () => {
		const { bank, control, clock, because } = asleep();
		control.setCell(1, 5, 3.05);
		for (let n = 0; n < 4; n += 1) {
			await clock.advance(4 * MINUTE);
			ask(bank, COUNT);
		}
		expect(because(), "a question keeps it awake").toBeNull();
		await clock.advance(4 * MINUTE);
		expect(because()).toBeNull();
		await clock.advance(2 * MINUTE);
		expect(because()).toBe("low-cell");
	});

	it("after 24 h of standby, which a question begins anew", async () => {
		const { bank, clock, because } = asleep();
		await clock.advance(20 * HOUR);
		ask(bank, COUNT);
		await clock.advance(23 * HOUR);
		expect(because()).toBeNull();
		await clock.advance(2 * HOUR);
		expect(because()).toBe("standby");
	});

	it("by its key and by software; while it carries a current software only restarts it", () => {
		const { bank, control, presence, because } = asleep();
		control.pressKey(1);
		expect(because()).toBe("key");
		control.pressKey(1);
		expect(presence()).toBe("present");
		control.setLoad(500);
		const records = () => control.state().packs[0]?.records ?? 0;
		const before = records();
		bank.answer(shutDown);
		expect(presence()).toBe("present");
		expect(records()).toBe(before + 1);
		control.setLoad(0);
		bank.answer(shutDown);
		expect(because()).toBe("shutdown");
	});

	it("not while a charger is there", async () => {
		const { control, clock, presence } = asleep();
		control.setCharger(1000);
		control.pressKey(1);
		expect(presence()).toBe("present");
		await clock.advance(30 * HOUR);
		expect(presence()).toBe("present");
	});
});

describe("a simulated pack wakes", () => {
	it("by a question over RS232, which stays unanswered", async () => {
		const { bank, control, clock, presence } = asleep();
		control.pressKey(1);
		expect(ask(bank, COUNT)).toBeNull();
		await clock.advance(4000);
		expect(ask(bank, COUNT)).not.toBeNull();
		expect(presence()).toBe("present");
	});

	it("not by a question over RS485", async () => {
		const { bank, control, clock } = bankWith({ packs: 1, protocol: "ascii-0x25-rs485" });
		control.pressKey(1);
		expect(ask(bank, COUNT)).toBeNull();
		await clock.advance(10_000);
		expect(ask(bank, COUNT)).toBeNull();
	});

	it("by a charger", async () => {
		const { control, clock, presence } = asleep();
		control.pressKey(1);
		control.setCharger(500);
		await clock.advance(1000);
		expect(presence()).toBe("present");
	});

	it("every 4 h after an over-discharge, ten times and no more", async () => {
		const { control, clock, presence } = asleep();
		control.setCell(1, 5, 2.4);
		let attempts = 0;
		let was = presence();
		let lastAttempt = 0;
		await clock.advance(MINUTE);
		was = presence();
		for (let seconds = 0; seconds < 60 * 3600; seconds += 20) {
			await clock.advance(20_000);
			const now = presence();
			if (was === "asleep" && now === "present") {
				attempts += 1;
				lastAttempt = seconds / 3600;
			}
			was = now;
		}
		expect(attempts).toBe(10);
		expect(lastAttempt).toBeGreaterThan(39);
		expect(lastAttempt).toBeLessThan(41);
		expect(was).toBe("asleep");
	});
});
