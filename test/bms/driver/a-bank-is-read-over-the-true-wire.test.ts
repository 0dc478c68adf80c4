import { afterEach, expect, test } from "vitest";
import { asked, isLive, openSimulatedBank, presences, type SimulatedSetup } from "./simulated-bank.ts";

let opened: ReturnType<typeof openSimulatedBank>[] = [];
function open(setup: SimulatedSetup = {}) {
	const bank = openSimulatedBank(setup);
	opened.push(bank);
	return bank;
}
afterEach(async () => {
	for (const { close, clock } of opened) {
		await close();
		expect(clock.pending).toBe(0);
	}
	opened = [];
});

test.each([
	[1, 1_500],
	[2, 3_000],
	[4, 5_000],
	[15, 32_000],
])("%i packs: found and read by themselves", async (packs, limitMs) => {
	const line = open({ simulator: { packs } });
	await line.until((bank) => bank.snapshot.packs.length === packs && isLive(bank), limitMs);
	const { snapshot } = line.bank;
	expect(snapshot.link).toMatchObject({ state: "online", problem: null });
	expect(snapshot.cabledPack).toBe(1);
	expect(snapshot.totals?.value.packs).toEqual(snapshot.packs.map(({ address }) => address));
	expect(snapshot.conditions).toEqual([]);
	expect(snapshot.packs[0]?.telemetry?.value.cellVoltages).toHaveLength(16);
});

test("identity of the cabled pack is read once per connect", async () => {
	const line = open();
	await line.until((bank) => bank.snapshot.packs[0]?.identity?.packSerial != null);
	expect(line.bank.snapshot.packs[0]?.identity).toEqual({
		version: "P16S100A-SIM-1.00",
		bmsSerial: "SIMULATED-BMS-1",
		packSerial: "SIMULATED-PACK-1",
	});
	await line.clock.advance(70_000);
	const identity = () => line.requests.filter(({ text }) => ["C1", "C2"].includes(asked(text))).length;
	expect(identity()).toBe(2);
	await line.cable.pullCable("dropped");
	await line.cable.plugCable();
	await line.until(() => identity() === 4);
});

test("a pack whose DIP switches are changed is read at its new address, with its serial number", async () => {
	const line = open({ simulator: { packs: 1 } });
	await line.until((bank) => bank.snapshot.packs[0]?.identity?.packSerial != null);
	line.control.setAddress(1, 0);
	await line.until(({ snapshot }) => snapshot.packs[0]?.address === 0 && snapshot.packs[0].identity?.packSerial != null, 20_000);
	expect(line.bank.snapshot.cabledPack).toBe(0);
	expect(line.bank.snapshot.packs[0]).toMatchObject({ presence: "live", identity: { packSerial: "SIMULATED-PACK-1" } });
	await line.until(({ snapshot }) => snapshot.packs[1]?.presence !== "live", 70_000);
	expect(line.bank.snapshot.totals?.value.packs).toEqual([0]);
});

test("a cabled pack with another address than 1 is the only one, by its own address", async () => {
	for (const cabledAddress of [0, 3]) {
		const line = open({ cabledAddress, simulator: { packs: 1 } });
		await line.until(isLive, 2_000);
		expect(presences(line.bank)).toEqual({ [cabledAddress]: "live" });
		expect(line.bank.snapshot.cabledPack).toBe(cabledAddress);
		await line.clock.advance(5_000);
		expect(line.bank.snapshot.conditions).toEqual([]);
	}
});

test("the packs setting shows a pack that never answered", async () => {
	const line = open({ settings: { packs: 3 }, simulator: { packs: 2 } });
	expect(presences(line.bank)).toEqual({ 1: "unknown", 2: "unknown", 3: "unknown" });
	await line.clock.advance(10_000);
	expect(presences(line.bank)).toEqual({ 1: "live", 2: "live", 3: "absent" });
	expect(line.bank.snapshot.totals?.value.packs).toEqual([1, 2]);
});

test.each(["shrinks", "placeholder"] as const)("a pack that drops out (%s) is absent, the others stay, it comes back", async (form) => {
	const line = open({ simulator: { packs: 4 } });
	await line.until(isLive);
	line.control.losePack(3, form);
	await line.until((bank) => presences(bank)[3] === "absent", 15_000);
	await line.clock.advance(20_000);
	expect(presences(line.bank)).toEqual({ 1: "live", 2: "live", 3: "absent", 4: "live" });
	expect(line.bank.snapshot.link.state).toBe("online");
	line.control.returnPack(3);
	await line.until(isLive, 15_000);
});

test("packs that are away do not slow the others", async () => {
	const line = open({ simulator: { packs: 4 } });
	await line.until(isLive);
	line.control.losePack(2);
	line.control.losePack(3);
	await line.clock.advance(30_000);
	const ages: number[] = [];
	for (let n = 0; n < 200; n += 1) {
		await line.clock.advance(100);
		ages.push(line.clock.now() - (line.bank.snapshot.packs[0]?.telemetry?.at ?? 0));
	}
	expect(Math.max(...ages)).toBeLessThan(3_500);
});

test("a further pack that is plugged in is found within a minute or so", async () => {
	const line = open({ simulator: { packs: 2 } });
	line.control.losePack(2);
	await line.until((bank) => presences(bank)[1] === "live");
	expect(presences(line.bank)).toEqual({ 1: "live" });
	line.control.returnPack(2);
	await line.until((bank) => presences(bank)[2] === "live", 65_000);
});

test("a pack that stands alone at address 1 is asked for all packs at the start and once a minute", async () => {
	const line = open({ simulator: { packs: 1 } });
	await line.clock.advance(185_000);
	const asksForAll = line.requests.filter(({ text }) => asked(text) === "44FF").map(({ at }) => at - 1_000_000);
	expect(asksForAll).toHaveLength(4);
	expect(asksForAll[0]).toBeLessThan(2_000);
});

test("the line never carries two questions at once, and rests between them", async () => {
	const line = open({ simulator: { packs: 3 } });
	await line.clock.advance(20_000);
	const gaps = line.requests.slice(1).map(({ at }, n) => at - (line.requests[n]?.at ?? 0));
	// The shortest exchange is 90h: 20 + 20 characters, 30 ms, 50 ms.
	expect(Math.min(...gaps)).toBeGreaterThanOrEqual((40 * 10_000) / 9600 + 30 + 50 - 10);
	expect(line.bank.snapshot.link.failures).toEqual({ timeout: 0, frame: 0, rejected: 0, decode: 0, implausible: 0 });
});

test("the answer time is the battery's own delay", async () => {
	const line = open();
	await line.clock.advance(20_000);
	expect(line.bank.snapshot.link.answerTimeMs).toBeGreaterThanOrEqual(28);
	expect(line.bank.snapshot.link.answerTimeMs).toBeLessThanOrEqual(45);
	expect(line.bank.snapshot.link.replies).toBeGreaterThan(50);
});

test("one log line per change of state, none per poll", async () => {
	const line = open();
	await line.clock.advance(60_000);
	expect(line.log.length).toBeLessThan(8);
	expect(line.log.filter((text) => text.includes("online"))).toHaveLength(1);
});
