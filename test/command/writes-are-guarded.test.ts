import { describe, expect, it } from "vitest";
import { COMMAND_NAMES, classOf } from "../../src/bms/command/command.ts";
import { openBank } from "../../src/bms/open-bank.ts";
import { BANK_SETTINGS } from "../../src/bms/options.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { createMemoryLine } from "../../src/simulator/memory-line.ts";
import { SIMULATOR_SETTINGS } from "../../src/simulator/options.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { CALLER, codeOf, openCommands, PASSWORD } from "./fake-battery.ts";
import { validArguments } from "./valid-arguments.ts";

const WRITES = COMMAND_NAMES.filter((name) => classOf(name, {}) !== "read" && name !== "confirm-switch");

describe("a write", () => {
	it.each(WRITES)("%s is read first, sent once with priority, and read back", async (command) => {
		const { run, arm, battery, store } = openCommands();
		const writeClass = classOf(command, validArguments(command));
		if (command === "restore-parameters") {
			await run("save-parameters");
			battery.parameters.set("cellOvervoltageAlarm", 3.5);
			battery.asked.length = 0;
		}
		if (writeClass === "control" || writeClass === "parameter") await arm(writeClass);
		const result = await run(command, validArguments(command));
		const order = battery.asked.map(({ isWrite }) => isWrite);
		expect(order.filter(Boolean)).toHaveLength(1);
		expect(order[0]).toBe(false);
		expect(battery.asked.find(({ isWrite }) => isWrite)).toMatchObject({ priority: "high", attempts: 1 });
		if (command === "shut-down") expect(order.at(-1)).toBe(true);
		else expect(order.at(-1)).toBe(false);
		expect(result.confirmed).toBe(command === "shut-down" ? null : true);
		expect(store.entries.filter(({ command: logged }) => logged === command).map(({ phase }) => phase)).toEqual(["begun", "ended"]);
	});

	it.each(WRITES)("%s does nothing in a bank that is only read", async (command) => {
		const { run, battery, store } = openCommands({ enabled: [] });
		expect(await codeOf(run(command, validArguments(command)))).toBe("not-enabled");
		expect(battery.asked).toEqual([]);
		expect(store.entries).toMatchObject([{ command, phase: "refused", code: "not-enabled" }]);
	});

	it.each(WRITES)("%s does nothing when the cable is in another pack, or was moved meanwhile", async (command) => {
		for (const given of [{ pack: 2 }, {}]) {
			const { run, arm, battery } = openCommands();
			const writeClass = classOf(command, validArguments(command));
			await run("save-parameters");
			battery.parameters.set("cellOvervoltageAlarm", 3.5);
			if (writeClass === "control" || writeClass === "parameter") await arm(writeClass);
			if (!("pack" in given)) battery.address = 2;
			expect(await codeOf(run(command, { ...validArguments(command), ...given }))).toBe("wrong-pack");
			expect(battery.writes).toEqual([]);
		}
	});

	it("of the classes control and parameter needs its own arming, by the same caller, for five minutes", async () => {
		const { run, arm, battery } = openCommands();
		const mosfet = { switch: "chargeMosfet", on: false };
		expect(await codeOf(run("switch", mosfet))).toBe("not-armed");
		await arm("parameter");
		expect(await codeOf(run("switch", mosfet))).toBe("not-armed");
		await arm("control");
		expect(await codeOf(run("switch", mosfet, { kind: "http", id: "another" }))).toBe("not-armed");
		expect(await codeOf(run("switch", mosfet, { kind: "cli", id: CALLER.id }))).toBe("not-armed");
		expect(await codeOf(run("clear-records"))).toBe("not-armed");
		expect(battery.writes).toEqual([]);
		expect(await codeOf(run("switch", mosfet))).toBe("resolved");
		await battery.clock.advance(5 * 60_000);
		expect(await codeOf(run("switch", mosfet))).toBe("not-armed");
		expect(battery.writes).toEqual(["setSwitch chargeMosfet false"]);
	});

	it("whose answer is lost is not repeated: the read-back says what became of it", async () => {
		for (const [mishap, confirmed] of [
			["lost-after", true],
			["lost-before", false],
			["ignored", false],
		] as const) {
			const { run, battery } = openCommands();
			battery.mishaps.set("setSwitch", mishap);
			const result = await run("switch", { switch: "buzzer", on: true });
			expect(result).toMatchObject({ before: false, value: confirmed, confirmed });
			expect(battery.writes).toEqual(["setSwitch buzzer true"]);
		}
	});

	it.each([
		["switch", { switch: "buzzer", on: true }, false],
		["set-clock", {}, "2026-11-29T12:00:00"],
		["set-inverter-protocol", { mode: "manual", can: 3 }, { can: 1, rs485: 2 }],
		["write-parameters", { values: { sleepDelay: 10 } }, { sleepDelay: 5 }],
	])("%s of which nothing can be read back leaves what was before in the log", async (command, given, before) => {
		const { run, arm, battery, store } = openCommands();
		await arm("parameter");
		battery.before = (what) => {
			if (battery.writes.length > 0 && !what.startsWith("set")) throw battery.noAnswer();
		};
		expect(await codeOf(run(command, given))).toBe("not-confirmed");
		const [last] = await store.audit.last(1);
		expect(last).toMatchObject({ command, phase: "ended", code: "not-confirmed", confirmed: null });
		expect(last?.before).toEqual(typeof before === "object" ? expect.objectContaining(before) : before);
	});

	it("refused by the battery's interlock is explained", async () => {
		const { run, arm, battery } = openCommands();
		battery.mishaps.set("setSwitch", "refused");
		await arm("control");
		await expect(run("switch", { switch: "dischargeMosfet", on: false })).rejects.toThrow(/charge MOSFET is off or the pack charges/);
	});

	it("is not begun when the audit log cannot be written", async () => {
		const { run, battery, store } = openCommands();
		store.failing = "audit";
		expect(await codeOf(run("switch", { switch: "buzzer", on: true }))).toBe("not-saved");
		expect(battery.asked).toEqual([]);
	});

	it("waits for the one before, and checks again when it is its turn", async () => {
		const { commands, arm, battery } = openCommands();
		await arm("control");
		const request = { command: "switch", arguments: { switch: "limiterGearLow", on: true }, caller: CALLER };
		const first = commands.run(request);
		const second = commands.run(request);
		commands.disarm(CALLER);
		expect(await codeOf(first)).toBe("not-armed");
		expect(await codeOf(second)).toBe("not-armed");
		expect(battery.writes).toEqual([]);
	});

	it("is not sent when its arming ends while the battery is looked at", async () => {
		const { commands, run, arm, battery } = openCommands();
		await arm("parameter");
		battery.before = (what) => {
			if (what === "parameters sleep") commands.disarm(CALLER);
		};
		expect(await codeOf(run("write-parameters", { values: { sleepDelay: 10 } }))).toBe("not-armed");
		expect(battery.writes).toEqual([]);
	});

	it("is not sent once it was cancelled", async () => {
		const { commands, battery } = openCommands();
		const cancel = new AbortController();
		battery.before = (what) => {
			if (what === "status") cancel.abort();
		};
		const request = { command: "switch", arguments: { switch: "buzzer", on: true }, caller: CALLER, signal: cancel.signal };
		expect(await codeOf(commands.run(request))).toBe("cancelled");
		expect(battery.writes).toEqual([]);
	});

	it("needs a line on which the battery answers", async () => {
		for (const state of ["silent", "lost", "closed", "connecting"] as const) {
			const { run, battery } = openCommands();
			battery.state = state;
			expect(await codeOf(run("switch", { switch: "buzzer", on: true }))).toBe("not-connected");
			expect(battery.asked).toEqual([]);
		}
		const closed = openCommands();
		closed.commands.close();
		expect(await codeOf(closed.run("read-clock"))).toBe("not-connected");
	});
});

