import { describe, expect, it } from "vitest";
import { AWAY, recordedStore, status, statusOf, telemetry, telemetryOf, zeroStatus } from "./readings.ts";

const OV = "alarm.cell_overvoltage";
const UV = "alarm.cell_undervoltage";
const COC = "alarm.charge_overcurrent";

/** A bank of packs 1..count, all live and without any condition, all of them having said so themselves. */
async function quietBank(count: number) {
	const bank = recordedStore();
	const all = Array.from({ length: count }, (_, index) => index + 1);
	bank.store.expectPacks(all);
	for (const address of all) await bank.hear(telemetryOf(address, telemetry()));
	await bank.hear(statusOf("all", ...all.map(() => status())));
	for (const address of all) await bank.hear(statusOf(address, status()));
	bank.news();
	return bank;
}

describe("an all-packs reply raises the bank's condition at once", () => {
	it("without a pack", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status([OV]), status()));
		expect(bank.news()).toEqual([`+bank ${OV}@?`]);
		expect(bank.bank()).toEqual([`${OV}@?`]);
		expect(bank.pack(1)).toEqual([]);
	});

	it("also from a block with Indication 00", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status([UV], { indicationZero: true }), status()));
		expect(bank.bank()).toEqual([`${UV}@?`]);
	});
});

describe("a pack is named only by its own word", () => {
	it("names the pack that was asked and keeps the time of the first sight", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status([OV])));
		const since = bank.clock.now();
		await bank.hear(statusOf(1, status()), statusOf(2, status([OV])));
		expect(bank.news()).toEqual([`+bank ${OV}@?`, `+pack ${OV}@2`]);
		expect(bank.bank()).toEqual([`${OV}@2`]);
		expect(bank.store.snapshot.conditions?.[0]?.since).toBe(since);
		expect(bank.store.snapshot.packs[1]?.conditions?.[0]?.since).toBe(since);
	});

	it("raises the bank's condition with a pack when the pack's word comes first", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf(2, status([OV])));
		expect(bank.news()).toEqual([`+bank ${OV}@2`, `+pack ${OV}@2`]);
	});

	it("lists one entry for each named pack", async () => {
		const bank = await quietBank(3);
		await bank.hear(statusOf("all", status([OV]), status(), status([OV])), statusOf(3, status([OV])));
		expect(bank.bank()).toEqual([`${OV}@3`]);
		await bank.hear(statusOf(1, status([OV])));
		expect(bank.bank()).toEqual([`${OV}@1`, `${OV}@3`]);
	});

	it("takes a cabled pack with another address than 1 by its own address, whatever was asked", async () => {
		const bank = recordedStore();
		await bank.hear(
			{ kind: "telemetry", repliedBy: 4, asked: 1, blocks: [{ absent: false, value: telemetry() }] },
			{ kind: "status", repliedBy: 4, asked: "all", blocks: [{ absent: false, value: status([OV]) }] },
		);
		expect(bank.store.snapshot.cabledPack).toBe(4);
		expect(bank.pack(4)).toEqual([`${OV}@4`]);
	});
});

