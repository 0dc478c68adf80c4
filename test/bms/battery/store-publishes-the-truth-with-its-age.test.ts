import { describe, expect, it } from "vitest";
import type { Reading } from "../../../src/bms/battery/readings.ts";
import type { BankSnapshot } from "../../../src/bms/battery/snapshot.ts";
import { AWAY, recordedStore, status, statusOf, telemetry, telemetryOf } from "./readings.ts";

function packOf(snapshot: BankSnapshot, address: number) {
	return snapshot.packs.find((pack) => pack.address === address);
}

describe("before the first reply", () => {
	it("nothing is claimed: expected packs are unknown, values absent", () => {
		const { store } = recordedStore();
		store.expectPacks([2, 1]);
		expect(store.snapshot).toMatchObject({ totals: null, conditions: null, statusAt: null, energy: null, cabledPack: null });
		expect(store.snapshot.packs).toEqual(
			[1, 2].map((address) => ({
				address,
				presence: "unknown",
				telemetry: null,
				status: null,
				conditions: null,
				energy: null,
				identity: null,
				parameters: null,
			})),
		);
	});
});

describe("telemetry of one pack", () => {
	it("makes it live, with derived values and its age", async () => {
		const bank = recordedStore();
		await bank.hear(telemetryOf(1, telemetry()));
		expect(packOf(bank.store.snapshot, 1)).toMatchObject({
			presence: "live",
			telemetry: { at: bank.clock.now(), stale: false, value: { voltage: 52.8, current: -10, power: -528, activity: "discharging" } },
		});
		expect(bank.news()).toEqual(["pack-live 1"]);
	});

	it("all zero makes it absent at once and takes it out of the bank's values", async () => {
		const bank = recordedStore();
		await bank.hear(telemetryOf(1, telemetry()), telemetryOf(2, telemetry()), telemetryOf(2, AWAY));
		expect(packOf(bank.store.snapshot, 2)).toMatchObject({ presence: "absent", telemetry: { stale: true } });
		expect(bank.store.snapshot.totals?.value.packs).toEqual([1]);
		expect(bank.news()).toContain("pack-absent 2");
	});

	it("counts by the address of the cabled pack when that is not 1", async () => {
		const bank = recordedStore();
		await bank.hear({ kind: "telemetry", repliedBy: 0, asked: 1, blocks: [{ absent: false, value: telemetry() }] });
		expect(bank.store.snapshot.packs.map((pack) => pack.address)).toEqual([0]);
		expect(bank.store.snapshot.cabledPack).toBe(0);
	});

	it("a zero block for another pack from a pack that knows only itself says nothing about anybody", async () => {
		const bank = recordedStore();
		await bank.hear({ kind: "telemetry", repliedBy: 2, asked: 2, blocks: [{ absent: false, value: telemetry() }] });
		await bank.hear({ kind: "telemetry", repliedBy: 2, asked: 3, blocks: [AWAY] });
		expect(bank.store.snapshot.packs).toMatchObject([{ address: 2, presence: "live" }]);
		expect(bank.store.snapshot.link.failures.implausible).toBe(1);
	});

	it("becomes unknown by itself when nothing more arrives, in a new snapshot", async () => {
		const bank = recordedStore();
		await bank.hear(telemetryOf(1, telemetry()));
		const { revision } = bank.store.snapshot;
		await bank.clock.advance(59_999);
		expect(bank.store.snapshot).toMatchObject({ revision, packs: [{ presence: "live" }] });
		await bank.clock.advance(1);
		expect(bank.store.snapshot).toMatchObject({ totals: null, packs: [{ presence: "unknown", telemetry: { stale: true } }] });
		expect(bank.store.snapshot.revision).toBe(revision + 1);
		expect(bank.news()).toEqual(["pack-live 1", "pack-unknown 1"]);
	});

	it("stays live while it is renewed", async () => {
		const bank = recordedStore();
		for (let round = 0; round < 5; round++) {
			await bank.hear(telemetryOf(1, telemetry()));
			await bank.clock.advance(50_000);
		}
		expect(bank.news()).toEqual(["pack-live 1"]);
	});

	it("of the future, after the clock was put back, does not count as young", async () => {
		const bank = recordedStore();
		bank.store.apply(telemetryOf(1, telemetry()), bank.clock.now() + 3_600_000);
		expect(bank.store.snapshot.packs[0]?.presence).toBe("unknown");
	});

	it("an absence nobody confirms is not known for ever", async () => {
		const bank = recordedStore();
		await bank.hear(telemetryOf(1, AWAY));
		await bank.clock.advance(60_000);
		expect(bank.store.snapshot.packs[0]?.presence).toBe("unknown");
	});
});

