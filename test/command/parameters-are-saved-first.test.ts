import { describe, expect, it } from "vitest";
import { PARAMETER_GROUP_KEYS, type ParameterKey, parameterOf } from "../../src/bms/battery/parameters.ts";
import { codeOf, openCommands } from "./fake-battery.ts";

async function armed() {
	const fake = openCommands();
	await fake.arm("parameter");
	return fake;
}

describe("parameters", () => {
	it("of every group a change may touch are saved before one is written; only groups that differ are", async () => {
		const { run, battery, store } = await armed();
		const values = { cellOvervoltageAlarm: 3.55, cellOvervoltageDelay: 1, sleepDelay: 10, packOvervoltageAlarm: 57.6 };
		const result = await run("write-parameters", { values });
		expect(result.confirmed).toBe(true);
		expect(battery.writes).toEqual(["setParameters cellOvervoltage", "setParameters sleep"]);
		expect(store.kept).toHaveLength(1);
		expect(store.kept[0]).toMatchObject({ pack: 1, reason: "write-parameters", values: { cellOvervoltageAlarm: 3.6, sleepDelay: 5 } });
		const groups = new Set(Object.keys(store.kept[0]?.values ?? {}).map((key) => parameterOf(key as ParameterKey).group));
		expect([...groups]).toEqual(["cellOvervoltage", "packOvervoltage", "sleep"]);
		expect(battery.parameters.get("cellOvervoltageProtection")).toBe(3.7);
		expect(result).toMatchObject({ before: { sleepDelay: 5 }, value: { sleepDelay: 10, packOvervoltageAlarm: 57.6 } });
	});

	it("that other ones are held against are read and saved with them, no more", async () => {
		const { run, battery, store } = await armed();
		const asked: string[] = [];
		battery.before = (what) => asked.push(what);
		await run("write-parameters", { values: { sleepDelay: 10 } });
		expect(asked.filter((what) => /parameters/i.test(what))).toHaveLength(4);
		expect(Object.keys(store.kept[0]?.values ?? {}).every((key) => parameterOf(key as ParameterKey).group === "sleep")).toBe(true);
		// What a save holds is what it is compared with, and what it gives back.
		battery.parameters.set("cellOvervoltageAlarm", 3.5);
		expect((await run("compare-parameters")).value).toMatchObject({ differences: [{ key: "sleepDelay", now: 10, saved: 5 }] });
		await run("restore-parameters");
		expect([battery.parameters.get("sleepDelay"), battery.parameters.get("cellOvervoltageAlarm")]).toEqual([5, 3.5]);
	});

	it("are not written when they cannot be saved", async () => {
		const { run, battery, store } = await armed();
		store.failing = "saves";
		for (const [command, given] of [
			["write-parameters", { values: { sleepDelay: 10 } }],
			["restore-defaults", {}],
		] as const)
			expect(await codeOf(run(command, given))).toBe("not-saved");
		expect(battery.writes).toEqual([]);
	});

	it("must go together with what the battery has, where they change anything", async () => {
		const { run, battery } = await armed();
		await expect(run("write-parameters", { values: { cellOvervoltageAlarm: 3.8 } })).rejects.toThrow(
			/cellOvervoltageAlarm \(3.8 V\) must not be above cellOvervoltageProtection \(3.7 V\)/,
		);
		expect(await codeOf(run("write-parameters", { values: { cellOvervoltageRelease: 3.7 } }))).toBe("out-of-range");
		expect(battery.writes).toEqual([]);
		// What was wrong before and is not touched stays the battery's own matter.
		battery.parameters.set("packOvervoltageRelease", 60);
		expect(await codeOf(run("write-parameters", { values: { cellOvervoltageAlarm: 3.65 } }))).toBe("resolved");
		expect(await codeOf(run("write-parameters", { values: { cellOvervoltageAlarm: 3.8, cellOvervoltageProtection: 3.9 } }))).toBe(
			"resolved",
		);
	});

	it("that are there already are not written", async () => {
		const { run, battery, store } = await armed();
		expect(await run("write-parameters", { values: { sleepDelay: 5 } })).toMatchObject({ confirmed: true });
		expect([battery.writes, store.kept]).toEqual([[], []]);
	});

	it("of which one cannot be sent are not written at all, and leave no save", async () => {
		const { run, battery, store } = await armed();
		await expect(run("write-parameters", { values: { cellOvervoltageAlarm: 3.55, sleepDelay: 6.4 } })).rejects.toThrow(
			/Sleep delay cannot be sent exactly. Nothing was written/,
		);
		expect([battery.writes, store.kept]).toEqual([[], []]);
	});

	it("stop at the first group that fails, and say what was written", async () => {
		const { run, battery } = await armed();
		battery.before = (what) => {
			if (what === "setParameters sleep") battery.mishaps.set("setParameters", "refused");
		};
		const values = { cellOvervoltageAlarm: 3.55, sleepDelay: 10, lowChargeAlarm: 8 };
		await expect(run("write-parameters", { values })).rejects.toThrow(
			/^Sleep: the battery refused.*Written: Cell over-voltage. Not written: Low charge. .* kept as pack1-/,
		);
		expect(battery.writes).toEqual(["setParameters cellOvervoltage", "setParameters sleep"]);
	});

	it("that the battery does not take over are told, and not sent again", async () => {
		const { run, battery } = await armed();
		battery.mishaps.set("setParameters", "ignored");
		const result = await run("write-parameters", { values: { sleepDelay: 10, lowChargeAlarm: 8 } });
		expect(result).toMatchObject({ confirmed: false, value: { sleepDelay: 5 } });
		expect(result.text).toMatch(/sleepDelay 5 min.*Not written: Low charge/);
		expect(battery.writes).toEqual(["setParameters sleep"]);
	});

	it("come back from the save with one command, and go again with the next", async () => {
		const { run, battery } = await armed();
		await run("write-parameters", { values: { sleepDelay: 10, cellOvervoltageAlarm: 3.55 } });
		expect((await run("compare-parameters")).value).toMatchObject({
			differences: [{ key: "cellOvervoltageAlarm", now: 3.55, saved: 3.6 }, { key: "sleepDelay" }],
		});
		expect(await run("restore-parameters")).toMatchObject({ confirmed: true, value: { sleepDelay: 5, cellOvervoltageAlarm: 3.6 } });
		expect(battery.writes.slice(2)).toEqual(["setParameters cellOvervoltage", "setParameters sleep"]);
		expect((await run("list-saves")).value).toMatchObject([{ reason: "restore-parameters" }, { reason: "write-parameters" }]);
		await run("restore-parameters");
		expect(battery.parameters.get("sleepDelay")).toBe(10);
		expect(await codeOf(run("restore-parameters", { save: "pack1-20200101T000000Z" }))).toBe("bad-argument");
	});

	it("outside the vendor's ranges can be given back: the battery had them", async () => {
		const { run, battery } = await armed();
		battery.parameters.set("sleepDelay", 200);
		await run("save-parameters");
		battery.parameters.set("sleepDelay", 5);
		expect(await run("restore-parameters")).toMatchObject({ confirmed: true, value: { sleepDelay: 200 } });
	});

	it("of the maker replace all, with the old ones saved", async () => {
		const { run, battery, store } = await armed();
		battery.parameters.set("sleepDelay", 10);
		expect(await run("restore-defaults")).toMatchObject({ confirmed: true, before: { sleepDelay: 10 }, value: { sleepDelay: 5 } });
		expect(store.kept).toMatchObject([{ reason: "restore-defaults", values: { sleepDelay: 10 } }]);
	});
});

