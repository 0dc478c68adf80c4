import { afterEach, expect, it } from "vitest";
import { createBatteryStore } from "../../../src/bms/battery/battery-store.ts";
import { BmsDriver } from "../../../src/bms/driver/bms-driver.ts";
import { BANK_SETTINGS } from "../../../src/bms/options.ts";
import { PROTOCOLS } from "../../../src/bms/protocol/protocols.ts";
import type { Transport } from "../../../src/bms/transport/transport.ts";
import { silentLogger } from "../../../src/logger.ts";
import { defaultsOf } from "../../../src/settings.ts";
import { createMemoryLine } from "../../../src/simulator/memory-line.ts";
import { SIMULATOR_SETTINGS } from "../../../src/simulator/options.ts";
import { SimulatedBank } from "../../../src/simulator/simulated-bank.ts";
import { createSimulatorControl } from "../../../src/simulator/simulator-control.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const MINUTE = 60_000;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0)) await end();
});

/**
 * A driver on the link sockets, all packs live. No protocol of an RS485 line offers a shutdown yet, so the driver is told
 * by hand what it is told after one.
 */
async function openRs485({ packs, loadW = 0 }: { readonly packs: number; readonly loadW?: number }) {
	const clock = new ManualClock();
	const simulator = { ...defaultsOf(SIMULATOR_SETTINGS), protocol: "ascii-0x25-rs485", packs, loadW } as const;
	const battery = new SimulatedBank(simulator, { clock });
	const { transport, cable } = createMemoryLine(battery, simulator, clock);
	/** Address of every request (rs232-v25 §2: two digits behind the version). */
	const asked: number[] = [];
	const watched: Transport = {
		port: transport.port,
		baudRate: transport.baudRate,
		open: (handlers) => transport.open(handlers),
		write(bytes) {
			asked.push(Number.parseInt(String.fromCharCode(...bytes).slice(3, 5), 16));
			return transport.write(bytes);
		},
		close: () => transport.close(),
	};
	const settings = { ...defaultsOf(BANK_SETTINGS), protocol: "ascii-0x25-rs485", addresses: `1-${packs}` } as const;
	const store = createBatteryStore({ id: "bank", name: "Bank", origin: "simulated", port: transport.port, settings, clock });
	const line = PROTOCOLS["ascii-0x25-rs485"];
	const driver = new BmsDriver({ transport: watched, line, store, settings, clock, logger: silentLogger, random: () => 0 });
	driver.start();
	ends.push(async () => {
		let isClosed = false;
		const closing = driver.close().then(() => {
			isClosed = true;
		});
		for (let n = 0; n < 400 && !isClosed; n += 1) await clock.advance(10);
		await closing;
		store.close();
	});
	const presences = () => store.snapshot.packs.map(({ presence }) => presence);
	const until = async (holds: () => boolean, limitMs: number) => {
		const start = clock.now();
		while (!holds() && clock.now() - start < limitMs) await clock.advance(50);
		return clock.now() - start;
	};
	const areLive = () => presences().every((presence) => presence === "live") && presences().length === packs;
	await until(areLive, MINUTE);
	expect(areLive()).toBe(true);
	const control = createSimulatorControl(battery, cable, clock);
	return {
		...{ clock, store, control, presences, until, areLive },
		/** The requests from now on, by address, while time moves on. */
		async askedWithin(ms: number): Promise<readonly number[]> {
			const before = asked.length;
			await clock.advance(ms);
			return asked.slice(before);
		},
		/** As after a shutdown that the battery took. */
		shutDown(pack: number): void {
			if (loadW === 0) control.sleepPack(pack);
			driver.letSleepNow(pack);
		},
	};
}

it("only the pack that was told to sleep is left alone; the others are read on, and nothing is called trouble", async () => {
	const line = await openRs485({ packs: 3 });
	line.shutDown(2);
	const asked = await line.askedWithin(4 * MINUTE);
	expect([...new Set(asked)].sort()).toEqual([1, 3]);
	expect(asked.length).toBeGreaterThan(1000);
	expect(line.store.snapshot.link).toMatchObject({ state: "online", problem: null });
	expect(line.presences()).toEqual(["live", "unknown", "live"]);
	expect(line.store.snapshot.totals?.value.packs).toEqual([1, 3]);
});

it("it is looked for again after some minutes, and read when somebody has woken it", async () => {
	const line = await openRs485({ packs: 2 });
	line.shutDown(2);
	await line.clock.advance(MINUTE);
	line.control.pressKey(2);
	expect(await line.until(line.areLive, 10 * MINUTE)).toBeLessThan(4.5 * MINUTE);
});

it("the last one awake leaves the whole line at rest", async () => {
	const line = await openRs485({ packs: 2 });
	line.shutDown(1);
	line.shutDown(2);
	expect(await line.askedWithin(4 * MINUTE)).toEqual([]);
	expect(line.store.snapshot.link).toMatchObject({ state: "asleep", problem: null });
});

it("a pack with current starts again at once, and is read on", async () => {
	const line = await openRs485({ packs: 2, loadW: 2000 });
	line.shutDown(2);
	const asked = await line.askedWithin(MINUTE);
	expect(asked.filter((address) => address === 2).length).toBeGreaterThan(50);
	expect(line.presences()).toEqual(["live", "live"]);
});