describe("telemetry of all packs", () => {
	it("refreshes no pack: its blocks carry no number", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1, 2]);
		await bank.hear(telemetryOf("all", telemetry(), telemetry()));
		expect(bank.store.snapshot.packs.map((pack) => pack.telemetry)).toEqual([null, null]);
	});

	it("with one block of a bank of one pack is that pack's", async () => {
		const bank = recordedStore();
		await bank.hear(telemetryOf("all", telemetry()));
		expect(packOf(bank.store.snapshot, 1)?.presence).toBe("live");
	});

	it("with one block is nobody's while the bank has more packs", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1, 2]);
		await bank.hear(telemetryOf("all", telemetry()));
		expect(bank.store.snapshot.totals).toBeNull();
	});
});

describe("implausible readings", () => {
	const broken = telemetryOf(1, telemetry({ voltage: 5.28 }));

	it("are dropped whole, counted and shown as the link's problem until such a reading passes", async () => {
		const bank = recordedStore();
		await bank.hear(telemetryOf(1, telemetry()));
		const before = packOf(bank.store.snapshot, 1);
		await bank.clock.advance(1000);
		expect(bank.store.apply(broken, bank.clock.now())).toEqual({
			accepted: false,
			reason: "Values from pack 1 cannot be right and were ignored: the cells add up to 52.80 V but the pack voltage reads 5.28 V.",
		});
		expect(packOf(bank.store.snapshot, 1)).toEqual(before);
		expect(bank.store.snapshot.link).toMatchObject({ failures: { implausible: 1 }, problem: { kind: "decode", code: "implausible" } });
		await bank.hear(telemetryOf(1, telemetry()));
		expect(bank.store.snapshot.link).toMatchObject({ failures: { implausible: 1 }, problem: null });
	});

	it("are counted here, whatever the driver tells of the other failures", async () => {
		const bank = recordedStore();
		await bank.hear(broken);
		bank.store.setLink({ failures: { timeout: 4, frame: 0, rejected: 0, decode: 0, implausible: 0 } });
		expect(bank.store.snapshot.link.failures).toMatchObject({ timeout: 4, implausible: 1 });
	});

	it.each<[string, Reading]>([
		["a reply to one pack with two blocks", telemetryOf(1, telemetry(), telemetry())],
		["a reply without blocks", statusOf("all")],
		["a status with an impossible cell", statusOf(1, status([], { balancingCells: [40] }))],
		["one bad block among those of all packs", telemetryOf("all", telemetry(), telemetry({ current: 900 }))],
	])("%s", async (_, reading) => {
		const bank = recordedStore();
		expect(bank.store.apply(reading, bank.clock.now()).accepted).toBe(false);
		expect(bank.store.snapshot.packs).toEqual([]);
	});
});

describe("the packs of the bank", () => {
	it("drop those no longer expected only if they never answered", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1, 2, 3]);
		await bank.hear(telemetryOf(2, telemetry()));
		bank.store.expectPacks([1]);
		expect(bank.store.snapshot.packs.map((pack) => pack.address)).toEqual([1, 2]);
	});

	it("are not made by an empty alarm state", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1, 2]);
		await bank.hear(statusOf(2, AWAY));
		bank.store.expectPacks([1]);
		expect(bank.store.snapshot.packs.map((pack) => pack.address)).toEqual([1]);
	});

	it("have the identity of the cabled pack where it belongs, and keep it", async () => {
		const bank = recordedStore();
		await bank.hear(
			{ kind: "version", repliedBy: 1, version: "P16S100A", bluetoothName: null },
			{ kind: "serials", repliedBy: 1, bmsSerial: "B1", packSerial: null },
			{ kind: "version", repliedBy: 1, version: null, bluetoothName: null },
		);
		expect(packOf(bank.store.snapshot, 1)?.identity).toEqual({ version: "P16S100A", bmsSerial: "B1", packSerial: null });
	});
});

