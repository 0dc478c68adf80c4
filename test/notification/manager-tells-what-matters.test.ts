import { describe, expect, it } from "vitest";
import { HEALTHY_STATUS, pack, part, stale } from "../support/snapshots.ts";
import { condition, HOUR, MINUTE, Watch } from "./watch.ts";

const OVER = "protection.cell_overvoltage" as const;
const NEAR = "alarm.cell_overvoltage";
const HIGH_2 = "rb-bank-high_voltage-2";

describe("a message", () => {
	it("goes out when two readings agree, and once only", () => {
		const watch = new Watch();
		watch.set(condition(OVER)).read();
		expect(watch.told).toEqual([]);
		watch.read();
		expect(watch.told).toEqual([`raised ${HIGH_2}`]);
		watch.read(100);
		expect(watch.told).toHaveLength(1);
		expect(watch.sent[0]).toMatchObject({ severity: "critical", silent: false, step: 0, isOpen: true });
	});

	it("does not go out for a single reading, nor for the same reading looked at twice", () => {
		const watch = new Watch();
		watch.set(condition(OVER)).read();
		for (let index = 0; index < 5; index++) watch.look();
		watch.set().read(3);
		expect(watch.told).toEqual([]);
		expect(watch.state.issues).toEqual([]);
	});

	it.each([
		["alarm.cell_overvoltage", "caution"],
		["alarm.low_soc", "warning"],
		["protection.short_circuit", "critical"],
		["fault.sampling", "critical"],
		["protection.fully", "info"],
	] as const)("%s is %s", (key, severity) => {
		const watch = new Watch();
		watch.set(condition(key)).read(2);
		expect(watch.sent.map((notice) => notice.severity)).toEqual([severity]);
	});

	it("ends on the same thread, more quietly, when two readings agree", () => {
		const watch = new Watch();
		watch.set(condition(OVER)).read(2).set().read();
		expect(watch.told).toHaveLength(1);
		watch.read();
		expect(watch.told).toEqual([`raised ${HIGH_2}`, `cleared ${HIGH_2}`]);
		expect(watch.sent[1]).toMatchObject({ severity: "info", silent: true, isOpen: false });
	});

	it("does not end because the battery has no word for it any more", () => {
		const watch = new Watch();
		watch.set(condition(OVER)).read(5);
		const told = watch.told.length;
		const unsupported = [OVER];
		const deaf = [pack(1), pack(2, { status: part({ ...HEALTHY_STATUS, unsupported }) })];
		watch.set().say({ unsupported, packs: deaf }).read(30);
		expect(watch.told).toHaveLength(told);
		expect(watch.state.issues).toHaveLength(1);
		watch.say({ unsupported: [], packs: [pack(1), pack(2)] }).read(30);
		expect(watch.told.at(-1)).toMatch(/^cleared/);
	});

	it("does not end while the alarm state is unknown", () => {
		const watch = new Watch();
		watch.set(condition(OVER)).read(2).say({ conditions: null }).read(30);
		expect(watch.told).toEqual([`raised ${HIGH_2}`]);
	});

	it("does not end at one reading without it", () => {
		const watch = new Watch();
		watch.set(condition(OVER)).read(2);
		for (let index = 0; index < 20; index++) watch.set().read().set(condition(OVER)).read();
		expect(watch.told).toEqual([`raised ${HIGH_2}`]);
	});

	it("becomes graver on the same thread, and is news again for whoever acknowledged it", () => {
		const watch = new Watch();
		watch.set(condition(NEAR)).read(2).do({ type: "acknowledge", tag: HIGH_2 });
		watch.set(condition(NEAR), condition(OVER)).read(2);
		expect(watch.told).toEqual([`raised ${HIGH_2}`, `worse ${HIGH_2}`]);
		expect(watch.sent[1]).toMatchObject({ severity: "critical", silent: false });
		// Back to the alarm alone: no news, but no longer critical.
		watch.set(condition(NEAR)).read(3);
		expect(watch.told).toHaveLength(2);
		expect(watch.state.issues.map(({ confirmed }) => confirmed)).toEqual(["caution"]);
	});

	it("is one for each pack and family", () => {
		const watch = new Watch();
		watch.set(condition(OVER, 1), condition(OVER, 2), condition("alarm.low_soc", 1)).read(2);
		expect([...watch.told].sort()).toEqual(["raised rb-bank-high_voltage-1", `raised ${HIGH_2}`, "raised rb-bank-low_soc-1"].sort());
	});

	it("stays on its thread when an alarm without a number gets its pack, and when it loses it again", () => {
		const watch = new Watch();
		watch.set(condition(OVER, null)).read(2);
		expect(watch.told).toEqual(["raised rb-bank-high_voltage-bank"]);
		watch.set(condition(OVER, 2)).read(5);
		watch.set(condition(OVER, null)).read(5);
		watch.set(condition(OVER, 2)).read(5);
		expect(watch.told).toHaveLength(1);
		watch.set().read(2);
		expect(watch.told).toEqual(["raised rb-bank-high_voltage-bank", "cleared rb-bank-high_voltage-bank"]);
	});

	it("is told of Fully once, without an end", () => {
		const watch = new Watch();
		watch.set(condition("protection.fully", 1)).read(2).set().read(5);
		expect(watch.told).toEqual(["raised rb-bank-full-1"]);
	});

	it("that is less urgent than wanted stays in the list", () => {
		const watch = new Watch("12:00", { tellFrom: "warning" });
		watch.set(condition(NEAR)).read(2);
		expect(watch.told).toEqual([]);
		expect(watch.state.issues.map(({ confirmed }) => confirmed)).toEqual(["caution"]);
		watch.set().read(2).pass(HOUR);
		expect(watch.told).toEqual([]);
	});
});

