import { describe, expect, it } from "vitest";
import type { Presence } from "../../src/bms/battery/snapshot.ts";
import { packNumbers } from "../../src/discovery/pack-numbers.ts";

const one = (address: number, packSerial: string | null = null, presence: Presence = "live") => ({
	address,
	presence,
	identity: { version: null, bmsSerial: null, packSerial },
});
const numbers = (
	packs: Parameters<typeof packNumbers>[0]["packs"],
	kept: Readonly<Record<number, string | null>> = {},
	before: Readonly<Record<number, number>> = {},
	cabledPack: number | null = null,
) => {
	const asMap = <T>(record: Readonly<Record<number, T>>) => new Map(Object.entries(record).map(([key, value]) => [Number(key), value]));
	return Object.fromEntries(packNumbers({ packs, cabledPack, kept: asMap(kept), before: asMap(before) }));
};

describe("the number in a pack's ids", () => {
	it("is its address at first, and stays when the serial number is read late", () => {
		expect(numbers([one(1), one(2)])).toEqual({ 1: 1, 2: 2 });
		expect(numbers([one(1, "P-1"), one(2)], { 1: null, 2: null }, { 1: 1, 2: 2 })).toEqual({ 1: 1, 2: 2 });
	});

	it("goes with the pack to its new address", () => {
		expect(numbers([one(1, "P-0")], { 0: "P-0" })).toEqual({ 1: 0 });
		expect(numbers([one(1, "P-1"), one(3, "P-2")], { 1: "P-1", 2: "P-2" })).toEqual({ 1: 1, 3: 2 });
	});

	it("is exchanged by packs that change places", () => {
		expect(numbers([one(1, "P-2"), one(2, "P-1")], { 1: "P-1", 2: "P-2" }, { 1: 1, 2: 2 })).toEqual({ 1: 2, 2: 1 });
	});

	it("goes to the pack that answers, not to the address that does no more", () => {
		expect(numbers([one(2, "P-2", "absent"), one(3, "P-2")], { 2: "P-2" }, { 2: 2 })).toEqual({ 3: 2 });
	});

	it("is not made anew for the address that the pack has left, when it goes back to the one before", () => {
		expect(numbers([one(0, "P-1", "absent"), one(1, "P-1")], { 1: "P-1" }, { 0: 1 })).toEqual({ 1: 1 });
		expect(numbers([one(0, "P-1", "absent"), one(1, "P-1")], { 1: "P-1" }, { 1: 1 })).toEqual({ 1: 1 });
	});

	it("stays with a pack that goes away, though another one has the same serial number", () => {
		expect(numbers([one(1, "SAME"), one(2, "SAME", "absent")], { 1: "SAME", 2: "SAME" }, { 1: 1, 2: 2 })).toEqual({ 1: 1, 2: 2 });
	});

	it("goes with the cabled pack at once, though its former address still counts as live for a while", () => {
		expect(numbers([one(0, "P-1"), one(1, "P-1")], { 1: "P-1" }, { 1: 1 }, 0)).toEqual({ 0: 1 });
	});

	it("follows the serial number of the cabled pack only: those of others were read before they moved", () => {
		expect(numbers([one(1, "P-1"), one(2, "P-9")], { 1: "P-1", 5: "P-9" }, {}, 1)).toEqual({ 1: 1, 2: 2 });
	});

	it("stays with the address when another pack stands there: the place goes on", () => {
		expect(numbers([one(1, "P-9")], { 1: "P-1" })).toEqual({ 1: 1 });
	});

	it("is a new one where the address's own went away with another pack", () => {
		expect(numbers([one(1, "P-9"), one(2, "P-1")], { 1: "P-1", 2: null })).toEqual({ 1: 0, 2: 1 });
	});

	it("is the address's own where both were used with this serial number", () => {
		expect(numbers([one(1, "P-1")], { 0: "P-1", 1: "P-1" })).toEqual({ 1: 1 });
	});

	it.each(["", "  ", "0000000000", "AAAA", "7"])("is not moved by what is no serial number: %j", (serial) => {
		expect(numbers([one(1, serial)], { 0: serial })).toEqual({ 1: 1 });
	});

	it("is not moved by a serial number that two packs have", () => {
		expect(numbers([one(1, "SAME"), one(2, "SAME")], { 5: "SAME" })).toEqual({ 1: 1, 2: 2 });
	});

	it("is never given twice, whoever is there", () => {
		for (let seed = 1; seed <= 500; seed += 1) {
			const bit = (n: number) => ((seed * 2654435761) >>> (n % 31)) & 1;
			const packs = [0, 1, 2, 3, 4].filter((n) => bit(n)).map((n) => one(n, `P-${(n + seed) % 5}`, bit(n + 7) ? "live" : "absent"));
			const given = numbers(packs, { 0: "P-0", 1: "P-1", 2: "P-2", 3: null }, bit(3) ? { 1: 1, 2: 0 } : {});
			expect(new Set(Object.values(given)).size).toBe(Object.keys(given).length);
			for (const { address, presence } of packs) if (presence === "live") expect(given[address]).toBeDefined();
		}
	});
});
