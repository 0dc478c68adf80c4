import { describe, expect, it } from "vitest";
import { createBatteryStore } from "../../../src/bms/battery/battery-store.ts";
import { BANK_SETTINGS } from "../../../src/bms/options.ts";
import { AutoDriver, SEARCH_AGAIN_MS } from "../../../src/bms/probe/auto-driver.ts";
import type { ResolvedProtocol } from "../../../src/bms/probe/auto-protocol.ts";
import { speedsFor } from "../../../src/bms/probe/auto-protocol.ts";
import { asciiV25 } from "../../../src/bms/protocol/ascii/ascii-protocol.ts";
import { defaultsOf } from "../../../src/settings.ts";
import { createMemoryLine } from "../../../src/simulator/memory-line.ts";
import { SIMULATOR_SETTINGS } from "../../../src/simulator/options.ts";
import { SimulatedBank } from "../../../src/simulator/simulated-bank.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A bank whose protocol is `auto`, at a simulated battery whose cable the test holds. */
function open() {
	const clock = new ManualClock();
	const simulator = { ...defaultsOf(SIMULATOR_SETTINGS), packs: 2 };
	const { transport, cable } = createMemoryLine(new SimulatedBank(simulator, { clock }), { ...simulator, baudRate: 9600 }, clock);
	const settings = { ...defaultsOf(BANK_SETTINGS), port: "/dev/ttyUSB0" };
	const store = createBatteryStore({
		id: "bank",
		name: "Bank",
		origin: "simulated",
		port: settings.port,
		settings,
		clock,
		initialEnergy: new Map(),
	});
	const log: string[] = [];
	const logger = {
		trace() {},
		info: (text: string) => log.push(text),
		warn: (text: string) => log.push(text),
		error: (text: string) => log.push(text),
		child: () => logger,
	};
	const drivers: { readonly resolved: ResolvedProtocol; closed: boolean }[] = [];
	const driver = new AutoDriver({
		...{ settings, store, clock, logger, transport },
		random: () => 0,
		createDriver: (resolved) => {
			const made = { resolved, closed: false };
			drivers.push(made);
			return {
				ask: () => Promise.reject(new Error("nobody asks here")),
				letSleepNow() {},
				start: () => store.setLink({ state: "online", problem: null }),
				close: async () => {
					made.closed = true;
				},
			};
		},
	});
	return { clock, cable, store, driver, drivers, log };
}

describe("a bank whose protocol is auto", () => {
	it("finds protocol, speed and packs, says that asking wakes, and says what it found", async () => {
		const { clock, driver, drivers, log, store } = open();
		driver.start();
		await clock.advance(1);
		expect(store.snapshot.link.state).toBe("connecting");
		await clock.advance(20_000);
		expect(drivers).toEqual([{ resolved: { protocol: "ascii-0x25", baudRate: 9600, addresses: [1, 2] }, closed: false }]);
		expect(log).toEqual([expect.stringMatching(/wake a sleeping pack/), expect.stringMatching(/Found the main pack on RS232/)]);
		await driver.close();
		expect(drivers[0]?.closed).toBe(true);
		expect(clock.pending).toBe(0);
	});

	it("goes on while nothing answers, shows the likely cause, tells it once, and finds the battery later", async () => {
		const { clock, cable, driver, drivers, log, store } = open();
		await cable.pullCable();
		driver.start();
		await clock.advance(400_000);
		expect(drivers).toEqual([]);
		expect(store.snapshot.link.problem).toMatchObject({ code: "silent-port", message: expect.stringMatching(/asleep/) as string });
		expect(log.filter((line) => /Nothing was heard/.test(line))).toHaveLength(1);
		await cable.plugCable();
		await clock.advance(200_000);
		expect(drivers).toHaveLength(1);
		expect(store.snapshot.link.state).toBe("online");
		await driver.close();
	});

	it("searches anew only when the line is silent for long", async () => {
		const { clock, driver, drivers, store } = open();
		driver.start();
		await clock.advance(20_000);
		store.setLink({ state: "silent" });
		await clock.advance(SEARCH_AGAIN_MS / 2);
		store.setLink({ state: "online" });
		await clock.advance(20_000);
		store.setLink({ state: "silent" });
		await clock.advance(SEARCH_AGAIN_MS - 30_000);
		expect(drivers).toHaveLength(1);
		await clock.advance(60_000);
		expect(drivers.map(({ closed }) => closed)).toEqual([true, false]);
		await driver.close();
		expect(clock.pending).toBe(0);
	});

	it("refuses what is asked before the search has ended", async () => {
		const { clock, driver } = open();
		driver.start();
		await clock.advance(1_000);
		await expect(driver.ask(asciiV25.packCount(1), {})).rejects.toMatchObject({ kind: "command", code: "not-connected" });
		const closed = driver.close();
		await clock.advance(1_000);
		await closed;
	});

	it("ends at once while it searches", async () => {
		const { clock, driver, drivers } = open();
		driver.start();
		await clock.advance(1_000);
		const closed = driver.close();
		await clock.advance(1_000);
		await closed;
		expect(drivers).toEqual([]);
		expect(clock.pending).toBe(0);
	});

	it("tries the given speed first, and at a gateway no other", () => {
		expect(speedsFor("/dev/ttyUSB0", 19200)).toEqual([19200, 9600, 115200]);
		expect(speedsFor("tcp://192.0.2.7:8899", 19200)).toEqual([19200]);
	});
});