describe("the packs to ask", () => {
	it("are the live ones never asked, before anything was said", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1, 2, 3]);
		await bank.hear(telemetryOf(1, telemetry()), telemetryOf(2, telemetry()));
		expect(bank.store.packsToAsk).toEqual([1, 2]);
	});

	it("are none while the all-packs reply stays as the packs said themselves", async () => {
		const bank = await quietBank(3);
		for (let second = 0; second < 30; second++) await bank.hear(statusOf("all", status(), status(), status()));
		expect(bank.store.packsToAsk).toEqual([]);
		expect(bank.store.snapshot.packs.map((pack) => pack.status?.stale)).toEqual([false, false, false]);
	});

	it("are those that can have what appeared, the one at its place first", async () => {
		const bank = await quietBank(3);
		await bank.hear(statusOf("all", status(), status([OV]), status()));
		expect(bank.store.packsToAsk).toEqual([2, 1, 3]);
		await bank.hear(statusOf(2, status([OV])), statusOf(1, status()), statusOf(3, status()));
		expect(bank.store.packsToAsk).toEqual([]);
	});

	it("are only the named pack when what it had is no longer there", async () => {
		const bank = await quietBank(3);
		await bank.hear(statusOf("all", status(), status([OV]), status()));
		await bank.hear(statusOf(1, status()), statusOf(2, status([OV])), statusOf(3, status()));
		await bank.hear(statusOf("all", status(), status(), status()));
		expect(bank.store.packsToAsk).toEqual([2]);
		expect(bank.bank()).toEqual([`${OV}@2`]);
	});

	it("are all of a look when a word and the reply cannot both be right", async () => {
		const bank = await quietBank(2);
		const reply = statusOf("all", status([OV]), status());
		// Pack 1 lost it for a moment: its word says nothing, the next reply shows it again at the same place.
		await bank.hear(reply, statusOf(1, status()), statusOf(2, status()), reply);
		expect(bank.store.packsToAsk).toEqual([1, 2]);
		await bank.hear(statusOf(1, status([OV])), statusOf(2, status()), reply);
		expect(bank.store.packsToAsk).toEqual([]);
		expect(bank.bank()).toEqual([`${OV}@1`]);
	});

	it("are asked for a changed state after a while, not at once", async () => {
		const bank = await quietBank(2);
		const supplying = status([], { states: { ...status().states, packSupplying: true } });
		await bank.hear(statusOf("all", supplying, status()));
		expect(bank.store.packsToAsk).toEqual([]);
		for (let second = 0; second < 9; second++) await bank.hear(statusOf("all", supplying, status()));
		expect(bank.store.packsToAsk).toEqual([1, 2]);
		expect(bank.pack(1)).toEqual([]);
	});

	it("are none for a state that changed alike in every block a pack can be", async () => {
		const supplying = status([], { states: { ...status().states, packSupplying: true } });
		const full = (change = {}) => status(["protection.fully"], change);
		const bank = await quietBank(3);
		await bank.hear(statusOf("all", status(), full(), status()));
		await bank.hear(statusOf(1, status()), statusOf(2, full()), statusOf(3, status()));
		for (let second = 0; second < 20; second++) {
			await bank.hear(statusOf("all", supplying, full({ balancingCells: [second] }), supplying));
			expect(bank.store.packsToAsk).toEqual([]);
		}
		const states = bank.store.snapshot.packs.map(({ status: part }) => part?.value.states.packSupplying);
		expect(states).toEqual([true, false, true]);
		expect(bank.store.snapshot.packs[1]?.status).toMatchObject({ at: bank.clock.now(), stale: false, value: { balancingCells: [19] } });
	});

	it("are asked when a state changed in one of several blocks alike: nobody knows whose", async () => {
		const supplying = status([], { states: { ...status().states, packSupplying: true } });
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status()), statusOf("all", supplying, status()));
		expect(bank.store.snapshot.packs.map(({ status: part }) => part?.value.states.packSupplying)).toEqual([false, false]);
		for (let second = 0; second < 9; second++) await bank.hear(statusOf("all", supplying, status()));
		expect(bank.store.packsToAsk).toEqual([1, 2]);
		await bank.hear(statusOf(1, supplying), statusOf(2, status()), statusOf("all", supplying, supplying));
		expect(bank.store.snapshot.packs.map(({ status: part }) => part?.value.states.packSupplying)).toEqual([true, true]);
	});

	it("include a pack without telemetry when the reply has more blocks than there are live packs", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1, 2]);
		await bank.hear(telemetryOf(1, telemetry()), statusOf("all", status(), status([OV])), statusOf(1, status()));
		expect(bank.store.packsToAsk).toEqual([2]);
	});
});

