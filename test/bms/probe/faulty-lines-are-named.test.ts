import { describe, expect, it } from "vitest";
import { planFor } from "../../../src/bms/probe/auto-protocol.ts";
import { type ProbeParts, probe } from "../../../src/bms/probe/probe.ts";
import { verdictOf } from "../../../src/bms/probe/verdict.ts";
import type { VerdictCode } from "../../../src/bms/probe/verdict-words.ts";
import { defaultsOf } from "../../../src/settings.ts";
import { type LineFaultKind, LineFaults } from "../../../src/simulator/line-faults.ts";
import { createMemoryLine } from "../../../src/simulator/memory-line.ts";
import { SIMULATOR_SETTINGS } from "../../../src/simulator/options.ts";
import { SimulatedBank } from "../../../src/simulator/simulated-bank.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A probe of the simulated battery at the pace of 9600 baud, behind a line that is faulty. */
async function probeFaulty(prepare: (faults: LineFaults, bank: SimulatedBank) => void, parts: Partial<ProbeParts> = {}) {
	const clock = new ManualClock();
	const simulator = { ...defaultsOf(SIMULATOR_SETTINGS), packs: 2 };
	const bank = new SimulatedBank(simulator, { clock });
	const faults = new LineFaults(7);
	prepare(faults, bank);
	const { transport } = createMemoryLine(bank, { ...simulator, baudRate: 9600 }, clock, faults);
	let sent = 0;
	let isOver = false;
	const running = probe({
		...{ plan: planFor("/dev/ttyUSB0", 9600, { baudRates: [9600] }), limitMs: 120_000, clock },
		openAt: () => transport,
		onTraffic: ({ direction }) => {
			if (direction === "sent") sent += 1;
		},
		...parts,
	}).finally(() => {
		isOver = true;
	});
	for (let moved = 0; !isOver && moved < 300; moved++) await clock.advance(1_000);
	const state = await running;
	return { state, sent, code: verdictOf(state, { port: "/dev/ttyUSB0" }).code };
}

/** What the probe makes of each fault of the simulated line. */
const ROWS: readonly {
	readonly fault: LineFaultKind;
	readonly share?: number;
	readonly codes: readonly VerdictCode[];
	readonly silent?: true;
}[] = [
	// The battery is found behind these.
	{ fault: "echo", codes: ["found-main-pack"] },
	{ fault: "duplicate", codes: ["found-main-pack"] },
	{ fault: "slow", codes: ["found-main-pack"] },
	{ fault: "no-end-mark", codes: ["found-main-pack"] },
	{ fault: "telnet", codes: ["found-main-pack"] },
	{ fault: "garbage", codes: ["garbage"] },
	{ fault: "cut", share: 100, codes: ["garbage"] },
	{ fault: "silence", codes: ["silent-port"] },
	{ fault: "foreign-master", codes: ["other-master"], silent: true },
	{ fault: "foreign-modbus", codes: ["other-master"], silent: true },
	{ fault: "noise", codes: ["garbage"] },
];

describe("a probe of a faulty line", () => {
	it.each(ROWS)("names what $fault is", async ({ fault, share, codes, silent }) => {
		const { code, sent } = await probeFaulty((faults) => faults.set(fault, share));
		expect(codes).toContain(code);
		if (silent) expect(sent).toBe(0);
	});

	it("wakes a sleeping pack on RS232 and finds it, but not by listening", async () => {
		const sleep = (_: LineFaults, { model }: SimulatedBank) => {
			for (const pack of model.packs) pack.presence = { state: "asleep", wakesOnRequest: true };
		};
		const heard = await probeFaulty(sleep, { plan: planFor("/dev/ttyUSB0", 9600, { listenOnly: true }) });
		expect({ code: heard.code, sent: heard.sent }).toEqual({ code: "nothing-heard", sent: 0 });
		expect((await probeFaulty(sleep)).state.found?.address).toBe(1);
	});

	it("never names a battery where there is none but noise, whatever the seed", async () => {
		for (let seed = 0; seed < 5; seed++) {
			const { state } = await probeFaulty((faults) => {
				faults.set("garbage");
				faults.set("drop", seed);
			});
			expect(state.found).toBeNull();
		}
	});
});