describe("the watch over the battery itself", () => {
	it("tells when nothing was heard for two minutes, and when it is back", () => {
		const watch = new Watch().silent().pass(2 * MINUTE - 1);
		expect(watch.told).toEqual([]);
		watch.pass(1);
		expect(watch.told).toEqual(["raised rb-bank-link-bank"]);
		expect(watch.sent[0]?.severity).toBe("warning");
		watch
			.pass(12 * MINUTE)
			.silent(false)
			.read();
		expect(watch.told).toHaveLength(1);
		watch.read(6);
		expect(watch.told).toEqual(["raised rb-bank-link-bank", "cleared rb-bank-link-bank"]);
	});

	it("tells when nothing at all was heard since the start", () => {
		const watch = new Watch();
		watch.state = { ...watch.state, startedAt: watch.now };
		watch
			.say({ statusAt: null, conditions: null, packs: [], totals: null })
			.silent()
			.pass(3 * MINUTE);
		expect(watch.told).toEqual(["raised rb-bank-link-bank"]);
	});

	it("tells when a pack is missing for two minutes, and when it is back", () => {
		const watch = new Watch();
		const away = pack(2, { presence: "absent", telemetry: null, conditions: null });
		watch
			.say({ packs: [pack(1), away] })
			.read()
			.pass(2 * MINUTE - 1);
		expect(watch.told).toEqual([]);
		watch.pass(1);
		expect(watch.told).toEqual(["raised rb-bank-pack-2"]);
		// Nobody knows about it: not back.
		watch.say({ packs: [pack(1), { ...away, presence: "unknown" }] }).pass(MINUTE);
		watch
			.say({ packs: [pack(1), pack(2)] })
			.read()
			.pass(MINUTE);
		expect(watch.told).toEqual(["raised rb-bank-pack-2", "cleared rb-bank-pack-2"]);
	});

	it("does not take stale values for an answer", () => {
		const watch = new Watch();
		watch.say({ packs: watch.snapshot.packs.map((one) => ({ ...one, telemetry: one.telemetry && stale(one.telemetry) })) });
		watch.silent().pass(3 * MINUTE);
		expect(watch.told).toEqual(["raised rb-bank-link-bank"]);
	});
});