describe("a changed count voids the naming", () => {
	it("keeps the bank's condition without a pack, and asks again", async () => {
		const bank = await quietBank(3);
		await bank.hear(statusOf("all", status(), status([OV]), status()), statusOf(2, status([OV])));
		bank.news();
		await bank.hear(statusOf("all", status([OV]), status()));
		expect(bank.bank()).toEqual([`${OV}@?`]);
		expect(bank.pack(2)).toBeNull();
		expect(bank.store.packsToAsk).toEqual([1, 2, 3]);
		await bank.hear(statusOf(2, status([OV])));
		expect(bank.bank()).toEqual([`${OV}@2`]);
		expect(bank.news()).toEqual([]);
	});
});

describe("zero blocks, absent packs and smaller counts clear nothing", () => {
	it.each([
		["a block with Indication 00", statusOf("all", status(), zeroStatus())],
		["an absent block", statusOf("all", status(), AWAY)],
		["a smaller count", statusOf("all", status())],
	])("%s", async (_, reply) => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status([OV])), reply);
		expect(bank.bank()).toEqual([`${OV}@?`]);
		expect(bank.news()).toEqual([`+bank ${OV}@?`]);
	});

	it("an own reply with Indication 00 clears only after later telemetry shows the pack live", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status([OV])), statusOf(1, status()), statusOf(2, status([OV])));
		await bank.hear(statusOf("all", status(), zeroStatus()), statusOf(2, zeroStatus()));
		expect(bank.pack(2)).toEqual([`${OV}@2`]);
		expect(bank.store.packsToAsk).toEqual([]);
		bank.news();
		await bank.hear(telemetryOf(1, telemetry()));
		expect(bank.bank()).toEqual([`${OV}@2`]);
		await bank.hear(telemetryOf(2, telemetry()));
		expect(bank.news()).toEqual([`-bank ${OV}@?`, `-pack ${OV}@2`]);
		expect(bank.bank()).toEqual([]);
	});

	it("an own reply with Indication 00 of a pack that turns out to be away clears nothing", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status([OV])), statusOf(1, status()), statusOf(2, status([OV])));
		await bank.hear(statusOf(2, zeroStatus()), telemetryOf(2, AWAY));
		expect(bank.bank()).toEqual([`${OV}@2`]);
		expect(bank.pack(2)).toBeNull();
		// Back with telemetry alone: the old zero word is worth nothing, the pack is asked.
		await bank.hear(telemetryOf(2, telemetry()));
		expect(bank.bank()).toEqual([`${OV}@2`]);
		expect(bank.store.packsToAsk).toContain(2);
	});

	it("an own reply with Indication 00 still raises at once", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf(2, status([UV], { indicationZero: true })));
		expect(bank.pack(2)).toEqual([`${UV}@2`]);
		expect(bank.bank()).toEqual([`${UV}@2`]);
	});

	it("an empty own reply clears nothing until the pack is seen live: its MOSFETs may both be off", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status([OV])), statusOf(1, status()), statusOf(2, status([OV])));
		await bank.hear(statusOf("all", status(), AWAY), statusOf(2, AWAY));
		expect(bank.bank()).toEqual([`${OV}@2`]);
		await bank.hear(telemetryOf(2, telemetry()));
		expect(bank.bank()).toEqual([]);
		expect(bank.store.snapshot.packs[1]?.status?.value.states.chargeMosfet).toBe(false);
	});

	it("an empty own reply of an address nobody knows makes no pack", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf(3, AWAY));
		expect(bank.store.snapshot.packs).toHaveLength(2);
	});

	it("an own reply with Indication 00 that only repeats what is known casts no doubt", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), zeroStatus()), statusOf(1, status()), statusOf(2, zeroStatus()));
		await bank.hear(telemetryOf(2, telemetry()), statusOf("all", status(), zeroStatus()), statusOf(2, zeroStatus()));
		for (let second = 0; second < 20; second++) await bank.hear(statusOf("all", status(), zeroStatus()));
		expect(bank.store.snapshot.packs[1]?.status?.stale).toBe(false);
		expect(bank.pack(2)).toEqual([]);
	});

	it("a first reply of nothing but zero blocks does not say that all is clear", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1, 2]);
		await bank.hear(statusOf("all", zeroStatus(), zeroStatus()));
		expect(bank.bank()).toBeNull();
	});
});

