import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { ScaledClock, worldClock } from "../../src/simulator/scaled-clock.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** Rounds of the event loop, so that callbacks that are due have run. */
async function settle(rounds = 40): Promise<void> {
	for (let n = 0; n < rounds; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

function scaled(factor: number, startAt = 0) {
	const world = new ManualClock(5_000_000);
	const clock = new ScaledClock({ base: world, factor, startAt });
	const pass = async (realMs: number) => {
		await world.advance(realMs);
		await settle();
	};
	return { world, clock, pass };
}

describe("a faster time", () => {
	it("begins where it is told, and runs factor times as fast", async () => {
		const { clock, pass } = scaled(60, 1_000);
		expect(clock.now()).toBe(1_000);
		await pass(500);
		expect(clock.now()).toBe(31_000);
		expect(new ScaledClock({ base: new ManualClock(77), factor: 2 }).now()).toBe(77);
	});

	it("calls back in the order of time, each at exactly its time", async () => {
		const { clock, pass } = scaled(100);
		const seen: [string, number][] = [];
		const note = (name: string) => () => seen.push([name, clock.now()]);
		clock.after(3_000, note("third"));
		clock.after(1_000, () => {
			note("first")();
			clock.after(500, note("second"));
		});
		clock.after(3_000, note("fourth"));
		await pass(20);
		expect(seen).toEqual([
			["first", 1_000],
			["second", 1_500],
		]);
		await pass(20);
		expect(seen.slice(2)).toEqual([
			["third", 3_000],
			["fourth", 3_000],
		]);
	});

	it("never passes a timer that has not fired", async () => {
		const { world, clock } = scaled(100);
		let firedAt = 0;
		clock.after(1_000, () => {
			firedAt = clock.now();
		});
		await world.advance(40);
		expect(clock.now()).toBeLessThanOrEqual(1_000);
		await settle();
		expect(firedAt).toBe(1_000);
		expect(clock.now()).toBe(4_000);
	});

	it("lets an answer that is already there overtake its time-out, however late the machine is", async () => {
		const { world, clock, pass } = scaled(600);
		const seen: string[] = [];
		clock.after(800, () => seen.push("timed out"));
		// Each hop is a read of the event loop, as on a loopback line: request read, answered after 30 ms, answer read.
		setImmediate(() => clock.after(30, () => setImmediate(() => seen.push("answered"))));
		await world.advance(10_000);
		await settle();
		expect(seen).toEqual(["answered"]);
		await pass(2);
		expect(seen).toEqual(["answered", "timed out"]);
	});

	it("goes on after a long pause of the machine instead of making it up", async () => {
		const { world, clock } = scaled(10);
		const ticks: number[] = [];
		const tick = () => {
			ticks.push(clock.now());
			clock.after(1_000, tick);
		};
		clock.after(1_000, tick);
		await world.advance(3_600_000);
		await settle(400);
		expect(ticks).toEqual([1_000]);
		await world.advance(100);
		await settle();
		expect(ticks).toEqual([1_000, 2_000]);
	});

	it("forgets what is cancelled, and leaves no timer behind", async () => {
		const { world, clock, pass } = scaled(10);
		let calls = 0;
		const count = () => {
			calls += 1;
		};
		const cancel = clock.after(100, count);
		clock.after(5_000, count);
		cancel();
		await pass(20);
		expect(calls).toBe(0);
		clock.stop();
		expect(world.pending).toBe(0);
		await pass(10_000);
		expect(calls).toBe(0);
	});

	it("is exact on the system's time too", async () => {
		const clock = new ScaledClock({ base: systemClock, factor: 600, startAt: 0 });
		const began = performance.now();
		const times: number[] = [];
		for (let n = 1; n <= 100; n += 1) {
			await new Promise<void>((resolve) => {
				clock.after(600, resolve);
			});
			times.push(clock.now());
		}
		const real = performance.now() - began;
		expect(times[0]).toBeGreaterThanOrEqual(600);
		expect(times).toEqual([...times].sort((a, b) => a - b));
		// 60 s of that time are 100 ms, and cannot have been less; a slow machine takes longer.
		expect(real).toBeGreaterThanOrEqual(99);
		expect(times[99]).toBeLessThanOrEqual(real * 600 + 1);
		clock.stop();
	});

	it("knows the world's time behind it, and refuses to stand still or run backwards", () => {
		const world = new ManualClock();
		expect(worldClock(new ScaledClock({ base: world, factor: 2 }))).toBe(world);
		expect(worldClock(world)).toBe(world);
		// The server's clock, seen by the nodes, which have a copy of the class of their own.
		const { now, after } = world;
		expect(worldClock({ now, after, world })).toBe(world);
		for (const factor of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
			expect(() => new ScaledClock({ base: world, factor })).toThrow(RangeError);
	});
});