describe("an unverified switch", () => {
	it("stays open until the user says what the battery did, and is then read by it", async () => {
		const { run, battery, store } = openCommands();
		const led = { switch: "ledAlarm" };
		expect(await codeOf(run("confirm-switch", { ...led, did: "as-asked" }))).toBe("bad-argument");
		expect((await run("read-switches")).value).toMatchObject({ ledAlarm: null, buzzer: false });
		expect(await run("switch", { ...led, on: true })).toMatchObject({ confirmed: null, value: null });
		await run("confirm-switch", { ...led, did: "the-opposite" });
		expect(store.confirmedSwitches["1.ledAlarm"]).toMatchObject({ polarity: "reversed" });
		expect((await run("read-switches")).value).toMatchObject({ ledAlarm: false });
		expect(await run("switch", { ...led, on: true })).toMatchObject({ before: false, value: true, confirmed: true });
		expect(battery.writes).toEqual(["setSwitch ledAlarm true", "setSwitch ledAlarm false"]);
	});

	it("is turned round once by one look, however often that is said", async () => {
		const { run, store } = openCommands();
		const led = { switch: "ledAlarm" };
		await run("switch", { ...led, on: true });
		await run("confirm-switch", { ...led, did: "the-opposite" });
		expect(await codeOf(run("confirm-switch", { ...led, did: "the-opposite" }))).toBe("bad-argument");
		expect(store.confirmedSwitches["1.ledAlarm"]).toMatchObject({ polarity: "reversed" });
		// Who looked wrongly switches once more, and says what was seen then.
		await run("switch", { ...led, on: true });
		await run("confirm-switch", { ...led, did: "the-opposite" });
		expect(store.confirmedSwitches["1.ledAlarm"]).toMatchObject({ polarity: "normal" });
	});
});