describe("a reminder", () => {
	it("comes as often as the urgency asks for, until somebody acknowledges", () => {
		const watch = new Watch("08:00", { escalationMinutes: "" });
		watch
			.set(condition("alarm.low_soc"), condition(NEAR, 1))
			.read(2)
			.pass(6 * HOUR);
		const kinds = (tag: string) => watch.sent.filter((notice) => notice.tag === tag).map(({ kind }) => kind);
		expect(kinds("rb-bank-low_soc-2")).toEqual(["raised", ...Array(6).fill("repeat")]);
		expect(kinds("rb-bank-high_voltage-1")).toEqual(["raised", "repeat"]);
		const before = watch.sent.length;
		watch.do({ type: "acknowledge", tag: "all" }).pass(6 * HOUR);
		expect(watch.sent).toHaveLength(before);
	});

	it("goes on to the next step after 5, 10 and 15 minutes without an answer", () => {
		const watch = new Watch();
		watch.set(condition(OVER)).read(2);
		const start = watch.now;
		watch.pass(20 * MINUTE);
		expect(watch.sent.map(({ kind, step, at }) => [kind, step, (at - start) / MINUTE])).toEqual([
			["raised", 0, 0],
			["escalated", 1, 5],
			["escalated", 2, 10],
			["escalated", 3, 15],
		]);
	});

	it("goes on no further once somebody acknowledged, and tells whoever was called", () => {
		const watch = new Watch();
		watch
			.set(condition(OVER))
			.read(2)
			.pass(6 * MINUTE)
			.do({ type: "acknowledge", tag: HIGH_2 })
			.pass(HOUR);
		expect(watch.told).toEqual([`raised ${HIGH_2}`, `escalated ${HIGH_2}`, `acknowledged ${HIGH_2}`]);
		expect(watch.sent[2]).toMatchObject({ step: 1, silent: true, severity: "info", isOpen: false });
		watch.set().read(2);
		expect(watch.told.at(-1)).toBe(`cleared ${HIGH_2}`);
		expect(watch.sent.at(-1)?.step).toBe(1);
	});

	it("is silent for an hour when snoozed, then begins anew", () => {
		const watch = new Watch();
		watch
			.set(condition(OVER))
			.read(2)
			.pass(6 * MINUTE);
		const before = watch.sent.length;
		watch.do({ type: "snooze", tag: HIGH_2, minutes: null }).pass(HOUR - 1000);
		expect(watch.sent).toHaveLength(before);
		watch.pass(1000);
		expect(watch.sent.slice(before)).toMatchObject([{ kind: "repeat", step: 0 }]);
		watch.pass(5 * MINUTE);
		expect(watch.sent.at(-1)).toMatchObject({ kind: "escalated", step: 1 });
	});

	it("of a snoozed message comes at once when it becomes graver", () => {
		const watch = new Watch();
		watch.set(condition(NEAR)).read(2).do({ type: "snooze", tag: "all", minutes: 600 }).set(condition(OVER)).read(2);
		expect(watch.told.at(-1)).toBe(`worse ${HIGH_2}`);
	});

	it("for a tag that is over does nothing", () => {
		const watch = new Watch();
		const before = watch.state;
		expect(watch.do({ type: "acknowledge", tag: "rb-bank-gone-1" }).state).toEqual(before);
		expect(watch.sent).toEqual([]);
	});
});