describe("publishing", () => {
	it("gives every snapshot a higher revision and ends cycles when told", async () => {
		const bank = recordedStore();
		await bank.hear(telemetryOf(1, telemetry()), statusOf(1, status()));
		bank.store.endCycle();
		expect(bank.snapshots.map((snapshot) => snapshot.revision)).toEqual([1, 2, 3]);
		expect(bank.cycles).toEqual([3]);
	});

	it("makes snapshots nobody can change, and leaves the readings to their maker", async () => {
		const bank = recordedStore();
		const own = telemetry();
		await bank.hear(telemetryOf(1, own), statusOf(1, status(["alarm.low_soc"])));
		const everything: unknown[] = [bank.store.snapshot];
		for (const part of everything) {
			expect(Object.isFrozen(part)).toBe(true);
			everything.push(...Object.values(part as object).filter((inner) => typeof inner === "object" && inner !== null));
		}
		expect(everything.length).toBeGreaterThan(15);
		expect(Object.isFrozen(own.cellVoltages)).toBe(false);
	});

	it("tells changes of the link once, in words", () => {
		const bank = recordedStore();
		bank.store.setLink({ state: "connecting" });
		bank.store.setLink({ state: "connecting" });
		const problem = { kind: "transport", code: "unplugged", message: "The cable was pulled out.", at: bank.clock.now() };
		bank.store.setLink({ state: "lost", problem });
		expect(bank.events).toEqual([
			{ type: "link", state: "connecting", message: "Connecting to the battery.", at: bank.clock.now() },
			{ type: "link", state: "lost", message: "The cable was pulled out.", at: bank.clock.now() },
		]);
		expect(bank.snapshots).toHaveLength(2);
	});

	it("lets every listener hear every snapshot in order, also when one of them causes the next", async () => {
		const bank = recordedStore();
		const heard: number[] = [];
		bank.store.subscribe((snapshot) => {
			if (snapshot.revision === 1) bank.store.endCycle();
		});
		const stop = bank.store.subscribe((snapshot) => heard.push(snapshot.revision));
		await bank.hear(telemetryOf(1, telemetry()));
		expect(heard).toEqual([1, 2]);
		stop();
		bank.store.endCycle();
		expect(heard).toEqual([1, 2]);
	});

	it("stops its timers when closed", async () => {
		const bank = recordedStore();
		await bank.hear(telemetryOf(1, telemetry()), statusOf(1, status()));
		expect(bank.clock.pending).toBeGreaterThan(0);
		bank.store.close();
		expect(bank.clock.pending).toBe(0);
		await bank.hear(telemetryOf(1, telemetry()));
		expect(bank.clock.pending).toBe(0);
	});
});

describe("energy", () => {
	it("goes on from the stored counters, per pack and in the bank, and is told for saving", async () => {
		const initialEnergy = new Map([
			[1, { charged: 5, discharged: 7 }],
			[9, { charged: 1, discharged: 1 }],
		]);
		const bank = recordedStore({ initialEnergy });
		await bank.hear(telemetryOf(1, telemetry({ current: -10 })));
		await bank.clock.advance(59_000);
		await bank.hear(telemetryOf(1, telemetry({ current: -10 })));
		const energy = packOf(bank.store.snapshot, 1)?.energy;
		expect(energy?.charged).toBe(5);
		expect(energy?.discharged).toBeCloseTo(7 + (52.8 * 10 * 60) / 3_600_000, 9);
		expect(bank.store.snapshot.energy).toEqual({ charged: 6, discharged: (energy?.discharged ?? 0) + 1 });
		expect(bank.store.energy.get(9)).toEqual({ charged: 1, discharged: 1 });
	});

	it("is not counted across an absence", async () => {
		const bank = recordedStore();
		await bank.hear(telemetryOf(2, telemetry()), telemetryOf(2, AWAY), telemetryOf(2, telemetry()));
		expect(bank.store.energy.get(2)).toEqual({ charged: 0, discharged: 0 });
		await bank.hear(telemetryOf(2, telemetry()));
		expect(bank.store.energy.get(2)?.discharged).toBeGreaterThan(0);
	});
});

describe("a line that is lost or silent", () => {
	for (const state of ["lost", "silent"] as const) {
		it(`leaves nothing live when it is ${state}, until the battery itself answers again`, async () => {
			const bank = recordedStore();
			bank.store.setLink({ state: "online" });
			await bank.hear(telemetryOf(1, telemetry()), statusOf(1, status(["alarm.low_soc"])));
			bank.news();
			bank.store.setLink({ state });
			expect(bank.store.snapshot).toMatchObject({ totals: null, conditions: null });
			expect(packOf(bank.store.snapshot, 1)).toMatchObject({ presence: "unknown", telemetry: { stale: true }, conditions: null });
			expect(bank.news()).toContain("pack-unknown 1");

			bank.store.setLink({ state: "online" });
			expect(packOf(bank.store.snapshot, 1)?.presence).toBe("unknown");
			await bank.hear(telemetryOf(1, telemetry()), statusOf(1, status(["alarm.low_soc"])));
			expect(packOf(bank.store.snapshot, 1)).toMatchObject({ presence: "live", telemetry: { stale: false } });
			expect(bank.store.snapshot.conditions?.map(({ key }) => key)).toEqual(["alarm.low_soc"]);
			expect(bank.news().filter((word) => word.includes("low_soc"))).toEqual([]);
		});
	}
});
