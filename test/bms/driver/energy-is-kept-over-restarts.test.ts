import { expect, test } from "vitest";
import type { EnergyStore } from "../../../src/bms/battery/energy.ts";
import type { EnergyCounters } from "../../../src/bms/battery/snapshot.ts";
import { isLive, openSimulatedBank } from "./simulated-bank.ts";

type Counters = Readonly<Record<number, EnergyCounters>>;

/** Keeps counters in memory; both ways can be made to fail or hang. */
function shelf(stored: Counters | null = null) {
	const saves: { readonly counters: Counters; readonly bankId: string }[] = [];
	const state = { load: "works" as "works" | "fails" | "hangs", save: "works" as "works" | "fails" | "hangs" };
	const act = <T>(how: "works" | "fails" | "hangs", value: () => T): Promise<T> => {
		if (how === "fails") return Promise.reject(new Error("the disk is full of holes"));
		return how === "hangs" ? new Promise(() => {}) : Promise.resolve(value());
	};
	const energyStore: EnergyStore = {
		load: () => act(state.load, () => stored),
		save: (bankId, counters) =>
			act(state.save, () => {
				saves.push({ bankId, counters });
			}),
	};
	return { energyStore, saves, state };
}

test("counters go on from what was stored, and never go back", async () => {
	const { energyStore, saves } = shelf({ 1: { charged: 10, discharged: 20 }, 2: { charged: 1, discharged: 2 } });
	const line = openSimulatedBank({ deps: { energyStore }, simulator: { loadW: 2000 } });
	await line.until(isLive);
	await line.clock.advance(120_000);
	expect(line.bank.snapshot.energy?.charged).toBeCloseTo(11, 1);
	expect(line.bank.snapshot.energy?.discharged).toBeGreaterThan(22.03);
	await line.close();
	expect(saves.length).toBeGreaterThanOrEqual(2);
	for (const { bankId, counters } of saves) {
		expect(bankId).toBe("bank");
		expect(counters[1]?.discharged).toBeGreaterThan(20);
		expect(counters[1]?.charged).toBeGreaterThanOrEqual(10);
	}
	expect(line.clock.pending).toBe(0);
});

test("nothing is counted and no revision is shown twice before the stored counters are there", async () => {
	const { energyStore } = shelf({ 1: { charged: 10, discharged: 20 } });
	const line = openSimulatedBank({ deps: { energyStore } });
	const revisions: number[] = [];
	line.bank.subscribe((snapshot) => revisions.push(snapshot.revision));
	expect(line.bank.snapshot.packs).toEqual([]);
	await line.until(isLive);
	expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
	await line.close();
});

test("unchanged counters are not saved again", async () => {
	const { energyStore, saves } = shelf();
	const line = openSimulatedBank({ deps: { energyStore } });
	await line.until(isLive);
	await line.cable.pullCable("dropped");
	await line.clock.advance(70_000);
	const before = saves.length;
	await line.clock.advance(600_000);
	expect(saves).toHaveLength(before);
	await line.close();
});

test.each(["fails", "hangs"] as const)(
	"when loading %s the bank is read, energy is absent, nothing stored is overwritten, and it is told",
	async (how) => {
		const { energyStore, saves, state } = shelf({ 1: { charged: 10, discharged: 20 } });
		state.load = how;
		const line = openSimulatedBank({ deps: { energyStore } });
		await line.until(isLive, 15_000);
		await line.clock.advance(200_000);
		expect(line.bank.snapshot.energy).toBeNull();
		expect(line.bank.snapshot.packs.map(({ energy }) => energy)).toEqual([null, null]);
		expect(line.bank.snapshot.link.state).toBe("online");
		expect(line.bank.snapshot.link.problem).toMatchObject({
			kind: "storage",
			message: expect.stringMatching(/energy counters cannot be read/),
		});
		await line.close();
		expect(saves).toEqual([]);
		expect(line.log.filter((text) => text.startsWith("error"))).toHaveLength(1);
	},
);

test.each(["fails", "hangs"] as const)("when saving %s it is told once, counting goes on, and it heals", async (how) => {
	const { energyStore, saves, state } = shelf();
	state.save = how;
	const line = openSimulatedBank({ deps: { energyStore }, simulator: { loadW: 3000 } });
	await line.until(isLive);
	await line.clock.advance(200_000);
	expect(line.bank.snapshot.link.problem).toMatchObject({ kind: "storage" });
	expect(line.bank.snapshot.energy?.discharged).toBeGreaterThan(0.1);
	expect(line.log.filter((text) => text.startsWith("error"))).toHaveLength(1);
	state.save = "works";
	await line.clock.advance(70_000);
	expect(saves.length).toBeGreaterThan(0);
	expect(line.bank.snapshot.link.problem).toBeNull();
	await line.close();
});

test("closing is bounded when the storage hangs, at loading and at saving", async () => {
	for (const when of ["load", "save"] as const) {
		const { energyStore, state } = shelf();
		state[when] = "hangs";
		const line = openSimulatedBank({ deps: { energyStore }, simulator: { loadW: 3000 } });
		await line.clock.advance(when === "load" ? 100 : 8_000);
		const start = line.clock.now();
		let isClosed = false;
		void line.bank.close().then(() => {
			isClosed = true;
		});
		while (!isClosed && line.clock.now() - start < 10_000) await line.clock.advance(10);
		expect(line.clock.now() - start).toBeLessThanOrEqual(2_000);
		expect(line.clock.pending).toBe(0);
	}
});