describe("in quiet hours", () => {
	it("cautions wait for one digest at seven, warnings are silent, what is critical is not", () => {
		const watch = new Watch("23:00");
		watch.set(condition(NEAR, 1), condition("alarm.low_soc", 1), condition("protection.short_circuit", 2)).read(2);
		expect(watch.sent.map(({ severity, silent }) => [severity, silent])).toEqual([
			["warning", true],
			["critical", false],
		]);
		watch.do({ type: "acknowledge", tag: "all" }).pass(8 * HOUR - 10_000);
		expect(watch.sent).toHaveLength(2);
		watch.pass(MINUTE + 10_000);
		const [digest] = watch.sent.slice(2);
		expect(digest).toMatchObject({ kind: "digest", silent: false, lines: [{ key: "high_voltage/1", endedAt: null, times: 1 }] });
		expect(watch.sent).toHaveLength(3);
	});

	it("what came and went is one line, however often", () => {
		const watch = new Watch("23:00");
		for (let index = 0; index < 4; index++) watch.set(condition(NEAR)).read(2).set().read(2);
		watch.pass(8 * HOUR + MINUTE);
		expect(watch.sent).toMatchObject([{ kind: "digest", lines: [{ times: 4, endedAt: expect.any(Number) }] }]);
	});

	it("the end of what was told by day waits too", () => {
		const watch = new Watch("21:59");
		watch
			.set(condition(NEAR))
			.read(2)
			.pass(5 * MINUTE)
			.set()
			.read(3);
		expect(watch.told).toEqual([`raised ${HIGH_2}`]);
		watch.pass(9 * HOUR);
		expect(watch.told).toEqual([`raised ${HIGH_2}`, "digest rb-bank-digest-bank"]);
	});

	it("warnings are neither repeated nor escalated, critical ones are", () => {
		const watch = new Watch("22:30", { escalateFrom: "warning" });
		watch
			.set(condition("alarm.low_soc", 1), condition(OVER, 2))
			.read(2)
			.pass(2 * HOUR);
		expect(watch.sent.filter(({ tag }) => tag === "rb-bank-low_soc-1")).toHaveLength(1);
		expect(watch.sent.filter(({ tag }) => tag === HIGH_2).map(({ kind }) => kind)).toContain("escalated");
	});

	it("a digest comes when somebody asks for it, even when there is nothing", () => {
		const watch = new Watch("23:00");
		watch.set(condition(NEAR)).read(2).do({ type: "digest" }).do({ type: "digest" });
		expect(watch.sent.map(({ kind, lines }) => [kind, lines.length])).toEqual([
			["digest", 1],
			["digest", 0],
		]);
		watch.pass(9 * HOUR);
		expect(watch.sent.filter(({ kind }) => kind === "digest")).toHaveLength(2);
	});

	it("of equal begin and end there are none", () => {
		const watch = new Watch("02:00", { quietFrom: "00:00", quietTo: "00:00" });
		watch.set(condition(NEAR)).read(2);
		expect(watch.told).toEqual([`raised ${HIGH_2}`]);
	});
});

describe("the limit", () => {
	it("of six messages an hour below critical holds the others for one digest as soon as there is room", () => {
		const watch = new Watch("08:00", { watchdogMinutes: 1440 });
		for (let index = 0; index < 5; index++) watch.set(condition(NEAR)).read(2).set().read(2);
		expect(watch.sent).toHaveLength(6);
		watch.pass(HOUR - 30_000);
		expect(watch.sent).toHaveLength(6);
		watch.pass(30_000);
		expect(watch.sent.slice(6)).toMatchObject([{ kind: "digest", lines: [{ times: 2 }] }]);
	});

	it("never holds back what is critical, nor its end", () => {
		const watch = new Watch();
		for (let index = 0; index < 20; index++) watch.set(condition(OVER)).read(2).set().read(2);
		expect(watch.sent).toHaveLength(40);
	});
});

