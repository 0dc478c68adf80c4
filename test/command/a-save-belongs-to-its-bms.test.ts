import { describe, expect, it } from "vitest";
import { openCommands } from "./fake-battery.ts";

// The fake's snapshot knows no serial numbers, as a command line that has opened the line for one job.
async function armed() {
	const fake = openCommands();
	await fake.arm("parameter");
	return fake;
}

describe("a save of parameters", () => {
	it("names the BMS it came from, also when polling has not asked that yet", async () => {
		const { run, store } = await armed();
		await run("write-parameters", { values: { sleepDelay: 10 } });
		await run("save-parameters");
		expect(store.kept).toMatchObject([{ bmsSerial: "BMS1", packSerial: "PACK1" }, { bmsSerial: "BMS1" }]);
	});

	it("is not written into another battery that has its place now", async () => {
		const { run, battery } = await armed();
		await run("write-parameters", { values: { sleepDelay: 10 } });
		battery.serial = "BMS2";
		await expect(run("restore-parameters")).rejects.toThrow(/is of the BMS BMS1, and pack 1 is BMS2 now. Nothing was written/);
		expect(battery.writes).toEqual(["setParameters sleep"]);
	});

	it("comes back where the firmware tells no serial numbers", async () => {
		const { run, battery } = await armed();
		battery.serial = null;
		await run("write-parameters", { values: { sleepDelay: 10 } });
		expect(await run("restore-parameters")).toMatchObject({ confirmed: true, value: { sleepDelay: 5 } });
	});
});

describe("what was seen of an unverified switch", () => {
	it("says nothing about another battery that has its place now", async () => {
		const { run, battery, store } = openCommands();
		const led = { switch: "ledAlarm" };
		await run("switch", { ...led, on: true });
		await run("confirm-switch", { ...led, did: "the-opposite" });
		expect(store.confirmedSwitches["1.ledAlarm"]).toEqual({ polarity: "reversed", serial: "BMS1" });
		battery.serial = "BMS2";
		expect(await run("switch", { ...led, on: true })).toMatchObject({ confirmed: null });
		expect(battery.writes).toEqual(["setSwitch ledAlarm true", "setSwitch ledAlarm true"]);
		expect((await run("read-switches")).value).toMatchObject({ ledAlarm: null });
	});
});