describe("the deletion of records", () => {
	it("is not taken for done where the battery shows no records at all, before as after", async () => {
		const { run, battery, arm } = openCommands();
		await arm("parameter");
		battery.refusesRecords = true;
		expect(await run("clear-records")).toMatchObject({ confirmed: null, value: null });
		battery.refusesRecords = false;
		expect(await run("clear-records")).toMatchObject({ confirmed: true, value: null });
	});
});

describe("what is asked wrongly", () => {
	it("is refused with a code and words, before anything else is looked at", async () => {
		const { commands, run, battery } = openCommands({ enabled: [] });
		await expect(run("swich")).rejects.toThrow(/did you mean switch/);
		for (const [command, given, code] of [
			["nonsense", {}, "unknown"],
			["switch", { switch: "buzzer" }, "bad-argument"],
			["switch", { switch: "toaster", on: true }, "bad-argument"],
			["switch", { switch: "buzzer", on: "yes" }, "bad-argument"],
			["read-clock", { pack: 16 }, "out-of-range"],
			["read-clock", { pack: 1.5 }, "bad-argument"],
			["read-clock", { pakc: 1 }, "bad-argument"],
			["set-clock", { time: "2026-02-30T00:00:00" }, "bad-argument"],
			["set-clock", { time: "noon" }, "bad-argument"],
			["write-parameters", { values: { cellOvervoltageAlarm: 9 } }, "out-of-range"],
			["write-parameters", { values: { cellOvervoltageAlam: 3.6 } }, "bad-argument"],
			["write-parameters", { values: {} }, "bad-argument"],
			["write-parameters", { values: { cellOvervoltageEnabled: 0.5 } }, "out-of-range"],
			["write-parameters", { values: { cellOvervoltageAlarm: Number.NaN } }, "bad-argument"],
		] as const)
			expect([command, await codeOf(run(command, given))]).toEqual([command, code]);
		for (const broken of [null, 7, "text", []]) {
			const request = { command: "read-clock", arguments: broken as never, caller: CALLER };
			expect(await codeOf(commands.run(request))).toBe("bad-argument");
		}
		expect(battery.asked).toEqual([]);
	});

	it("never lets a secret into the audit log", async () => {
		const { commands, run, store } = openCommands();
		store.known = PASSWORD;
		await codeOf(run("switch", { switch: "buzzer", on: 1, password: PASSWORD }));
		await codeOf(commands.arm({ class: "control", password: `${PASSWORD}!`, caller: CALLER }));
		await commands.setPassword({ old: PASSWORD, password: "another horse", caller: CALLER });
		expect(store.entries.map(({ command }) => command)).toEqual(["switch", "arm", "set-password"]);
		expect(JSON.stringify(store.entries)).not.toMatch(/horse/);
	});
});

