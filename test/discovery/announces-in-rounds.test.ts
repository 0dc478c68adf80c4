import { beforeEach, describe, expect, it } from "vitest";
import { AnnouncementRounds } from "../../src/discovery/announcement-rounds.ts";
import type { DeviceKey } from "../../src/discovery/topics.ts";
import { ManualClock } from "../support/manual-clock.ts";

let clock: ManualClock;
let log: [number, string][];
let rounds: AnnouncementRounds;

beforeEach(() => {
	clock = new ManualClock(0);
	log = [];
	const note = (text: string) => log.push([clock.now(), text]);
	rounds = new AnnouncementRounds(
		{ announce: (device) => note(`${device}`), settled: (devices) => note(`settled ${devices.join(" ")}`) },
		clock,
	);
});

describe("announcement rounds", () => {
	it("go bank first, packs by address and apart, then wait two seconds", async () => {
		rounds.request([3, 1, "bank"]);
		await clock.advance(10_000);
		expect(log).toEqual([
			[0, "bank"],
			[150, "1"],
			[300, "3"],
			[2300, "settled bank 1 3"],
		]);
		expect(clock.pending).toBe(0);
	});

	it("take in a device that appears meanwhile, and leave a second message for the next round", async () => {
		rounds.request(["bank", 1]);
		await clock.advance(200);
		rounds.request([2, 1]);
		await clock.advance(10_000);
		expect(log).toEqual([
			[0, "bank"],
			[150, "1"],
			[300, "2"],
			[2300, "settled bank 1 2"],
			[2300, "1"],
			[4300, "settled 1"],
		]);
	});

	it("never give one device two messages within two seconds, not even after being cut", async () => {
		const last = new Map<string, number>();
		const seen: number[] = [];
		let seed = 7;
		const random = () => {
			seed = (seed * 48_271) % 2_147_483_647;
			return seed / 2_147_483_647;
		};
		rounds = new AnnouncementRounds(
			{
				announce: (device) => {
					const before = last.get(`${device}`);
					if (before !== undefined) seen.push(clock.now() - before);
					last.set(`${device}`, clock.now());
				},
				settled: () => {},
			},
			clock,
		);
		for (let turn = 0; turn < 400; turn++) {
			const device: DeviceKey = random() < 0.3 ? "bank" : Math.floor(random() * 4);
			if (random() < 0.05) rounds.cancel();
			rounds.request([device]);
			await clock.advance(Math.floor(random() * 900));
		}
		expect(seen.length).toBeGreaterThan(50);
		expect(Math.min(...seen)).toBeGreaterThanOrEqual(2000);
	});

	it("leave nothing behind when they are given up", async () => {
		rounds.request(["bank", 1, 2]);
		await clock.advance(100);
		rounds.cancel();
		expect(clock.pending).toBe(0);
		await clock.advance(10_000);
		expect(log).toEqual([[0, "bank"]]);
	});
});
