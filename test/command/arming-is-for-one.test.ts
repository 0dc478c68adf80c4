import { describe, expect, it } from "vitest";
import { ARMED_MS, DISARMED, isArmed, nextArming } from "../../src/bms/command/arming.ts";
import { Armory } from "../../src/bms/command/armory.ts";
import { PasswordBrake } from "../../src/bms/command/password-brake.ts";
import { silentLogger } from "../../src/logger.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { CALLER, codeOf, MemoryStore, openCommands, PASSWORD } from "./fake-battery.ts";

const OTHER = { kind: "http", id: "other" } as const;
const armed = (at = 0) => nextArming(DISARMED, { type: "armed", class: "control", caller: CALLER, at });

describe("arming", () => {
	it("holds for one class and one caller, for five minutes", () => {
		const arming = armed();
		expect(isArmed(arming, "control", CALLER, 0)).toBe(true);
		expect(isArmed(arming, "control", CALLER, ARMED_MS - 1)).toBe(true);
		expect(isArmed(arming, "control", CALLER, ARMED_MS)).toBe(false);
		expect(isArmed(arming, "parameter", CALLER, 0)).toBe(false);
		expect(isArmed(arming, "control", OTHER, 0)).toBe(false);
		expect(nextArming(arming, { type: "time", at: ARMED_MS }).armed).toBeNull();
	});

	it("ends the one before, and is ended only by its own caller", () => {
		const next = nextArming(armed(), { type: "armed", class: "parameter", caller: OTHER, at: 1 });
		expect(isArmed(next, "control", CALLER, 1)).toBe(false);
		expect(isArmed(next, "parameter", OTHER, 1)).toBe(true);
		expect(isArmed(nextArming(next, { type: "disarmed", caller: CALLER }), "parameter", OTHER, 1)).toBe(true);
		expect(nextArming(next, { type: "disarmed", caller: OTHER }).armed).toBeNull();
	});
});

describe("the administrator's password", () => {
	it("is not even looked at while somebody has to wait, however many ask at once", async () => {
		const { commands, store, battery } = openCommands();
		store.known = PASSWORD;
		const guess = (password: string) => codeOf(commands.arm({ class: "control", password, caller: CALLER }));
		const codes = await Promise.all(Array.from({ length: 20 }, (_, n) => guess(`guess ${n}`)));
		expect(new Set(codes)).toEqual(new Set(["wrong-password", "busy"]));
		expect(store.looks).toBe(3);
		expect(await guess(PASSWORD)).toBe("wrong-password");
		expect(store.looks).toBe(3);
		await battery.clock.advance(5_000);
		expect(await guess(PASSWORD)).toBe("resolved");
		expect(store.entries.filter(({ command }) => command === "arm").length).toBe(22);
		commands.close();
		expect(battery.clock.pending).toBe(0);
	});

	it("is set once freely, changed only with the old one, and ends what is armed", async () => {
		const { commands, store } = openCommands();
		const set = (old: string | null, password: string) => codeOf(commands.setPassword({ old, password, caller: CALLER }));
		expect(await codeOf(commands.arm({ class: "control", password: "", caller: CALLER }))).toBe("not-armed");
		expect(await set(null, "1234567")).toBe("bad-argument");
		expect(await set(null, PASSWORD)).toBe("resolved");
		expect(commands.access.hasPassword).toBe(true);
		await commands.arm({ class: "control", password: PASSWORD, caller: CALLER });
		expect(await set(null, "another horse")).toBe("wrong-password");
		expect(await set("not this", "another horse")).toBe("wrong-password");
		expect(store.known).toBe(PASSWORD);
		expect(commands.access.armed).toMatchObject({ class: "control" });
		expect(await set(PASSWORD, "another horse")).toBe("resolved");
		expect(commands.access.armed).toBeNull();
		commands.close();
	});

	it("arms only what the settings enable, and tells who listens", async () => {
		const { commands, store, battery } = openCommands({ enabled: ["control"] });
		store.known = PASSWORD;
		const told: unknown[] = [];
		commands.onAccess(() => told.push(commands.access.armed?.class ?? null));
		const arm = (wanted: string) => codeOf(commands.arm({ class: wanted, password: PASSWORD, caller: CALLER }));
		expect([await arm("parameter"), await arm("comfort"), await arm("")]).toEqual(["not-enabled", "bad-argument", "bad-argument"]);
		expect(await arm("control")).toBe("resolved");
		await battery.clock.advance(ARMED_MS);
		expect(told.slice(-2)).toEqual(["control", null]);
		expect(battery.clock.pending).toBe(0);
	});

	it("arms for five minutes of time, whatever this machine's clock is set to meanwhile", async () => {
		const clock = new ManualClock(Date.UTC(2026, 10, 29, 12));
		let offset = 0;
		const store = new MemoryStore();
		store.known = PASSWORD;
		const worldClock = { now: () => clock.now() + offset, after: clock.after.bind(clock) };
		const armory = new Armory({
			password: store.password,
			brake: new PasswordBrake(worldClock),
			clock: worldClock,
			enabled: ["control"],
			logger: silentLogger,
			audit: async () => {},
		});
		await armory.arm({ class: "control", password: PASSWORD, caller: CALLER });
		offset = -3_600_000;
		await clock.advance(ARMED_MS);
		expect(() => armory.check("control", CALLER)).toThrow(/not armed/);
		expect(armory.access.armed).toBeNull();
		armory.close();
	});
});