describe("when the bank's condition clears", () => {
	it("at once by a full reply without doubtful blocks when no pack said it has it", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status([OV])), statusOf("all", status(), status()));
		expect(bank.news()).toEqual([`+bank ${OV}@?`, `-bank ${OV}@?`]);
	});

	it("only when also the pack that said so takes it back", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status([OV])), statusOf(2, status([OV])), statusOf("all", status(), status()));
		expect(bank.bank()).toEqual([`${OV}@2`]);
		bank.news();
		await bank.hear(statusOf(2, status()));
		expect(bank.news()).toEqual([`-bank ${OV}@?`, `-pack ${OV}@2`]);
	});

	it("in a bank with a pack away from before, when the pack that has it takes it back", async () => {
		const bank = await quietBank(3);
		await bank.hear(statusOf("all", status(), status()), telemetryOf(3, AWAY), telemetryOf(1, telemetry()), telemetryOf(2, telemetry()));
		await bank.hear(statusOf(1, status()), statusOf(2, status()), statusOf("all", status([OV]), status()));
		await bank.hear(statusOf(2, status()), statusOf(1, status([OV])), statusOf("all", status([OV]), status()));
		expect(bank.bank()).toEqual([`${OV}@1`]);
		await bank.hear(statusOf("all", status(), status()));
		expect(bank.bank()).toEqual([`${OV}@1`]);
		await bank.hear(statusOf(1, status()));
		expect(bank.bank()).toEqual([]);
	});

	it("in a bank that lost an innocent pack, once it is clear which one left", async () => {
		const bank = await quietBank(3);
		await bank.hear(statusOf("all", status([OV]), status(), status()));
		await bank.hear(statusOf(1, status([OV])), statusOf(2, status()), statusOf(3, status()));
		await bank.hear(statusOf("all", status([OV]), status(), status()));
		// Pack 3 leaves; nobody knows yet which one it was.
		await bank.hear(statusOf("all", status([OV]), status()), statusOf(1, status([OV])), statusOf(2, status()));
		await bank.hear(statusOf("all", status(), status()), statusOf(1, status()));
		expect(bank.bank()).toEqual([`${OV}@?`]);
		await bank.hear(telemetryOf(1, telemetry()), telemetryOf(2, telemetry()), telemetryOf(3, AWAY));
		expect(bank.bank()).toEqual([]);
	});

	it("never while the pack that may have it is away", async () => {
		const bank = await quietBank(3);
		await bank.hear(statusOf("all", status(), status(), status([OV])), statusOf("all", status(), status()));
		await bank.hear(telemetryOf(3, AWAY), telemetryOf(1, telemetry()), telemetryOf(2, telemetry()));
		await bank.hear(statusOf(1, status()), statusOf(2, status()), statusOf("all", status(), status()));
		expect(bank.bank()).toEqual([`${OV}@?`]);
		await bank.hear(telemetryOf(3, telemetry()), statusOf("all", status(), status(), status()));
		expect(bank.bank()).toEqual([]);
	});

	it("keeps a condition of a pack that is no longer expected until a full reply lacks it", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1, 2]);
		await bank.hear(telemetryOf(1, telemetry()), statusOf("all", status([OV])), statusOf(1, status()));
		expect(bank.bank()).toEqual([`${OV}@?`]);
		bank.store.expectPacks([1]);
		expect(bank.store.snapshot.packs.map((pack) => pack.address)).toEqual([1]);
		expect(bank.bank()).toEqual([`${OV}@?`]);
		await bank.hear(statusOf("all", status()));
		expect(bank.bank()).toEqual([]);
	});

	it("works without any own word, as with captures of all-packs replies only", async () => {
		const bank = recordedStore();
		await bank.hear(statusOf("all", status([OV]), status([COC])), statusOf("all", status(), status([COC])));
		expect(bank.news()).toEqual([`+bank ${OV}@?`, `+bank ${COC}@?`, `-bank ${OV}@?`]);
	});
});