describe("after a restart", () => {
	it("nothing is told again", () => {
		const watch = new Watch();
		watch.set(condition(OVER)).read(2).do({ type: "acknowledge", tag: HIGH_2 }).restart();
		watch
			.set(condition(OVER))
			.read(30)
			.pass(3 * HOUR);
		expect(watch.told).toEqual([`raised ${HIGH_2}`]);
	});

	it("what ended meanwhile is cleared, what came meanwhile is told", () => {
		const watch = new Watch();
		watch
			.set(condition(OVER))
			.read(2)
			.restart(5 * MINUTE);
		watch.set(condition("fault.sampling", 1)).read(5);
		expect(watch.told).toEqual([`raised ${HIGH_2}`, `cleared ${HIGH_2}`, "raised rb-bank-hardware-1"]);
	});

	it("the battery is not called back before it has spoken", () => {
		const watch = new Watch()
			.silent()
			.pass(3 * MINUTE)
			.restart(MINUTE)
			.pass(90_000);
		expect(watch.told).toEqual(["raised rb-bank-link-bank"]);
		watch.silent(false).read(7);
		expect(watch.told).toEqual(["raised rb-bank-link-bank", "cleared rb-bank-link-bank"]);
	});

	it("a battery that was full before is no news, one that gets full is", () => {
		const watch = new Watch();
		watch.restart();
		watch.set(condition("protection.fully", 1)).read(10);
		expect(watch.told).toEqual([]);
		watch.set().read(5).set(condition("protection.fully", 1)).read(2);
		expect(watch.told).toEqual(["raised rb-bank-full-1"]);
	});

	it("reminders and digest go on where they were", () => {
		const watch = new Watch("23:00");
		watch
			.set(condition(NEAR, 1), condition(OVER, 2))
			.read(2)
			.pass(6 * MINUTE)
			.restart();
		watch
			.set(condition(NEAR, 1), condition(OVER, 2))
			.read(2)
			.pass(5 * MINUTE);
		expect(watch.sent.map(({ kind, step }) => [kind, step])).toEqual([
			["raised", 0],
			["escalated", 1],
			["escalated", 2],
		]);
		watch.do({ type: "acknowledge", tag: "all" }).pass(8 * HOUR);
		expect(watch.sent.at(-1)).toMatchObject({ kind: "digest", lines: [{ key: "high_voltage/1" }] });
	});
});

describe("a flow's own message", () => {
	const alarm = (state: "on" | "off" | "once", changes: object = {}) =>
		({
			type: "custom",
			alarm: { id: "grid", severity: "warning", title: "Grid is away", text: "Two hours left.", state, ...changes },
		}) as const;

	it("lasts until the flow says that it is over", () => {
		const watch = new Watch();
		watch.do(alarm("on")).do(alarm("on")).read(3);
		expect(watch.told).toEqual(["raised rb-bank-custom-grid"]);
		watch.pass(HOUR);
		expect(watch.told).toEqual(["raised rb-bank-custom-grid", "repeat rb-bank-custom-grid"]);
		watch.do(alarm("off")).do(alarm("off"));
		expect(watch.told.slice(2)).toEqual(["cleared rb-bank-custom-grid"]);
	});

	it("that is a note waits for the digest by night, and comes at once by day", () => {
		const watch = new Watch("23:00");
		watch.do(alarm("once", { severity: "info" }));
		expect(watch.sent).toEqual([]);
		watch.pass(8 * HOUR + MINUTE);
		expect(watch.sent).toMatchObject([{ kind: "digest", lines: [{ sighting: { title: "Grid is away" } }] }]);
		watch.do(alarm("once", { severity: "info" }));
		expect(watch.sent[1]).toMatchObject({ kind: "note", isOpen: false });
	});

	it("becomes graver", () => {
		const watch = new Watch();
		watch
			.do(alarm("on"))
			.do({ type: "acknowledge", tag: "all" })
			.do(alarm("on", { severity: "critical" }));
		expect(watch.told).toEqual(["raised rb-bank-custom-grid", "worse rb-bank-custom-grid"]);
	});
});

it("a test goes out at any hour, and counts for nothing", () => {
	const watch = new Watch("03:00");
	for (let index = 0; index < 10; index++) watch.do({ type: "test" });
	expect(watch.sent).toHaveLength(10);
	expect(watch.sent[0]).toMatchObject({ kind: "test", silent: false });
	expect(watch.state.sentAt).toEqual([]);
});