describe("reading", () => {
	it("records goes on between the polls, part by part, until it is cancelled or at the end", async () => {
		const { commands, battery, run } = openCommands({ enabled: [] });
		battery.records = 5;
		const cancel = new AbortController();
		const parts: unknown[] = [];
		const result = await commands.run({
			command: "read-records",
			arguments: { from: 1 },
			caller: { kind: "cli", id: "me" },
			signal: cancel.signal,
			onProgress: ({ done, part }) => {
				parts.push(part);
				if (done === 2) cancel.abort();
			},
		});
		expect(parts).toMatchObject([{ index: 1 }, { index: 2 }]);
		expect(result.value).toHaveLength(2);
		expect(result.text).toMatch(/from = 3/);
		expect(battery.asked.every(({ priority }) => priority === "normal")).toBe(true);
		expect((await run("read-records", { from: 3 })).value).toMatchObject([{ index: 3 }, { index: 4 }]);
	});

	it("the clock tells how far it is off", async () => {
		const { run, battery } = openCommands();
		battery.localTime = new Date(battery.clock.now() - battery.offsetMs + 90_000).toISOString().slice(0, 19);
		expect((await run("read-clock")).value).toMatchObject({ driftSeconds: 90 });
		expect(await run("set-clock")).toMatchObject({ confirmed: true });
	});

	it("parameters are put into the snapshot", async () => {
		const { run, applied } = openCommands({ enabled: [] });
		await run("read-parameters");
		expect(applied).toHaveLength(PARAMETER_GROUP_KEYS.length);
		expect(applied[0]).toMatchObject({ kind: "parameters", repliedBy: 1 });
	});
});