describe("since, events and staleness", () => {
	it("keeps since and raises no second event while it is set", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status([OV]), status()));
		const since = bank.clock.now();
		for (let second = 0; second < 5; second++) await bank.hear(statusOf("all", status([OV]), status()));
		expect(bank.news()).toEqual([`+bank ${OV}@?`]);
		expect(bank.store.snapshot.conditions?.[0]?.since).toBe(since);
	});

	it("gives back the same condition after a time without news, without events", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status([OV]), status()), statusOf(1, status([OV])));
		const since = bank.store.snapshot.conditions?.[0]?.since;
		bank.news();
		await bank.clock.advance(15_000);
		expect(bank.bank()).toBeNull();
		expect(bank.pack(1)).toBeNull();
		await bank.hear(statusOf("all", status([OV]), status()), statusOf(1, status([OV])));
		expect(bank.news()).toEqual([]);
		expect(bank.bank()).toEqual([`${OV}@1`]);
		expect(bank.store.snapshot.conditions?.[0]?.since).toBe(since);
	});

	it("tells one clear for what went away meanwhile", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status([OV]), status()), statusOf(1, status([OV])));
		bank.news();
		await bank.clock.advance(50_000);
		await bank.hear(statusOf("all", status(), status()), statusOf(1, status()), statusOf(2, status()));
		expect(bank.news()).toEqual([`-bank ${OV}@?`, `-pack ${OV}@1`]);
	});

	it("becomes unknown by itself when replies stop, with a new snapshot", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status()));
		const before = bank.snapshots.length;
		await bank.clock.advance(14_999);
		expect(bank.bank()).toEqual([]);
		await bank.clock.advance(1);
		expect(bank.bank()).toBeNull();
		expect(bank.snapshots.length).toBeGreaterThan(before);
		expect(bank.snapshots.at(-1)?.packs[0]?.status?.stale).toBe(true);
	});
});

describe("details of a named condition", () => {
	it("takes the cell from the codes and its voltage from the telemetry", async () => {
		const cells = Array.from({ length: 16 }, (_, index) => (index === 7 ? 3.62 : index === 2 ? 3.61 : 3.5));
		const codes = cells.map((cell) => (cell > 3.6 ? 2 : 0));
		const bank = await quietBank(2);
		await bank.hear(telemetryOf(2, telemetry({ cellVoltages: cells })), statusOf(2, status([OV], { cellCodes: codes })));
		expect(bank.store.snapshot.packs[1]?.conditions).toEqual([
			{ key: OV, since: bank.clock.now(), pack: 2, cell: 8, probe: null, value: 3.62, unit: "V", limit: null },
		]);
	});

	it("is cleared as it was last shown", async () => {
		const cells = Array.from({ length: 16 }, (_, index) => (index === 7 ? 3.62 : 3.5));
		const codes = cells.map((_, index) => (index === 2 ? 2 : 0));
		const bank = await quietBank(2);
		await bank.hear(telemetryOf(2, telemetry({ cellVoltages: cells })), statusOf(2, status([OV], { cellCodes: codes })));
		await bank.hear(statusOf(2, status()));
		const cleared = bank.events.find((event) => event.type === "condition-cleared" && event.scope === "pack");
		expect(cleared).toMatchObject({ condition: { pack: 2, cell: 3, value: 3.5 } });
	});
});

describe("in a bank of one pack its own word is the bank's", () => {
	it("raises, names and clears", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1]);
		await bank.hear(telemetryOf(1, telemetry()), statusOf(1, status([OV])));
		expect(bank.bank()).toEqual([`${OV}@1`]);
		expect(bank.store.snapshot.statusAt).toBe(bank.clock.now());
		await bank.hear(statusOf(1, status()));
		expect(bank.bank()).toEqual([]);
	});

	it("clears by its own word although an all-packs reply showed it last", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1]);
		await bank.hear(telemetryOf(1, telemetry()), statusOf("all", status([OV])), statusOf(1, status([OV])), statusOf(1, status()));
		expect(bank.bank()).toEqual([]);
	});

	it("waits for telemetry with Indication 00", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1]);
		await bank.hear(telemetryOf(1, telemetry()), statusOf(1, zeroStatus()));
		expect(bank.bank()).toBeNull();
		await bank.hear(telemetryOf(1, telemetry()));
		expect(bank.bank()).toEqual([]);
	});

	it("does not hold once another pack is expected", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1, 2]);
		await bank.hear(telemetryOf(1, telemetry()), statusOf(1, status()));
		expect(bank.bank()).toBeNull();
		expect(bank.pack(1)).toEqual([]);
	});
});