describe("on a line that every pack is on", () => {
	it("the pack must be said, live, and the one that answers", async () => {
		const { run, battery } = openCommands({ isShared: true });
		const buzzer = { switch: "buzzer", on: true };
		expect(await codeOf(run("switch", buzzer))).toBe("bad-argument");
		expect(await codeOf(run("switch", { ...buzzer, pack: 5 }))).toBe("wrong-pack");
		expect(await codeOf(run("switch", { ...buzzer, pack: 2 }))).toBe("wrong-pack");
		battery.address = 2;
		expect(await run("switch", { ...buzzer, pack: 2 })).toMatchObject({ pack: 2, confirmed: true });
	});

	it("a change is not made to the pack that happens to be heard first, a read is", async () => {
		const { run, battery } = openCommands({ isShared: true, heard: [1] });
		await expect(run("switch", { switch: "buzzer", on: true })).rejects.toThrow(/Say which pack is meant: 1/);
		expect(battery.asked).toEqual([]);
		expect(await run("read-clock")).toMatchObject({ pack: 1 });
		expect(await run("switch", { switch: "buzzer", on: true, pack: 1 })).toMatchObject({ confirmed: true });
	});

	it("a battery that does not prove what it is is not written to", async () => {
		const { run, battery } = openCommands({
			line: (line) => {
				const { access } = line;
				const refuse = { label: "proof", request: new Uint8Array(), accept: () => ({ kind: "foreign", reason: "" }) as const };
				return access === null ? null : { ...line, access: { ...access, proofs: () => [refuse] } };
			},
		});
		await expect(run("switch", { switch: "buzzer", on: true })).rejects.toThrow();
		expect(battery.writes).toEqual([]);
	});

	it("what the protocol lacks is unsupported, and said so beforehand", async () => {
		const { run, commands } = openCommands({ line: (line) => ({ ...line, access: null }) });
		expect(await codeOf(run("switch", { switch: "buzzer", on: true }))).toBe("unsupported");
		expect(commands.offers("switch", "buzzer")).toBe(false);
		expect(commands.offers("identify")).toBe(true);
		expect((await run("identify")).value).toMatchObject({ version: "P16S100A-1812-1.00", inverterProtocol: null });
	});

	it("nothing is offered while it is not known what the battery speaks", async () => {
		const clock = new ManualClock();
		const simulator = { ...defaultsOf(SIMULATOR_SETTINGS), packs: 1 };
		const { transport } = createMemoryLine({ answer: () => null }, simulator, clock);
		const settings = { ...defaultsOf(BANK_SETTINGS), protocol: "auto" as const, writeClasses: "comfort" };
		const bank = openBank(settings, { origin: "simulated", logger: silentLogger, clock, transport });
		expect(bank.commands?.offers("switch", "buzzer")).toBe(false);
		expect(bank.commands?.reaches(1)).toBe(false);
		const closing = bank.close();
		await clock.advance(10_000);
		await closing;
	});

	it("what a firmware leaves unanswered is left open by identify; silence to everything is silence", async () => {
		const { run, battery } = openCommands();
		let silentTo: readonly string[] = ["capacity", "clock"];
		battery.before = (what) => {
			if (silentTo.some((question) => what.startsWith(question))) throw battery.noAnswer();
		};
		expect((await run("identify")).value).toMatchObject({ version: "P16S100A-1812-1.00", capacity: null, clock: null });
		silentTo = [""];
		await expect(run("identify")).rejects.toThrow(/No answer/);
	});
});