describe("doubt", () => {
	it("keeps a condition of a pack without telemetry that may have had it", async () => {
		const bank = recordedStore();
		bank.store.expectPacks([1, 2]);
		await bank.hear(telemetryOf(1, telemetry()), statusOf("all", status(), status([OV])), statusOf(1, status()));
		await bank.hear(statusOf("all", status()), statusOf(1, status()));
		expect(bank.bank()).toEqual([`${OV}@?`]);
	});

	it("waits for the next all-packs reply when all packs deny what the last one showed", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status([OV])), statusOf(1, status()), statusOf(2, status()));
		expect(bank.bank()).toEqual([`${OV}@?`]);
		await bank.hear(statusOf("all", status(), status()));
		expect(bank.bank()).toEqual([]);
	});

	it("suspects a pack thought away when the replies changed since it was heard", async () => {
		const bank = await quietBank(3);
		await bank.hear(statusOf("all", status(), status()), telemetryOf(3, AWAY), telemetryOf(1, telemetry()), telemetryOf(2, telemetry()));
		// Pack 3 comes back, pack 2 leaves, pack 3 raises and leaves, pack 2 comes back: the numbers of blocks tell nothing else.
		await bank.hear(statusOf("all", status(), status(), status()), statusOf("all", status(), status()));
		await bank.hear(statusOf("all", status(), status([OV])), statusOf("all", status()), statusOf("all", status(), status()));
		await bank.hear(statusOf(1, status()), statusOf(2, status()), statusOf("all", status(), status()));
		expect(bank.bank()).toEqual([`${OV}@?`]);
	});

	it("telemetry of the same moment does not yet prove an own reply with Indication 00", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status([OV])), statusOf(1, status()), statusOf(2, status([OV])));
		await bank.hear(statusOf("all", status(), zeroStatus()), statusOf(2, zeroStatus()));
		bank.store.apply(telemetryOf(2, telemetry()), bank.clock.now());
		expect(bank.bank()).toEqual([`${OV}@2`]);
	});

	it("drops an own reply with Indication 00 when the all-packs reply changed before the telemetry", async () => {
		const bank = await quietBank(2);
		await bank.hear(statusOf("all", status(), status([OV])), statusOf(1, status()), statusOf(2, status([OV])));
		await bank.hear(statusOf("all", status(), zeroStatus()), statusOf(2, zeroStatus()));
		await bank.hear(statusOf("all", status(), status([OV])), telemetryOf(2, telemetry()));
		expect(bank.pack(2)).toEqual([`${OV}@2`]);
		expect(bank.store.packsToAsk).toContain(2);
	});

	it("asks a pack again that is still suspected of what is gone", async () => {
		const bank = await quietBank(3);
		await bank.hear(statusOf("all", status(), status([OV]), zeroStatus()), statusOf(1, status()));
		await bank.hear(statusOf("all", status(), status([OV]), zeroStatus()), statusOf("all", status(), status(), zeroStatus()));
		expect(bank.store.packsToAsk).toContain(1);
		expect(bank.bank()).toEqual([`${OV}@?`]);
	});

	it("asks named packs again after a minute, in case two of them changed places unseen", async () => {
		const bank = await quietBank(2);
		const reply = statusOf("all", status(), status([OV]));
		await bank.hear(reply, statusOf(1, status()), statusOf(2, status([OV])));
		for (let second = 0; second < 61; second++) {
			if (second % 20 === 0) await bank.hear(telemetryOf(1, telemetry()), telemetryOf(2, telemetry()));
			await bank.hear(reply);
		}
		expect(bank.store.packsToAsk).toEqual([2]);
	});
});
